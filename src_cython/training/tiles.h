/* The arithmetic of a block, in tiles of six output rows: header with code, compiled per level.

   In the map: below block.pxd, which puts tiles together, and layer_rows.h, which takes the
   logistic function and the loss from here; above simd/vector.h. C, because Cython has neither
   vectors nor functions that are certain to be inlined. negw2v/kernels/reference.py says the same
   in NumPy: pair_steps, block_loss, block_update.

   Skip-gram and CBOW, with negative sampling or hierarchical softmax, are one dense block:
   n input rows X against m output rows Y with a sign per output row (+1: predict it, -1: do
   not). With z = sign * x.y and step = sign * learning rate * sigmoid(-z),

       loss += log(1 + e^-z)        x += step * y        y += step * x,

   where the right-hand sides are the values from before the block. Six output rows and
   their six gradients are what fits the sixteen registers of AVX2; a block with more
   rows takes several tiles, one with fewer is filled up with a row of zeros of sign 0. Only the
   update of a few input rows (rows_update) knows no tiles: there the outputs go by one at a time.

   Rows are padded to whole vectors, their padding is zero and stays zero. */

#ifndef NW_TILES_H
#define NW_TILES_H

#include "vector.h"

#define TILE_ROWS 6    /* output rows in a tile */
#define TILE_STRIDE 8  /* floats from one input row's scores to the next's */
#define SIGN_PERIOD 16 /* the signs of a tile, repeated to the widest vector */

/* Signs of a tile's columns. `loss_mask` is added to z: it keeps columns of sign 0 out of the loss. */
typedef struct {
    float sign[SIGN_PERIOD];
    float loss_mask[SIGN_PERIOD];
} tile_signs;

NW_INLINE void tile_set_sign(tile_signs *signs, int column, float sign) {
    for (int i = column; i < SIGN_PERIOD; i += TILE_STRIDE) {
        signs->sign[i] = sign;
        signs->loss_mask[i] = sign == 0.0f ? 1e4f : 0.0f;
    }
}

/* A running sum of log(1 + e^-z) = max(-z, 0) - log(sigmoid(|z|)). The sigmoids, between 1/2
   and 1, are kept as a product, so that one logarithm serves many of them. `lowest` is the
   smallest z of each lane since the last loss_badly_wrong(). */
typedef struct {
    vec hinge;
    vec product;
    vec lowest;
    int factors;
    double total;
} loss_sum;

NW_INLINE void loss_reset(loss_sum *losses) {
    losses->hinge = v_splat(0.0f);
    losses->product = v_splat(1.0f);
    losses->lowest = v_splat(0.0f);
    losses->factors = 0;
    losses->total = 0.0;
}

/* Whether a pair had z < -limit since the last time this was asked. */
NW_INLINE int loss_badly_wrong(loss_sum *losses, float limit) {
    const int wrong = v_any_below(losses->lowest, -limit);
    losses->lowest = v_splat(0.0f);
    return wrong;
}

NW_INLINE double loss_total(loss_sum *losses) {
    float hinge[LANES], product[LANES];
    v_store(hinge, losses->hinge);
    v_store(product, losses->product);
    for (int first = 0; first < LANES; first += 8) { /* of 8 lanes at once: 2^-928 is not too small */
        double factor = 1.0;
        for (int i = first; i < LANES && i < first + 8; i++) {
            losses->total += (double)hinge[i];
            factor *= (double)product[i];
        }
        losses->total -= log(factor);
    }
    losses->hinge = v_splat(0.0f);
    losses->product = v_splat(1.0f);
    losses->factors = 0;
    return losses->total;
}

/* Adds to the total before the product underflows: 112 factors, and four more, each at least 1/2, are
   above 2^-126. `factors` are the calls of pair_steps since the last count. */
NW_INLINE void loss_count(loss_sum *losses, int factors) {
    losses->factors += factors;
    if (losses->factors > 112) loss_total(losses);
}

/* Rows that a later block needs. Requesting all their lines at once would stall: the update
   of the present block requests them along the way, a line of each per step. */
typedef struct {
    float **rows;
    int count;
} row_requests;

