/* Bytes of words: header with code.

   In the map: below word_table.pxd, whose keys and hashes are made of it. C, because compilers have
   names of their own for these instructions, and because what a sanitizer allows is known to the
   preprocessor alone. */

#ifndef NW_WORD_BYTES_H
#define NW_WORD_BYTES_H

#include <stdint.h>

#include "prefetch.h"

#if defined(__GNUC__) || defined(__clang__)
#define NW_TRAILING_ZEROS(x) __builtin_ctzll(x)
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
#include <intrin.h>
static __inline int NW_TRAILING_ZEROS(uint64_t x) {
    unsigned long position;
    _BitScanForward64(&position, x);
    return (int)position;
}
#else
static int NW_TRAILING_ZEROS(uint64_t x) {
    int n = 0;
    while (!(x & 1)) { x >>= 1; n++; }
    return n;
}
#endif

/* Little-endian whatever the machine; compilers make one load of it. */
static inline uint64_t nw_load8(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16
         | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40
         | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* A read beyond a word, within its page, cannot fail; AddressSanitizer forbids it. */
#if defined(__SANITIZE_ADDRESS__)
#define NW_MAY_OVERREAD 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NW_MAY_OVERREAD 0
#endif
#endif
#ifndef NW_MAY_OVERREAD
#define NW_MAY_OVERREAD 1
#endif

/* Secrets of the process: whoever does not know them cannot choose words that share a place. */
static uint64_t nw_hash_factor = 0x9E3779B97F4A7C15ULL, nw_hash_offset = 0;

#endif
