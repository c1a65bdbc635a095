"""Simulated STIS pixel properties, anneal periods and darks, with known truth beside them.

Owns dark rates, births and healing of hot pixels, and the noise. Must not know how files are read.
See spec/stis.md 3.2, 6.5 and 7. The small simulation covers a square of 128x128 pixels at its true place on the
detector, so that its files become sub-arrays of the same cube as real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from longwatch.instruments.stis import columns as c

FIRST: Final = 200
"""Number of the first simulated period; real ones end at 198."""

N_DARKS: Final = 58
LEVELS: Final = (0.1, 1.0, 10.0)
"""Levels above which hot pixels are counted [electron / s]; the gain is 1 electron / DN."""

_START: Final = np.datetime64("2017-09-26T13:00:00", "s")
_DAYS: Final = 28.03
_SMALL: Final = (slice(448, 576), slice(448, 576))
_FULL: Final = (slice(0, c.SHAPE[0]), slice(0, c.SHAPE[1]))
_HOT_SHARE: Final = 0.043
_BIRTHS_PER_DAY: Final = 30.0 / (c.SHAPE[0] * c.SHAPE[1])
_HEALS_NEW: Final = 0.48
_HEALS_OLD: Final = 0.02
_REJECTED: Final = 0.02
_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One simulated period.

    Parameters
    ----------
    number
        Its number.
    start, stop
        Half-open span, UTC.
    """

    number: int
    start: np.datetime64
    stop: np.datetime64


def simulate(out: Path, *, seed: int, small: bool) -> None:
    """Write pixel properties of several periods, the tables of periods and darks, and the truth.

    Parameters
    ----------
    out
        Folder to fill: `anneal_{N}.csv`, `stis_anneal_periods.csv`, `stis_anneal_darks.csv`, `truth/stis.npz`.
    seed
        Seed of the random numbers; the same seed gives the same bytes.
    small
        True: thirteen periods of a square of 128x128 pixels; False: three of the whole detector.
    """
    rng = np.random.default_rng(seed)
    rows, cols = _SMALL if small else _FULL
    periods = _periods(13 if small else 3, rng)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    rates = list(_histories(rows, cols, len(periods), rng))
    for period, rate in zip(periods, rates, strict=True):
        path = out / f"anneal_{period.number}.csv"
        path.write_bytes(pixels_csv(properties(rate, rng), origin=(rows.start, cols.start)))
    _write_tables(out, periods)
    counts = [[np.count_nonzero(rate > level) for level in LEVELS] for rate in rates]
    numbers = [period.number for period in periods]
    np.savez(out / "truth" / "stis.npz", number=numbers, rate=np.stack(rates), level=LEVELS, n_hot=counts)


