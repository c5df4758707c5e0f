"""The instruction-set levels, each written once.

Three places read this table::

    setup.py            compiles every level with its options; it runs this file by its path,
                        before there is a package, so this file imports nothing of negw2v
    simd/cpu.pyx        asks the processor for the features, which setup.py hands on to it
    kernels/__init__    chooses, at import, the best level whose features are all there

A new level is a new row. Its code follows from what the compiler defines for its options
(``src_cython/simd/vector.h``).
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FEATURES", "LEVELS", "MACHINES", "VARIANTS", "Level"]


class Level(NamedTuple):
    """What some processors run and others do not."""

    #: As the user sees it, and as the names of its modules end.
    name: str
    #: Options of GCC and Clang that switch its instructions on.
    options: tuple[str, ...]
    #: What the processor must have, by the names of GCC's ``__builtin_cpu_supports``.
    features: tuple[str, ...]
    #: Floats in a vector register.
    lanes: int
    #: The level that it adds something to; None: it is a level itself.
    variant_of: str | None = None


#: Processors that have levels above "baseline".
MACHINES = ("x86_64", "amd64")

_V2 = Level("v2", ("-march=x86-64-v2",), ("sse4.2", "popcnt"), 4)
_V3 = Level("v3", ("-march=x86-64-v3",), (*_V2.features, "avx2", "fma", "bmi", "bmi2"), 8)
_V4 = Level(
    "v4",
    ("-march=x86-64-v4", "-mprefer-vector-width=512"),
    (*_V3.features, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
    16,
)

#: From the least to the best. "baseline" runs everywhere; the others are those of the x86-64
#: psABI: v2 = SSE4.2, v3 = AVX2 and FMA, v4 = AVX-512.
LEVELS = (Level("baseline", (), (), 4), _V2, _V3, _V4)

#: Levels with an addition that only some of their processors have. A few modules gain from it
#: and are compiled for it as well (setup.py names them).
VARIANTS = (
    Level(
        "v4_vnni",
        (*_V4.options, "-mavx512vnni"),
        (*_V4.features, "avx512vnni"),
        16,
        variant_of="v4",
    ),
)

#: Every feature that a row names.
FEATURES = tuple(dict.fromkeys(name for row in (*LEVELS, *VARIANTS) for name in row.features))
