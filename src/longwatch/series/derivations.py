"""Derived channels that people declared, beside those that plug-ins declare with a series.

Owns their ledger. Must not know how formulas are evaluated, or rows read.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.contracts.writer import Writer
from longwatch.domain.column import Column
from longwatch.domain.derived import Derived
from longwatch.domain.series import FORMULAS, SeriesSpec
from longwatch.errors import BadQuery, NotFound
from longwatch.series.ledger import BOOKKEEPING, OWNER, WHO, Ledger
from longwatch.series.plan import Plans
from longwatch.series.read import Reader

SPEC: Final = SeriesSpec(
    name=FORMULAS,
    description="Formulas that people declared over the channels of a series.",
    columns=(
        Column(name="time", unit="us", description="Always 0: a formula holds for all times", dtype="i8"),
        Column(name="series", unit="", description="Name of the series", dtype="str"),
        Column(name="channel", unit="", description="Name of the derived channel", dtype="str"),
        Column(name="formula", unit="", description="What gives its values", dtype="str"),
        Column(name="unit", unit="", description="Unit of its values", dtype="str"),
        Column(name="description", unit="", description="What it means", dtype="str"),
        *BOOKKEEPING,
    ),
    key=("series", "channel"),
    instrument=OWNER,
)
"""The ledger's series."""

_PLANS = 256


class FormulaWarning(UserWarning):
    """A derived channel cannot be evaluated over its series as it is, and is left out where nobody named it."""


class Derivations:
    """The derived channels of every series.

    Parameters
    ----------
    plans, reader
        Read the ledger.
    """

    def __init__(self, plans: Plans, reader: Reader) -> None:
        self._plans = plans
        self._ledger = Ledger(SPEC, plans, reader)
        self.of = lru_cache(maxsize=_PLANS)(self._of)

    def _of(self, series: str, commit: int) -> Mapping[str, Derived]:
        """Give the derived channels of a series at a commit by name; what a plug-in declares wins over a person's."""
        own, spec = _own(self._ledger.entries(commit), series), self._plans.declared(commit)[series].spec
        stored = {column.name for column in spec.columns}
        return {one.name: one for one in (*own.values(), *spec.derived) if one.name not in stored}

    def sound(self, series: str, commit: int) -> dict[str, Derived]:
        """Give the derived channels of a series that can be evaluated; warns of the others.

        Warns
        -----
        FormulaWarning
            Where a formula cannot be evaluated, such as one that compares with a number what the first rows made words.
        """
        spec, found = self._plans.declared(commit)[series].spec, dict(self.of(series, commit))
        for one in list(found.values()):
            try:
                one.check(spec.columns, of=f"Series {series!r}")
            except BadQuery as error:
                del found[one.name]
                warnings.warn(
                    f"Derived channel {one.name!r} ({one.formula}) of series {series!r} is left out: {error} Declare "
                    f"it anew by `derive`, or take it back: archive.series.withdraw({one.name!r}, {series!r}).",
                    FormulaWarning,
                    stacklevel=4,
                )
        return found

    def table(self, commit: int) -> Table:
        """Give every derived channel with its formula, and who declared it (empty: a plug-in)."""
        entries = self._ledger.entries(commit)
        by = {(str(row["series"]), str(row["channel"])): str(row[WHO]) for row in entries}
        rows = [
            (series, one.name, one.formula, one.unit, one.description, by.get((series, one.name), ""))
            for series in self._plans.declared(commit)
            for one in self.of(series, commit).values()
        ]
        names = ("series", "channel", "formula", "unit", "description", WHO)
        return Table({name: np.array([row[place] for row in rows], dtype=str) for place, name in enumerate(names)})

    def add(self, writer: Writer, spec: SeriesSpec, derived: Derived, commit: int) -> None:
        """Declare a channel of a series, or declare it anew.

        Raises
        ------
        BadQuery
            Raised if the formula speaks of what the series does not have.
        """
        derived.check(spec.columns, of=f"Series {spec.name!r}")
        self._ledger.note(writer, _entry(spec.name, derived), commit=commit)

    def withdraw(self, writer: Writer, series: str, name: str, commit: int) -> None:
        """Take a person's declaration back; raises `NotFound` naming those there are."""
        own = _own(self._ledger.entries(commit), series)
        if name not in own:
            there = f"There are: {', '.join(own)}." if own else "Nobody declared any."
            raise NotFound(f"Series {series!r} has no derived channel {name!r} that could be withdrawn. {there}")
        self._ledger.note(writer, _entry(series, own[name]), commit=commit, withdrawn=True)


def _own(entries: Table, series: str) -> dict[str, Derived]:
    rows = entries[np.asarray(entries["series"]) == series]
    return {
        str(row["channel"]): Derived(
            name=str(row["channel"]),
            formula=str(row["formula"]),
            unit=str(row["unit"]),
            description=str(row["description"]),
        )
        for row in rows
    }


def _entry(series: str, one: Derived) -> dict[str, list[object]]:
    return {
        "time": [0],
        "series": [series],
        "channel": [one.name],
        "formula": [one.formula],
        "unit": [one.unit],
        "description": [one.description],
    }
