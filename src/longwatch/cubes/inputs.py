"""What the planes of a slab were made from, as its header says it.

Owns the lines of the header, written and read. Must not know what inputs are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import numpy as np

from longwatch.cubes.plan import Plan
from longwatch.cubes.read import Objects
from longwatch.fits.header import read_header

Input: TypeAlias = tuple[str, str]
"""Name and SHA-256 of something planes were made from."""

_NAME: Final = "input "
_HASH: Final = "sha256 "


def history(inputs: Iterable[Input]) -> str:
    """Give the lines of HISTORY that name inputs, two for each: a name and a whole hash do not fit one card."""
    return "\n".join(line for name, sha256 in inputs for line in (f"{_NAME}{name}", f"{_HASH}{sha256}"))


def inputs_of(lines: str) -> Iterator[Input]:
    """Give the inputs that lines of HISTORY name."""
    name = ""
    for line in lines.splitlines():
        if line.startswith(_NAME):
            name = line.removeprefix(_NAME)
        elif line.startswith(_HASH) and name:
            yield name, line.removeprefix(_HASH)


def read_heads(objects: Objects, plan: Plan, frame: int) -> Iterator[str]:
    """Give the HISTORY of each slab that holds planes of a frame."""
    numbers, begins = plan.places[:2, :, frame]
    held = plan.places[4, :, frame] > 0
    for number in np.unique(numbers[held]).tolist():
        first = int(begins[held & (numbers == number)].min())
        yield read_header(memoryview(objects[number][slice(0, first)]), 0, name=f"slab of {plan.spec.name}").text(
            "HISTORY"
        )
