"""Converts NumPy's values to Python's own, and renders values as TOML for messages."""

from __future__ import annotations

from datetime import date, time
from numbers import Real

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, shown_name


def to_python(raw: object) -> object:
    """Converts NumPy's scalars and arrays, also within a list or tuple, to Python's own values; others stay."""
    return [_own(part) for part in raw] if isinstance(raw, list | tuple) else _own(raw)


def _own(value: object) -> object:
    to_own = getattr(type(value), "tolist", None)  # a check of types would have to load NumPy
    return value if to_own is None else to_own(value)


def value_text(value: object) -> str:
    """Formats a value for a message, in one line: as in a TOML file, else as Python shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = str(value) if isinstance(value, str | Real | date | time) else repr(value)
    except ValueError:  # Python writes out no integer of more than some thousand digits
        return _("a number of thousands of digits")
    except RecursionError:
        return _("tables in tables in tables")
    return text if isinstance(value, str) or text.isprintable() else f"<{type(value).__name__}>"


def format_typed_value(value: object) -> str:
    """Formats a value so that its type shows: text in quotes, others without; cut to the length that messages quote."""
    return quoted(value) if isinstance(value, str) else shown_name(value_text(value))
