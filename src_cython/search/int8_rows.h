/* Vectors as 8-bit integers, and dot products of them: a quarter of the memory traffic of float32.

   A vector v is scale * values + residual, where every value is an integer in [-limit, limit].
   The error of a dot product of two such vectors is bounded by the norms of their residuals
   (Cauchy-Schwarz), so int8 rows can rule rows out without ever being wrong.

   Rows are in blocks of INT8_ROWS. In a block the values of four dimensions of one row are
   together, next to those of the next row: [dimension / 4][row][dimension % 4]. A register then
   holds as many rows as it has lanes, and no sum goes across lanes. Values of rows are stored
   + INT8_ZERO: x86's instructions multiply unsigned with signed bytes, ARM's signed with signed. */

#ifndef NW_INT8_ROWS_H
#define NW_INT8_ROWS_H

#include "scan.h"

#if !PORTABLE && defined(__SSSE3__)
#include <immintrin.h>
#define INT8_VECTORS 1
#elif !PORTABLE && defined(__aarch64__)
#include <arm_neon.h>
#define INT8_VECTORS 1
#else
#define INT8_VECTORS 0
#endif

#define INT8_ROWS 64
#define INT8_LIMIT 127
#if INT8_VECTORS && defined(__aarch64__)
#define INT8_ZERO 0
#else
#define INT8_ZERO 128
#endif
#define INT8_AHEAD 16384 /* bytes between what is read and what is requested meanwhile */

/* Instructions that add four products of bytes to a sum of 32 bits. Without them two products are
   added up in 16 bits, with saturation. Widening such sums takes as long as multiplying, so it is
   done once for two groups of four dimensions: 16 bits hold the products of four values of a
   query, chosen so that the sum of their sizes is at most INT8_SUM_LIMIT (255 * 128 = 32,640). */
#if INT8_VECTORS && (defined(__AVX512VNNI__) || (defined(__AVXVNNI__) && LANES == 8) || defined(__aarch64__))
#define INT8_HAS_DOT4 1
#else
#define INT8_HAS_DOT4 0
#endif
#define INT8_SUM_LIMIT 128

/* The vector is scale * values + a residual of norm residual_norm; `norm` is that of
   scale * values. A vector that has NaN or infinity in it, or that is too short or too long for
   sums of floats, has values of zero and an infinite residual_norm. */
typedef struct {
    float scale, residual_norm, norm;
} int8_scale;

#define INT8_SHORTEST 1e-10f
#define INT8_LONGEST 1e9f
#define INT8_SMALLEST_NORM 1e-18 /* of a row before it is brought to length 1 */
#define INT8_LARGEST_NORM 1e18

NW_INLINE float int8_largest(const float *vector, int64_t padded) {
    float lanes[LANES], largest = 0.0f;
    vec most = v_splat(0.0f);
    for (int64_t d = 0; d < padded; d += LANES) {
        const vec v = v_load(vector + d);
        most = v_max(v_max(v, v_sub(v_splat(0.0f), v)), most);
    }
    v_store(lanes, most);
    for (int j = 0; j < LANES; j++) largest = lanes[j] > largest ? lanes[j] : largest;
    return largest;
}

/* the scale of a row: its largest value becomes the limit */
static inline float int8_row_scale(const float *row, int64_t padded) {
    return int8_largest(row, padded) / INT8_LIMIT;
}

/* the scale of a query: also, sums of 16 bits hold what its values make of any row */
static inline float int8_query_scale(const float *query, int64_t padded) {
    float scale = int8_largest(query, padded) / INT8_LIMIT;
#if INT8_VECTORS && !INT8_HAS_DOT4
    float largest = 0.0f;
    for (int64_t d = 0; d < padded; d += 8) {
        for (int64_t pair = d; pair < d + 4; pair += 2) {
            float sum = fabsf(query[pair]) + fabsf(query[pair + 1]);
            if (pair + 4 < padded) sum += fabsf(query[pair + 4]) + fabsf(query[pair + 5]);
            if (sum > largest) largest = sum;
        }
    }
    largest /= INT8_SUM_LIMIT - 2; /* four values may be rounded up by a half each */
    if (largest > scale) scale = largest;
#endif
    return scale;
}

/* Replaces a vector by its int8 values, as floats. Its `padded` entries are a whole number of SIMD
   registers. */
