"""Channels at any zoom: `plot`, and `summarise`, which makes the first question as fast as the second.

Owns what is asked of the statistics of series. Must not know how they are made or kept.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from longwatch.cli import words
from longwatch.cli.files import put
from longwatch.cli.options import (
    ASK,
    KEEP,
    ArchiveOption,
    AsOfOption,
    JsonOption,
    StartOption,
    StopOption,
    WhereOption,
    conditions,
    example,
)
from longwatch.cli.output import say, write, write_json
from longwatch.cli.progress import Meter
from longwatch.cli.site import opened

APP = typer.Typer()


@APP.command(
    "plot",
    rich_help_panel=ASK,
    epilog=example(
        "longwatch plot aca.l0 tempccd -o mission.png",
        "longwatch plot aca.l0 tempccd temphous --start 2023:097 --stop 2023:098 --where slot=3 -o day.png",
    ),
)
def plot(
    series: Annotated[str, typer.Argument(help="Name of the series; `longwatch status` lists them.")],
    channels: Annotated[list[str], typer.Argument(help="Numbers, words or flags; a panel each.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.png", help="Where to write the picture.")],
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    where: WhereOption = None,
    points: Annotated[int, typer.Option("--points", min=1, help="Most points of a panel.")] = 2000,
    as_of: AsOfOption = None,
) -> None:
    """Draw channels of a series over any span, a day or the whole mission.

    Where there are more values than points, the mean and the range from the smallest to the largest are drawn.
    """
    from longwatch.plots.render import render_png

    with opened(archive) as site:
        figure = site.series[series].plot(channels, start, stop, points=points, where=conditions(where), as_of=as_of)
    put(output, render_png(figure))


@APP.command("summarise", rich_help_panel=KEEP, epilog=example("longwatch summarise", "longwatch summarise aca.hdr3"))
def summarise(
    series: Annotated[
        str | None, typer.Argument(help="Name of the series; without one: all.", show_default=False)
    ] = None,
    channels: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANNELS]", help="Which; without any: all.", show_default=False)
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep statistics of every month and year, so that no question has to wait for them.

    A question for whole months keeps theirs too. Run it again after an ingest: only what changed is made.
    """
    from longwatch.series.ledger import OWNER

    with opened(archive) as site:
        done = {}
        everything = [name for name, one in site.series.items() if one.spec.instrument != OWNER]
        for name in [series] if series else everything:
            with Meter("months") as meter:
                done[name] = site.series[name].summarise(channels or None, progress=meter.show)
    if as_json:
        write_json({name: asdict(one) for name, one in done.items()})
        return
    for name, one in done.items():
        write(
            f"{name}: {words.count(one.made, 'summary', 'summaries')} made ({words.size(one.bytes)}) of "
            f"{words.count(one.channels, 'channel')} in {words.count(one.months, 'month')}."
        )
        if one.dropped:
            say(f"{words.count(one.dropped, 'summary', 'summaries')} that no longer held are forgotten.")
