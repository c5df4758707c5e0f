"""A corpus that a Ray cluster reads: counted by map and reduce, encoded part by part.

Any machine may read any part. Ray repeats a task whose machine is lost. The words of the parts are
put together in the order of the corpus, so that the vocabulary is the one that a single machine
finds.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from negw2v.corpus.base import (
    Corpus,
    CorpusCounts,
    Nulls,
    Progress,
    ScanProgress,
    TokenBlock,
)
from negw2v.corpus.options import CorpusOptions
from negw2v.corpus.trimming import TrimRule
from negw2v.distributed import parts
from negw2v.distributed.cluster import own_error
from negw2v.distributed.parts import Counted, Part, Size
from negw2v.errors import ParameterError
from negw2v.io.paths import is_remote

__all__ = ["ClusterCorpus"]

#: Parts that are encoded ahead of the one that is trained.
AHEAD = 3
#: Vocabularies that one task puts together.
TOGETHER = 8

_numbers = itertools.count(1)


class ClusterCorpus(Corpus):
    """Parts that the tasks of a cluster read.

    Parameters
    ----------
    name
        What messages call it.
    pieces
        Its parts, in order.
    options
        How they are read.
    """

    interned = False

    def __init__(self, name: str, pieces: Sequence[Part], options: CorpusOptions) -> None:
        self.name = name
        self._parts = list(pieces)
        self._options = options
        self._sizes: list[Size] | None = None
        self._vocabulary: tuple[int, Any, list[Any]] | None = None

    def __negw2v_corpus__(self, workers: int, passes: int, name: str) -> Corpus:
        """What :func:`negw2v.corpus.encoding.open_corpus` reads it with."""
        return self

    def __iter__(self) -> Iterator[list[Any]]:
        return self.sentences()

    def check_machines(self) -> None:
        """Refuse files that machines of the cluster see differently.

        Raises
        ------
        CorpusFileError
            They do.
        """
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        paths = list(dict.fromkeys(p.path for p in self._parts if p.path and not is_remote(p.path)))
        machines = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        task = ray.remote(parts.fingerprint)
        seen = {
            f"{node['NodeManagerHostname']} (node {node['NodeID'][:8]})": task.options(
                num_cpus=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
            ).remote(paths)
            for node in machines
        }
        parts.check_same(paths, dict(zip(seen, _got(list(seen.values())), strict=True)))

    def scan(
        self,
        progress_per: int = 10_000,  # noqa: ARG002 - a part is more than that
        progress: Progress | None = None,
        max_vocab_size: int | None = None,
        trim_rule: TrimRule | None = None,  # noqa: ARG002 - for max_vocab_size
        keep_tokens: bool = False,  # noqa: ARG002
    ) -> CorpusCounts:
        """See :meth:`Corpus.scan`."""
        import ray

        if max_vocab_size:
            raise ParameterError(
                f"max_vocab_size={max_vocab_size}: which words it would forget depends on the "
                "order in which they are counted, and here several machines count; use min_count "
                "or max_final_vocab"
            )
        counting = ray.remote(_count).options(num_returns=2, scheduling_strategy="SPREAD")
        counted, sizes = [], []
        for part in self._parts:
            words, size = counting.remote(*_parts_of(part), self._options)
            counted.append(words)
            sizes.append(size)
        merging = ray.remote(_merge)
        while len(counted) > 1:
            counted = [
                merging.remote(*counted[i : i + TOGETHER]) for i in range(0, len(counted), TOGETHER)
            ]
        self._sizes = self._watch(sizes, progress)
        sentences = sum(size.sentences for size in self._sizes)
        total = sum(size.words for size in self._sizes)
        self._nulls = sum((size.nulls for size in self._sizes), Nulls())
        self.require_words(sentences, total, "the scan")
        found: Counted = _got(counted)[0]
        return CorpusCounts(found.words, found.counts, sentences, total)

    def _watch(self, sizes: Sequence[Any], progress: Progress | None) -> list[Size]:
        sentences = words = 0
        done: list[Size] = []
        for reference in sizes:
            (size,) = _got([reference])
            done.append(size)
            sentences, words = sentences + size.sentences, words + size.words
            if progress is not None:
                progress(ScanProgress(sentences, words, 0, len(done) / len(sizes)))
        return done

    def blocks(self, key_to_index: Mapping[Any, int]) -> Iterator[TokenBlock]:
        """See :meth:`Corpus.blocks`."""
        import ray

        number, vocabulary = self._shared(key_to_index)
        encoding = ray.remote(_encode).options(num_cpus=0, scheduling_strategy="SPREAD")
        sizes: Sequence[Size | None] = self._sizes or [None] * len(self._parts)
        ahead: deque[Any] = deque()
        waiting = iter(zip(self._parts, sizes, strict=True))
        words = sentences = 0
        while True:
            for part, size in itertools.islice(waiting, AHEAD - len(ahead)):
                ahead.append(
                    encoding.remote(*_parts_of(part), self._options, number, [vocabulary], size)
                )
            if not ahead:
                break
            (block,) = _got([ahead.popleft()])
            words += int(block.raw_lengths.sum())
            sentences += len(block.raw_lengths)
            yield block
        self.require_words(sentences, words, "this pass")

    def _shared(self, key_to_index: Mapping[Any, int]) -> tuple[int, Any]:
        """A number for a vocabulary, and a reference to it."""
        import ray

        words = list(key_to_index)
        if self._vocabulary is None or self._vocabulary[2] != words:
            self._vocabulary = next(_numbers), ray.put((words, list(key_to_index.values()))), words
        return self._vocabulary[:2]

    def sentences(self) -> Iterator[list[Any]]:
        """See :meth:`Corpus.sentences`."""
        import ray

        for part in self._parts:
            if part.table is not None:
                part = Part(table=ray.get(part.table))  # noqa: PLW2901
            yield from parts.opened(part, self._options).sentences()


def _got(references: list[Any]) -> list[Any]:
    """The results of tasks; what one raised, as it was raised."""
    import ray

    try:
        found: list[Any] = ray.get(references)
    except ray.exceptions.RayError as error:
        raise own_error(error) from None
    return found


# --- tasks: what runs on any machine


def _parts_of(part: Part) -> tuple[Part, Any]:
    """A part without its table, and the table: Ray replaces references among arguments."""
    return Part(part.path, part.start, part.stop), part.table


def _count(part: Part, table: Any, options: CorpusOptions) -> tuple[Counted, Size]:
    return parts.count(Part(part.path, part.start, part.stop, table), options)


def _merge(*counted: Counted) -> Counted:
    return Counted.of_all(counted)


#: The vocabulary that this process has used last, and its number.
_known: tuple[int, dict[Any, int]] = (0, {})


def _encode(
    part: Part,
    table: Any,
    options: CorpusOptions,
    number: int,
    vocabulary: list[Any],
    expected: Size | None,
) -> TokenBlock:
    import ray

    global _known  # noqa: PLW0603 - a process encodes many parts
    if _known[0] != number:
        words, ids = ray.get(vocabulary[0])
        _known = number, dict(zip(words, ids, strict=True))
    part = Part(part.path, part.start, part.stop, table)
    return parts.encode(part, options, _known[1], expected)
