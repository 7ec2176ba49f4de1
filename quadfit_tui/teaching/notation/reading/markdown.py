"""The Markdown of a lesson as plain data: headings with attributes, paragraphs, a list of rows below each.

It is read by markdown-it-py. What a lesson has no use for (other headings, images, links to elsewhere) is
refused with its line.
"""

from __future__ import annotations

import re
import shlex
from collections import deque
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.text.language import N_, _, comma_separated
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed
from quadfit_tui.teaching.notation.expression import straight_quotes
from quadfit_tui.teaching.notation.lesson import Link, PlainText, Prose, StatedNumber, StepKind
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.reading.full_width import narrowed
from quadfit_tui.teaching.notation.reading.notation_error import Errors, NotationError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

MOST_STEPS = 50
_HEADING_WITHOUT_BLANK = re.compile(r"^##(?=[^#\s])", re.MULTILINE)
_MARK = re.compile(r"\[([xX ])\]\s+|(hint|note|model):\s*")
# What a block or a token is called in a refusal.
_NAMES = {
    "blockquote": N_("a quotation"),
    "code_block": N_("code that is indented"),
    "fence": N_("a block of code"),
    "hr": N_("a line across"),
    "html_block": N_("HTML"),
    "ordered_list": N_("a numbered list"),
    "image": N_("an image"),
    "link_open": N_("a link that leads elsewhere"),
}
_TEXT = N_("text that belongs to no step")
_HAS = N_("has {what}")
_OUT_OF_STEPS = N_("has {what}; allowed: a heading with ## before anything else")
_IN_A_ROW = N_("has {what} in a row of a list; allowed: paragraphs")
_BELOW_A_LIST = N_(
    "has text that belongs to no step below a list; "
    "indent what is said to an answer, and put all rows into one list, each begun by -"
)


class LessonRow(NamedTuple):
    """A row of a list. `mark` is `x` or ` ` of an answer, else `hint`, `note` or `model`.

    An answer has a text and an expression, `code`; `prose` is what stands below it, or else what the row says.
    """

    mark: str
    text: str
    code: str
    prose: Prose
    line: int


class LessonSection(NamedTuple):
    """A heading of level 2 with what stands below it; `attributes` are those in braces behind the title.

    Among these the id has the key `#`, the kind the key `.`; None are there where they cannot be read. `plain_texts`
    are what stands there in words, `unindented` the lines of rows that are not indented; `is_whole`: whether all of its
    rows could be read.
    """

    title: str
    attributes: dict[str, str] | None
    text: Prose
    rows: tuple[LessonRow, ...]
    plain_texts: tuple[PlainText, ...]
    unindented: tuple[int, ...]
    is_whole: bool
    line: int


def sections(text: str, errors: Errors) -> list[LessonSection]:
    """The sections of a text; lines count from 1. What cannot be read is noted among the errors, and left out."""
    from markdown_it.tree import SyntaxTreeNode

    text = _HEADING_WITHOUT_BLANK.sub("## ", narrowed(text, errors))
    blocks = deque(SyntaxTreeNode(_markdown().parse(text)).children)
    lines = text.replace("\r", "\n").split("\n")  # as it counts them
    found: list[LessonSection] = []
    while blocks:
        heading = blocks.popleft()
        if (heading.type, heading.tag) != ("heading", "h2"):
            errors.add(_line(heading), _refusal(heading, _OUT_OF_STEPS))
        if heading.type == "heading":
            found.append(_section(heading, blocks, lines, errors))
    if len(found) > MOST_STEPS:
        errors.add(found[MOST_STEPS].line, _("begins one step more than {most}").format(most=MOST_STEPS))
    return found


def prose_of(text: str, line: int, errors: Errors) -> Prose:
    """A single text as Prose; what cannot be read of it is noted."""
    said = _ProseBuilder(errors)
    for token in _markdown().parseInline(narrowed(text, errors, line)):
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


