"""`longwatch stis`: derive periods, and ask for pixels, regions, images, differences, hot pixels, masks and periods.

Owns words, options and how answers are written. Must not know how they are found.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
import typer
from astropy.io import fits
from astropy.table import Table

from longwatch.archive import Archive, open_archive
from longwatch.domain.times import us_from_time
from longwatch.errors import BadQuery, NotFound
from longwatch.fits.write import CardLike, NamedImage, image_file
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import history, pictures
from longwatch.instruments.stis.anneals import LEVELS
from longwatch.instruments.stis.derive import Derived, derive_period, frames_table, stale_periods
from longwatch.instruments.stis.lives import LEVEL, Threshold, hot_in, intermittent, persistent
from longwatch.instruments.stis.masks import HOT_BIT, PROPERTIES, Thresholds, compare, make_mask, mask_file
from longwatch.instruments.stis.pixeldb import PixelDB
from longwatch.instruments.stis.selection import Choice, Growth
from longwatch.instruments.stis.timeline import period_of_dark
from longwatch.plots.render import render_png

APP: Final = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="HST/STIS CCD: every pixel's life.",
)
"""The words after `longwatch stis`."""


def _example(*lines: str) -> str:
    return "\b\n" + "\n".join(["Examples:", *(f"  $ {line}" for line in lines)])


ArchiveOption: TypeAlias = Annotated[
    str | None, typer.Option("--archive", "-A", metavar="FOLDER", help="The archive; else $LONGWATCH_ARCHIVE.")
]
CsvOption: TypeAlias = Annotated[bool, typer.Option("--csv", help="Write CSV.")]
EpochOption: TypeAlias = Annotated[str, typer.Option("--epoch", help="A number, or a time that lies in the period.")]
OutOption: TypeAlias = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="A file that ends in .fits or .png.")
]
LevelOption: TypeAlias = Annotated[float, typer.Option("--level", help="Hot above this rate [electron / s].")]


@APP.command("derive", epilog=_example("longwatch stis derive", "longwatch stis derive 200 201 --growth pixel"))
def derive(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[PERIOD]...", help="Periods; without any, those with new darks.")
    ] = None,
    *,
    growth: Annotated[
        Growth,
        typer.Option("--growth", help="Growth with temperature: as measured at each rate, of each pixel, or 7 %."),
    ] = Growth.RATE,
    archive: ArchiveOption = None,
) -> None:
    """Derive the properties of every pixel from the stored darks of anneal periods."""
    choice = Choice(growth=growth)
    with open_archive(archive) as site:
        asked = numbers or stale_periods(site)
        for number in asked:
            _say_derived(derive_period(site, number, choice))
        if not asked:
            typer.echo("Every period with darks is derived from all of them; nothing to do.", err=True)


@APP.command(
    "periods",
    epilog=_example(
        "longwatch stis periods",
        "longwatch stis periods --at 2013-09-15",
        "longwatch stis periods --dark oc4w6xh3q",
        "longwatch stis periods --frames 200",
        "longwatch stis periods --missing",
    ),
)
def periods(
    *,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="Only the period that holds this time.")
    ] = None,
    dark: Annotated[
        str | None, typer.Option("--dark", metavar="ROOTNAME", help="Only the period this dark belongs to.")
    ] = None,
    frames: Annotated[
        int | None, typer.Option("--frames", metavar="PERIOD", help="Its darks: which were used, and why not others.")
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only those without pixel properties.")] = False,
    as_csv: CsvOption = False,
    archive: ArchiveOption = None,
) -> None:
    """List anneal periods: dates, darks, and whether they are derived."""
    with open_archive(archive) as site:
        if frames is not None:
            _write(frames_table(site, frames), as_csv=as_csv)
            return
        table = _periods(site, at, missing=missing)
        if dark is not None:
            table = table[table["period"] == period_of_dark(site, dark)]
        _write(table, as_csv=as_csv)


@APP.command("pixel", epilog=_example("longwatch stis pixel 412 733", "longwatch stis pixel 412 733 -o life.png"))
def pixel(
    row: Annotated[int, typer.Argument(help="Row (y), from 0.")],
    col: Annotated[int, typer.Argument(help="Column (x), from 0.")],
    *,
    level: LevelOption = LEVEL,
    as_csv: CsvOption = False,
    output: OutOption = None,
    archive: ArchiveOption = None,
) -> None:
    """Give a pixel's life: rate, error and state in every period; with -o, its picture."""
    with open_archive(archive) as site:
        table = history.life(site, row, col, threshold=Threshold(level=level))
        if output is None:
            _write(table, as_csv=as_csv)
            return
        _save(output, png=render_png(pictures.pixel_life(_shown_life(site, table, row, col), level=level)))


