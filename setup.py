"""Builds the compiled modules: one source tree, one kernel module per instruction-set level.

"baseline" is portable C for any processor and compiler. The other levels are those of the
x86-64 psABI (v2 = SSE4.2, v3 = AVX2 + FMA, v4 = AVX-512), and a few modules are also built for
what only some processors of a level have (v4_vnni = AVX-512 with VNNI). Nothing is ever built with
-march=native: which level runs is decided at import, on the machine that imports
(negw2v/kernels/__init__.py).
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

GNU_COMPILER = sys.platform != "win32"
X86_64 = platform.machine().lower() in {"x86_64", "amd64"}

# level -> compiler options that switch its instructions on
LEVELS: dict[str, list[str]] = {"baseline": ["-DNEGW2V_PORTABLE"] if X86_64 else []}
if X86_64 and GNU_COMPILER:
    LEVELS["v2"] = ["-march=x86-64-v2"]
    LEVELS["v3"] = ["-march=x86-64-v3"]
    LEVELS["v4"] = ["-march=x86-64-v4", "-mprefer-vector-width=512"]

# What some processors of a level have besides, for the sources that gain from it.
VARIANTS = {"v4": {"v4_vnni": ["-mavx512vnni"]}}
VARIED_SOURCES = {"search/cosine_scan.pyx"}

# source in src_cython/ -> where its module goes
LEVELLED_MODULES = {
    "training/training.pyx": "negw2v.kernels._training",
    "layers/layer_ops.pyx": "negw2v.kernels._layer_ops",
    "search/cosine_scan.pyx": "negw2v.search._cosine_scan",
    "search/topk.pyx": "negw2v.search._topk",
}
BASELINE_MODULES = {
    "simd/cpu.pyx": "negw2v.kernels._cpu",
    "training/sampling.pyx": "negw2v.kernels._sampling",
    "corpus/tokenizer.pyx": "negw2v.corpus._tokenizer",
    "corpus/sentences.pyx": "negw2v.corpus._sentences",
    "corpus/huffman.pyx": "negw2v.corpus._huffman",
    "formats/probes.pyx": "negw2v.formats._probes",
    "formats/text_rows.pyx": "negw2v.formats._text_rows",
}

# What any of them may include: a change to it compiles them all again.
SHARED_SOURCES = sorted(str(path) for path in Path("src_cython").glob("*/*.h"))
SHARED_SOURCES += sorted(str(path) for path in Path("src_cython").glob("*/*.pxd"))

# Headers and .pxd files are named without their folder: no two have the same name.
SOURCE_FOLDERS = sorted(str(path) for path in Path("src_cython").iterdir() if path.is_dir())

COMPILE_ARGS = ["-O3", "-fno-math-errno", "-fno-trapping-math"] if GNU_COMPILER else ["/O2"]

# NEGW2V_SANITIZE=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer (make sanitize).
SANITIZE = os.environ.get("NEGW2V_SANITIZE", "") == "1"
SANITIZERS = [
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-fno-omit-frame-pointer",
    "-O1",
    "-g1",
]

# NEGW2V_DEBUG=1 builds with every Cython check on; the tests' debug run uses it.
DEBUG = os.environ.get("NEGW2V_DEBUG", "") == "1"
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": DEBUG,
    "initializedcheck": DEBUG,
    "cdivision": not DEBUG,
    "nonecheck": DEBUG,
    "embedsignature": True,
    "freethreading_compatible": True,
}


def compiled(modules: dict[str, str], build_dir: str, options: list[str]) -> list[Extension]:
    """Cythonize {source: name of its module} into a folder of their own.

    Two levels of one source must share neither a C file nor options. cythonize() hands the
    options of a source on to the next module made from it, so they are set afterwards.
    """
    result: list[Extension] = cythonize(
        [
            Extension(
                name,
                [f"src_cython/{source}"],
                depends=SHARED_SOURCES,
                include_dirs=SOURCE_FOLDERS,
            )
            for source, name in modules.items()
        ],
        include_path=SOURCE_FOLDERS,
        build_dir=build_dir,
        compiler_directives=DIRECTIVES,
    )
    for extension in result:
        extension.extra_compile_args = [*COMPILE_ARGS, *options]
        if SANITIZE:
            extension.extra_compile_args += SANITIZERS
            extension.extra_link_args = SANITIZERS[:1]
    return result


# A development switch: limits the levels that are built, as in NEGW2V_BUILD_LEVELS=v4.
wanted = os.environ.get("NEGW2V_BUILD_LEVELS", ",".join(LEVELS)).split(",")

modules = compiled(BASELINE_MODULES, "build/cython/common", [])
for level, options in LEVELS.items():
    if level in wanted:
        named = {source: f"{name}_{level}" for source, name in LEVELLED_MODULES.items()}
        modules += compiled(named, f"build/cython/{level}", options)
        for variant, more in VARIANTS.get(level, {}).items():
            named = {source: f"{LEVELLED_MODULES[source]}_{variant}" for source in VARIED_SOURCES}
            modules += compiled(named, f"build/cython/{variant}", [*options, *more])

setup(
    ext_modules=modules,
    options={
        # Most of a build is the C compiler: one process per core.
        "build_ext": {"parallel": os.cpu_count()},
        # An editable install puts this folder on sys.path. The default, a hook behind sys.path,
        # is shadowed where a folder beside a script is called negw2v: this one, as git clones it.
        "editable_wheel": {"mode": "compat"},
    },
)
