"""Taking files in, and taking back what came in by mistake.

Owns `ingest` and `retract`: what is said before, during and after. Must not know how files are read or stored.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli import words
from longwatch.cli.codes import INTERRUPTED
from longwatch.cli.options import (
    TAKE_IN,
    ArchiveOption,
    JsonOption,
    StartOption,
    StopOption,
    VersionOption,
    example,
    product_of,
)
from longwatch.cli.output import say, write, write_grid, write_json
from longwatch.cli.progress import Meter
from longwatch.cli.site import folder_of, opened, opened_or_made, say_broken
from longwatch.errors import BadQuery

if TYPE_CHECKING:
    from longwatch.archive import Archive
    from longwatch.ingest.preview import Preview
    from longwatch.ingest.report import IngestReport

APP = typer.Typer()

NAMED = 5
"""So many refused files are named one by one; the others are counted."""


@APP.command(
    "ingest",
    rich_help_panel=TAKE_IN,
    epilog=example("longwatch ingest incoming/", "longwatch ingest '/data/2026/*.fits.gz' --link"),
)
def ingest(
    places: Annotated[list[str], typer.Argument(metavar="PLACES", help="Folders, files, glob patterns.")],
    archive: ArchiveOption = None,
    link: Annotated[
        bool | None,
        typer.Option("--link/--copy", help="Leave files where they lie, or copy them in.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which kind claims each file; store nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take files in.

    Files that are here already are passed over, so the same command goes on after a stop.
    A file that cannot be stored goes to quarantine and does not stop the others.
    The archive is made if there is none.
    """
    if dry_run:
        _preview(places, archive, as_json=as_json)
        return
    _check_places(places, archive)
    with opened_or_made(archive) as (site, made):
        if made:
            say(f"Made an archive in {site.site}.")
        say_broken(site)
        _say_how(site, places, link)
        report = take_in(site, places, link=link)
    show_report(report, as_json=as_json)


def take_in(
    site: Archive, places: Sequence[str], *, link: bool | None = None, again: Sequence[str] = ()
) -> IngestReport:
    """Run an ingest with a meter; Ctrl-C ends it with what is committed, and says how to go on."""
    with Meter("files") as meter:
        try:
            return site.ingest(*places, link=link, progress=meter.show, again=again)
        except KeyboardInterrupt as error:
            meter.close()
            far = f" after {meter.done:,} of {words.count(meter.total, 'file')}" if meter.done else ""
            say(f"Stopped{far}. What was committed is safe: run again to go on.")
            raise typer.Exit(INTERRUPTED) from error


def show_report(report: IngestReport, *, as_json: bool) -> None:
    """Write what an ingest did."""
    if as_json:
        write_json(asdict(report) | {"rate": report.rate})
        return
    rate = f" ({report.rate:,.0f} files/s)" if report.run else ""
    write(f"{words.count(report.seen, 'file')} seen in {words.duration(report.seconds)}{rate}")
    brought = [words.size(report.bytes)] if report.stored else []
    brought += [words.count(report.rows, "row")] if report.rows else []
    brought += [words.count(report.planes, "image plane")] if report.planes else []
    lines = [
        ("stored", report.stored, ", ".join(brought)),
        ("unchanged", report.unchanged, "here already"),
        ("unknown", report.unknown, "claimed by no kind"),
        ("quarantined", report.quarantined, "could not be stored"),
    ]
    for name, number, meaning in lines:
        write(f"{number:10,}  {name:<11}  {meaning if number else ''}".rstrip())
    for kind, number in report.kinds.items():
        write(f"{number:12,}    {kind}")
    for refusal in report.refusals[:NAMED]:
        say(f"Quarantined {refusal.path}: {refusal.reason}")
    if len(report.refusals) > NAMED:
        say(f"... and {words.count(len(report.refusals) - NAMED, 'file')} more.")
    say(f"Next: {_next(report)}")


