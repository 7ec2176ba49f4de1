"""Section: a part of a text about formulas, of sentences, arithmetic and tables; as lines of plain text.

The formulas stand by themselves, so that they can be written in another way: as LaTeX by markdown_update.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from quadfit_tui.core.explain.formulas import MEAN
from quadfit_tui.core.methods.optimizers import Calculation
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import _, statements
from quadfit_tui.core.text.numbers import format_trimmed
from quadfit_tui.core.text.width import cell_width, rjust

_MEANS = re.compile(rf"{MEAN} (\([^)]*\)|[^\s,]+)")


class TextSentence(NamedTuple):
    """A text with formulas in its named places: in each of them one, or several as a list."""

    text: str
    formulas: Mapping[str, tuple[str, ...]]

    def written(self, write: Callable[[str], str]) -> str:
        """The text with its formulas, each as it is to be written."""
        return self.text.format(**{name: statements([*map(write, each)]) for name, each in self.formulas.items()})


class Formula(TextSentence):
    """A formula with its remarks, or words about formulas."""


class Continuation(NamedTuple):
    """What the formula at the end of the sentence before comes to, below it: so many columns to the right."""

    formula: str
    indent: int


class TextTable(NamedTuple):
    """Rows of cells, each as wide as those above and below it; the first row is the heading."""

    rows: tuple[tuple[str, ...], ...]


Part = str | Calculation | TextSentence | Continuation | TextTable


class TextSection(NamedTuple):
    """A part of the text: its title, and the parts below it, of which a sentence is a str."""

    title: str
    parts: tuple[Part, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The parts as lines of plain text."""
        return tuple(line for part in self.parts for line in _lines_of(part))


def _lines_of(part: Part) -> list[str]:
    match part:
        case Calculation(name, numbers, value):
            return _line(in_text(name), numbers, format_trimmed(value))
        case Formula():
            return [f"  {part.written(in_text)}"]
        case TextSentence():
            return [part.written(in_text)]
        case Continuation(formula, indent):
            return [f"{rjust('= ', indent)}{formula}"]
        case TextTable(rows):
            return [" ".join(row) for row in rows]
    return [part]


def in_text(formula: str) -> str:
    """A formula as it stands in a text: with the mean as the language writes it."""
    return _MEANS.sub(_mean, formula)


def _mean(found: re.Match[str]) -> str:
    """A mean: of one term, or of several, which have brackets already."""
    told = _("mean of {terms}") if found[1].startswith("(") else _("mean of {term}")
    return told.format(term=found[1], terms=found[1])


def _line(name: str, numbers: str, value: str) -> list[str]:
    """A piece of arithmetic as a line, or two where one would be too long."""
    begun, ended = f"{name} = {numbers}", f"= {value}"
    if numbers == value:
        return [begun]
    line = f"{begun} {ended}"
    if max(map(cell_width, (line, ascii_of(line)))) <= LINE_WIDTH:
        return [line]
    return [begun, " " * (cell_width(name.split()[0]) + 1) + ended]
