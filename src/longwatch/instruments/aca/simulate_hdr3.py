"""Simulated header-3 bytes: true numbers over time, and the bytes that telemeter them.

Owns the diagnostics of the simulation and how numbers become bytes. Must not know images or files.
See spec/aca-dark-hdr3-l0.md 4 and 9.1.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.aca.columns import HEADER_3
from longwatch.instruments.aca.hdr3_channels import CHANNELS, WIDTH, Channel
from longwatch.instruments.aca.hdr3_decode import thermistor

Floats = NDArray[np.float64]

BOOT_PACKETS: Final = 4 * 30_000
"""From this update on, some 1.4 days in, the flag `warm_boot` is up."""

SET_POINT_C: Final = -19.0
"""Set point of the CCD temperature [deg_C]."""

_DAC_MOST: Final = 511
_DAC_PER_DEGREE: Final = 120.0
_STATUS: Final = {"ac_status_word": 0x02B4, "sci_hdr_pulse_period": 2.049954, "ccd_flush_dur": 19434.0}
_STATUS_FLAGS: Final = (0x0124, 0x01A4)
_VOLTAGES: Final = {
    "ad_5v_ps": 4913.4,
    "ad_15v_ps": 14784.5,
    "ad_m15v_ps": -14884.0,
    "ad_27v_ps": 26575.0,
    "ad_analog_gnd": -2.747,
}
_HOUSING: Final = {"ad_achhs_therm": -0.02, "ad_achohs_therm": 0.02, "aca_temp": -0.5, "ad_converter_therm": 16.7}
_LENSES: Final = {"ad_lc_therm": 0.0, "ad_pmhs_therm": -0.02, "ad_pmohs_therm": -0.08}
_SECONDARY: Final = {"ad_smhs_therm": 0.0, "ad_smohs_therm": 0.13}
_OFFSETS: Final = {"a": 29.7328, "b": 30.3138, "c": 31.8930, "d": 33.5940}
_OFFSET_PER_DEGREE: Final = 0.05


def true_values(time: Floats, packets: NDArray[np.integer], ccd_c: Floats, warmth: Floats) -> dict[str, np.ndarray]:
    """Give the true number of every channel.

    Parameters
    ----------
    time
        (n,) [Chandra seconds].
    packets
        (n,) number of the update.
    ccd_c
        (n,) CCD temperature [deg_C].
    warmth
        (n, 3) temperatures of housing, lens cell and secondary mirror [deg_C].

    Returns
    -------
    dict[str, np.ndarray]
        (n,) by name of the channel, in its unit.
    """
    housing, lenses, secondary = np.asarray(warmth).T
    offsets = {q: base + _OFFSET_PER_DEGREE * (ccd_c + 11.63) for q, base in _OFFSETS.items()}
    c = offsets["c"]
    flat = {name: np.full(len(time), value) for name, value in (_STATUS | _VOLTAGES).items()}
    groups = ((_HOUSING, housing), (_LENSES, lenses), (_SECONDARY, secondary))
    return (
        flat
        | {name: where + off for group, where in groups for name, off in group.items()}
        | {f"zero_off32_quad_{q}": value for q, value in offsets.items()}
        | {f"zero_off16_quad_{q}": np.floor(value) for q, value in offsets.items()}
        | {
            "misc_status_bits": np.where(packets < BOOT_PACKETS, *_STATUS_FLAGS),
            "ccd_molyb_therm_1": housing + 9.5,
            "ccd_molyb_therm_2": housing + 7.2,
            "ccd_det_therm": ccd_c,
            "proc_stack_telem_ctr": packets % 256,
            "zero_off32_quad_c_msb": np.floor(c),
            "zero_off32_quad_c_lsb": np.floor((c - np.floor(c)) * 65536),
            "ccd_row_shift_period": np.full(len(time), 24),
            "avg_bkg": np.zeros(len(time)),
            "dsn_hdr1": np.full(len(time), 0xFC1D1ACF4193),
            "dsn_hdr2": (814_509 + packets // 4) * 256 + 0x80,
            "ccd_temp": np.floor(ccd_c * 100) / 100,
            "ccd_temp_lsb": np.floor((ccd_c * 100 - np.floor(ccd_c * 100)) * 65536),
            "ccd_setpoint": np.full(len(time), SET_POINT_C),
            "last_ram_fail_addr": np.zeros(len(time)),
            "dac": np.clip(np.rint((ccd_c - SET_POINT_C) * _DAC_PER_DEGREE), 0, _DAC_MOST),
        }
    )


def header_3(slot: int, true: dict[str, np.ndarray], seed: int) -> dict[str, NDArray[np.uint8]]:
    """Give the bytes of the images of a slot, by column.

    Parameters
    ----------
    slot
        Image slot.
    true
        What `true_values` gives.
    seed
        Seed of the noise of one step on voltages.
    """
    rng = np.random.default_rng([seed, slot])
    data = np.zeros((len(true["dac"]), len(HEADER_3)), np.uint8)
    for channel in CHANNELS:
        if channel.slot == slot:
            steps = rng.integers(-1, 2, len(data)) if channel.name in _VOLTAGES else 0
            width = WIDTH[channel.coding]
            whole = _whole(channel, true[channel.name]) + steps
            for place in range(width):
                data[:, channel.first + place] = whole >> 8 * (width - 1 - place) & 0xFF
    return dict(zip(HEADER_3, data.T, strict=True))


def _whole(channel: Channel, values: np.ndarray) -> NDArray[np.int64]:
    """Give numbers as the whole numbers that are telemetered."""
    if channel.coding == "thermistor":
        counts, celsius = _curve()
        return np.asarray(np.rint(np.interp(values, celsius, counts)), dtype=np.int64)
    whole = np.rint(np.asarray(values) / channel.scale).astype(np.int64)
    half = 1 << 8 * WIDTH[channel.coding] - 1 if channel.coding.startswith("offset") else 0
    return np.asarray(whole + half)


@cache
def _curve() -> tuple[Floats, Floats]:
    """Give counts of the thermistors, falling, and their temperatures, rising [deg_C]."""
    counts = np.arange(15728, 2084, -1).astype(float)
    return counts, thermistor(counts)