static inline int8_scale int8_vector(float *vector, int64_t padded, float scale) {
    int8_scale found = {scale, 0.0f, 0.0f};
    if (scale > 0.0f) {
        const vec zero = v_splat(0.0f), scales = v_splat(scale), per_scale = v_splat(1.0f / scale);
        vec residual_squares = zero, squares = zero;
        for (int64_t d = 0; d < padded; d += LANES) {
            const vec v = v_load(vector + d);
            const vec value = v_round(v_mul(v, per_scale));
            const vec scaled = v_mul(value, scales), residual = v_sub(v, scaled);
            residual_squares = v_fma(residual, residual, residual_squares);
            squares = v_fma(scaled, scaled, squares);
            v_store(vector + d, value);
        }
        const vec4 sums = v_sums(residual_squares, squares, zero, zero);
        float sum[sizeof sums / sizeof(float)];
        memcpy(sum, &sums, sizeof sums);
        found.residual_norm = sqrtf(sum[0]);
        found.norm = sqrtf(sum[1]);
    }
    int in_range = 1;
    if (scale > 0.0f) {
        in_range = found.residual_norm < INT8_LONGEST && found.norm > INT8_SHORTEST && found.norm < INT8_LONGEST;
    } else { /* zero; or else NaN, or almost zero */
        for (int64_t d = 0; d < padded; d++) in_range &= vector[d] == 0.0f;
    }
    if (!in_range) {
        found.scale = found.norm = 0.0f;
        found.residual_norm = INFINITY;
        memset(vector, 0, padded * sizeof *vector);
    }
    return found;
}

/* the values as bytes, with an offset added */
NW_INLINE void int8_bytes(const float *vector, int64_t count, int offset, uint8_t *bytes) {
    for (int64_t d = 0; d < count; d++) bytes[d] = (uint8_t)((int)vector[d] + offset);
}

/* the bytes of one row to their places in its block */
NW_INLINE void int8_place(const uint8_t *bytes, int64_t quads, uint8_t *row) {
    for (int64_t quad = 0; quad < quads; quad++) memcpy(row + quad * 4 * INT8_ROWS, bytes + 4 * quad, 4);
}

#if INT8_VECTORS
#if defined(__aarch64__)
#define INT8_LOAD(bytes) ((vec_bits)vld1q_u8(bytes))
#elif LANES == 16
#define INT8_LOAD(bytes) ((vec_bits)_mm512_loadu_si512(bytes))
#elif LANES == 8
#define INT8_LOAD(bytes) ((vec_bits)_mm256_loadu_si256((const __m256i *)(bytes)))
#else
#define INT8_LOAD(bytes) ((vec_bits)_mm_loadu_si128((const __m128i *)(bytes)))
#endif

#if INT8_HAS_DOT4
/* sums of four products of bytes are added to every lane */
NW_INLINE vec_bits int8_dot4(vec_bits sums, vec_bits rows, vec_bits query) {
#if defined(__ARM_FEATURE_DOTPROD)
    return (vec_bits)vdotq_s32((int32x4_t)sums, (int8x16_t)rows, (int8x16_t)query);
#elif defined(__aarch64__)
    /* two products are added up in 16 bits, which hold 127 * 127 * 2 */
    const int8x16_t row = (int8x16_t)rows, values = (int8x16_t)query;
    const int16x8_t pairs = vpaddq_s16(vmull_s8(vget_low_s8(row), vget_low_s8(values)), vmull_high_s8(row, values));
    return (vec_bits)vpadalq_s16((int32x4_t)sums, pairs);
#elif LANES == 16
    return (vec_bits)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)rows, (__m512i)query);
#else
    return (vec_bits)_mm256_dpbusd_avx_epi32((__m256i)sums, (__m256i)rows, (__m256i)query);
#endif
}
#else
/* sums of two products of bytes, in 16 bits */
NW_INLINE vec_bits int8_pairs(vec_bits rows, vec_bits query) {
#if LANES == 16
    return (vec_bits)_mm512_maddubs_epi16((__m512i)rows, (__m512i)query);
#elif LANES == 8
    return (vec_bits)_mm256_maddubs_epi16((__m256i)rows, (__m256i)query);
#else
    return (vec_bits)_mm_maddubs_epi16((__m128i)rows, (__m128i)query);
#endif
}

