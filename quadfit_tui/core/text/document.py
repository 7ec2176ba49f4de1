"""A page of text as plain data, and as lines for where there is no screen to wrap them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import NamedTuple

WIDTH = 76


class DocumentRow(NamedTuple):
    """A formula on a line of its own, with words beside it."""

    formula: str
    words: str = ""


DocumentRows = tuple[DocumentRow, ...]


class DocumentSection(NamedTuple):
    """A heading, and what stands below it: paragraphs, to be wrapped, and rows of formulas, which are not."""

    title: str
    blocks: tuple[str | DocumentRows, ...]


def lines(heading: str, sections: Iterable[DocumentSection], spelled: Callable[[str], str] = str) -> list[str]:
    """The page as text of at most 76 columns; `spelled` may spell its pieces in other characters first."""
    said = _under(heading, "=")
    for title, blocks in sections:
        said += ["", *_under(spelled(title), "-")]
        for block in blocks:
            said.append("")
            if isinstance(block, str):
                said += textwrap.wrap(spelled(block), WIDTH, break_on_hyphens=False)
            else:
                said += row_lines(DocumentRow(*map(spelled, row)) for row in block)
    return said


def _under(title: str, line: str) -> list[str]:
    return [title, line * len(title)]


def row_lines(rows: Iterable[DocumentRow]) -> list[str]:
    """Rows of formulas, indented, their words below each other."""
    rows = list(rows)
    width = max(len(row.formula) for row in rows)
    return [f"  {row.formula:<{width}}   {row.words}".rstrip() for row in rows]
