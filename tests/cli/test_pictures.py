from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time

from longwatch.cli.pictures import image_figure, image_fits, series_figure, summary
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec
from longwatch.errors import BadQuery

META = {"cube": "lab.ccd", "property": "dark_rate", "unit": "electron / s", "epoch": 7, "key": {"segment": "A"}}
META |= {"origin": (-512, 3)}

SPEC = SeriesSpec(
    name="lab.temps",
    description="Temperatures.",
    columns=tuple(Column(name=n, unit="", description="A number.") for n in ("time", "slot", "temp")),
    key=("slot",),
)


def rows(n: int) -> tuple[Table, Time]:
    table = Table({"time": np.arange(n), "slot": np.arange(n) % 3, "temp": np.arange(n) * 0.5}, meta={"time": "time"})
    return table, Time(57753.0 + np.arange(n), format="mjd", scale="utc")


def test_a_panel_a_column_and_a_trace_a_key() -> None:
    (panel,) = series_figure(SPEC, *rows(9)).panels
    assert panel.x.time
    assert panel.y.label == "temp"
    assert [trace.label for trace in panel.traces] == ["slot 0", "slot 1", "slot 2"]
    assert list(panel.traces[1].y) == [0.5, 2.0, 3.5]


def test_nothing_to_draw_is_refused() -> None:
    table, times = rows(3)
    with pytest.raises(BadQuery, match="temp"):
        series_figure(SPEC, table[["time", "slot"]], times)


def test_an_image_keeps_its_numbers_and_its_place() -> None:
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    with fits.open(io.BytesIO(image_fits(image, META)), checksum=True) as file:
        assert np.array_equal(file["DARK_RATE"].data, image)
        header = file[1].header
    assert [header[name] for name in ("BUNIT", "EPOCH", "ROW0", "COL0", "SEGMENT")] == ["electron / s", 7, -512, 3, "A"]
    assert image_figure(image, META).panels[0].image.origin == (-512, 3)


def test_missing_pixels_become_nan() -> None:
    image = np.ma.array(np.arange(4, dtype=np.int16).reshape(2, 2), mask=[[True, False], [False, False]])
    with fits.open(io.BytesIO(image_fits(image, META))) as file:
        assert np.array_equal(file[1].data, [[np.nan, 1], [2, 3]], equal_nan=True)


def test_missing_and_nan_are_counted_apart() -> None:
    image = np.ma.array([[1.0, np.nan], [3.0, 4.0]], mask=[[False, False], [False, True]])
    found = summary(image, META)
    assert (found["missing"], found["nan"], found["min"], found["median"], found["max"]) == (1, 1, 1.0, 2.0, 3.0)
    assert summary(np.ma.masked_all((2, 2)), META)["median"] is None