NW_INLINE vec_bits int8_add16(vec_bits a, vec_bits b) {
#if LANES == 16
    return (vec_bits)_mm512_add_epi16((__m512i)a, (__m512i)b);
#elif LANES == 8
    return (vec_bits)_mm256_add_epi16((__m256i)a, (__m256i)b);
#else
    return (vec_bits)_mm_add_epi16((__m128i)a, (__m128i)b);
#endif
}

/* the two sums of 16 bits in every lane are added to it */
NW_INLINE vec_bits int8_widen(vec_bits sums, vec_bits pairs) {
#if LANES == 16
    return sums + (vec_bits)_mm512_madd_epi16((__m512i)pairs, _mm512_set1_epi16(1));
#elif LANES == 8
    return sums + (vec_bits)_mm256_madd_epi16((__m256i)pairs, _mm256_set1_epi16(1));
#else
    return sums + (vec_bits)_mm_madd_epi16((__m128i)pairs, _mm_set1_epi16(1));
#endif
}
#endif

/* registers of rows times queries: their sums, a few rows and one query are all in registers */
#define INT8_TILE_QUERIES (INT8_HAS_DOT4 ? 6 : 3)
#define INT8_TILE_REGISTERS (LANES == 16 ? 4 : 2)
#define INT8_PASS_REGISTERS (LANES == 16 ? 4 : 8) /* for a single query */

/* four values of a query, in every lane */
NW_INLINE vec_bits int8_query(const uint8_t *values) {
    int32_t four;
    memcpy(&four, values, sizeof four);
    return four - (vec_bits){0};
}

NW_INLINE void int8_tile(const uint8_t *rows, int64_t quads, const uint8_t *queries, int64_t stride,
                         const int32_t *starts, int32_t *dots, const int registers, const int n,
                         const int ahead) {
    vec_bits sums[8][6];
    for (int r = 0; r < registers; r++) {
        for (int i = 0; i < n; i++) sums[r][i] = starts[i] - (vec_bits){0};
    }
    const int64_t together = INT8_HAS_DOT4 ? 1 : 2;
    for (int64_t quad = 0; quad < quads; quad += together) {
        const uint8_t *at = rows + quad * 4 * INT8_ROWS, *of = queries + quad * 4;
        if (ahead) {
            for (int r = 0; r < registers; r++) {
                if (r * 4 * LANES % 64 == 0) {
                    NW_PREFETCH(at + r * 4 * LANES + INT8_AHEAD);
                    if (together == 2) NW_PREFETCH(at + 4 * INT8_ROWS + r * 4 * LANES + INT8_AHEAD);
                }
            }
        }
#if INT8_HAS_DOT4
        for (int i = 0; i < n; i++) {
            const vec_bits query = int8_query(of + i * stride);
            for (int r = 0; r < registers; r++) {
                sums[r][i] = int8_dot4(sums[r][i], INT8_LOAD(at + r * 4 * LANES), query);
            }
        }
#else
        if (quad + 1 == quads) { /* the last of an odd number */
            for (int i = 0; i < n; i++) {
                const vec_bits query = int8_query(of + i * stride);
                for (int r = 0; r < registers; r++) {
                    sums[r][i] = int8_widen(sums[r][i], int8_pairs(INT8_LOAD(at + r * 4 * LANES), query));
                }
            }
            break;
        }
        for (int i = 0; i < n; i++) {
            const vec_bits query = int8_query(of + i * stride), next = int8_query(of + i * stride + 4);
            for (int r = 0; r < registers; r++) {
                const uint8_t *row = at + r * 4 * LANES;
                const vec_bits pairs = int8_add16(int8_pairs(INT8_LOAD(row), query),
                                                  int8_pairs(INT8_LOAD(row + 4 * INT8_ROWS), next));
                sums[r][i] = int8_widen(sums[r][i], pairs);
            }
        }
#endif
    }
    for (int r = 0; r < registers; r++) {
        for (int i = 0; i < n; i++) memcpy(dots + i * INT8_ROWS + r * LANES, &sums[r][i], sizeof sums[r][i]);
    }
}
#else
#define INT8_TILE_QUERIES 4
#endif

/* dots[i][row] = starts[i] + stored values of the row . values of query i, for a whole block and
   n <= INT8_TILE_QUERIES queries, whose values are `stride` bytes apart */
