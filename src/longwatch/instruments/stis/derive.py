"""Properties of a period from its dark frames: which, why not others, and into the archive.

Owns the way from stored darks to the planes of a period. Must not know how properties are defined or planes kept.
See spec/stis.md 3 and 7.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.archive import Archive
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.epoch import Epoch
from longwatch.domain.product import Identity
from longwatch.domain.times import from_us, us_from_mjd, us_from_time
from longwatch.errors import NotFound, Refused
from longwatch.fits.content import is_gzip
from longwatch.fits.file import parse
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import declared, temperature
from longwatch.instruments.stis.bands import Opened, derive_images, frames_of
from longwatch.instruments.stis.dark_files import Imset, imsets
from longwatch.instruments.stis.selection import USUAL, Choice, reasons

KIND: Final = "stis.period"
"""Under which identity derived periods are kept."""

_HEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What was derived of a period.

    Parameters
    ----------
    number
        The period.
    n_used
        Exposures that were used.
    excluded
        How many were not, by reason.
    stored
        False where the same was stored already.
    """

    number: int
    n_used: int
    excluded: Mapping[str, int]
    stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dark:
    """A stored dark, opened."""

    sha256: str
    opened: tuple[Opened, ...]


def derive_period(archive: Archive, number: int, choice: Choice = USUAL) -> Derived:
    """Derive the properties of every pixel in one anneal period from its stored darks.

    Parameters
    ----------
    archive
        An archive open for writing, with the darks (`stis.dark`) and the timeline of periods.
    number
        The period.
    choice
        How.

    Returns
    -------
    Derived
        Which were used. Planes are in `stis.ccd` and `stis.life`; every exposure, with the SHA-256 of its file and the
        reason why it was not used, is a row of the series `stis.frames`. Without a usable exposure only these rows are
        stored, and planes derived earlier no longer answer.

    Raises
    ------
    NotFound
        Raised if there is no such period, or none of its darks is stored.
    Refused
        Raised if the archive is open for reading only.
    """
    if archive.writer is None:
        raise Refused("Properties are stored, but this archive is open for reading only. Open it for writing.")
    for spec in (*declared.CUBES, *declared.SERIES):
        archive.writer.declare(spec)
    epoch = archive.timelines[c.TIMELINE].epoch(number)
    taken = _in_order(archive, epoch)
    why = reasons([one.imset for _, one in taken], choice)
    used = [one for one, reason in zip(taken, why, strict=True) if not reason]
    reading = Reading(
        key=f"period_{number}",
        t_min_us=epoch.start_us,
        t_max_us=None if epoch.stop_us is None else epoch.stop_us - 1,
        keywords={"ANNEAL": number, "N_USED": len(used), "N_EXCL": len(taken) - len(used), **choice.keywords},
        rows=(_rows(number, taken, why),),
        planes=_planes(number, used, epoch, choice) if used else (),
    )
    stored = archive.writer.store(Identity("stis", KIND, reading.key), reading)
    excluded = Counter(reason for reason in why if reason)
    return Derived(number=number, n_used=len(used), excluded=dict(excluded), stored=stored)


def derive_stale(archive: Archive, choice: Choice = USUAL) -> Iterator[Derived]:
    """Derive every period whose darks are not those it was derived from; parameters and errors as for one."""
    for number in stale_periods(archive):
        yield derive_period(archive, number, choice)


def stale_periods(archive: Archive) -> list[int]:
    """Give the periods whose stored darks are not those they were derived from: new, replaced or retracted ones."""
    there: dict[int, set[str]] = {}
    for number, _, sha256 in _stored(archive):
        there.setdefault(number, set()).add(sha256)
    if declared.FRAMES.name not in archive.series:
        return sorted(there)
    made: dict[int, set[str]] = {}
    rows = archive.series[declared.FRAMES.name].fetch([declared.ANNEAL.name, declared.SHA256.name])
    for number, sha256 in zip(rows[declared.ANNEAL.name], rows[declared.SHA256.name], strict=True):
        made.setdefault(int(number), set()).add(str(sha256))
    known = set(archive.timelines[c.TIMELINE].epochs()["number"].tolist())
    return sorted(number for number in there.keys() | (made.keys() & known) if there.get(number) != made.get(number))


def frames_table(archive: Archive, number: int) -> Table:
    """Give the exposures of a period as its properties were derived from them: file, hash, use, and why not."""
    found = archive.series[declared.FRAMES.name].fetch(None, where={declared.ANNEAL.name: number})
    found["time"] = from_us(np.asarray(found["time"], dtype=np.int64))
    return found


