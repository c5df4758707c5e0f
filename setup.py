"""Builds the compiled modules: one source tree, one module per source and instruction-set level.

The levels are a table in negw2v/kernels/instruction_sets.py; src_cython/README.md is the map of
the sources. Nothing is ever built with -march=native: which level runs is decided at import, on
the machine that imports (negw2v/kernels/__init__.py).
"""

from __future__ import annotations

import os
import re
import runpy
import sys
import sysconfig
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

LEVEL_TABLE = "negw2v/kernels/instruction_sets.py"
TABLE = runpy.run_path(LEVEL_TABLE)

GNU_COMPILER = sys.platform != "win32"


def target_machines() -> set[str]:
    """The processors that the modules are compiled for, which need not be this machine's.

    On macOS ARCHFLAGS names them, as in "-arch x86_64 -arch arm64". Elsewhere, and without it, it
    is the platform that this Python compiles for; tools that compile for another one set
    _PYTHON_HOST_PLATFORM, which sysconfig obeys.
    """
    flags = os.environ.get("ARCHFLAGS", "") if sys.platform == "darwin" else ""
    named = re.findall(r"-arch\s+(\S+)", flags)
    return set(named) or {sysconfig.get_platform().rpartition("-")[2].lower()}


# A build for several processors at once (universal2) has the baseline alone: the compiler would
# get the options of one of them for all.
HAS_LEVELS = GNU_COMPILER and target_machines() <= set(TABLE["MACHINES"])

# level -> compiler options that switch its instructions on
LEVELS = {row.name: list(row.options) for row in TABLE["LEVELS"] if HAS_LEVELS or not row.features}
# Where the baseline is not the only level, or the compiler has no vectors, it is plain C.
if HAS_LEVELS or not GNU_COMPILER:
    LEVELS["baseline"] = ["-DNW_PORTABLE"]

# Sources that are compiled for the variants of levels, too: those that gain from them.
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
SHARED_SOURCES.append(LEVEL_TABLE)

# Headers and .pxd files are named without their folder: no two have the same name.
SOURCE_FOLDERS = sorted({str(path.parent) for path in Path("src_cython").glob("*/*")})

# What simd/cpu.pyx can be asked for.
CPU_FEATURES = " ".join(f"NW_FEATURE({name})" for name in TABLE["FEATURES"])

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
        extension.define_macros = [("NW_CPU_FEATURES", CPU_FEATURES)]
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
        for row in TABLE["VARIANTS"]:
            if row.variant_of == level:
                named = {
                    source: f"{LEVELLED_MODULES[source]}_{row.name}" for source in VARIED_SOURCES
                }
                modules += compiled(named, f"build/cython/{row.name}", list(row.options))

setup(
    ext_modules=modules,
    options={
        # Most of a build is the C compiler: one process per core.
        "build_ext": {"parallel": os.cpu_count()},
        # An editable install puts this folder on sys.path. The default, a hook behind sys.path,
        # is shadowed by a folder named negw2v next to a script, such as a clone of the repository.
        "editable_wheel": {"mode": "compat"},
    },
)