NW_INLINE void request_lines(const row_requests *wanted, int d) {
    if (d % 16 == 0) {
        for (int r = 0; r < wanted->count; r++) NW_PREFETCH_WRITE(wanted->rows[r] + d);
    }
}

NW_INLINE void request_rows(const row_requests *wanted, int length) {
    for (int d = 0; d < length; d += 16) request_lines(wanted, d);
}

/* step = sign * learning_rate * sigmoid(-z) for z = sign * score + loss_mask; `losses` adds up
   the losses. */
NW_INLINE vec pair_steps(vec scores, const float *sign, const float *loss_mask, vec rate, loss_sum *losses) {
    const vec one = v_splat(1.0f), limit = v_splat(60.0f); /* sigmoid(-60) added to any float32 changes nothing */
    const vec signs = v_load(sign);
    const vec z = v_fma(signs, scores, v_load(loss_mask));
    const vec e = v_exp(v_min(limit, v_max(v_sub(v_splat(0.0f), limit), z))); /* a NaN stays one */
    const vec sigmoid = v_div(one, v_add(one, e));
    losses->hinge = v_add(losses->hinge, v_max(v_splat(0.0f), v_sub(v_splat(0.0f), z)));
    losses->product = v_mul(losses->product, v_max(sigmoid, v_sub(one, sigmoid)));
    losses->lowest = v_min(losses->lowest, z);
    return v_mul(v_mul(signs, rate), sigmoid);
}

/* The steps of two input rows, whose scores are (a0, a1) and (b0, b1), or of one: columns 0-3
   and 4-7. They go through registers: a load of what several stores have just written waits. */
NW_INLINE void store_steps_of_two(vec4 a0, vec4 a1, vec4 b0, vec4 b1, const tile_signs *signs, vec rate,
                                  float *steps, loss_sum *losses) {
#if LANES == 16
    v_store(steps, pair_steps(v_join(v_join8(a0, a1), v_join8(b0, b1)), signs->sign, signs->loss_mask, rate, losses));
#elif LANES == 8
    v_store(steps, pair_steps(v_join8(a0, a1), signs->sign, signs->loss_mask, rate, losses));
    v_store(steps + 8, pair_steps(v_join8(b0, b1), signs->sign, signs->loss_mask, rate, losses));
#else
    v_store(steps, pair_steps(a0, signs->sign, signs->loss_mask, rate, losses));
    v_store(steps + 4, pair_steps(a1, signs->sign + 4, signs->loss_mask + 4, rate, losses));
    v_store(steps + 8, pair_steps(b0, signs->sign, signs->loss_mask, rate, losses));
    v_store(steps + 12, pair_steps(b1, signs->sign + 4, signs->loss_mask + 4, rate, losses));
#endif
}

NW_INLINE void store_steps_of_one(vec4 a0, vec4 a1, const tile_signs *signs, vec rate, float *steps,
                                  loss_sum *losses) {
#if LANES == 16 /* the other half: a row that costs nothing, and that nobody reads */
    const vec scores = v_join(v_join8(a0, a1), v_low_half(v_mul(v_load(signs->sign), v_splat(1e4f))));
    v_store(steps, pair_steps(scores, signs->sign, signs->loss_mask, rate, losses));
#elif LANES == 8
    v_store(steps, pair_steps(v_join8(a0, a1), signs->sign, signs->loss_mask, rate, losses));
#else
    v_store(steps, pair_steps(a0, signs->sign, signs->loss_mask, rate, losses));
    v_store(steps + 4, pair_steps(a1, signs->sign + 4, signs->loss_mask + 4, rate, losses));
#endif
}

/* How many calls of pair_steps n <= 2 rows take. */
#define PAIR_VECTORS(n) (((n) * TILE_STRIDE + LANES - 1) / LANES)

/* The scores of one input row: columns 0-3 and 4-7, of which the last two are 0. Two rows at once
   halve the loads of the output rows. */
typedef struct {
    vec4 low, high;
} score_row;

