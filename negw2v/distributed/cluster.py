"""A Ray cluster: the connection, and the nodes that train; whoever is lost is replaced.

connected          the connection of this process
  Cluster          the nodes: started, compared, replaced
    Member         what the driver knows of one
"""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import negw2v
from negw2v import kernels
from negw2v.distributed.exchange import Piece
from negw2v.distributed.node import About, Node
from negw2v.errors import ClusterError, ConfigurationError, NegW2VError
from negw2v.extras import needed

__all__ = ["Cluster", "Member", "check_nodes", "connected", "own_error"]

logger = logging.getLogger(__name__)

#: Seconds until an address counts as one that nobody answers at.
CONNECT_SECONDS = 5.0
#: The frame with which both sides of HTTP/2 begin, empty.
SETTINGS = b"\0\0\0\x04\0\0\0\0\0"
#: Calls that a node takes at once: one trains, the others are short.
CALLS_AT_ONCE = 8
#: Ray sends smaller arguments along with the call.
INLINE_BYTES = 100_000
#: Seconds between two looks whether nodes that have nothing to do are still there.
PATIENCE = 1.0


@contextlib.contextmanager
def connected(address: str | None) -> Iterator[None]:
    """A block in which this process is connected to a Ray cluster.

    Parameters
    ----------
    address
        ``"host:port"`` of the head node; "auto": the cluster that runs on this machine. None: the
        connection that the program has already, or else a new cluster of this machine alone, which
        ends with the block.

    Raises
    ------
    ClusterError
        The cluster cannot be reached.
    MissingDependencyError
        Ray is not installed.
    """
    with needed("training on several machines", "ray"):
        import ray
    if ray.is_initialized():
        if address not in (None, "auto", ray.get_runtime_context().gcs_address):
            raise ClusterError(
                f"this process is connected to the Ray cluster at "
                f"{ray.get_runtime_context().gcs_address}, not to {address}: call ray.shutdown() "
                "first, or leave the address out"
            )
        yield
        return
    if address not in (None, "auto", "local"):
        _check_reachable(address)
    try:
        ray.init(
            address=address or "local",
            include_dashboard=False if address in (None, "local") else None,
            logging_level=logging.WARNING,
            log_to_driver=False,
        )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise _unreachable(address, error) from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_reachable(address: str | None) -> None:
    """Ray itself would try for a minute, and end the process."""
    text = str(address)
    if "://" in text:
        raise ClusterError(
            f"{text} is an address of Ray Client, which passes all data through one machine; run "
            "this program on a machine of the cluster, with address='auto', or give 'host:port' "
            "of the head node"
        )
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError(f"{text!r} is not the address of a Ray cluster: it is 'host:port'")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS) as connection:
            if os.environ.get("RAY_USE_TLS", "0") in ("0", ""):
                _shake_hands(connection)
    except (OSError, OverflowError) as error:
        raise _unreachable(address, error) from error


def _shake_hands(connection: socket.socket) -> None:
    """Raise OSError unless a server of gRPC answers, such as that of a head node."""
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS)
    answer = connection.recv(len(SETTINGS))
    if answer[3:4] != SETTINGS[3:4]:
        raise OSError(f"it answers {answer!r}, which is not what Ray says")


def _unreachable(address: str | None, error: Exception) -> ClusterError:
    reason = " ".join(str(error).split())
    return ClusterError(
        f"the Ray cluster at {address or 'this machine'} cannot be reached: {reason[:300]}; is it "
        "running (ray start --head), and may this machine connect to it?"
    )


