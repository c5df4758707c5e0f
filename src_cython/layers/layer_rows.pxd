"""layer_rows.h as Cython sees it, where each function is described."""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t


cdef extern from "layer_rows.h" nogil:
    ctypedef struct row_matrix:
        float *start
        ptrdiff_t stride
        int length

    float *row_at(const row_matrix *matrix, ptrdiff_t row)
    void row_request(const float *row, int length)
    void rows_request(const row_matrix *matrix, const int32_t *indices, int n)
    void row_scores(const float *x, const row_matrix *matrix, const int32_t *indices, int n,
                    float *scores)
    void row_combination(const row_matrix *matrix, const int32_t *indices, const int32_t *places,
                         const float *factors, int n, float scale, float *out)
    double logistic_row(const float *scores, const float *signs, ptrdiff_t n, float *gradients)
    void sgd_row(float *w, const float *g, int length, float rate)
    void momentum_row(float *w, float *v, const float *g, int length, float momentum, float rate)
    void momentum_skip_row(float *w, float *v, int length, float move, float keep)
    void squares_row(float *w, float *h, const float *g, int length, float keep, float gain,
                     float eps, float rate)
    void scale_row(float *a, int length, float factor)
    void adam_row(float *w, float *m, float *v, const float *g, int length, float gain1,
                  float gain2, float eps, float rate)
    void adam_skip_row(float *w, float *m, float *v, int length, const float *sums, int terms,
                       float eps, float keep1, float keep2)
