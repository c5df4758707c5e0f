"""tiles.h as Cython sees it, where each function is described."""

cdef extern from "tiles.h" nogil:
    enum:
        LANES
        PORTABLE
        TILE_ROWS
        TILE_STRIDE

    ctypedef struct tile_signs:
        pass

    ctypedef struct loss_sum:
        pass

    void loss_reset(loss_sum *losses)
    double loss_total(loss_sum *losses)
    bint loss_badly_wrong(loss_sum *losses, float limit)

    ctypedef struct row_requests:
        float **rows
        int count

    void request_rows(const row_requests *wanted, int length)
    float rows_square(float **rows, int n, int length)
    void rows_sum(float **rows, int n, float scale, int length, float *hidden)
    void rows_add(float **rows, int n, const float *locks, float scale, int length,
                  const float *change)

    void row_merge(float *row, float *copy, float *start, int length)

    void tile_set_sign(tile_signs *signs, int column, float sign)
    void tile_steps(float **inputs, int n, float **outputs, int length, const tile_signs *signs,
                    float learning_rate, float *steps, loss_sum *losses)
    void tile_scores(float **inputs, int n, float **outputs, int length, float *scores)
    void scores_after(float *scores, const float *products, int rows, const float *steps)
    void rows_products(float **rows, int length, float *products)
    void rows_pulls(const float *steps, float *pulls)
    void two_rows_steps(const float *scores, const tile_signs *signs, float learning_rate,
                           float *steps, loss_sum *losses)
    void one_row_steps(const float *scores, const tile_signs *signs, float learning_rate,
                   float *steps, loss_sum *losses)
    void tile_update(float **inputs, float **targets, int n, float **outputs, int length,
                     const float *steps, const float *pulls, bint with_self, const float *locks,
                     bint in_place, const row_requests *wanted)
    void rows_update(float **inputs, int n, float **outputs, int m, int length, const float *steps,
                     size_t per_tile, const row_requests *wanted)

    void window_steps(float **rows, int n, float scale, float **outputs, int length,
                      const tile_signs *signs, float learning_rate, float *hidden, float *steps,
                      loss_sum *losses)
    void window_update(float **rows, int n, const float *locks, float scale,
                       const float *hidden, float **outputs, int length, const float *steps,
                       const row_requests *wanted)

    ctypedef struct window_pair:
        float **rows
        const float *locks
        int only_first, both, only_second

    void two_windows_steps(const window_pair *windows, float **outputs, int length,
                           const tile_signs *signs, float learning_rate, float **hidden,
                           float *steps, loss_sum *losses)
    void two_windows_update(const window_pair *windows, float scale_a, float scale_b,
                            float **hidden, float **outputs, int length, const float *steps,
                            const row_requests *wanted)
