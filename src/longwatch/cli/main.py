"""The entry point: runs the command line and turns errors into messages and exit codes.

Owns what a person sees of an error. Must not know what any command does.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from longwatch.cli.app import APP, add_instrument_command
from longwatch.cli.codes import EXIT_CODES, INTERRUPTED, OK, UNEXPECTED
from longwatch.cli.output import say
from longwatch.errors import LongwatchError

DEBUG = "LONGWATCH_DEBUG"
"""Environment variable that shows the traceback of every error."""


def main() -> int:
    """Run the command line of this process; gives its exit code."""
    return run(sys.argv[1:])


def run(arguments: Sequence[str]) -> int:
    """Run a command line.

    Parameters
    ----------
    arguments
        What follows the program's name.

    Returns
    -------
    int
        An exit code, as `longwatch.cli.codes` lists them.
    """
    words = [word for word in arguments if word != "--debug"]
    debug = len(words) < len(arguments) or bool(os.environ.get(DEBUG))
    try:
        add_instrument_command(words)
        APP(words, prog_name="longwatch")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else OK
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    except LongwatchError as error:
        say(traceback.format_exc() if debug else _marked(str(error)))
        return EXIT_CODES.get(error.slug, EXIT_CODES[LongwatchError.slug])
    except Exception as error:
        say(traceback.format_exc() if debug else _apology(error))
        return UNEXPECTED
    return OK


def _marked(message: str) -> str:
    """Put a red word before a message on a terminal; typer drops the colour elsewhere."""
    return f"\x1b[1;31mError:\x1b[0m {message}"


def _apology(error: Exception) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="longwatch-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(traceback.format_exc())
    return _marked(
        f"Longwatch made a mistake ({type(error).__name__}: {error}). What was committed before is safe. "
        f"The traceback is in {Path(file.name)}: please report it with what you asked for."
    )
