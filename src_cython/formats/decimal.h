/* Decimal text to floating-point numbers and back, exactly: header with code.

   In the map: below text_rows.pyx. C, because Cython has no 128-bit numbers.

   Reading: the double nearest to a decimal (ties to even). Up to 19 digits and a power of ten
   are multiplied with 128 bits of the power; where those cannot prove which double is nearest
   the answer is "undecided", and the caller asks a slower method (Lemire 2021, "Number
   Parsing at a Gigabyte per Second", has the idea).

   Writing: the shortest decimal that reads back as the same float, and of those the nearest
   to it (Giulietti 2020, "The Schubfach way to render doubles").

   The powers of ten are filled in once, by the module that includes this file. */

#ifndef NW_DECIMAL_H
#define NW_DECIMAL_H

#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
#include <intrin.h>
static __inline uint64_t nw_multiply(uint64_t a, uint64_t b, uint64_t *low) {
    uint64_t high;
    *low = _umul128(a, b, &high);
    return high;
}
#elif defined(__SIZEOF_INT128__)
/* High half of a product; the low half goes to *low. */
static inline uint64_t nw_multiply(uint64_t a, uint64_t b, uint64_t *low) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}
#else
static inline uint64_t nw_multiply(uint64_t a, uint64_t b, uint64_t *low) {
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;
    *low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}
#endif

/* 10^e = (high * 2^64 + low + [0, 1)) * 2^exponent, with the highest bit of high set. */
typedef struct {
    uint64_t high, low;
    int32_t exponent;
} nw_power;

enum { NW_LEAST_POWER = -342, NW_GREATEST_POWER = 308 };

static nw_power nw_powers[NW_GREATEST_POWER - NW_LEAST_POWER + 1];

static const double nw_exact_powers[23] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* digits * 10^power, or 0 ("undecided"). */
static inline int nw_compose(uint64_t digits, int64_t power, double *result) {
    const nw_power *ten;
    uint64_t high, middle, low, carry, mantissa, rest, half, bits;
    int shift, leading;
    int64_t exponent;
    if (digits == 0) {
        *result = 0.0;
        return 1;
    }
    if (digits <= (1ULL << 53) && power >= -22 && power <= 22) {
        /* Both are doubles, so that one rounding gives the nearest. */
        *result = power < 0 ? (double)digits / nw_exact_powers[-power]
                            : (double)digits * nw_exact_powers[power];
        return 1;
    }
    if (power < NW_LEAST_POWER || power > NW_GREATEST_POWER) return 0;
    ten = &nw_powers[power - NW_LEAST_POWER];
#if defined(__GNUC__) || defined(__clang__)
    leading = __builtin_clzll(digits);
#else
    for (leading = 0; !(digits >> (63 - leading)); leading++) {}
#endif
    digits <<= leading;
    /* 192 bits of the product; what 10^power lacks adds less than 2^64 to them, so that the
       upper 128 bits, high and middle, are at most 1 too small. */
    high = nw_multiply(digits, ten->high, &middle);
    carry = nw_multiply(digits, ten->low, &low);
    middle += carry;
    high += middle < carry;
    shift = 10 + (int)(high >> 63);
    mantissa = high >> shift;
    rest = high & ((1ULL << shift) - 1);
    half = 1ULL << (shift - 1);
    if ((rest == half && middle == 0) || (rest == half - 1 && middle == ~0ULL)) return 0;
    exponent = (int64_t)ten->exponent + 128 + shift - leading + 1075;
    if (exponent <= 0 || exponent >= 2046) return 0; /* subnormal, or next to infinity */
    mantissa += rest >= half;
    if (mantissa >> 53) {
        mantissa >>= 1;
        exponent++;
    }
    bits = (uint64_t)exponent << 52 | (mantissa & ((1ULL << 52) - 1));
    memcpy(result, &bits, sizeof bits);
    return 1;
}

static inline int nw_is_digit(uint8_t c) { return (uint8_t)(c - '0') <= 9; }

/* A plain decimal number at *at: sign, digits, point, exponent. The text must end with a byte
   that is none of these. 1, and *at behind it; 0: undecided, or something else is there. */
static inline int nw_read_double(const uint8_t **at, double *result) {
    const uint8_t *p = *at, *start, *after_point, *q;
    uint64_t digits = 0;
    int64_t power = 0, exponent = 0, count;
    int negative = *p == '-', minus, dropped = 0, found;
    double value, next;
    p += negative || *p == '+';
    start = p;
    while (nw_is_digit(*p)) digits = digits * 10 + (uint64_t)(*p++ - '0');
    count = p - start;
    if (*p == '.') {
        after_point = ++p;
        while (nw_is_digit(*p)) digits = digits * 10 + (uint64_t)(*p++ - '0');
        power = after_point - p;
        count -= power;
    }
    if (count == 0) return 0;
    if (count > 19) {
        /* Perhaps too many for 64 bits: take the first 19 that count. */
        digits = 0;
        count = 0;
        power = 0;
        for (q = start, minus = 0; q < p; q++) {
            if (*q == '.') {
                minus = 1;
            } else if (count < 19) {
                digits = digits * 10 + (uint64_t)(*q - '0');
                count += digits != 0;
                power -= minus;
            } else {
                dropped |= *q != '0';
                power += !minus;
            }
        }
    }
    if ((*p | 0x20) == 'e') {
        p++;
        minus = *p == '-';
        p += minus || *p == '+';
        if (!nw_is_digit(*p)) return 0;
        while (nw_is_digit(*p)) {
            if (exponent < 100000) exponent = exponent * 10 + (*p - '0');
            p++;
        }
        power += minus ? -exponent : exponent;
    }
    found = nw_compose(digits, power, &value);
    if (dropped && found) {
        /* The number lies between these two. */
        found = nw_compose(digits + 1, power, &next) && value == next;
    }
    if (!found) return 0;
    *result = negative ? -value : value;
    *at = p;
    return 1;
}