def own_error(error: BaseException) -> BaseException:
    """What a node or a task has raised, without what Ray has put around it.

    Parameters
    ----------
    error
        What ``ray.get()`` raised.

    Returns
    -------
    BaseException
        An error of negw2v's, or what the user's own code raised.
    """
    from ray import exceptions

    found = error
    while isinstance(found, exceptions.RayTaskError) and isinstance(found.cause, BaseException):
        found = found.cause
    if isinstance(found, (NegW2VError, MemoryError, KeyboardInterrupt)):
        return found
    full = (exceptions.ObjectStoreFullError, exceptions.OutOfDiskError)
    if isinstance(found, full):
        return ClusterError(
            "Ray's object store is full, and so is the disk that it writes to: changes of a round "
            "and the weights must fit in; start Ray with more --object-store-memory, or take "
            f"shorter rounds (shard_tokens=). Ray says: {' '.join(str(found).split())[:300]}"
        )
    if isinstance(found, exceptions.RayError):
        return ClusterError(
            "a task of the cluster failed; look for the reason in Ray's logs (a lack of memory?), "
            f"and try again. Ray says: {' '.join(str(found).split())[:300]}"
        )
    return found


def _actor_class() -> type[Node]:
    """Nodes as actors of Ray's."""
    import ray

    class Actor(Node):
        """A node whose large messages to several others lie in the object store once."""

        def shared(self, piece: Piece) -> Any:
            return ray.put(piece) if piece.nbytes > INLINE_BYTES else piece

    return Actor


@dataclass
class Member:
    """A node, as the driver sees it.

    Parameters
    ----------
    actor
        The handle of its actor.
    about
        What it said of itself.
    position
        How many rounds its weights have seen; None: it has no weights yet.
    """

    actor: Any
    about: About
    position: int | None = None


def check_nodes(found: Sequence[About]) -> None:
    """Refuse nodes whose results would not be those of this process.

    Parameters
    ----------
    found
        What the nodes say of themselves.

    Raises
    ------
    ConfigurationError
        One has another version of negw2v or of Python, or cannot run the level of this process.
    """
    own = ".".join(platform.python_version_tuple()[:2])
    for about in found:
        if about.version != negw2v.__version__:
            raise ConfigurationError(
                f"node {about.name} has negw2v {about.version}, but this process has "
                f"{negw2v.__version__}: install the same version on all nodes"
            )
        if about.python != own:
            raise ConfigurationError(
                f"node {about.name} runs Python {about.python}, but this process runs {own}: "
                "install the same version on all nodes"
            )
        if kernels.isa() not in about.levels:
            raise ConfigurationError(
                f"node {about.name} cannot run the instruction-set level {kernels.isa()!r} of this "
                f"process, but {', '.join(about.levels)}: set NEGW2V_ISA to a level that "
                "all nodes run, where you start this program"
            )


