"""Values of Python's own, where NumPy's were given; values as text of TOML."""

from __future__ import annotations

from quadfit_tui.core.text.language import _


def own_value(raw: object) -> object:
    """`raw` as Python's own where it is NumPy's: scalars, and arrays as lists; also where a list or tuple has them."""
    return [_own(part) for part in raw] if isinstance(raw, list | tuple) else _own(raw)


def _own(value: object) -> object:
    to_own = getattr(type(value), "tolist", None)  # so NumPy need not be loaded to know its values
    return value if to_own is None else to_own(value)


def toml_text(value: object) -> str:
    """A value as it would stand in a TOML file, for a message about it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value)
    except ValueError:  # Python writes out no integer of more than some thousand digits
        return _("a number of thousands of digits")
    except RecursionError:
        return _("tables in tables in tables")
