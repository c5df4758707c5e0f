"""Which instructions this machine's processor and operating system support.

In the map: the module that decides at import which of the others are loaded, so it is compiled
for any processor. The features that it can be asked for are those in the table of levels
(negw2v/kernels/instruction_sets.py); setup.py hands them on as NW_CPU_FEATURES, because the
compiler wants each name as a literal.
"""

cdef extern from *:
    """
    #include <string.h>

    #if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
    /* 1: the feature is there; 0: it is not; -1: it was not in the table. */
    static int nw_has_feature(const char *feature) {
        __builtin_cpu_init();
    #define NW_FEATURE(name) if (!strcmp(feature, #name)) return __builtin_cpu_supports(#name) != 0;
        NW_CPU_FEATURES
    #undef NW_FEATURE
        return -1;
    }
    #else
    static int nw_has_feature(const char *feature) { (void)feature; return 0; }
    #endif
    """
    int nw_has_feature(const char *feature)


def has_feature(str feature) -> bool:
    """Whether the processor and the operating system support a feature.

    Parameters
    ----------
    feature
        One of ``negw2v.kernels.instruction_sets.FEATURES``.

    Raises
    ------
    ValueError
        The feature was not in the table when this module was compiled.
    """
    cdef bytes name = feature.encode("ascii")
    cdef int found = nw_has_feature(name)
    if found < 0:
        raise ValueError(f"this module was compiled without {feature!r}: compile it again")
    return bool(found)