class Cluster:
    """The nodes that train.

    Parameters
    ----------
    nodes
        How many.
    threads
        Of each; so many CPUs are reserved for it.
    patience
        Seconds to wait for a node to start. If one that was lost cannot be replaced in that time,
        the others go on without it.

    Raises
    ------
    ClusterError
        They cannot be started.
    ConfigurationError
        See :func:`check_nodes`.
    """

    def __init__(self, nodes: int, threads: int, patience: float) -> None:
        self.threads = threads
        self._patience = patience
        self._wanted = nodes
        self.generation = 0
        self.members: list[Member] = []
        try:
            self.members = self._started(nodes)
            if len(self.members) < nodes:
                raise self._too_few(nodes)
            check_nodes([member.about for member in self.members])
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all nodes."""
        import ray

        for member in self.members:
            ray.kill(member.actor)
        self.members = []

    def lost(self, member: Member) -> None:
        """A node does not answer any more."""
        import ray

        logger.warning("node %s was lost", member.about.name)
        self.members.remove(member)
        ray.kill(member.actor)  # if it has but lost the connection

    def fill(self) -> None:
        """Replace nodes that were lost.

        Raises
        ------
        ClusterError
            None is left.
        """
        missing = self._wanted - len(self.members)
        if missing <= 0:
            return
        new = self._started(missing)
        self.members += new  # stop() ends them, too, if they are no good
        check_nodes([member.about for member in new])
        if not self.members:
            raise ClusterError(
                f"all nodes were lost, and none could be started within {self._patience:g} s; go "
                "on from the last checkpoint when the cluster is back: "
                "negw2v.distributed.resume()"
            )
        if len(new) < missing:
            logger.warning(
                "%d of %d nodes could not be started again within %g s: the others train their "
                "shards",
                missing - len(new),
                self._wanted,
                self._patience,
            )
            self._wanted = len(self.members)

    def _started(self, count: int) -> list[Member]:
        """`count` new nodes, or fewer if they do not start in time."""
        import ray

        kind = ray.remote(_actor_class()).options(
            num_cpus=self.threads,
            max_concurrency=CALLS_AT_ONCE,
            scheduling_strategy="SPREAD",
            max_restarts=0,
        )
        actors = [kind.remote(kernels.isa(), self.threads) for _ in range(count)]
        answers = [actor.about.remote() for actor in actors]
        members = []
        try:
            ready, _ = ray.wait(answers, num_returns=count, timeout=self._patience)
            for actor, answer in zip(actors, answers, strict=True):
                if answer in ready:
                    with contextlib.suppress(ray.exceptions.RayActorError):
                        members.append(Member(actor, self._answer(answer)))
        except BaseException:
            members = []  # so that all are ended
            raise
        finally:
            used = [member.actor for member in members]
            for actor in actors:
                if actor not in used:
                    ray.kill(actor)
        return members

    @staticmethod
    def _answer(reference: Any) -> About:
        import ray

        try:
            about: About = ray.get(reference)
        except ray.exceptions.ActorDiedError as error:
            if "creation task" in str(error) or "__init__" in str(error):
                raise ConfigurationError(
                    "a node cannot load negw2v; install the same version of it on all nodes. Ray "
                    f"says: {' '.join(str(error).split())[-500:]}"
                ) from error
            raise
        return about

    def _too_few(self, nodes: int) -> ClusterError:
        import ray

        cpus = ray.cluster_resources().get("CPU", 0)
        return ClusterError(
            f"{len(self.members)} of {nodes} nodes could be started within {self._patience:g} s: "
            f"each needs {self.threads} free CPUs (workers={self.threads}), and the cluster has "
            f"{cpus:g} in all; take fewer nodes=, or fewer workers="
        )

    def call(self, calls: Sequence[tuple[Member, Any]]) -> list[tuple[Member, Any]]:
        """Wait for calls of nodes; who is lost in the meantime is not a member any more.

        Parameters
        ----------
        calls
            Members, and the reference that a call of each has returned.

        Returns
        -------
        list of tuple
            Members, and what their calls returned; without those whose result, or argument, was
            lost with another machine.

        Raises
        ------
        BaseException
            What one of the calls raised, after all have ended.
        """
        import ray

        waiting = {reference: member for member, reference in calls}
        results: list[tuple[Member, Any]] = []
        error: BaseException | None = None
        while waiting:
            ready, _ = ray.wait(list(waiting), num_returns=1, timeout=PATIENCE)
            for member in self._silent([member for member, _ in results]) if not ready else ():
                self._give_up(member)
            for reference in ready:
                member = waiting.pop(reference)
                try:
                    results.append((member, ray.get(reference)))
                except ray.exceptions.RayActorError as lost:
                    # In a RayTaskError, an argument was lost with another node; this one is there.
                    there = isinstance(lost, ray.exceptions.RayTaskError)
                    self._give_up(None if there else member)
                except ray.exceptions.ObjectLostError:  # its machine was lost; try again
                    self._give_up(None)
                except Exception as raised:  # noqa: BLE001 - raised below
                    error = error or own_error(raised)
                    self._give_up(None)
        if error is not None:
            raise error
        return [(member, result) for member, result in results if member in self.members]

    def _silent(self, members: Sequence[Member]) -> list[Member]:
        """Those that have nothing to do, and do not answer."""
        import ray

        lost = []
        for member in members:
            if member not in self.members:
                continue
            try:
                ray.get(member.actor.about.remote(), timeout=self._patience)
            except (ray.exceptions.RayActorError, ray.exceptions.GetTimeoutError):
                lost.append(member)
        return lost

    def _give_up(self, lost: Member | None) -> None:
        """Nobody waits any longer for a node that was lost."""
        if lost is not None:
            self.lost(lost)
        for member in self.members:
            member.actor.give_up.remote(self.generation)
