"""The look: a style sheet matplotlib accepts, colours apart from each other."""

import numpy as np
from matplotlib import rc_params_from_file
from matplotlib.colors import to_rgb

from longwatch.plots.style import BANDS, COLOURS, SHEET


def test_matplotlib_accepts_every_setting() -> None:
    settings = rc_params_from_file(SHEET, use_default_template=False)
    assert len(settings) > 20


def test_no_two_traces_look_alike() -> None:
    colours = np.array([to_rgb(colour) for colour in COLOURS])
    distances = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert distances[~np.eye(len(COLOURS), dtype=bool)].min() > 0.2
    assert len(set(BANDS)) == len(BANDS)
