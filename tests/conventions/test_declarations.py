"""Declarations: every number an instrument brings has a unit and a meaning, and times carry their unit in the name."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.metadata import entry_points

from longwatch.catalog import tables
from longwatch.contracts.instrument import Instrument
from source_tree import written_modules

A_TIME = re.compile(r"(^|_)(t|time|date|start|stop|begin|end|since|until|when|t_min|t_max|at)$")


@cache
def instruments() -> tuple[Instrument, ...]:
    return tuple(point.load() for point in entry_points(group="longwatch.instruments"))


def declared() -> list[tuple[str, str]]:
    """Give (name, description) of everything that is declared."""
    found = []
    for one in instruments():
        for group in (one.kinds, one.series, one.cubes, one.timelines):
            found += [(item.name, item.description) for item in group]
        columns = [(series.name, series.columns) for series in one.series]
        columns += [(cube.name, cube.properties) for cube in one.cubes]
        found += [(f"{owner}: {column.name}", column.description) for owner, some in columns for column in some]
        found += [(metric.name, metric.description) for monitor in one.monitors for metric in monitor.metrics]
    return found


def test_everything_declared_is_described() -> None:
    assert [name for name, text in declared() if not text.strip()] == []


def test_names_begin_with_their_instrument() -> None:
    strays = [
        item.name
        for one in instruments()
        for group in (one.kinds, one.series, one.cubes, one.timelines, one.monitors, one.derivations)
        for item in group
        if not item.name.startswith(f"{one.name}.")
    ]
    assert strays == []


def test_no_name_is_declared_twice_for_the_same_thing() -> None:
    for group in ("kinds", "series", "cubes", "timelines", "monitors", "derivations"):
        names = [item.name for one in instruments() for item in getattr(one, group)]
        assert sorted(names) == sorted(set(names))


def test_every_monitor_is_its_own_manual_page() -> None:
    short = [
        monitor.name
        for one in instruments()
        for monitor in one.monitors
        if len((type(monitor).__doc__ or "").splitlines()) < 5
    ]
    assert short == []


def test_columns_of_the_catalogue_that_hold_times_say_their_unit() -> None:
    named = [f"{table.name}.{column.name}" for table in tables.METADATA.tables.values() for column in table.columns]
    assert [name for name in named if A_TIME.search(name.split(".")[1])] == []


def test_whole_number_fields_that_hold_times_say_their_unit() -> None:
    unsaid = [
        f"{module.name}: {node.target.id}"
        for module in written_modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if A_TIME.search(node.target.id) and ast.unparse(node.annotation) in {"int", "int | None", "float"}
    ]
    assert unsaid == []
