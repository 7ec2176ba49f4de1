"""The worked update as Markdown, its arithmetic and its formulas as LaTeX between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quadfit_tui.core.explain.latex import latex
from quadfit_tui.core.explain.worked_update import Formula, Section, Table, sections
from quadfit_tui.core.methods.optimizers import Calculation
from quadfit_tui.core.text.numbers import trimmed
from quadfit_tui.core.training.record import Record

# Words with numbers or formulas behind them: `w before: a = 2, b = -4, c = 3`, `the same in x: (a/σ², …)`.
_NAMED = re.compile(r"([^:]+): ((?:\w+ = \S+)(?:, \w+ = \S+)*|\(.+\))")
_GOES_ON = re.compile(r"\s*= (\(.+\))")  # what the line before comes to
# A formula and the words behind it; several of them are parted by semicolons.
_STATED = re.compile(r"(\S+ (?:=|←) .+?)((?:, with |,? (?:the|its|with|replaces|in place of)\b|, t counts ).*)?")


def markdown_update(record: Record) -> list[str]:
    """The update of a record as lines of Markdown, as `worked_update` has it as plain text."""
    text = sections(record, record.task)
    found = [line for number, section in enumerate(text) for line in _section(section, "#" if number == 0 else "##")]
    return found[:-1]


def _section(section: Section, sign: str) -> Iterator[str]:
    """Heading and parts, each followed by an empty line; arithmetic and formulas are the items of a list."""
    yield from (f"{sign} {section.title}", "")
    for number, part in enumerate(section.parts):
        match part:
            case Calculation(name, numbers, value):
                sides = (name, numbers) if numbers == trimmed(value) else (name, numbers, trimmed(value))
                yield f"- ${' = '.join(map(latex, sides))}$"
            case Formula(text):
                yield f"- {'; '.join(map(_stated, text.split('; ')))}"
            case Table(rows):
                yield from _table(rows)
            case _:
                yield _sentence(part)
        if number + 1 == len(section.parts) or not _is_item(part) or not _is_item(section.parts[number + 1]):
            yield ""


def _is_item(part: object) -> bool:
    return isinstance(part, Calculation | Formula)


def _table(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    heading, *below = [[cell.strip() for cell in row] for row in rows]
    yield _row([f"${latex(cell)}$" if cell else "" for cell in heading])
    yield _row([":--" if below[0][at][0].isalpha() else "--:" for at in range(len(heading))])
    yield from (_row(row) for row in below)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _sentence(text: str) -> str:
    if found := _NAMED.fullmatch(text):
        return f"{found[1]}: {_formulas(found[2])}"
    if found := _GOES_ON.fullmatch(text):
        return f"$= {latex(found[1])}$"
    return text.strip()


def _formulas(text: str) -> str:
    """Formulas, one or a list without brackets around it."""
    return f"${latex(text)}$" if text.startswith("(") else ", ".join(f"${latex(part)}$" for part in text.split(", "))


def _stated(text: str) -> str:
    found = _STATED.fullmatch(text)
    return f"${latex(found[1])}${found[2] or ''}" if found else text
