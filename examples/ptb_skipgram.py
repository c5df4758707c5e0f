"""Train skip-gram on the Penn Treebank, layer by layer, and ask the vectors a few things.

    python examples/ptb_skipgram.py                  10 epochs, some ten minutes
    python examples/ptb_skipgram.py --epochs 1 --synthetic

As examples/ptb_cbow.py, with the other network: every word predicts the ten words around it,
which is ten times the work.
"""

from __future__ import annotations

import sys

from ptb_cbow import main

from negw2v.layers import SkipGram

if __name__ == "__main__":
    sys.exit(main(SkipGram, description=__doc__))
