"""Products: files with an identity, a kind and versions.

Owns the values that name them. Must not know how files are read or stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from longwatch.domain.epoch import Scalar


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What makes two files versions of the same product.

    Parameters
    ----------
    instrument
        `cos`, `aca`, `stis` ... or `generic`.
    kind
        `cos.lampflash`.
    key
        The name inside the kind, from the header where it has one, else from the file name.
    """

    instrument: str
    kind: str
    key: str

    @override
    def __str__(self) -> str:
        """Give the form used in messages and by `longwatch get`."""
        return f"{self.kind}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHeader:
    """The header of one HDU as it stands in the file.

    Parameters
    ----------
    hdu
        Position in the file, 0 for the primary.
    name
        EXTNAME, or `PRIMARY`.
    cards
        The raw cards, 80 bytes each, lossless.
    """

    hdu: int
    name: str
    cards: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """An exposure of the instrument, as one of its files tells of it.

    Parameters
    ----------
    instrument
        The instrument's name.
    obs_id
        ObsCore observation identifier; the rootname for HST.
    t_min_us, t_max_us
        Start and end [microseconds of TAI].
    attributes
        What the file says of it under ObsCore names and lower-case keywords.
    """

    instrument: str
    obs_id: str
    t_min_us: int
    t_max_us: int
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


def version_text(*parts: str | float) -> str:
    """Write a version so that text order is version order.

    Parameters
    ----------
    *parts
        Numbers (whole or not, 0 or more) and texts such as an ISO date, the weightiest first.

    Returns
    -------
    str
        Numbers padded to twelve digits, parts joined by a blank.
    """
    return " ".join(part if isinstance(part, str) else f"{part:019.6f}" for part in parts)
