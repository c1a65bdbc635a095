"""Derived channels: formulas over the channels of a series.

Owns `derived`. Must not know how formulas are kept or evaluated.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from longwatch.cli.options import KEEP, ArchiveOption, AsOfOption, CsvOption, EcsvOption, JsonOption, example
from longwatch.cli.output import Shown, form_of, say, write_table
from longwatch.cli.site import opened

APP = typer.Typer()
_GROUP = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=example("longwatch derived add aca.hdr3 saturated 'abs(dac - 511) < 1'", "longwatch derived list"),
)
APP.add_typer(_GROUP, name="derived", rich_help_panel=KEEP, help="Channels that a formula gives: list, add, remove.")

SeriesArgument: TypeAlias = Annotated[str, typer.Argument(help="Name of the series.")]
NameArgument: TypeAlias = Annotated[str, typer.Argument(help="Name of the derived channel.")]


@_GROUP.command("list", epilog=example("longwatch derived list"))
def show(
    archive: ArchiveOption = None,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """List derived channels and their formulas."""
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    with opened(archive) as site:
        found = site.series.derived(as_of=as_of)
    write_table(found, form, Shown(nothing="No channels are derived."))


@_GROUP.command("add", epilog=example("longwatch derived add aca.hdr3 saturated 'abs(dac - 511) < 1'"))
def add(
    series: SeriesArgument,
    name: NameArgument,
    formula: Annotated[str, typer.Argument(help="Over channels of the series.")],
    archive: ArchiveOption = None,
    unit: Annotated[str, typer.Option("--unit", help="Unit of what it gives, as astropy writes it.")] = "",
    description: Annotated[str, typer.Option("--description", help="What it means, in one sentence.")] = "",
) -> None:
    """Declare a channel that a formula gives, or declare it anew; `fetch` and `intervals` know it from then on."""
    with opened(archive) as site:
        site.series.derive(name, series, formula=formula, unit=unit, description=description)
    say(f"Declared {name}. Next: longwatch fetch {series} {name}")


@_GROUP.command("remove", epilog=example("longwatch derived remove aca.hdr3 saturated"))
def remove(series: SeriesArgument, name: NameArgument, archive: ArchiveOption = None) -> None:
    """Take a derived channel back; `--as-of` still finds it."""
    with opened(archive) as site:
        site.series.withdraw(name, series)
    say(f"Withdrew {name}. Next: longwatch derived list")
