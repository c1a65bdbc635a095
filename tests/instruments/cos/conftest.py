"""Opening real or simulated COS files the way ingest does, without an archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Columns
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import to_us, us_from_mjd
from longwatch.errors import NotFound
from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.instruments.cos.instrument import INSTRUMENT


@pytest.fixture(scope="session")
def real_cos(real_data: Path) -> Path:
    folder = real_data / "cos"
    if not folder.is_dir():
        pytest.skip(f"no real COS files at {folder}")
    return folder


@pytest.fixture(scope="session")
def open_source() -> Callable[[Path], Source]:
    def opened(path: Path) -> Source:
        name = path.name.removesuffix(".gz")
        data = inflate(path.read_bytes(), name=name)
        return Source(name=name, data=data, fits=parse(data, name=name) if data.startswith(b"SIMPLE") else None)

    return opened


class OneSeries:
    """Rows in memory behind the contract of a series."""

    def __init__(self, spec: SeriesSpec, parts: list[Columns]) -> None:
        self.spec = spec
        self._parts = parts

    def fetch(self, columns: Sequence[str] | None = None, start: object = None, stop: object = None) -> Table:
        names = columns or [column.name for column in self.spec.columns]
        empty = {
            column.name: np.empty(0, "U1" if column.dtype == "str" else column.dtype) for column in self.spec.columns
        }
        parts = [*self._parts, empty] if not self._parts else self._parts
        table = Table({name: np.ma.concatenate([part[name] for part in parts]) for name in {*names, self.spec.time}})
        us = us_from_mjd(np.asarray(table[self.spec.time], float))
        inside = np.ones(len(table), bool)
        if start is not None:
            inside &= us >= to_us(start)
        if stop is not None:
            inside &= us < to_us(stop)
        return table[inside][list(names)]


class Memory:
    """What readers gave, in memory behind the contract of a view."""

    def __init__(self, paths: Sequence[Path], open_source: Callable[[Path], Source]) -> None:
        self._content: dict[tuple[str, str], bytes] = {}
        rows: list[Columns] = []
        for path in paths:
            source = open_source(path)
            header = source.fits.primary.header if source.fits else None
            kind = max(INSTRUMENT.kinds, key=lambda k: k.claim(source.name, source.data[:28800], header))
            reading = kind.read(source)
            self._content[kind.name, reading.key] = source.data
            rows += [part.columns for part in reading.rows if part.series == "cos.lampflash"]
        spec = next(spec for spec in INSTRUMENT.series if spec.name == "cos.lampflash")
        self.series = {spec.name: OneSeries(spec, rows)}
        self.products = self

    def content(self, *, kind: str, key: str) -> bytes:
        try:
            return self._content[kind, key]
        except KeyError as error:
            raise NotFound(f"{kind}/{key} is not here.") from error


@pytest.fixture(scope="session")
def remember(open_source: Callable[[Path], Source]) -> Callable[[Sequence[Path]], Memory]:
    return lambda paths: Memory(paths, open_source)


@pytest.fixture(scope="session")
def real_view(real_cos: Path, remember: Callable[[Sequence[Path]], Memory]) -> Memory:
    return remember(sorted([*real_cos.glob("*_lampflash.fits.gz"), *real_cos.glob("crds/*.fits.gz")]))
