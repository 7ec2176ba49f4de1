"""VIEWS, the table of views: each makes a ChartSpec or a Page of a Scene, and knows no widget. OPTIONS, their keys."""

from __future__ import annotations

from typing import NamedTuple

from quadfit_tui.ui.views import fit, loss, parameters, surface, update
from quadfit_tui.ui.views.view import View

VIEWS: dict[str, View] = {
    "fit": fit.VIEW,
    "loss": loss.VIEW,
    "parameters": parameters.VIEW,
    "surface": surface.VIEW,
    "update": update.VIEW,
}


class Option(NamedTuple):
    """An option that views may have: the key that takes its next word, and what the option is for."""

    key: str
    what: str


OPTIONS: dict[str, Option] = {
    "window": Option("z", "change the window of the chart: how much of it is seen"),
    "optimum": Option("o", "show or hide the least-squares parabola"),
    "pair": Option("x", "take another two of the parameters for the axes of the surface"),
    "third": Option("h", "hold the third parameter of the surface, or let it be at its best"),
}
