"""Dark calibrations under the names and arguments of `mica.archive.aca_dark.dark_cal`.

Owns dark ids and which calibration answers for a date. Must not know files or how maps are stored.
See spec/aca-dark-hdr3-l0.md 1.1. A date without a time of day is midnight UTC.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date as calendar_date
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from astropy.table import MaskedColumn, Table
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.archive import Archive
from longwatch.domain.times import Instant, to_us
from longwatch.domain.utc import utc_from_us
from longwatch.errors import BadFile, BadQuery, NotFound, Refused
from longwatch.instruments.aca.aca_image import ACAImage
from longwatch.instruments.aca.dark_files import CUBE, DARK_RATE, ID, ORIGIN
from longwatch.instruments.aca.dark_model import DARK_SCALE_4C as DARK_SCALE_4C
from longwatch.instruments.aca.dark_model import dark_temp_scale as dark_temp_scale
from longwatch.instruments.aca.dark_properties import KIND, directories, files_of
from longwatch.instruments.aca.opening import shown

Properties: TypeAlias = dict[str, Any]
"""What is known of a calibration; `replicas` is a list of such, `image` the map."""

_FIRST: Final = "1999:001:12:00:00"
_DAY_1970: Final = calendar_date(1970, 1, 1).toordinal()
_SELECTS: Final = ("before", "after", "nearest")


def date_to_dark_id(date: Instant | Sequence[Instant]) -> str | NDArray[np.str_]:
    """Give the dark id `YYYYDOY` of a date, or an array of them for many."""
    match date:
        case list() | tuple() | np.ndarray():
            return np.array([_id_of(one) for one in np.asarray(date, dtype=object).ravel()], "U7").reshape(
                np.shape(date)
            )
        case _:
            return _id_of(date)


def dark_id_to_date(dark_id: str | Sequence[str]) -> str | NDArray[np.str_]:
    """Give the date `YYYY:DOY` of a dark id, or an array of them for many."""
    match dark_id:
        case str():
            return f"{dark_id[:4]}:{dark_id[4:]}"
        case _:
            return np.array([f"{one[:4]}:{one[4:]}" for one in np.ravel(dark_id)]).reshape(np.shape(dark_id))


def get_dark_cal_dirs(dark_cals_dir: str | Path | None = None, archive: Archive | None = None) -> OrderedDict[str, str]:
    """Give directories of dark calibrations: id to absolute path, in order.

    Parameters
    ----------
    dark_cals_dir
        Folder of directories that are named by a dark id; None: those the archive took its maps from.
    archive
        None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.

    Raises
    ------
    NotFound
        Raised if the folder does not exist.
    """
    if dark_cals_dir is not None:
        return OrderedDict((dark_id, str(path)) for dark_id, path in directories(Path(dark_cals_dir)).items())
    with shown(archive) as site:
        paths = {str(row["key"]): Path(str(row["path"])).parent for row in site.products.find(kind=CUBE)}
    return OrderedDict((dark_id, str(paths[dark_id])) for dark_id in sorted(paths) if paths[dark_id].name == dark_id)


def add_dark_cals(dark_cals_dir: str | Path, archive: Archive) -> list[str]:
    """Take in dark-calibration directories of either generation, and nothing else of a folder.

    Parameters
    ----------
    dark_cals_dir
        Folder of directories `YYYYDOY`, each with `image.fits` and `properties.json`.
    archive
        Where to keep them.

    Returns
    -------
    list of str
        Ids that were new or changed.

    Raises
    ------
    BadFile
        Raised if a directory is not what it should be; the others are stored.
    Refused
        Raised if the archive is open for reading only.
    """
    if archive.writer is None:
        raise Refused("The archive is open for reading only. Open it for writing, without `as_of`.")
    folders = directories(Path(dark_cals_dir))
    if not folders:
        return []
    before = _stored(archive)
    report = archive.ingest(*(path for folder in folders.values() for path in files_of(folder)))
    if report.refusals:
        raise BadFile(report.refusals[0].reason)
    now = _stored(archive)
    return [dark_id for dark_id in folders if now.get(dark_id) != before.get(dark_id)]


def get_dark_cal_ids(dark_cals_dir: str | Path | None = None, archive: Archive | None = None) -> OrderedDict[str, str]:
    """Give all calibrations in order: full date `YYYY:DOY:00:00:00.000` to id; of a folder, or None: of the archive."""
    if dark_cals_dir is not None:
        ids = list(get_dark_cal_dirs(dark_cals_dir))
    else:
        with shown(archive) as site:
            ids = [str(n) for n in site.timelines[CUBE].epochs()["number"]] if CUBE in site.timelines else []
    return OrderedDict((f"{dark_id_to_date(one)}:00:00:00.000", one) for one in sorted(ids))


def get_dark_cal_id(
    date: Instant | Sequence[Instant],
    select: str = "before",
    dark_cal_ids: Sequence[str] | None = None,
    archive: Archive | None = None,
) -> str | NDArray[np.str_]:
    """Give the calibration that answers for a date.

    Parameters
    ----------
    date
        Any accepted time or a dark id, or an array of them.
    select
        `before`, `after` or `nearest`. One of the very same UTC day answers whatever is asked.
    dark_cal_ids
        Choose among these; None: all in the archive.
    archive
        None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.

    Returns
    -------
    str or np.ndarray
        Its id, or theirs.

    Raises
    ------
    BadQuery
        Raised if `select` is none of the three.
    NotFound
        Raised if there is no such calibration.
    """
    if select not in _SELECTS:
        raise BadQuery('select arg must be one of "nearest", "before", or "after"')
    known = sorted(get_dark_cal_ids(archive=archive).values() if dark_cal_ids is None else dark_cal_ids)
    match date:
        case list() | tuple() | np.ndarray():
            each = [_selected(one, select, known) for one in np.asarray(date, dtype=object).ravel()]
            return np.array(each, "U7").reshape(np.shape(date))
        case _:
            return _selected(date, select, known)


def get_dark_cal_image(
    date: Instant,
    select: str = "before",
    t_ccd_ref: float | None = None,
    aca_image: bool = False,
    allow_negative: bool = False,
    archive: Archive | None = None,
) -> NDArray[np.float32] | ACAImage:
    """Give the dark map that answers for a date.

    Parameters
    ----------
    date, select, archive
        As for `get_dark_cal_id`.
    t_ccd_ref
        Bring it to this CCD temperature [deg_C], by the law `global-2016`; None: as measured.
    aca_image
        True: an `ACAImage` that begins at row and column -512.
    allow_negative
        False: nothing is below 0, after scaling.

    Returns
    -------
    np.ndarray
        (1024, 1024) float32 [electron / s], row and column -512 first.
    """
    found = get_dark_cal_props(
        date,
        select,
        include_image=True,
        t_ccd_ref=t_ccd_ref,
        archive=archive,
        aca_image=aca_image,
        allow_negative=allow_negative,
    )
    image: NDArray[np.float32] | ACAImage = found["image"]
    return image


def get_dark_cal_props(
    date: Instant,
    select: str = "before",
    include_image: bool = False,
    t_ccd_ref: float | None = None,
    aca_image: bool = False,
    allow_negative: bool = False,
    archive: Archive | None = None,
) -> Properties:
    """Give what is known of the calibration that answers for a date.

    Parameters
    ----------
    date, select, t_ccd_ref, archive, aca_image, allow_negative
        As for `get_dark_cal_image`.
    include_image
        True: the map too, under `image`; only calibrations whose map is here answer then.

    Returns
    -------
    dict
        The properties of its generation, and `id`; classic ones have `replicas`, a list.
    """
    with shown(archive) as site:
        dark_id = str(get_dark_cal_id(date, select, _mapped(site) if include_image else None, site))
        properties = _properties(site, dark_id)
        if include_image:
            image = _scaled(site, dark_id, properties, t_ccd_ref)
            image = image if allow_negative else np.maximum(image, np.float32(0))
            properties["image"] = ACAImage(image, row0=ORIGIN[0], col0=ORIGIN[1]) if aca_image else image
    return properties


def get_dark_cal_props_table(
    start: Instant | None = None,
    stop: Instant | None = None,
    include_image: bool = False,
    as_table: bool = True,
    archive: Archive | None = None,
) -> Table | list[Properties]:
    """Give what is known of all calibrations from one day to another, both included.

    Parameters
    ----------
    start, stop
        Any accepted times; None: from the launch on, up to now.
    archive
        As for `get_dark_cal_id`.
    include_image
        True: the maps too, a column `image` of (1024, 1024).
    as_table
        True: a table without the replicas; masked where a generation lacks a property. False: a list of dicts.

    Returns
    -------
    Table or list of dict
        In order of time; without any calibration a table with the columns `id` and `date` and no row.
    """
    first, last = _id_of(start or _FIRST), _id_of(stop if stop is not None else Time.now())
    with shown(archive) as site:
        known = _mapped(site) if include_image else get_dark_cal_ids(archive=site).values()
        chosen = [one for one in known if first <= one <= last]
        found = [
            get_dark_cal_props(one, archive=site, include_image=include_image, allow_negative=True) for one in chosen
        ]
    return _tabled(found) if as_table else found


def _mapped(site: Archive) -> list[str]:
    """Give the ids of calibrations whose maps are here, in order."""
    epochs = site.cubes[CUBE].epochs()["epoch"].tolist() if CUBE in site.cubes else []
    return sorted(str(epoch) for epoch in epochs)


def _stored(site: Archive) -> dict[str, list[str]]:
    """Give the hashes of what is stored of each calibration."""
    found: dict[str, list[str]] = {}
    for kind in (CUBE, KIND):
        for row in site.products.find(kind=kind):
            found.setdefault(str(row["key"]), []).append(str(row["sha256"]))
    return found


def _id_of(date: Instant) -> str:
    match date:
        case str() if ID.fullmatch(date):
            return date
        case _:
            day, _ = utc_from_us(to_us(date, now=Time.now))
            return calendar_date.fromordinal(_DAY_1970 + int(day)).strftime("%Y%j")


def _midnight_us(dark_id: str) -> int:
    return to_us(str(dark_id_to_date(dark_id)))


def _selected(date: Instant, select: str, known: Sequence[str]) -> str:
    day = _id_of(date)
    if day in known:
        return day
    when = _midnight_us(day) if date == day else to_us(date, now=Time.now)
    starts = np.array([_midnight_us(one) for one in known], dtype=np.int64)
    after = int(np.searchsorted(starts, when))
    match select:
        case "nearest" if known:
            return known[int(np.argmin(np.abs(starts - when)))]
        case "before" if after > 0:
            return known[after - 1]
        case "after" if after < len(known):
            return known[after]
        case _:
            there = f"there are {len(known)}, {known[0]} to {known[-1]}" if known else "the archive has none"
            raise NotFound(f"No dark cal found {select} {dark_id_to_date(day)}({date}); {there}.")


def _properties(site: Archive, dark_id: str) -> Properties:
    timeline = site.timelines[CUBE]
    properties: Properties = {"id": dark_id, **timeline.epoch(int(dark_id)).attributes}
    members = timeline.members(int(dark_id))
    names = [name for name in members.colnames if name not in {"number", "member", "time"}]
    replicas = [{name.rstrip("_"): members[name].tolist()[i] for name in names} for i in range(len(members))]
    return properties | ({"replicas": replicas} if replicas else {})


def _scaled(site: Archive, dark_id: str, properties: Properties, t_ccd_ref: float | None) -> NDArray[np.float32]:
    image = np.ma.getdata(site.cubes[CUBE].image(DARK_RATE.name, epoch=int(dark_id)))
    if t_ccd_ref is None:
        return np.asarray(image, dtype=np.float32)
    if properties.get("ccd_temp") is None:
        raise NotFound(f"Dark calibration {dark_id} does not say how warm the CCD was. Ask without t_ccd_ref.")
    return np.asarray(image * np.float32(dark_temp_scale(properties["ccd_temp"], t_ccd_ref)), dtype=np.float32)


def _tabled(found: list[Properties]) -> Table:
    names = list(dict.fromkeys(["id", "date", *(name for one in found for name in one)]))
    table = Table()
    for name in (name for name in names if name not in {"replicas", "image"}):
        values = [one.get(name) for one in found]
        missing = np.array([value is None for value in values], dtype=bool)
        there = np.array([value for value in values if value is not None])
        data = np.zeros(len(values), there.dtype if there.size else "U8")
        data[~missing] = there
        table[name] = MaskedColumn(data, mask=missing) if missing.any() else data
    if "image" in names:
        table["image"] = np.stack([one["image"] for one in found])
    return table
