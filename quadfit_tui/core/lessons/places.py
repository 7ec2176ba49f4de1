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
    "parameters": Place("view 3", "type where"),
    "path": Place("view 4", "type where"),
    "gradient": Place("the arrow in view 4", "type update"),
    "update": Place("view 5", "type update"),
    "map": Place("view 7", "on the screen alone"),
    "w": Place("the second line", "type where"),
    "mean-loss": Place("the second line", "type where"),
    "lr": Place("the first line", "type settings"),
    "limit": Place("the gauge in the first line", "type why"),
    "end": Place("the row above the views", "type where"),
    # to do
    "play": Place("space", "type go"),
    "step": Place("key n", "type step"),
    "back": Place("key b", "type back"),
    "go": Place("key g", "type to and the moment"),
    "rate": Place("key l", "type rate and a number"),
    "restart": Place("key r", "type restart"),
    "init": Place("key s, Tab, then ↑ to init", "type set init and three numbers"),
    "settings": Place("key s", "type set, a name and a value"),
    "data": Place("key d", "type set data and the file"),
    "why": Place("key i", "type why"),
}