/* Of one row, or, where `summed`, a constant, of scale times the sum of n rows, which goes to `sum`. */
NW_INLINE score_row scores_of_sum(const float *const *rows, int n, int summed, float scale, float *const *outputs,
                                  int length, float *sum) {
    const float *y0 = outputs[0], *y1 = outputs[1], *y2 = outputs[2];
    const float *y3 = outputs[3], *y4 = outputs[4], *y5 = outputs[5];
    const vec zero = v_splat(0.0f), factor = v_splat(scale);
    vec a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero;
    for (int d = 0; d < length; d += LANES) {
        vec x = v_load(rows[0] + d);
        if (summed) {
            for (int i = 1; i < n; i++) x = v_add(x, v_load(rows[i] + d));
            x = v_mul(x, factor);
            v_store(sum + d, x);
        }
        a0 = v_fma(x, v_load(y0 + d), a0);
        a1 = v_fma(x, v_load(y1 + d), a1);
        a2 = v_fma(x, v_load(y2 + d), a2);
        a3 = v_fma(x, v_load(y3 + d), a3);
        a4 = v_fma(x, v_load(y4 + d), a4);
        a5 = v_fma(x, v_load(y5 + d), a5);
    }
    const score_row result = {v_sums(a0, a1, a2, a3), v_sums(a4, a5, zero, zero)};
    return result;
}

NW_INLINE score_row scores_of_one(const float *x, float *const *outputs, int length) {
    return scores_of_sum(&x, 1, 0, 1.0f, outputs, length, NULL);
}

NW_INLINE void scores_of_two(const float *xa, const float *xb, float *const *outputs, int length,
                             score_row *of_a, score_row *of_b) {
    const float *y0 = outputs[0], *y1 = outputs[1], *y2 = outputs[2];
    const float *y3 = outputs[3], *y4 = outputs[4], *y5 = outputs[5];
    const vec zero = v_splat(0.0f);
    vec a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero;
    vec b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero, b5 = zero;
    for (int d = 0; d < length; d += LANES) {
        const vec a = v_load(xa + d), b = v_load(xb + d);
        vec y;
        y = v_load(y0 + d); a0 = v_fma(a, y, a0); b0 = v_fma(b, y, b0);
        y = v_load(y1 + d); a1 = v_fma(a, y, a1); b1 = v_fma(b, y, b1);
        y = v_load(y2 + d); a2 = v_fma(a, y, a2); b2 = v_fma(b, y, b2);
        y = v_load(y3 + d); a3 = v_fma(a, y, a3); b3 = v_fma(b, y, b3);
        y = v_load(y4 + d); a4 = v_fma(a, y, a4); b4 = v_fma(b, y, b4);
        y = v_load(y5 + d); a5 = v_fma(a, y, a5); b5 = v_fma(b, y, b5);
    }
    of_a->low = v_sums(a0, a1, a2, a3);
    of_a->high = v_sums(a4, a5, zero, zero);
    of_b->low = v_sums(b0, b1, b2, b3);
    of_b->high = v_sums(b4, b5, zero, zero);
}

/* steps[i * TILE_STRIDE + j] = sign * learning_rate * sigmoid(-sign * inputs[i] . outputs[j]).
   The buffer has room for n + 1 rows. */
NW_INLINE void tile_steps(float *const *inputs, int n, float *const *outputs, int length,
                          const tile_signs *signs, float learning_rate, float *steps, loss_sum *losses) {
    const vec rate = v_splat(learning_rate);
    score_row a, b;
    int i = 0;
    for (; i + 2 <= n; i += 2) {
        scores_of_two(inputs[i], inputs[i + 1], outputs, length, &a, &b);
        store_steps_of_two(a.low, a.high, b.low, b.high, signs, rate, steps + i * TILE_STRIDE, losses);
        loss_count(losses, PAIR_VECTORS(2));
    }
    if (i < n) {
        a = scores_of_one(inputs[i], outputs, length);
        store_steps_of_one(a.low, a.high, signs, rate, steps + i * TILE_STRIDE, losses);
        loss_count(losses, PAIR_VECTORS(1));
    }
}

/* scores[i * TILE_STRIDE + j] = inputs[i] . outputs[j]. The buffer has room for n + 1 rows. */
NW_INLINE void tile_scores(float *const *inputs, int n, float *const *outputs, int length, float *scores) {
    score_row pair[2];
    int i = 0;
    for (; i + 2 <= n; i += 2) {
        scores_of_two(inputs[i], inputs[i + 1], outputs, length, &pair[0], &pair[1]);
        memcpy(scores + i * TILE_STRIDE, pair, sizeof pair);
    }
    if (i < n) {
        pair[0] = scores_of_one(inputs[i], outputs, length);
        memcpy(scores + i * TILE_STRIDE, pair, sizeof pair[0]);
    }
}