@APP.command(
    "region", epilog=_example("longwatch stis region 1:5 2:7 --epoch 200", "longwatch stis region 0:9 5 --epoch 200")
)
def region(
    rows: Annotated[str, typer.Argument(metavar="FIRST:LAST", help="Rows, both ends inside.")],
    cols: Annotated[str, typer.Argument(metavar="FIRST:LAST", help="Columns, both ends inside.")],
    epoch: EpochOption,
    *,
    as_csv: CsvOption = False,
    archive: ArchiveOption = None,
) -> None:
    """Give the pixels of a rectangle in one period, as the old pixel database did."""
    with open_archive(archive) as site:
        number, date = (int(epoch), None) if epoch.isdigit() else (None, epoch)
        found = PixelDB(site).query_pixel_region(_ends(rows), _ends(cols), date=date, anneal_num=number)
        _write(found, as_csv=as_csv)


@APP.command("image", epilog=_example("longwatch stis image dark_rate --epoch 200 -o rate.png"))
def image(
    name: Annotated[str, typer.Argument(metavar="PROPERTY", help="A property of stis.life or stis.ccd.")],
    epoch: EpochOption,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Ends in .fits or .png.")],
    *,
    archive: ArchiveOption = None,
) -> None:
    """Write one property of the whole detector as FITS or PNG."""
    with open_archive(archive) as site:
        found = site.cubes[history.cube_of(name)].image(name, _epoch(epoch))
    _save_image(output, found, name=name, title=f"STIS CCD {name}, period {epoch}")


@APP.command(
    "diff",
    epilog=_example(
        "longwatch stis diff dark_rate 201 200 -o change.png",
        "longwatch stis diff sci_mean 201 200 --ratio -o ratio.fits",
        "longwatch stis diff dark_rate 201 200",
    ),
)
def diff(
    name: Annotated[str, typer.Argument(metavar="PROPERTY", help="A property of stis.life or stis.ccd.")],
    epoch: Annotated[str, typer.Argument(help="A period.")],
    other: Annotated[str, typer.Argument(help="The period it is compared with.")],
    *,
    ratio: Annotated[bool, typer.Option("--ratio", help="Divide instead of subtracting.")] = False,
    output: OutOption = None,
    archive: ArchiveOption = None,
) -> None:
    """Compare two periods; without -o, say how the values are spread."""
    with open_archive(archive) as site:
        found = history.difference(site, name, _epoch(epoch), _epoch(other), ratio=ratio)
    between = "over" if ratio else "less"
    if output is not None:
        title = f"STIS CCD {name}: period {epoch} {between} {other}"
        _save_image(output, found, name=name, title=title, change="ratio" if ratio else "difference")
        return
    known = np.ma.masked_invalid(found).compressed()
    if not known.size:
        raise NotFound(
            f"Periods {epoch} and {other} have no pixel in common with a {name}. See `longwatch stis periods`."
        )
    percents = (0, 1, 50, 99, 100)
    _write(Table({"percent": percents, name: np.percentile(known, percents)}), as_csv=False)


@APP.command(
    "hot",
    epilog=_example(
        "longwatch stis hot                               hot in the newest period",
        "longwatch stis hot --in 3/6 --intermittent       hot in 3 of the last 6, and more than once",
        "longwatch stis hot --persistent 12 --csv",
    ),
)
def hot(
    *,
    often: Annotated[str, typer.Option("--in", metavar="K/N", help="Hot in at least K of the last N periods.")] = "1/1",
    again: Annotated[bool, typer.Option("--intermittent", help="Only pixels that were hot at several times.")] = False,
    lasting: Annotated[int, typer.Option("--persistent", help="Only pixels hot in so many periods in a row.")] = 0,
    level: LevelOption = LEVEL,
    as_csv: CsvOption = False,
    archive: ArchiveOption = None,
) -> None:
    """List pixels by how often they were hot over all periods."""
    at_least, last = _share(often)
    with open_archive(archive) as site:
        watched = history.watch(site, threshold=Threshold(level=level))
    book = watched.book
    chosen = hot_in(book, at_least=at_least, last=last)
    chosen &= intermittent(book) if again else True
    chosen &= persistent(book, periods=lasting) if lasting else True
    row, col = np.nonzero(chosen)
    table = Table({"row": row, "col": col})
    counts = {"hot_in": book.hot_in, "births": book.births, "deaths": book.deaths, "longest": book.longest}
    for name, count in counts.items():
        table[name] = count[row, col]
    typer.echo(f"{len(table)} pixels, of periods {watched.epochs[0]} to {watched.epochs[-1]}.", err=True)
    _write(table, as_csv=as_csv)


