"""VIEW_NAMES: the views by name, in the order of their keys; ui/views draws them, and loads NumPy."""

from __future__ import annotations

from quadfit_tui.core.text.language import _

VIEW_NAMES = ("fit", "loss", "parameters", "surface", "update", "map")
REMOVED_VIEWS = {"words": "fit"}  # old names, accepted through 1.x, and the views that are shown instead


def about_removed(name: str) -> str:
    """Returns a message, without a period, about a view that was removed: what is shown in its place."""
    template = _("view {name} is gone, {shown} is shown; key i and run --format spoken tell the run")
    return template.format(name=name, shown=REMOVED_VIEWS[name])
