"""Converts NumPy's values to Python's own, and renders values as TOML for messages."""

from __future__ import annotations

from datetime import date, time
from numbers import Real

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, shown_name


def to_python(raw: object) -> object:
    """`raw` as Python's own where it is NumPy's: scalars, and arrays as lists; also where a list or tuple has them."""
    return [_own(part) for part in raw] if isinstance(raw, list | tuple) else _own(raw)


def _own(value: object) -> object:
    to_own = getattr(type(value), "tolist", None)  # so NumPy need not be loaded to know its values
    return value if to_own is None else to_own(value)


def value_text(value: object) -> str:
    """Returns a value for a message, in one line: as it stands in a TOML file, else as Python shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = str(value) if isinstance(value, str | Real | date | time) else repr(value)
    except ValueError:  # Python writes out no integer of more than some thousand digits
        return _("a number of thousands of digits")
    except RecursionError:
        return _("tables in tables in tables")
    return text if isinstance(value, str) or text.isprintable() else f"<{type(value).__name__}>"


def shown(value: object) -> str:
    """Returns a value that tells its type: text in quotes, others as they are; no longer than a message quotes."""
    return quoted(value) if isinstance(value, str) else shown_name(value_text(value))