/* The scores of one row after earlier rows have moved the outputs: output j by
   steps[l * TILE_STRIDE + j] times row l, whose product with this row is products[l]. */
NW_INLINE void scores_after(float *scores, const float *products, int rows, const float *steps) {
    for (int l = 0; l < rows; l++) {
        for (int j = 0; j < TILE_STRIDE; j++) scores[j] += products[l] * steps[l * TILE_STRIDE + j];
    }
}

/* The places of the pairs l < i of TILE_ROWS rows, row by row. */
static const unsigned char pair_places[16] = {8, 16, 17, 24, 25, 26, 32, 33, 34, 35, 40, 41, 42, 43, 44, 45};

NW_INLINE void store_pairs(const vec4 *sums, float *pairs) {
    float values[16];
    memcpy(values, sums, sizeof values);
    for (int i = 0; i < 16; i++) pairs[pair_places[i]] = values[i]; /* the last is a place that nobody reads */
}

/* products[i * TILE_STRIDE + l] = rows[i] . rows[l] for l < i < TILE_ROWS */
NW_INLINE void rows_products(float *const *rows, int length, float *products) {
    const vec zero = v_splat(0.0f);
    vec p10 = zero, p20 = zero, p21 = zero, p30 = zero, p31 = zero, p32 = zero, p40 = zero, p41 = zero;
    vec p42 = zero, p43 = zero, p50 = zero, p51 = zero, p52 = zero, p53 = zero, p54 = zero;
    for (int d = 0; d < length; d += LANES) {
        const vec x0 = v_load(rows[0] + d), x1 = v_load(rows[1] + d), x2 = v_load(rows[2] + d);
        const vec x3 = v_load(rows[3] + d), x4 = v_load(rows[4] + d), x5 = v_load(rows[5] + d);
        p10 = v_fma(x1, x0, p10); p20 = v_fma(x2, x0, p20); p21 = v_fma(x2, x1, p21);
        p30 = v_fma(x3, x0, p30); p31 = v_fma(x3, x1, p31); p32 = v_fma(x3, x2, p32);
        p40 = v_fma(x4, x0, p40); p41 = v_fma(x4, x1, p41); p42 = v_fma(x4, x2, p42); p43 = v_fma(x4, x3, p43);
        p50 = v_fma(x5, x0, p50); p51 = v_fma(x5, x1, p51); p52 = v_fma(x5, x2, p52);
        p53 = v_fma(x5, x3, p53); p54 = v_fma(x5, x4, p54);
    }
    const vec4 sums[4] = {v_sums(p10, p20, p21, p30), v_sums(p31, p32, p40, p41), v_sums(p42, p43, p50, p51),
                          v_sums(p52, p53, p54, zero)};
    store_pairs(sums, products);
}

/* pulls[i * TILE_STRIDE + l] += the product of the steps of rows l < i < TILE_ROWS in a tile */
NW_INLINE void rows_pulls(const float *g, float *pulls) {
#define STEPS_PRODUCT(i, l) v4_products(g + (i) * TILE_STRIDE, g + (l) * TILE_STRIDE)
    const vec4 sums[4] = {
        v4_sums(STEPS_PRODUCT(1, 0), STEPS_PRODUCT(2, 0), STEPS_PRODUCT(2, 1), STEPS_PRODUCT(3, 0)),
        v4_sums(STEPS_PRODUCT(3, 1), STEPS_PRODUCT(3, 2), STEPS_PRODUCT(4, 0), STEPS_PRODUCT(4, 1)),
        v4_sums(STEPS_PRODUCT(4, 2), STEPS_PRODUCT(4, 3), STEPS_PRODUCT(5, 0), STEPS_PRODUCT(5, 1)),
        v4_sums(STEPS_PRODUCT(5, 2), STEPS_PRODUCT(5, 3), STEPS_PRODUCT(5, 4), STEPS_PRODUCT(5, 4)),
    };
#undef STEPS_PRODUCT
    float pairs[TILE_ROWS * TILE_STRIDE];
    store_pairs(sums, pairs);
    for (int i = 0; i < 15; i++) pulls[pair_places[i]] += pairs[pair_places[i]];
}