@APP.command(
    "events",
    epilog=_example("longwatch stis events", "longwatch stis events --first 230 --level 1 --csv"),
)
def events(
    *,
    first: Annotated[int | None, typer.Option("--first", help="First period.")] = None,
    last: Annotated[int | None, typer.Option("--last", help="Last period, inside.")] = None,
    level: LevelOption = LEVEL,
    as_csv: CsvOption = False,
    archive: ArchiveOption = None,
) -> None:
    """List births, re-births and deaths of hot pixels, and for how many periods those that died had been hot."""
    with open_archive(archive) as site:
        table = history.events(site, threshold=Threshold(level=level), first=first, last=last)
    _write(table, as_csv=as_csv)


@APP.command(
    "survival",
    epilog=_example("longwatch stis survival", "longwatch stis survival --level 0.1 --level 1 -o survival.png"),
)
def survival(
    *,
    levels: Annotated[
        list[float] | None, typer.Option("--level", help="Hot above this rate [electron / s]; several make curves.")
    ] = None,
    as_csv: CsvOption = False,
    output: OutOption = None,
    archive: ArchiveOption = None,
) -> None:
    """Give the share of hot pixels still hot so many periods after their birth; with -o, its picture."""
    with open_archive(archive) as site:
        books = {level: history.watch(site, threshold=Threshold(level=level)).book for level in levels or LEVELS}
    curves = [(f"above {level:g} electron / s", b.survival(), b.survival_error()) for level, b in books.items()]
    if output is not None:
        _save(output, png=render_png(pictures.survival(curves)))
        return
    table = Table({"periods": np.arange(len(curves[0][1]))})
    for level, book in books.items():
        table[f"survival_{level:g}"], table[f"error_{level:g}"] = book.survival(), book.survival_error()
        table[f"n_{level:g}"] = [*book.at_risk.tolist(), 0][: len(table)]
    _write(table, as_csv=as_csv)


@APP.command(
    "mask",
    epilog=_example(
        "longwatch stis mask --epoch 200 -o mask200.fits",
        "longwatch stis mask --epoch 200 --hot 0.05 -o mask200.fits --compare delivered.fits",
    ),
)
def mask(
    epoch: EpochOption,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the mask (.fits).")],
    *,
    above: Annotated[float, typer.Option("--hot", help="Hot above the median plus this rate [electron / s].")] = 0.1,
    other: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="Compare with the DQ image of this file.")
    ] = None,
    archive: ArchiveOption = None,
) -> None:
    """Write the data-quality mask of a derived period: hot 16, unstable 32, dead 4, unknown 2."""
    thresholds = Thresholds(hot=above)
    with open_archive(archive) as site:
        number = _number(site, epoch)
        images = {p.name: site.cubes[c.LIFE].image(p.name, number) for p in PROPERTIES}
        frames = frames_table(site, number)
        commit = site.catalog.head()
    found = make_mask(images, thresholds)
    used = frames[np.asarray(frames["used"], dtype=bool)]
    inputs = list(zip(used["rootname"].tolist(), used["sha256"].tolist(), strict=True))
    cards: dict[str, CardLike] = {"ANNEAL": (number, "anneal period"), "LWCOMMIT": (commit, "commit of the archive")}
    _save(output, fits_bytes=mask_file(found, thresholds=thresholds, cards=cards, inputs=inputs))
    if other is not None:
        _say_compared(found, other)


def _say_derived(done: Derived) -> None:
    left_out = "; ".join(f"{count} x {why}" for why, count in sorted(done.excluded.items()))
    known = "" if done.stored else "; the same as before"
    typer.echo(f"Period {done.number}: {done.n_used} darks{known}" + (f"; not used: {left_out}" if left_out else ""))


