"""Values: every database takes the same ones, or none does."""

from __future__ import annotations

import os

import numpy as np
import pytest

from longwatch.catalog import tables as t
from longwatch.catalog.sources import Quarantined, SeenFile, add_quarantined, note_seen, quarantined, seen_in
from longwatch.catalog.storable import fit_columns, plain_text
from longwatch.errors import BadQuery


@pytest.mark.parametrize("key", ["k" * 256, "a\0b", os.fsdecode(b"caf\xe9")])
def test_text_that_one_database_refuses_none_takes(key):
    with pytest.raises(BadQuery, match=r"products\.key takes"):
        fit_columns(t.products, {"id": [1, 2], "key": ["k", key]})


@pytest.mark.parametrize(("name", "number"), [("epoch", 1 << 31), ("cube_id", 1 << 63), ("cube_id", -(1 << 63) - 1)])
def test_numbers_out_of_range_are_refused(name, number):
    with pytest.raises(BadQuery, match=rf"slabs\.{name} takes whole numbers"):
        fit_columns(t.slabs, {name: [None, 3, number]})


def test_numbers_of_numpy_become_plain():
    given = {
        "epoch": [np.int16(3), 4],
        "cube_id": [np.uint64(2), None],
        "null_value": [np.float32(1.5), 2],
        "oid": ["Größe"],
    }
    found = fit_columns(t.slabs, given)
    assert found == {"epoch": [3, 4], "cube_id": [2, None], "null_value": [1.5, 2.0], "oid": ["Größe"]}
    assert [[type(value) for value in values] for values in found.values()] == [
        [int, int],
        [int, type(None)],
        [float, float],
        [str],
    ]
    assert given["epoch"][0].dtype == np.int16


def test_what_fits_is_not_looked_at_one_by_one():
    given = {"epoch": [3, None, -4], "null_value": [None, 1.5], "oid": ["a", None]}
    assert all(found is given[name] for name, found in fit_columns(t.slabs, given).items())
    assert fit_columns(t.slabs, {"epoch": [], "oid": []}) == {"epoch": [], "oid": []}


def test_text_is_made_plain():
    assert plain_text(os.fsdecode(b"caf\xe9 \0 Gr\xc3\xb6\xc3\x9fe")) == r"caf\udce9 \x00 Größe"


def test_paths_of_any_bytes_come_back(catalog):
    path = os.fsdecode(b"/data/caf\xe9 100%/x.fits")
    refused = Quarantined(
        id=0, path=path, kind="", slug="bad-file", reason=f"{path}\0", traceback=path, attempts=0, run_id=0
    )
    with catalog.run("ingest") as run, catalog.change(run) as change:
        note_seen(change, [SeenFile(path=path, state=(1, 2, 3, 4), outcome="quarantined", stamp="s")])
        add_quarantined(change, [refused])
    with catalog.read() as snapshot:
        assert list(seen_in(snapshot, os.fsdecode(b"/data/caf\xe9 100%"))) == [path]
        assert [one.path for one in quarantined(snapshot)] == [path]


def test_what_the_database_refuses_is_said_of_the_values(catalog):
    row = {"instrument": "lab", "kind": "lab.x", "key": "k"}
    with (
        pytest.raises(BadQuery, match="refuses these values"),
        catalog.run("test") as run,
        catalog.change(run) as change,
    ):
        change.add(t.products, [row, row])