/* The steps of two rows from their scores. The buffers are those of rows, one after the other. */
NW_INLINE void two_rows_steps(const float *scores, const tile_signs *signs, float learning_rate, float *steps,
                                 loss_sum *losses) {
    score_row rows[2];
    memcpy(rows, scores, sizeof rows);
    store_steps_of_two(rows[0].low, rows[0].high, rows[1].low, rows[1].high, signs, v_splat(learning_rate), steps,
                       losses);
    loss_count(losses, PAIR_VECTORS(2));
}

/* The steps of one row from its scores. The buffer has room for two rows. */
NW_INLINE void one_row_steps(const float *scores, const tile_signs *signs, float learning_rate, float *steps,
                         loss_sum *losses) {
    score_row row;
    memcpy(&row, scores, sizeof row);
    store_steps_of_one(row.low, row.high, signs, v_splat(learning_rate), steps, losses);
    loss_count(losses, PAIR_VECTORS(1));
}

/* One term of both gradients. */
#define PAIR_GRADIENTS(step, x, y, dx, dy) \
    do {                                   \
        const vec s_ = v_splat(step);      \
        dx = v_fma(s_, y, dx);             \
        dy = v_fma(s_, x, dy);             \
    } while (0)

/* outputs[j] += sum over i of steps[i][j] * inputs[i], and with the outputs from before
   either (in_place) inputs[i] += locks[i] * sum over j of steps[i][j] * outputs[j]
   or        targets[i] += sum over j of steps[i][j] * outputs[j], leaving the inputs alone.
   locks may be NULL: all 1. Rows of inputs are distinct, so are those of outputs, but for
   rows whose steps are all 0. Requests the wanted rows.
   pulls, unless NULL, adds sum over l < i of pulls[i][l] * inputs[l] to the change of input i,
   for n <= TILE_ROWS: what earlier rows have done to the outputs; with_self: over l <= i. */
NW_INLINE void tile_update(float *const *inputs, float *const *targets, int n, float *const *outputs,
                           int length, const float *steps, const float *pulls, int with_self,
                           const float *locks, int in_place, const row_requests *wanted) {
    float *y0 = outputs[0], *y1 = outputs[1], *y2 = outputs[2];
    float *y3 = outputs[3], *y4 = outputs[4], *y5 = outputs[5];
    const vec zero = v_splat(0.0f);
    for (int d = 0; d < length; d += LANES) {
        const vec v0 = v_load(y0 + d), v1 = v_load(y1 + d), v2 = v_load(y2 + d);
        const vec v3 = v_load(y3 + d), v4 = v_load(y4 + d), v5 = v_load(y5 + d);
        vec d0 = zero, d1 = zero, d2 = zero, d3 = zero, d4 = zero, d5 = zero;
        vec before[TILE_ROWS];
        request_lines(wanted, d);
        for (int i = 0; i < n; i++) {
            const float *step = steps + i * TILE_STRIDE;
            const vec x = v_load(inputs[i] + d);
            vec dx = zero;
            PAIR_GRADIENTS(step[0], x, v0, dx, d0);
            PAIR_GRADIENTS(step[1], x, v1, dx, d1);
            PAIR_GRADIENTS(step[2], x, v2, dx, d2);
            PAIR_GRADIENTS(step[3], x, v3, dx, d3);
            PAIR_GRADIENTS(step[4], x, v4, dx, d4);
            PAIR_GRADIENTS(step[5], x, v5, dx, d5);
            if (pulls) {
                before[i] = x;
                for (int l = 0; l < i + with_self; l++) dx = v_fma(v_splat(pulls[i * TILE_STRIDE + l]), before[l], dx);
            }
            if (in_place) {
                v_store(inputs[i] + d, locks ? v_fma(v_splat(locks[i]), dx, x) : v_add(x, dx));
            } else {
                v_store(targets[i] + d, v_add(v_load(targets[i] + d), dx));
            }
        }
        v_store(y0 + d, v_add(v0, d0)); v_store(y1 + d, v_add(v1, d1)); v_store(y2 + d, v_add(v2, d2));
        v_store(y3 + d, v_add(v3, d3)); v_store(y4 + d, v_add(v4, d4)); v_store(y5 + d, v_add(v5, d5));
    }
}

