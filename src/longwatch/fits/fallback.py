"""What our own card reader leaves to astropy: unusual cards.

Owns the reading of one card by astropy. Must not know who asks.
"""

from __future__ import annotations

import warnings

from astropy.io import fits
from astropy.io.fits.verify import VerifyError


def read_card(image: str) -> tuple[str | int | float | bool | complex | None, str] | None:
    """Value and comment of a card as astropy reads it, or None if it cannot.

    Parameters
    ----------
    image
        80 characters, followed by those of its `CONTINUE` cards.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        card = fits.Card.fromstring(image)
        try:
            value, comment = card.value, str(card.comment)
        except (VerifyError, ValueError):
            return None
    return (None if value is fits.card.UNDEFINED else value), comment
