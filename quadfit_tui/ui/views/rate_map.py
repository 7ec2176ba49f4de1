"""The view *map*: for which learning rates, against another parameter, a run converges, and how fast."""

from __future__ import annotations

from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import View, Words

UPS = ("momentum", "batch", "scale_features", "beta1", "rho", "decay_rate")
FIGURES = ("speed", "settles", "ends")


def draw(scene: Scene, words: Words) -> TextPage:
    """The map of the scene, or that it is being worked out."""
    text = scene.no_map or "computing the map …"
    return TextPage((StyledRow(text, Role.TEXT * len(text)),))


VIEW = View(
    draw,
    summary="the map of what converges, and how fast",
    reading="Each cell of the map is a run.",
    options={"figure": FIGURES, "up": UPS},
)
