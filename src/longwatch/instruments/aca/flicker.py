"""Pixels whose dark current jumps between levels: a model of flicker, and its distributions.

Owns waiting times and jumps. Must not know where images come from. See spec/aca-dark-hdr3-l0.md 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from longwatch.errors import BadFile
from longwatch.fits.content import inflate
from longwatch.fits.file import parse

Floats = NDArray[np.float64]

MEAN_TIME_S: Final = 10_000.0
"""Mean time between two jumps of a pixel [s]."""

_EDGES: Final = (50.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0, 1e6)
_MOST_DEX: Final = 0.35
_POINTS: Final = 100
_MEDIANS: Final = (0.009, 0.002)
_HALF_WIDTHS: Final = (0.10, 0.03)
_SEQUENCE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlickerModel:
    """How far pixels jump, by how bright they were at first.

    Parameters
    ----------
    name
        Which model it is.
    edges
        (n + 1,) edges of the classes of first value [electron / s]; a pixel outside never jumps.
    steps
        (m,) jumps [dex of the first value].
    cdfs
        (n, m) share of the jumps up to each step, by class.
    """

    name: str
    edges: Floats
    steps: Floats
    cdfs: Floats

    @classmethod
    def read(cls, path: Path) -> Self:
        """Give the model in a file of distributions, such as `flicker_cdf.fits.gz`.

        Raises
        ------
        BadFile
            Raised if the file is no such table.
        """
        file = parse(inflate(path.read_bytes(), name=path.name), name=path.name)
        header, cdfs = file.primary.header, file.primary.image()
        ends = [header.number(key) for key in ("CDF_X0", "CDF_X1")]
        edges = [header.number(f"CDF_BIN{place}") for place in range(int(header.number("N_BIN") or 0))]
        if cdfs is None or None in [*ends, *edges] or len(edges) != len(cdfs) + 1:
            raise BadFile(
                f"{path.name}: sought an image of distributions with CDF_X0, CDF_X1, N_BIN and CDF_BIN0 ..., "
                f"one edge more than rows; it is {None if cdfs is None else cdfs.shape} with {len(edges)} edges."
            )
        first, last = np.array(ends, dtype=float)
        steps = np.linspace(first, last, cdfs.shape[1])
        name = path.name.split(".")[0]
        return cls(name=name, edges=np.array(edges, dtype=float), steps=steps, cdfs=cdfs.astype(float))

    def class_of(self, values: Floats) -> NDArray[np.int64]:
        """Give the class of each value; -1: it never jumps."""
        found = np.searchsorted(self.edges, values) - 1
        return np.where(found < len(self.cdfs), found, -1)

    def jumps(self, classes: NDArray[np.int64], share: Floats) -> Floats:
        """Give the jumps [dex] below which lie the shares, for pixels of those classes."""
        found = np.zeros(len(share))
        for one in np.unique(classes):
            found[classes == one] = np.interp(share[classes == one], self.cdfs[one], self.steps)
        return found


@cache
def usual_model() -> FlickerModel:
    """Give a model that needs no file: normal distributions as wide as the measured ones.

    The medians fall from 0.009 to 0.002 and the half widths from 0.10 to 0.03 dex, from the faintest to the brightest
    class; a file of measured distributions (`FlickerModel.read`) has longer tails.
    """
    steps = np.linspace(-_MOST_DEX, _MOST_DEX, _POINTS)
    n = len(_EDGES) - 1
    middles, widths = np.linspace(*_MEDIANS, n), np.geomspace(*_HALF_WIDTHS, n)
    cdfs = norm.cdf(steps, middles[:, None], widths[:, None])
    cdfs = (cdfs - cdfs[:, :1]) / (cdfs[:, -1:] - cdfs[:, :1])
    return FlickerModel(name="normal", edges=np.array(_EDGES), steps=steps, cdfs=cdfs)


class Flicker:
    """An image whose pixels jump while time goes by.

    Each pixel waits for a time drawn from an exponential distribution; then its value is the first value times a power
    of ten drawn from the distribution of its class. As jumps are relative to the first value, nothing wanders off.

    Parameters
    ----------
    image
        Pixels [electron / s]; changed in place.
    mean_time
        Mean time between jumps [s].
    scale
        Factor on the size of jumps; 1: as measured.
    seed
        Seed of the random numbers; -1: a fixed sequence, the same in every implementation; None: another each time.
    model
        How far pixels jump; None: `usual_model()`.
    """

    def __init__(
        self,
        image: np.ndarray,
        *,
        mean_time: float = MEAN_TIME_S,
        scale: float = 1.0,
        seed: int | None = None,
        model: FlickerModel | None = None,
    ) -> None:
        self._values = np.asarray(image)
        self._first = self._values.ravel().astype(float)
        self._model = model or usual_model()
        self._class = self._model.class_of(self._first)
        self._mean_time, self._scale, self._updates = mean_time, scale, 0
        self._rng = None if seed == _SEQUENCE else np.random.default_rng(seed)
        self.mask = np.ones(self._values.shape, dtype=bool)
        """Which pixels may jump; set some False to hold them."""
        self._wait = np.full(self._first.size, float(mean_time))
        if self._rng is not None:
            self._wait = self._rng.exponential(mean_time, self._first.size)

    def update(self, dt: float) -> int:
        """Let `dt` seconds go by; gives how many pixels jumped."""
        self._updates += 1
        live = (self._class >= 0) & self.mask.ravel()
        self._wait[live] -= dt
        due = np.flatnonzero(live & (self._wait <= 0))
        height, wait = self._drawn(due)
        jump = self._model.jumps(self._class[due], height)
        larger = 1.0 + (10 ** np.abs(jump) - 1.0) * self._scale
        values = self._first[due] * larger ** np.sign(jump)
        self._values.flat[due] = values
        self._wait[due] = wait * self._mean_time
        return len(due)

    def _drawn(self, due: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Give a share and a waiting time [mean times] for each pixel due."""
        if self._rng is not None:
            return self._rng.random(len(due)), self._rng.exponential(1.0, len(due))
        angle = (due + self._updates).astype(float)
        return np.abs(np.sin(angle)), -np.log1p(-np.abs(np.cos(angle)))
