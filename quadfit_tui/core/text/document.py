"""Renders Markdown as lines of styled text for a terminal: wrapped, with tables and code, by markdown-it-py.

HTML comments are left out. Pages may use all else of CommonMark, and tables, but no pictures.
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

LINE_WIDTH = 78  # columns of a line of text; a terminal has 80
PARAGRAPH_WIDTH = 76
_INDENT = "  "  # before tables and code
_GAP = "  "  # between the columns of a table
_NARROWEST = 24  # if a table's column would be narrower, rows become lists; in columns of the terminal
Style = Literal["", "heading", "strong", "code", "link"]


class StyleSpan(NamedTuple):
    """A piece of a line in one style; `target` is where a link leads, empty for other styles."""

    text: str
    style: Style = ""
    target: str = ""


class StyledLine(NamedTuple):
    """A line to be shown. Lines of a heading have its `level`, from 1, and the first of them its `anchor` for links."""

    spans: tuple[StyleSpan, ...] = ()
    level: int = 0
    anchor: str = ""

    @property
    def text(self) -> str:
        """The line's text without styles."""
        return "".join(span.text for span in self.spans)


Spell = Callable[[str], str]


def document_lines(markdown: str, width: int, spell: Spell = str, *, marks_code: bool = False) -> list[StyledLine]:
    """Renders a page of Markdown in `width` columns; `spell` transliterates each text first.

    With `marks_code`, code within a sentence stands between backquotes, for output that shows no styles.
    """
    from markdown_it.tree import SyntaxTreeNode

    tree = SyntaxTreeNode(_parser().parse(markdown))
    return list(_MarkdownRenderer(spell, marks_code).blocks(tree.children, width))


def plain_lines(lines: Iterable[StyledLine]) -> list[str]:
    """Converts lines to plain text, with a rule below the titles of pages and sections."""
    texts: list[str] = []
    before = StyledLine()
    for line in [*lines, StyledLine()]:
        if before.level in (1, 2) and not line.level:
            texts.append("=-"[before.level - 1] * cell_width(before.text))
        texts.append(line.text)
        before = line
    return texts[:-1]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def anchor_of(title: str) -> str:
    """Returns the anchor of a heading, as the web sites that show such pages derive it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


class _MarkdownRenderer:
    """Renders blocks of Markdown as lines; `spell` transliterates their texts."""

    def __init__(self, spell: Spell, marks_code: bool) -> None:
        self._spell, self._marks_code = spell, marks_code

    def blocks(self, nodes: Iterable[SyntaxTreeNode], width: int, is_tight: bool = False) -> Iterator[StyledLine]:
        """Yields the lines of blocks, with an empty line between two blocks, except in a tight list."""
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
                    for part in _split_code(text, width - len(_INDENT))
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
        """Yields the lines of a table, its columns side by side; if these are too narrow, cells below each other."""
        lines = [row.children for part in node.children for row in part.children]
        rows = [[self._cell(cell, column) for column, cell in enumerate(cells)] for cells in lines]
        rows[0] = [[span._replace(style="heading") for span in cell] for cell in rows[0]]
        widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
        cap = _cap(widths, width - len(_INDENT) - len(_GAP) * (len(widths) - 1))
        if cap < min(_NARROWEST, max(widths)):
            for cells in rows[1:]:
                for column, cell in enumerate(cells):
                    indent = _INDENT * 3 if column else _INDENT
                    yield from (
                        StyledLine((StyleSpan(indent), *spans)) for spans in _wrapped(cell, width - len(indent))
                    )
            return
        widths = [min(column_width, cap) for column_width in widths]
        for cells in rows:
            columns = (_wrapped(cell, column_width) for cell, column_width in zip(cells, widths, strict=True))
            for parts in zip_longest(*columns, fillvalue=()):
                line: list[StyleSpan] = []
                for spans, column_width in zip(parts, widths, strict=True):
                    padding = StyleSpan(" " * (column_width - _columns(spans)))
                    line += [StyleSpan(_GAP if line else _INDENT), *spans, padding]
                while line and not line[-1].text.strip():
                    line.pop()
                yield StyledLine((*line,))

    def _spans(self, node: SyntaxTreeNode) -> list[StyleSpan]:
        """Returns the spans of a block, transliterated, code between backquotes if it must be marked."""
        code_template = "`{}`" if self._marks_code else "{}"
        return [
            span._replace(text=(code_template if span.style == "code" else "{}").format(self._spell(span.text)))
            for span in _spans(node)
        ]

    def _cell(self, node: SyntaxTreeNode, column: int) -> list[StyleSpan]:
        """Returns the spans of a cell; code in the first column, which names the row's subject, is not marked."""
        return _MarkdownRenderer(self._spell, self._marks_code and column > 0)._spans(node)


def _spans(node: SyntaxTreeNode, style: Style = "", target: str = "") -> list[StyleSpan]:
    """Returns the spans of a block with their styles; `style` and `target` are those of a link or text around it."""
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
    """Computes the largest width of a table's columns, so that narrow ones leave their share to the wide ones.

    `widths` are the natural widths, `room` the sum available.
    """
    ordered = sorted(widths)
    for index, width in enumerate(ordered):
        share = (room - sum(ordered[:index])) // (len(ordered) - index)
        if width > share:
            return share
    return max(widths)


def _columns(spans: Iterable[StyleSpan]) -> int:
    return sum(cell_width(span.text) for span in spans)


def _wrapped(spans: Sequence[StyleSpan], width: int) -> Iterator[tuple[StyleSpan, ...]]:
    """Wraps spans into lines of `width` columns; yields the spans of each line."""
    whole = "".join(span.text for span in spans)
    styles = [span for span in spans for _ in span.text]
    start = 0
    for text in wrapped(whole, max(width, 1)):
        start = whole.index(text, start)
        yield tuple(_joined(text, styles[start : start + len(text)]))
        start += len(text)


def _joined(text: str, styles: Sequence[StyleSpan]) -> Iterator[StyleSpan]:
    """Yields a text as spans; `styles` has a span, whose style it takes, for each character."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or styles[end] is not styles[start]:
            yield styles[start]._replace(text=text[start:end])
            start = end


def _split_code(text: str, width: int) -> Iterator[str]:
    """Yields a line of code, in parts of `width` columns if it is too long."""
    while cell_width(text) > max(width, 1):
        part = cut(text, width) or text[:1]
        yield part
        text = text[len(part) :]
    yield text
