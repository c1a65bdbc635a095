"""Cubes of one's own: what a user hands over, as the values a reader would give.

Owns their identity and defaults. Must not know how they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from longwatch.contracts.reading import Plane, Reading
from longwatch.cubes.casting import fitted_plane
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec, plane_key
from longwatch.domain.epoch import Epoch
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadFile, BadQuery

INSTRUMENT = "user"
KIND = "user.cube"
"""Under which identity epochs appended by hand are kept."""


def own_column(name: str, given: str | Column) -> Column:
    """Give a property's column; a text is its unit, and values are kept as f8."""
    match given:
        case Column():
            return given
        case _:
            return Column(name=name, unit=given, description=name.replace("_", " "))


def epoch_reading(
    spec: CubeSpec,
    epoch: int,
    images: Mapping[str, np.ndarray],
    *,
    span: Timespan | None,
    key: Mapping[str, str | int],
    origin: tuple[int, int] | None,
) -> Reading:
    """Give images of one epoch as a reading.

    Its key names cube, epoch, key and properties, so that the same images again are a version of the same thing and a
    property that comes later is a thing beside it.

    Parameters
    ----------
    spec
        The cube.
    epoch
        Number in its timeline.
    images
        (n_row, n_col) by property.
    span
        The epoch's span; None: the timeline knows it, or nobody does.
    key
        Values of the cube's key.
    origin
        Native (row, col) of a sub-array's first pixel.

    Returns
    -------
    Reading
        With images already in the types they are stored in.

    Raises
    ------
    BadQuery
        Raised if an image does not fit the cube, or there is none.
    """
    if not images:
        raise BadQuery(f"Cube {spec.name!r}, epoch {epoch}: there is no image to append. Give at least one.")
    named = plane_key(spec.key, key)
    planes = [
        Plane(cube=spec.name, epoch=epoch, property=name, image=np.ma.asanyarray(image), key=dict(key), origin=origin)
        for name, image in images.items()
    ]
    try:
        fitted = tuple(fitted_plane(spec, plane) for plane in planes)
    except BadFile as error:
        raise BadQuery(str(error)) from error
    start, stop = (None, None) if span is None else (span.start_us, span.stop_us)
    timed = Epoch(timeline=spec.timeline, number=epoch, start_us=start, stop_us=stop)
    return Reading(
        key="/".join([spec.name, str(epoch), *([named] if named else []), "+".join(sorted(images))]),
        t_min_us=start,
        t_max_us=stop,
        epochs=() if span is None else (timed,),
        planes=fitted,
    )
