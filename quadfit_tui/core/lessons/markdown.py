"""The Markdown of a lesson as plain data: headings with attributes, paragraphs, a list of rows below each.

It is read by markdown-it-py. What a lesson has no use for (other headings, images, tables, links to elsewhere) is
refused with its line.
"""

from __future__ import annotations

import re
import shlex
from collections import deque
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.lessons.lesson import Link, PlainNumber, Prose, StatedNumber
from quadfit_tui.core.lessons.places import PLACES
from quadfit_tui.core.text.quoting import did_you_mean, quoted

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

MOST_STEPS = 50
_MARK = re.compile(r"\[([xX ])\]\s+|(hint|note|model):\s*")
_NUMBER = re.compile(r"(?<![\w.,^])[-−]?\d+(?:[.,]\d+)*(?:e[-−+]?\d+)?(?![\w^])")
# What a block or a token is called in a refusal.
_NAMES = {
    "blockquote": "a quotation",
    "code_block": "code that is indented",
    "fence": "a block of code",
    "hr": "a line across",
    "html_block": "HTML",
    "ordered_list": "a numbered list",
    "image": "an image",
    "link_open": "a link that leads elsewhere",
}


class NotationError(ValueError):
    """A lesson that cannot be read: the line at fault, from 1, and the reason as one line of text."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)  # its args: what pickle makes it of
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        return f"line {self.line} {self.reason}"


class Row(NamedTuple):
    """A row of a list. `mark` is `x` or ` ` of an answer, else `hint`, `note` or `model`.

    An answer has a text and an expression, `code`; `prose` is what stands below it, or else what the row says.
    """

    mark: str
    text: str
    code: str
    prose: Prose
    line: int


class Section(NamedTuple):
    """A heading of level 2 with what stands below it; `attributes` are those in braces behind the title.

    Among these the id has the key `#`, the kind the key `.`. `plain_numbers` are those in the text that are neither
    links nor code.
    """

    title: str
    attributes: dict[str, str]
    text: Prose
    rows: tuple[Row, ...]
    plain_numbers: tuple[PlainNumber, ...]
    line: int


def sections(text: str) -> list[Section]:
    """The sections of a text; lines count from 1. Raises NotationError."""
    from markdown_it.tree import SyntaxTreeNode

    blocks = deque(SyntaxTreeNode(_markdown().parse(text)).children)
    found: list[Section] = []
    while blocks:
        heading = blocks.popleft()
        if (heading.type, heading.tag) != ("heading", "h2"):
            raise _refused(heading, "; allowed: a heading with ## before anything else")
        if len(found) == MOST_STEPS:
            raise NotationError(_line(heading), f"begins one step more than {MOST_STEPS}")
        found.append(_section(heading, blocks))
    return found


def prose_of(text: str, line: int) -> Prose:
    """A single text as Prose. Raises NotationError."""
    said = _Prose()
    for token in _markdown().parseInline(text):
        said.add(token.children or [], line)
    return said.prose()


@cache
def _markdown() -> MarkdownIt:
    """Reads Markdown; to make it takes a tenth of the time that a lesson does."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]  # an expression, which is no address
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return reader


def _refused(block: SyntaxTreeNode, allowed: str = "") -> NotationError:
    if block.type == "heading" and block.tag != "h2":
        return NotationError(_line(block), "has a heading of another level; allowed: ## for each step")
    name = _NAMES.get(block.type, "text that belongs to no step")
    return NotationError(_line(block), f"has {name}{allowed}")


def _section(heading: SyntaxTreeNode, blocks: deque[SyntaxTreeNode]) -> Section:
    """The section of a heading, with those of the blocks below it that it takes."""
    title, attributes = _heading(heading.children[0].content, _line(heading))
    text = _Prose()
    rows: list[Row] = []
    while blocks and blocks[0].type != "heading":
        block = blocks.popleft()
        if block.type == "paragraph" and not rows:
            text.paragraph(_inline(block))
        elif block.type == "bullet_list" and not rows:
            rows = [_row(item, text.plain_numbers) for item in block.children]
        elif block.type in ("paragraph", "bullet_list"):
            raise _refused(block, " below a list; indent what is said to an answer, and put all rows into one list")
        else:
            raise _refused(block)
    return Section(title, attributes, text.prose(), tuple(rows), tuple(text.plain_numbers), _line(heading))


