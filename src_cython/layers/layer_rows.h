/* The arithmetic of one row of any length, for the operations of layers: header with code.

   In the map: below layer_ops.pyx, which goes over the rows; above training/tiles.h, from which it
   takes the logistic function and the loss, and simd/vector.h. Training pads its rows to whole
   vectors; layers work on matrices as users make them, so a row here ends with a part of a vector. */

#ifndef NW_LAYER_ROWS_H
#define NW_LAYER_ROWS_H

#include <stddef.h>
#include "tiles.h"

#if !PORTABLE && (defined(__SSE2__) || defined(__AVX2__))
#include <immintrin.h>
#endif

/* the first n < LANES floats; the other lanes are zero, or left alone */
#if !PORTABLE && defined(__AVX512F__)
NW_INLINE vec v_load_part(const float *p, int n) {
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
NW_INLINE void v_store_part(float *p, vec a, int n) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)a);
}
#elif !PORTABLE && defined(__AVX2__)
static const int32_t part_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
NW_INLINE vec v_load_part(const float *p, int n) {
    return (vec)_mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(part_masks + 8 - n)));
}
NW_INLINE void v_store_part(float *p, vec a, int n) {
    _mm256_maskstore_ps(p, _mm256_loadu_si256((const __m256i *)(part_masks + 8 - n)), (__m256)a);
}
#else
NW_INLINE vec v_load_part(const float *p, int n) {
    float lanes[LANES] = {0.0f};
    for (int i = 0; i < n; i++) lanes[i] = p[i];
    return v_load(lanes);
}
NW_INLINE void v_store_part(float *p, vec a, int n) {
    float lanes[LANES];
    v_store(lanes, a);
    for (int i = 0; i < n; i++) p[i] = lanes[i];
}
#endif

NW_INLINE vec v_sqrt(vec a) {
#if !PORTABLE && defined(__AVX512F__)
    return (vec)_mm512_sqrt_ps((__m512)a);
#elif !PORTABLE && defined(__AVX2__)
    return (vec)_mm256_sqrt_ps((__m256)a);
#elif !PORTABLE && defined(__SSE2__)
    return (vec)_mm_sqrt_ps((__m128)a);
#else
    float lanes[LANES];
    v_store(lanes, a);
    for (int i = 0; i < LANES; i++) lanes[i] = sqrtf(lanes[i]);
    return v_load(lanes);
#endif
}

/* Calls `each(load, store, d, n)` for the vectors of a row: whole ones, then a part. */
#define NW_ROW(length, each)                                              \
    do {                                                                  \
        int d_ = 0;                                                       \
        for (; d_ + LANES <= (length); d_ += LANES) each(WHOLE, d_, 0);   \
        if (d_ < (length)) each(PART, d_, (length) - d_);                 \
    } while (0)
#define NW_LOAD_WHOLE(p, n) v_load(p)
#define NW_LOAD_PART(p, n) v_load_part(p, n)
#define NW_STORE_WHOLE(p, a, n) v_store(p, a)
#define NW_STORE_PART(p, a, n) v_store_part(p, a, n)

/* A matrix: its rows are `stride` floats apart. */
typedef struct {
    float *start;
    ptrdiff_t stride;
    int length;
} row_matrix;

NW_INLINE float *row_at(const row_matrix *matrix, ptrdiff_t row) {
    return matrix->start + row * matrix->stride;
}

/* its lines are on their way from memory when this returns */
NW_INLINE void row_request(const float *row, int length) {
    for (int d = 0; d < length; d += 16) NW_PREFETCH_WRITE(row + d);
}

NW_INLINE void rows_request(const row_matrix *matrix, const int32_t *indices, int n) {
    for (int j = 0; j < n; j++) row_request(row_at(matrix, indices[j]), matrix->length);
}

