"""Simulated COS data with known truth.

Owns the scenario: which files, with which numbers behind them. Must not know how files are written or read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from longwatch.instruments.cos import simulated
from longwatch.instruments.cos.columns import JITTER_TABLE
from longwatch.instruments.cos.osm import NOMINAL_FPPOS, Setting
from longwatch.instruments.cos.simulated import Exposure, Flash
from longwatch.instruments.cos.templates import Values, write_gz

TRUTH: Final = "cos_truth.json"
"""Name of the file with the truth."""
FIRST_DAY: Final = 57388.0
"""2016-01-01 [MJD]."""
EVERY_DAYS: Final = 4
"""Between two exposures [d]."""
STEP_PIXELS: Final = {"FUV": -245.0, "NUV": 50.0}
"""FP_PIXEL_SHIFT of one step of FP-POS [pix]."""
NOISE: Final = 0.1
"""Scatter of a measured shift [pix]."""
SETTLING_S: Final = 1800.0
"""Time in which a mechanism settles after a move [s]."""
NOT_FOUND: Final = "simold_lamp"
"""A LAMPTAB that headers name and no file holds."""
PIXELS_PER_ARCSEC: Final = 42.5
"""Plate scale of acquisition images [pix / arcsec]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A grating setting and how its mechanism behaves.

    Parameters
    ----------
    detector, opt_elem, cenwave
        Setting.
    offset, slope
        Corrected shift at `FIRST_DAY` [pix], and its trend [pix / d].
    segments
        What each segment adds [pix].
    flash_at
        When the lamp flashes [s].
    """

    detector: str
    opt_elem: str
    cenwave: int
    offset: float
    slope: float
    segments: tuple[float, ...]
    flash_at: tuple[float, ...]


SETUPS: Final = (
    Setup(
        detector="FUV",
        opt_elem="G130M",
        cenwave=1291,
        offset=20.0,
        slope=-0.12,
        segments=(0.0, 0.8),
        flash_at=(0.6, 600.6, 2400.6),
    ),
    Setup(
        detector="NUV",
        opt_elem="G225M",
        cenwave=2373,
        offset=-10.0,
        slope=0.02,
        segments=(0.0, -0.7, -2.5),
        flash_at=(0.6, 2400.6),
    ),
    Setup(
        detector="FUV",
        opt_elem="G140L",
        cenwave=1280,
        offset=-11.0,
        slope=-0.004,
        segments=(0.0, 0.0),
        flash_at=(0.6, 600.6),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Where files go, the dice, and the truth as it grows."""

    out: Path
    rng: np.random.Generator
    truth: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def tell(self, kind: str, **facts: object) -> None:
        """Note something true."""
        self.truth.setdefault(kind, []).append(facts)

    def lampflash(self, exposure: Exposure, flashes: list[Flash], setup: Setup) -> None:
        """Write a lampflash file and note its rows."""
        content = simulated.lampflash_bytes(exposure, flashes, spectrum=int(self.rng.integers(99)))
        write_gz(self.out / f"{exposure.root}_lampflash.fits.gz", content)
        numbers = {lamp_on: number for number, lamp_on in enumerate(sorted({f.lamp_on for f in flashes}), start=1)}
        for flash in flashes:
            self.tell(
                "flashes",
                rootname=exposure.root,
                detector=exposure.detector,
                opt_elem=exposure.opt_elem,
                segment=flash.segment,
                flash=numbers[flash.lamp_on],
                mjd=exposure.expstart + flash.time_s / 86400,
                elapsed=flash.time_s,
                shift_disp=flash.shift_disp,
                corrected=None
                if exposure.lamptab == NOT_FOUND
                else flash.shift_disp - fp_pixel_shift(setup.detector, flash.segment, exposure.fppos),
                shift_xdisp=flash.shift_xdisp,
                found=flash.found,
            )


