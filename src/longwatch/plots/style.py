"""The look of every picture: colours, sizes and fonts, said once.

Owns the style sheet. Must not know what is drawn.
"""

from __future__ import annotations

from pathlib import Path

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#4D4D4D")
"""The order in which traces take colours; apart for colour-blind readers (Okabe and Ito, without the yellow)."""

BANDS = ("#009E73", "#E69F00", "#7A5195", "#56B4E9")
"""The order in which bands take colours."""

INK = "#222222"
"""Text and axes."""

FAINT = "#8A8A8A"
"""What should not catch the eye."""

MISSING = "#BDBDBD"
"""Pixels that are NaN or masked."""

DPI = 100
"""Pixels per inch: with fonts of 9 to 12 points, text is legible at 900 by 500 pixels."""

SHEET = Path(__file__).with_name("longwatch.mplstyle")
"""Matplotlib settings laid over the library's defaults, so that a user's own do not change our pictures."""
