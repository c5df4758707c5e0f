"""One measured training job in a process of its own; started by harness.py.

    python benchmarks/job.py '<a harness.Job as JSON>'     prints a harness.Result as JSON

A process per job: so that the peak of the memory is this job's alone, and that no contender
finds caches warmed, or memory fragmented, by the one before it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any


class OwnIterable:
    """What users write themselves: opens the file anew for each pass."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __iter__(self) -> Iterator[list[str]]:
        with open(self.path, encoding="utf-8") as lines:  # noqa: PTH123 - as users write it
            for line in lines:
                yield line.split()


def corpus(job: dict[str, Any]) -> dict[str, Any]:
    """The corpus argument of the job's input kind."""
    path = job["corpus"]
    if job["input"] == "corpus_file":
        return {"corpus_file": path}
    if job["input"] == "list":
        return {"sentences": list(OwnIterable(path))}
    if job["input"] == "iterable":
        return {"sentences": OwnIterable(path)}
    if job["library"] == "gensim":
        from gensim.models.word2vec import LineSentence
    else:
        from negw2v.corpus.readers import LineSentence
    return {"sentences": LineSentence(path)}


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Train, with a clock."""
    if job["library"] == "gensim":
        from gensim.models import Word2Vec

        isa = ""
    else:
        from negw2v import Word2Vec, kernels

        isa = kernels.isa()
    given = corpus(job)
    parameters = dict(job["parameters"])
    result: dict[str, Any] = {"isa": isa, "baseline_rss": peak_rss()}
    if job["phase"] == "job":
        start = time.perf_counter()
        model = Word2Vec(**given, **parameters)
        result["job_seconds"] = time.perf_counter() - start
    else:
        model = Word2Vec(**parameters)
        sentences = given.get("sentences")
        given.pop("sentences", None)
        start = time.perf_counter()
        model.build_vocab(sentences, **given)
        result["vocabulary_seconds"] = time.perf_counter() - start
        if job["phase"] == "steps":
            start = time.perf_counter()
            model.train(
                sentences,
                **given,
                total_examples=model.corpus_count,
                total_words=model.corpus_total_words,
                epochs=model.epochs,
            )
            result["train_seconds"] = time.perf_counter() - start
    result["words"] = model.corpus_total_words
    result["vocabulary"] = len(model.wv)
    result["peak_rss"] = peak_rss()
    return result


def peak_rss() -> int:
    """The most memory that this process has held so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
