"""Asking for files: `find`, `get`, `header`, `index-keyword`.

Owns how products are asked for and shown. Must not know how they are stored.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from longwatch.cli import words
from longwatch.cli.options import (
    ASK,
    KEEP,
    ArchiveOption,
    AsOfOption,
    CsvOption,
    EcsvOption,
    JsonOption,
    LimitOption,
    ProductArgument,
    StartOption,
    StopOption,
    VersionOption,
    WhereOption,
    example,
    product_of,
    ranged_conditions,
)
from longwatch.cli.output import Shown, form_of, say, write, write_json, write_table
from longwatch.cli.site import opened
from longwatch.errors import BadQuery

APP = typer.Typer()

SHOWN = ("kind", "key", "t_min", "t_max", "size")

OPTIONS = {"kind", "instrument", "key", "start", "stop", "versions", "newest_first", "limit", "as_of"}
"""Names that `find` itself takes, so that no keyword can have them."""


@APP.command(
    "find",
    rich_help_panel=ASK,
    epilog=example(
        "longwatch find cos.lampflash --start 2015:001 --stop 2016:001",
        "longwatch find --kind cos.lampflash --where DETECTOR=FUV --where CENWAVE=1200..1400 --newest",
        "longwatch find --instrument aca --json",
    ),
)
def find(
    what: Annotated[
        str | None, typer.Argument(metavar="KIND[/KEY]", help="What to find; in KEY, * stands for anything.")
    ] = None,
    archive: ArchiveOption = None,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="Of this kind.")] = "",
    instrument: Annotated[str, typer.Option("--instrument", metavar="NAME", help="Of this instrument.")] = "",
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="With this key; * stands for anything.")] = "",
    start: StartOption = None,
    stop: StopOption = None,
    where: WhereOption = None,
    versions: Annotated[bool, typer.Option("--versions", help="Every version, not only the one that answers.")] = False,
    newest: Annotated[bool, typer.Option("--newest", help="Newest data first.")] = False,
    limit: LimitOption = None,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find products by kind, time and header keyword.

    --where takes any FITS keyword: NAME=VALUE, or a range NAME=1..5.
    JSON, CSV and ECSV have every column, SHA-256 and path among them.
    """
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    in_kind, _, in_key = (what or "").partition("/")
    wanted = ranged_conditions(where, taken=OPTIONS)
    with opened(archive) as site:
        table = site.products.find(
            kind=in_kind or kind,
            instrument=instrument,
            key=in_key or key,
            start=start,
            stop=stop,
            versions=versions,
            newest_first=newest,
            limit=limit,
            as_of=as_of,
            **{name.lower(): value for name, value in wanted.items()},
        )
    columns = (*SHOWN, *(("version", "sha256") if versions else ()), *(name.lower() for name in wanted))
    write_table(table, form, Shown(columns=columns, nothing="No such product. What there is: longwatch status"))
    if table.meta["scanned"]:
        names = ", ".join(table.meta["scanned"])
        say(f"{names} read from the whole headers. Faster next time: longwatch index-keyword KIND {names}")


@APP.command(
    "get",
    rich_help_panel=ASK,
    epilog=example("longwatch get cos.lampflash/LBGU17QNQ", "longwatch get cos.spt/LBGU17QNQ --version 3fa0 -o old/"),
)
def get(
    product: ProductArgument,
    archive: ArchiveOption = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="PATH", help="A file, a folder, or - for standard output."),
    ] = None,
) -> None:
    """Give a file back, byte for byte as it came.

    On a terminal it is written under its own name into the folder you stand in; into a pipe it is written as it is.
    A file that is there is never overwritten.
    """
    kind, key = product_of(product)
    with opened(archive, as_of=as_of) as site:
        info = site.products.version(kind=kind, key=key, version=version)
        data = site.products.data(kind=kind, key=key, version=version)
    if output == "-" or (output is None and not sys.stdout.isatty()):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    target = Path(output or ".")
    path = target / info.name if target.is_dir() else target
    put(path, data)


def put(path: Path, data: bytes) -> None:
    """Write a new file and say where; raises `BadQuery` rather than overwrite one."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise BadQuery(f"{path} exists already and is not overwritten. Name another with -o.") from error
    except FileNotFoundError as error:
        raise BadQuery(f"There is no folder {path.parent}. Make it, or name another with -o.") from error
    write(str(path))


@APP.command(
    "header",
    rich_help_panel=ASK,
    epilog=example("longwatch header cos.lampflash/LBGU17QNQ --hdu 1", "longwatch header stis.x/KEY --diff 2"),
)
def header(
    product: ProductArgument,
    archive: ArchiveOption = None,
    hdu: Annotated[int, typer.Option("--hdu", min=0, help="Which HDU; 0 is the primary one.")] = 0,
    diff: Annotated[
        str | None, typer.Option("--diff", metavar="VERSION", help="Show what differs from this version.")
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a header, or what differs between two versions."""
    from longwatch.cli.cells import sayable
    from longwatch.products.keywords import scalar

    kind, key = product_of(product)
    with opened(archive, as_of=as_of) as site:
        if diff is not None:
            found = site.products.differences(kind=kind, key=key, old=diff)
        else:
            cards = site.products.header(kind=kind, key=key, hdu=hdu)
    if diff is not None:
        form = form_of(as_json=as_json)
        write_table(found, form, Shown(nothing="The headers are equal."))
    elif as_json:
        write_json({name: sayable(scalar(value)) for name, value in cards.items()})
    else:
        for start in range(0, len(cards.raw), 80):
            write(cards.raw[start : start + 80].decode("ascii", "replace").rstrip())


@APP.command("index-keyword", rich_help_panel=KEEP, epilog=example("longwatch index-keyword cos.spt LQTEMP"))
def index(
    kind: Annotated[str, typer.Argument(help="The kind of file.")],
    keyword: Annotated[str, typer.Argument(help="FITS keyword.")],
    archive: ArchiveOption = None,
) -> None:
    """Make a header keyword quick to search.

    Files that are here already are indexed now, others when they come.
    """
    from longwatch.products.keywords import index_keyword

    with opened(archive) as site:
        name = keyword.upper()
        with (
            site.catalog.run("index-keyword", {"kind": kind, "keyword": name}) as run,
            site.catalog.change(run) as change,
        ):
            number = index_keyword(change, kind, name)
    say(f"{words.count(number, 'version')} of {kind} have {name}. Next: longwatch find {kind} --where {name}=VALUE")
