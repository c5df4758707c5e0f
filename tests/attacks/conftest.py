"""What the tests of hostile files share."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

#: Address space that a loader has beyond that of a fresh interpreter with NumPy and negw2v.
ROOM = 56 << 20

PREAMBLE = f"""
import resource, sys
import numpy as np
import negw2v
from negw2v import *
from negw2v.formats.word2vec import reading as word2vec_reading
from negw2v.formats.word2vec import writing as word2vec_writing
import smart_open
np.ones((64, 64)) @ np.ones((64, 64))
with open("/proc/self/statm") as status:
    used = int(status.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {ROOM}, used + {ROOM}))
path = sys.argv[1]
"""


@pytest.fixture
def confined() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code about a file (`path`) in a process that can get little more memory."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("needs /proc and RLIMIT_AS")
    if os.environ.get("NEGW2V_SANITIZE"):
        pytest.skip("AddressSanitizer takes terabytes of addresses")

    def run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PREAMBLE + textwrap.dedent(code), str(path)],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            # each thread of BLAS, and each arena of malloc's, takes address space of its own
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
        )

    return run
