"""tiles.h as Cython sees it."""

cdef extern from "tiles.h" nogil:
    enum:
        LANES
        PORTABLE
        TILE_ROWS
        TILE_STRIDE

    ctypedef struct tile_signs:
        pass

    ctypedef struct loss_meter:
        pass

    void loss_reset(loss_meter* meter)
    double loss_total(loss_meter* meter)

    ctypedef struct row_requests:
        float** rows
        int count

    void request_rows(const row_requests* wanted, int length)
    void rows_sum(float** rows, int n, float scale, int length, float* hidden)
    void rows_add(float** rows, int n, const float* locks, float scale, int length,
                  const float* change)

    void tile_set_sign(tile_signs* signs, int column, float sign)
    void tile_scores(float** inputs, int n, float** outputs, int length, float* scores)
    void tile_steps(float* scores, int n, const tile_signs* signs, float learning_rate,
                    loss_meter* meter)
    void tile_update(float** inputs, float** targets, int n, float** outputs, int length,
                     const float* steps, const float* locks, bint in_place,
                     const row_requests* wanted)

    void window_scores(float** rows, int n, float scale, float** outputs, int length,
                       float* hidden, float* scores)
    void window_update(float** rows, int n, const float* locks, float scale,
                       const float* hidden, float** outputs, int length, const float* steps,
                       const row_requests* wanted)