def _stored(archive: Archive) -> Iterator[tuple[int, str, str]]:
    """Give (period, rootname, SHA-256) of every stored dark that lies in a period."""
    found = archive.products.find(kind=declared.DARK)
    if not len(found) or c.TIMELINE not in archive.timelines:
        return
    epochs = archive.timelines[c.TIMELINE].epochs()
    starts = np.where(epochs["start"].mask, 0, us_from_time(epochs["start"].unmasked))
    stops = np.where(epochs["stop"].mask, np.iinfo(np.int64).max, us_from_time(epochs["stop"].unmasked))
    order = np.argsort(starts, kind="stable")
    for key, sha256, at_us in zip(found["key"], found["sha256"], us_from_time(found["t_min"]), strict=True):
        place = int(np.searchsorted(starts[order], at_us, side="right")) - 1
        if place >= 0 and at_us < stops[order[place]]:
            yield int(epochs["number"][order[place]]), str(key), str(sha256)


def _in_order(archive: Archive, epoch: Epoch) -> list[tuple[str, Opened]]:
    """Give the exposures of a period with the SHA-256 of their files, in order of time."""
    darks = [_open(archive, key, sha256) for number, key, sha256 in _stored(archive) if number == epoch.number]
    if not darks:
        count = len(archive.products.find(kind=declared.DARK))
        raise NotFound(
            f"No dark of anneal period {epoch.number} is stored; the archive has {count} darks of other times. "
            "Ingest the FLT files of its darks first; `stale_periods` names the periods that have some."
        )
    taken = [(dark.sha256, one) for dark in darks for one in dark.opened]
    return sorted(taken, key=lambda pair: (pair[1].imset.mjd, pair[1].imset.rootname, pair[1].imset.number))


def _open(archive: Archive, key: str, sha256: str) -> _Dark:
    """Open a dark: mapped where the store can map it and it is not compressed, else read."""
    info = archive.products.version(kind=declared.DARK, key=key)
    view = archive.store.view(sha256) if archive.store.local and info.link is None else None
    if view is None or is_gzip(bytes(view[:_HEAD])):
        view = memoryview(archive.products.content(kind=declared.DARK, key=key))
    file = parse(view, name=info.name, checksum=False)
    return _Dark(sha256=sha256, opened=tuple(Opened(imset=imset, data=view) for imset in imsets(file)))


def _planes(number: int, used: Sequence[tuple[str, Opened]], epoch: Epoch, choice: Choice) -> tuple[Plane, ...]:
    """Derive the planes of a period from its exposures and the SHA-256 of their files."""
    opened = [one for _, one in used]
    first, last = opened[0].imset, opened[-1].imset
    start = first.mjd if epoch.start_us is None else _mjd(epoch.start_us)
    stop = last.mjd if epoch.stop_us is None else _mjd(epoch.stop_us)
    old, life = derive_images(opened, frames_of(opened, start_mjd=start, stop_mjd=stop), choice)
    inputs = tuple((f"{one.imset.rootname}[{one.imset.number}]", sha256) for sha256, one in used)
    return tuple(
        Plane(cube=cube, epoch=number, property=name, image=image, origin=first.origin, inputs=inputs)
        for cube, images in ((c.CUBE, old), (c.LIFE, life))
        for name, image in images.items()
    )


def _rows(number: int, taken: Sequence[tuple[str, Opened]], why: Sequence[str]) -> Rows:
    """Give a row for every exposure."""
    all_of_them: list[Imset] = [one.imset for _, one in taken]
    temp_c, mjd = np.array([(imset.temp_c, imset.mjd) for imset in all_of_them]).T
    columns = {
        "time": us_from_mjd(mjd),
        declared.ROOTNAME.name: np.array([imset.rootname for imset in all_of_them]),
        declared.IMSET.name: np.array([imset.number for imset in all_of_them]),
        declared.ANNEAL.name: np.full(len(taken), number),
        declared.SHA256.name: np.array([sha256 for sha256, _ in taken]),
        declared.EXPTIME.name: np.array([imset.exptime_s for imset in all_of_them]),
        declared.OCCDHTAV.name: np.ma.masked_invalid(temp_c),
        declared.FACTOR.name: temperature.factor(temp_c, mjd),
        declared.NOTEMP.name: ~temperature.is_known(temp_c, mjd),
        declared.USED.name: np.array([not reason for reason in why]),
        declared.REASON.name: np.array(why, dtype=str),
    }
    return Rows(series=declared.FRAMES.name, columns=columns)


def _mjd(us: int) -> float:
    return float(from_us(us).mjd)
