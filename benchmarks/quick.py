"""Every headline ratio, in a few minutes: training, lists, searches, files.

    python benchmarks/quick.py                    some four minutes on two cores
    python benchmarks/quick.py --words 200000     a look at whether it runs

The tables are those of train.py, query.py and files.py, with fewer words and fewer rounds. A ratio
belongs to the processor that is named above its table, and to the moment: shared machines differ
by a tenth or two from one minute to the next.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import files
import query
import train
from harness import Session, heading, markdown, plain_copy

from negw2v.datasets import wiki17

#: Vectors as many as those of wiki17.
ROWS = 71_000
TRAINING = (train.training, train.hierarchical_softmax, train.lists)
LIMITS = Path(__file__).with_name("limits.py")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=1_000_000, help="of wiki17")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--workers", type=int, default=2, help="threads (default: 2)")
    given = parser.parse_args()
    limit = "What two processes that share nothing gain over one."
    print(heading("The machine", limit), flush=True)
    # apart, since each of its processes imports this program again, and gensim with it
    subprocess.run([sys.executable, str(LIMITS)], check=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corpus = train.first_words(plain_copy(wiki17.path(), folder), given.words, folder)
        session = Session(given.rounds)
        bench = train.Bench(session, {"wiki17": (corpus, 5)}, 2, given.workers, "corpus_file")
        for table in TRAINING:
            print(table(bench), flush=True)
        pair = query.Pair.of("clusters", *query.made(ROWS))
        about = f"Median of {given.rounds} rounds in turn, topn={query.TOPN}."
        print(heading(f"searches: {pair.name}", about))
        rows = query.one(pair, given.rounds) + query.many(pair, given.rounds)
        print(markdown(query.COLUMNS, rows), flush=True)
        files.native(folder, ROWS, 100, given.rounds)


if __name__ == "__main__":
    main()
