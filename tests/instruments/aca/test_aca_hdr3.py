"""Pseudo-MSIDs from real telemetry and from rows of known validity. Truth: spec/aca-dark-hdr3-l0.md 4 and 6.3."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca import aca_hdr3, hdr3_channels
from longwatch.instruments.aca.simulate import START
from longwatch.plots.render import render_png

KEYS = (
    "062", "064", "066", "072", "074", "076", "162", "164", "166", "172", "174", "176", "262", "264", "266", "272",
    "274", "276", "362", "364", "372", "374", "376", "462", "464", "472", "476", "564", "572", "574", "576", "662",
    "672", "676", "764", "766", "774", "776",
)  # fmt: skip
SPAN = ("2023:297:12:00:00", "2023:297:12:02:00")
TRUTH = {
    "062": 0x02B4,
    "064": 0x01A4,
    "ccd_molyb_therm_1": 38.771,
    "ccd_molyb_therm_2": 36.468,
    "ccd_det_therm": -11.544,
    "ad_5v_ps": 4913.4,
    "ad_15v_ps": 14784.5,
    "ad_m15v_ps": -14884.0,
    "ad_27v_ps": 26575.0,
    "ad_analog_gnd": -2.747,
    "ad_converter_therm": 45.808,
    "ad_smhs_therm": 27.979,
    "ad_smohs_therm": 28.109,
    "ad_pmhs_therm": 28.678,
    "ad_pmohs_therm": 28.622,
    "ad_achhs_therm": 29.100,
    "ad_achohs_therm": 29.144,
    "ad_lc_therm": 28.696,
    "stack_pointer": 0,
    "update_counter": 19,
    "sci_hdr_pulse_period": 2.049954,
    "zero_off16_quad_a": 29,
    "zero_off16_quad_b": 30,
    "zero_off16_quad_c": 31,
    "zero_off16_quad_d": 33,
    "zero_off32_quad_a": 29.7328,
    "zero_off32_quad_b": 30.3138,
    "zero_off32_quad_c": 31.8930,
    "zero_off32_quad_d": 33.5940,
    "ccd_flush_dur": 19434,
    "ccd_row_shift_period": 24,
    "avg_bkg": 0,
    "dsn_hdr1": 0xFC1D1ACF4193,
    "dsn_record_counter": 814509,
    "dsn_hdr2_byte": 0x80,
    "ccd_temp": -11.625865,
    "ccd_setpoint": -19.00,
    "aca_temp": 28.629,
    "last_ram_fail_addr": 0,
    "dac": 511,
    "readout_mode": 10,
    "clock_period": 24,
}


@pytest.mark.real
def test_the_whole_cycle_of_2023(real_site: Archive) -> None:
    """The one image of the file has no successor, so its samples are masked; their values are right all the same."""
    found = aca_hdr3.MSIDset(list(TRUTH), *SPAN, archive=real_site)
    for name, truth in TRUTH.items():
        one = found[aca_hdr3.describe(name).name]
        assert np.ma.getmaskarray(one.vals).tolist() == [True]
        if name not in {"ccd_temp", "zero_off32_quad_c"}:
            assert float(np.ma.getdata(one.vals)[0]) == pytest.approx(truth, rel=2e-5, abs=1e-3), name


@pytest.mark.real
def test_joined_words_of_2023(real_site: Archive) -> None:
    rows = real_site.series["aca.hdr3"].fetch(["slot", "ccd_temp", "ccd_temp_lsb"], *SPAN)
    by_slot = {int(row["slot"]): row for row in rows}
    assert float(by_slot[6]["ccd_temp"]) == pytest.approx(-11.63)
    assert int(by_slot[7]["ccd_temp_lsb"]) == 0x69DA
    assert np.ma.is_masked(by_slot[0]["ccd_temp"])


@pytest.mark.real
def test_ten_real_samples_of_which_the_last_is_masked(real_site: Archive) -> None:
    one = aca_hdr3.MSID("ccd_molyb_therm_1", 686111000, 686111060, archive=real_site)
    assert len(one.vals) == 10
    assert one.vals.mask.tolist() == [False] * 9 + [True]
    assert len(one.filter_bad(copy=True).vals) == 9
    assert len(one.vals) == 10
    assert len(aca_hdr3.Msid("066", 686111000, 686111060, archive=real_site).vals) == 9
    assert np.isnan(aca_hdr3.MSID("172", 686111000, 686111060, archive=real_site, legacy=True).vals[:9]).all()
    five = [aca_hdr3.MSID("ad_5v_ps", 686111000, 686111060, archive=real_site, legacy=w).vals[0] for w in (False, True)]
    assert five == pytest.approx([4914.0, 3303.8], abs=0.05)


@pytest.mark.real
@pytest.mark.parametrize(("span", "within"), [((686111000, 686111060), 0.5), (SPAN, 0.4)], ids=["2019", "2023"])
def test_housekeeping_agrees_with_itself(real_site: Archive, span: tuple[object, object], within: float) -> None:
    """Header 3 and header 2 tell of the same temperatures, the latter in steps of 0.4 deg_C."""
    pairs = {
        "tempccd": ["ccd_det_therm"],
        "tempprim": ["ad_lc_therm"],
        "tempsec": ["ad_smhs_therm"],
        "temphous": ["ad_achhs_therm", "ad_achohs_therm"],
    }
    found = aca_hdr3.MSIDset([name for names in pairs.values() for name in names], *span, archive=real_site)
    rows = real_site.series["aca.l0"].fetch(list(pairs), *span)
    for column, names in pairs.items():
        fine = np.mean([np.ma.getdata(found[name].vals).mean() for name in names])
        assert abs(fine - (np.ma.mean(rows[column]) - 273.15)) < within, column


@pytest.mark.real
def test_words_of_2023_agree_with_each_other(real_site: Archive) -> None:
    """Offsets of 32 bits lie within a count above those of 16; clock and row shift say the same; three thermometers."""
    names = [f"zero_off{bits}_quad_{quadrant}" for bits in (16, 32) for quadrant in "abcd"]
    found = aca_hdr3.MSIDset(
        [*names, "clock_period", "ccd_row_shift_period", "ccd_temp", "ccd_det_therm", "ccd_setpoint"],
        *SPAN,
        archive=real_site,
    )
    value = {name: float(np.ma.getdata(one.vals)[0]) for name, one in found.items()}
    for quadrant in ("a", "b", "d"):
        assert 0 <= value[f"zero_off32_quad_{quadrant}"] - value[f"zero_off16_quad_{quadrant}"] < 1
    assert value["clock_period"] == value["ccd_row_shift_period"] == 24
    assert value["ccd_temp"] == pytest.approx(value["ccd_det_therm"], abs=0.4)
    assert value["ccd_setpoint"] == pytest.approx(-19.0)


@pytest.fixture
def eights(site: Archive, tmp_path: Path) -> Archive:
    """Slots 6 and 7 as 8x8 in two files each; between them a minute of 6x6 and a gap."""
    parts = [(np.arange(0, 40, 4), 8), (np.arange(40, 100, 2), 6), (np.arange(140, 200, 4), 8)]
    for slot in (6, 7):
        for packets, size in parts:
            rows = l0_rows(slot, packets, size=size)
            if size == 8:
                rows |= {"hd3tlm76": np.full(len(packets), 0xFB), "hd3tlm77": np.full(len(packets), 0x75)}
                rows |= {"hd3tlm62": np.full(len(packets), 0x69), "hd3tlm63": np.full(len(packets), 0xDA)}
            write_l0(tmp_path, rows)
    site.ingest(*map(str, tmp_path.glob("*.gz")))
    return site


def test_the_sample_before_a_break_is_masked_across_files(eights: Archive) -> None:
    one = aca_hdr3.MSID("CCD_TEMP", START - 10, START + 300, archive=eights)
    assert one.vals.mask.nonzero()[0].tolist() == [9, 24]
    assert one.vals[0] == pytest.approx(-11.625865, abs=5e-7)
    legacy = aca_hdr3.MSID("676", START - 10, START + 300, archive=eights, legacy=True)
    assert legacy.vals[0] == pytest.approx(-11.63)
    assert one.tstart == START - 10
    assert one.datestart.startswith("2023:")
    assert one.unit == "deg_C"


def test_a_span_within_a_run_keeps_its_last_sample(eights: Archive) -> None:
    one = aca_hdr3.MSID("dac", START - 10, START + 15, archive=eights)
    assert not one.vals.mask.any()
    assert one.times[-1] <= START + 15


def test_sets_share_the_times_of_all_slots(eights: Archive, tmp_path: Path) -> None:
    write_l0(tmp_path, l0_rows(0, np.arange(0, 20, 4)))
    eights.ingest(*map(str, tmp_path.glob("*.gz")))
    found = aca_hdr3.MSIDset(["ccd_temp", "ad_5v_ps"], START - 10, START + 300, archive=eights)
    assert len(found["ccd_temp"].times) == len(found["ad_5v_ps"].times) == 25
    assert found["ad_5v_ps"].vals.mask.sum() == 21


def test_pictures(eights: Archive) -> None:
    assert render_png(aca_hdr3.MSID("ccd_temp", START, START + 300, archive=eights).plot()).startswith(b"\x89PNG")


def test_names_keys_and_errors(site: Archive) -> None:
    assert aca_hdr3.confirm_msid("ccd_temp") == "676"
    assert aca_hdr3.slot_for_msid("dac") == 7
    assert {channel.key for channel in hdr3_channels.CHANNELS} - {"562", "762"} == {
        aca_hdr3.confirm_msid(k) for k in KEYS
    }
    with pytest.raises(NotFound, match="not found"):
        aca_hdr3.MSID("nonsense", 0, 1, archive=site)
    with pytest.raises(BadQuery, match="ends before"):
        aca_hdr3.MSID("dac", 10, 1, archive=site)


def test_the_default_archive(eights: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(eights.site))
    assert len(aca_hdr3.Msid("dac", START - 10, START + 300).vals) == 23
