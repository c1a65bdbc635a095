"""Reading COS files: one FITS file to identity, exposure and rows.

Owns what stands where in lampflash, rawacq, spt, jit and reference files. Must not know where values go.
See spec/cos.md 3.3 to 3.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading, Rows
from longwatch.domain.column import Column
from longwatch.domain.product import version_text
from longwatch.errors import BadFile
from longwatch.fits.file import FitsFile, Hdu
from longwatch.fits.header import Header
from longwatch.instruments.cos import columns, reference
from longwatch.instruments.cos.headers import (
    date_version,
    exposure,
    file_root,
    planned_span_us,
    product_version,
    rootname,
    span_us,
)
from longwatch.instruments.cos.osm import flash_numbers

Table: TypeAlias = Mapping[str, NDArray[np.generic]]

SECONDS_PER_DAY: Final = 86400.0

PLACEHOLDER: Final = 1e30
"""Jitter values from here on stand for "nothing measured"; real files write 1.6e38."""

NUMPY_TYPES: Final = {"str": "U", "bool": "?"}
"""Column types whose numpy name differs."""


def read_lampflash(source: Source) -> Reading:
    """Give the flashes of one exposure, a row for each flash and segment.

    The absolute time of a row is EXPSTART plus TIME; days of 86,400 s are taken, as EXPSTART's MJD does.
    """
    fits = _fits(source)
    hdu = _extension(fits, "LAMPFLASH")
    primary, expstart = fits.primary.header, hdu.header.number("EXPSTART")
    span = span_us([hdu.header])
    if expstart is None or span is None:
        raise BadFile(f"{hdu.where}: sought EXPSTART and EXPEND (MJD); they are missing or reversed. Fetch it again.")
    table = _columns_of(hdu, ("SEGMENT", "TIME", *(column.name.upper() for column in columns.LAMPFLASH_TABLE)))
    elapsed = table["TIME"].astype(float)
    values = {
        "time": expstart + elapsed / SECONDS_PER_DAY,
        "rootname": np.full(len(elapsed), rootname(primary, name=source.name)),
        "segment": np.char.strip(table["SEGMENT"].astype(str)),
        "flash": flash_numbers(table["LAMP_ON"].astype(float), table["LAMP_OFF"].astype(float)).astype("i2"),
        "elapsed": elapsed,
        **{column.name: _repeated(primary, column, len(elapsed)) for column in columns.LAMPFLASH_SETUP},
        **{column.name: _typed(table[column.name.upper()], column) for column in columns.LAMPFLASH_TABLE},
    }
    return Reading(
        key=rootname(primary, name=source.name),
        t_min_us=span[0],
        t_max_us=span[1],
        version=product_version(primary),
        exposures=(exposure(primary, hdu.header, span),),
        rows=(Rows(series="cos.lampflash", columns=values),),
    )


def read_rawacq(source: Source) -> Reading:
    """Give identity and exposure of a raw acquisition: image, peak-up or search."""
    fits = _fits(source)
    primary = fits.primary.header
    if not any(hdu.name in {"SCI", "ACQ"} for hdu in fits.hdus):
        raise BadFile(f"{source.name}: sought an extension SCI or ACQ; there is none. Fetch the file again.")
    span = span_us(hdu.header for hdu in fits.hdus)
    return Reading(
        key=rootname(primary, name=source.name),
        t_min_us=span and span[0],
        t_max_us=span and span[1],
        version=product_version(primary),
        exposures=(exposure(primary, fits.hdus[1].header, span),) if span else (),
    )


def read_spt(source: Source) -> Reading:
    """Give identity of a support file, and the time planned for it; when it was really exposed it does not tell."""
    fits = _fits(source)
    primary = fits.primary.header
    _extension(fits, "SUPPORT")
    span = span_us(hdu.header for hdu in fits.hdus)
    planned = span or planned_span_us(primary)
    return Reading(
        key=rootname(primary, name=source.name),
        t_min_us=planned and planned[0],
        t_max_us=planned and planned[1],
        version=date_version(primary),
        exposures=(exposure(primary, fits.hdus[1].header, span),) if span else (),
    )


def read_jit(source: Source) -> Reading:
    """Give the jitter of one exposure or of all exposures of an association.

    The file has no absolute time: rows count from the start of exposure `obs_id`, which other files tell.
    """
    fits = _fits(source)
    primary = fits.primary.header
    tables = [hdu for hdu in fits.hdus if hdu.name.lower() == "jit"]
    if not tables:
        raise BadFile(f"{source.name}: sought an extension 'jit'; there is none. Fetch the file again.")
    parts = [_jitter_rows(hdu) for hdu in tables]
    values = {
        column.name: _measured(np.concatenate([part[column.name] for part in parts])) for column in columns.JITTER
    }
    processed = max(hdu.header.text("PROCTIME").strip() for hdu in tables)
    return Reading(
        key=rootname(primary, name=source.name),
        version=version_text(date_version(primary), processed),
        rows=(Rows(series="cos.jitter", columns=values),),
    )


def read_lamptab(source: Source) -> Reading:
    """Give identity of a lamp template table whose FP-POS shifts can be read."""
    fits = _fits(source)
    reference.fp_shifts(fits)
    return _reference_reading(source, fits)


def read_wcptab(source: Source) -> Reading:
    """Give identity of a wavecal parameter table whose search ranges can be read."""
    fits = _fits(source)
    reference.search_ranges(fits)
    return _reference_reading(source, fits)


def exposure_of_jitter(expname: str) -> str:
    """Give the rootname of the exposure that a jitter table's EXPNAME (ending in j) belongs to (ending in q)."""
    return f"{expname.strip().lower()[:-1]}q"


