"""What the tests of products share: an archive that knows the toy instrument and any FITS file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longwatch.archive import Archive, create_archive
from longwatch.instruments.generic.instrument import INSTRUMENT as GENERIC
from toy_instrument import TOY


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with create_archive(tmp_path / "site", instruments=[GENERIC, TOY]) as archive:
        yield archive
