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
from longwatch.instruments.stis.selection import USUAL, Choice, bias_reasons, reasons

KIND: Final = "stis.period"
"""Under which identity derived periods are kept."""

_HEAD = 3
_TARGET: Final = {declared.DARK: "DARK", declared.BIAS: "BIAS"}


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Taken(Opened):
    """An exposure of a stored file, opened.

    Parameters
    ----------
    kind
        `stis.dark` or `stis.bias`.
    sha256
        Of the file.
    """

    kind: str
    sha256: str

    @property
    def named(self) -> tuple[str, str]:
        """Name of the exposure, and SHA-256 of its file."""
        return f"{self.imset.rootname}[{self.imset.number}]", self.sha256


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
    darks = _in_order(archive, epoch, declared.DARK)
    if not darks:
        raise NotFound(
            f"No dark of anneal period {epoch.number} is stored; the archive has "
            f"{len(archive.products.find(kind=declared.DARK))} darks of other times. "
            "Ingest the FLT files of its darks first; `stale_periods` names the periods that have some."
        )
    why = reasons([one.imset for one in darks], choice)
    used = _without_reason(darks, why)
    biases = _in_order(archive, epoch, declared.BIAS)
    why_biases = bias_reasons([one.imset for one in biases], (used or darks)[0].imset, choice)
    pairs = _without_reason(biases, why_biases)
    reading = Reading(
        key=f"period_{number}",
        t_min_us=epoch.start_us,
        t_max_us=None if epoch.stop_us is None else epoch.stop_us - 1,
        keywords={
            "ANNEAL": number,
            "N_USED": len(used),
            "N_EXCL": len(darks) - len(used),
            "N_BIAS": len(pairs),
            **choice.keywords,
        },
        rows=(_rows(number, [*darks, *biases], [*why, *why_biases]),),
        planes=_planes(used, pairs, epoch, choice) if used else (),
    )
    stored = archive.writer.store(Identity("stis", KIND, reading.key), reading)
    excluded = Counter(reason for reason in why if reason)
    return Derived(number=number, n_used=len(used), excluded=dict(excluded), stored=stored)


def derive_stale(archive: Archive, choice: Choice = USUAL) -> Iterator[Derived]:
    """Derive every period whose darks are not those it was derived from; parameters and errors as for one."""
    for number in stale_periods(archive):
        yield derive_period(archive, number, choice)


def stale_periods(archive: Archive) -> list[int]:
    """Give the periods whose stored darks are not those they were derived from: new, replaced or retracted ones.

    Biases count where there are darks.
    """
    there: dict[int, set[str]] = {}
    for number, _, sha256 in _stored(archive, declared.DARK):
        there.setdefault(number, set()).add(sha256)
    for number, _, sha256 in _stored(archive, declared.BIAS):
        there.get(number, set()).add(sha256)
    if declared.FRAMES.name not in archive.series:
        return sorted(there)
    made: dict[int, set[str]] = {}
    rows = archive.series[declared.FRAMES.name].fetch([declared.ANNEAL.name, declared.SHA256.name])
    for number, sha256 in zip(rows[declared.ANNEAL.name], rows[declared.SHA256.name], strict=True):
        made.setdefault(int(number), set()).add(str(sha256))
    known = set(archive.timelines[c.TIMELINE].epochs()["number"].tolist())
    return sorted(number for number in there.keys() | (made.keys() & known) if there.get(number) != made.get(number))


def frames_table(archive: Archive, number: int) -> Table:
    """Give the darks and biases of a period as its properties were derived: file, hash, use, and why not."""
    found = archive.series[declared.FRAMES.name].fetch(None, where={declared.ANNEAL.name: number})
    found["time"] = from_us(np.asarray(found["time"], dtype=np.int64))
    return found


