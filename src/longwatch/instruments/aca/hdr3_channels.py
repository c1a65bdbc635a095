"""The header-3 pseudo-MSIDs as data: where each number stands in the diagnostic bytes and what it means.

Owns the table of 38 channels, their bit fields and joined words. Must not know how bytes become numbers.
See spec/aca-dark-hdr3-l0.md 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from longwatch.domain.column import Column, Dtype

Coding = Literal["i16", "u16", "u32", "i32", "u48", "offset16", "offset32", "thermistor"]
"""How bytes are to be read, highest first; `offset` adds half the range, `thermistor` is a curve of an i16."""

PACKET_S: Final = 1.025
"""Time between the packets of an image."""

AFTER_INTEGRATION_S: Final = 1.873
"""Time from the middle of an integration of 1.696 s to the first packet of its image."""

WIDTH: Final[dict[Coding, int]] = {
    "i16": 2,
    "u16": 2,
    "u32": 4,
    "i32": 4,
    "u48": 6,
    "offset16": 2,
    "offset32": 4,
    "thermistor": 2,
}
"""Bytes of each coding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One number in the header-3 bytes of one slot.

    Parameters
    ----------
    key
        Slot, image type (6 or 7) and first word (2 to 7), as three digits.
    name
        Its name.
    coding
        How its bytes are read.
    unit
        `astropy.units` string.
    description
        One sentence.
    scale
        Unit of the last bit.
    dtype
        Storage type.
    legacy_scale
        What older software multiplied by, where that was wrong; NaN where it gave no number at all.
    """

    key: str
    name: str
    coding: Coding
    unit: str
    description: str
    scale: float = 1.0
    dtype: Dtype = "f4"
    legacy_scale: float | None = None

    @property
    def slot(self) -> int:
        """The slot whose 8x8 images carry it."""
        return int(self.key[0])

    @property
    def first(self) -> int:
        """Index of its first byte among the slot's twelve."""
        return 6 * (int(self.key[1]) - 6) + int(self.key[2]) - 2

    @property
    def delay_s(self) -> float:
        """How long after the time of its row the camera sampled it [s]: its packet is the third or fourth of four."""
        return AFTER_INTEGRATION_S + PACKET_S * (int(self.key[1]) - 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Some bits of a channel.

    Parameters
    ----------
    name
        Its name.
    of
        Name of the channel.
    low, width
        Number of the lowest bit, and how many there are.
    unit, description
        As for a channel.
    values
        What each code stands for; empty: the code itself.
    """

    name: str
    of: str
    low: int
    description: str
    width: int = 1
    unit: str = ""
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A 32-bit word whose halves come in images of two slots.

    Parameters
    ----------
    name, unit, description
        As for a channel.
    high, low
        Channels that hold the two halves.
    scale
        Unit of the last bit of the high half.
    fallback
        True: where the low half is missing the high half stands alone; False: there is no value.
    """

    name: str
    high: str
    low: str
    unit: str
    description: str
    scale: float
    fallback: bool


def _thermistor(key: str, name: str, where: str) -> Channel:
    return Channel(key=key, name=name, coding="thermistor", unit="deg_C", description=f"Temperature of {where}")


def _voltage(key: str, name: str, what: str, scale_mv: float, legacy: float | None = None) -> Channel:
    return Channel(key=key, name=name, coding="i16", unit="mV", description=what, scale=scale_mv, legacy_scale=legacy)


def _offset16(key: str, quadrant: str) -> Channel:
    return Channel(
        key=key,
        name=f"zero_off16_quad_{quadrant.lower()}",
        coding="offset16",
        unit="adu",
        description=f"Zero offset of quadrant {quadrant}, whole A/D counts of 5 electrons",
    )


def _offset32(key: str, quadrant: str) -> Channel:
    return Channel(
        key=key,
        name=f"zero_off32_quad_{quadrant.lower()}",
        coding="offset32",
        unit="adu",
        description=f"Zero offset of quadrant {quadrant}, A/D counts of 5 electrons in steps of 1/65536",
        scale=1 / 65536,
    )


CHANNELS: Final = (
    Channel(
        key="062",
        name="ac_status_word",
        coding="u16",
        unit="",
        description="Status of the aspect camera, bit fields",
        dtype="u2",
    ),
    Channel(
        key="064",
        name="misc_status_bits",
        coding="u16",
        unit="",
        description="Sixteen status flags",
        dtype="u2",
    ),
    _thermistor("066", "ccd_molyb_therm_1", "the CCD's molybdenum mount, thermistor 1"),
    _thermistor("072", "ccd_molyb_therm_2", "the CCD's molybdenum mount, thermistor 2"),
    _thermistor("074", "ccd_det_therm", "the CCD detector"),
    _voltage("076", "ad_5v_ps", "Supply of +5 V", 0.30518, 0.20518),
    _voltage("162", "ad_15v_ps", "Supply of +15 V", 0.61035),
    _voltage("164", "ad_m15v_ps", "Supply of -15 V", 0.61035),
    _voltage("166", "ad_27v_ps", "Supply of +27 V", 1.04597),
    _voltage("172", "ad_analog_gnd", "Analogue ground", 0.30518, float("nan")),
    _thermistor("174", "ad_converter_therm", "the A/D converter"),
    _thermistor("176", "ad_smhs_therm", "the secondary mirror, HRMA side"),
    _thermistor("262", "ad_smohs_therm", "the secondary mirror, opposite side"),
    _thermistor("264", "ad_pmhs_therm", "the primary mirror, HRMA side"),
    _thermistor("266", "ad_pmohs_therm", "the primary mirror, opposite side"),
    _thermistor("272", "ad_achhs_therm", "the camera housing, HRMA side"),
    _thermistor("274", "ad_achohs_therm", "the camera housing, opposite side"),
    _thermistor("276", "ad_lc_therm", "the lens cell"),
    Channel(
        key="362",
        name="proc_stack_telem_ctr",
        coding="u16",
        unit="",
        description="Stack pointer (high byte) and counter of telemetry updates (low byte)",
        dtype="u2",
    ),
    Channel(
        key="364",
        name="sci_hdr_pulse_period",
        coding="u32",
        unit="s",
        description="Period of the science header pulse",
        scale=2e-6,
        dtype="f8",
    ),
    _offset16("372", "A"),
    _offset16("374", "B"),
    _offset16("376", "C"),
    _offset16("462", "D"),
    _offset32("464", "A"),
    _offset32("472", "B"),
    Channel(
        key="476",
        name="zero_off32_quad_c_msb",
        coding="offset16",
        unit="adu",
        description="High half of the zero offset of quadrant C; the low half comes with slot 5",
    ),
    Channel(
        key="562",
        name="zero_off32_quad_c_lsb",
        coding="u16",
        unit="",
        description="Low half of the zero offset of quadrant C; the high half comes with slot 4",
        dtype="u2",
    ),
    _offset32("564", "D"),
    Channel(key="572", name="ccd_flush_dur", coding="u16", unit="us", description="Time to flush the CCD", scale=2.0),
    Channel(
        key="574", name="ccd_row_shift_period", coding="u16", unit="us", description="Period of a row shift of the CCD"
    ),
    Channel(
        key="576",
        name="avg_bkg",
        coding="i16",
        unit="electron",
        description="Average background of tracked and search readouts",
        scale=5.0,
    ),
    Channel(
        key="662",
        name="dsn_hdr1",
        coding="u48",
        unit="",
        description="Six bytes of the deep space network's header 1, as one number",
        dtype="i8",
    ),
    Channel(
        key="672",
        name="dsn_hdr2",
        coding="u32",
        unit="",
        description="Record counter (three high bytes) and header 2 (low byte) of the deep space network",
        dtype="u4",
    ),
    Channel(
        key="676",
        name="ccd_temp",
        coding="i16",
        unit="deg_C",
        description="CCD temperature, in steps of 0.01; finer ones come with slot 7",
        scale=0.01,
        dtype="f8",
    ),
    Channel(
        key="762",
        name="ccd_temp_lsb",
        coding="u16",
        unit="",
        description="Low half of the CCD temperature; the high half comes with slot 6",
        dtype="u2",
    ),
    Channel(
        key="764",
        name="ccd_setpoint",
        coding="i16",
        unit="deg_C",
        description="Set point of the CCD temperature",
        scale=0.01,
        legacy_scale=1.0,
    ),
    Channel(
        key="766",
        name="aca_temp",
        coding="i32",
        unit="deg_C",
        description="Temperature of the aspect camera",
        scale=1 / 256,
    ),
    Channel(
        key="774",
        name="last_ram_fail_addr",
        coding="u16",
        unit="",
        description="Address of the last failure of memory",
        dtype="u2",
    ),
    Channel(
        key="776",
        name="dac",
        coding="i16",
        unit="",
        description="Drive of the thermo-electric cooler; 511 is all it can give",
        dtype="i2",
    ),
)
"""What stands in the bytes of one slot."""

CCD_TEMP: Final = Joined(
    name="ccd_temp",
    high="ccd_temp",
    low="ccd_temp_lsb",
    unit="deg_C",
    description="CCD temperature, in steps of 0.01/65536; where slot 7 is missing, in steps of 0.01",
    scale=0.01,
    fallback=True,
)
QUAD_C: Final = Joined(
    name="zero_off32_quad_c",
    high="zero_off32_quad_c_msb",
    low="zero_off32_quad_c_lsb",
    unit="adu",
    description="Zero offset of quadrant C, A/D counts of 5 electrons in steps of 1/65536",
    scale=1.0,
    fallback=False,
)
JOINED: Final = {"676": CCD_TEMP, "476": QUAD_C}
"""What needs images of two slots, by key."""

_FLAGS: Final = (
    ("ac_send_time_out", "the camera did not send in time"),
    ("ac_idle_time_out", "the camera did not become idle in time"),
    ("tec_active", "the thermo-electric cooler is on"),
    ("tec_heat", "the thermo-electric cooler heats"),
    ("dec_ac_table", "the camera's table is being decoded"),
    ("ac_table_cksum_ok", "the check sum of the camera's table holds"),
    ("stack_error", "the stack is damaged"),
    ("warm_boot", "the processor started warm"),
    ("idle_code_lsb", "lowest bit of the idle code"),
    ("cal_mode", "in calibration mode"),
    ("cal_mode_pending", "calibration mode is to come"),
    ("iu_data", "interface unit data"),
    ("iu_data_pending", "interface unit data is to come"),
    ("dsn_fixed", "the deep space network header is fixed"),
    ("initial_cal_fill_ok", "the first fill of calibration data was well"),
    ("io_upd_timeout", "an update of input and output came too late"),
)

FIELDS: Final = (
    Field(
        name="readout_mode",
        of="ac_status_word",
        low=6,
        width=4,
        description="Readout mode, sum of 1 input grounded in readout, 2 reset pulsed in column flush, 4 reset pulsed "
        "in row shifts, 8 multiplexer grounded when idle",
    ),
    Field(name="test_signal", of="ac_status_word", low=4, width=2, description="Test signal"),
    Field(name="cmd_error", of="ac_status_word", low=3, description="1: a command was wrong"),
    Field(
        name="clock_period",
        of="ac_status_word",
        low=1,
        width=2,
        unit="us",
        values=(6, 12, 24, 48),
        description="Period of the CCD clock",
    ),
    Field(name="prom_write", of="ac_status_word", low=0, description="1: the read-only memory can be written"),
    *(
        Field(name=name, of="misc_status_bits", low=bit, description=f"1: {what}")
        for bit, (name, what) in enumerate(_FLAGS)
    ),
    Field(name="stack_pointer", of="proc_stack_telem_ctr", low=8, width=8, description="Stack pointer"),
    Field(
        name="update_counter",
        of="proc_stack_telem_ctr",
        low=0,
        width=8,
        description="Counter of telemetry updates, one in 1.025 s, starting anew after 255",
    ),
    Field(name="dsn_record_counter", of="dsn_hdr2", low=8, width=24, description="Record counter"),
    Field(name="dsn_hdr2_byte", of="dsn_hdr2", low=0, width=8, description="Header 2"),
)
"""Bit fields, fetched like channels."""

COLUMNS: Final = (
    Column(
        name="time",
        unit="s",
        description=(
            "Middle of the integration of the image, Chandra time; the camera sampled the bytes 3.9 s (keys x6x) or "
            "4.9 s (x7x) later"
        ),
        ucd="time.epoch",
    ),
    Column(name="slot", unit="", description="Image slot whose 8x8 images carried the bytes, 0 to 7", dtype="u1"),
    Column(name="quality", unit="", description="0 good, 1 bad", dtype="i4", ucd="meta.code.qual"),
    *(
        Column(name=channel.name, unit=channel.unit, description=channel.description, dtype=channel.dtype)
        for channel in CHANNELS
    ),
)
"""All columns of the series `aca.hdr3`; a row holds the channels of its slot, the others are masked."""
