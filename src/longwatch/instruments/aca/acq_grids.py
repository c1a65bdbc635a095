"""Tables of star acquisition: probit of failure by magnitude, CCD temperature and half width of the search box.

Owns tables from files and the published nodes. Must not know the models that are formulas, nor archives.
See spec/aca-dark-hdr3-l0.md 2.3.
"""

from __future__ import annotations

import os
import re
import tomllib
import warnings
from dataclasses import dataclass
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.stats import norm

from longwatch.errors import BadFile, NotFound
from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.fits.header import Header

Floats = NDArray[np.float64]

MODELS_FOLDER: Final = "LONGWATCH_ACA_MODELS"
"""Environment variable with the folder of tables `grid-*.fits.gz`."""

ANY: Final = "grid-*"
"""The newest table there is."""

_PUBLISHED: Final = Path(__file__).parent / "published_grids.toml"
_FAINT_MARGIN: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GridModel:
    """A table from a file.

    Parameters
    ----------
    name, checksum
        Its file, and the MD5 of the bytes in it.
    path
        Where the file is.
    axes
        Magnitudes, temperatures [deg_C] and half widths [arcsec].
    values
        (n_mag, n_t, n_hw) for colours other than 1.5, and for 1.5.
    """

    name: str
    checksum: str
    path: Path
    axes: tuple[Floats, Floats, Floats]
    values: tuple[Floats, Floats]

    def probit_fail(self, mag: Floats, t_ccd: Floats, halfwidth: Floats, *, red: bool) -> Floats:
        """Interpolate; inputs off the table are moved to its edge with a warning."""
        points = [np.clip(one, axis[0], axis[-1]) for one, axis in zip((mag, t_ccd, halfwidth), self.axes, strict=True)]
        beyond = mag.max(initial=0) > self.axes[0][-1] + _FAINT_MARGIN
        if beyond or any((p != o).any() for p, o in zip(points[1:], (t_ccd, halfwidth), strict=True)):
            warnings.warn(f"{self.name}: stars outside the table were moved to its edge", stacklevel=4)
        found = RegularGridInterpolator(self.axes, self.values[int(red)])(np.stack(points, axis=-1))
        return np.asarray(found, dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PublishedNodes:
    """What is published of a table, for those who do not have its file.

    Parameters
    ----------
    name, checksum
        The table, and the MD5 of its file, or how that begins.
    nodes
        Probit of failure by magnitude, temperature [deg_C], half width [arcsec] and whether the colour is 1.5.
    path
        None: there is no file.
    """

    name: str
    checksum: str
    nodes: dict[tuple[float, float, float, bool], float]
    path: None = None

    def probit_fail(self, mag: Floats, t_ccd: Floats, halfwidth: Floats, *, red: bool) -> Floats:
        """Give the values at nodes.

        Raises
        ------
        NotFound
            Raised between nodes, where nothing is known.
        """
        wanted = [(float(m), float(t), float(hw), red) for m, t, hw in zip(mag, t_ccd, halfwidth, strict=True)]
        missing = [one[:3] for one in wanted if one not in self.nodes]
        if missing:
            near = ", ".join(f"({m:g}, {t:g}, {hw:g})" for m, t, hw, is_red in sorted(self.nodes) if is_red == red)
            raise NotFound(
                f"{self.name} at (magnitude, temperature, half width) {missing[0]} needs its file, named in "
                f"${MODELS_FOLDER}. Published of it, for colour {'1.5' if red else 'other than 1.5'}: {near or 'none'}."
            )
        return np.array([self.nodes[one] for one in wanted])


AcquisitionTable: TypeAlias = GridModel | PublishedNodes
"""What answers for a table of acquisition."""


def read_grid(path: Path) -> GridModel:
    """Give the table in a file.

    Raises
    ------
    BadFile
        Raised if the file is no such table.
    """
    data = path.read_bytes()
    file = parse(inflate(data, name=path.name), name=path.name)
    images = [image for hdu in file.hdus[1:3] if (image := hdu.image()) is not None]
    axes = tuple(_axis(file.primary.header, name, path.name) for name in ("MAG", "T_CCD", "HALFW"))
    if len(images) != 2 or any(image.shape != tuple(map(len, axes)) for image in images):
        shapes = [image.shape for image in images]
        raise BadFile(f"{path.name}: sought two images of shape {tuple(map(len, axes))}, there are {shapes}.")
    return GridModel(
        name=path.name.split(".")[0],
        checksum=md5(data, usedforsecurity=False).hexdigest(),
        path=path,
        axes=(axes[0], axes[1], axes[2]),
        values=(images[0].astype(float), images[1].astype(float)),
    )


def grid_named(pattern: str = ANY) -> AcquisitionTable:
    """Give the newest table whose name fits, such as `grid-local-quadratic-*`, from `$LONGWATCH_ACA_MODELS`.

    A table asked by its full name that is not there answers at its published nodes.

    Raises
    ------
    NotFound
        Raised if there is none.
    """
    folder = Path(os.environ.get(MODELS_FOLDER, "."))
    found = sorted(folder.glob(f"{pattern}.fits*"), key=lambda path: path.name.split(".")[0][-7:])
    if found:
        return _read_once(found[-1], found[-1].stat().st_mtime_ns)
    published = published_tables()
    if pattern in published:
        return published[pattern]
    raise NotFound(
        f"No acquisition table {pattern}.fits* in {folder}. Set ${MODELS_FOLDER} to the folder that holds them, ask "
        f"a published one by its full name ({', '.join(published)}), or use 'sota' or 'spline', which need none."
    )


@cache
def published_tables() -> dict[str, PublishedNodes]:
    """Give what is published of each table, by name."""
    with _PUBLISHED.open("rb") as file:
        tables = tomllib.load(file)
    return {name: _published(name, table) for name, table in tables.items()}


def _published(name: str, table: dict[str, list[list[float]]]) -> PublishedNodes:
    nodes = {
        (float(mag), float(t_ccd), float(halfwidth), bool(red)): turn(value)
        for kind, turn in (("success", lambda p: float(-norm.ppf(p))), ("probit_fail", float))
        for mag, t_ccd, halfwidth, red, value in table.get(kind, [])
    }
    return PublishedNodes(name=name, checksum=str(table["md5"]), nodes=nodes)


@cache
def _read_once(path: Path, _mtime_ns: int) -> GridModel:
    return read_grid(path)


def _axis(header: Header, name: str, where: str) -> Floats:
    low, high, n = (header.number(f"{name}_{part}") for part in ("LO", "HI", "N"))
    if low is not None and high is not None and n is not None:
        return np.linspace(low, high, int(n))
    numbered = sum(bool(re.fullmatch(rf"{name}_\d+", key)) for key in header)
    if not numbered:
        raise BadFile(f"{where}: sought {name}_LO, _HI and _N or {name}_0 ... in the primary header; there are none.")
    return np.array([header.number(f"{name}_{i}") for i in range(numbered)], dtype=float)
