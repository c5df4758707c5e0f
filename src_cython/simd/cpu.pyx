"""Which instruction sets this machine's processor and operating system support."""

cdef extern from *:
    """
    #if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
    static int negw2v_supports(const char *level) {
        __builtin_cpu_init();
        if (!strcmp(level, "v2"))
            return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
        if (!strcmp(level, "v3"))
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
        if (!strcmp(level, "v4"))
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
                && __builtin_cpu_supports("avx512vl");
        if (!strcmp(level, "v4_vnni"))
            return negw2v_supports("v4") && __builtin_cpu_supports("avx512vnni");
        return 0;
    }
    #else
    static int negw2v_supports(const char *level) { (void)level; return 0; }
    #endif
    """
    bint negw2v_supports(const char* level)


def supports(str level) -> bool:
    """Whether the processor and the operating system run code of an x86-64 psABI level.

    Parameters
    ----------
    level
        "v2", "v3" or "v4"; "v4_vnni" for v4 with VNNI; "baseline" runs everywhere.
    """
    cdef bytes name = level.encode("ascii")
    return level == "baseline" or negw2v_supports(name)
