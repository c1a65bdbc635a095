"""Half-open epochs, gaps that name their neighbours, and names by their last part."""

from __future__ import annotations

import pytest
from astropy.time import Time

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.reading import Reading
from longwatch.cubes.timelines import TimelineRoom, find_epoch
from longwatch.domain.epoch import Epoch, EpochMember
from longwatch.domain.product import Identity
from longwatch.domain.times import to_us
from longwatch.errors import NotFound
from longwatch.ingest.hand import HandWriter
from longwatch.objects.folder import FolderStore


def epoch(number: int, start: str | None, stop: str | None, **attributes: object) -> Epoch:
    return Epoch(
        timeline="stis.anneal",
        number=number,
        start_us=None if start is None else to_us(start),
        stop_us=None if stop is None else to_us(stop),
        attributes=attributes,
    )


EPOCHS = (
    epoch(1, "2020-01-01", "2020-02-01", source="web"),
    epoch(2, "2020-02-01", "2020-03-01", darks=30),
    epoch(5, "2020-04-01", None),
    epoch(6, None, None),
)


@pytest.fixture
def timelines(catalog: Catalog, store: FolderStore) -> TimelineRoom:
    member = EpochMember(timeline="stis.anneal", number=2, member="o1abc", t_us=to_us("2020-02-03"))
    reading = Reading(key="table", epochs=EPOCHS, members=(member,))
    HandWriter(catalog, store).store(Identity("stis", "stis.table", "table"), reading)
    return TimelineRoom(catalog, now=lambda: Time("2020-04-02"))


@pytest.mark.parametrize(
    ("time", "number"),
    [("2020-01-01", 1), ("2020-01-31T23:59:59.999999", 1), ("2020-02-01", 2), ("2021-01-01", 5), ("-1d", 5)],
)
def test_a_time_lies_in_one_epoch(timelines: TimelineRoom, time: str, number: int):
    assert timelines["stis.anneal"].at(time).number == number


@pytest.mark.parametrize(
    ("time", "said"),
    [("2020-03-01", "after epoch 2 .* and before epoch 5"), ("2019-12-31", "It lies before epoch 1")],
)
def test_a_gap_names_its_neighbours(timelines: TimelineRoom, time: str, said: str):
    with pytest.raises(NotFound, match=said):
        timelines["anneal"].at(time)


def test_the_last_of_overlapping_epochs_answers():
    both = (epoch(1, "2020-01-01", "2020-03-01"), epoch(2, "2020-02-01", "2020-02-10"))
    assert find_epoch(both, to_us("2020-02-05"), timeline="x").number == 2
    assert find_epoch(both, to_us("2020-02-15"), timeline="x").number == 1
    with pytest.raises(NotFound, match="no epoch with a known start"):
        find_epoch((), 0, timeline="x")


def test_tables_show_what_is_known(timelines: TimelineRoom):
    anneal = timelines["anneal"]
    table = anneal.epochs()
    assert table["number"].tolist() == [1, 2, 5, 6]
    assert table["stop"].mask.tolist() == [False, False, True, True]
    assert table["darks"].tolist() == [None, 30, None, None]
    assert anneal.members(2)["member"].tolist() == ["o1abc"]
    assert len(anneal.members(1)) == 0
    assert anneal.missing() == [3, 4]
    assert anneal.epoch(5).start_us == to_us("2020-04-01")
    with pytest.raises(NotFound, match="1 to 6"):
        anneal.epoch(9)


def test_a_room_says_what_it_holds(timelines: TimelineRoom):
    assert list(timelines) == ["stis.anneal"]
    assert "4 epochs, 1 to 6" in repr(timelines)
    with pytest.raises(NotFound, match=r"There are: stis\.anneal"):
        timelines["weeks"]
