"""Rows in blocks are those of `fetch`, and know their files."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from astropy.table import Table

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.errors import BadQuery
from longwatch.objects.bucket import BucketStore
from longwatch.series import layout
from longwatch.series.blocks import Blocks
from longwatch.testing.series_site import SeriesSite

SPEC = SeriesSpec(
    name="lab.camera",
    description="Images of the laboratory.",
    columns=(
        Column(name="time", unit="s", description="Chandra time"),
        Column(name="slot", unit="", description="Slot", dtype="u1"),
        Column(name="temp", unit="deg_C", description="Temperature", dtype="f4"),
        Column(name="mode", unit="", description="Mode", dtype="str"),
        Column(name="image", unit="DN", description="Image", dtype="f4", shape=(2, 3)),
    ),
    scale=TimeScale.CXC,
    key=("slot",),
    instrument="lab",
)


COUNTS = tuple(Column(name=name, unit="", description=name, dtype="i4") for name in ("one", "many", "often", "steps"))


def rows(time: np.ndarray, rng: np.random.Generator, *, words: tuple[str, ...] = ("ON",)) -> dict[str, np.ndarray]:
    n = len(time)
    return {
        "time": time,
        "slot": np.arange(n) % 2,
        "temp": np.ma.MaskedArray(rng.normal(size=n), rng.random(n) < 0.3),
        "mode": rng.choice(np.array(words), n),
        "image": np.ma.MaskedArray(
            rng.normal(size=(n, 2, 3)), np.arange(6).reshape(2, 3) % 3 == (np.arange(n) % 2)[:, None, None]
        ),
    }


def agree(blocks: Blocks, table: Table) -> bool:
    """Tell whether blocks hold what was fetched."""
    assert len(blocks) == len(table)
    for name in table.colnames:
        wanted = np.ma.asanyarray(table[name].data)
        numbers, missing = blocks.column(name)
        gone = np.zeros(numbers.shape, bool) if missing is None else missing
        there = ~np.ma.getmaskarray(wanted)
        assert np.array_equal(gone, ~there), name
        assert np.array_equal(numbers[there], wanted.data[there]), name
    return True


@pytest.fixture
def filled(site: SeriesSite, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> SeriesSite:
    """Give two months: one of rows as they came, one of files that overlap."""
    for name, value in (("RUN", 2), ("GROUP_OF_ARRAYS", 7)):
        monkeypatch.setattr(layout, name, value)
    site.bring(SPEC, ("a", "1", rows(np.arange(60.0), rng)))
    later = 40 * 86_400 + np.arange(50.0)
    site.bring(SPEC, ("b", "1", rows(later, rng, words=("ON", "OFF"))), ("c", "1", rows(later[20:40], rng)))
    return site


@pytest.mark.parametrize("where", [None, {"slot": 1}])
@pytest.mark.parametrize("span", [(None, None), (3.5, 41.0), (10.0, 40 * 86_400 + 30.0), (70.0, 80.0)])
def test_blocks_hold_what_is_fetched(
    filled: SeriesSite, where: dict[str, int] | None, span: tuple[float | None, float | None]
) -> None:
    series = filled.room()[SPEC.name]
    assert agree(series.blocks(None, *span, where=where), series.fetch(None, *span, where=where))


def test_a_block_is_a_row_group_or_less(filled: SeriesSite) -> None:
    found = list(filled.room()[SPEC.name].blocks("temp", 3.5, 41.0, where={"slot": 0}))
    assert [block.n_rows for block in found] == [5, 7, 7]
    assert set(found[0].columns) == {"time", "temp"}


def unfolded(blocks: Blocks) -> dict[str, np.ma.MaskedArray]:
    """Give stretches as whole columns, whatever was said once."""
    parts: dict[str, list[np.ma.MaskedArray]] = {name: [] for name in blocks.names}
    for block in blocks.stretches():
        assert not block.same.keys() & block.columns.keys()
        for name, found in parts.items():
            numbers, missing = block.of(name)
            shape = (block.n_rows, *numbers.shape[1:])
            gone = np.zeros(shape, bool) if missing is None else np.broadcast_to(missing, shape)
            found.append(np.ma.MaskedArray(np.broadcast_to(numbers, shape), gone))
    return {name: np.ma.concatenate(found) for name, found in parts.items()}


def in_stretches(time: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Give rows of which whole stretches lack their temperature, or some pixels of their images, or all."""
    given = rows(time, rng)
    turn = np.arange(len(time)) // 9 % 3
    lacking = np.array([[0, 0, 0], [0, 1, 1], [1, 1, 1]], bool)[turn]
    given["temp"] = np.ma.MaskedArray(np.ma.getdata(given["temp"]), turn == 1)
    given["image"] = np.ma.MaskedArray(np.ma.getdata(given["image"]), np.repeat(lacking[:, None, :], 2, axis=1))
    return given


