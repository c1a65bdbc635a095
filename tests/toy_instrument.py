"""A tiny instrument for whole-archive tests: FITS files with rows for a series, an image for a cube, and a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longwatch.contracts.instrument import Instrument, Timeline
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.epoch import Epoch
from longwatch.domain.product import version_text
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import to_us
from longwatch.errors import BadFile
from longwatch.fits.header import Header
from longwatch.fits.write import NamedImage, image_file

HOUR = 3_600_000_000
T0 = to_us("2020-01-30")
SHAPE = (3, 4)
KIND, SERIES, CUBE, TIMELINE = "toy.file", "toy.rows", "toy.map", "toy.month"

Row = tuple[int, int, float]
"""(hour after T0, slot, value)."""


@dataclass(frozen=True)
class ToyFile:
    """What a toy file says."""

    key: str
    version: int
    rows: tuple[Row, ...]
    epoch: int
    level: float

    @property
    def image(self) -> np.ndarray:
        return np.arange(SHAPE[0] * SHAPE[1], dtype="f4").reshape(SHAPE) + np.float32(self.level)

    def encode(self) -> bytes:
        rows = [(T0 + hour * HOUR, slot, value) for hour, slot, value in self.rows]
        images = [
            NamedImage(name="ROWS", values=np.array(rows, dtype="f8")),
            NamedImage(name="MAP", values=self.image),
        ]
        data, _ = image_file(images, cards={"TOY": self.key, "TOYVER": self.version, "TOYEPOCH": self.epoch})
        return data


def write(folder: Path, files: Sequence[ToyFile]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        paths.append(folder / f"{file.key}_{file.version}.fits")
        paths[-1].write_bytes(file.encode())
    return paths


def claim(_name: str, _head: bytes, header: Header | None) -> float:
    return 1.0 if header is not None and "TOY" in header else 0.0


def version_key(header: Header) -> str:
    return version_text(header.number("TOYVER", 0) or 0)


def read(source: Source) -> Reading:
    if source.fits is None:
        raise BadFile(f"{source.name}: sought a FITS file. Write it again.")
    header = source.fits.primary.header
    table = source.fits.hdu("ROWS").image()
    times = table[:, 0].astype("i8")
    epoch = int(header.number("TOYEPOCH") or 0)
    columns = {"time": times, "slot": table[:, 1].astype("i4"), "value": table[:, 2].astype("f8")}
    month = 31 * 24 * HOUR
    return Reading(
        key=header.text("TOY"),
        t_min_us=int(times.min()),
        t_max_us=int(times.max()),
        epochs=(Epoch(timeline=TIMELINE, number=epoch, start_us=T0 + epoch * month, stop_us=T0 + (epoch + 1) * month),),
        rows=(Rows(series=SERIES, columns=columns),),
        planes=(Plane(cube=CUBE, epoch=epoch, property="level", image=source.fits.hdu("MAP").image()),),
    )


TOY = Instrument(
    name="toy",
    title="Toy",
    kinds=(FileKind(name=KIND, description="Toy.", claim=claim, read=read, version_key=version_key),),
    series=(
        SeriesSpec(
            name=SERIES,
            description="Rows of toys.",
            instrument="toy",
            key=("slot",),
            columns=(
                Column(name="time", unit="us", dtype="i8", description="Time"),
                Column(name="slot", unit="", dtype="i4", description="Slot"),
                Column(name="value", unit="adu", dtype="f8", description="Value"),
            ),
        ),
    ),
    cubes=(
        CubeSpec(
            name=CUBE,
            description="Maps of toys.",
            shape=SHAPE,
            timeline=TIMELINE,
            instrument="toy",
            properties=(Column(name="level", unit="adu", dtype="f4", description="Level"),),
        ),
    ),
    timelines=(Timeline(name=TIMELINE, description="Months of the toy."),),
)