/* One vector of an output row moves by n rows x, and their changes dx by it: n is a constant. */
NW_INLINE void output_and_rows(float *output, const float *steps, const vec *x, vec *dx, const int n) {
    const vec y = v_load(output);
    vec moved = y;
    NW_UNROLL for (int i = 0; i < n; i++) PAIR_GRADIENTS(steps[i * TILE_STRIDE], x[i], y, dx[i], moved);
    v_store(output, moved);
}

/* tile_update in place for n rows, a constant of at most TILE_ROWS, and any number m of outputs. The rows
   and their changes stay in registers while the outputs go by. The steps of the next tile begin per_tile
   floats later. */
NW_INLINE void few_rows_update(float *const *inputs, const int n, float *const *outputs, int m, int length,
                               const float *steps, size_t per_tile, const row_requests *wanted) {
    for (int d = 0; d < length; d += LANES) {
        vec x[TILE_ROWS], dx[TILE_ROWS];
        const float *tile = steps;
        int first = 0;
        request_lines(wanted, d);
        NW_UNROLL for (int i = 0; i < n; i++) {
            x[i] = v_load(inputs[i] + d);
            dx[i] = v_splat(0.0f);
        }
        for (; first + TILE_ROWS <= m; first += TILE_ROWS, tile += per_tile) {
            NW_UNROLL for (int j = 0; j < TILE_ROWS; j++) output_and_rows(outputs[first + j] + d, tile + j, x, dx, n);
        }
        for (int j = 0; first + j < m; j++) output_and_rows(outputs[first + j] + d, tile + j, x, dx, n);
        NW_UNROLL for (int i = 0; i < n; i++) v_store(inputs[i] + d, v_add(x[i], dx[i]));
    }
}

/* The same for 1 <= n <= TILE_ROWS. */
NW_INLINE void rows_update(float *const *inputs, int n, float *const *outputs, int m, int length, const float *steps,
                           size_t per_tile, const row_requests *wanted) {
    switch (n) {
    case 1: few_rows_update(inputs, 1, outputs, m, length, steps, per_tile, wanted); break;
    case 2: few_rows_update(inputs, 2, outputs, m, length, steps, per_tile, wanted); break;
    case 3: few_rows_update(inputs, 3, outputs, m, length, steps, per_tile, wanted); break;
    case 4: few_rows_update(inputs, 4, outputs, m, length, steps, per_tile, wanted); break;
    case 5: few_rows_update(inputs, 5, outputs, m, length, steps, per_tile, wanted); break;
    default: few_rows_update(inputs, TILE_ROWS, outputs, m, length, steps, per_tile, wanted);
    }
}

