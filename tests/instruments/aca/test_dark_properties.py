"""What is known of a dark calibration besides its map. Rules: spec/aca-dark-hdr3-l0.md 5.1 and 9.2."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.errors import BadFile
from longwatch.instruments.aca import dark_properties
from longwatch.instruments.aca.dark_cal import get_dark_cal_props_table

SAMPLE = (Path(__file__).parent / "samples" / "2007006" / "properties.json").read_bytes()
NEWER = json.dumps({"date": "2019:153", "t_ccd": -11.086, "n_ccd_img": 5}).encode()


def read(data: bytes, folder: str = "") -> Reading:
    return dark_properties.read(Source(name="properties.json", data=data, folder=folder))


def test_claims() -> None:
    assert dark_properties.claim("properties.json", SAMPLE, None) == 0.9
    assert dark_properties.claim("props.json", b"{}", None) == 0.6
    assert dark_properties.claim("package.json", SAMPLE, None) == 0.0


def test_both_generations() -> None:
    classic, newer = read(SAMPLE), read(NEWER)
    assert (classic.key, len(classic.members), classic.keywords) == ("2007006", 1, {"CCD_TEMP": -18.72})
    assert classic.members[0].attributes["ccd_temp_source"] == "HDR3"
    assert "replicas" not in classic.epochs[0].attributes
    assert newer.epochs[0].attributes["ccd_temp"] == newer.epochs[0].attributes["t_ccd"] == -11.086
    assert newer.rows[0].columns["dark_id"].tolist() == [2019153]


def test_the_folder_says_the_day_and_may_be_one_off() -> None:
    assert read(SAMPLE, "2007007").key == "2007007"
    assert read(SAMPLE, "incoming").key == "2007006"
    with pytest.raises(BadFile, match="more than a day away"):
        read(SAMPLE, "2007009")


@pytest.mark.parametrize("data", [b"{not json", b"[]", b"[1]", b'{"id": "x"}', b'{"date": "soon"}', b"\xff\xfe"])
def test_damaged_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadFile, match="properties of a dark calibration"):
        read(data)


def test_an_impossible_temperature_is_refused() -> None:
    with pytest.raises(BadFile, match="cannot be"):
        read(NEWER.replace(b"-11.086", b"319"))


def test_tables_over_both_generations(site: Archive, tmp_path: Path) -> None:
    """6.1: ecliptic latitudes of 2007, and temperatures of 2019 where only the newer generation has `t_ccd`."""
    latitudes = {"2007006": 24.6, "2007069": 25.89, "2007251": 51.13, "2007345": 1.9}
    properties = {dark_id: {"ccd_temp": -19.0, "eb": eb} for dark_id, eb in latitudes.items()}
    properties |= {dark_id: {"ccd_temp": -11.5, "eb": 10.0} for dark_id in ("2019008", "2019062")}
    properties["2019153"] = {"t_ccd": -11.086, "n_ccd_img": 5}
    for dark_id, known in properties.items():
        folder = tmp_path / "in" / dark_id
        folder.mkdir(parents=True)
        (folder / "properties.json").write_text(json.dumps({"date": f"{dark_id[:4]}:{dark_id[4:]}", **known}))
    assert site.ingest(str(tmp_path / "in")).stored == 7
    early = get_dark_cal_props_table("2007:001:12:00:00", "2008:001:12:00:00", archive=site)
    assert np.asarray(early["eb"]).tolist() == [24.6, 25.89, 51.13, 1.9]
    late = get_dark_cal_props_table("2019:001", "2019:160", archive=site)
    assert late["t_ccd"].tolist() == [None, None, -11.086]
    assert np.ma.getmaskarray(late["eb"]).tolist() == [False, False, True]
