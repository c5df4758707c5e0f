"""Builds the compiled modules: one source tree, one module per source and instruction-set level.

The levels are a table in negw2v/kernels/instruction_sets.py; src_cython/README.md is the map of
the sources. Nothing is ever built with -march=native: which level runs is decided at import, on
the machine that imports (negw2v/kernels/__init__.py).
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

LEVEL_TABLE = "negw2v/kernels/instruction_sets.py"
TABLE = runpy.run_path(LEVEL_TABLE)


def clang_cl() -> str | None:
    """Clang with the options and the libraries of Microsoft's compiler, on Windows.

    It compiles every level; Microsoft's own has no vectors, so that it makes the baseline alone.
    CC names it, or else it is used if it is there. CC=cl uses Microsoft's.
    """
    if sys.platform != "win32":
        return None
    named = os.environ.get("CC", "clang-cl")
    return shutil.which(named) if "clang-cl" in named.lower() else None


CLANG_CL = clang_cl()
GNU_COMPILER = sys.platform != "win32" or CLANG_CL is not None


def target_machines() -> set[str]:
    """The processors that the modules are compiled for, which need not be this machine's.

    On macOS ARCHFLAGS names them, as in "-arch x86_64 -arch arm64". Elsewhere, and without it, it
    is the platform that this Python compiles for; tools that compile for another one set
    _PYTHON_HOST_PLATFORM, which sysconfig obeys.
    """
    flags = os.environ.get("ARCHFLAGS", "") if sys.platform == "darwin" else ""
    named = re.findall(r"-arch\s+(\S+)", flags)
    return set(named) or {sysconfig.get_platform().rpartition("-")[2].lower()}


def is_for_target(row: Any) -> bool:
    """Whether the compiler can be given a level's options.

    A build for several processors at once (universal2) has the baseline alone: the compiler would
    get the options of one of them for all.
    """
    return not row.machines or (GNU_COMPILER and target_machines() <= set(row.machines))


# level -> compiler options that switch its instructions on
LEVELS = {row.name: list(row.options) for row in TABLE["LEVELS"] if is_for_target(row)}
# Where the baseline is not the only level, or the compiler has no vectors, it is plain C.
if len(LEVELS) > 1 or not GNU_COMPILER:
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

# What Cython writes for every module that has memoryviews, most of a small one: it is compiled
# once, and all others import it.
SHARED_MODULE = "negw2v._cyutility"

BASELINE_MODULES = {
    "_cyutility.c": SHARED_MODULE,
    "simd/cpu.pyx": "negw2v.kernels._cpu",
    "training/sampling.pyx": "negw2v.kernels._sampling",
    "corpus/tokenizer.pyx": "negw2v.corpus._tokenizer",
    "corpus/sentences.pyx": "negw2v.corpus._sentences",
    "corpus/arrow.pyx": "negw2v.corpus._arrow",
    "corpus/rows.pyx": "negw2v.corpus._rows",
    "corpus/huffman.pyx": "negw2v.corpus._huffman",
    "formats/probes.pyx": "negw2v.formats._probes",
    "formats/text_rows.pyx": "negw2v.formats._text_rows",
    "phrases/ngrams.pyx": "negw2v.phrases._ngrams",
    "phrases/joining.pyx": "negw2v.phrases._joining",
}

# What any of them may include: a change to it compiles them all again.
SHARED_SOURCES = sorted(str(path) for path in Path("src_cython").glob("*/*.h"))
SHARED_SOURCES += sorted(str(path) for path in Path("src_cython").glob("*/*.pxd"))
SHARED_SOURCES.append(LEVEL_TABLE)

# Headers and .pxd files are named without their folder: no two have the same name.
SOURCE_FOLDERS = sorted({str(path.parent) for path in Path("src_cython").glob("*/*")})

# Debug symbols, which Python's own options ask for, are four fifths of a wheel.
COMPILE_ARGS = ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math"]
if CLANG_CL:
    COMPILE_ARGS = [f"/clang:{option}" for option in COMPILE_ARGS]
elif not GNU_COMPILER:
    COMPILE_ARGS = ["/O2"]

# Names of functions are a tenth of a module; a profiler needs them, nothing else does.
LINK_ARGS = ["-Wl,-s"] if sys.platform == "linux" else []

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


# NEGW2V_ABI3=1 builds modules, and a wheel, for the stable ABI of CPython 3.11 and every later one.
# Lists of sentences are read more slowly then (CONTRIBUTING.md has the figures), so it is what
# is installed where there is no wheel for the version of Python. CPython without the GIL has none.
ABI3 = os.environ.get("NEGW2V_ABI3", "") == "1"
if ABI3 and sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit("NEGW2V_ABI3=1: this Python has no GIL, and so no stable ABI: unset NEGW2V_ABI3")
ABI3_MACROS = [("CYTHON_LIMITED_API", "1"), ("Py_LIMITED_API", "0x030B0000")]


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
                define_macros=ABI3_MACROS if ABI3 else [],
                py_limited_api=ABI3,
            )
            for source, name in modules.items()
        ],
        include_path=SOURCE_FOLDERS,
        build_dir=build_dir,
        compiler_directives=DIRECTIVES,
        shared_utility_qualified_name=SHARED_MODULE,
        # what is said here may have changed, which cythonize() does not notice
        force=any(
            path.stat().st_mtime < Path("setup.py").stat().st_mtime
            for path in Path(build_dir).rglob("*.c")
        ),
    )
    for extension in result:
        extension.extra_compile_args = [*COMPILE_ARGS, *options]
        extension.extra_link_args = [] if DEBUG else LINK_ARGS
        if SANITIZE:
            extension.extra_compile_args += SANITIZERS
            extension.extra_link_args = SANITIZERS[:1]
    return result


# Whether a compiler knows a level: what it must be able to compile.
PROBE = """
#include "layer_rows.h"
#include "int8_rows.h"
vec4 nw_probe(const float *p) { return v_sums(v_load(p), v_load(p), v_load(p), v_load(p)); }
"""


class BuildLevels(build_ext):
    """Leaves out the levels that the compiler cannot build, with a message."""

    def build_extensions(self) -> None:
        """Compile every module whose level the compiler knows."""
        if CLANG_CL:
            self.compiler.initialize(self.plat_name)
            self.compiler.cc = CLANG_CL
            self.compiler.compile_options.remove("/GL")
            if self.plat_name == "win-arm64":
                self.compiler.compile_options.append("--target=arm64-pc-windows-msvc")
        for level, options in [*LEVELS.items(), *VARIANTS.items()]:
            built = [module for module in self.extensions if module.name.endswith(f"_{level}")]
            if built and level != "baseline" and not self.knows(options):
                self.warn(
                    f"this compiler cannot build the instruction-set level {level!r}: it is left "
                    "out. GCC 11 and Clang 12, and later ones, build all of them."
                )
                self.extensions = [module for module in self.extensions if module not in built]
        super().build_extensions()

    def knows(self, options: list[str]) -> bool:
        """Whether the compiler compiles the vectors of a level."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(PROBE)
            try:
                self.compiler.compile(
                    [str(source)],
                    output_dir=folder,
                    include_dirs=SOURCE_FOLDERS,
                    extra_postargs=[*COMPILE_ARGS, *options],
                )
            except CompileError:
                return False
        return True


