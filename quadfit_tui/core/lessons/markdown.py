"""The Markdown of a lesson as plain data: headings with attributes, paragraphs, a list of rows below each.

It is read by markdown-it-py. What a lesson has no use for (other headings, images, tables, links to elsewhere) is
refused with its line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.lessons.lesson import PlainNumber, Prose, StatedNumber
from quadfit_tui.core.text.quoting import quoted

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MOST_STEPS = 50
_MARK = re.compile(r"\[([xX ])\]\s+|(hint|note):\s*")
_NUMBER = re.compile(r"(?<![\w.,^])[-−]?\d+(?:[.,]\d+)*(?:e[-−+]?\d+)?(?![\w^])")
# What a token is called in a refusal.
_NAMES = {
    "blockquote_open": "a quotation",
    "code_block": "code that is indented",
    "fence": "a block of code",
    "hr": "a line across",
    "html_block": "HTML",
    "ordered_list_open": "a numbered list",
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
    """A row of a list. `mark` is `x` or ` ` of an answer, else `hint` or `note`.

    An answer has a text and an expression, `code`; `prose` is what stands below it, or the hint or note itself.
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
    return list(_Reader(_markdown().parse(text)).sections())


@cache
def _markdown() -> MarkdownIt:
    """Reads Markdown; to make it takes a tenth of the time that a lesson does."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]  # an expression, which is no address
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return reader


class _Reader:
    """Goes through the tokens of a text."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def sections(self) -> Iterator[Section]:
        count = 0
        while self._at < len(self._tokens):
            if self._tokens[self._at].type != "heading_open" or self._tokens[self._at].tag != "h2":
                self._refuse("; allowed: a heading with ## before anything else")
            count += 1
            if count > MOST_STEPS:
                raise NotationError(_line(self._tokens[self._at]), f"begins one step more than {MOST_STEPS}")
            yield self._section()

    def _refuse(self, allowed: str = "") -> None:
        token = self._tokens[self._at]
        if token.type == "heading_open" and token.tag != "h2":
            raise NotationError(_line(token), "has a heading of another level; allowed: ## for each step")
        name = _NAMES.get(token.type, "text that belongs to no step")
        raise NotationError(_line(token), f"has {name}{allowed}")

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _section(self) -> Section:
        line = _line(self._next())
        title, attributes = _heading(self._next().content, line)
        self._next()
        text = _Prose()
        rows: list[Row] = []
        while self._at < len(self._tokens) and self._tokens[self._at].type != "heading_open":
            if self._tokens[self._at].type == "paragraph_open" and not rows:
                text.paragraph(self._paragraph())
            elif self._tokens[self._at].type == "bullet_list_open" and not rows:
                rows = list(self._rows(text.plain_numbers))
            elif rows and self._tokens[self._at].type in ("paragraph_open", "bullet_list_open"):
                self._refuse(" below a list; indent what is said to an answer, and put all rows into one list")
            else:
                self._refuse()
        return Section(title, attributes, text.prose(), tuple(rows), tuple(text.plain_numbers), line)

    def _paragraph(self) -> Token:
        self._next()
        inline = self._next()
        self._next()
        return inline

    def _rows(self, plain_numbers: list[PlainNumber]) -> Iterator[Row]:
        self._next()
        while self._next().type == "list_item_open":
            if self._tokens[self._at].type != "paragraph_open":
                at = self._tokens[self._at - 1]
                raise NotationError(
                    _line(at), "is a row without text; allowed: - [x] text `expression` or - hint: text"
                )
            inline = self._paragraph()
            yield self._row(inline, plain_numbers)

    def _row(self, inline: Token, plain_numbers: list[PlainNumber]) -> Row:
        line, parts = _line(inline), list(inline.children or [])
        found = _MARK.match(parts[0].content) if parts and parts[0].type == "text" else None
        if found is None:
            raise NotationError(line, "is a row of no kind; allowed: - [x] or - [ ] for answers, - hint: or - note:")
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
        while self._tokens[self._at].type != "list_item_close":
            if self._tokens[self._at].type != "paragraph_open":
                self._refuse(" in a row of a list; allowed: paragraphs")
            prose.paragraph(self._paragraph())
        self._next()
        if mark != "note":
            plain_numbers += prose.plain_numbers
        return Row(mark, text, code, prose.prose(), line)


def _line(token: Token) -> int:
    return 1 if token.map is None else token.map[0] + 1


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
        self.plain_numbers: list[PlainNumber] = []

    def prose(self) -> Prose:
        template = "".join(self._template).strip()
        return Prose(template, tuple(self._numbers))

    def paragraph(self, inline: Token) -> None:
        if self._template:
            self._template.append("\n\n")
        self.add(inline.children or [], _line(inline))

    def add(self, parts: Iterable[Token], line: int) -> None:
        written: list[str] | None = None  # of a link, amid it
        expression = ""
        for part in parts:
            if part.type in ("softbreak", "hardbreak"):
                line += 1
            match part.type:
                case "link_open" if str(part.attrs.get("href", "")).startswith("="):
                    written, expression = [], str(part.attrs["href"])[1:]
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
                    raise NotationError(line, f"has {name}; allowed: text, `code`, and numbers as [136](=ten.epochs)")
