"""The numbers of a figure, beside its picture."""

import numpy as np
from astropy.table import Table

from longwatch.plots.figure import Axis, Figure, Panel, Trace
from longwatch.plots.table import figure_data, figure_ecsv

TIME = Axis(label="Date", time=True)
SHIFT = Axis(label="shift", unit="pix")


def figure(y_unit: str = "pix") -> Figure:
    first = Trace(
        x=np.array([1.483228836e15, np.nan]), y=np.array([1.5, 2.5]), label="FUVA", y_err=np.array([0.1, 0.2])
    )
    second = Trace(x=np.array([1.483228837e15]), y=np.ma.masked_all(1), label="FUVB")
    panels = (Panel(x=TIME, y=SHIFT, traces=(first,)), Panel(x=TIME, y=Axis(label="z", unit=y_unit), traces=(second,)))
    return Figure(name="cos.osm", title="OSM", panels=panels, attributes={"commit": 7})


def test_every_point_of_every_trace_is_a_row() -> None:
    table = figure_data(figure())
    assert list(table["panel"]) == [0, 0, 1]
    assert list(table["trace"]) == ["FUVA", "FUVA", "FUVB"]
    assert list(table["x_utc"].mask) == [False, True, False]
    assert table["x_utc"][0] == "2016-12-31T23:59:60.000"
    assert list(table["y_err"].mask) == [False, False, True]
    assert table.meta["commit"] == 7


def test_a_shaded_range_has_its_edges_in_the_table() -> None:
    x = np.arange(3.0)
    trace = Trace(x=x, y=x, low=x - 1, high=x + 1)
    table = figure_data(
        Figure(name="a", title="", panels=(Panel(x=Axis(label="x"), y=Axis(label="y"), traces=(trace,)),))
    )
    assert table["low"].tolist() == [-1, 0, 1]
    assert table["high"].tolist() == [1, 2, 3]


def test_a_unit_is_written_where_all_panels_agree() -> None:
    assert figure_data(figure())["y"].unit == "pix"
    assert figure_data(figure(y_unit="count"))["y"].unit is None


def test_the_document_reads_back() -> None:
    back = Table.read(figure_ecsv(figure()).splitlines(), format="ascii.ecsv")
    assert list(back["y"][:2]) == [1.5, 2.5]
    assert back.meta["title"] == "OSM"


def test_a_figure_without_traces_gives_an_empty_table() -> None:
    table = figure_data(Figure(name="t", title="T", panels=()))
    assert len(table) == 0
    assert table.colnames == ["panel", "trace", "x", "y", "y_err"]


def test_empty_and_filled_time_traces_stand_in_one_table() -> None:
    axis = Axis(label="Time", time=True)
    traces = (Trace(x=np.array([]), y=np.array([])), Trace(x=np.array([0.0]), y=np.array([1.0])))
    table = figure_data(Figure(name="f", title="T", panels=(Panel(x=axis, y=Axis(label="Y"), traces=traces),)))
    assert len(table) == 1
