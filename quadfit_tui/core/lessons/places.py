"""PLACES: where each face of a lesson shows something, or how it is done there; links of a lesson name these.

A lesson that spoke of a view or a key would speak to the eye alone: who takes it line by line has neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where something is on the screen, and what is typed for it in the dialogue; both follow on words, in brackets."""

    on_screen: str
    spoken: str


PLACES: Mapping[str, Place] = {
    # to see
    "curve": Place("view 1", "type where"),
    "loss": Place("view 2", "type where"),
    "w": Place("the log: a, b, c", "type where"),
    "mean-loss": Place("top right", "type where"),
    "gradient": Place("the arrow in view 4", "type why"),
    "path": Place("view 4", "type where"),
    "update": Place("view 5", "type why"),
    "map": Place("view 7", "type map"),
    "limit": Place("the gauge at the top", "type why"),
    # to do
    "play": Place("space", "type go"),
    "step": Place("n", "type step"),
    "go": Place("g", "type go and the moment"),
    "rate": Place("l", "type rate and a number"),
    "restart": Place("r", "type again"),
    "settings": Place("s", "type set, a name and a value"),
    "why": Place("i", "type why"),
    "data": Place("d", "type set data and the file"),
}
