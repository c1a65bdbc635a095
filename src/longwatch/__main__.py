"""`python -m longwatch`: the command line without its script.

Owns nothing. Must not know any command.
"""

from __future__ import annotations

import sys

from longwatch.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
