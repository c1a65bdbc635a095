"""Which archive is asked."""

from __future__ import annotations

import pytest

from longwatch.archive import Archive
from longwatch.instruments.aca.opening import shown


def test_the_one_named_else_the_one_of_the_environment(site: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    with shown(site) as named:
        assert named is site
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(site.site))
    with shown(None) as found:
        assert found is not site
        assert found.site == site.site
