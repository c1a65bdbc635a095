"""A cube as one commit shows it: where every plane lies, as arrays that answer any question at once.

Owns the plan and the choice of frames. Must not know how bytes are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from astropy.table import Table
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.catalog.slabs import SlabInfo
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.epoch import Epoch
from longwatch.domain.times import from_us
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery, NotFound

_NAMED = 5
"""How many neighbours a message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A rectangle of the detector, half-open, in native coordinates."""

    row0: int
    row1: int
    col0: int
    col1: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.row1 - self.row0, self.col1 - self.col0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneIndex:
    """Where the planes of one property lie: arrays with one element for each frame; `n_row` is 0 where there is none.

    Parameters
    ----------
    column
        The property.
    stored
        The type planes are stored in, big-endian.
    places
        (6, n_frame): number of the object in the plan, first byte of the plane, and its native row0, col0, n_row,
        n_col.
    null
        Value of a missing pixel; NaN where there is none.
    """

    column: Column
    stored: np.dtype[np.generic]
    places: Ints
    null: NDArray[np.float64]

    @property
    def native(self) -> np.dtype[np.generic]:
        """The type values come back in."""
        return self.stored.newbyteorder("=")

    @property
    def held(self) -> NDArray[np.bool_]:
        """(n_frame,), whether there is a plane."""
        return np.asarray(self.places[4] > 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """A cube as one commit shows it. A frame is one epoch under one key; frames are in order of epoch and key.

    Parameters
    ----------
    cube_id, spec, commit
        The cube, its declaration and the commit.
    oids
        The objects that hold planes.
    epochs, keys
        Epoch and key text of each frame.
    planes
        Where the planes of each property lie; their `places` are rows of one array.
    places
        (6, n_property, n_frame), that array.
    timeline
        Every epoch of the timeline, by number.
    templates
        Tables already laid out, by the properties they show.
    """

    cube_id: int
    spec: CubeSpec
    commit: int
    oids: tuple[str, ...]
    epochs: Ints
    keys: tuple[str, ...]
    planes: Mapping[str, PlaneIndex]
    places: Ints
    timeline: tuple[Epoch, ...]
    templates: dict[tuple[str, ...], Table] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number each property has in `places`."""
        return {name: number for number, name in enumerate(self.planes)}

    @cached_property
    def key_columns(self) -> dict[str, NDArray[np.generic]]:
        """Each key's value in each frame: whole numbers where all are, else text."""
        parted = [dict(part.split("=", 1) for part in text.split(";") if part) for text in self.keys]
        texts = {name: [values[name] for values in parted] for name in self.spec.key}
        return {name: np.array(_numbers(found) or found) for name, found in texts.items()}

    @cached_property
    def spans(self) -> tuple[Time, Time]:
        """Start and stop of each frame's epoch (UTC); masked where the timeline does not say."""
        known = {epoch.number: epoch for epoch in self.timeline}
        of_frame = [known.get(number) for number in self.epochs.tolist()]
        starts = [epoch.start_us if epoch else None for epoch in of_frame]
        stops = [epoch.stop_us if epoch else None for epoch in of_frame]
        return times(starts), times(stops)

    def index(self, name: str) -> PlaneIndex:
        """Give where the planes of a property lie; raises `BadQuery` if the cube has no such property."""
        if name not in self.planes:
            raise BadQuery(f"Cube {self.spec.name!r} has no property {name!r}. It has: {', '.join(self.planes)}.")
        return self.planes[name]

    def frames(self, epoch: int | None, key: Mapping[str, str | int]) -> Ints:
        """Give the numbers of the frames of an epoch (None: of all) whose key has the given values.

        Raises
        ------
        BadQuery
            Raised if the cube has no such key.
        NotFound
            Raised if there is no such frame; the message names what is near.
        """
        chosen = np.ones(len(self.epochs), dtype=bool) if epoch is None else self.epochs == epoch
        if epoch is not None and not chosen.any():
            raise NotFound(f"Cube {self.spec.name!r} holds nothing of epoch {epoch}. {self._near(epoch)}")
        for name, value in key.items():
            chosen &= self._key_column(name) == str(value)
        found = np.flatnonzero(chosen)
        if key and not found.size:
            raise NotFound(f"Cube {self.spec.name!r} holds nothing under {dict(key)}. It holds: {self._keys_held()}.")
        return found

    def frame(self, epoch: int, key: Mapping[str, str | int]) -> int:
        """Give the one frame of an epoch under a key; raises `BadQuery` where the key leaves several."""
        found = self.frames(epoch, key)
        if len(found) > 1:
            held = ", ".join(self.keys[number] for number in found[:_NAMED].tolist())
            raise BadQuery(
                f"Epoch {epoch} of cube {self.spec.name!r} has {len(found)} images of each property: {held}. "
                f"Say which by {', '.join(self.spec.key)}."
            )
        return int(found[0])

    def image_of(self, name: str, epoch: int, key: Mapping[str, str | int]) -> tuple[PlaneIndex, int]:
        """Give the planes of a property and the one frame asked for; raises `NotFound` if it has no such plane."""
        index = self.index(name)
        frame = self.frame(epoch, key)
        if not index.held[frame]:
            held = [other for other, planes in self.planes.items() if planes.held[frame]]
            raise NotFound(f"Cube {self.spec.name!r} has no {name} in epoch {epoch}. It has: {', '.join(held)}.")
        return index, frame

    def numbered(self, timeline: str, number: int) -> int:
        """Give the number of a form such as `"anneal:200"`; raises `BadQuery` if it counts another timeline."""
        own = self.spec.timeline
        if timeline != own and not own.endswith(f".{timeline}"):
            raise BadQuery(f"Cube {self.spec.name!r} follows the timeline {own!r}, not {timeline!r}. Give a number.")
        return number

    @property
    def whole(self) -> Block:
        """The whole detector."""
        (row0, col0), (n_row, n_col) = self.spec.origin, self.spec.shape
        return Block(row0=row0, row1=row0 + n_row, col0=col0, col1=col0 + n_col)

    def block(self, rows: tuple[int, int], cols: tuple[int, int]) -> Block:
        """Give a block of the detector; raises `BadQuery` if it is empty or leaves the detector."""
        whole = self.whole
        within_rows = whole.row0 <= rows[0] < rows[1] <= whole.row1
        if not (within_rows and whole.col0 <= cols[0] < cols[1] <= whole.col1):
            raise BadQuery(
                f"Cube {self.spec.name!r} has no block of rows {rows} and columns {cols}. Rows are "
                f"[{whole.row0}, {whole.row1}), columns [{whole.col0}, {whole.col1}); ranges are half-open."
            )
        return Block(row0=rows[0], row1=rows[1], col0=cols[0], col1=cols[1])

    def check_pixel(self, row: int, col: int) -> None:
        """Raise `BadQuery` if the detector has no such pixel."""
        whole = self.whole
        if not (whole.row0 <= row < whole.row1 and whole.col0 <= col < whole.col1):
            raise BadQuery(
                f"Cube {self.spec.name!r} has no pixel (row, col) = ({row}, {col}). Rows are {whole.row0} to "
                f"{whole.row1 - 1}, columns {whole.col0} to {whole.col1 - 1}."
            )

    def meta(self, index: PlaneIndex, frame: int) -> dict[str, object]:
        """Give what an image says of itself."""
        return {
            "cube": self.spec.name,
            "property": index.column.name,
            "unit": index.column.unit,
            "epoch": int(self.epochs[frame]),
            "key": {name: values[frame].item() for name, values in self.key_columns.items()},
            "origin": self.spec.origin,
            "commit": self.commit,
        }

    def _key_column(self, name: str) -> NDArray[np.str_]:
        if name not in self.spec.key:
            keys = f"Its keys are: {', '.join(self.spec.key)}" if self.spec.key else "It has none"
            raise BadQuery(f"Cube {self.spec.name!r} has no key {name!r}. {keys}.")
        return self.key_columns[name].astype(str)

    def _keys_held(self) -> str:
        held = sorted(set(self.keys))
        return ", ".join(held[:_NAMED]) + (f" and {len(held) - _NAMED} more" if len(held) > _NAMED else "")

    def _near(self, epoch: int) -> str:
        held = np.unique(self.epochs)
        if not held.size:
            return "It is empty: append an epoch first."
        nearest = sorted(held[np.argsort(np.abs(held - epoch))[:2]].tolist())
        return f"It holds {held.size} epochs, {held[0]} to {held[-1]}; nearest: {', '.join(map(str, nearest))}."