@APP.command(
    "retract",
    rich_help_panel=TAKE_IN,
    epilog=example(
        "longwatch retract cos.lampflash/LBGU17QNQ --dry-run",
        "longwatch retract --run 12",
        "longwatch retract --kind aca.l0 --start 2023:297 --stop 2023:298 --yes",
    ),
)
def retract(
    product: Annotated[str | None, typer.Argument(metavar="KIND/KEY", help="A product.", show_default=False)] = None,
    archive: ArchiveOption = None,
    run: Annotated[int, typer.Option("--run", help="Everything a run brought.", show_default=False)] = 0,
    kind: Annotated[str, typer.Option("--kind", help="With --start or --stop: products that begin there.")] = "",
    start: StartOption = None,
    stop: StopOption = None,
    version: VersionOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be retracted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take back what came in by mistake.

    Name a product, a run, or a kind with a window of time.
    It no longer answers, and the version before it does again. Nothing is lost: `--as-of` still shows it.
    """
    in_product, key = product_of(product) if product else ("", "")
    with opened(archive) as site:

        def names(*, rehearsal: bool) -> list[str]:
            return site.retract(
                run=run,
                kind=in_product or kind,
                key=key,
                version=version or "",
                start=start,
                stop=stop,
                dry_run=rehearsal,
            )

        there = names(rehearsal=True)
        done = not dry_run and (yes or _agreed(there))
        gone = names(rehearsal=False) if done else there
    if as_json:
        write_json({"retracted": done, "versions": gone})
        return
    for name in gone:
        write(name)
    many = words.count(len(gone), "version")
    say(f"Retracted {many}. Next: longwatch monitor run" if done else f"{many} named; nothing was changed.")


def _agreed(there: Sequence[str]) -> bool:
    if not sys.stdin.isatty():
        raise BadQuery(f"{words.count(len(there), 'version')} would be retracted, and nobody can be asked. Add --yes.")
    for name in there[:NAMED]:
        say(name)
    return typer.confirm(f"Retract {words.count(len(there), 'version')}?", err=True)


def _check_places(places: Sequence[str], archive: str | None) -> None:
    """Refuse to let an archive take itself in."""
    home = folder_of(archive)
    if any(Path(place).expanduser().resolve() == home for place in places):
        raise BadQuery(
            f"{home} would be the archive and the files to take in at once. Name the archive a folder of its own: "
            f"longwatch ingest {' '.join(places)} --archive {home.parent / (home.name + '-archive')}"
        )


def _say_how(site: Archive, places: Sequence[str], link: bool | None) -> None:
    """Say once, before the first files come, whether they are copied or linked, and how big they are."""
    from longwatch.ingest.walk import walk

    if site.catalog.head():
        return
    sizes = [state[0] for folder in walk(places, avoid=site.site) for state in folder.files.values()]
    what = f"{words.count(len(sizes), 'file')}, {words.size(sum(sizes))}"
    if link or (link is None and site.config.store == "link"):
        say(f"Files stay where they lie ({what}); the archive links to them. --copy copies them.")
    else:
        say(f"Files are copied into the archive ({what}). --link leaves them where they lie.")


def _next(report: IngestReport) -> str:
    if report.quarantined:
        return "longwatch quarantine list"
    return "longwatch monitor run" if report.stored else "longwatch status"


def _preview(places: Sequence[str], archive: str | None, *, as_json: bool) -> None:
    from longwatch import plugins
    from longwatch.config import Config
    from longwatch.ingest.preview import preview

    home = folder_of(archive)
    config = Config.load(home)
    kinds = [kind for one in plugins.load(disabled=config.disabled_plugins).instruments for kind in one.kinds]
    found = list(preview(kinds, places, limit=config.inflate_limit, avoid=home))
    if as_json:
        write_json([asdict(one) for one in found])
        return
    write_grid(("kind", "sure", "file", "note"), [_row(one) for one in found])
    say(f"{words.count(len(found), 'file')}; nothing was stored. Next: the same without --dry-run.")


def _row(one: Preview) -> tuple[str, float, str, str]:
    also = f"also claimed by {', '.join(one.others)}" if one.others else ""
    return one.kind or ("unreadable" if one.reason else "unknown"), one.confidence, one.path, one.reason or also
