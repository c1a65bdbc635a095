"""Simulated STIS files: pixel properties, anneal periods, darks, with known truth beside them.

Owns which files there are and how many. Must not know how files are read. See spec/stis.md 3.2, 6.5 and 7.
The small simulation covers three years of a square of 64x64 pixels at its true place on the detector, so that its
files become sub-arrays of the same cube as real ones; darks are written for its last periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from astropy.time import Time

from longwatch.fits.write import CardValue
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.anneals import LEVELS
from longwatch.instruments.stis.dark_writer import Setup, Shot, flt_file, rootname_of
from longwatch.instruments.stis.detector import READNOISE_DN, Detector, Frame, Plan, Ways

FIRST: Final = 200
"""Number of the first simulated period; real ones end at 198."""

N_DARKS: Final = 58
"""Darks of a period."""

SMALL: Final = (slice(480, 544), slice(480, 544))
"""Rows and columns of the small simulation."""

_STRANGERS: Final[tuple[tuple[float, float, dict[str, CardValue]], ...]] = (
    (60.0, 20.0, {}),
    (c.EXPOSURE_S, 20.0, {"CCDAMP": "A"}),
    (c.EXPOSURE_S, 20.0, {"CCDGAIN": 4}),
    (c.EXPOSURE_S, -1.0, {}),
)
"""Exposure time, OCCDHTAV and cards of darks that are not as the others."""

_FULL: Final = (slice(0, c.SHAPE[0]), slice(0, c.SHAPE[1]))
_START: Final = np.datetime64("2017-09-26T13:00:00", "s")
_DAYS: Final = 28.03
_REJECTED: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is simulated.

    Parameters
    ----------
    rows, cols
        Which part of the detector.
    n_periods
        How many periods.
    n_dark_periods
        Of how many of them, the last ones, darks are written.
    n_darks
        Darks written of each.
    n_biases
        Biases written of the last period.
    flaws
        Whether the detector has flaws, cosmic rays leave tracks, and the last period has darks that must not count.
    """

    rows: slice
    cols: slice
    n_periods: int
    n_dark_periods: int
    n_darks: int
    n_biases: int = 0
    flaws: bool = False