static inline void int8_dots(const uint8_t *block, int64_t quads, const uint8_t *queries, int64_t stride,
                             int n, const int32_t *starts, int32_t *dots) {
#if INT8_VECTORS
    if (n == 1) {
        for (int row = 0; row < INT8_ROWS; row += INT8_PASS_REGISTERS * LANES) {
            int8_tile(block + 4 * row, quads, queries, stride, starts, dots + row, INT8_PASS_REGISTERS, 1, 1);
        }
        return;
    }
    for (int row = 0; row < INT8_ROWS; row += INT8_TILE_REGISTERS * LANES) {
        const uint8_t *rows = block + 4 * row;
        switch (n) {
        case 2: int8_tile(rows, quads, queries, stride, starts, dots + row, INT8_TILE_REGISTERS, 2, 0); break;
        case 3: int8_tile(rows, quads, queries, stride, starts, dots + row, INT8_TILE_REGISTERS, 3, 0); break;
        case 4: int8_tile(rows, quads, queries, stride, starts, dots + row, INT8_TILE_REGISTERS, 4, 0); break;
#if INT8_HAS_DOT4
        case 5: int8_tile(rows, quads, queries, stride, starts, dots + row, INT8_TILE_REGISTERS, 5, 0); break;
        case 6: int8_tile(rows, quads, queries, stride, starts, dots + row, INT8_TILE_REGISTERS, 6, 0); break;
#endif
        }
    }
#else
    for (int i = 0; i < n; i++) {
        const int8_t *query = (const int8_t *)(queries + i * stride);
        for (int row = 0; row < INT8_ROWS; row++) {
            int32_t sum = starts[i];
            for (int64_t quad = 0; quad < quads; quad++) {
                const uint8_t *at = block + 4 * (quad * INT8_ROWS + row);
                for (int j = 0; j < 4; j++) sum += at[j] * query[4 * quad + j];
            }
            dots[i * INT8_ROWS + row] = sum;
        }
    }
#endif
}

/* Which rows of a block have a score of at least `bound`, as bits; the score of a row is
   int8_score() of its sum. */
NW_INLINE float int8_score(int32_t dot, float scale, float query_scale) { return (float)dot * (scale * query_scale); }

static inline uint64_t int8_hits(const int32_t *dots, const float *scales, float query_scale, float bound) {
    uint64_t hits = 0;
#if INT8_VECTORS
    for (int row = 0; row < INT8_ROWS; row += LANES) {
        const vec factors = v_mul(v_load(scales + row), v_splat(query_scale));
        const vec_bits sums = INT8_LOAD((const uint8_t *)(dots + row));
#if defined(__aarch64__)
        const vec scores = v_mul((vec)vcvtq_f32_s32((int32x4_t)sums), factors);
        const uint32x4_t bits = {1, 2, 4, 8}, reached = vcgeq_f32((float32x4_t)scores, vdupq_n_f32(bound));
        const uint64_t found = vaddvq_u32(vandq_u32(reached, bits));
#elif LANES == 16
        const vec scores = v_mul((vec)_mm512_cvtepi32_ps((__m512i)sums), factors);
        const uint64_t found = _mm512_cmp_ps_mask((__m512)scores, _mm512_set1_ps(bound), _CMP_GE_OQ);
#elif LANES == 8
        const vec scores = v_mul((vec)_mm256_cvtepi32_ps((__m256i)sums), factors);
        const uint64_t found = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps((__m256)scores, _mm256_set1_ps(bound), _CMP_GE_OQ));
#else
        const vec scores = v_mul((vec)_mm_cvtepi32_ps((__m128i)sums), factors);
        const uint64_t found = (uint32_t)_mm_movemask_ps(_mm_cmpge_ps((__m128)scores, _mm_set1_ps(bound)));
#endif
        hits |= found << row;
    }
#else
    for (int row = 0; row < INT8_ROWS; row++) {
        hits |= (uint64_t)(int8_score(dots[row], scales[row], query_scale) >= bound) << row;
    }
#endif
    return hits;
}

/* the number of the lowest bit that is set; there is one */
static inline int int8_lowest(uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctzll(bits);
#else
    int lowest = 0;
    while (!(bits & 1)) {
        bits >>= 1;
        lowest++;
    }
    return lowest;
#endif
}

#endif
