"""The timeline of anneal periods in an archive: cut from anneal exposures, and darks looked up in it.

Owns the way between rule and timeline. Must not know the rule itself, nor pixels. See spec/stis.md 2.6 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from longwatch.archive import Archive
from longwatch.contracts.reading import Reading
from longwatch.domain.epoch import Epoch, EpochMember
from longwatch.domain.product import Identity
from longwatch.domain.times import Instant, from_us, to_us, us_from_time
from longwatch.errors import NotFound, Refused
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import declared
from longwatch.instruments.stis.boundaries import Cut, belongs, cut_periods, period_of

KIND: Final = "stis.cut_periods"
"""Under which identity periods cut by the rule are kept."""


def store_cut_periods(archive: Archive, anneals: Sequence[Instant], *, programs: Sequence[int] = ()) -> int:
    """Cut periods at anneal exposures and store them, with the stored darks that belong to each.

    Parameters
    ----------
    archive
        An archive open for writing.
    anneals
        Starts of the exposures of the hot-pixel-annealing programs, in any order.
    programs
        The dark monitor's programs; empty: any.

    Returns
    -------
    int
        How many periods there are; they take the place of those cut before, and of a table's where numbers are equal.

    Raises
    ------
    Refused
        Raised if the archive is open for reading only.
    """
    if archive.writer is None:
        raise Refused("Periods are stored, but this archive is open for reading only. Open it for writing.")
    cuts = cut_periods([to_us(at) for at in anneals])
    members = _members(archive, cuts, programs)
    epochs = tuple(
        Epoch(
            timeline=c.TIMELINE,
            number=cut.number,
            start_us=cut.start_us,
            stop_us=cut.stop_us,
            attributes={
                "n_darks": sum(member.number == cut.number for member in members),
                "provisional": cut.provisional,
                **_anneal(cut),
            },
        )
        for cut in cuts
    )
    reading = Reading(
        key="cut_periods",
        t_min_us=cuts[0].start_us if cuts else None,
        t_max_us=cuts[-1].stop_us if cuts else None,
        epochs=epochs,
        members=members,
    )
    archive.writer.store(Identity("stis", KIND, reading.key), reading)
    return len(epochs)


def period_of_dark(archive: Archive, rootname: str) -> int:
    """Give the number of the period a dark belongs to: by the tables of darks, else by when it was taken.

    Parameters
    ----------
    archive
        The archive.
    rootname
        The dark, in any case.

    Raises
    ------
    NotFound
        Raised if nobody knows the dark, or it lies in no period.
    """
    timeline = archive.timelines[c.TIMELINE]
    members = timeline.members()
    listed = members["number"][members["member"] == rootname.lower()]
    if len(listed):
        return int(listed[0])
    found = archive.products.find(kind=declared.DARK, key=rootname.lower())
    if not len(found):
        raise NotFound(f"No dark {rootname!r} is listed or stored. Ingest its FLT file or a table that names it.")
    return timeline.at(found["t_min"][0]).number


def _anneal(cut: Cut) -> dict[str, str]:
    """Give when the anneal that opens a period began, and when its last exposure did (UTC)."""
    if cut.annealed_us is None:
        return {}
    return {"anneal_start": from_us(cut.start_us).isot, "anneal_end": from_us(cut.annealed_us).isot}


def _members(archive: Archive, cuts: Sequence[Cut], programs: Sequence[int]) -> tuple[EpochMember, ...]:
    """Give the stored darks of the monitor with the period each lies in."""
    found = archive.products.find(kind=declared.DARK, texptime=(None, None), proposid=(None, None))
    starts = us_from_time(found["t_min"]) if len(found) else np.zeros(0, dtype=np.int64)
    members = []
    for key, at_us, seconds, program in zip(
        found["key"], starts.tolist(), found["texptime"], found["proposid"], strict=True
    ):
        number = period_of(cuts, at_us)
        if number is not None and belongs(float(seconds), int(program), programs):
            told = {"exptime": float(seconds), "proposid": int(program)}
            members.append(
                EpochMember(timeline=c.TIMELINE, number=number, member=str(key), t_us=at_us, attributes=told)
            )
    return tuple(members)
