"""The public face of cubes: a mapping by name, and cubes of one's own.

Owns `archive.cubes`. Must not know what a cube answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from astropy.time import Time
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.writer import Writer
from longwatch.cubes.cube import Cube
from longwatch.cubes.own import own_column
from longwatch.cubes.pin import Plans, unknown_cube
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.errors import Refused


class CubeRoom(Mapping[str, Cube]):
    """The cubes of an archive, by name.

    Parameters
    ----------
    catalog, store
        Where planes are known and kept.
    commit
        The commit to speak for; None: the newest at each call.
    writer
        What stores declarations and appended epochs; None: reading only.
    now
        Gives the present, for relative times.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: ObjectStore,
        *,
        commit: int | None = None,
        writer: Writer | None = None,
        now: Callable[[], Time] = Time.now,
    ) -> None:
        self._plans = Plans(catalog, commit=commit, now=now)
        self._store = store
        self._writer = writer
        self._cubes: dict[str, Cube] = {}

    @override
    def __getitem__(self, name: str) -> Cube:
        """Give a cube; raises `NotFound` naming those there are."""
        if name not in self._cubes:
            known = self._plans.declared()
            if name not in known:
                raise unknown_cube(name, list(known))
            self._cubes[name] = Cube(name, self._plans, self._store, self._writer)
        return self._cubes[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._plans.declared())

    @override
    def __len__(self) -> int:
        return len(self._plans.declared())

    @override
    def __repr__(self) -> str:
        """Name the cubes, one a line."""
        return "\n".join([f"<{len(self)} cubes>", *(f"  {cube!r}" for cube in self.values())])

    def create(
        self,
        name: str,
        *,
        shape: tuple[int, int],
        properties: Mapping[str, str | Column],
        key: Sequence[str] = (),
        origin: tuple[int, int] = (0, 0),
        timeline: str | None = None,
    ) -> Cube:
        """Declare a cube of one's own.

        Parameters
        ----------
        name
            Its name, `lab.ccd`.
        shape
            Rows and columns of the whole detector.
        properties
            Unit of each property (`""`: dimensionless; stored as f8), or a `Column` that says more.
        key
            Names of the values that part planes of one epoch.
        origin
            Native (row, col) of the first pixel.
        timeline
            Timeline whose epochs it follows; None: one of its own, named as the cube.

        Returns
        -------
        Cube
            Ready for `append`.

        Raises
        ------
        Refused
            Raised if the archive is open for reading only.
        Conflict
            Raised if a cube of that name contradicts it.
        BadQuery
            Raised if a unit or type is unknown.
        """
        if self._writer is None:
            raise Refused(f"Cube {name!r} cannot be made: the archive is open for reading only. Open it for writing.")
        spec = CubeSpec(
            name=name,
            description="",
            shape=shape,
            properties=tuple(own_column(prop, given) for prop, given in properties.items()),
            timeline=timeline or name,
            origin=origin,
            key=tuple(key),
        )
        self._writer.declare(spec)
        return self[name]