# A development switch: limits the levels that are built, as in NEGW2V_BUILD_LEVELS=v4.
wanted = os.environ.get("NEGW2V_BUILD_LEVELS", ",".join(LEVELS)).split(",")
VARIANTS = {
    row.name: list(row.options)
    for row in TABLE["VARIANTS"]
    if row.variant_of in wanted and row.variant_of in LEVELS
}

modules = compiled(BASELINE_MODULES, "build/cython/common", [])
for level, options in LEVELS.items():
    if level in wanted:
        named = {source: f"{name}_{level}" for source, name in LEVELLED_MODULES.items()}
        modules += compiled(named, f"build/cython/{level}", options)
for variant, options in VARIANTS.items():
    named = {source: f"{LEVELLED_MODULES[source]}_{variant}" for source in VARIED_SOURCES}
    modules += compiled(named, f"build/cython/{variant}", options)

setup(
    ext_modules=modules,
    cmdclass={"build_ext": BuildLevels},
    options={
        # Most of a build is the C compiler: one process per core.
        "build_ext": {"parallel": os.cpu_count()},
        **({"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {}),
        # An editable install puts this folder on sys.path. The default, a hook behind sys.path,
        # is shadowed by a folder named negw2v next to a script, such as a clone of the repository.
        "editable_wheel": {"mode": "compat"},
    },
)