def simulate(out: Path, *, seed: int, small: bool) -> None:
    """Write simulated COS files and, beside them, the truth as JSON.

    Parameters
    ----------
    out
        Folder; made if it is not there.
    seed
        Equal seeds give equal files.
    small
        About 40 files; else about 400.
    """
    out.mkdir(parents=True, exist_ok=True)
    run = Simulation(out=out, rng=np.random.default_rng(seed))
    _reference_files(run)
    exposures = [*_regular(run, 18 if small else 360), *_special(run)]
    _acquisitions(run, 2 if small else 10)
    _jitter(run)
    _report(run, exposures)
    for setup in SETUPS:
        run.tell("setups", opt_elem=setup.opt_elem, slope=setup.slope, segments=list(setup.segments))
    (out / TRUTH).write_text(json.dumps(run.truth, indent=1), "utf-8")


def many(out: Path, n: int, seed: int) -> None:
    """Write many files quickly, for measuring the ingest: of seven, four lampflash, two rawacq and one spt.

    Parameters
    ----------
    out
        Folder; made if it is not there.
    n
        How many files.
    seed
        Equal seeds give equal files.
    """
    out.mkdir(parents=True, exist_ok=True)
    run = Simulation(out=out, rng=np.random.default_rng(seed))
    setups = [replace(setup, flash_at=setup.flash_at[:2]) for setup in SETUPS]
    for number in range(n):
        setup = setups[number % len(setups)]
        exposure = _exposure(run, setup, number)
        match number % 7:
            case 0 | 2 | 4 | 6:
                run.lampflash(exposure, _flashes(run, setup, exposure), setup)
            case 1 | 3:
                _acquire(run, exposure, image=number % 3 == 0)
            case _:
                write_gz(out / f"{exposure.root}_spt.fits.gz", simulated.spt_bytes(exposure, [{}]))


def fp_pixel_shift(detector: str, segment: str, fppos: int) -> float:
    """Give the shift FP-POS makes by design [pix], as the simulated LAMPTAB has it."""
    return (STEP_PIXELS[detector] + 0.5 * (ord(segment[-1]) - ord("A"))) * (fppos - NOMINAL_FPPOS)


def rootname(number: int) -> str:
    """Give the rootname of a simulated exposure: `lsm` and five characters, and q."""
    return f"lsm{np.base_repr(number, 36).lower():0>5}q"


def _exposure(run: Simulation, setup: Setup, number: int) -> Exposure:
    """Give the next exposure of a setup, a few days after the one before; every thousand begins anew."""
    return Exposure(
        root=rootname(number),
        detector=setup.detector,
        opt_elem=setup.opt_elem,
        cenwave=setup.cenwave,
        expstart=round(FIRST_DAY + EVERY_DAYS * (number % 1000) + float(run.rng.uniform(0, 0.9)), 8),
        exptime=2900.0,
        fppos=int(run.rng.integers(1, 5)),
        lamptab=f"sim{setup.detector.lower()}_lamp",
        wcptab=f"sim{setup.detector.lower()}_wcp",
    )


def _flashes(run: Simulation, setup: Setup, exposure: Exposure) -> list[Flash]:
    """Give the flashes of an exposure, in the order of a real file: FUV by segment, NUV by flash."""
    amplitude = float(run.rng.normal(0, 3))
    base = setup.offset + setup.slope * (exposure.expstart - FIRST_DAY)
    flashes = []
    for segment, added in zip(simulated.SEGMENTS[setup.detector], setup.segments, strict=True):
        fp = fp_pixel_shift(setup.detector, segment, exposure.fppos)
        for lamp_on in setup.flash_at:
            time_s = lamp_on + 6.0 + float(run.rng.uniform(-0.2, 0.2))
            settled = amplitude * (1 - np.exp(-time_s / SETTLING_S))
            shift = fp + base + added + settled + run.rng.normal(0, NOISE)
            flashes.append(
                Flash(
                    segment=segment,
                    time_s=time_s,
                    lamp_on=lamp_on,
                    duration=12.0,
                    shift_disp=float(np.float32(shift)),
                    shift_xdisp=float(np.float32(run.rng.normal(0, 0.5))),
                )
            )
    return flashes if setup.detector == "FUV" else sorted(flashes, key=lambda flash: flash.lamp_on)


def _regular(run: Simulation, n: int) -> Iterator[Exposure]:
    """Write ordinary exposures of the first two setups."""
    for number in range(n):
        setup = SETUPS[number % 3 == 2]
        exposure = _exposure(run, setup, number)
        run.lampflash(exposure, _flashes(run, setup, exposure), setup)
        yield exposure


