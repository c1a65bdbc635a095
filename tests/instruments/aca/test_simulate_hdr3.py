"""Header-3 bytes of the simulation: decoded they are the truth, and they agree with each other and with header 2.

Truth: spec/aca-dark-hdr3-l0.md 4, 6.3 (identities) and 9.4.
"""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.aca import hdr3_decode
from longwatch.instruments.aca.columns import HEADER_3, KELVIN
from longwatch.instruments.aca.hdr3_channels import CHANNELS, FIELDS
from longwatch.instruments.aca.simulate import EIGHTS, ccd_temperature, rows_of, true_header_3
from longwatch.instruments.aca.simulate_hdr3 import BOOT_PACKETS

PACKETS = np.arange(0, 4 * 60_000, 4 * 97)


@pytest.fixture(scope="module")
def decoded() -> dict[str, np.ndarray]:
    """Every channel of eight slots of 8x8 images, decoded, and header 2 of slot 0."""
    found: dict[str, np.ndarray] = {}
    for spot in EIGHTS:
        rows = rows_of(spot, PACKETS, np.random.default_rng(spot.slot))
        data = np.stack([rows[name] for name in HEADER_3], axis=1).astype(np.uint8)
        found |= hdr3_decode.decode(spot.slot, data)
        found |= {name: rows[name] - KELVIN for name in ("tempccd", "temphous", "tempprim", "tempsec")}
        found["time"] = rows["time"]
    return found


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_every_channel_comes_back(decoded: dict[str, np.ndarray], channel: hdr3_decode.Channel) -> None:
    """Within half a step, voltages with one step of noise; thermistors within 0.02 deg_C."""
    true = true_header_3(decoded["time"], PACKETS)[channel.name]
    steps = 1.51 if channel.unit == "mV" else 0.51
    within = 0.02 if channel.coding == "thermistor" else steps * channel.scale + 1e-6 * np.abs(true).max()
    assert np.abs(decoded[channel.name] - true).max() <= within


def test_the_ccd_temperature_is_recovered(decoded: dict[str, np.ndarray]) -> None:
    true = ccd_temperature(decoded["time"]) - KELVIN
    assert np.abs(decoded["ccd_temp"] - true).max() <= 0.01
    fine = decoded["ccd_temp"] + decoded["ccd_temp_lsb"] * 0.01 / 65536
    assert np.abs(fine - true).max() < 2e-7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ccd_det_therm", "ccd_temp"),
        ("ccd_temp", "tempccd"),
        ("ad_lc_therm", "tempprim"),
        ("ad_smhs_therm", "tempsec"),
        ("ad_achhs_therm", "temphous"),
    ],
)
def test_temperatures_agree(decoded: dict[str, np.ndarray], one: str, other: str) -> None:
    assert np.abs(decoded[one] - decoded[other]).max() < 0.4


@pytest.mark.parametrize("quadrant", ["a", "b", "d"])
def test_offsets_agree(decoded: dict[str, np.ndarray], quadrant: str) -> None:
    wide = decoded[f"zero_off32_quad_{quadrant}"]
    assert np.floor(wide).tolist() == decoded[f"zero_off16_quad_{quadrant}"].tolist()


def test_counters_clock_and_flags(decoded: dict[str, np.ndarray]) -> None:
    field = {one.name: one for one in FIELDS}
    low = hdr3_decode.field_values(field["update_counter"], decoded["proc_stack_telem_ctr"])
    assert (np.diff(low) % 256 == 4 * 97 % 256).all()
    assert (np.diff(hdr3_decode.field_values(field["dsn_record_counter"], decoded["dsn_hdr2"])) == 97).all()
    clock = hdr3_decode.field_values(field["clock_period"], decoded["ac_status_word"])
    assert clock.tolist() == decoded["ccd_row_shift_period"].tolist()
    boot = hdr3_decode.field_values(field["warm_boot"], decoded["misc_status_bits"])
    assert boot.tolist() == (PACKETS >= BOOT_PACKETS).astype(int).tolist()
    assert (decoded["dac"] == 511).all()
