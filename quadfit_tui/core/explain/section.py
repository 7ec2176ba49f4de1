"""TextSection: a part of a text about formulas, of sentences, arithmetic and tables; as lines of plain text.

The formulas are separate, so that they can be written in another way: as LaTeX by markdown_update.py.
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
    """A template with formulas for its named places: one formula, or several as a list, for each place."""

    text: str
    formulas: Mapping[str, tuple[str, ...]]

    def written(self, write: Callable[[str], str]) -> str:
        """Formats the template with its formulas, each written by `write`."""
        places = {name: statements([*map(write, formulas)]) for name, formulas in self.formulas.items()}
        return self.text.format(**places)


class Formula(TextSentence):
    """A formula with its remarks, or words about formulas; an item of a list."""


class Continuation(NamedTuple):
    """A second line of the formula at the end of the sentence before: its value, indented by so many columns."""

    formula: str
    indent: int


class TextTable(NamedTuple):
    """Rows of cells of equal width in each column; the first row is the heading."""

    rows: tuple[tuple[str, ...], ...]


Part = str | Calculation | TextSentence | Continuation | TextTable


class TextSection(NamedTuple):
    """A part of a text: its title, and the parts below it; a str is a sentence."""

    title: str
    parts: tuple[Part, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The parts as lines of plain text."""
        return tuple(line for part in self.parts for line in _lines_of(part))


def _lines_of(part: Part) -> list[str]:
    """Formats a part as lines of plain text."""
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
    """Formats a formula for plain text: with the mean as the language writes it."""
    return _MEANS.sub(_mean, formula)


def _mean(match: re.Match[str]) -> str:
    """Formats a mean: of one term, or of several in brackets."""
    template = _("mean of {terms}") if match[1].startswith("(") else _("mean of {term}")
    return template.format(term=match[1], terms=match[1])


def _line(name: str, numbers: str, value: str) -> list[str]:
    """Formats a piece of arithmetic as one line, or as two if it is too long."""
    start, end = f"{name} = {numbers}", f"= {value}"
    if numbers == value:
        return [start]
    line = f"{start} {end}"
    if max(map(cell_width, (line, ascii_of(line)))) <= LINE_WIDTH:
        return [line]
    return [start, " " * (cell_width(name.split()[0]) + 1) + end]