def _refusal(block: SyntaxTreeNode, said: str) -> str:
    """Why a block is refused: what is `said` of it, which is noted, unless it is a heading."""
    if block.type == "heading" and block.tag != "h2":
        return _("has a heading of another level; allowed: ## for each step")
    return _(said).format(what=_(_NAMES.get(block.type, _TEXT)))


def _section(
    heading: SyntaxTreeNode, blocks: deque[SyntaxTreeNode], lines: Sequence[str], errors: Errors
) -> LessonSection:
    """The section of a heading, with those of the blocks below it that it takes."""
    title = heading.children[0].content
    attributes: dict[str, str] | None = None
    with errors.collected():
        title, attributes = _heading(title, _line(heading))
    text, before, stray = _ProseBuilder(errors), errors.count, 0
    rows: list[LessonRow] = []
    unindented: list[int] = []
    while blocks and blocks[0].type != "heading":
        block = blocks.popleft()
        if block.type == "paragraph" and not rows:
            text.paragraph(_inline(block))
        elif block.type == "bullet_list" and not rows:
            for item in block.children:
                with errors.collected():
                    rows.append(_row(item, text.plain_texts, errors))
                unindented += _unindented(item, lines)
        elif block.type in ("paragraph", "bullet_list"):
            stray = stray or _line(block)  # what follows has the same cause
            errors.add(stray, _(_BELOW_A_LIST))
        else:
            errors.add(_line(block), _refusal(block, _HAS))
    plain, is_whole = tuple(text.plain_texts), errors.count == before
    return LessonSection(
        title, attributes, text.prose(), tuple(rows), plain, tuple(unindented), is_whole, _line(heading)
    )


def _unindented(item: SyntaxTreeNode, lines: Sequence[str]) -> list[int]:
    """The lines of a row that are not indented, which Markdown takes to it where no empty line stands before."""
    first, end = item.map or (0, 0)
    return [at + 1 for at in range(first + 1, end) if lines[at] and not lines[at][0].isspace()]


def _row(item: SyntaxTreeNode, plain_texts: list[PlainText], errors: Errors) -> LessonRow:
    if not item.children or item.children[0].type != "paragraph":
        raise NotationError(_line(item), _("is a row without text; allowed: - [x] text `expression` or - hint: text"))
    inline = _inline(item.children[0])
    line, parts = _line(inline), list(inline.children or [])
    found = _MARK.match(parts[0].content) if parts and parts[0].type == "text" else None
    if found is None:
        raise NotationError(
            line, _("is a row of no kind; allowed: - [x] or - [ ] for answers, - hint:, - note: or - model:")
        )
    prose, text, code = _ProseBuilder(errors), "", ""
    parts[0].content = parts[0].content[found.end() :]
    mark = found[2] or found[1].lower()
    if found[1]:
        cut = next((at for at, part in enumerate(parts) if part.type == "softbreak"), len(parts))
        answered = _ProseBuilder(errors)
        text, code = _answer(parts[:cut], line, answered)
        plain_texts += answered.plain_texts
        prose.add(parts[cut + 1 :], line + 1)
    else:
        prose.add(parts, line)
    for block in item.children[1:]:
        if block.type == "paragraph":
            prose.paragraph(_inline(block))
        else:
            errors.add(_line(block), _refusal(block, _IN_A_ROW))
    if mark != "note":
        plain_texts += prose.plain_texts
    return LessonRow(mark, text, code, prose.prose(), line)


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
        why = _("has no } behind its attributes") if brace else _("has no attributes")
        raise NotationError(line, with_allowed(why, "## Title {#id .kind run=name}"))
    try:
        words = shlex.split(straight_quotes(rest[:-1]))
    except ValueError:
        raise NotationError(line, _("has a quote without its end")) from None
    attributes: dict[str, str] = {}
    for word in words:
        key, value = (word[0], word[1:]) if word[:1] in ("#", ".") else word.partition("=")[::2]
        if not key or not value:
            raise NotationError(line, _no_attribute(word, words).format(word=quoted(word), kind=word))
        if key in attributes:
            raise NotationError(line, _("has {attribute} twice").format(attribute=quoted(key)))
        attributes[key] = value
    return title.strip(), attributes