def _reference_reading(source: Source, fits: FitsFile) -> Reading:
    """Give the identity of a reference file: the name it was made with, by which headers cite it."""
    header = fits.primary.header
    return Reading(key=file_root(header.text("FILENAME")) or file_root(source.name), version=date_version(header))


def _jitter_rows(hdu: Hdu) -> dict[str, np.ndarray]:
    """Give the rows of one jitter table as they stand."""
    table = _columns_of(hdu, tuple(column.name for column in columns.JITTER_TABLE), lower=True)
    obs_id = exposure_of_jitter(hdu.header.text("EXPNAME") or hdu.header.text("ROOTNAME"))
    values = {column.name: _typed(table[column.name], column) for column in columns.JITTER_TABLE}
    return {columns.OBS_ID.name: np.full(len(table["seconds"]), obs_id), **values}


def _measured(values: np.ndarray) -> np.ndarray:
    """Mask what stands for "nothing measured", element by element."""
    if values.dtype.kind != "f":
        return values
    absent = np.abs(values) >= PLACEHOLDER
    return np.ma.MaskedArray(values, mask=absent) if absent.any() else values


def _repeated(header: Header, column: Column, rows: int) -> np.ndarray:
    """Give a keyword of the header as a column; masked where the keyword is missing."""
    keyword = column.name.upper()
    if column.dtype == "str":
        text = header.text(keyword).strip()
        return np.full(rows, file_root(text) if column.name.endswith("tab") else text)
    number = header.number(keyword)
    values = np.full(rows, 0 if number is None else number, column.dtype)
    return np.ma.MaskedArray(values, mask=True) if number is None else values


def _typed(values: NDArray[np.generic], column: Column) -> np.ndarray:
    """Give a table column in its declared type."""
    return values.astype(NUMPY_TYPES.get(column.dtype, column.dtype), copy=False)


def _columns_of(hdu: Hdu, needed: tuple[str, ...], *, lower: bool = False) -> Table:
    """Give the columns of a table, under names in lower case if wanted."""
    table = {name.lower() if lower else name: values for name, values in hdu.table().items()}
    missing = [name for name in needed if name not in table]
    if missing:
        raise BadFile(f"{hdu.where}: sought the columns {', '.join(missing)}; there are {', '.join(table)}.")
    return table


def _fits(source: Source) -> FitsFile:
    if source.fits is None:
        raise BadFile(f"{source.name}: sought a FITS file; it is none. Name the kind it really is.")
    return source.fits


def _extension(fits: FitsFile, name: str) -> Hdu:
    for hdu in fits.hdus:
        if hdu.name.upper() == name:
            return hdu
    there = ", ".join(hdu.name or str(hdu.index) for hdu in fits.hdus)
    raise BadFile(f"{fits.name}: sought an extension {name}; there are {there}. Fetch the file again.")
