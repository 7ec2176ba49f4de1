"""ColumnPair: the type of values that name two columns of a file, as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import LONGEST_TEXT

_DELIMITERS = ",，;；、"


class ColumnPair:
    """The value type of two columns of a file, x and y, by headings or numbers; None if the user named none."""

    placeholder = "X,Y"

    @property
    def allowed(self) -> str:
        return _("two headings or numbers of columns, x and y")

    def parse(self, raw: object) -> tuple[str, str] | None:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        parts = _split_names(raw) if isinstance(raw, str) else raw
        if isinstance(parts, str) or not isinstance(parts, Sequence):
            raise ValueError(_("is not two columns"))
        names = [str(part).strip() for part in parts if isinstance(part, str | int)]
        if len(names) != 2 or not all(names):
            raise ValueError(_("is not two columns"))
        if not all(name.isprintable() and len(name) <= LONGEST_TEXT for name in names):
            raise ValueError(_("is not the heading of a column"))
        return names[0], names[1]

    def show(self, value: tuple[str, str] | None) -> str:
        return "" if value is None else ", ".join(map(column_name, value))


def _split_names(text: str) -> list[str]:
    """Splits `height,weight`, `height;weight`, `"height, in m",weight` or `身高，体重` into the two names."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(_("is longer than {most} characters").format(most=LONGEST_TEXT))
    import csv  # most commands name no columns

    names: list[str] = []
    for delimiter in _DELIMITERS if '"' in text else ";；,，、":
        with suppress(csv.Error):  # raised for a line break outside of quotes
            names = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
        if len(names) == 2:
            break
    return names


def column_name(name: str) -> str:
    """Formats the heading of a column so that it can stand beside another: in quotes if it has a delimiter or `"`."""
    special = any(character in name for character in f'"{_DELIMITERS}')
    return '"' + name.replace('"', '""') + '"' if special else name
