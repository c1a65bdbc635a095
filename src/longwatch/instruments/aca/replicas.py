"""Classic dark calibrations from what was downlinked: which directory, how warm each replica was, what is known.

Owns the rules of the processing before 2019. Must not know how telemetry or maps are stored.
See spec/aca-dark-hdr3-l0.md 5.2; `dark_statistics.dark_from_replicas` makes the map from full frames.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from longwatch.archive import Archive
from longwatch.domain.times import Instant, cxc_from_us, from_us, to_us
from longwatch.domain.utc import DAY_US
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca.aca_hdr3 import Msid
from longwatch.instruments.aca.columns import KELVIN
from longwatch.instruments.aca.dark_cal import date_to_dark_id
from longwatch.instruments.aca.dark_properties import directories

GUESS_C: Final = -10.0
"""CCD temperature of replicas before 2000, of which there is no telemetry [deg_C]."""

_TELEMETRY_FROM_US: Final = to_us("2000-01-01")
_KNOWN_DOWNLINK_US: Final = to_us("2001:080")
_HEADER_3_S: Final = 600.0
_LEAST_HEADER_3: Final = 5
_ENGINEERING_S: Final = 20_000.0
_LEAST_ENGINEERING: Final = 101
_ZODIACAL: Final = "Result/zodi.csv"
_IMAGE: Final = "imd.fits"
_SKY: Final = ("ra", "dec", "el", "eb", "sun_el", "l_l0", "zodib")

Floats = NDArray[np.float64]


class Samples(NamedTuple):
    """Samples of a temperature.

    Parameters
    ----------
    time
        (n,) [Chandra seconds].
    value
        (n,) [deg_C]; all are good.
    """

    time: Floats
    value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkEvent:
    """A calibration as it was commanded.

    Parameters
    ----------
    start, stop
        Its ends.
    replicas
        Start and stop of each replica, in order.
    """

    start: Instant
    stop: Instant
    replicas: Sequence[tuple[Instant, Instant]]


def directory_of(start: Instant, known: Iterable[str]) -> str:
    """Give the id of the directory that holds a calibration: of the day before its start, that day, or the next.

    Raises
    ------
    NotFound
        Raised if there is none of the three.
    """
    there = set(known)
    at_us = to_us(start)
    days = [str(date_to_dark_id(from_us(at_us + off * DAY_US))) for off in (-1, 0, 1)]
    for day in days:
        if day in there:
            return day
    raise NotFound(f"No dark calibration directory for {start}: sought {', '.join(days)}; {len(there)} are there.")


def replica_temperature(start: Instant, stop: Instant, header_3: Samples, engineering: Samples) -> tuple[float, str]:
    """Give how warm the CCD was in a replica, and how that is known.

    Parameters
    ----------
    start, stop
        Ends of the replica.
    header_3
        Header-3 `ccd_temp`; those from 600 s before to 600 s after count, if there are more than four.
    engineering
        The CCD temperature of other telemetry; those within 20,000 s of the replica count, if there are more than 100:
        a parabola through them gives the temperature at its middle.

    Returns
    -------
    tuple
        Temperature [deg_C], and `GUESS` (before 2000), `HDR3` or `AACCCDPT`.

    Raises
    ------
    NotFound
        Raised if there is too little telemetry.
    """
    start_us, stop_us = to_us(start), to_us(stop)
    if start_us < _TELEMETRY_FROM_US:
        return GUESS_C, "GUESS"
    first, last = float(cxc_from_us(start_us)), float(cxc_from_us(stop_us))
    near = _within(header_3, first - _HEADER_3_S, last + _HEADER_3_S)
    if len(near.time) >= _LEAST_HEADER_3:
        return float(near.value.mean()), "HDR3"
    wide = _within(engineering, first - _ENGINEERING_S, last + _ENGINEERING_S)
    if len(wide.time) >= _LEAST_ENGINEERING:
        middle = 0.5 * (first + last)
        return float(np.polyfit(wide.time - middle, wide.value, 2)[-1]), "AACCCDPT"
    raise NotFound(
        f"How warm the CCD was from {start} to {stop} is not known: there are {len(near.time)} header-3 samples, where "
        f"more than 4 are needed, and {len(wide.time)} others, where more than 100 are. Ingest the telemetry around it."
    )


def classic_properties(event: DarkEvent, folder: Path, archive: Archive) -> dict[str, Any]:
    """Give what is known of a classic calibration, as its `properties.json` has it.

    Parameters
    ----------
    event
        When it was, and its replicas; each keeps its own start and stop.
    folder
        Its directory as downlinked: files whose names hold `VC2_Replica<N>_SFDU`, and `Result/zodi.csv`.
    archive
        Where temperatures are asked: header 3, else TEMPCCD of the images.
    """
    replicas = [_replica(n, span, folder, archive) for n, span in enumerate(event.replicas, start=1)]
    if not replicas:
        raise BadQuery(f"The calibration of {event.start} has no replicas. Name start and stop of each.")
    dark_id = folder.name
    start_us, stop_us = to_us(event.start), to_us(event.stop)
    date = f"{dark_id[:4]}:{dark_id[4:]}"
    return {
        "id": dark_id,
        "date": date,
        "start": _dated(start_us),
        "stop": _dated(stop_us),
        "dur": (stop_us - start_us) / 1e6,
        "ccd_temp": float(np.mean([one["ccd_temp"] for one in replicas])),
        "replicas": replicas,
        **_sky(folder / _ZODIACAL, date),
    }


def process(event: DarkEvent, downlinked: Path, out: Path, archive: Archive) -> Path:
    """Make the directory of a classic calibration, ready for ingest.

    Parameters
    ----------
    event
        When it was, and its replicas.
    downlinked
        Folder of directories `YYYYDOY` as downlinked, each with `imd.fits`.
    out
        Folder to write `YYYYDOY/image.fits` and `properties.json` into.
    archive
        Where temperatures are asked.

    Returns
    -------
    Path
        The directory.
    """
    found = directories(downlinked)
    folder = found[directory_of(event.start, found)]
    properties = classic_properties(event, folder, archive)
    made = out / folder.name
    made.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / _IMAGE, made / "image.fits")
    (made / "properties.json").write_text(json.dumps(properties, indent=2, sort_keys=True), encoding="utf-8")
    return made


def _replica(number: int, span: tuple[Instant, Instant], folder: Path, archive: Archive) -> dict[str, Any]:
    start_us, stop_us = (to_us(end) for end in span)
    early = start_us < _TELEMETRY_FROM_US
    samples = (_NONE, _NONE) if early else (_header_3(start_us, stop_us, archive), _images(start_us, stop_us, archive))
    ccd_temp, source = replica_temperature(*span, *samples)
    files = folder.rglob(f"*VC2_Replica{number}_SFDU*")
    return {
        "count": number,
        "ccd_temp": ccd_temp,
        "ccd_temp_source": source,
        "start": _dated(start_us),
        "stop": _dated(stop_us),
        "downlink": start_us < _KNOWN_DOWNLINK_US or any(True for _ in files),
    }


def _header_3(start_us: int, stop_us: int, archive: Archive) -> Samples:
    first, last = (float(cxc_from_us(end)) for end in (start_us, stop_us))
    found = Msid("ccd_temp", first - _HEADER_3_S, last + _HEADER_3_S, archive=archive)
    return Samples(np.asarray(found.times, dtype=float), np.asarray(found.vals, dtype=float))


def _images(start_us: int, stop_us: int, archive: Archive) -> Samples:
    around = (from_us(end + sign * int(_ENGINEERING_S * 1e6)) for end, sign in ((start_us, -1), (stop_us, 1)))
    rows = archive.series["aca.l0"].fetch(["time", "tempccd", "quality"], *around)
    kelvin = np.ma.asarray(rows["tempccd"])
    good = ~np.ma.getmaskarray(kelvin) & (np.asarray(rows["quality"]) == 0)
    return Samples(np.asarray(rows["time"], dtype=float)[good], np.ma.getdata(kelvin)[good].astype(float) - KELVIN)


_NONE: Final = Samples(np.zeros(0), np.zeros(0))


def _within(samples: Samples, first: float, last: float) -> Samples:
    inside = (samples.time >= first) & (samples.time <= last)
    return Samples(samples.time[inside], samples.value[inside])


def _sky(path: Path, date: str) -> dict[str, float]:
    """Give where the camera looked, and the zodiacal light, from the row of that date; nothing where there is none."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("date", "").startswith(date)]
    return {name: float(rows[-1][name]) for name in _SKY if rows and rows[-1].get(name)}


def _dated(us: int) -> str:
    return str(from_us(us).yday)
