"""A document as plain data (headings, paragraphs, rows of formulas), and as lines of text for standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from quadfit_tui.core.text.width import columns, left, wrapped

LINE_WIDTH = 78  # columns of a line of text, for terminals of 80
PARAGRAPH_WIDTH = 76


class DocumentRow(NamedTuple):
    """A formula on a line of its own, with a remark beside it."""

    formula: str
    words: str = ""


DocumentRows = tuple[DocumentRow, ...]


class DocumentSection(NamedTuple):
    """A heading with the blocks below it: paragraphs, which are wrapped, and rows of formulas, which are not."""

    title: str
    blocks: tuple[str | DocumentRows, ...]


def document_lines(heading: str, sections: Iterable[DocumentSection], spell: Callable[[str], str] = str) -> list[str]:
    """A document as lines, paragraphs wrapped to PARAGRAPH_WIDTH; `spell` puts each text in other characters first."""
    said = _under(heading, "=")
    for title, blocks in sections:
        said += ["", *_under(spell(title), "-")]
        for block in blocks:
            said.append("")
            if isinstance(block, str):
                said += wrapped(spell(block), PARAGRAPH_WIDTH)
            else:
                said += row_lines(DocumentRow(*map(spell, row)) for row in block)
    return said


def _under(title: str, line: str) -> list[str]:
    return [title, line * columns(title)]


def row_lines(rows: Iterable[DocumentRow]) -> list[str]:
    """Rows of formulas as lines, indented, the remarks in one column."""
    rows = list(rows)
    width = max(columns(row.formula) for row in rows)
    return [f"  {left(row.formula, width)}   {row.words}".rstrip() for row in rows]