def make_plan(
    cube_id: int, spec: CubeSpec, commit: int, *, slabs: Sequence[SlabInfo], timeline: Sequence[Epoch]
) -> Plan:
    """Lay out the planes of a cube.

    Parameters
    ----------
    cube_id, spec, commit
        The cube, its declaration and the commit.
    slabs
        The planes that answer, in order of epoch and key.
    timeline
        The epochs of its timeline.

    Returns
    -------
    Plan
        The cube at that commit.
    """
    frames = {name: number for number, name in enumerate(dict.fromkeys((s.epoch, s.plane_key) for s in slabs))}
    oids = {oid: number for number, oid in enumerate(dict.fromkeys(s.oid for s in slabs))}
    numbers = {column.name: number for number, column in enumerate(spec.properties)}
    places = np.zeros((6, len(numbers), len(frames)), dtype=np.int64)
    null = np.full(places.shape[1:], np.nan)
    for s in slabs:
        at = numbers[s.property], frames[s.epoch, s.plane_key]
        places[:, *at] = oids[s.oid], s.offset, s.row0, s.col0, *s.shape
        null[at] = np.nan if s.null is None else s.null
    return Plan(
        cube_id=cube_id,
        spec=spec,
        commit=commit,
        oids=tuple(oids),
        epochs=np.array([epoch for epoch, _ in frames], dtype=np.int64),
        keys=tuple(key for _, key in frames),
        planes={
            column.name: PlaneIndex(
                column=column,
                stored=np.dtype(column.dtype).newbyteorder(">"),
                places=places[:, number],
                null=null[number],
            )
            for number, column in enumerate(spec.properties)
        },
        places=places,
        timeline=tuple(timeline),
    )


def times(instants: Sequence[int | None]) -> Time:
    """Give instants [microseconds of TAI] as UTC times, masked where there is none."""
    found = from_us(np.array([us or 0 for us in instants], dtype=np.int64))
    unknown = np.array([us is None for us in instants], dtype=bool)
    if unknown.any():
        found[unknown] = np.ma.masked
    return found


def _numbers(texts: Sequence[str]) -> list[int]:
    """Give whole numbers where every text is one, else nothing."""
    plain = all(text == str(int(text)) for text in texts if text.lstrip("-").isdecimal())
    return [int(text) for text in texts] if plain and all(t.lstrip("-").isdecimal() for t in texts) else []
