"""What is here: `status`, and the next sensible step.

Owns the summary of an archive. Must not know how anything in it is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from longwatch.cli import words
from longwatch.cli.options import TAKE_IN, ArchiveOption, JsonOption, example
from longwatch.cli.output import say, write, write_grid, write_json
from longwatch.cli.site import folder_of, opened
from longwatch.errors import NotFound

if TYPE_CHECKING:
    from longwatch.archive import Archive

APP = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Products of one kind: how many, how big [byte], and from when to when (UTC, or None)."""

    instrument: str
    kind: str
    products: int
    size: int
    start: str | None
    stop: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is in an archive.

    Parameters
    ----------
    archive
        Its folder.
    commit
        Its newest commit.
    kinds
        What it holds, kind by kind.
    series, cubes
        Names of those that hold something, with the span of times or epochs.
    monitors
        How many monitors have which verdict.
    due
        Windows that wait to be measured.
    quarantined
        Files in quarantine.
    last_run
        What was done last, how it ended and when (UTC); empty before the first.
    broken_plugins
        What is wrong with plug-ins that could not be loaded.
    next
        The next sensible step, as a command.
    """

    archive: str
    commit: int
    kinds: tuple[Held, ...]
    series: Mapping[str, str]
    cubes: Mapping[str, str]
    monitors: Mapping[str, int]
    due: int
    quarantined: int
    last_run: str
    broken_plugins: tuple[str, ...]
    next: str

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(held.size for held in self.kinds)

    @property
    def newest(self) -> str | None:
        """Time of the newest data (UTC)."""
        return max((held.stop for held in self.kinds if held.stop), default=None)


@APP.command("status", rich_help_panel=TAKE_IN, epilog=example("longwatch status", "longwatch"))
def status(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """Say what is here, and what to do next.

    Also how big it is, how the monitors stand, and what was refused. The same as `longwatch` without a command.
    """
    try:
        with opened(archive) as site:
            found = summary_of(site)
    except NotFound:
        _say_how_to_begin(folder_of(archive), as_json=as_json)
        return
    if as_json:
        write_json(asdict(found) | {"size": found.size, "newest": found.newest})
    else:
        _write(found)


def summary_of(site: Archive) -> Summary:
    """Gather what is in an archive."""
    from longwatch.catalog.find import kinds
    from longwatch.catalog.runs import find_runs
    from longwatch.catalog.sources import quarantined
    from longwatch.series.ledger import OWNER

    with site.catalog.read() as snapshot:
        held = tuple(
            Held(instrument=i, kind=k, products=n, size=size, start=_time(low), stop=_time(high))
            for i, k, n, size, low, high in kinds(snapshot)
            if i != OWNER
        )
        refused = len(quarantined(snapshot))
        runs = find_runs(snapshot, limit=1)
    monitors = site.monitors.statuses()
    due = sum(one.freshness.waiting for one in monitors)
    return Summary(
        archive=str(site.site),
        commit=site.catalog.head(),
        kinds=held,
        series=_series(site),
        cubes=_cubes(site),
        monitors=dict(Counter(one.verdict.severity.value for one in monitors)),
        due=due,
        quarantined=refused,
        last_run=f"{runs[0].action} {runs[0].state}, {_time(runs[0].started_us)} UTC" if runs else "",
        broken_plugins=tuple(str(error) for error in site.plugins.broken),
        next=_next(empty=not held, refused=refused, due=due),
    )


def _next(*, empty: bool, refused: int, due: int) -> str:
    if empty:
        return "longwatch ingest PLACE"
    if due:
        return "longwatch monitor run"
    return "longwatch quarantine list" if refused else "longwatch report"


def _time(us: int | None) -> str | None:
    from longwatch.domain.times import from_us

    return None if us is None else str(from_us(us).isot)[:19]


def _series(site: Archive) -> dict[str, str]:
    from longwatch.series.ledger import OWNER

    extents = {name: one.extent for name, one in site.series.items() if one.spec.instrument != OWNER}
    return {name: f"{e[0].isot[:19]} to {e[1].isot[:19]}" for name, e in extents.items() if e is not None}


def _cubes(site: Archive) -> dict[str, str]:
    tables = {name: cube.epochs() for name, cube in site.cubes.items()}
    return {
        name: f"{words.count(len(set(t['epoch'])), 'epoch')}, {min(t['epoch'])} to {max(t['epoch'])}"
        for name, t in tables.items()
        if len(t)
    }


def _write(found: Summary) -> None:
    products = sum(held.products for held in found.kinds)
    write(f"Archive {found.archive}")
    newest = f", newest data {found.newest} UTC" if found.newest else ""
    write(f"{words.count(products, 'product')}, {words.size(found.size)}{newest}")
    if found.kinds:
        write("")
        rows = [(h.kind, h.products, words.size(h.size), h.start, h.stop) for h in found.kinds]
        write_grid(("kind", "products", "size", "from (UTC)", "to"), rows)
    if found.series or found.cubes:
        write("")
        write_grid(("series or cube", "holds (UTC)"), list({**found.series, **found.cubes}.items()))
    write("")
    for name, text in _standing(found).items():
        write(f"{name:<11} {text}")
    for sentence in found.broken_plugins:
        say(sentence)
    say(f"Next: {found.next}")


def _standing(found: Summary) -> dict[str, str]:
    monitors = ", ".join(f"{number} {name}" for name, number in found.monitors.items()) or "none"
    due = f"; {words.count(found.due, 'window')} to be measured" if found.due else ""
    refused = words.count(found.quarantined, "file") if found.quarantined else "empty"
    return {"Monitors": monitors + due, "Quarantine": refused, "Last run": found.last_run or "none yet"}


def _say_how_to_begin(folder: Path, *, as_json: bool) -> None:
    if as_json:
        write_json({"archive": None, "looked_in": str(folder), "next": "longwatch ingest PLACE"})
        return
    write(f"There is no archive in {folder}.")
    say("Begin with your own files:      longwatch ingest PLACE       (makes the archive here)")
    say("or with simulated ones:         longwatch simulate cos incoming; longwatch ingest incoming")
    say("An archive elsewhere:           longwatch status --archive FOLDER, or set $LONGWATCH_ARCHIVE")
