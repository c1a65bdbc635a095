"""Provenance: where a measurement comes from, down to the files.

Owns the value and its look-up. Must not know what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.measurements import StoredMeasurement, WindowRead, input_versions, windows_of
from longwatch.catalog.runs import RunInfo, run_of
from longwatch.catalog.versions import VersionInfo, versions_by_id
from longwatch.contracts.monitor import Monitor
from longwatch.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a measurement comes from.

    Parameters
    ----------
    measurement
        The measurement.
    run
        The run that first gave this value: who, when, code version, parameters.
    window
        The window it was last measured in: the commit that was read then, code version and run. A run that finds the
        same value keeps the measurement and renews only this.
    inputs
        The input versions that answered in that window at that commit, and those without a time.
    """

    measurement: StoredMeasurement
    run: RunInfo
    window: WindowRead
    inputs: tuple[VersionInfo, ...]


def provenance(catalog: Catalog, monitor: Monitor, stored: StoredMeasurement) -> Provenance:
    """Give where a measurement of a monitor comes from.

    Raises
    ------
    NotFound
        Raised if its window is no longer noted: it was measured anew and retired since.
    """
    span = stored.measurement.window
    with catalog.read() as snapshot:
        noted = windows_of(snapshot, monitor.name).items()
        run = run_of(snapshot, stored.run_id)
    notes = [note for window, note in noted if window.intersection(span) == span]
    if not notes or run is None:
        raise NotFound(
            f"No note of the window {span} of {monitor.name!r}: the measurement was retired. Ask for the current ones "
            "with `archive.measurements`."
        )
    with catalog.read(notes[0].commit_read) as snapshot:
        found = versions_by_id(snapshot, input_versions(snapshot, monitor.inputs, span))
    return Provenance(measurement=stored, run=run, window=notes[0], inputs=tuple(found.values()))