def used_darks(archive: Archive, number: int) -> list[str]:
    """Give the rootnames of the darks a period was derived from, in order of time; none where it was not."""
    if declared.FRAMES.name not in archive.series:
        return []
    frames = frames_table(archive, number)
    is_dark = np.asarray(frames[declared.TARGET.name]) == _TARGET[declared.DARK]
    names = frames[declared.ROOTNAME.name][is_dark & np.asarray(frames[declared.USED.name], dtype=bool)]
    return list(dict.fromkeys(str(name) for name in names))


def _stored(archive: Archive, kind: str) -> Iterator[tuple[int, str, str]]:
    """Give (period, rootname, SHA-256) of every stored file of a kind that lies in a period."""
    found = archive.products.find(kind=kind)
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


def _in_order(archive: Archive, epoch: Epoch, kind: str) -> list[_Taken]:
    """Give the exposures of a kind in a period, in order of time."""
    files = [(key, sha256) for number, key, sha256 in _stored(archive, kind) if number == epoch.number]
    taken = [one for key, sha256 in files for one in _open(archive, kind, key, sha256)]
    return sorted(taken, key=lambda one: (one.imset.mjd, one.imset.rootname, one.imset.number))


def _open(archive: Archive, kind: str, key: str, sha256: str) -> list[_Taken]:
    """Open a file: mapped where the store can map it and it is not compressed, else read."""
    info = archive.products.version(kind=kind, key=key)
    view = archive.store.view(sha256) if archive.store.local and info.link is None else None
    if view is None or is_gzip(bytes(view[:_HEAD])):
        view = memoryview(archive.products.content(kind=kind, key=key))
    file = parse(view, name=info.name, checksum=False)
    return [_Taken(imset=imset, data=view, kind=kind, sha256=sha256) for imset in imsets(file)]


def _without_reason(taken: Sequence[_Taken], why: Sequence[str]) -> list[_Taken]:
    return [one for one, reason in zip(taken, why, strict=True) if not reason]


def _planes(used: Sequence[_Taken], biases: Sequence[_Taken], epoch: Epoch, choice: Choice) -> tuple[Plane, ...]:
    """Derive the planes of a period from its darks; biases tell the read noise."""
    first, last = used[0].imset, used[-1].imset
    start = first.mjd if epoch.start_us is None else _mjd(epoch.start_us)
    stop = last.mjd if epoch.stop_us is None else _mjd(epoch.stop_us)
    old, life = derive_images(used, frames_of(used, start_mjd=start, stop_mjd=stop), choice, biases)
    darks = tuple(one.named for one in used)
    made = ((c.CUBE, old, darks), (c.LIFE, life, (*darks, *(one.named for one in biases))))
    return tuple(
        Plane(cube=cube, epoch=epoch.number, property=name, image=image, origin=first.origin, inputs=inputs)
        for cube, images, inputs in made
        for name, image in images.items()
    )


def _rows(number: int, taken: Sequence[_Taken], why: Sequence[str]) -> Rows:
    """Give a row for every exposure."""
    all_of_them: list[Imset] = [one.imset for one in taken]
    temp_c, mjd = np.array([(imset.temp_c, imset.mjd) for imset in all_of_them]).T
    columns = {
        "time": us_from_mjd(mjd),
        declared.ROOTNAME.name: np.array([imset.rootname for imset in all_of_them]),
        declared.IMSET.name: np.array([imset.number for imset in all_of_them]),
        declared.ANNEAL.name: np.full(len(taken), number),
        declared.SHA256.name: np.array([one.sha256 for one in taken]),
        declared.EXPTIME.name: np.array([imset.exptime_s for imset in all_of_them]),
        declared.OCCDHTAV.name: np.ma.masked_invalid(temp_c),
        declared.FACTOR.name: temperature.factor(temp_c, mjd),
        declared.NOTEMP.name: ~temperature.is_known(temp_c, mjd),
        declared.TARGET.name: np.array([_TARGET[one.kind] for one in taken]),
        declared.USED.name: np.array([not reason for reason in why]),
        declared.REASON.name: np.array(why, dtype=str),
    }
    return Rows(series=declared.FRAMES.name, columns=columns)


def _mjd(us: int) -> float:
    return float(from_us(us).mjd)
