/* What the processor and the operating system support, by the names of the table of levels.

   In the map: used by cpu.pyx alone. It asks CPUID itself: compilers differ in which names
   __builtin_cpu_supports knows, and some link nothing that answers it.

   nw_has_feature returns 1: the feature is there, 0: it is not, -1: no such name. */

#ifndef NW_CPU_FEATURES_H
#define NW_CPU_FEATURES_H

#include <stdint.h>
#include <string.h>

/* names of features, for every processor: those of another one are known, and not there */
#define FEATURES_X86(F) F("sse4.2", 1, 0, 2, 20, 0) F("popcnt", 1, 0, 2, 23, 0) \
    F("fma", 1, 0, 2, 12, 0x6) F("avx2", 7, 0, 1, 5, 0x6) F("avxvnni", 7, 1, 0, 4, 0x6) \
    F("bmi", 7, 0, 1, 3, 0) F("bmi2", 7, 0, 1, 8, 0) F("avx512f", 7, 0, 1, 16, 0xE6) \
    F("avx512dq", 7, 0, 1, 17, 0xE6) F("avx512cd", 7, 0, 1, 28, 0xE6) \
    F("avx512bw", 7, 0, 1, 30, 0xE6) F("avx512vl", 7, 0, 1, 31, 0xE6) \
    F("avx512vnni", 7, 0, 2, 11, 0xE6)
#define FEATURES_ARM(F) F("neon") F("dotprod")

#if defined(__x86_64__) || defined(_M_X64)

#if defined(_MSC_VER)
#include <intrin.h>
static void feature_cpuid(uint32_t leaf, uint32_t part, uint32_t found[4]) {
    __cpuidex((int *)found, (int)leaf, (int)part);
}
#else
#include <cpuid.h>
static void feature_cpuid(uint32_t leaf, uint32_t part, uint32_t found[4]) {
    __cpuid_count(leaf, part, found[0], found[1], found[2], found[3]);
}
#endif

/* the parts of registers that the operating system saves: 0x6 for AVX, 0xE6 for AVX-512 */
static uint32_t feature_saved(void) {
    uint32_t found[4], saved;
    feature_cpuid(1, 0, found);
    if (!(found[2] >> 27 & 1)) return 0; /* no XGETBV */
#if defined(_MSC_VER)
    saved = (uint32_t)_xgetbv(0);
#else
    uint32_t high;
    __asm__ volatile(".byte 0x0f, 0x01, 0xd0" : "=a"(saved), "=d"(high) : "c"(0)); /* xgetbv */
    (void)high;
#endif
#if defined(__APPLE__)
    if ((saved & 0x6) == 0x6) saved |= 0xE0; /* AVX-512's parts from their first use on */
#endif
    return saved;
}

/* found: EAX, EBX, ECX, EDX of a part of CPUID's leaf; a feature is a bit of one of them. The first
   part of leaf 7 says in EAX which is the last. */
static int feature_bit(uint32_t leaf, uint32_t part, int place, int bit, uint32_t needed) {
    uint32_t found[4];
    feature_cpuid(0, 0, found);
    if (found[0] < leaf) return 0;
    feature_cpuid(leaf, 0, found);
    if (part && found[0] < part) return 0;
    feature_cpuid(leaf, part, found);
    return (found[place] >> bit & 1) && (feature_saved() & needed) == needed;
}
#define FEATURE_X86(name, leaf, part, place, bit, needed) \
    if (!strcmp(feature, name)) return feature_bit(leaf, part, place, bit, needed);

#else
#define FEATURE_X86(name, leaf, part, place, bit, needed) if (!strcmp(feature, name)) return 0;
#endif

#if defined(__aarch64__) || defined(_M_ARM64)
#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
static int feature_dotprod(void) { return IsProcessorFeaturePresent(43) != 0; } /* PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE */
#elif defined(__APPLE__)
static int feature_dotprod(void) { return 1; } /* since Apple's first processor with macOS, the M1 */
#elif defined(__linux__)
#include <sys/auxv.h>
static int feature_dotprod(void) { return (int)(getauxval(AT_HWCAP) >> 20 & 1); } /* HWCAP_ASIMDDP */
#else
static int feature_dotprod(void) { return 0; }
#endif
#define FEATURE_ARM(name) if (!strcmp(feature, name)) return !strcmp(name, "neon") || feature_dotprod();
#else
#define FEATURE_ARM(name) if (!strcmp(feature, name)) return 0;
#endif

static int nw_has_feature(const char *feature) {
    FEATURES_X86(FEATURE_X86)
    FEATURES_ARM(FEATURE_ARM)
    return -1;
}

#endif