def _row(item: SyntaxTreeNode, plain_numbers: list[PlainNumber]) -> Row:
    if not item.children or item.children[0].type != "paragraph":
        raise NotationError(_line(item), "is a row without text; allowed: - [x] text `expression` or - hint: text")
    inline = _inline(item.children[0])
    line, parts = _line(inline), list(inline.children or [])
    found = _MARK.match(parts[0].content) if parts and parts[0].type == "text" else None
    if found is None:
        raise NotationError(
            line, "is a row of no kind; allowed: - [x] or - [ ] for answers, - hint:, - note: or - model:"
        )
    prose, text, code = _Prose(), "", ""
    parts[0].content = parts[0].content[found.end() :]
    mark = found[2] or found[1].lower()
    if found[1]:
        cut = next((at for at, part in enumerate(parts) if part.type == "softbreak"), len(parts))
        text, code = _answer(parts[:cut], line)
        answered = _Prose()
        answered.add(parts[:cut], line)
        plain_numbers += answered.plain_numbers
        prose.add(parts[cut + 1 :], line + 1)
    else:
        prose.add(parts, line)
    for block in item.children[1:]:
        if block.type != "paragraph":
            raise _refused(block, " in a row of a list; allowed: paragraphs")
        prose.paragraph(_inline(block))
    if mark != "note":
        plain_numbers += prose.plain_numbers
    return Row(mark, text, code, prose.prose(), line)


def _inline(paragraph: SyntaxTreeNode) -> Token:
    token = paragraph.children[0].token
    assert token is not None
    return token


def _line(block: SyntaxTreeNode | Token) -> int:
    return 1 if block.map is None else block.map[0] + 1


def _heading(content: str, line: int) -> tuple[str, dict[str, str]]:
    """The title and the attributes of `Ten times the rate {#ten .predict run=ten}`."""
    title, brace, rest = content.rpartition("{")
    if not brace or not rest.endswith("}"):
        raise NotationError(line, "has no attributes; allowed: ## Title {#id .kind run=name}")
    try:
        words = shlex.split(rest[:-1])
    except ValueError:
        raise NotationError(line, "has a quote without its end") from None
    attributes: dict[str, str] = {}
    for word in words:
        key, value = (word[0], word[1:]) if word[:1] in ("#", ".") else word.partition("=")[::2]
        if not key or not value:
            raise NotationError(line, f"has {quoted(word)} among its attributes; allowed: #id .kind name=value")
        if key in attributes:
            raise NotationError(line, f"has {quoted(key)} twice")
        attributes[key] = value
    return title.strip(), attributes


def _answer(parts: list[Token], line: int) -> tuple[str, str]:
    """The text and the expression of an answer's row."""
    while parts and parts[-1].type == "text" and not parts[-1].content.strip():
        parts = parts[:-1]
    if not parts or parts[-1].type != "code_inline":
        raise NotationError(line, "has no expression; allowed: - [x] text `expression`")
    said = _Prose()
    said.add(parts[:-1], line)
    prose = said.prose()
    if prose.numbers:
        raise NotationError(line, "has a stated number in an answer; allowed: in text, feedback and hints")
    return prose.text().strip(), parts[-1].content


class _Prose:
    """Puts a Prose together from tokens."""

    def __init__(self) -> None:
        self._template: list[str] = []
        self._numbers: list[StatedNumber] = []
        self._links: list[Link] = []
        self.plain_numbers: list[PlainNumber] = []

    def prose(self) -> Prose:
        template = "".join(self._template).strip()
        return Prose(template, tuple(self._numbers), tuple(self._links))

    def paragraph(self, inline: Token) -> None:
        if self._template:
            self._template.append("\n\n")
        self.add(inline.children or [], _line(inline))

    def add(self, parts: Iterable[Token], line: int) -> None:
        written: list[str] | None = None  # of a link, amid it
        expression = place = ""
        for part in parts:
            if part.type in ("softbreak", "hardbreak"):
                line += 1
            match part.type:
                case "link_open" if str(part.attrs.get("href", "")).startswith("="):
                    written, expression = [], str(part.attrs["href"])[1:]
                case "link_open" if str(part.attrs.get("href", "")).startswith("show:"):
                    written, place = [], str(part.attrs["href"]).removeprefix("show:")
                    if place not in PLACES:
                        hint = did_you_mean(place, PLACES)
                        raise NotationError(line, f"shows {quoted(place)}{hint}; allowed: {', '.join(PLACES)}")
                case "link_close" if place:
                    self._template.append(f"{{link{len(self._links)}}}")
                    self._links.append(Link("".join(written or []), place, line))
                    written, place = None, ""
                case "link_close":
                    self._template.append(f"{{{len(self._numbers)}}}")
                    self._numbers.append(StatedNumber("".join(written or []), expression, line))
                    written = None
                case "text" | "code_inline" | "softbreak" | "hardbreak":
                    content = part.content or " "
                    if not content.isprintable():  # as &#27; comes to
                        raise NotationError(line, f"has a character that does not print: {quoted(content)}")
                    if written is not None:
                        written.append(content)
                        continue
                    self._template.append(content.replace("{", "{{").replace("}", "}}"))
                    if part.type == "text":
                        self.plain_numbers += [PlainNumber(found, line) for found in _NUMBER.findall(content)]
                case "em_open" | "em_close" | "strong_open" | "strong_close":
                    pass  # a terminal's page has no emphasis
                case _:
                    name = _NAMES.get(part.type, part.type)
                    raise NotationError(
                        line,
                        f"has {name}; allowed: text, `code`, numbers as [136](=ten.epochs), and places as [w](show:w)",
                    )
