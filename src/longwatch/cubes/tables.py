"""Tables of pixels and epochs, laid out once for each plan and filled for each question.

Owns their columns. Must not know how bytes are read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from astropy import units
from astropy.table import Column, MaskedColumn, Table
from numpy.typing import NDArray

from longwatch.cubes.plan import Plan
from longwatch.domain.utc import Ints


def pixel_table(plan: Plan, names: Sequence[str], frames: Ints) -> Table:
    """Give a table with epoch, start, stop, keys and a column for each property, a row for each of the frames.

    Building an astropy table costs more than reading the pixel; picking rows of one already built does not.
    """
    wanted = tuple(names)
    if wanted not in plan.templates:
        plan.templates[wanted] = _template(plan, wanted)
    table = plan.templates[wanted][frames]
    table.meta.update(cube=plan.spec.name, commit=plan.commit)  # a template with a meta would have it copied deeply
    return table


def fill(table: Table, name: str, values: NDArray[np.generic], missing: NDArray[np.bool_]) -> None:
    """Put values into a column; it becomes a masked one where any is missing."""
    column = table.columns[name]
    if missing.any():
        masked = MaskedColumn(values, name=name, unit=column.unit, description=column.description, mask=missing)
        table.replace_column(name, masked)
    else:
        np.asarray(column)[:] = values


def epoch_table(plan: Plan) -> Table:
    """Give epoch, start, stop, keys, planes (how many) and properties (their names) of each frame."""
    table = pixel_table(plan, (), np.arange(len(plan.epochs)))
    held = {name: index.held for name, index in plan.planes.items()}
    counts = np.sum(list(held.values()), axis=0, dtype=np.int64) if held else np.zeros(len(table), dtype=np.int64)
    table["planes"] = Column(counts, description="images held")
    named = [" ".join(name for name, there in held.items() if there[frame]) for frame in range(len(table))]
    table["properties"] = Column(np.array(named, dtype=str), description="properties held")
    return table


def _template(plan: Plan, names: Sequence[str]) -> Table:
    start, stop = plan.spans
    columns: dict[str, object] = {
        "epoch": Column(plan.epochs, description=f"number in the timeline {plan.spec.timeline}"),
        "start": start,
        "stop": stop,
        **plan.key_columns,
    }
    for name in names:
        index = plan.index(name)
        columns[name] = Column(
            np.zeros(len(plan.epochs), dtype=index.native),
            unit=units.Unit(index.column.unit),
            description=index.column.description,
        )
    return Table(columns, copy=False)