def _periods(site: Archive, at: str | None, *, missing: bool) -> Table:
    timeline = site.timelines[c.TIMELINE]
    table = timeline.epochs()
    if at is not None:
        table = table[table["number"] == timeline.at(at).number]
    held = {name: _held(site, name) for name in (c.CUBE, c.LIFE)}
    shown = Table({"period": table["number"]})
    shown["start"], shown["stop"] = ([getattr(t, "isot", "")[:19] for t in table[name]] for name in ("start", "stop"))
    shown["properties"] = [number in held[c.CUBE] for number in table["number"]]
    shown["derived"] = [number in held[c.LIFE] for number in table["number"]]
    shown["stale"] = np.isin(table["number"], stale_periods(site))
    return shown[~shown["properties"]] if missing else shown


def _held(site: Archive, name: str) -> set[int]:
    return set(site.cubes[name].epochs()["epoch"].tolist()) if name in site.cubes else set()


def _number(site: Archive, epoch: str) -> int:
    return int(epoch) if epoch.isdigit() else site.timelines[c.TIMELINE].at(epoch).number


def _epoch(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _ends(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    try:
        return int(first), int(last or first)
    except ValueError as error:
        raise BadQuery(f"{text!r} is no range of pixels. Write FIRST:LAST, such as 1:5.") from error


def _share(text: str) -> tuple[int, int]:
    at_least, _, last = text.partition("/")
    try:
        return int(at_least), int(last)
    except ValueError as error:
        raise BadQuery(f"--in {text!r} does not say how often. Write K/N, such as 3/6.") from error


def _shown_life(site: Archive, table: Table, row: int, col: int) -> pictures.Life:
    epochs = site.timelines[c.TIMELINE].epochs()
    own = epochs[np.isin(epochs["number"], table["epoch"])]
    return pictures.Life(
        row=row,
        col=col,
        start_us=us_from_time(own["start"]),
        stop_us=us_from_time(own["stop"]),
        rate=np.asarray(table["rate"][np.isin(table["epoch"], own["number"])]),
        error=np.asarray(table["error"][np.isin(table["epoch"], own["number"])]),
    )


def _say_compared(found: np.ndarray, path: Path) -> None:
    if not path.is_file():
        raise NotFound(f"No file {path} to compare with. Name a FITS file with a DQ image.")
    with fits.open(path) as file:
        there = [hdu.name for hdu in file]
        if "DQ" not in there:
            raise NotFound(f"{path} has no DQ image; it has {', '.join(there)}. Name a mask or a dark reference file.")
        compared = compare(found, np.asarray(file["DQ"].data), bits=HOT_BIT)
    typer.echo(
        f"hot in both {len(compared.both)}, here only {len(compared.first_only)}, "
        f"there only {len(compared.second_only)}"
    )


def _write(table: Table, *, as_csv: bool) -> None:
    if as_csv:
        table.write(sys.stdout, format="ascii.csv")
    else:
        typer.echo("\n".join(table.pformat(max_lines=-1, max_width=-1, align="<" if not len(table) else None)))


def _save_image(
    path: Path, found: np.ndarray, *, name: str, title: str, change: Literal["", "difference", "ratio"] = ""
) -> None:
    """Write an image as FITS, where NaN stands for what is not known, or as a picture."""
    unit = next((p.unit for p in (*c.PROPERTIES, *c.LIFE_PROPERTIES) if p.name == name and change != "ratio"), "")
    if path.suffix == ".png":
        figure = (
            pictures.change_map("stis.change", title, found, label=name, unit=unit, ratio=change == "ratio")
            if change
            else pictures.detector_map("stis.image", title, found, label=name, unit=unit)
        )
        _save(path, png=render_png(figure))
        return
    plain = found if not np.ma.isMaskedArray(found) else np.ma.filled(found.astype(np.float64), np.nan)
    values = NamedImage(name=name.upper(), values=np.asarray(plain), cards={"BUNIT": unit})
    _save(path, fits_bytes=image_file([values], cards={"OBJECT": title})[0])


def _save(path: Path, *, png: bytes = b"", fits_bytes: bytes = b"") -> None:
    wanted = {".png": png, ".fits": fits_bytes}.get(path.suffix, b"")
    if not wanted:
        raise BadQuery(f"{path} cannot be written: this answer is {'a picture: .png' if png else 'an image: .fits'}.")
    path.write_bytes(wanted)
    typer.echo(f"Wrote {path}.", err=True)
