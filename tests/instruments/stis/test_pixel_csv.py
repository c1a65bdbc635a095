"""Files of pixel properties: the ten real pixels to the last digit, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.errors import BadFile
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.pixel_csv import parse_pixels

TRUTH = """
1.2220247983932495 30.850187301635746 8.74200439453125 2 6.77666711807251
1.7944626808166504 18.37711524963379 7.904343128204347 0 6.668571949005128
1.9192044734954836 75.86537170410156 11.355701446533205 1 7.313119411468506
3.537255048751831 22.82162857055664 8.244080543518066 1 6.757133960723878
0.5828993916511536 39.81331253051758 9.389081001281738 1 6.967615604400635
0.8812804818153381 1170.380859375 37.08609008789063 1 14.061666488647461
9.802743911743164 21.751541137695312 8.192551612854004 1 6.800668716430664
7.0415472984313965 40.333656311035156 9.354437828063963 2 6.926795482635497
18.605558395385746 32.710662841796875 8.819293022155762 1 6.816052436828612
17.008672714233402 24.16140365600586 8.239629745483397 1 6.7012577056884775
"""
HEADER = c.PIXELS_HEADER.decode()


def csv(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines, "")).encode()


@pytest.mark.real
def test_ten_real_pixels_to_the_last_stored_digit(real_data: Path) -> None:
    """The files print single precision with a last digit of their own: the stored number is the nearest."""
    pixels = parse_pixels((real_data / "stis" / "anneal_snippet.csv").read_bytes(), name="anneal_200.csv")
    truth = np.array([line.split() for line in TRUTH.split("\n") if line], dtype=float)
    assert pixels.origin == (0, 0)
    for number, column in enumerate(c.PROPERTIES):
        image = pixels.images[column.name]
        assert image.shape == (1, 10)
        assert image.dtype == np.dtype(column.dtype)
        assert image[0].tolist() == truth[:, number].astype(column.dtype).tolist(), column.name
    assert pixels.images["stability"][0].tolist() == truth[:, 0].tolist()


def test_lines_in_any_order_fill_a_rectangle() -> None:
    lines = [f"{r},{q},1.5,{10 * r + q},2.0,{r}.0,4.0" for r in (7, 5, 6) for q in (2, 1)]
    pixels = parse_pixels(csv(*lines), name="a")
    assert pixels.origin == (5, 1)
    assert pixels.n_pixels == 6
    assert pixels.images["sci_mean"].tolist() == [[51, 52], [61, 62], [71, 72]]
    assert pixels.images["nan_count"].tolist() == [[5, 5], [6, 6], [7, 7]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_empty_field_is_nan_and_never_zero(end: str) -> None:
    data = end.join((HEADER, "0,0,,,,58.0,", "0,1,1,2,3,0,4", "")).encode()
    pixels = parse_pixels(data, name="a")
    for name in ("stability", "sci_mean", "err_mean", "readnoise"):
        assert np.isnan(pixels.images[name][0]).tolist() == [True, False]
    assert pixels.images["nan_count"].tolist() == [[58, 0]]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "there are none"),
        (("0,0,1,2,3,0,4", "0,2,1,2,3,0,4"), r"pixel \(0, 1\) is there 0 times"),
        (("0,0,1,2,3,0,4", "0,0,1,2,3,0,4"), r"pixel \(0, 0\) is there 2 times"),
        (("0,1024,1,2,3,0,4",), "Column as a whole number from 0 to 1023; line 2 has 1024"),
        (("0,0,1,2,3,0,4", "-1,0,1,2,3,0,4"), "Row as a whole number from 0 to 1023; line 3 has -1"),
        (("nan,0,1,2,3,0,4",), "Row as a whole"),
        (("0,0,1,2,3,0.5,4",), "nan_count as a whole number; line 2 has 0.5"),
        (("0,0,1,2,3,0",), "there are 6"),
        (("0,0,1,2,3,0,4", "0,1,1,2,3"), "seven numbers in every line"),
        (("0,0,1,two,3,0,4",), "seven numbers in every line"),
    ],
)
def test_refuses_with_the_line_and_the_reason(lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadFile, match=message):
        parse_pixels(csv(*lines), name="bad.csv")


def test_refuses_another_first_line() -> None:
    with pytest.raises(BadFile, match="sought the first line Row,Column"):
        parse_pixels(b"a,b\n1,2\n", name="bad.csv")
