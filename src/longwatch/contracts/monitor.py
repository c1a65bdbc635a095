"""Monitors and derivations: questions asked again whenever their inputs change.

Owns the contracts and the view of the archive they are given. Must not know where numbers are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from astropy.table import Table
from astropy.time import Time

from longwatch.contracts.reading import Rows
from longwatch.domain.cube import CubeSpec
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import Instant
from longwatch.domain.timespan import Timespan
from longwatch.plots.figure import Figure


class ProductsView(Protocol):
    """Products as one commit shows them."""

    def find(self, *, kind: str = "", start: Instant | None = None, stop: Instant | None = None) -> Table:
        """Give the products of a kind that overlap a span, one row each, newest version."""
        ...

    def content(self, *, kind: str, key: str) -> bytes:
        """Give the uncompressed bytes of a product's newest version."""
        ...


class SeriesView(Protocol):
    """One series as one commit shows it."""

    @property
    def spec(self) -> SeriesSpec:
        """What it declares."""
        ...

    @property
    def extent(self) -> tuple[Time, Time] | None:
        """First and last time of its rows, or None where it is empty."""
        ...

    def plot(self, channels: str | Sequence[str], start: Instant | None = None, stop: Instant | None = None) -> Figure:
        """Give the picture of channels over any span, a panel each; no extreme is lost, however many rows there are."""
        ...

    def fetch(
        self,
        columns: Sequence[str] | None = None,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        filter_bad: bool = False,
    ) -> Table:
        """Give rows of a half-open span, sorted by time, with units; missing elements are masked.

        Parameters
        ----------
        columns
            Their names; None: all.
        start, stop
            The span; None: open.
        filter_bad
            True: without rows of bad quality, and without what lies in a registered bad time. Who asks so names
            `longwatch.domain.series.BAD_TIMES` among the inputs.
        """
        ...


class CubeView(Protocol):
    """One cube as one commit shows it."""

    @property
    def spec(self) -> CubeSpec:
        """What it declares."""
        ...

    def epochs(self) -> Table:
        """Give the epochs that hold at least one plane."""
        ...

    def image(self, name: str, /, epoch: int) -> np.ndarray:
        """Give one property of the whole detector in one epoch."""
        ...


class View(Protocol):
    """The archive as one commit shows it: all a monitor may ask of."""

    @property
    def products(self) -> ProductsView:
        """Products and their versions."""
        ...

    @property
    def series(self) -> Mapping[str, SeriesView]:
        """Series by name."""
        ...

    @property
    def cubes(self) -> Mapping[str, CubeView]:
        """Cubes by name."""
        ...


class Monitor(Protocol):
    """A question about a detector, asked for each window of its cadence.

    The class docstring is the monitor's manual page: question, inputs, method, output, cadence, limits, action.
    """

    name: str
    """`instrument.monitor`."""
    inputs: tuple[str, ...]
    """Names of the kinds, series and cubes whose change makes a window due.

    With `BAD_TIMES` of `longwatch.domain.series` a window that was measured is due again where bad times change, with
    `FORMULAS` every one when a formula does; neither is data, so no new window is measured for them.
    """
    cadence: str
    """`hour`, `day`, `week`, `month` or `year`: the calendar the windows follow; or `mission`: one window for all."""
    metrics: tuple[Metric, ...]
    """The numbers it gives."""

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the measurements of one half-open window."""
        ...

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the pictures of everything measured so far."""
        ...


class Derivation(Protocol):
    """Rows that need more than one file: due when any input commits, stored as rows of a series.

    Asked for the same windows as a monitor; what it gives replaces what it gave before for that window.
    """

    name: str
    """`instrument.derivation`."""
    inputs: tuple[str, ...]
    """As for a monitor."""
    cadence: str
    """As for a monitor."""

    def derive(self, view: View, window: Timespan) -> Sequence[Rows]:
        """Give the rows of one half-open window."""
        ...