@pytest.mark.parametrize("where", [None, {"slot": 1}])
@pytest.mark.parametrize("span", [(None, None), (3.5, 41.0), (10.0, 40 * 86_400 + 30.0), (70.0, 80.0)])
def test_stretches_hold_what_is_fetched(
    filled: SeriesSite,
    rng: np.random.Generator,
    where: dict[str, int] | None,
    span: tuple[float | None, float | None],
) -> None:
    filled.bring(SPEC, ("s", "1", in_stretches(1 / 3 + np.arange(60.0), rng)))
    filled.bring(SPEC, ("t", "1", in_stretches(90 * 86_400 + np.arange(300.0), rng)))
    series = filled.room()[SPEC.name]
    for ends in (span, (90 * 86_400 + 4.0, 90 * 86_400 + 280.0)):
        table = series.fetch(None, *ends, where=where)
        if not len(table):
            assert not list(series.blocks(None, *ends, where=where).stretches())
            continue
        found = unfolded(series.blocks(None, *ends, where=where))
        for name in table.colnames:
            wanted = np.ma.asanyarray(table[name].data)
            there = ~np.ma.getmaskarray(wanted)
            assert np.array_equal(~np.ma.getmaskarray(found[name]), there), name
            assert np.array_equal(found[name].data[there], wanted.data[there]), name


