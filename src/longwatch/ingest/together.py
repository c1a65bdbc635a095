"""One file and a reading that comes from no file, in one commit.

Owns the exception to batches: what must never be seen one without the other. Must not know instruments.
"""

from __future__ import annotations

from pathlib import Path

from longwatch.contracts.reading import Reading
from longwatch.domain.product import Identity
from longwatch.errors import BadFile, NotFound
from longwatch.ingest.commit import commit_batch
from longwatch.ingest.declare import declare_all
from longwatch.ingest.hand import hand_outcome
from longwatch.ingest.run import Intake
from longwatch.ingest.walk import state_of


def ingest_together(intake: Intake, path: str | Path, identity: Identity, reading: Reading) -> bool:
    """Take a file in together with a reading; no reader ever sees one without the other.

    Parameters
    ----------
    intake
        The archive.
    path
        The file.
    identity, reading
        What belongs to it and stands in no file, such as the dates of its epoch.

    Returns
    -------
    bool
        False where both were stored already.

    Raises
    ------
    NotFound
        Raised if there is no such file.
    BadFile
        Raised if nobody claims the file or it cannot be read; nothing is stored then, nor is it put in quarantine.
    """
    place = Path(path).expanduser().absolute()
    if not place.is_file():
        raise NotFound(f"No file {place} to ingest. Check the path.")
    with intake.catalog.run("ingest", {"places": str(place)}) as run:
        declare_all(intake.catalog, run, intake.instruments)
        outcome = intake.reader(link=intake.config.store == "link").read(str(place), state_of(place.stat()))
        if outcome.record is None:
            unclaimed = f"{place.name}: no kind of file claims it. `longwatch ingest --dry-run` tries the kinds."
            raise BadFile(outcome.failure.reason if outcome.failure else unclaimed)
        beside = hand_outcome(intake.catalog, intake.store, identity, reading)
        return bool(commit_batch(intake.catalog, intake.store, run, [beside, outcome], stamp=intake.stamp).stored)
