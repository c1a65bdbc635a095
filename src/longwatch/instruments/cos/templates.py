"""FITS files after the pattern of real COS products, for the simulator.

Owns header templates, and how cards and data become the bytes of a file. Must not know what is simulated.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from isal import igzip

from longwatch.fits.cards import CARD
from longwatch.fits.checksum import add, datasum, encode
from longwatch.fits.header import BLOCK

Values: TypeAlias = Mapping[str, str | float]

_NO_SUM: Final = "0" * 16
_COMMENT: Final = re.compile(r".{8}= *(?:'(?:[^']|'')*'|[^/']*)\s*(/.*)?")


@dataclass(frozen=True, slots=True)
class Template:
    """The cards of one HDU of a real product.

    Parameters
    ----------
    lines
        Cards of 80 characters, without `END`.
    where
        Line of each keyword.
    """

    lines: tuple[str, ...]
    where: Mapping[str, int]

    def with_values(self, values: Values) -> list[str]:
        """Give the cards with new values; a keyword that is not in the template is added at the end."""
        lines = list(self.lines)
        for keyword, value in values.items():
            at = self.where.get(keyword)
            if at is None:
                lines.append(_card(keyword, value, ""))
            else:
                found = _COMMENT.fullmatch(lines[at])
                lines[at] = _card(keyword, value, (found and found[1]) or "")
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One HDU to be written: what differs from the template, and the data.

    Parameters
    ----------
    hdu
        Which HDU of the template.
    values
        Keywords that get other values.
    data
        The bytes of the data, without padding.
    drop
        Keywords to leave out.
    """

    hdu: int
    values: Values
    data: bytes = b""
    drop: Sequence[str] = ()


@cache
def load(name: str) -> tuple[Template, ...]:
    """Give the templates of a product, one for each HDU.

    Parameters
    ----------
    name
        `lampflash_fuv`, `spt` ...
    """
    text = files("longwatch.instruments.cos").joinpath("cards", f"{name}.toml").read_text("utf-8")
    return tuple(_template(table["cards"]) for table in tomllib.loads(text)["hdu"])


def fits_bytes(name: str, parts: Sequence[Part]) -> bytes:
    """Give a whole FITS file, with CHECKSUM and DATASUM in every HDU.

    Parameters
    ----------
    name
        Name of the template.
    parts
        Its HDUs, in order.
    """
    templates = load(name)
    return b"".join(_hdu(templates[part.hdu], part) for part in parts)


def table_part(hdu: int, rows: np.ndarray, values: Values) -> Part:
    """Give a table.

    Parameters
    ----------
    hdu
        Which HDU of the template.
    rows
        (n,) structured array, packed and big-endian, in the order of the template's columns.
    values
        Keywords that get other values.
    """
    shape = {"NAXIS1": rows.dtype.itemsize, "NAXIS2": len(rows)}
    return Part(hdu=hdu, values={**values, **shape}, data=rows.tobytes())


def write_gz(path: Path, content: bytes) -> None:
    """Write a file as gzip, equal for equal content."""
    path.write_bytes(igzip.compress(content, compresslevel=1, mtime=0))


def _template(text: str) -> Template:
    lines = tuple(line.ljust(CARD) for line in text.splitlines())
    where = {line[:8].rstrip(): at for at, line in reversed(list(enumerate(lines))) if line[8:10] == "= "}
    return Template(lines, where)


def _card(keyword: str, value: str | float, comment: str) -> str:
    """Write a card; a comment that does not fit is cut."""
    match value:
        case bool():
            text = f"{'T' if value else 'F':>20}"
        case str():
            quoted = f"'{value:8}'"
            text = f"{quoted:20}"
        case int():
            text = f"{value:>20}"
        case _:
            text = f"{float(value)!r:>20}".upper()
    return f"{keyword:8}= {text} {comment}"[:CARD].ljust(CARD)


def _hdu(template: Template, part: Part) -> bytes:
    """Give header and padded data."""
    data = part.data.ljust(-(-len(part.data) // BLOCK) * BLOCK, b"\0")
    total = datasum(data)
    lines = template.with_values({**part.values, "CHECKSUM": _NO_SUM, "DATASUM": str(total)})
    if part.drop:
        lines = [line for line in lines if line[:8].rstrip() not in part.drop]
    text = "".join((*lines, "END".ljust(CARD)))
    raw = text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii")
    return raw.replace(_NO_SUM.encode(), encode(add(datasum(raw), total)).encode(), 1) + data
