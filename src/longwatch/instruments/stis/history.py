"""Pixels over all anneal periods, asked of an archive: lives, anneals compared, images subtracted.

Owns which planes answer a question. Must not know how planes are kept, nor what a life is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.archive import Archive
from longwatch.cubes.cube import EpochForm
from longwatch.domain.times import us_from_time
from longwatch.errors import NotFound
from longwatch.instruments.stis import anneals
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.boundaries import DAY_US
from longwatch.instruments.stis.lives import USUAL, Book, Threshold, state_sequence, told_error, told_rate
from longwatch.instruments.stis.told import LIFE, Pixels, places_of, tell

STATES: Final = np.array(["cold", "warm", "hot", "unknown"])
"""Words for the states of a pixel; the last stands for -1."""

_EVENT: Final = ("row", "col", "epoch", "event", "dwell")
_UNTOLD: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """The lives of all pixels over some periods.

    Parameters
    ----------
    book
        What happened to each pixel.
    epochs
        Numbers of the periods, in the order entered.
    """

    book: Book
    epochs: tuple[int, ...]


def watch(
    archive: Archive,
    *,
    threshold: Threshold = USUAL,
    first: int | None = None,
    last: int | None = None,
    cube: str = "",
) -> Watched:
    """Go through the periods and write down the life of every pixel.

    Parameters
    ----------
    archive
        The archive.
    threshold
        When a pixel is hot.
    first, last
        First and last period, both inside; None: all there are.
    cube
        `stis.life` or `stis.ccd`; empty: the one that holds more periods. Of `stis.ccd` the mean signal in 1100 s is
        taken as it is, at gain 1.

    Returns
    -------
    Watched
        Lives and the periods they were told from.

    Raises
    ------
    NotFound
        Raised if no period is held.
    """
    name, epochs = _chosen(archive, cube, first, last)
    book = Book(shape=c.SHAPE, threshold=threshold)
    for number in epochs:
        book.enter(*_rate_image(archive, name, number))
    return Watched(book=book, epochs=tuple(epochs))


def events(
    archive: Archive,
    *,
    threshold: Threshold = USUAL,
    first: int | None = None,
    last: int | None = None,
    cube: str = "",
) -> Table:
    """Give every birth, death and re-birth of a hot pixel; parameters and errors as in `watch`.

    Returns
    -------
    Table
        row, col, epoch (in which the pixel was first found hot, or no longer), event (`birth`, `re-birth`, `death`)
        and dwell (periods for which it had been hot; masked at a birth), in order of epoch, row and column. A pixel
        hot when it was first seen has no birth.
    """
    name, epochs = _chosen(archive, cube, first, last)
    book, parts = Book(shape=c.SHAPE, threshold=threshold), []
    for number in epochs:
        before, births, run = book.hot, book.births.copy(), book.run.copy()
        book.enter(*_rate_image(archive, name, number))
        row, col = np.nonzero((book.births > births) | (before & ~book.hot))
        dead = before[row, col]
        again = births[row, col] + book.began_hot[row, col] > 0
        word = np.where(dead, "death", np.where(again, "re-birth", "birth"))
        parts.append((row, col, np.full(len(row), number), word, np.where(dead, run[row, col], _UNTOLD)))
    table = Table([np.concatenate(part) for part in zip(*parts, strict=True)], names=_EVENT)
    table["dwell"] = np.ma.masked_equal(table["dwell"], _UNTOLD)
    return table


def fuller_cube(archive: Archive) -> str:
    """Give which of `stis.life` and `stis.ccd` holds more periods; `stis.life` where they hold the same.

    Raises
    ------
    NotFound
        Raised if neither holds any.
    """
    counts = {name: len(_held(archive, name)) for name in (c.LIFE, c.CUBE)}
    if not any(counts.values()):
        raise NotFound(
            "No pixel properties are here yet. Derive them from darks (`longwatch stis derive`), "
            "or ingest files anneal_{N}.csv."
        )
    return max(counts, key=lambda name: counts[name])


def life(archive: Archive, row: int, col: int, *, threshold: Threshold = USUAL) -> Table:
    """Give the life of a pixel: what `lives` gives of it, without row and col."""
    table = lives(archive, [(row, col)], threshold=threshold)
    table.remove_columns(["row", "col"])
    return table


def lives(archive: Archive, pixels: Pixels, *, threshold: Threshold = USUAL) -> Table:
    """Give the lives of pixels over all periods.

    Parameters
    ----------
    archive
        The archive.
    pixels
        Detector (row, col) of each, from 0; or a mask (1024, 1024), True where a pixel is wanted; or a rectangle as
        two slices, `np.s_[10:20, 500:510]`.
    threshold
        When a pixel is hot.

    Returns
    -------
    Table
        A row for each pixel and period: row, col, epoch, start, stop, rate and error [electron / s; the error one
        standard deviation, NaN where it is not known], state (`cold`, `warm`, `hot`, `unknown`), p_jump and t_jump
        where darks were derived. Periods derived from darks speak for themselves, others through the mean signal of
        `stis.ccd`.

    Raises
    ------
    BadQuery
        Raised if the detector has no such pixels.
    """
    places = places_of(pixels)
    told = tell(archive, places)
    n_periods, n_pixels = told.rate.shape
    table = Table({"row": np.repeat(places[:, 0], n_periods), "col": np.repeat(places[:, 1], n_periods)})
    for name in ("number", "start", "stop"):
        table["epoch" if name == "number" else name] = np.tile(getattr(told, name), n_pixels)
    states = STATES[state_sequence(told.rate, threshold=threshold)]
    values = {"rate": told.rate, "error": told.error, c.P_JUMP.name: told.p_jump, c.T_JUMP.name: told.t_jump}
    for name, of_periods in {**values, "state": states}.items():
        table[name] = of_periods.T.ravel()
    table["rate"].unit = table["error"].unit = c.DARK_RATE.unit
    table[c.T_JUMP.name].unit = "d"
    return table


def recoveries(archive: Archive, *, level: float = anneals.LEVELS[0]) -> Table:
    """Give what each anneal did to the hot pixels.

    Parameters
    ----------
    archive
        The archive, with periods derived from darks.
    level
        Above it a pixel is hot [electron / s].

    Returns
    -------
    Table
        A row for each anneal between two successive derived periods: anneal (number of the period it opens), start,
        n_before (last week of the period before), n_after (first week of this one), n_healed, n_new, created_per_day,
        percent_annealed (the published formula; NaN where nothing was created), healed (share of the hot pixels).
    """
    cube = archive.cubes[c.LIFE]
    table = cube.epochs()
    rows = []
    counts_after: dict[int, int] = {}
    for number, before, after in _pairs(archive):
        found = anneals.recovery(before, after, level=level)
        counts_after[number] = found.n_after
        n_last, days = counts_after.get(number - 1), _days(table, number - 1)
        created = float("nan") if n_last is None else anneals.creation_rate(found.n_before, n_last, days)
        percent = float("nan") if n_last is None else anneals.percent_annealed(found.n_before, found.n_after, n_last)
        rows.append(
            (number, found.n_before, found.n_after, found.n_healed, found.n_new, created, percent, found.fraction)
        )
    names = ["anneal", "n_before", "n_after", "n_healed", "n_new", "created_per_day", "percent_annealed", "healed"]
    kinds = [int] * 5 + [float] * 3
    given = Table(rows=rows or None, names=names, dtype=kinds)
    starts = {int(n): t for n, t in zip(table["epoch"], table["start"], strict=True)}
    if rows:
        given.add_column([starts[int(n)].isot for n in given["anneal"]], name="start", index=1)
    return given


def difference(archive: Archive, name: str, epoch: EpochForm, other: EpochForm, *, ratio: bool = False) -> np.ndarray:
    """Give one property of a period less (or over) that of another.

    Parameters
    ----------
    archive
        The archive.
    name
        A property of `stis.life` or `stis.ccd`.
    epoch, other
        The two periods.
    ratio
        True: the ratio instead of the difference.

    Returns
    -------
    ndarray
        (n_row, n_col) float64; masked where a pixel was not observed in both; NaN where it has no value in one, and
        in a ratio over zero.
    """
    cube = archive.cubes[cube_of(name)]
    new, old = (np.ma.asarray(cube.image(name, epoch=number), dtype=np.float64) for number in (epoch, other))
    mask = np.ma.getmaskarray(new) | np.ma.getmaskarray(old)
    one, two = np.ma.getdata(new), np.ma.getdata(old)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(two != 0, one / two, np.nan) if ratio else one - two
    return np.ma.MaskedArray(values, mask=mask) if mask.any() else values


def changed_most(archive: Archive, *, since: int, until: int | None = None, count: int = 20) -> Table:
    """Give the pixels whose dark rate changed most, in standard deviations.

    Parameters
    ----------
    archive
        The archive, with periods derived from darks.
    since, until
        The two periods; until None: the newest.
    count
        How many pixels.

    Returns
    -------
    Table
        row, col, rate_then, rate_now, change [electron / s], sigmas; the largest first.
    """
    cube = archive.cubes[c.LIFE]
    then, now = since, _held(archive, c.LIFE)[-1] if until is None else until
    (old, old_err), (new, new_err) = (
        [np.ma.filled(np.ma.asarray(cube.image(p.name, epoch=number)), np.nan) for p in (c.DARK_RATE, c.DARK_RATE_ERR)]
        for number in (then, now)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        sigmas = np.nan_to_num((new - old) / np.hypot(old_err, new_err), posinf=0.0, neginf=0.0)
    order = np.argsort(-np.abs(sigmas), axis=None)[:count]
    row, col = np.unravel_index(order, sigmas.shape)
    values = [row, col, old[row, col], new[row, col], (new - old)[row, col], sigmas[row, col]]
    units = dict.fromkeys(("rate_then", "rate_now", "change"), c.DARK_RATE.unit)
    return Table(values, names=["row", "col", "rate_then", "rate_now", "change", "sigmas"], units=units)


def cube_of(name: str) -> str:
    """Give the cube that has a property."""
    return c.LIFE if name in {p.name for p in c.LIFE_PROPERTIES} else c.CUBE


def _chosen(archive: Archive, cube: str, first: int | None, last: int | None) -> tuple[str, list[int]]:
    """Give which cube a watch goes through, and the numbers of its periods."""
    name = cube or fuller_cube(archive)
    epochs = [number for number in _held(archive, name) if (first or 0) <= number <= (number if last is None else last)]
    if not epochs:
        raise NotFound(f"Cube {name} holds no period from {first} to {last}. It is {archive.cubes[name]!r}.")
    return name, epochs


def _held(archive: Archive, name: str) -> list[int]:
    """Give the periods a cube holds."""
    if name not in archive.cubes:
        return []
    return sorted(set(archive.cubes[name].epochs()["epoch"].tolist()))


def _rate_image(archive: Archive, name: str, number: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Give rate and error of all pixels in a period."""
    cube = archive.cubes[name]
    if name == c.CUBE:
        return cube.image(c.SCI_MEAN.name, epoch=number) / np.float32(c.EXPOSURE_S), None
    rate, error, chi2, n_good, n_sat = (cube.image(p, epoch=number) for p in LIFE)
    return told_rate(rate, n_good, n_sat), told_error(error, chi2)


def _pairs(archive: Archive) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Give each anneal between derived periods: its number, the rates just before and just after."""
    cube, held = archive.cubes[c.LIFE], _held(archive, c.LIFE)
    for number in held:
        if number - 1 in held:
            yield number, cube.image(c.RATE_LAST.name, epoch=number - 1), cube.image(c.RATE_FIRST.name, epoch=number)


def _days(table: Table, number: int) -> float:
    line = table["epoch"].tolist().index(number)
    start, stop = table["start"][line : line + 1], table["stop"][line : line + 1]
    if start.mask.any() or stop.mask.any():
        return float("nan")
    return float((us_from_time(stop.unmasked) - us_from_time(start.unmasked))[0]) / DAY_US
