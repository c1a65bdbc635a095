"""Slabs: planes written as FITS, one object for each epoch and key.

Owns how planes become objects and rows. Must not know how they are read back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from longwatch.catalog.slabs import SlabInfo, add_slabs
from longwatch.catalog.snapshot import Change
from longwatch.contracts.objectstore import ObjectStore, Staged
from longwatch.contracts.reading import Plane
from longwatch.cubes.casting import Fitted, fit_plane
from longwatch.cubes.inputs import history
from longwatch.domain.column import column_named
from longwatch.domain.cube import CubeSpec, plane_key
from longwatch.errors import BadFile, BadQuery
from longwatch.fits.write import Cards, NamedImage, image_file


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneLayout:
    """Where one plane stands in its slab.

    Parameters
    ----------
    property
        Name of the property.
    offset
        First byte of the plane.
    dtype
        numpy dtype of the stored bytes, big-endian.
    shape
        (n_row, n_col).
    origin
        Native (row, col) of the first pixel.
    null
        Value of a missing pixel, or None.
    """

    property: str
    offset: int
    dtype: str
    shape: tuple[int, int]
    origin: tuple[int, int]
    null: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedSlab:
    """A slab handed to a store and not yet promised; travels from a worker to the writer.

    Parameters
    ----------
    epoch, plane_key
        What it is a slab of.
    object
        The staged bytes; `ObjectStore.settle` them before the slab is recorded.
    planes
        Its planes.
    """

    epoch: int
    plane_key: str
    object: Staged
    planes: tuple[PlaneLayout, ...]


def append(
    change: Change,
    store: ObjectStore,
    cube_id: int,
    spec: CubeSpec,
    batches: Sequence[tuple[int, Sequence[Plane]]],
) -> int:
    """Store planes and enter them in the catalogue.

    Parameters
    ----------
    change
        The open change.
    store
        Where slabs go.
    cube_id, spec
        The cube.
    batches
        Planes with the version that brings them.

    Returns
    -------
    int
        How many planes were added.

    Raises
    ------
    BadFile
        Raised if a plane does not fit the cube; nothing is stored then.
    """
    staged = [
        (stage(store, spec, group), version_id)
        for version_id, planes in batches
        for group in _groups(spec, planes).values()
    ]
    store.settle(slab.object for slab, _ in staged)
    return sum(record(change, cube_id, slab, version_id) for slab, version_id in staged)


def stage(store: ObjectStore, spec: CubeSpec, planes: Sequence[Plane]) -> StagedSlab:
    """Write the planes of one epoch and key as a slab, without waiting for the disk; workers do this.

    Parameters
    ----------
    store
        Where the slab goes.
    spec
        The cube all planes belong to.
    planes
        One plane for each property.

    Returns
    -------
    StagedSlab
        What the writer settles and records.

    Raises
    ------
    BadFile
        Raised if a plane does not fit the cube or the planes are of several epochs or keys; nothing is staged then.
    """
    groups = _groups(spec, planes)
    if len(groups) != 1:
        raise BadFile(f"Cube {spec.name!r}: sought planes of one epoch and key; there are {sorted(groups)}. Part them.")
    ((epoch, key),) = groups
    data, layout = encode(spec, planes)
    return StagedSlab(epoch=epoch, plane_key=key, object=store.stage(data), planes=layout)


def record(change: Change, cube_id: int, slab: StagedSlab, version_id: int) -> int:
    """Enter a settled slab in the catalogue; gives how many planes it holds."""
    add_slabs(change, cube_id, [_row(slab, plane, version_id) for plane in slab.planes])
    return len(slab.planes)


def encode(spec: CubeSpec, planes: Sequence[Plane]) -> tuple[bytes, tuple[PlaneLayout, ...]]:
    """Write planes of one epoch and key as a FITS file; pure.

    Parameters
    ----------
    spec
        The cube.
    planes
        One plane for each property.

    Returns
    -------
    bytes
        The slab: an empty primary HDU and one image extension for each plane; equal for equal planes.
    tuple of PlaneLayout
        Where each plane stands.

    Raises
    ------
    BadFile
        Raised if a plane does not fit the cube.
    """
    fitted = [fit_plane(spec, plane) for plane in planes]
    images = [
        NamedImage(name=plane.property.upper(), values=fit.values, cards=_plane_cards(spec, plane, fit))
        for plane, fit in zip(planes, fitted, strict=True)
    ]
    named = history(dict.fromkeys(made for plane in planes for made in plane.inputs))
    cards = _slab_cards(spec, planes[0])
    data, places = image_file(images, cards={**cards, "HISTORY": named} if named else cards)
    layout = tuple(
        PlaneLayout(
            property=plane.property,
            offset=place.offset,
            dtype=place.dtype,
            shape=(place.shape[0], place.shape[1]),
            origin=fit.origin,
            null=fit.null,
        )
        for plane, fit, place in zip(planes, fitted, places, strict=True)
    )
    return data, layout


def _groups(spec: CubeSpec, planes: Sequence[Plane]) -> dict[tuple[int, str], list[Plane]]:
    groups: dict[tuple[int, str], list[Plane]] = defaultdict(list)
    for plane in planes:
        group = groups[plane.epoch, _key_text(spec, plane)]
        if any(known.property == plane.property for known in group):
            raise BadFile(
                f"Cube {spec.name!r}, epoch {plane.epoch}: property {plane.property!r} is given twice for the same key "
                f"{dict(plane.key)}. Give each image once."
            )
        group.append(plane)
    return groups


def _key_text(spec: CubeSpec, plane: Plane) -> str:
    try:
        text = plane_key(spec.key, plane.key)
    except BadQuery as error:
        raise BadFile(f"Cube {spec.name!r}, epoch {plane.epoch}: {error}") from error
    if text.count("=") != len(spec.key) or text.count(";") != max(len(spec.key) - 1, 0):
        raise BadFile(
            f"Cube {spec.name!r}, epoch {plane.epoch}: key values may not hold ';' or '='; there is {text!r}."
        )
    return text


def _slab_cards(spec: CubeSpec, plane: Plane) -> Cards:
    key = {name.upper(): (plane.key[name], "key value") for name in spec.key}
    return {
        "CUBE": (spec.name, "cube these planes belong to"),
        "TIMELINE": (spec.timeline, "timeline that counts the epochs"),
        "EPOCH": (plane.epoch, "number in the timeline"),
        "PLANEKEY": (plane_key(spec.key, plane.key), "key of the planes"),
        **key,
    }


def _plane_cards(spec: CubeSpec, plane: Plane, fitted: Fitted) -> Cards:
    column = column_named(spec.properties, plane.property, of=f"Cube {spec.name!r}")
    row0, col0 = fitted.origin
    null: Cards = {} if fitted.null is None else {"NULLVAL": (fitted.null, "value of a missing pixel")}
    return {
        "PROPERTY": (plane.property, "what the image shows"),
        "BUNIT": (column.unit, "unit of the values"),
        "ROW0": (row0, "native row of the first pixel"),
        "COL0": (col0, "native column of the first pixel"),
        "LTV1": (float(1 - col0), "native column to FITS pixel"),
        "LTV2": (float(1 - row0), "native row to FITS pixel"),
        "LTM1_1": (1.0, ""),
        "LTM2_2": (1.0, ""),
        **null,
    }


def _row(slab: StagedSlab, plane: PlaneLayout, version_id: int) -> SlabInfo:
    return SlabInfo(
        epoch=slab.epoch,
        plane_key=slab.plane_key,
        property=plane.property,
        oid=slab.object.oid,
        offset=plane.offset,
        dtype=plane.dtype,
        shape=plane.shape,
        row0=plane.origin[0],
        col0=plane.origin[1],
        null=plane.null,
        version_id=version_id,
    )
