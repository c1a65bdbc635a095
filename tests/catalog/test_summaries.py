"""Which objects hold statistics."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.catalog.audit import named_objects
from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declare_series
from longwatch.catalog.summaries import SummaryInfo, drop_summaries, keep_summaries, summaries_of
from longwatch.errors import Busy, Refused
from longwatch.testing.series import spec_named


def info(channel: str, block: int, oid: str, digest: str = "d") -> SummaryInfo:
    return SummaryInfo(channel=channel, block=block, digest=digest, oid=oid * 64, size=1)


@pytest.fixture
def catalog(tmp_path: Path):
    catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db", lock_timeout_s=0.2)
    catalog.create()
    with catalog.run("declare") as run, catalog.change(run) as change:
        declare_series(change, spec_named("lab.a"))
    yield catalog
    catalog.close()


def test_what_is_derived_is_replaced_and_takes_no_number(catalog: Catalog) -> None:
    before = catalog.head()
    with catalog.aside() as aside:
        keep_summaries(aside, 1, [info("value", 202601, "a"), info("value", 2026, "b"), info("state", 2026, "c")])
    with catalog.aside() as aside:
        keep_summaries(aside, 1, [info("value", 202601, "e", "new")])
    with catalog.read(before) as snapshot:
        found = {one.block: (one.digest, one.oid[0]) for one in summaries_of(snapshot, 1, "value")}
        named = {one.oid[0]: (one.role, one.owner, one.current) for one in named_objects(snapshot)}
    assert found == {202601: ("new", "e"), 2026: ("d", "b")}
    assert named == dict.fromkeys("bce", ("summary", "lab.a", True))
    with catalog.aside() as aside:
        drop_summaries(aside, 1, [("value", 2026), ("value", 202601)])
    with catalog.read() as snapshot:
        assert [one.channel for one in summaries_of(snapshot, 1)] == ["state"]
    assert catalog.head() == before


def test_it_does_not_wait_for_a_writer_and_needs_a_right_to_write(catalog: Catalog, tmp_path: Path) -> None:
    with (
        catalog.run("test") as run,
        catalog.change(run),
        pytest.raises(Busy, match="Another writer"),
        catalog.aside(),
    ):
        pass
    with catalog.aside(patient=True) as aside:
        assert not summaries_of(aside, 1)
    reader = Catalog(f"sqlite:///{tmp_path}/catalog.db", writable=False)
    with pytest.raises(Refused), reader.aside():
        pass
    reader.close()
