"""A document of Markdown as lines of styled text for a terminal: wrapped, with tables and code, by markdown-it-py.

Comments of HTML are left out; whatever else CommonMark and its tables know may stand in a page, but no pictures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

from quadfit_tui.core.text.width import cell_width, cut, wrapped

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

LINE_WIDTH = 78  # columns of a line of text, for terminals of 80
PARAGRAPH_WIDTH = 76
_INDENT = "  "  # of tables and code
_GAP = "  "  # between the columns of a table
_NARROWEST = 24  # columns of the terminal for one of a table that has more to say
Style = Literal["", "heading", "strong", "code", "link"]


class StyleSpan(NamedTuple):
    """A piece of a line in one style; a link has the target that it leads to."""

    text: str
    style: Style = ""
    target: str = ""


class StyledLine(NamedTuple):
    """A line as it is shown. Those of a heading have its level, from 1, and its first one the anchor for links."""

    spans: tuple[StyleSpan, ...] = ()
    level: int = 0
    anchor: str = ""

    @property
    def text(self) -> str:
        """The line without its styles."""
        return "".join(span.text for span in self.spans)


Spell = Callable[[str], str]


def document_lines(markdown: str, width: int, spell: Spell = str, *, marks_code: bool = False) -> list[StyledLine]:
    """The lines of a page in so many columns; `spell` puts each text in other characters first.

    Code amid a sentence is between backquotes where the style of a line is not to be seen: `marks_code`.
    """
    from markdown_it.tree import SyntaxTreeNode

    tree = SyntaxTreeNode(_reader().parse(markdown))
    return list(_MarkdownRenderer(spell, marks_code).blocks(tree.children, width))


def plain_lines(lines: Iterable[StyledLine]) -> list[str]:
    """The lines as plain text: titles of pages and sections have a rule below them."""
    texts: list[str] = []
    before = StyledLine()
    for line in [*lines, StyledLine()]:
        if before.level in (1, 2) and not line.level:
            texts.append("=-"[before.level - 1] * cell_width(before.text))
        texts.append(line.text)
        before = line
    return texts[:-1]


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def anchor_of(title: str) -> str:
    """The anchor of a heading, as the sites make it that show such pages."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


