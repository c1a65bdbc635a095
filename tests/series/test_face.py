"""Finding series by name, and making one by hand."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.domain.column import Column
from longwatch.errors import BadQuery, NotFound, Refused
from longwatch.series.face import SeriesRoom
from longwatch.series.series import Series
from longwatch.testing.series_site import SeriesSite

TIMES = ["2026-01-31", "2026-02-01T00:00:00.5"]


@pytest.fixture
def room(site: SeriesSite) -> SeriesRoom:
    return site.room()


@pytest.fixture
def temps(room: SeriesRoom) -> Series:
    return room.create("lab.temps", columns={"ccd_temp": "deg_C", "state": "", "on": ""}, description="Temperatures.")


def test_creating_it_again_changes_nothing(room: SeriesRoom, temps: Series) -> None:
    temps.append({"time": TIMES, "state": ["warm", "cold"]})
    again = room.create("lab.temps", columns={"ccd_temp": "deg_C", "state": "", "on": ""}, description="Temperatures.")
    assert again.spec == temps.spec
    assert len(again.fetch()) == 2


def test_a_key_and_whole_columns_may_be_declared(room: SeriesRoom) -> None:
    lamp = Column(name="", unit="", description="Lamp", dtype="str")
    flux = Column(name="", unit="Jy", description="Flux", dtype="f4", shape=(2,))
    series = room.create("lab.flux", columns={"lamp": lamp, "flux": flux}, key=["lamp"])
    series.append({"time": TIMES[:1] * 2, "lamp": ["A", "B"], "flux": np.ones((2, 2))})
    assert series.fetch("flux", where={"lamp": "B"})["flux"].shape == (1, 2)


def test_a_series_once_seen_is_found_without_asking_again(
    site: SeriesSite, room: SeriesRoom, temps: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(temps.fetch()) == 0
    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "head", None)
        found = room["lab.temps"]
    assert len(found.fetch()) == 0
    with pytest.raises(NotFound, match=r"no series 'lab\.flux'"):
        room["lab.flux"]
    with pytest.raises(NotFound, match=r"no series 'lab\.temps'"):
        site.room(commit=0)["lab.temps"]


def test_who_may_only_read_is_told(site: SeriesSite, temps: Series) -> None:
    reading = SeriesRoom(site.catalog, site.store)
    with pytest.raises(Refused, match="only reads"):
        reading["lab.temps"].append({"time": TIMES})
    with pytest.raises(Refused, match="only reads"):
        reading.create("lab.other", columns={})


def test_the_mapping_finds_what_is_near(room: SeriesRoom, temps: Series) -> None:
    assert list(room) == ["lab.temps"]
    assert "lab.temps" in repr(room)
    with pytest.raises(NotFound, match=r"Nearby: lab\.temps"):
        room["lab.temp"]


def test_the_time_column_is_the_rooms_own(room: SeriesRoom) -> None:
    with pytest.raises(BadQuery, match="leave 'time' out"):
        room.create("lab.odd", columns={"time": "s"})
    assert room.create("lab.named", columns={"time": "s"}, time="when").spec.time == "when"