def _no_attribute(word: str, words: Sequence[str]) -> str:
    """What is said of a word that is no attribute, with what may be meant."""
    if word in tuple(StepKind):
        return _("has {word} among its attributes; write .{kind}")
    at = words.index(word)
    if word.endswith("=") or any(each.startswith("=") for each in words[at : at + 2]):
        return _("has {word} among its attributes; write name=value without blanks")
    if any("=" in each for each in words[:at]):
        return _(
            "has {word} among its attributes; "
            'write name=value, and a value with blanks in quotes, as in until="now.epochs < 90"'
        )
    return _("has {word} among its attributes; allowed: #id .kind name=value")


def _answer(parts: list[Token], line: int, said: _ProseBuilder) -> tuple[str, str]:
    """The text and the expression of an answer's row."""
    while parts and parts[-1].type == "text" and not parts[-1].content.strip():
        parts = parts[:-1]
    is_code = bool(parts) and parts[-1].type == "code_inline"
    said.add(parts[:-1] if is_code else parts, line)
    prose = said.prose()
    if prose.numbers:
        raise NotationError(line, _("has a stated number in an answer; allowed: in text, feedback and hints"))
    return prose.text().strip(), parts[-1].content if is_code else ""


class _ProseBuilder:
    """Puts a Prose together from tokens; what cannot be read is noted among the errors, and left out."""

    def __init__(self, errors: Errors) -> None:
        self._errors = errors
        self._template: list[str] = []
        self._numbers: list[StatedNumber] = []
        self._links: list[Link] = []
        self.plain_texts: list[PlainText] = []

    def prose(self) -> Prose:
        return Prose("".join(self._template).strip(), tuple(self._numbers), tuple(self._links))

    def paragraph(self, inline: Token) -> None:
        if self._template:
            self._template.append("\n\n")
        self.add(inline.children or [], _line(inline))

    def add(self, parts: Iterable[Token], line: int) -> None:
        written: list[str] | None = None  # of a link, amid it
        target = ""
        for part in parts:
            if part.type in ("softbreak", "hardbreak"):
                line += 1
            match part.type:
                case "link_open":
                    written, target = [], str(part.attrs.get("href", ""))
                case "link_close":
                    self._link("".join(written or []), target, line)
                    written = None
                case "text" | "code_inline" | "softbreak" | "hardbreak":
                    content = part.content or " "
                    if wrong := next((char for char in content if not char.isprintable()), ""):  # as &#27; comes to
                        problem = _("has a character that does not print: {char}")
                        self._errors.add(line, problem.format(char=ascii(wrong)))
                    elif written is not None:
                        written.append(content)
                    else:
                        self._template.append(content.replace("{", "{{").replace("}", "}}"))
                        self.plain_texts += [PlainText(content, line)] if part.type == "text" else []
                case "em_open" | "em_close" | "strong_open" | "strong_close":
                    pass  # a terminal's page has no emphasis
                case _:
                    self._refuse(part.type, line)

    def _link(self, text: str, target: str, line: int) -> None:
        if target.startswith("="):
            self._template.append(f"{{{len(self._numbers)}}}")
            self._numbers.append(StatedNumber(text, target.removeprefix("="), line))
        elif target.startswith("show:"):
            place = target.removeprefix("show:")
            if place not in LINK_TARGETS:
                problem = did_you_mean(_("shows {name}").format(name=quoted(place)), place, LINK_TARGETS)
                self._errors.add(line, with_allowed(problem, comma_separated([*LINK_TARGETS])))
            self._template.append(f"{{link{len(self._links)}}}")
            self._links.append(Link(text, place))
        else:
            self._refuse("link_open", line)

    def _refuse(self, kind: str, line: int) -> None:
        problem = _(_HAS).format(what=_(_NAMES.get(kind, kind)))
        allowed = _("text, `code`, numbers as [136](=ten.epochs), and places as [w](show:w)")
        self._errors.add(line, with_allowed(problem, allowed))
