"""Taking in what comes into a folder, as it comes.

Owns `watch`. Must not know when a file has stopped growing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli import words
from longwatch.cli.codes import INTERRUPTED
from longwatch.cli.options import TAKE_IN, ArchiveOption, example
from longwatch.cli.output import say, write
from longwatch.cli.site import opened_or_made, say_broken

if TYPE_CHECKING:
    from longwatch.ingest.report import IngestReport

APP = typer.Typer()


@APP.command(
    "watch",
    rich_help_panel=TAKE_IN,
    epilog=example("longwatch watch incoming/", "longwatch watch /data/landing --every 60 --link"),
)
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where files arrive, and all folders below it.")],
    archive: ArchiveOption = None,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.01, help="How often to look.")] = 10.0,
    link: Annotated[
        bool | None,
        typer.Option("--link/--copy", help="Leave files where they lie, or copy them in.", show_default=False),
    ] = None,
) -> None:
    """Take files in as they come, each once it has stopped growing; Ctrl-C ends it.

    A file is taken in when it looks the same at two looks in a row, and again when it changes.
    A file that cannot be stored goes to quarantine. A watch that was stopped takes up where it left off.
    """
    with opened_or_made(archive) as (site, made):
        if made:
            say(f"Made an archive in {site.site}.")
        say_broken(site)
        say(f"Watching {folder} every {every:g} s. Ctrl-C ends it.")
        try:
            site.watch(folder, every=every, link=link, tell=show, say=say)
        except KeyboardInterrupt as error:
            say("Stopped. What was committed is safe: run again to go on.")
            raise typer.Exit(INTERRUPTED) from error


def show(report: IngestReport) -> None:
    """Write a line about what came in, and name what was refused."""
    numbers = (("stored", report.stored), ("unknown", report.unknown), ("quarantined", report.quarantined))
    brought = ", ".join(f"{number:,} {name}" for name, number in numbers if number)
    write(f"{words.count(report.seen, 'file')}: {brought or 'here already'}")
    for refusal in report.refusals:
        say(f"Quarantined {refusal.path}: {refusal.reason}")