def _special(run: Simulation) -> Iterator[Exposure]:
    """Write exposures that have misled monitors before."""
    fuv, _, faint = SETUPS
    plain = [
        _exposure(run, setup, 1000 + number) for number, setup in enumerate((faint, faint, fuv, fuv, fuv, fuv, fuv))
    ]
    for exposure in plain[:2]:
        seen = _flashes(run, faint, exposure)[: len(faint.flash_at)]
        run.lampflash(exposure, [*seen, *(replace(flash, segment="FUVB", found=False) for flash in seen)], faint)
    unequal, elsewhere, uncorrected, outlier, empty = plain[2:]
    flashes = _flashes(run, fuv, unequal)
    run.lampflash(unequal, [*flashes[:3], *flashes[4:]], fuv)
    run.lampflash(replace(elsewhere, life_adj=-1), _flashes(run, fuv, elsewhere), fuv)
    run.lampflash(replace(uncorrected, lamptab=NOT_FOUND), _flashes(run, fuv, uncorrected), fuv)
    far = [replace(f, shift_disp=f.shift_disp - 15.0 * (f.segment == "FUVB")) for f in _flashes(run, fuv, outlier)]
    run.lampflash(outlier, far, fuv)
    run.lampflash(empty, [], fuv)
    yield from plain


def _reference_files(run: Simulation) -> None:
    """Write a LAMPTAB and a WCPTAB for each detector; the FUV one is old, without SEARCH_OFFSET."""
    ranges = {"FUV": {"G130M": (271, 0), "G140L": (269, 0)}, "NUV": {"G225M": (90, -10)}}
    for detector, of_grating in ranges.items():
        pixels = {
            Setting(segment, setup.opt_elem, setup.cenwave, offset): fp_pixel_shift(
                detector, segment, offset + NOMINAL_FPPOS
            )
            for setup in SETUPS
            if setup.detector == detector
            for segment in simulated.SEGMENTS[detector]
            for offset in (-2, -1, 0, 1)
        }
        name = f"sim{detector.lower()}"
        write_gz(run.out / f"{name}_lamp.fits.gz", simulated.lamptab_bytes(f"{name}_lamp", detector, pixels))
        table = simulated.wcptab_bytes(f"{name}_wcp", detector, of_grating, offset=detector == "NUV")
        write_gz(run.out / f"{name}_wcp.fits.gz", table)


def _acquisitions(run: Simulation, n: int) -> None:
    """Write acquisitions by image and by peak-up, with their support files."""
    for number in range(2 * n):
        exposure = replace(_exposure(run, SETUPS[1], 2000 + number), exptime=16.0)
        _acquire(run, exposure, image=number % 2 == 0)
        lamp: Values = {"LQTATYPE": "LTAIMCAL", "LQTAXCOR": 210.0, "LQTAYCOR": 705.0}
        content = simulated.spt_bytes(exposure, [lamp, {"LQTATYPE": "LTAIMAGE"}])
        write_gz(run.out / f"{exposure.root}_spt.fits.gz", content)


def _acquire(run: Simulation, exposure: Exposure, *, image: bool) -> None:
    """Write one rawacq file."""
    slew_x, slew_y = (round(float(slew), 3) for slew in run.rng.normal(0, 0.2, 2))
    path = run.out / f"{exposure.root}_rawacq.fits.gz"
    if image:
        after = _star(run, 300.0, 430.0)
        before = _star(run, 300.0 + slew_x * PIXELS_PER_ARCSEC, 430.0 + slew_y * PIXELS_PER_ARCSEC)
        keywords: Values = {"ACQSLEWX": slew_x, "ACQSLEWY": slew_y, "LAMPEVNT": 3493}
        camera = replace(exposure, detector="NUV", opt_elem="MIRRORA", cenwave=0)
        write_gz(path, simulated.acq_image_bytes(camera, (before, after), keywords))
        run.tell("acquisitions", rootname=exposure.root, slew=[slew_x, slew_y], counts=int(before.sum()))
        return
    offsets = np.array([0.0, -1.8, -0.9, 0.9, 1.8])
    counts = run.rng.poisson(2000 * np.exp(-0.5 * ((offsets - slew_x) / 0.64) ** 2))
    slew = round(float(offsets @ counts / counts.sum()), 3)
    content = simulated.peakup_bytes(exposure, offsets.tolist(), counts.tolist(), {"ACQSLEWX": slew})
    write_gz(path, content)
    run.tell("acquisitions", rootname=exposure.root, slew=[slew, None], counts=int(counts.sum()))


