"""Writes the worked update as Markdown, its arithmetic and its formulas as LaTeX between dollar signs."""

from __future__ import annotations

from collections.abc import Iterator

from quadfit_tui.core.explain.latex import latex
from quadfit_tui.core.explain.section import Continuation, Formula, TextSection, TextSentence, TextTable
from quadfit_tui.core.explain.worked_update import sections
from quadfit_tui.core.methods.optimizers import Calculation
from quadfit_tui.core.text.numbers import format_trimmed
from quadfit_tui.core.training.record import Record


def markdown_update(record: Record) -> list[str]:
    """Returns the update of a record as lines of Markdown; `worked_update` returns it as plain text."""
    text = sections(record, record.task)
    lines = [line for number, section in enumerate(text) for line in _section(section, "#" if number == 0 else "##")]
    return lines[:-1]


def _section(section: TextSection, sign: str) -> Iterator[str]:
    """Yields the heading and parts, each followed by an empty line; arithmetic and formulas are items of a list."""
    yield from (f"{sign} {section.title}", "")
    for number, part in enumerate(section.parts):
        match part:
            case Calculation(name, numbers, value):
                sides = (name, numbers) if numbers == format_trimmed(value) else (name, numbers, format_trimmed(value))
                yield f"- ${' = '.join(map(latex, sides))}$"
            case Formula():
                yield f"- {part.written(_mathematics)}"
            case TextSentence():
                yield part.written(_mathematics)
            case Continuation(formula):
                yield f"$= {latex(formula)}$"
            case TextTable(rows):
                yield from _table(rows)
            case _:
                yield part.strip()
        if number + 1 == len(section.parts) or not _is_item(part) or not _is_item(section.parts[number + 1]):
            yield ""


def _is_item(part: object) -> bool:
    """Returns whether a part is written as an item of a list."""
    return isinstance(part, Calculation | Formula)


def _table(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yields a table in Markdown; columns of numbers are aligned to the right."""
    heading, *below = [[cell.strip() for cell in row] for row in rows]
    yield _row([f"${latex(cell)}$" if cell else "" for cell in heading])
    yield _row([":--" if below[0][column][0].isalpha() else "--:" for column in range(len(heading))])
    yield from (_row(row) for row in below)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mathematics(formula: str) -> str:
    return f"${latex(formula)}$"
