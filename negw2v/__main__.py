"""``python -m negw2v``: the command line, see :mod:`negw2v.cli`."""

from __future__ import annotations

import sys

from negw2v.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
