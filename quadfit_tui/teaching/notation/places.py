"""PLACES: where each face of a lesson shows something, or how it is done there; links of a lesson name these.

A lesson that spoke of a view or a key would speak to the eye alone: who takes it line by line has neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.text.language import noted


class Place(NamedTuple):
    """Where something is on the screen, and what is typed for it in the dialogue, noted; both follow on words."""

    on_screen: str
    spoken: str


PLACES: Mapping[str, Place] = {
    # to see
    "curve": Place(noted("view 1"), noted("type where")),
    "loss": Place(noted("view 2"), noted("type where")),
    "parameters": Place(noted("view 3"), noted("type where")),
    "path": Place(noted("view 4"), noted("type where")),
    "gradient": Place(noted("the arrow in view 4"), noted("type update")),
    "update": Place(noted("view 5"), noted("type update")),
    "map": Place(noted("view 6"), noted("on the screen alone")),
    "w": Place(noted("the second line"), noted("type where")),
    "mean-loss": Place(noted("the second line"), noted("type where")),
    "lr": Place(noted("the first line"), noted("type settings")),
    "limit": Place(noted("the gauge in the first line"), noted("type why")),
    "end": Place(noted("the row below the chart"), noted("type where")),
    # to do
    "play": Place(noted("space"), noted("type go")),
    "step": Place(noted("key n"), noted("type step")),
    "back": Place(noted("key b"), noted("type back")),
    "go": Place(noted("key g"), noted("type to and the moment")),
    "rate": Place(noted("key l"), noted("type rate and a number")),
    "restart": Place(noted("key r"), noted("type restart")),
    "init": Place(noted("key s, Tab, then ↑ to init"), noted("type set init and three numbers")),
    "settings": Place(noted("key s"), noted("type set, a name and a value")),
    "data": Place(noted("key d"), noted("type set data and the file")),
    "why": Place(noted("key i"), noted("type why")),
}
