"""What is known of a dark calibration besides its map: `properties.json` of either generation, and its folder.

Owns those files and which of them make a calibration. Must not know maps, nor where calibrations are stored.
See spec/aca-dark-hdr3-l0.md 5.1.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.domain.epoch import EpochMember, Scalar
from longwatch.domain.product import version_text
from longwatch.domain.times import to_us
from longwatch.domain.utc import DAY_US
from longwatch.errors import BadFile, BadQuery, NotFound
from longwatch.fits.header import Header
from longwatch.instruments.aca.dark_files import CUBE, ID, conditions, day_of, epoch_of

KIND: Final = "aca.dark_properties"
"""Name of the kind."""

_NAMES: Final = ("properties.json", "props.json")
_IMAGES: Final = ("image.fits", "image.fits.gz", "imd.fits")
_WORDS: Final = (b'"ccd_temp"', b'"t_ccd"', b'"n_ccd_img"', b'"l_l0"')
_REPLICAS: Final = "replicas"
_VERSION: Final = version_text(1)
"""Above that of a map, so that of both it is the properties that say what is known of a calibration."""


def claim(name: str, head: bytes, _header: Header | None) -> float:
    """Claim the properties of a dark calibration by their name, surely if they speak of a CCD."""
    if name not in _NAMES:
        return 0.0
    return 0.9 if any(word in head for word in _WORDS) else 0.6


def read(source: Source) -> Reading:
    """Give what the properties of a calibration say; its day is that of its folder, else the one it names itself.

    Raises
    ------
    BadFile
        Raised if the file is no JSON, names no day, or one more than a day away from its folder's.
    """
    known, replicas, day_us = _known(source)
    dark_id = source.folder if ID.fullmatch(source.folder) else str(known["date"])[:8].replace(":", "")
    span = day_of(dark_id)
    if abs(day_us - span.start_us) > DAY_US:
        raise BadFile(f"{dark_id}/{source.name} speaks of {known['date']}, more than a day away. Move it.")
    temperature = known.setdefault("ccd_temp", known.get("t_ccd"))
    return Reading(
        key=dark_id,
        t_min_us=span.start_us,
        t_max_us=span.stop_us - 1,
        version=_VERSION,
        keywords={} if temperature is None else {"CCD_TEMP": temperature},
        epochs=(epoch_of(dark_id, known),),
        members=tuple(_member(dark_id, place, replica) for place, replica in enumerate(replicas, start=1)),
        rows=conditions(dark_id, known),
    )


def directories(folder: Path) -> OrderedDict[str, Path]:
    """Give the directories of a folder that are named by a dark id, in order.

    Raises
    ------
    NotFound
        Raised if the folder does not exist.
    """
    if not folder.is_dir():
        raise NotFound(f"No folder {folder} with dark calibrations. Name the one that holds directories YYYYDOY.")
    found = sorted(path for path in folder.resolve().iterdir() if ID.fullmatch(path.name) and path.is_dir())
    return OrderedDict((path.name, path) for path in found)


def files_of(path: Path) -> tuple[Path, Path]:
    """Give map and properties of a calibration's directory.

    Raises
    ------
    BadFile
        Raised if one of the two is missing.
    """
    return _one_of(path, *_IMAGES), _one_of(path, *_NAMES)


def _one_of(path: Path, *names: str) -> Path:
    for name in names:
        if (path / name).is_file():
            return path / name
    raise BadFile(f"{path}: sought {' or '.join(names)}; there are {sorted(p.name for p in path.iterdir())}.")


def _known(source: Source) -> tuple[dict[str, Scalar], list[dict[str, Scalar]], int]:
    """Give properties, replicas and the day they speak of."""
    try:
        known: dict[str, Any] = dict(json.loads(source.data.decode("utf-8")))
        replicas = [dict(one) for one in known.pop(_REPLICAS, [])]
        return known, replicas, to_us(str(known["date"])[:8])
    except (ValueError, KeyError, AttributeError, TypeError, BadQuery) as error:
        raise BadFile(
            f"{source.folder}/{source.name}: sought the properties of a dark calibration, a JSON object with its date; "
            f"{error!r}"
        ) from error


def _member(dark_id: str, place: int, replica: dict[str, Scalar]) -> EpochMember:
    return EpochMember(
        timeline=CUBE,
        number=int(dark_id),
        member=f"replica {replica.get('count', place)}",
        t_us=to_us(str(replica["start"])) if replica.get("start") else None,
        attributes=replica,
    )
