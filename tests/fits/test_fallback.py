"""The cards astropy reads for us."""

from __future__ import annotations

from longwatch.fits import fallback


def test_cards_astropy_knows_and_does_not() -> None:
    assert fallback.read_card("Z       = (1.0, -2.5)".ljust(80)) == (1 - 2.5j, "")
    assert fallback.read_card("Z       = NaN".ljust(80)) is None
