"""Which instructions this machine's processor and operating system support.

In the map: the module that decides at import which of the others are loaded, so it is compiled
for any processor; above cpu_features.h. The features that it is asked for are those in the table of
levels (negw2v/kernels/instruction_sets.py).
"""

cdef extern from "cpu_features.h":
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
        The feature was not known when this module was compiled.
    """
    cdef bytes name = feature.encode("ascii")
    cdef int found = nw_has_feature(name)
    if found < 0:
        raise ValueError(f"this module was compiled without {feature!r}: compile it again")
    return bool(found)
