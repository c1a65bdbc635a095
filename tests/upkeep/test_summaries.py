"""Statistics that are kept are looked after, and can always be made again."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from longwatch.archive import Archive, open_archive
from longwatch.catalog.summaries import summaries_of
from longwatch.upkeep.backup import backup
from longwatch.upkeep.doctor import Severity, examine
from longwatch.upkeep.restore import restore
from longwatch.upkeep.tidy import fix, prune_before
from longwatch.upkeep.verify import verify
from toy_instrument import TOY


@pytest.fixture(autouse=True)
def keep_few_rows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longwatch.series.maker.WORTH", 0)


@pytest.fixture
def summarised(archive: Archive) -> Archive:
    (name,) = archive.series
    assert archive.series[name].summarise().made
    return archive


def kept(archive: Archive) -> set[str]:
    with archive.catalog.read() as snapshot:
        return {one.oid for one in summaries_of(snapshot, 1)}


def test_they_are_verified_backed_up_and_restored(summarised: Archive, tmp_path: Path) -> None:
    assert verify(summarised.catalog, summarised.store).well
    assert backup(summarised.upkeep, tmp_path / "backup").well
    assert restore(tmp_path / "backup", tmp_path / "again").well
    with open_archive(tmp_path / "again", instruments=[TOY]) as again:
        assert kept(again) == kept(summarised)
        assert all(again.store.exists(oid) for oid in kept(again))


def test_a_lost_one_is_a_warning_and_is_made_again(summarised: Archive) -> None:
    gone = min(kept(summarised))
    summarised.store.remove(gone, older_than_s=0)
    (finding,) = examine(summarised.upkeep)
    assert finding.severity is Severity.WARNING
    assert "longwatch summarise" in finding.next_step
    (problem,) = verify(summarised.catalog, summarised.store).problems
    assert "longwatch summarise" in problem.next_step
    (name,) = summarised.series
    assert summarised.series[name].summarise().made
    assert examine(summarised.upkeep) == []


def test_one_damaged_in_place_is_named_and_made_again(summarised: Archive) -> None:
    hurt = min(kept(summarised))
    (path,) = Path(urlsplit(summarised.store.location).path).rglob(hurt[2:])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4] + b"XXXX")
    (problem,) = verify(summarised.catalog, summarised.store).problems
    assert problem.name == hurt
    (name,) = summarised.series
    assert summarised.series[name].summarise().made == 1
    assert verify(summarised.catalog, summarised.store).well
    assert not summarised.series[name].summarise().made


def test_pruning_and_tidying_keep_what_is_current_and_drop_what_was_replaced(summarised: Archive) -> None:
    (name,) = summarised.series
    before = kept(summarised)
    summarised.retract(kind="toy.file", key="b")
    summarised.series[name].summarise()
    after = kept(summarised)
    assert before != after
    assert prune_before(summarised.upkeep, summarised.catalog.head(), older_than_s=0).objects >= len(before - after)
    fix(summarised.upkeep, older_than_s=0)
    assert all(summarised.store.exists(oid) for oid in after)
    assert not any(summarised.store.exists(oid) for oid in before - after)
    assert verify(summarised.catalog, summarised.store).well
    assert not summarised.series[name].summarise().made
