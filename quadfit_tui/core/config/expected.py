"""What a value of Python's own must be, in Python's words: what was never typed is not refused as typed text."""

from __future__ import annotations

import re
from numbers import Real
from os import PathLike
from typing import Any

from quadfit_tui.core.config.two_columns import TwoColumns
from quadfit_tui.core.config.value_types import (
    Either,
    FilePath,
    Flag,
    Integer,
    Number,
    ValueType,
    show_bound,
)
from quadfit_tui.core.text.language import in_english
from quadfit_tui.core.text.quoting import MOST_QUOTED, printable


def refusal(name: str, value_type: ValueType, value: object) -> str:
    """The sentence that refuses a value of a parameter: `lr must be above 0, got -1.0`."""
    if isinstance(value_type, FilePath) and not isinstance(value, Real | bytes | str | PathLike):
        needed = "the name of a file, or None (samples in memory: train(config, x=…, y=…))"
        kind = type(value).__name__
        return f"{name} must be {needed}, got a value of type {kind}"
    with in_english():  # as Python's own
        needed, given = expected(value_type, value), shown(value)
    return f"{name} must be {needed}, got {given}"


def expected(value_type: ValueType, value: object) -> str:
    """What a value must be that the type refuses: `above 0`, `a whole number from 1 to 1e6`, `True or False`."""
    match value_type:
        case Either():
            needed = expected(value_type.value_type, value)
            return f"{needed}, or {value_type.meaning!r}"
        case Number() | Integer():
            return _broken_bound(value_type, value) or _kind(value_type)
        case Flag():
            return "True or False"
        case FilePath() | TwoColumns():
            return f"{value_type.allowed}, or None"
        case _:
            return value_type.allowed


def _broken_bound(value_type: Number | Integer, value: object) -> str:
    """The bound that a number is beyond; empty where it is no number, or within them."""
    if isinstance(value, bool) or not isinstance(value, Real) or value != value:
        return ""
    number: Any = value  # for Real has no order among the types
    above, below = (value_type.above, value_type.below) if isinstance(value_type, Number) else (False, False)
    if number < value_type.low or (above and number == value_type.low):
        low = show_bound(value_type.low)
        return f"above {low}" if above else f"at least {low}"
    if number > value_type.high or (below and number == value_type.high):
        high = show_bound(value_type.high)
        return f"below {high}" if below else f"at most {high}"
    return ""


def _kind(value_type: Number | Integer) -> str:
    if isinstance(value_type, Integer):
        return value_type.allowed
    if value_type.above or value_type.below:
        return f"a number {value_type.allowed}"
    return f"a number from {value_type.allowed}"


def shown(value: object) -> str:
    """A value as Python shows it, in a line and no longer than a message quotes."""
    try:
        text = re.sub(r"\n\s*", " ", repr(value))  # as of an array
    except ValueError:  # Python writes out no integer of more than some thousand digits
        return "a number of thousands of digits"
    except RecursionError:
        return "lists in lists in lists"
    return printable(text if len(text) <= MOST_QUOTED else f"{text[: MOST_QUOTED - 3]}...")
