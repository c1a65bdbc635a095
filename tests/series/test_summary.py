"""Kept statistics as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.domain.column import Column
from longwatch.domain.series import TimeScale
from longwatch.errors import NotFound, Unavailable
from longwatch.objects.folder import FolderStore
from longwatch.series.bins import Level
from longwatch.series.statistics import number_statistics, state_statistics
from longwatch.series.summary import ALL, Summary, SummaryFiles, encode

VALUE = Column(name="value", unit="", description="")
STATE = Column(name="state", unit="", description="", dtype="str")
US = np.arange(0, 3_600_000_000 * 50, 600_000_000)


def test_each_level_and_group_comes_back_by_itself(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    files = SummaryFiles(store)
    numbers = np.sin(US / 1e10)
    parts = {
        (Level.HOUR, ALL): number_statistics(Level.HOUR, US, numbers, TimeScale.TAI_US),
        (Level.HOUR, 0): number_statistics(Level.HOUR, US[::2], numbers[::2], TimeScale.TAI_US),
        (Level.DAY, ALL): number_statistics(Level.DAY, US, numbers, TimeScale.TAI_US),
    }
    summary = Summary(levels=(Level.HOUR, Level.DAY), groups=((3, "a"), (4, "b")), parts=parts)
    oid = store.put(encode(VALUE, summary))
    for level, group, want in (
        (Level.HOUR, None, parts[Level.HOUR, ALL]),
        (Level.HOUR, (3, "a"), parts[Level.HOUR, 0]),
        (Level.DAY, None, parts[Level.DAY, ALL]),
    ):
        found = files.read(oid, VALUE, level, group)
        assert found is not None
        assert all(np.array_equal(found[name], want[name]) for name in want)
        assert found.keys() == want.keys()
    assert files.read(oid, VALUE, Level.FIVE_MINUTES, None) is None
    assert len(files.read(oid, VALUE, Level.HOUR, (9, "z"))["bin"]) == 0
    assert files.summary(oid, VALUE, (Level.HOUR, Level.FIVE_MINUTES)) is None
    assert files.summary(oid, VALUE, (Level.DAY,)).groups == summary.groups


def test_states_come_back_and_so_does_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    files = SummaryFiles(store)
    words, codes = np.array(["OFF", "ON"]), np.arange(len(US)) % 2
    part = state_statistics(Level.DAY, US, (words, codes), TimeScale.TAI_US)
    oid = store.put(encode(STATE, Summary(levels=(Level.DAY,), groups=None, parts={(Level.DAY, ALL): part})))
    found = files.read(oid, STATE, Level.DAY, None)
    assert found["state"].tolist() == part["state"].tolist()
    assert found["n"].sum() == len(US)
    assert files.read(oid, STATE, Level.DAY, (1,)) is None
    empty = store.put(encode(STATE, Summary(levels=(Level.DAY,), groups=(), parts={})))
    assert len(files.read(empty, STATE, Level.DAY, None)["bin"]) == 0


def test_a_file_with_a_hole_in_it_says_so(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    part = number_statistics(Level.HOUR, US, np.sin(US / 1e10), TimeScale.TAI_US)
    data = encode(VALUE, Summary(levels=(Level.HOUR,), groups=None, parts={(Level.HOUR, ALL): part}))
    hole = data[:4] + b"\xff" * (len(data) // 3) + data[4 + len(data) // 3 :]
    for damaged in (hole, data.replace(b'"hour"', b'"hxur"'), data.replace(b'"groups"', b'"grxups"')):
        assert damaged != data
        with pytest.raises(Unavailable, match="longwatch summarise"):
            SummaryFiles(store).read(store.put(damaged), VALUE, Level.HOUR, None)


def test_what_is_no_file_of_ours_says_so(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with pytest.raises(Unavailable, match="longwatch summarise"):
        SummaryFiles(store).read(store.put(b"nothing"), VALUE, Level.DAY, None)
    with pytest.raises(NotFound):
        SummaryFiles(store).read("0" * 64, VALUE, Level.DAY, None)
