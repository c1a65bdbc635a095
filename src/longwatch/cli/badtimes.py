"""Bad times: spans in which a channel is known to be wrong.

Owns `badtimes`. Must not know how they are kept, or what is left out because of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from longwatch.cli import words
from longwatch.cli.options import (
    KEEP,
    ArchiveOption,
    AsOfOption,
    CsvOption,
    EcsvOption,
    JsonOption,
    StartOption,
    StopOption,
    example,
)
from longwatch.cli.output import Shown, form_of, say, write_table
from longwatch.cli.site import opened

APP = typer.Typer()
_GROUP = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=example(
        "longwatch badtimes add aca.hdr3 ccd_temp --start 2023:297 --stop 2023:298 --reason 'heater test'",
        "longwatch badtimes list",
    ),
)
APP.add_typer(
    _GROUP,
    name="badtimes",
    rich_help_panel=KEEP,
    help="Times in which a channel is known to be wrong: list, add, remove, import, export.",
)

_NEXT = "Next: longwatch monitor run (windows it touches are measured anew), or longwatch badtimes list"

SeriesArgument: TypeAlias = Annotated[str, typer.Argument(help="Name of the series.")]
ChannelArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="[CHANNEL]", help="Which channel; without one: the whole row.", show_default=False)
]
FileArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE.csv", help="With the columns series, channel, start, stop and reason.")
]


@_GROUP.command(
    "list", epilog=example("longwatch badtimes list", "longwatch badtimes list aca.hdr3 --as-of 2026-01-01")
)
def show(
    series: Annotated[str, typer.Argument(metavar="[SERIES]", help="Without one: all.", show_default=False)] = "",
    archive: ArchiveOption = None,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """List what is registered, why, and who said so when."""
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    with opened(archive) as site:
        found = site.series.bad_times.list(series, as_of=as_of)
    write_table(found, form, Shown(nothing="No bad times are registered."))


@_GROUP.command(
    "add", epilog=example("longwatch badtimes add aca.hdr3 dac --start 2023:297 --stop 2023:298 --reason 'heater test'")
)
def add(
    series: SeriesArgument,
    channel: ChannelArgument = "",
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    reason: Annotated[str, typer.Option("--reason", help="What is wrong.")] = "",
) -> None:
    """Register a bad time; without --stop from then on. `fetch --good` leaves out what lies in it."""
    with opened(archive) as site:
        number = site.series.bad_times.add(series, [(start, stop)], channel=channel, reason=reason)
    say(f"Registered {words.count(number, 'bad time')}. {_NEXT}")


@_GROUP.command("remove", epilog=example("longwatch badtimes remove aca.hdr3 dac --start 2023:297 --stop 2023:298"))
def remove(
    series: SeriesArgument,
    channel: ChannelArgument = "",
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
) -> None:
    """Withdraw the bad times that overlap a span; `list --as-of` still shows them."""
    with opened(archive) as site:
        number = site.series.bad_times.remove(series, [(start, stop)], channel=channel)
    say(f"Withdrew {words.count(number, 'bad time')}. {_NEXT}")


@_GROUP.command("import", epilog=example("longwatch badtimes import bad_times.csv"))
def read(path: FileArgument, archive: ArchiveOption = None) -> None:
    """Register what a CSV file lists; what is registered already is passed over."""
    with opened(archive) as site:
        number = site.series.bad_times.read_csv(path)
    say(f"Registered {words.count(number, 'bad time')} from {path}. {_NEXT}")


@_GROUP.command("export", epilog=example("longwatch badtimes export bad_times.csv"))
def export(path: FileArgument, archive: ArchiveOption = None, as_of: AsOfOption = None) -> None:
    """Write what is registered as CSV, as `import` takes it."""
    with opened(archive) as site:
        number = site.series.bad_times.write_csv(path, as_of=as_of)
    say(f"Wrote {words.count(number, 'bad time')} to {path}.")
