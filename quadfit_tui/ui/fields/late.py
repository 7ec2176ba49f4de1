"""Mounts the parts of a widget that are not seen at the start, when they are first needed: most never are."""

from __future__ import annotations

from textual.widget import Widget


def mount_late(owner: Widget, *parts: Widget) -> None:
    """Mounts parts of a widget if they are not yet: at once, so that what is typed ahead arrives there."""
    if parts[0].parent is None and owner.is_attached:  # else they are there, or the program ends
        owner.mount(*parts)
