"""`ACAImage`: a piece of the CCD that knows where on it it lies.

Owns absolute indexing, arithmetic over overlaps and metadata. Must not know where images come from.
See spec/aca-dark-hdr3-l0.md 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import override

from longwatch.domain.epoch import Scalar
from longwatch.errors import BadQuery
from longwatch.instruments.aca.centroids import centroid_fm
from longwatch.instruments.aca.flicker import MEAN_TIME_S, Flicker, FlickerModel

Meta: TypeAlias = Mapping[str, Scalar]
"""What is known of an image, by names in capitals."""

Item: TypeAlias = Any
"""Whatever numpy takes as an index."""

Window: TypeAlias = tuple[slice, slice]

_PLACE: Final = ("IMGROW0", "IMGCOL0")


class ACAImage(np.ndarray):
    """A 2-d image with `meta`, and `row0`, `col0`: the CCD row and column of its first pixel.

    `img[...]` counts from the first pixel, `img.aca[...]` in CCD coordinates; `big[small]` is the part of `big` where
    `small` lies. With `.aca` on either side, `+ - * / // % **` work on the overlap alone and leave the rest of the left
    image. Slices share memory, know their place and keep the metadata, also through copies and pickles. Reductions,
    comparisons and rows give plain numbers and arrays.

    Parameters
    ----------
    data
        (n_row, n_col) pixels, or another `ACAImage`, whose place and metadata are taken over; None: zeros.
    meta
        Metadata; copied.
    shape
        Shape of an image of zeros.
    row0, col0
        CCD row and column of the first pixel; None: what the metadata say, else 0.
    dtype
        Type of the pixels.

    Raises
    ------
    BadQuery
        Raised if the image is not 2-d.
    """

    meta: dict[str, Scalar]
    """Metadata by names in capitals."""
    absolute: bool
    """Whether indices are CCD rows and columns."""
    flicker: Flicker | None = None
    """What lets its pixels jump, once `flicker_init` was called."""

    def __new__(
        cls,
        data: ArrayLike | None = None,
        *,
        meta: Meta | None = None,
        shape: tuple[int, int] | None = None,
        row0: int | None = None,
        col0: int | None = None,
        dtype: np.dtype[Any] | type | None = None,
    ) -> Self:
        """Make an image; see the class."""
        values = np.zeros(shape or (0, 0), dtype or float) if data is None else np.array(data, dtype=dtype)
        if values.ndim != 2:
            raise BadQuery(f"An ACAImage has rows and columns; the array given has {values.ndim} dimensions.")
        image = values.view(cls)
        image.meta = {**getattr(data, "meta", {}), **(meta or {})}
        for key, place in zip(_PLACE, (row0, col0), strict=True):
            image.meta[key] = int(str(image.meta.get(key, 0) if place is None else int(place)))
        return image

    @override
    def __array_finalize__(self, obj: NDArray[Any] | None) -> None:
        """Take metadata over from what this is a view or copy of."""
        known = getattr(obj, "__dict__", {})
        meta = known.get("meta")
        self.__dict__.update(
            meta=dict.fromkeys(_PLACE, 0) if meta is None else dict(meta), absolute=known.get("absolute", False)
        )

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle pixels and metadata."""
        return _revive, (np.asarray(self), self.meta)

    def __getattr__(self, name: str) -> Scalar:
        """Give metadata by a name in capitals."""
        if name.isupper() and name in self.meta:
            return self.meta[name]
        raise AttributeError(f"ACAImage has no {name!r}; its metadata are {', '.join(self.meta)}.")

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        """Set metadata by a name in capitals."""
        if name.isupper():
            self.meta[name] = value
        else:
            super().__setattr__(name, value)

    # --- place ---

    @property
    def row0(self) -> int:
        """CCD row of the first pixel."""
        return int(str(self.meta["IMGROW0"]))

    @row0.setter
    def row0(self, value: int) -> None:
        self.meta["IMGROW0"] = int(value)

    @property
    def col0(self) -> int:
        """CCD column of the first pixel."""
        return int(str(self.meta["IMGCOL0"]))

    @col0.setter
    def col0(self, value: int) -> None:
        self.meta["IMGCOL0"] = int(value)

    @property
    def aca(self) -> ACAImage:
        """The same pixels, indexed in CCD coordinates."""
        one = self.view()
        one.__dict__.update(meta=self.meta, absolute=True)
        return one

    @aca.setter
    def aca(self, value: ACAImage) -> None:
        """Allow `img.aca += other`: the pixels were changed in place already."""
        if not np.shares_memory(self, value):
            raise BadQuery("`aca` shows the image itself; assign to its pixels: img.aca[...] = values.")

    def centroid_fm(
        self,
        bgd: float | NDArray[Any] | None = None,
        pix_zero_loc: str = "center",
        norm_clip: float | None = None,
    ) -> tuple[float, float, float]:
        """Give row, column and sum as `centroids.centroid_fm`; of `.aca` in CCD coordinates."""
        row, col, norm = centroid_fm(np.asarray(self), bgd, pix_zero_loc, norm_clip)
        return (row + self.row0, col + self.col0, norm) if self.absolute else (row, col, norm)

    def flicker_init(
        self,
        flicker_mean_time: float = MEAN_TIME_S,
        flicker_scale: float = 1.0,
        seed: int | None = None,
        model: FlickerModel | None = None,
    ) -> None:
        """Begin to let pixels jump; `flicker.mask` says which may, and the arguments are those of `Flicker`."""
        self.flicker = Flicker(self, mean_time=flicker_mean_time, scale=flicker_scale, seed=seed, model=model)

    def flicker_update(self, dt: float) -> None:
        """Let `dt` seconds go by."""
        if self.flicker is None:
            self.flicker_init()
        if self.flicker is not None:
            self.flicker.update(dt)

    # --- indexing ---

    @override
    def __getitem__(self, item: Any) -> Any:
        """Give a part; 2-d slices know their place."""
        index = self._index(item)
        found = np.asarray(self)[index]
        match index:
            case (slice() as rows, slice() as cols):
                part = found.view(ACAImage)
                part.meta = dict(self.meta)
                part.row0 = self.row0 + rows.indices(self.shape[0])[0]
                part.col0 = self.col0 + cols.indices(self.shape[1])[0]
                return part
            case _:
                return found

    @override
    def __setitem__(self, item: Any, value: Any) -> None:
        """Set a part."""
        np.asarray(self)[self._index(item)] = value

    def _index(self, item: Item) -> Item:
        """Give an index from the first pixel on: two slices wherever the result is 2-d and rectangular."""
        pair: tuple[Item, Item]
        match item:
            case ACAImage():
                return self.overlap(item)[0]
            case tuple((first, second)) if first is Ellipsis:
                pair = (slice(None), second)
            case tuple((first, second)):
                pair = (first, slice(None) if second is Ellipsis else second)
            case slice() | int() | np.integer():
                pair = (item, slice(None))
            case e if e is Ellipsis:
                pair = (slice(None), slice(None))
            case list() | np.ndarray() if self.absolute and np.asarray(item).dtype != bool:
                pair = (item, slice(None))
            case _:
                return item
        return tuple(self._along(axis, one) for axis, one in enumerate(pair)) if self.absolute else pair

    def _along(self, axis: int, one: Item) -> Item:
        """Give a CCD row or column, or a slice of them, counted from the first pixel."""
        first, size = (self.row0, self.col0)[axis], self.shape[axis]
        match one:
            case slice():
                start, stop = (None if end is None else min(max(end - first, 0), size) for end in (one.start, one.stop))
                return slice(start, stop, one.step)
            case int() if first <= one < first + size:
                return one - first
            case _:
                places = np.asarray(one)
                beyond = places[(places < first) | (places >= first + size)]
                if beyond.size:
                    limits = f"{first}:{first + size}"
                    raise IndexError(f"index {beyond.flat[0]} is out of bounds for axis {axis} with limits {limits}")
                return places - first

    def overlap(self, other: ACAImage) -> tuple[Window, Window]:
        """Give where two images overlap, in the indices of each."""
        mine, theirs = [], []
        for axis, (here, there) in enumerate(((self.row0, other.row0), (self.col0, other.col0))):
            low = max(here, there)
            high = max(low, min(here + self.shape[axis], there + other.shape[axis]))
            mine.append(slice(low - here, high - here))
            theirs.append(slice(low - there, high - there))
        return (mine[0], mine[1]), (theirs[0], theirs[1])

    # --- arithmetic ---

    @override
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Compute; over the overlap where `.aca` is asked."""
        out = kwargs.pop("out", ())
        plain = [_plain(one) for one in inputs]
        match inputs:
            case (ACAImage() as left, ACAImage() as right) if method == "__call__" and (
                left.absolute or right.absolute
            ):
                return _over_overlap(ufunc, left, right, out=out)
        found = getattr(ufunc, method)(*plain, out=tuple(map(_plain, out)) or None, **kwargs)
        if out:
            return out[0]
        image = next(one for one in inputs if one.__class__ is ACAImage)
        like = method == "__call__" and getattr(found, "shape", ()) == image.shape and found.dtype != bool
        return _dressed(found, image) if like else found


def _over_overlap(ufunc: np.ufunc, left: ACAImage, right: ACAImage, *, out: tuple[Any, ...]) -> ACAImage:
    mine, theirs = left.overlap(right)
    part = ufunc(np.asarray(left)[mine], np.asarray(right)[theirs])
    if out:
        np.asarray(out[0])[mine] = part.astype(out[0].dtype, casting="same_kind")
        done: ACAImage = out[0]
        return done
    result = np.asarray(left).astype(np.result_type(left.dtype, part.dtype))
    result[mine] = part
    return _dressed(result, left)


def _plain(one: object) -> object:
    return np.asarray(one) if one.__class__ is ACAImage else one


def _dressed(values: NDArray[Any], like: ACAImage) -> ACAImage:
    image = values.view(ACAImage)
    image.meta = dict(like.meta)
    return image


def _revive(values: NDArray[Any], meta: Meta) -> ACAImage:
    return ACAImage(values, meta=meta)
