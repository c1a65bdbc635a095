"""Real frames become the rows that level-0 files bring. Truth: spec/aca-dark-hdr3-l0.md 2.6 and 6.3."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.errors import BadFile
from longwatch.fits.file import parse
from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca import frames
from longwatch.instruments.aca.l0_files import l0_file
from longwatch.instruments.aca.simulate import FIELD, rows_of


@pytest.mark.real
def test_one_cycle_of_eight_slots(real_data: Path) -> None:
    data = gzip.decompress((real_data / "aca" / "vcdu_frames_2023297.fits.gz").read_bytes())
    assert frames.claim("any", data[:5760], None) == 1.0
    reading = frames.read(Source(name="f", data=data, fits=parse(data, name="f")))
    images = [rows.columns for rows in reading.rows if rows.series == "aca.l0"]
    assert reading.keywords == {"N_FRAMES": 28, "N_IMAGES": 8}
    assert [int(i["bgdavg"][0]) for i in images] == [28, 6, 30, 33, 14, 17, 7, 41]
    corners = [(int(i["imgrow0"][0]), int(i["imgcol0"][0])) for i in images]
    assert corners[:4] == [(2, 2), (2, 11), (10, 2), (10, 11)]
    assert all(290 < abs(place) < 310 for corner in corners[4:] for place in corner)
    for image in images:
        assert (image["imgscale"][0], image["imgfunc1"][0], image["bgdtyp"][0]) == (32, 2, "DYNB")
        temperatures = [float(image[name][0]) - c.KELVIN for name in ("tempccd", "temphous", "tempprim", "tempsec")]
        assert temperatures == pytest.approx([-11.6, 29.2, 28.8, 28.0], abs=1e-4)
        assert np.asarray(image["imgraw"]).min() >= -50


def test_other_files_are_neither_claimed_nor_read() -> None:
    data = l0_file(rows_of(FIELD[0], np.arange(0, 8, 4), np.random.default_rng(1)))
    assert frames.claim("any", data[:5760], None) == 0.0
    with pytest.raises(BadFile, match="TIME and FRAME"):
        frames.read(Source(name="f", data=data, fits=parse(data, name="f")))