/* ---------------------------------------------------------------- writing */

enum { NW_LONGEST_FLOAT = 24 };

static const char nw_pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* floor(cp * g / 2^64), odd where that is not exact. A fraction below 2^-32 comes from g,
   which is rounded up. */
static inline uint32_t nw_round_to_odd(uint64_t g, uint64_t cp) {
    uint64_t low, high = nw_multiply(g, cp, &low);
    return (uint32_t)high | (low >> 32 != 0);
}

/* The shortest decimal digits * 10^power for the bits of a positive finite float. */
static inline uint32_t nw_shortest(uint32_t bits, int *power) {
    uint32_t fraction = bits & 0x7FFFFF, c, out, lower, upper, value, s, tens;
    int biased = (int)(bits >> 23), q, k, h, irregular, below, above;
    const nw_power *ten;
    uint64_t g;
    c = biased ? fraction | 0x800000 : fraction;
    q = (biased ? biased : 1) - 150;
    /* Below a power of two floats are twice as dense. */
    irregular = fraction == 0 && biased > 1;
    out = c & 1;
    /* floor(log10(2^q)), or of 3/4 * 2^q */
    k = irregular ? (q * 1262611 - 524031) >> 22 : (q * 1262611) >> 22;
    ten = &nw_powers[-k - NW_LEAST_POWER];
    g = ten->high + 1;
    h = ten->exponent + 64 + q + 64;
    value = nw_round_to_odd(g, (uint64_t)(4 * c) << h);
    lower = nw_round_to_odd(g, (uint64_t)(4 * c - 2 + irregular) << h);
    upper = nw_round_to_odd(g, (uint64_t)(4 * c + 2) << h);
    s = value >> 2;
    if (s >= 10) {
        tens = s / 10 * 10;
        below = lower + out <= 4 * tens;
        above = 4 * tens + 40 + out <= upper;
        if (below != above) {
            *power = k;
            return below ? tens : tens + 10;
        }
    }
    *power = k;
    below = lower + out <= 4 * s;
    above = 4 * s + 4 + out <= upper;
    if (below != above) return below ? s : s + 1;
    if (value == 4 * s + 2) return s + (s & 1);
    return value < 4 * s + 2 ? s : s + 1;
}

static inline char *nw_copy(char *p, const char *text, size_t size) {
    memcpy(p, text, size);
    return p + size;
}

/* What str() makes of a NumPy float32; at most NW_LONGEST_FLOAT bytes. From `limit` on
   numbers have an exponent: 1e16 or less, it depends on NumPy's version. */
static inline char *nw_write_float(float number, double limit, char *p) {
    uint32_t bits, digits;
    int power, size, point, exponent, at;
    char text[12];
    memcpy(&bits, &number, sizeof bits);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) return nw_copy(p, "nan", 3);
    if (bits >> 31) *p++ = '-';
    bits &= 0x7FFFFFFF;
    if (bits == 0x7F800000) return nw_copy(p, "inf", 3);
    if (bits == 0) return nw_copy(p, "0.0", 3);
    digits = nw_shortest(bits, &power);
    while (digits % 10 == 0) {
        digits /= 10;
        power++;
    }
    at = 12;
    while (digits >= 10) {
        at -= 2;
        memcpy(text + at, nw_pairs + 2 * (digits % 100), 2);
        digits /= 100;
    }
    if (digits) text[--at] = (char)('0' + digits);
    size = 12 - at;
    point = size + power; /* digits before the decimal point */
    number = number < 0 ? -number : number;
    if (number >= limit || number < 1e-4) {
        *p++ = text[at];
        if (size > 1) {
            *p++ = '.';
            p = nw_copy(p, text + at + 1, (size_t)size - 1);
        }
        exponent = point - 1;
        *p++ = 'e';
        *p++ = exponent < 0 ? '-' : '+';
        if (exponent < 0) exponent = -exponent;
        return nw_copy(p, nw_pairs + 2 * exponent, 2);
    }
    if (point <= 0) {
        p = nw_copy(p, "0.", 2);
        for (; point < 0; point++) *p++ = '0';
        return nw_copy(p, text + at, (size_t)size);
    }
    if (point < size) {
        p = nw_copy(p, text + at, (size_t)point);
        *p++ = '.';
        return nw_copy(p, text + at + point, (size_t)(size - point));
    }
    p = nw_copy(p, text + at, (size_t)size);
    for (; size < point; size++) *p++ = '0';
    return nw_copy(p, ".0", 2);
}

#endif
