"""The watch: `monitor list|run|backfill|values`, `report`.

Owns how monitors are run and shown. Must not know what they measure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli import words
from longwatch.cli.codes import FINDINGS, INTERRUPTED
from longwatch.cli.options import (
    WATCH,
    ArchiveOption,
    AsOfOption,
    CsvOption,
    EcsvOption,
    JsonOption,
    StartOption,
    StopOption,
    WhereOption,
    conditions,
    example,
)
from longwatch.cli.output import Shown, form_of, say, write, write_grid, write_json, write_table
from longwatch.cli.progress import Meter
from longwatch.cli.site import opened, say_broken

if TYPE_CHECKING:
    from longwatch.monitors.run import MonitorReport, Progress

APP = typer.Typer()
_GROUP = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, epilog=example("longwatch monitor run", "longwatch monitor list")
)
APP.add_typer(_GROUP, name="monitor", rich_help_panel=WATCH, help="What is watched: list, run, backfill, values.")

SHOWN = ("name", "severity", "value", "unit", "metric", "subject", "freshness", "newest_data", "waiting")

OPTIONS = {"metric", "start", "stop", "as_of"}
"""Names that `values` itself takes, so that no word of a subject can have them."""

NAME = typer.Argument(metavar="MONITOR", help="Which.", show_default=False)


@_GROUP.command("list", epilog=example("longwatch monitor list"))
def show(
    archive: ArchiveOption = None, as_csv: CsvOption = False, as_ecsv: EcsvOption = False, as_json: JsonOption = False
) -> None:
    """Say where each monitor stands: its number, what the limits say of it, how fresh it is."""
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    with opened(archive) as site:
        found = site.monitors.list()
    write_table(found, form, Shown(columns=SHOWN, nothing="No plug-in brings a monitor. See: longwatch plugins"))
    if len(found) and any(found["waiting"] > 0):
        say("Next: longwatch monitor run")


@_GROUP.command("run", epilog=example("longwatch monitor run", "longwatch monitor run cos.osm_shift --rerun"))
def run(
    name: Annotated[str | None, typer.Argument(metavar="[MONITOR]", help="Which; without: all.")] = None,
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Measure again what was measured.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure what is due. A second run finds nothing to do."""
    with opened(archive) as site:
        say_broken(site)
        runs = site.monitors
        _run(lambda told: runs.run(name, start=start, stop=stop, rerun=rerun, progress=told), as_json=as_json)


@_GROUP.command("backfill", epilog=example("longwatch monitor backfill cos.osm_shift --start 2015:001 --stop 2016:001"))
def backfill(
    name: Annotated[str, NAME],
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure all windows of a monitor between two times, due or not."""
    with opened(archive) as site:
        say_broken(site)
        runs = site.monitors
        _run(lambda told: runs.backfill(name, start, stop, progress=told), as_json=as_json)


@_GROUP.command(
    "values", epilog=example("longwatch monitor values cos.osm_shift.slope --where detector=FUV --start 2015:001")
)
def values(
    metric: Annotated[str, typer.Argument(help="Name of the metric; `longwatch monitor list` shows some.")],
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give what was measured of a metric, one row a measurement."""
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    subject = {name: str(value) for name, value in conditions(where, taken=OPTIONS).items()}
    with opened(archive) as site:
        found = site.measurements(metric, start=start, stop=stop, as_of=as_of, **subject)
    write_table(found, form, Shown(nothing="Nothing was measured there. Next: longwatch monitor run"))


@APP.command("report", rich_help_panel=WATCH, epilog=example("longwatch report", "longwatch report -o watch.html"))
def report(
    archive: ArchiveOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where; else report.html in the archive.")
    ] = None,
) -> None:
    """Write one HTML page: every monitor and its trend.

    Also what came in, and the quarantine.
    It needs no other file and no network. An older page of that name is replaced.
    """
    with opened(archive) as site:
        broken = [str(error) for error in site.plugins.broken]
        page = site.monitors.report(title=f"Longwatch: {site.site.name}", broken=broken)
        path = output or site.site / "report.html"
    path.write_text(page, encoding="utf-8")
    write(str(path))
    say("Open it in a browser.")


def _run(start: Callable[[Progress], MonitorReport], *, as_json: bool) -> None:
    with Meter("windows") as meter:
        try:
            done = start(lambda _name, settled, due: meter.show(settled, due))
        except KeyboardInterrupt as error:
            meter.close()
            say("Stopped. What was measured is safe: run again to go on.")
            raise typer.Exit(INTERRUPTED) from error
    if as_json:
        write_json([asdict(outcome) for outcome in done.outcomes])
    else:
        _write(done)
    if done.failed:
        raise typer.Exit(FINDINGS)


def _write(done: MonitorReport) -> None:
    rows = [
        (o.name, o.counts.windows, o.counts.added, o.counts.retired, o.counts.kept, o.figures) for o in done.outcomes
    ]
    write_grid(("monitor", "windows", "new", "retired", "as before", "figures"), rows)
    for outcome in done.failed:
        say(f"Failed: {outcome.failure}")
    if done.failed:
        failed = words.count(len(done.failed), "monitor")
        say(f"{failed} failed and will be asked again by the next `longwatch monitor run`.")
    else:
        say("Next: longwatch report")
