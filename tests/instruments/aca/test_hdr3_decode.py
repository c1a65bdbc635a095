"""Header-3 arithmetic against the published curve, words and rules. Truth: spec/aca-dark-hdr3-l0.md 4 and 6.3."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.aca import hdr3_decode
from longwatch.instruments.aca.hdr3_channels import CHANNELS, FIELDS, WIDTH

FIELD = {field.name: field for field in FIELDS}


def decoded(slot: int, text: str) -> dict[str, float]:
    data = np.frombuffer(bytes.fromhex(text), np.uint8)[None]
    return {name: values[0] for name, values in hdr3_decode.decode(slot, data).items()}


def test_every_byte_of_every_slot_has_one_meaning() -> None:
    taken = [(one.slot, byte) for one in CHANNELS for byte in range(one.first, one.first + WIDTH[one.coding])]
    assert len(taken) == len(set(taken))
    spare = {(slot, byte) for slot in range(8) for byte in range(12)} - set(taken)
    assert spare == set()


def test_thermistors_pass_through_their_points_and_end_with_them() -> None:
    counts = np.array([0x3D70, 0x2CDF, 0x2000, 0x0825, 0x0824, 0x3D71, -5])
    assert hdr3_decode.thermistor(counts)[:4] == pytest.approx([-40, 5, 25, 80])
    assert np.isnan(hdr3_decode.thermistor(counts)[4:]).all()


def test_words_of_2019() -> None:
    zero = decoded(0, "02b401a4165c179e34953ee6")
    assert zero["ccd_molyb_therm_1"] == pytest.approx(41.09, abs=0.005)
    assert zero["ccd_molyb_therm_2"] == pytest.approx(38.80, abs=0.005)
    assert zero["ccd_det_therm"] == pytest.approx(-9.349, abs=5e-4)
    assert zero["ad_5v_ps"] == pytest.approx(4914.0, abs=0.05)
    one = decoded(1, "5ea0a0c4634cfff812c61c96")
    expected = [14785.1, -14880.3, 26588.6, -2.44, 48.2, 30.4]
    assert list(one.values()) == pytest.approx(expected, abs=0.06)
    two = decoded(2, "1c851c211c2d1be01bda1c1e")
    assert list(two.values()) == pytest.approx([30.5, 31.1, 31.0, 31.5, 31.6, 31.143], abs=0.06)


def test_words_of_2020() -> None:
    """The set of 2020:008, slots 0 to 2: what agrees between slots agrees, what is known of the era holds."""
    zero, one, two = (
        decoded(slot, text)
        for slot, text in enumerate(
            ("00000124188719df36853ee8", "5ea7a0c0633ffff814a71f24", "1f121ead1eba1e711e6c1ead")
        )
    )
    assert zero["ad_5v_ps"] == pytest.approx(0x3EE8 * 0.30518, rel=1e-6)
    assert (one["ad_15v_ps"], one["ad_m15v_ps"]) == (pytest.approx(14789, abs=2), pytest.approx(-14883, abs=2))
    assert -19.0 < zero["ccd_det_therm"] < -10.0
    assert abs(one["ad_smhs_therm"] - two["ad_smohs_therm"]) < 0.5
    assert abs(two["ad_achhs_therm"] - two["ad_achohs_therm"]) < 0.1
    assert abs(two["ad_pmhs_therm"] - two["ad_lc_therm"]) < 0.1
    flags = {f.name for f in FIELDS if f.of == "misc_status_bits" and hdr3_decode.field_values(f, np.array([0x0124]))}
    assert flags == {"tec_active", "ac_table_cksum_ok", "idle_code_lsb"}


@pytest.mark.parametrize(("word", "value"), [("0000", 0), ("f00f", -4081), ("0ff0", 4080), ("ffff", -1)])
def test_two_bytes_are_a_signed_number(word: str, value: int) -> None:
    assert decoded(7, f"0000000000000000{'0000'}{word}")["dac"] == value


def test_bit_fields() -> None:
    status = np.array([0x02B4])
    names = ("readout_mode", "test_signal", "clock_period", "cmd_error", "prom_write")
    assert [int(hdr3_decode.field_values(FIELD[name], status)[0]) for name in names] == [10, 3, 24, 0, 0]
    flags = {f.name for f in FIELDS if f.of == "misc_status_bits" and hdr3_decode.field_values(f, np.array([0x01A4]))}
    assert flags == {"tec_active", "ac_table_cksum_ok", "warm_boot", "idle_code_lsb"}


def test_samples_count_if_the_next_follows_in_one_cadence() -> None:
    time = np.array([0.0, 4.1, 8.2, 20.5, 24.6])
    for after, last in ((28.7, False), (99.0, True), (None, False)):
        lost = np.array([True, False, False, False, False])
        hdr3_decode.lose_unfollowed(time, lost, after)
        assert lost.tolist() == [True, False, True, False, last]
    hdr3_decode.lose_unfollowed(time[:0], lost[:0], 0.0)


def test_the_cadence_is_watched_across_thousands_of_samples() -> None:
    rng = np.random.default_rng(8)
    time = np.cumsum(np.where(rng.random(30_000) < 1e-3, 8.2, 4.1))
    lost = np.zeros(len(time), bool)
    hdr3_decode.lose_unfollowed(time, lost, float(time[-1]) + 4.1)
    assert np.array_equal(np.flatnonzero(lost), np.flatnonzero(np.diff(time) > 5))


def test_nearest_sample_of_another_slot() -> None:
    index, found = hdr3_decode.nearest(np.array([0.0, 4.1, 8.2, 30.0]), np.array([1.0, 5.1, 9.2]))
    assert index[:3].tolist() == [0, 1, 2]
    assert found.tolist() == [True, True, True, False]
    assert not hdr3_decode.nearest(np.array([1.0]), np.array([]))[1].any()
    assert hdr3_decode.nearest(np.array([1.0, 9.0]), np.array([1.5]))[1].tolist() == [True, False]