def test_stretches_are_those_of_any_reader(
    site: SeriesSite, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "RUN", 2)
    n = 3_000
    spec = replace(SPEC, columns=(*SPEC.columns, *COUNTS))
    given = in_stretches(np.arange(float(n)), rng)
    turn = np.arange(n) // 200 % 3
    given |= {
        "one": np.ma.MaskedArray(np.full(n, 7), turn == 1),
        "many": np.ma.MaskedArray(np.arange(n) % 100, turn == 2),
        "often": np.ma.MaskedArray(np.arange(n) % 100, np.arange(n) // 2 % 4 == 0),
        "steps": np.ma.MaskedArray(np.repeat(np.arange(n // 10), 10), np.arange(n) // 60 % 2 == 0),
    }
    given["image"] = np.ma.MaskedArray(rng.normal(size=(n, 2, 3)).astype("f4"), np.ma.getmaskarray(given["image"]))
    given["image"].mask[:] = np.repeat((turn == 1)[:, None, None] * np.array([0, 1, 1], bool), 2, axis=1)
    site.bring(spec, ("a", "1", given))
    series = site.room()[spec.name]
    for slot, begin, end in ((0, 0, n), (1, 11, 2_345), (0, 400, 402), (1, 599, 600)):
        for _ in range(2):
            found = unfolded(series.blocks(None, float(begin), float(end), where={"slot": slot}))
            rows_of = np.arange(begin, end)[given["slot"][begin:end] == slot]
            for name in ("time", "temp", "image", "mode", "one", "many", "often", "steps"):
                wanted = np.ma.asanyarray(given[name])[rows_of]
                there = ~np.ma.getmaskarray(wanted)
                assert np.array_equal(~np.ma.getmaskarray(found[name]), there), name
                kind = "U4" if name == "mode" else found[name].dtype
                assert np.array_equal(found[name].data[there], wanted.data[there].astype(kind)), name


def test_row_groups_that_change_too_often_are_not_cut(
    site: SeriesSite, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "RUN", 2)
    spec = replace(SPEC, columns=(*SPEC.columns, *COUNTS))
    n = 4_000
    gaps = {
        column.name: np.ma.MaskedArray(np.arange(n) % 50, (np.arange(n) + 30 * number) // 100 % 2 == 0)
        for number, column in enumerate(COUNTS)
    }
    site.bring(spec, ("a", "1", rows(1e6 + np.arange(float(n)), rng) | gaps))
    names = [column.name for column in COUNTS]
    blocks = site.room()[spec.name].blocks(names, where={"slot": 0})
    assert [block.n_rows for block in blocks.stretches()] == [n // 2]
    assert agree(blocks, site.room()[spec.name].fetch(names, where={"slot": 0}))
    assert len(list(site.room()[spec.name].blocks(names[:1], where={"slot": 0}).stretches())) == 40


def test_stretches_end_where_rows_begin_to_lack_other_elements(
    site: SeriesSite, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "RUN", 2)
    site.bring(SPEC, ("a", "1", in_stretches(np.arange(60.0), rng)))
    blocks = site.room()[SPEC.name].blocks(["temp", "image", "mode"], 3.5, where={"slot": 0})
    found = list(blocks.stretches())
    assert [block.n_rows for block in found] == [3, 4, 5, 4, 5, 4, 3]
    assert [sorted(block.same) for block in found[:3]] == [["mode"], ["mode", "temp"], ["image", "mode"]]
    assert found[1].of("temp").missing is not None
    missing = found[1].columns["image"].missing
    assert missing is not None
    assert missing.shape == (4, 2, 3)
    assert missing.strides[0] == 0
    assert missing[0].tolist() == [[False, True, True]] * 2
    part = found[1].cut(1, 3)
    assert (part.n_rows, sorted(part.same)) == (2, ["mode", "temp"])


def test_blocks_are_cut_and_their_times_compared(filled: SeriesSite) -> None:
    series = filled.room()[SPEC.name]
    blocks = series.blocks("temp", 3.5, 41.0, where={"slot": 0})
    first, second, third = blocks
    again = next(iter(series.blocks("mode", 3.5, 41.0, where={"slot": 0})))
    assert blocks.same_times(first, again)
    assert not blocks.same_times(second, third)
    part = second.cut(2, 5)
    assert second.cut(0, 7) is second
    assert (part.n_rows, part.place) == (3, None)
    assert np.array_equal(part.columns["temp"].numbers, second.columns["temp"].numbers[2:5])
    assert blocks.same_times(part, second.cut(2, 5))
    assert not blocks.same_times(part, second.cut(1, 4))
    assert not blocks.same_times(part, second)
    whole = next(iter(series.blocks("temp", 1.5, where={"slot": 0})))
    assert whole.n_rows == 6
    assert not blocks.same_times(first, whole)
    merged = next(iter(series.blocks("temp", 40 * 86_400, where={"slot": 0})))
    assert merged.place is None
    assert blocks.same_times(merged, merged)


def test_runs_of_rows_know_their_file(filled: SeriesSite) -> None:
    series = filled.room()[SPEC.name]
    for where in (None, {"slot": 1}):
        blocks, table = series.blocks("temp", where=where), series.origins(where=where)
        runs = blocks.origins()
        assert [name for name, a, b in runs for _ in range(b - a)] == table["file"].tolist()
        assert all(one.to_row == two.from_row and one.file != two.file for one, two in pairwise(runs))
    assert series.blocks("temp", 70.0, 80.0).origins() == []


def test_an_added_column_is_missing_in_older_rows(site: SeriesSite, rng: np.random.Generator) -> None:
    site.bring(SPEC, ("a", "1", rows(np.arange(4.0), rng)))
    site.declare(replace(SPEC, columns=(*SPEC.columns, Column(name="volts", unit="V", description="Voltage"))))
    series = site.room()[SPEC.name]
    assert agree(series.blocks(), series.fetch())
    _, missing = series.blocks("volts").column("volts")
    assert missing is not None
    assert missing.all()


def test_derived_channels_have_no_blocks(filled: SeriesSite) -> None:
    room = filled.room()
    room.derive("kelvin", SPEC.name, formula="temp + 273.15", unit="K")
    assert "kelvin" not in next(iter(room[SPEC.name].blocks())).columns
    with pytest.raises(BadQuery, match=r"'kelvin'.*Fetch them"):
        room[SPEC.name].blocks("kelvin")


def test_nobody_can_write_into_what_is_remembered(filled: SeriesSite) -> None:
    series = filled.room()[SPEC.name]
    for name in ("temp", "image", "slot"):
        for block in series.blocks(name, 3.5, 41.0, where={"slot": 0}):
            for array in block.columns[name]:
                assert array is None or not array.flags.writeable, name
    filled.bring(SPEC, ("s", "1", in_stretches(90 * 86_400 + np.arange(300.0), np.random.default_rng(1))))
    for block in filled.room()[SPEC.name].blocks("temp", 90 * 86_400, where={"slot": 0}).stretches():
        for array in block.of("temp"):
            assert array is None or not array.flags.writeable


def test_a_bucket_has_blocks_too(filled: SeriesSite, rng: np.random.Generator, tmp_path: object) -> None:
    far = SeriesSite(filled.catalog, BucketStore(f"memory://{tmp_path}-blocks"))
    far.bring(SPEC, ("d", "1", rows(100 * 86_400 + np.arange(20.0), rng)))
    series = far.room()[SPEC.name]
    span = (90.0 * 86_400, 110.0 * 86_400)
    assert agree(series.blocks(None, *span), series.fetch(None, *span))
    blocks = series.blocks(None, *span)
    assert sum(block.n_rows for block in blocks.stretches()) == 20
    assert np.array_equal(unfolded(blocks)["time"], series.fetch(None, *span)["time"])
    first, *_ = series.blocks("temp", *span, where={"slot": 0})
    assert blocks.same_times(first, first)


def test_a_pinned_series_speaks_for_one_commit(filled: SeriesSite, rng: np.random.Generator) -> None:
    series = filled.room()[SPEC.name].pinned()
    before = len(series.fetch("temp"))
    filled.bring(SPEC, ("e", "1", rows(1e6 + np.arange(5.0), rng)))
    assert (len(series.fetch("temp")), len(filled.room()[SPEC.name].fetch("temp"))) == (before, before + 5)