/* the sum of the squares of n rows */
NW_INLINE float rows_square(float *const *rows, int n, int length) {
    float lanes[LANES], sum = 0.0f;
    vec total = v_splat(0.0f);
    for (int i = 0; i < n; i++) {
        for (int d = 0; d < length; d += LANES) {
            const vec x = v_load(rows[i] + d);
            total = v_fma(x, x, total);
        }
    }
    v_store(lanes, total);
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

/* hidden = scale * sum of the n rows */
NW_INLINE void rows_sum(float *const *rows, int n, float scale, int length, float *hidden) {
    for (int d = 0; d < length; d += LANES) {
        vec h = v_load(rows[0] + d);
        for (int i = 1; i < n; i++) h = v_add(h, v_load(rows[i] + d));
        v_store(hidden + d, v_mul(h, v_splat(scale)));
    }
}

/* rows[i] += locks[i] * scale * change; a row that is there twice is changed twice */
NW_INLINE void rows_add(float *const *rows, int n, const float *locks, float scale, int length, const float *change) {
    for (int d = 0; d < length; d += LANES) {
        const vec c = v_mul(v_splat(scale), v_load(change + d));
        for (int i = 0; i < n; i++) {
            v_store(rows[i] + d, v_fma(v_splat(locks ? locks[i] : 1.0f), c, v_load(rows[i] + d)));
        }
    }
}

/* A working copy of a shared row: row += copy - start, and both become the row as it is now. */
NW_INLINE void row_merge(float *row, float *copy, float *start, int length) {
    for (int d = 0; d < length; d += LANES) {
        const vec now = v_add(v_load(row + d), v_sub(v_load(copy + d), v_load(start + d)));
        v_store(row + d, now);
        v_store(copy + d, now);
        v_store(start + d, now);
    }
}

/* CBOW with one tile, first pass over the dimensions: rows_sum and tile_steps in one. */
NW_INLINE void window_steps(float *const *rows, int n, float scale, float *const *outputs, int length,
                            const tile_signs *signs, float learning_rate, float *hidden, float *steps,
                            loss_sum *losses) {
    const score_row scores = scores_of_sum((const float *const *)rows, n, 1, scale, outputs, length, hidden);
    store_steps_of_one(scores.low, scores.high, signs, v_splat(learning_rate), steps, losses);
    loss_count(losses, PAIR_VECTORS(1));
}

/* CBOW with one tile, second pass: tile_update for the hidden vector and rows_add in one. */
NW_INLINE void window_update(float *const *rows, int n, const float *locks, float scale, const float *hidden,
                             float *const *outputs, int length, const float *steps,
                             const row_requests *wanted) {
    float *y0 = outputs[0], *y1 = outputs[1], *y2 = outputs[2];
    float *y3 = outputs[3], *y4 = outputs[4], *y5 = outputs[5];
    const vec zero = v_splat(0.0f), factor = v_splat(scale);
    for (int d = 0; d < length; d += LANES) {
        const vec h = v_load(hidden + d);
        const vec v0 = v_load(y0 + d), v1 = v_load(y1 + d), v2 = v_load(y2 + d);
        const vec v3 = v_load(y3 + d), v4 = v_load(y4 + d), v5 = v_load(y5 + d);
        vec d0 = zero, d1 = zero, d2 = zero, d3 = zero, d4 = zero, d5 = zero, dh = zero;
        request_lines(wanted, d);
        PAIR_GRADIENTS(steps[0], h, v0, dh, d0);
        PAIR_GRADIENTS(steps[1], h, v1, dh, d1);
        PAIR_GRADIENTS(steps[2], h, v2, dh, d2);
        PAIR_GRADIENTS(steps[3], h, v3, dh, d3);
        PAIR_GRADIENTS(steps[4], h, v4, dh, d4);
        PAIR_GRADIENTS(steps[5], h, v5, dh, d5);
        v_store(y0 + d, v_add(v0, d0)); v_store(y1 + d, v_add(v1, d1)); v_store(y2 + d, v_add(v2, d2));
        v_store(y3 + d, v_add(v3, d3)); v_store(y4 + d, v_add(v4, d4)); v_store(y5 + d, v_add(v5, d5));
        dh = v_mul(factor, dh);
        for (int i = 0; i < n; i++) {
            const vec x = v_load(rows[i] + d);
            v_store(rows[i] + d, locks ? v_fma(v_splat(locks[i]), dh, x) : v_add(x, dh));
        }
    }
}

/* Two neighbouring windows of CBOW that share their negatives. Their rows: `only_first` of the first
   window alone, then `both`, then `only_second`. Seven output rows: the two centres', then the negatives. */
typedef struct {
    float **rows;
    const float *locks; /* NULL: all 1 */
    int only_first, both, only_second;
} window_pair;

/* First pass over the dimensions: both hidden vectors, and the steps of each for its centre and the
   negatives; two rows of steps. */
NW_INLINE void two_windows_steps(const window_pair *windows, float *const *outputs, int length,
                                 const tile_signs *signs, float learning_rate, float *const *hidden, float *steps,
                                 loss_sum *losses) {
    float *const *rows = windows->rows;
    const int second = windows->only_first, end_first = second + windows->both;
    const int end = end_first + windows->only_second;
    const float *pa = outputs[0], *pb = outputs[1];
    const float *y1 = outputs[2], *y2 = outputs[3], *y3 = outputs[4], *y4 = outputs[5], *y5 = outputs[6];
    const vec zero = v_splat(0.0f);
    const vec mean_a = v_splat(1.0f / (float)end_first), mean_b = v_splat(1.0f / (float)(end - second));
    vec a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero;
    vec b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero, b5 = zero;
    for (int d = 0; d < length; d += LANES) {
        vec a = zero, b = zero, shared = zero, y;
        int i = 0;
        for (; i < second; i++) a = v_add(a, v_load(rows[i] + d));
        for (; i < end_first; i++) shared = v_add(shared, v_load(rows[i] + d));
        for (; i < end; i++) b = v_add(b, v_load(rows[i] + d));
        a = v_mul(mean_a, v_add(a, shared));
        b = v_mul(mean_b, v_add(b, shared));
        v_store(hidden[0] + d, a);
        v_store(hidden[1] + d, b);
        a0 = v_fma(a, v_load(pa + d), a0); b0 = v_fma(b, v_load(pb + d), b0);
        y = v_load(y1 + d); a1 = v_fma(a, y, a1); b1 = v_fma(b, y, b1);
        y = v_load(y2 + d); a2 = v_fma(a, y, a2); b2 = v_fma(b, y, b2);
        y = v_load(y3 + d); a3 = v_fma(a, y, a3); b3 = v_fma(b, y, b3);
        y = v_load(y4 + d); a4 = v_fma(a, y, a4); b4 = v_fma(b, y, b4);
        y = v_load(y5 + d); a5 = v_fma(a, y, a5); b5 = v_fma(b, y, b5);
    }
    store_steps_of_two(v_sums(a0, a1, a2, a3), v_sums(a4, a5, zero, zero), v_sums(b0, b1, b2, b3),
                       v_sums(b4, b5, zero, zero), signs, v_splat(learning_rate), steps, losses);
    loss_count(losses, PAIR_VECTORS(2));
}

/* rows[i] += locks[i] * change for first <= i < end, one vector of each */
NW_INLINE void rows_move(float *const *rows, const float *locks, int first, int end, int d, vec change) {
    for (int i = first; i < end; i++) {
        const vec x = v_load(rows[i] + d);
        v_store(rows[i] + d, locks ? v_fma(v_splat(locks[i]), change, x) : v_add(x, change));
    }
}

/* Second pass: all rows, from the values before. scale_a, scale_b: of the changes of the two windows' rows. */
NW_INLINE void two_windows_update(const window_pair *windows, float scale_a, float scale_b, float *const *hidden,
                                  float *const *outputs, int length, const float *steps,
                                  const row_requests *wanted) {
    const int second = windows->only_first, end_first = second + windows->both;
    const int end = end_first + windows->only_second;
    const float *steps_a = steps, *steps_b = steps + TILE_STRIDE;
    const vec factor_a = v_splat(scale_a), factor_b = v_splat(scale_b);
    for (int d = 0; d < length; d += LANES) {
        const vec a = v_load(hidden[0] + d), b = v_load(hidden[1] + d);
        const vec step_a = v_splat(steps_a[0]), step_b = v_splat(steps_b[0]);
        const vec pa = v_load(outputs[0] + d), pb = v_load(outputs[1] + d);
        vec da = v_mul(step_a, pa), db = v_mul(step_b, pb);
        request_lines(wanted, d);
        v_store(outputs[0] + d, v_fma(step_a, a, pa));
        v_store(outputs[1] + d, v_fma(step_b, b, pb));
        for (int j = 1; j < TILE_ROWS; j++) {
            const vec s = v_splat(steps_a[j]), t = v_splat(steps_b[j]), y = v_load(outputs[j + 1] + d);
            da = v_fma(s, y, da);
            db = v_fma(t, y, db);
            v_store(outputs[j + 1] + d, v_fma(s, a, v_fma(t, b, y)));
        }
        da = v_mul(factor_a, da);
        db = v_mul(factor_b, db);
        rows_move(windows->rows, windows->locks, 0, second, d, da);
        rows_move(windows->rows, windows->locks, second, end_first, d, v_add(da, db));
        rows_move(windows->rows, windows->locks, end_first, end, d, db);
    }
}

#endif
