"""One cube: a pixel's life, images, regions, thresholds, and epochs of one's own.

Owns every question a cube answers. Must not know instruments, series or products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from astropy.table import Column as TableColumn
from astropy.table import Table
from numpy.typing import NDArray
from typing_extensions import override

from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.writer import Writer
from longwatch.cubes.image import detector_image
from longwatch.cubes.inputs import inputs_of, read_heads
from longwatch.cubes.own import INSTRUMENT, KIND, epoch_reading
from longwatch.cubes.pin import Plans
from longwatch.cubes.plan import Plan
from longwatch.cubes.read import Objects, covers, read_block, read_pixel, read_places, read_stack, stored_block
from longwatch.cubes.tables import epoch_table, fill, pixel_table
from longwatch.cubes.timelines import find_epoch
from longwatch.domain.cube import CubeSpec
from longwatch.domain.product import Identity
from longwatch.domain.times import Instant, is_epoch_form
from longwatch.errors import BadQuery, Refused

EpochForm: TypeAlias = int | Instant
"""An epoch's number, `"anneal:200"`, or a time that lies in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A block of the detector in many epochs; `region["sci_mean"]` gives a property's values.

    Parameters
    ----------
    frames
        A row for each frame: epoch, start, stop and keys.
    rows, cols
        Half-open ranges in native coordinates.
    values
        (n_frame, n_row, n_col) of each property, in its unit; NaN is a value. A `MaskedArray` where any pixel was not
        observed or is null, else a plain array.
    """

    frames: Table
    rows: tuple[int, int]
    cols: tuple[int, int]
    values: Mapping[str, NDArray[np.generic]]

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        """Give the values of a property."""
        return self.values[name]


class Cube:
    """One cube.

    Parameters
    ----------
    name
        Its name.
    plans, store
        Where its planes are known and kept.
    writer
        What stores appended epochs; None: reading only.
    """

    def __init__(self, name: str, plans: Plans, store: ObjectStore, writer: Writer | None) -> None:
        self.name = name
        self._plans = plans
        self._store = store
        self._writer = writer

    @override
    def __repr__(self) -> str:
        """Say what the cube holds and over which range."""
        plan = self._plans.get(self.name)
        held = np.unique(plan.epochs)
        span = f"{held.size} epochs of {plan.spec.timeline}, {held[0]} to {held[-1]}" if held.size else "no epochs yet"
        names = ", ".join(f"{c.name} [{c.unit}]" if c.unit else c.name for c in plan.spec.properties)
        return f"<Cube {self.name}: {plan.spec.shape[0]} x {plan.spec.shape[1]} pixels, {span}; {names}>"

    @property
    def spec(self) -> CubeSpec:
        """The cube's declaration."""
        return self._plans.get(self.name).spec

    def epochs(self, *, as_of: Instant | None = None) -> Table:
        """Give what the cube holds: epoch, start, stop (UTC, masked where unknown), keys, planes and properties."""
        return epoch_table(self._plans.get(self.name, as_of))

    def pixel(
        self,
        row: int,
        col: int,
        *,
        properties: Sequence[str] | None = None,
        epoch: EpochForm | None = None,
        as_of: Instant | None = None,
        **key: str | int,
    ) -> Table:
        """Give a pixel's life: a row for each epoch and key, a column for each property.

        Parameters
        ----------
        row, col
            Native coordinates.
        properties
            Which; None: all.
        epoch
            Only this one; None: all.
        as_of
            The archive as it was then.
        **key
            Values of the cube's key, to part planes of one epoch.

        Returns
        -------
        Table
            epoch, start, stop (UTC, masked where the timeline does not say), keys, and the properties with their
            units. Not observed, or null in an integer image: masked. NaN is a value.

        Raises
        ------
        BadQuery
            Raised if the detector has no such pixel, or the cube no such property or key.
        NotFound
            Raised if there is no such epoch.
        """
        plan = self._plans.get(self.name, as_of)
        plan.check_pixel(row, col)
        frames = plan.frames(self._epoch(plan, epoch), key)
        names = list(plan.planes) if properties is None else properties
        table = pixel_table(plan, names, frames)
        objects = Objects(self._store, plan)
        read = read_pixel(objects, plan, names, frames, (row, col))
        for name, (values, missing) in zip(names, read, strict=True):
            fill(table, name, values, missing)
        return table

    def history(self, name: str, row: int, col: int, *, as_of: Instant | None = None, **key: str | int) -> Table:
        """Give one property of a pixel in every epoch; as `pixel` with that property alone."""
        return self.pixel(row, col, properties=[name], as_of=as_of, **key)

    def pixels(
        self,
        places: Sequence[tuple[int, int]],
        *,
        properties: Sequence[str] | None = None,
        epoch: EpochForm | None = None,
        as_of: Instant | None = None,
        **key: str | int,
    ) -> Table:
        """Give the lives of many pixels, one after the other.

        Parameters
        ----------
        places
            Native (row, col) of each.
        properties, epoch, as_of, **key
            As in `pixel`.

        Returns
        -------
        Table
            row, col, then as `pixel` gives it.

        Raises
        ------
        BadQuery
            Raised if a pixel, property or key is unknown.
        NotFound
            Raised if there is no such epoch.
        """
        plan = self._plans.get(self.name, as_of)
        for row, col in places:
            plan.check_pixel(row, col)
        at = np.array(places, dtype=np.int64).reshape(-1, 2)
        frames = plan.frames(self._epoch(plan, epoch), key)
        names = list(plan.planes) if properties is None else properties
        table = pixel_table(plan, names, np.tile(frames, len(at)))
        table.add_column(TableColumn(np.repeat(at[:, 0], len(frames)), name="row"), index=0)
        table.add_column(TableColumn(np.repeat(at[:, 1], len(frames)), name="col"), index=1)
        objects = Objects(self._store, plan)
        for name in names if len(at) else ():
            fill(table, name, *read_places(objects, plan.index(name), frames, at))
        return table

    def image(
        self,
        name: str,
        /,
        epoch: EpochForm,
        *,
        view: bool = False,
        as_of: Instant | None = None,
        **key: str | int,
    ) -> np.ndarray:
        """Give one property of the whole detector in one epoch.

        Parameters
        ----------
        name
            The property.
        epoch
            Which epoch.
        view
            True: the stored bytes, big-endian and read-only, without a copy; they must cover the whole detector.
        as_of
            The archive as it was then.
        **key
            Values of the cube's key.

        Returns
        -------
        ndarray
            (n_row, n_col), in the property's unit; `meta` says what it shows. A `numpy.ma.MaskedArray` where a
            sub-array left pixels unobserved or an integer image has nulls, else a plain array. NaN is a value.

        Raises
        ------
        BadQuery
            Raised if the property or key is unknown, the key leaves several images, or a view cannot be given.
        NotFound
            Raised if there is no such image.
        """
        plan = self._plans.get(self.name, as_of)
        index, frame = plan.image_of(name, self._required(plan, epoch), key)
        whole = plan.whole
        objects = Objects(self._store, plan)
        meta = plan.meta(index, frame)
        if not view:
            values, missing = read_block(objects, index, frame, whole)
            return detector_image(values, meta, missing=missing)
        if not covers(index, whole)[frame]:
            raise BadQuery(
                f"Cube {self.name!r}: {name} of epoch {plan.epochs[frame]} has pixels that were not observed, and the "
                "stored bytes cannot say so. Ask without `view`."
            )
        return detector_image(stored_block(objects, index, frame, whole), meta)

    def region(
        self,
        rows: tuple[int, int],
        cols: tuple[int, int],
        *,
        properties: Sequence[str] | None = None,
        epoch: EpochForm | None = None,
        as_of: Instant | None = None,
        **key: str | int,
    ) -> Region:
        """Give a block of the detector in many epochs.

        Parameters
        ----------
        rows, cols
            Half-open ranges in native coordinates.
        properties, epoch, as_of, **key
            As in `pixel`.

        Returns
        -------
        Region
            Values by property, (n_frame, n_row, n_col).

        Raises
        ------
        BadQuery
            Raised if the block is empty or leaves the detector, or a property or key is unknown.
        NotFound
            Raised if there is no such epoch.
        """
        plan = self._plans.get(self.name, as_of)
        block = plan.block(rows, cols)
        frames = plan.frames(self._epoch(plan, epoch), key)
        names = list(plan.planes) if properties is None else properties
        objects = Objects(self._store, plan)
        return Region(
            frames=pixel_table(plan, (), frames),
            rows=(block.row0, block.row1),
            cols=(block.col0, block.col1),
            values={name: read_stack(objects, plan.index(name), frames, block) for name in names},
        )

    def inputs(self, epoch: EpochForm, *, as_of: Instant | None = None, **key: str | int) -> Table:
        """Give what the images of an epoch were made from, as the headers of their slabs say it.

        Parameters
        ----------
        epoch, as_of, **key
            As in `image`.

        Returns
        -------
        Table
            name and sha256 of each file; none where images came in as a file of their own, which is a product.

        Raises
        ------
        BadQuery
            Raised if the key is unknown or leaves several.
        NotFound
            Raised if there is no such epoch.
        """
        plan = self._plans.get(self.name, as_of)
        frame = plan.frame(self._required(plan, epoch), key)
        objects = Objects(self._store, plan)
        found = dict.fromkeys(made for head in read_heads(objects, plan, frame) for made in inputs_of(head))
        names, hashes = zip(*found, strict=True) if found else ((), ())
        return Table([np.array(names, dtype=str), np.array(hashes, dtype=str)], names=["name", "sha256"])

    def where(
        self,
        name: str,
        /,
        *,
        epoch: EpochForm,
        above: float | None = None,
        below: float | None = None,
        as_of: Instant | None = None,
        **key: str | int,
    ) -> Table:
        """Give the pixels of one image whose value is above, below, or between two numbers.

        Parameters
        ----------
        name
            The property.
        epoch
            Which epoch.
        above, below
            Value > above, value < below; both: between them. In the property's unit.
        as_of, **key
            As in `image`.

        Returns
        -------
        Table
            row, col (native) and the property, in order of row and column. NaN and missing pixels never count.

        Raises
        ------
        BadQuery
            Raised if neither number is given, or the property or key is unknown.
        NotFound
            Raised if there is no such image.
        """
        if above is None and below is None:
            raise BadQuery("`where` needs a number to compare with: give `above`, `below` or both.")
        plan = self._plans.get(self.name, as_of)
        index, frame = plan.image_of(name, self._required(plan, epoch), key)
        values, missing = read_block(Objects(self._store, plan), index, frame, plan.whole)
        flat = values.ravel()
        chosen = np.ones(flat.shape, dtype=bool) if above is None else np.greater(flat, above)
        if below is not None:
            chosen &= np.less(flat, below)
        if missing is not None:
            chosen &= ~missing.ravel()
        found = np.flatnonzero(chosen)
        row, col = np.divmod(found, plan.spec.shape[1])
        row0, col0 = plan.spec.origin
        return Table(
            [row + row0, col + col0, flat[found]],
            names=["row", "col", name],
            units={name: index.column.unit},
            meta=dict(plan.meta(index, frame)),
            copy=False,
        )

    def append(
        self,
        *,
        epoch: int,
        images: Mapping[str, np.ndarray],
        start: Instant | None = None,
        stop: Instant | None = None,
        key: Mapping[str, str | int] | None = None,
        origin: tuple[int, int] | None = None,
    ) -> bool:
        """Store images of one epoch; what an epoch held before under these properties is replaced and kept (`as_of`).

        Parameters
        ----------
        epoch
            Number in the cube's timeline.
        images
            (n_row, n_col) by property: the whole detector or a sub-array. A masked pixel is missing: NaN in a float
            property, null in an integer one.
        start, stop
            Half-open span of the epoch; leave both out where the timeline knows it.
        key
            Values of the cube's key.
        origin
            Native (row, col) of a sub-array's first pixel.

        Returns
        -------
        bool
            False where the same content was stored already.

        Raises
        ------
        BadQuery
            Raised if an image does not fit the cube, or only one end of the span is given.
        Refused
            Raised if the archive is open for reading only.
        """
        if self._writer is None:
            raise Refused(
                f"Cube {self.name!r} is open for reading only. Open the archive for writing, without `as_of`."
            )
        span = self._plans.span(start, stop)
        reading = epoch_reading(self.spec, epoch, images, span=span, key=key or {}, origin=origin)
        return self._writer.store(Identity(INSTRUMENT, KIND, reading.key), reading)

    def _epoch(self, plan: Plan, epoch: EpochForm | None) -> int | None:
        return None if epoch is None else self._required(plan, epoch)

    def _required(self, plan: Plan, epoch: EpochForm) -> int:
        """Give the number of an epoch in any form."""
        match epoch:
            case int() | np.integer():
                return int(epoch)
            case str() if (named := is_epoch_form(epoch)) is not None:
                return plan.numbered(*named)
            case _:
                instant = self._plans.instant(epoch)
                return find_epoch(plan.timeline, instant, timeline=plan.spec.timeline).number