def _star(run: Simulation, x: float, y: float) -> np.ndarray:
    """Give an acquisition image of a star, (1024, 1024) counts."""
    image = np.zeros((1024, 1024), np.int64)
    spots = run.rng.normal((y, x), 2.0, (5000, 2)).round().astype(int)
    np.add.at(image, tuple(spots.clip(0, 1023).T), 1)
    return image


def _jitter(run: Simulation) -> None:
    """Write the jitter of one exposure that lost its guide stars, and of an association of two."""
    lost = _pointing(run, 200)
    gone = slice(60, 73)
    for column in JITTER_TABLE:
        if column.dtype != "i2" and column.name != "seconds":
            lost.setdefault(column.name, np.zeros(200))[gone] = simulated.JITTER_PLACEHOLDER
    lost["takedata"][gone] = 0
    content = simulated.jit_bytes("lsm00001j", {"lsm00001j": lost})
    write_gz(run.out / "lsm00001j_jit.fits.gz", content)
    pair = {"lsm00003j": _pointing(run, 300), "lsm00004j": _pointing(run, 400)}
    write_gz(run.out / "lsm000010_jit.fits.gz", simulated.jit_bytes("lsm000010", pair))
    run.tell("jitter", rootname="lsm00001q", rows=200, lost=13)
    run.tell("jitter", rootname="lsm00003q", rows=300, lost=0)
    run.tell("jitter", rootname="lsm00004q", rows=400, lost=0)


def _pointing(run: Simulation, n: int) -> dict[str, np.ndarray]:
    """Give jitter every three seconds, with one excursion while the guidance recentres."""
    columns: dict[str, np.ndarray] = {"seconds": 2.95 + 3.0 * np.arange(n), "takedata": np.ones(n, int)}
    for axis in (2, 3):
        columns[f"si_v{axis}_avg"] = run.rng.normal(0, 1e-3, n)
        columns[f"si_v{axis}_rms"] = run.rng.uniform(2e-3, 4e-3, n)
    columns["si_v2_avg"][n // 2] = -0.15
    columns["recenter"] = np.arange(n) == n // 2
    return columns


def _report(run: Simulation, exposures: list[Exposure]) -> None:
    """Write an exposure report with lines that are no exposures, and one that is damaged."""
    rule = "-" * 166
    lines = ["", "COS Exposure Report: SMS 160017A1", "", "Data  Filename Prop  Target     PRG OB AL EX", rule]
    lines += [_report_line(exposure) for exposure in exposures]
    lines.append(
        "lsm0zz01 12046            SM0 ZZ 01 01                        2016.001:06:19:07         COS MEMORY COPY"
    )
    lines.append("lsm0zz02 12046            SM0 ZZ 02 01 FUV  ALIGN/OSM   0.0 2016.001:07:00:00         PSA 3")
    lines += [rule, _report_line(exposures[0]).replace(" ", "")]
    (run.out / "160017a1.txt").write_text("\n".join(lines) + "\n", "ascii")
    run.tell("report", file_id="160017a1", exposures=len(exposures), bad_lines=1)


def _report_line(exposure: Exposure) -> str:
    """Give the line of an exposure."""
    start = datetime(1858, 11, 17, tzinfo=UTC) + timedelta(days=exposure.expstart)
    root, state = exposure.root.upper(), "167/163" if exposure.detector == "FUV" else ""
    osm = ("G130M", "-----") if exposure.detector == "FUV" else ("NCM1", exposure.opt_elem)
    return (
        f"{exposure.root[:8]} 99999 SIMULATED  {root[1:4]} {root[4:6]} {root[6:8]} 01 {exposure.detector}  TIME-TAG "
        f"{exposure.exptime:8.1f} {start:%Y.%j:%H:%M:%S} {state:7} PSA 3  {osm[0]:8} {osm[1]:7} {exposure.cenwave:4} "
        f"{exposure.fppos - NOMINAL_FPPOS:2} {120:6} {4000:6}              LOW LOW NO  2  12 S"
    )