def properties(rate: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Give what a period's frames say of pixels of known dark rate.

    Parameters
    ----------
    rate
        (n_row, n_col), dark rate [electron / s at 18 deg C].
    rng
        Random numbers.

    Returns
    -------
    dict[str, np.ndarray]
        (n_row, n_col) by name of the property, in the types and units of the files.
    """
    signal = rate * c.EXPOSURE_S
    rejected = rng.binomial(N_DARKS, _REJECTED, rate.shape)
    mean_error = np.sqrt((signal + 41.86) / (N_DARKS - rejected))
    sci = rng.normal(signal, mean_error)
    cosmic = rng.random(rate.shape) < 0.24
    stability = rng.chisquare(4, rate.shape) / 4 + cosmic * rng.exponential(8.0, rate.shape)
    return {
        c.STABILITY.name: stability,
        c.SCI_MEAN.name: sci.astype(np.float32),
        c.ERR_MEAN.name: np.sqrt(41.86 + 1.1395 * np.maximum(sci, 0)).astype(np.float32),
        c.NAN_COUNT.name: rejected.astype(float),
        c.READNOISE.name: np.sqrt(42.73 + 0.1329 * np.maximum(sci, 0)).astype(np.float32),
    }


def pixels_csv(images: dict[str, np.ndarray], *, origin: tuple[int, int]) -> bytes:
    """Write pixel properties as the files do: a line a pixel, every digit.

    Parameters
    ----------
    images
        (n_row, n_col) for every property of the cube.
    origin
        (row, col) of the first pixel.
    """
    shape = images[c.SCI_MEAN.name].shape
    row, col = np.indices(shape).reshape(2, -1)
    values = [images[column.name].ravel().astype(float).tolist() for column in c.PROPERTIES]
    lines = zip((row + origin[0]).tolist(), (col + origin[1]).tolist(), *values, strict=True)
    text = "\n".join(",".join(map(repr, line)) for line in lines)
    return c.PIXELS_HEADER + b"\n" + text.encode("ascii") + b"\n"


def _periods(count: int, rng: np.random.Generator) -> list[Period]:
    """Give periods that follow each other, about four weeks long."""
    lengths = (np.rint((_DAYS + rng.normal(0, 1.0, count)) * 86400)).astype("m8[s]")
    starts = _START + np.concatenate([np.zeros(1, "m8[s]"), lengths.cumsum()])
    return [Period(number=FIRST + i, start=starts[i], stop=starts[i + 1]) for i in range(count)]


def _histories(rows: slice, cols: slice, count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Give the dark rate of each pixel, period after period [electron / s]."""
    shape = rows.stop - rows.start, cols.stop - cols.start
    slope = 1.33 - 0.67 * np.arange(rows.start, rows.stop)[:, None] / c.SHAPE[0]
    cool = 0.029 * slope * rng.lognormal(0, 0.25, shape)
    old = _hot(rng.random(shape) < _HOT_SHARE, rng)
    for _ in range(count):
        new = _hot(rng.random(shape) < _BIRTHS_PER_DAY * _DAYS, rng)
        yield np.asarray(cool + old + new)
        old = old * (rng.random(shape) >= _HEALS_OLD) + new * (rng.random(shape) >= _HEALS_NEW)


def _hot(where: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give the rate of hot pixels, 0 elsewhere: their number above L falls as L^-0.7 from 0.1 to 30 electron / s."""
    rate = 0.1 * (1 - rng.random(where.shape)) ** (-1 / 0.7)
    return np.where(where, np.minimum(rate, 30.0), 0.0)


def _write_tables(out: Path, periods: list[Period]) -> None:
    """Write the tables of periods and darks."""
    period_lines, dark_lines = [c.PERIODS_HEADER.decode()], [c.DARKS_HEADER.decode()]
    for period in periods:
        begins = period.start + (np.arange(N_DARKS) * ((period.stop - period.start) / N_DARKS)).astype("m8[s]")
        names = [_rootname(period.number, dark) for dark in range(N_DARKS)]
        days = (period.stop - period.start) / np.timedelta64(86400, "s")
        fixed = f"{days:.4f},{N_DARKS},{N_DARKS}x1100,14819"
        span = f"{_text(period.start)},{_text(period.stop)}"
        period_lines.append(f"{period.number},{span},{fixed},{names[0]},{names[-1]}")
        dark_lines += [f"{period.number},{name},{_text(t)},1100,14819" for name, t in zip(names, begins, strict=True)]
    (out / "stis_anneal_periods.csv").write_text("\n".join([*period_lines, ""]))
    (out / "stis_anneal_darks.csv").write_text("\n".join([*dark_lines, ""]))


def _rootname(number: int, dark: int) -> str:
    """Give a rootname of nine letters, its own for every dark."""
    high, low = divmod(dark, len(_LETTERS))
    return f"o{number % 1000:03d}{_LETTERS[high]}{_LETTERS[low]}dkq"


def _text(time: np.datetime64) -> str:
    """Write a time as the tables do."""
    return str(time.astype("M8[s]")).replace("T", " ")
