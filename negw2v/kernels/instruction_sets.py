"""The instruction-set levels, each written once.

Three places read this table::

    setup.py            compiles every level with its options; it runs this file by its path,
                        before there is a package, so this file imports nothing of negw2v
    simd/cpu_features.h knows how to ask a processor for each feature
    kernels/__init__    chooses, at import, the best level whose features are all there

A new level is a new row. Its code follows from what the compiler defines for its options
(``src_cython/simd/vector.h``).
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FEATURES", "LEVELS", "VARIANTS", "Level"]

X86_64 = ("x86_64", "amd64")
ARM64 = ("aarch64", "arm64")


class Level(NamedTuple):
    """What some processors run and others do not."""

    #: As the user sees it, and as the names of its modules end.
    name: str
    #: The processors it is for, by Python's names for them; empty: every one.
    machines: tuple[str, ...]
    #: What the processor must have, by the names of GCC's ``__builtin_cpu_supports``.
    features: tuple[str, ...]
    #: Options of GCC and Clang that switch its instructions on.
    options: tuple[str, ...]
    #: Floats in a vector register.
    lanes: int
    #: The level that it adds something to; None: it is a level itself.
    variant_of: str | None = None


def _x86_64(
    name: str,
    features: tuple[str, ...],
    lanes: int,
    options: tuple[str, ...] = (),
    variant_of: str | None = None,
) -> Level:
    """A row whose options are those of its features: compilers without -march=x86-64-v3 know them.

    The compiler then uses nothing that the processor is not asked for.
    """
    switches = tuple(f"-m{feature}" for feature in features)
    return Level(name, X86_64, features, (*switches, *options), lanes, variant_of)


_V2 = _x86_64("v2", ("sse4.2", "popcnt"), 4)
_V3 = _x86_64("v3", (*_V2.features, "avx2", "fma", "bmi", "bmi2"), 8)
_V4 = _x86_64(
    "v4",
    (*_V3.features, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"),
    16,
    ("-mprefer-vector-width=512",),
)

#: From the least to the best. "baseline" runs everywhere; v2 = SSE4.2, v3 = AVX2 and FMA,
#: v4 = AVX-512 are those of the x86-64 psABI; every 64-bit ARM has NEON.
LEVELS = (
    Level("baseline", (), (), (), 4),
    _V2,
    _V3,
    _V4,
    Level("arm64", ARM64, ("neon",), (), 4),
)

#: Levels with an addition that only some of their processors have. A few modules gain from it
#: and are compiled for it as well (setup.py names them).
VARIANTS = (
    _x86_64("v3_avxvnni", (*_V3.features, "avxvnni"), 8, variant_of="v3"),
    _x86_64("v4_vnni", (*_V4.features, "avx512vnni"), 16, ("-mprefer-vector-width=512",), "v4"),
    Level("arm64_sdot", ARM64, ("neon", "dotprod"), ("-march=armv8.2-a+dotprod",), 4, "arm64"),
)

#: Every feature that a row names.
FEATURES = tuple(dict.fromkeys(name for row in (*LEVELS, *VARIANTS) for name in row.features))