class _MarkdownRenderer:
    """Writes blocks as lines, each text in the characters that `spell` gives."""

    def __init__(self, spell: Spell, marks_code: bool) -> None:
        self._spell, self._marks_code = spell, marks_code

    def blocks(self, nodes: Iterable[SyntaxTreeNode], width: int, is_tight: bool = False) -> Iterator[StyledLine]:
        """The lines of blocks, with an empty one between two of them, but for those of a list that is `tight`."""
        is_first = True
        for node in nodes:
            if node.type != "html_block":
                if not (is_first or is_tight):
                    yield StyledLine()
                is_first = False
                yield from self._block(node, width)

    def _block(self, node: SyntaxTreeNode, width: int) -> Iterator[StyledLine]:
        if node.type == "heading":
            level, title = int(node.tag[1:]), self._spans(node)
            anchor = anchor_of("".join(span.text for span in _spans(node)))
            for spans in _wrapped([span._replace(style="heading") for span in title], width):
                yield StyledLine(spans, level, anchor)
                anchor = ""
        elif node.type in ("fence", "code_block"):
            for text in self._spell(node.content.rstrip("\n")).split("\n"):
                yield from (
                    StyledLine((StyleSpan(_INDENT), StyleSpan(part, "code")))
                    for part in _parted(text, width - len(_INDENT))
                )
        elif node.type in ("bullet_list", "ordered_list"):
            yield from self._list(node, width)
        elif node.type == "table":
            yield from self._table(node, width)
        else:
            yield from map(StyledLine, _wrapped(self._spans(node), width))

    def _list(self, node: SyntaxTreeNode, width: int) -> Iterator[StyledLine]:
        is_tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
        for number, item in enumerate(node.children, 1):
            mark = "- " if node.type == "bullet_list" else f"{number}. "
            if number > 1 and not is_tight:
                yield StyledLine()
            for line in self.blocks(item.children, width - len(mark), is_tight):
                yield line._replace(spans=(StyleSpan(mark), *line.spans)) if line.spans else line
                mark = " " * len(mark)

    def _table(self, node: SyntaxTreeNode, width: int) -> Iterator[StyledLine]:
        """Its columns beside each other; the cells of a row below each other where these would be too narrow."""
        lines = [row.children for part in node.children for row in part.children]
        rows = [[self._cell(cell, at) for at, cell in enumerate(cells)] for cells in lines]
        rows[0] = [[span._replace(style="heading") for span in cell] for cell in rows[0]]
        widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
        cap = _cap(widths, width - len(_INDENT) - len(_GAP) * (len(widths) - 1))
        if cap < min(_NARROWEST, max(widths)):
            for cells in rows[1:]:
                for indent, cell in zip((_INDENT, *[_INDENT * 3] * len(cells)), cells, strict=False):
                    yield from (
                        StyledLine((StyleSpan(indent), *spans)) for spans in _wrapped(cell, width - len(indent))
                    )
            return
        widths = [min(each, cap) for each in widths]
        for cells in rows:
            parted = (_wrapped(cell, each) for cell, each in zip(cells, widths, strict=True))
            for parts in zip_longest(*parted, fillvalue=()):
                line: list[StyleSpan] = []
                for spans, each in zip(parts, widths, strict=True):
                    line += [StyleSpan(_GAP if line else _INDENT), *spans, StyleSpan(" " * (each - _columns(spans)))]
                while line and not line[-1].text.strip():
                    line.pop()
                yield StyledLine((*line,))

    def _spans(self, node: SyntaxTreeNode) -> list[StyleSpan]:
        """The text of a block, code between marks where these are wanted."""
        shape = "`{}`" if self._marks_code else "{}"
        return [
            span._replace(text=(shape if span.style == "code" else "{}").format(self._spell(span.text)))
            for span in _spans(node)
        ]

    def _cell(self, node: SyntaxTreeNode, column: int) -> list[StyleSpan]:
        """The text of a cell; what a row is about, in its first one, needs no marks."""
        return _MarkdownRenderer(self._spell, self._marks_code and column > 0)._spans(node)


def _spans(node: SyntaxTreeNode, style: Style = "", target: str = "") -> list[StyleSpan]:
    """The text of a block in its styles."""
    if node.type == "text":
        return [StyleSpan(node.content, style, target)]
    if node.type == "code_inline":
        return [StyleSpan(node.content, style or "code", target)]
    if node.type in ("softbreak", "hardbreak"):
        return [StyleSpan(" ", style, target)]
    if node.type == "link":
        style, target = "link", str(node.attrs["href"])
    elif node.type in ("strong", "em"):
        style = style or "strong"
    return [span for child in node.children for span in _spans(child, style, target)]


def _cap(widths: Sequence[int], room: int) -> int:
    """How wide a column of a table may be, so that those with less to say leave the others what they do not need."""
    for at, width in enumerate(ordered := sorted(widths)):
        share = (room - sum(ordered[:at])) // (len(ordered) - at)
        if width > share:
            return share
    return max(widths)


def _columns(spans: Iterable[StyleSpan]) -> int:
    return sum(cell_width(span.text) for span in spans)


def _wrapped(spans: Sequence[StyleSpan], width: int) -> Iterator[tuple[StyleSpan, ...]]:
    """Spans in lines of so many columns."""
    whole = "".join(span.text for span in spans)
    styles = [span for span in spans for _ in span.text]
    at = 0
    for text in wrapped(whole, max(width, 1)):
        at = whole.index(text, at)
        yield tuple(_joined(text, styles[at : at + len(text)]))
        at += len(text)


def _joined(text: str, styles: Sequence[StyleSpan]) -> Iterator[StyleSpan]:
    """A text of which each character has the style of a span."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or styles[end] is not styles[start]:
            yield styles[start]._replace(text=text[start:end])
            start = end


def _parted(text: str, width: int) -> Iterator[str]:
    """A line of code, in parts where it is too long."""
    while cell_width(text) > max(width, 1):
        part = cut(text, width) or text[:1]
        yield part
        text = text[len(part) :]
    yield text
