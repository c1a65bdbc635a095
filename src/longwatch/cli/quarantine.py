"""Files that could not be stored: why, again, or never mind.

Owns `quarantine`. Must not know how files are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli import words
from longwatch.cli.intake import show_report, take_in
from longwatch.cli.options import TAKE_IN, ArchiveOption, JsonOption, example
from longwatch.cli.output import say, write, write_grid, write_json
from longwatch.cli.site import opened
from longwatch.errors import BadQuery

if TYPE_CHECKING:
    from longwatch.catalog.sources import Quarantined

APP = typer.Typer()
_GROUP = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, epilog=example("longwatch quarantine list --traceback")
)
APP.add_typer(
    _GROUP, name="quarantine", rich_help_panel=TAKE_IN, help="Files that could not be stored: list, retry, drop."
)


@_GROUP.command("list", epilog=example("longwatch quarantine list", "longwatch quarantine list --traceback"))
def show(
    archive: ArchiveOption = None,
    traceback: Annotated[bool, typer.Option("--traceback", help="Also where in the code it was refused.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List refused files and why."""
    from longwatch.ingest.quarantine import refused

    with opened(archive) as site:
        found = refused(site.catalog)
    if as_json:
        write_json([asdict(one) for one in found])
        return
    if not found:
        say("The quarantine is empty.")
        return
    if traceback:
        for one in found:
            write(f"{one.path}\n{one.reason}\n{one.traceback}")
    else:
        write_grid(("file", "kind", "tries", "reason"), [(q.path, q.kind or None, q.attempts, q.reason) for q in found])
    say("Next: longwatch quarantine retry, or longwatch quarantine drop FILE")


@_GROUP.command("retry", epilog=example("longwatch quarantine retry"))
def retry(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[FILES]", help="Which; without any: all.", show_default=False)
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read refused files again. Files that changed are read again by any `ingest`."""
    from longwatch.ingest.quarantine import refused

    with opened(archive) as site:
        wanted = _named(refused(site.catalog), paths)
        there = [path for path in wanted if Path(path).exists()]
        for path in sorted(set(wanted) - set(there)):
            say(f"{path} is not there any more. Forget it with: longwatch quarantine drop {path}")
        if not there:
            say("There is nothing to read again.")
            return
        report = take_in(site, there, again=there)
    show_report(report, as_json=as_json)


@_GROUP.command(
    "drop", epilog=example("longwatch quarantine drop incoming/notes.fits", "longwatch quarantine drop --all")
)
def drop(
    paths: Annotated[list[str] | None, typer.Argument(metavar="FILES", help="Which.", show_default=False)] = None,
    archive: ArchiveOption = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Take files off the list; the files stay where they are, and are read again when they change."""
    from longwatch.ingest.quarantine import drop as drop_from
    from longwatch.ingest.quarantine import refused

    if bool(paths) == every:
        raise BadQuery("Name the files to drop, or say --all. `longwatch quarantine list` shows them.")
    with opened(archive) as site:
        number = drop_from(site.catalog, _named(refused(site.catalog), paths))
    say(f"Dropped {words.count(number, 'file')}. Next: longwatch status")


def _named(there: Sequence[Quarantined], paths: Sequence[str] | None) -> list[str]:
    """Give the paths in quarantine that people mean: by any spelling of them; None: all."""
    if not paths:
        return [one.path for one in there]
    known = {Path(one.path).resolve(): one.path for one in there}
    wanted = [Path(path).expanduser().resolve() for path in paths]
    return [known.get(path, str(path)) for path in wanted]
