"""Records: what travels from a worker to the writer survives the way."""

from __future__ import annotations

import pickle

from longwatch.ingest.record import Failure, Outcome


def test_an_outcome_travels_between_processes() -> None:
    failure = Failure(slug="bad-file", reason="cut", traceback="")
    outcome = Outcome(path="a.fits", state=(1, 2, 3, 4), kind="toy.file", failure=failure)
    assert pickle.loads(pickle.dumps(outcome)) == outcome
