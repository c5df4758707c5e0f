"""Runs gensim's own tests, from the installed gensim, with the plugin on.

    python tests/compat/gensim_tests.py                 the files of our suite
    python tests/compat/gensim_tests.py --all           and those of FastText, Doc2Vec, ...
    python tests/compat/gensim_tests.py test_word2vec   one of them

It prints how many tests passed, failed and are listed. Nothing of gensim's tests is copied:
pytest collects ``gensim.test.*`` where it is installed. A test that is listed in
``gensim_listed.py`` must fail; one that passes is a stale entry.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

import negw2v
import negw2v.plugin

sys.path.insert(0, str(Path(__file__).parent))
from gensim_listed import FILES, LISTED


@dataclass
class Outcome:
    """What became of the tests of one file.

    Parameters
    ----------
    file
        Name of gensim's test module.
    seconds
        Time of the whole run.
    passed, failed, skipped, listed, stale
        Names of the tests; `listed` failed as expected, `stale` are listed but passed or are not
        there any more.
    details
        What is shown of each failure.
    fallbacks
        What the plugin left to gensim.
    """

    file: str
    seconds: float = 0.0
    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    fallbacks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.file:<26}{len(self.passed):>7}{len(self.failed):>8}{len(self.listed):>8}"
            f"{len(self.stale):>7}{len(self.skipped):>9}{self.seconds:>9.1f}"
        )


HEADER = f"{'':<26}{'passed':>7}{'failed':>8}{'listed':>8}{'stale':>7}{'skipped':>9}{'seconds':>9}"


class Recorder:
    """The pytest plugin that notes how every test ends."""

    def __init__(self) -> None:
        self.results: dict[str, str] = {}
        self.details: dict[str, str] = {}
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("::")[2]
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        if report.failed:
            self.results[name] = "failed"
            self.details[name] = report.longreprtext
        elif report.when == "call" or report.skipped:
            self.results.setdefault(name, report.outcome)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.results[str(report.nodeid)] = "failed"
            self.details[str(report.nodeid)] = report.longreprtext


def run(file: str) -> Outcome:
    """Run one file's tests under the plugin, in this process.

    Parameters
    ----------
    file
        Name of the module in ``gensim.test``.
    """
    start = time.perf_counter()
    outcome, recorder, printed = Outcome(file), Recorder(), io.StringIO()
    arguments = ["--pyargs", f"gensim.test.{file}", "-q", "-c", os.devnull, "-W", "ignore"]
    arguments += ["-p", "no:cacheprovider", "--rootdir", str(Path(__file__).parent)]
    arguments += ["-k", FILES[file].expression]
    with negw2v.patch_gensim(), redirect_stdout(printed):
        _unskip(file)
        status = pytest.main(arguments, plugins=[recorder])
        outcome.fallbacks = [str(each) for each in negw2v.plugin.status().fallbacks]
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise SystemExit(f"{file}: pytest ended with {status!r}\n{printed.getvalue()}")
    listed = {name.partition("::")[2]: why for name, why in LISTED.items() if file in name}
    for name, result in recorder.results.items():
        if name in listed:
            (outcome.listed if result == "failed" else outcome.stale).append(name)
        else:
            getattr(outcome, result).append(name)
    outcome.stale += sorted(set(listed) - set(recorder.results))
    outcome.details = {name: recorder.details[name] for name in outcome.failed}
    outcome.seconds = time.perf_counter() - start
    slowest = Counter(recorder.seconds).most_common(12)
    if "--durations" in sys.argv:
        print(*(f"{seconds:6.1f} {name}" for name, seconds in slowest), sep="\n", file=sys.stderr)
    return outcome


def _unskip(file: str) -> None:
    """Let tests run that gensim skips by mistake.

    test_similarities skips an abstract base class of tests, but unittest hands the mark on to
    its subclasses: gensim's own runs skip all of them.
    """
    base = getattr(importlib.import_module(f"gensim.test.{file}"), "_TestSimilarityABC", None)
    if base is not None:
        base.__unittest_skip__ = False


def main() -> int:
    """Print the closing figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", help="names of test modules")
    parser.add_argument("--all", action="store_true", help="also those that take minutes")
    parser.add_argument("--json", action="store_true", help="one line of JSON per file")
    parser.add_argument("--durations", action="store_true", help="name the slowest tests")
    parser.add_argument("--details", action="store_true", help="show every failure")
    arguments = parser.parse_args()
    outcomes: list[Any] = []
    scratch = tempfile.TemporaryDirectory()  # some of the tests write where they run
    os.chdir(scratch.name)
    if not arguments.json:
        print(HEADER)
    usual = [name for name, chosen in FILES.items() if chosen.in_suite or arguments.all]
    for file in arguments.files or usual:
        outcomes.append(run(file))
        print(json.dumps(asdict(outcomes[-1])) if arguments.json else outcomes[-1], flush=True)
    if arguments.json:
        return 0
    for outcome in outcomes:
        for kind in ("failed", "stale"):
            for name in getattr(outcome, kind):
                print(f"{kind}: {outcome.file}::{name}")
                if arguments.details:
                    print(outcome.details.get(name, ""))
        print(*(f"{outcome.file}: {each}" for each in outcome.fallbacks), sep="\n")
    return any(outcome.failed or outcome.stale for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
