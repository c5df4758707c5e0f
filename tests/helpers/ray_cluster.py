"""A Ray cluster of several nodes on this machine, and the processes of its actors."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

#: Bytes of each node's object store; Ray takes no less than 75 MiB.
STORE_BYTES = 80 << 20

#: Not 127.0.0.1, for which Ray would take the address of a network card.
LOOPBACK = "127.0.0.2"

#: Parameters of a model that trains in a moment.
PARAMETERS: dict[str, Any] = {
    "vector_size": 20,
    "min_count": 1,
    "epochs": 2,
    "sg": 1,
    "workers": 1,
    "seed": 3,
    "progress": False,
}


@contextlib.contextmanager
def ray_cluster(cpus: Sequence[int]) -> Iterator[str]:
    """A cluster on the loopback, to which this process is connected.

    Parameters
    ----------
    cpus
        Of each node.

    Yields
    ------
    str
        Its address.
    """
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
        from ray.cluster_utils import Cluster

        arguments = {
            "object_store_memory": STORE_BYTES,
            "include_dashboard": False,
            "node_ip_address": LOOPBACK,
        }
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": cpus[0], **arguments})
        try:
            for count in cpus[1:]:
                cluster.add_node(num_cpus=count, **arguments)
            ray.init(
                address=cluster.address,
                _node_ip_address=LOOPBACK,
                log_to_driver=False,
                logging_level="error",
            )
            yield cluster.address
        finally:
            ray.shutdown()
            cluster.shutdown()


def kill(pid: int) -> None:
    """``kill -9``; nothing happens where the process has ended already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def have_ended(pids: Iterable[int], seconds: float = 30) -> bool:
    """Whether processes end, at the latest after so many seconds."""
    end = time.monotonic() + seconds
    left = set(pids)
    while left and time.monotonic() < end:
        left = {pid for pid in left if _is_running(pid)}
        time.sleep(0.02)
    return not left


def _is_running(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
