"""How many threads are of use."""

from __future__ import annotations

import os

__all__ = ["thread_count"]


def thread_count() -> int:
    """How many threads can run at once: the CPUs that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
