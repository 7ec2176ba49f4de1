"""VIEW_NAMES: the views by name, in the order of their keys; ui/views draws them, and loads NumPy."""

from __future__ import annotations

from quadfit_tui.core.text.language import _

VIEW_NAMES = ("fit", "loss", "parameters", "surface", "update", "map")
REMOVED_VIEWS = {"words": "fit"}  # names that are read through 1.x, and what is shown in their place


def about_removed(name: str) -> str:
    """Returns where a removed view went, without a period."""
    told = _("view {name} is gone, {shown} is shown; key i and run --format spoken tell the run")
    return told.format(name=name, shown=REMOVED_VIEWS[name])
