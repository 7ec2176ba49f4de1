"""LINK_TARGETS: where each face of a lesson shows something, or how it is done there; links of lessons name these.

A lesson must not name a view or a key itself: a student who takes it line by line has neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.text.language import N_


class LinkTarget(NamedTuple):
    """The place of something on the screen, and what to type for it in the dialogue, both marked for translation."""

    on_screen: str
    spoken: str


LINK_TARGETS: Mapping[str, LinkTarget] = {
    # These are shown.
    "curve": LinkTarget(N_("view 1"), N_("type where")),
    "loss": LinkTarget(N_("view 2"), N_("type where")),
    "parameters": LinkTarget(N_("view 3"), N_("type where")),
    "path": LinkTarget(N_("view 4"), N_("type where")),
    "gradient": LinkTarget(N_("the arrow in view 4"), N_("type update")),
    "update": LinkTarget(N_("view 5"), N_("type update")),
    "map": LinkTarget(N_("view 6"), N_("on the screen alone")),
    "w": LinkTarget(N_("the second line"), N_("type where")),
    "mean-loss": LinkTarget(N_("the second line"), N_("type where")),
    "lr": LinkTarget(N_("the first line"), N_("type settings")),
    "limit": LinkTarget(N_("the gauge in the first line"), N_("type why")),
    "end": LinkTarget(N_("the row below the chart"), N_("type where")),
    # These are done by the student.
    "play": LinkTarget(N_("space"), N_("type go")),
    "step": LinkTarget(N_("key n"), N_("type step")),
    "back": LinkTarget(N_("key b"), N_("type back")),
    "go": LinkTarget(N_("key g"), N_("type to and the moment")),
    "rate": LinkTarget(N_("key l"), N_("type rate and a number")),
    "restart": LinkTarget(N_("key r"), N_("type restart")),
    "init": LinkTarget(N_("key s, Tab, then ↑ to init"), N_("type set init and three numbers")),
    "settings": LinkTarget(N_("key s"), N_("type set, a name and a value")),
    "data": LinkTarget(N_("key d"), N_("type set data and the file")),
    "why": LinkTarget(N_("key i"), N_("type why")),
}
