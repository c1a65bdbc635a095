"""The report: numbers that add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longwatch.ingest.commit import Committed
from longwatch.ingest.record import Failure, Outcome
from longwatch.ingest.report import IngestReport, Tally

_FAILURE = Failure(slug="bad-file", reason="cut", traceback="")
_COUNTS = st.lists(st.tuples(*[st.integers(0, 4)] * 4), max_size=5)


def _outcomes(count: int, failure: Failure | None = None) -> list[Outcome]:
    return [Outcome(path=f"{n}.fits", state=(10, 0, 0, 0), kind="toy.file", failure=failure) for n in range(count)]


@given(_COUNTS)
def test_every_file_is_counted_once(batches: list[tuple[int, int, int, int]]) -> None:
    tally = Tally(unchanged=2)
    for stored, unchanged, unknown, refused in batches:
        tally.count(
            Committed(
                commit=1,
                stored=list(enumerate(_outcomes(stored))),
                unchanged=_outcomes(unchanged),
                unknown=_outcomes(unknown),
                quarantined=_outcomes(refused, _FAILURE),
            )
        )
    report = tally.report(1, 2.0)
    assert report.seen == 2 + sum(map(sum, batches))
    assert report.seen == report.stored + report.unchanged + report.unknown + report.quarantined
    assert report.bytes == 10 * report.stored
    assert sum(report.kinds.values()) == report.stored
    assert [r.reason for r in report.refusals] == ["cut"] * report.quarantined


def test_a_rate_needs_time() -> None:
    report = IngestReport(run=0, seen=10, stored=10, unchanged=0, unknown=0, quarantined=0)
    assert report.rate == 0.0
    assert Tally(unchanged=10).report(0, 2.0).rate == 5.0