SMALL_SIZE: Final = Size(
    rows=SMALL[0], cols=SMALL[1], n_periods=39, n_dark_periods=3, n_darks=20, n_biases=24, flaws=True
)
FULL_SIZE: Final = Size(rows=_FULL[0], cols=_FULL[1], n_periods=3, n_dark_periods=1, n_darks=N_DARKS, flaws=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One simulated period.

    Parameters
    ----------
    number
        Its number.
    start, stop
        Half-open span, UTC.
    n_darks
        Darks in it.
    """

    number: int
    start: np.datetime64
    stop: np.datetime64
    n_darks: int


def simulate(out: Path, *, seed: int, small: bool) -> None:
    """Write pixel properties of several periods, the tables of periods and darks, darks, and the truth.

    Parameters
    ----------
    out
        Folder to fill: `anneal_{N}.csv`, `stis_anneal_periods.csv`, `stis_anneal_darks.csv`, `darks/*_flt.fits`,
        `biases/*_flt.fits`, `truth/stis.npz`.
    seed
        Seed of the random numbers; the same seed gives the same bytes.
    small
        True: three years of a square of 64x64 pixels; False: three periods of the whole detector.
    """
    simulate_size(out, seed=seed, size=SMALL_SIZE if small else FULL_SIZE)


def simulate_size(out: Path, *, seed: int, size: Size, csv: bool = True) -> None:
    """Write a simulation of any size; `csv` False leaves out the files of pixel properties."""
    rng = np.random.default_rng(seed)
    detector = Detector(rows=size.rows, cols=size.cols, rng=rng, ways=Ways(flaws=size.flaws, tracks=size.flaws))
    periods = _periods(size, rng)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    rates = []
    for period in periods:
        with_darks = period.number >= periods[-1].number + 1 - size.n_dark_periods
        plan = detector.begin(_mjd(period.start), _mjd(period.stop), n_frames=period.n_darks if with_darks else 4)
        rates.append(detector.mean_rate(plan))
        if csv:
            origin = size.rows.start, size.cols.start
            pixels = pixels_csv(properties(rates[-1], rng), origin=origin)
            (out / f"anneal_{period.number}.csv").write_bytes(pixels)
        if with_darks:
            write_darks(out / "darks", detector, plan, number=period.number)
        if period is periods[-1]:
            write_biases(out / "biases", detector, plan, number=period.number, count=size.n_biases)
            if size.flaws:
                write_strangers(out / "darks", detector, plan, number=period.number)
        detector.anneal()
    _write_tables(out, periods)
    counts = [[np.count_nonzero(rate > level) for level in LEVELS] for rate in rates]
    numbers = [period.number for period in periods]
    np.savez(out / "truth" / "stis.npz", number=numbers, rate=np.stack(rates), level=LEVELS, n_hot=counts)


def write_darks(folder: Path, detector: Detector, plan: Plan, *, number: int) -> None:
    """Write a period's darks as FLT files.

    Parameters
    ----------
    folder
        Where.
    detector, plan
        The period.
    number
        Its number, part of the rootnames.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frames = plan.frames
    for dark in range(len(frames)):
        shot = Shot(
            mjd=float(frames.mjd[dark]),
            exptime_s=float(frames.exptime_s[dark]),
            temp_c=float(frames.temp_c[dark]),
            bias=f"b{number:03d}{frames.bias[dark]:03d}jo_bia.fits",
        )
        setup = Setup(rootname=rootname_of(number, dark), origin=(detector.rows.start, detector.cols.start))
        data = flt_file(setup, [(shot, detector.expose(plan, dark))])
        (folder / f"{setup.rootname}_flt.fits").write_bytes(data)


def write_strangers(folder: Path, detector: Detector, plan: Plan, *, number: int) -> None:
    """Write darks that must not count, or only without a temperature; parameters as in `write_darks`."""
    first, rng = float(plan.frames.mjd[0]), np.random.default_rng(number)
    for place, (seconds, temp_c, cards) in enumerate(_STRANGERS):
        shape = detector.cool.shape
        bright = (rng.poisson(detector.cool * seconds) + rng.normal(0, READNOISE_DN, shape)).astype(np.float32)
        err = np.sqrt(np.maximum(bright, 0) + np.float32(READNOISE_DN**2))
        frame = Frame(sci=bright, err=err, dq=np.zeros(shape, np.int16), cosmic=np.zeros(shape, dtype=bool))
        setup = Setup(
            rootname=rootname_of(number, place)[:-3] + "stq",
            origin=(detector.rows.start, detector.cols.start),
            cards=cards,
        )
        shot = Shot(mjd=first + 0.3 + place, exptime_s=seconds, temp_c=temp_c)
        (folder / f"{setup.rootname}_flt.fits").write_bytes(flt_file(setup, [(shot, frame)]))


def write_biases(folder: Path, detector: Detector, plan: Plan, *, number: int, count: int) -> None:
    """Write biases of a period as FLT files, evenly spread; parameters as in `write_darks`, and how many."""
    folder.mkdir(parents=True, exist_ok=True)
    frames, rng = plan.frames, np.random.default_rng(number)
    for place in range(count):
        mjd = frames.start_mjd + (place + 0.5) * (frames.stop_mjd - frames.start_mjd) / count
        week = min(int((mjd - frames.start_mjd) // 7), len(plan.pattern) - 1)
        setup = Setup(
            rootname=rootname_of(number, place)[:-3] + "biq",
            origin=(detector.rows.start, detector.cols.start),
            cards={"TARGNAME": "BIAS", "PROPTTL1": "CCD Bias Monitor"},
        )
        shot = Shot(mjd=mjd, exptime_s=0.0, temp_c=20.0, bias=f"b{number:03d}{week:03d}jo_bia.fits")
        data = flt_file(setup, [(shot, detector.expose_bias(plan.pattern[week], rng))])
        (folder / f"{setup.rootname}_flt.fits").write_bytes(data)


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


def _periods(size: Size, rng: np.random.Generator) -> list[Period]:
    """Give periods that follow each other, about four weeks long."""
    count = size.n_periods
    lengths = (np.rint((_DAYS + rng.normal(0, 1.0, count)) * 86400)).astype("m8[s]")
    starts = _START + np.concatenate([np.zeros(1, "m8[s]"), lengths.cumsum()])
    n_darks = [N_DARKS] * (count - size.n_dark_periods) + [size.n_darks] * size.n_dark_periods
    return [Period(number=FIRST + i, start=starts[i], stop=starts[i + 1], n_darks=n_darks[i]) for i in range(count)]


def _mjd(time: np.datetime64) -> float:
    return float(Time(str(time), format="isot", scale="utc").mjd)


def _write_tables(out: Path, periods: list[Period]) -> None:
    """Write the tables of periods and darks."""
    period_lines, dark_lines = [c.PERIODS_HEADER.decode()], [c.DARKS_HEADER.decode()]
    for period in periods:
        n_darks = period.n_darks
        begins = period.start + (np.arange(n_darks) * ((period.stop - period.start) / n_darks)).astype("m8[s]")
        names = [rootname_of(period.number, dark) for dark in range(n_darks)]
        days = (period.stop - period.start) / np.timedelta64(86400, "s")
        fixed = f"{days:.4f},{n_darks},{n_darks}x1100,14819"
        span = f"{_text(period.start)},{_text(period.stop)}"
        period_lines.append(f"{period.number},{span},{fixed},{names[0]},{names[-1]}")
        dark_lines += [f"{period.number},{name},{_text(t)},1100,14819" for name, t in zip(names, begins, strict=True)]
    (out / "stis_anneal_periods.csv").write_text("\n".join([*period_lines, ""]))
    (out / "stis_anneal_darks.csv").write_text("\n".join([*dark_lines, ""]))


def _text(time: np.datetime64) -> str:
    """Write a time as the tables do."""
    return str(time.astype("M8[s]")).replace("T", " ")
