"""A function that mounts the parts of a widget when they are first needed; most never are."""

from __future__ import annotations

from textual.widget import Widget


def mount_late(owner: Widget, *parts: Widget) -> None:
    """Mounts missing parts of a widget synchronously, so that keys typed ahead arrive there."""
    if parts[0].parent is None and owner.is_attached:  # else they are mounted, or the app exits
        owner.mount(*parts)