/* scores[j] = x . matrix[indices[j]] for n pairs, four at a time */
NW_INLINE void row_scores(const float *x, const row_matrix *matrix, const int32_t *indices, int n, float *scores) {
    const int length = matrix->length;
    for (int j = 0; j < n; j += 4) {
        const int last = n - 1;
        const float *y0 = row_at(matrix, indices[j]);
        const float *y1 = row_at(matrix, indices[j + 1 < n ? j + 1 : last]);
        const float *y2 = row_at(matrix, indices[j + 2 < n ? j + 2 : last]);
        const float *y3 = row_at(matrix, indices[j + 3 < n ? j + 3 : last]);
        vec a0 = v_splat(0.0f), a1 = a0, a2 = a0, a3 = a0;
        float four[4];
#define NW_SCORE(KIND, d, part)                                  \
    {                                                            \
        const vec v = NW_LOAD_##KIND(x + d, part);               \
        a0 = v_fma(v, NW_LOAD_##KIND(y0 + d, part), a0);         \
        a1 = v_fma(v, NW_LOAD_##KIND(y1 + d, part), a1);         \
        a2 = v_fma(v, NW_LOAD_##KIND(y2 + d, part), a2);         \
        a3 = v_fma(v, NW_LOAD_##KIND(y3 + d, part), a3);         \
    }
        NW_ROW(length, NW_SCORE);
#undef NW_SCORE
        const vec4 sums = v_sums(a0, a1, a2, a3);
        memcpy(four, &sums, sizeof four);
        for (int i = 0; i < 4 && j + i < n; i++) scores[j + i] = four[i];
    }
}

/* out = scale * sum of factors[places[j]] * matrix[indices[places[j]]] for n places. Without
   places: 0..n-1; without factors: ones. */
NW_INLINE void row_combination(const row_matrix *matrix, const int32_t *indices, const int32_t *places,
                               const float *factors, int n, float scale, float *out) {
    const vec scales = v_splat(scale);
    int d = 0;
    for (; d + 4 * LANES <= matrix->length; d += 4 * LANES) { /* four vectors for each look-up of a row */
        vec s0 = v_splat(0.0f), s1 = s0, s2 = s0, s3 = s0;
        for (int j = 0; j < n; j++) {
            const int32_t place = places ? places[j] : j;
            const float *x = row_at(matrix, indices[place]) + d;
            const vec factor = v_splat(factors ? factors[place] : 1.0f);
            s0 = v_fma(factor, v_load(x), s0);
            s1 = v_fma(factor, v_load(x + LANES), s1);
            s2 = v_fma(factor, v_load(x + 2 * LANES), s2);
            s3 = v_fma(factor, v_load(x + 3 * LANES), s3);
        }
        v_store(out + d, v_mul(scales, s0));
        v_store(out + d + LANES, v_mul(scales, s1));
        v_store(out + d + 2 * LANES, v_mul(scales, s2));
        v_store(out + d + 3 * LANES, v_mul(scales, s3));
    }
    for (; d < matrix->length; d += LANES) {
        const int left = matrix->length - d;
        vec sum = v_splat(0.0f);
        for (int j = 0; j < n; j++) {
            const int32_t place = places ? places[j] : j;
            const float *x = row_at(matrix, indices[place]) + d;
            const vec factor = v_splat(factors ? factors[place] : 1.0f);
            sum = v_fma(factor, left < LANES ? v_load_part(x, left) : v_load(x), sum);
        }
        sum = v_mul(scales, sum);
        if (left < LANES) v_store_part(out + d, sum, left);
        else v_store(out + d, sum);
    }
}

/* gradients = sigmoid(score) - label for signs +1 (label 1) and -1 (label 0); returns the loss */
NW_INLINE double logistic_row(const float *scores, const float *signs, ptrdiff_t n, float *gradients) {
    loss_sum losses;
    const vec rate = v_splat(-1.0f), zero = v_splat(0.0f);
    float loss_mask[LANES], part_signs[LANES];
    ptrdiff_t i = 0;
    loss_reset(&losses);
    v_store(loss_mask, zero);
    for (; i + LANES <= n; i += LANES) {
        v_store(gradients + i, pair_steps(v_load(scores + i), signs + i, loss_mask, rate, &losses));
        loss_count(&losses, 1);
    }
    if (i < n) { /* the lanes beyond have sign 0 and are shifted out of the loss */
        const int left = (int)(n - i);
        v_store(part_signs, v_load_part(signs + i, left));
        for (int lane = left; lane < LANES; lane++) loss_mask[lane] = 1e4f;
        v_store_part(gradients + i, pair_steps(v_load_part(scores + i, left), part_signs, loss_mask, rate, &losses), left);
    }
    return loss_total(&losses);
}

/* w -= rate * g */
NW_INLINE void sgd_row(float *w, const float *g, int length, float rate) {
    const vec rates = v_splat(-rate);
#define NW_STEP(KIND, d, part) \
    NW_STORE_##KIND(w + d, v_fma(rates, NW_LOAD_##KIND(g + d, part), NW_LOAD_##KIND(w + d, part)), part)
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

/* v = momentum * v - rate * g, then w += v */
NW_INLINE void momentum_row(float *w, float *v, const float *g, int length, float momentum, float rate) {
    const vec factor = v_splat(momentum), rates = v_splat(-rate);
#define NW_STEP(KIND, d, part)                                                                               \
    {                                                                                                        \
        const vec next = v_fma(factor, NW_LOAD_##KIND(v + d, part), v_mul(rates, NW_LOAD_##KIND(g + d, part))); \
        NW_STORE_##KIND(v + d, next, part);                                                                  \
        NW_STORE_##KIND(w + d, v_add(NW_LOAD_##KIND(w + d, part), next), part);                              \
    }
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

/* w += move * v, v *= keep */
NW_INLINE void momentum_skip_row(float *w, float *v, int length, float move, float keep) {
    const vec moves = v_splat(move), keeps = v_splat(keep);
#define NW_STEP(KIND, d, part)                                                            \
    {                                                                                     \
        const vec old = NW_LOAD_##KIND(v + d, part);                                      \
        NW_STORE_##KIND(w + d, v_fma(moves, old, NW_LOAD_##KIND(w + d, part)), part);     \
        NW_STORE_##KIND(v + d, v_mul(keeps, old), part);                                  \
    }
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

/* h = keep * h + gain * g^2, then w -= rate * g / (sqrt(h) + eps): AdaGrad and RMSprop */
NW_INLINE void squares_row(float *w, float *h, const float *g, int length, float keep, float gain, float eps,
                           float rate) {
    const vec keeps = v_splat(keep), gains = v_splat(gain), little = v_splat(eps), rates = v_splat(rate);
#define NW_STEP(KIND, d, part)                                                                            \
    {                                                                                                     \
        const vec gradient = NW_LOAD_##KIND(g + d, part);                                                 \
        const vec next = v_fma(gains, v_mul(gradient, gradient), v_mul(keeps, NW_LOAD_##KIND(h + d, part))); \
        const vec move = v_div(v_mul(rates, gradient), v_add(v_sqrt(next), little));                      \
        NW_STORE_##KIND(h + d, next, part);                                                               \
        NW_STORE_##KIND(w + d, v_sub(NW_LOAD_##KIND(w + d, part), move), part);                           \
    }
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

/* a *= factor */
NW_INLINE void scale_row(float *a, int length, float factor) {
    const vec factors = v_splat(factor);
#define NW_STEP(KIND, d, part) NW_STORE_##KIND(a + d, v_mul(factors, NW_LOAD_##KIND(a + d, part)), part)
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

/* m += gain1 * (g - m), v += gain2 * (g^2 - v), then w -= rate * m / (sqrt(v) + eps) */
NW_INLINE void adam_row(float *w, float *m, float *v, const float *g, int length, float gain1, float gain2,
                        float eps, float rate) {
    const vec gains1 = v_splat(gain1), gains2 = v_splat(gain2), little = v_splat(eps), rates = v_splat(rate);
#define NW_STEP(KIND, d, part)                                                                 \
    {                                                                                          \
        const vec gradient = NW_LOAD_##KIND(g + d, part);                                      \
        vec mean = NW_LOAD_##KIND(m + d, part), square = NW_LOAD_##KIND(v + d, part);          \
        mean = v_fma(gains1, v_sub(gradient, mean), mean);                                     \
        square = v_fma(gains2, v_sub(v_mul(gradient, gradient), square), square);              \
        const vec move = v_div(v_mul(rates, mean), v_add(v_sqrt(square), little));             \
        NW_STORE_##KIND(m + d, mean, part);                                                    \
        NW_STORE_##KIND(v + d, square, part);                                                  \
        NW_STORE_##KIND(w + d, v_sub(NW_LOAD_##KIND(w + d, part), move), part);                \
    }
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

/* Adam's steps without a gradient: w -= m / (sqrt(v) + eps) * polynomial(sqrt(v) / (sqrt(v) + eps)),
   m *= keep1, v *= keep2 */
NW_INLINE void adam_skip_row(float *w, float *m, float *v, int length, const float *sums, int terms, float eps,
                             float keep1, float keep2) {
    const vec little = v_splat(eps), keeps1 = v_splat(keep1), keeps2 = v_splat(keep2), one = v_splat(1.0f);
#define NW_STEP(KIND, d, part)                                                                 \
    {                                                                                          \
        const vec mean = NW_LOAD_##KIND(m + d, part), square = NW_LOAD_##KIND(v + d, part);    \
        const vec root = v_sqrt(square);                                                       \
        const vec inverse = v_div(one, v_add(root, little));                                   \
        const vec q = v_mul(root, inverse);                                                    \
        vec polynomial = v_splat(sums[terms - 1]);                                             \
        for (int n = terms - 2; n >= 0; n--) polynomial = v_fma(polynomial, q, v_splat(sums[n])); \
        const vec move = v_mul(v_mul(mean, inverse), polynomial);                              \
        NW_STORE_##KIND(w + d, v_sub(NW_LOAD_##KIND(w + d, part), move), part);                \
        NW_STORE_##KIND(m + d, v_mul(keeps1, mean), part);                                     \
        NW_STORE_##KIND(v + d, v_mul(keeps2, square), part);                                   \
    }
    NW_ROW(length, NW_STEP);
#undef NW_STEP
}

#endif
