"""Parses the Markdown of a lesson to plain data: headings with attributes, paragraphs, a list of rows below each.

The parser is markdown-it-py. Elements that lessons do not have (other headings, images, links to elsewhere) are
refused with their lines.
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
from quadfit_tui.teaching.notation.reading.full_width import to_half_width
from quadfit_tui.teaching.notation.reading.notation_error import Errors, NotationError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

MOST_STEPS = 50
_HEADING_WITHOUT_BLANK = re.compile(r"^##(?=[^#\s])", re.MULTILINE)
_ROW_WITHOUT_BLANK = re.compile(r"\s*-\[[xX ]\]")
_MARK = re.compile(r"\[([xX ])\]\s+|(hint|note|model):\s*")
# Names of blocks and tokens in error messages.
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
    """A row of a list below a heading: an answer, hint, note or model answer.

    `mark` is `x` (right) or ` ` (wrong) for an answer, else `hint`, `note` or `model`. An answer has a `text`, an
    expression (`code`), and in `prose` the feedback below it; other rows have `prose` alone.
    """

    mark: str
    text: str
    code: str
    prose: Prose
    line: int


class LessonSection(NamedTuple):
    """A heading of level 2 with the text and rows below it: a step before its values are checked.

    `attributes` are those in braces behind the title, or None if they cannot be parsed; the id has the key `#`, the
    kind the key `.`. `plain_texts` are the words of all texts but notes, `unindented` the lines of rows that lack the
    indent. `is_whole`: whether everything below the heading could be parsed.
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
    """Parses a lesson's Markdown into sections; faults go to `errors`, and faulty parts are left out.

    Lines count from 1.
    """
    from markdown_it.tree import SyntaxTreeNode

    text = _HEADING_WITHOUT_BLANK.sub("## ", to_half_width(text, errors))
    blocks = deque(SyntaxTreeNode(_markdown().parse(text)).children)
    lines = text.replace("\r", "\n").split("\n")  # the parser counts lines so
    for number, line in enumerate(lines, 1):
        if _ROW_WITHOUT_BLANK.match(line):
            errors.add(number, _("begins a row with -[; allowed: a blank between - and ["))
    parsed: list[LessonSection] = []
    while blocks:
        heading = blocks.popleft()
        if (heading.type, heading.tag) != ("heading", "h2"):
            errors.add(_line(heading), _refusal(heading, _OUT_OF_STEPS))
        if heading.type == "heading":
            parsed.append(_section(heading, blocks, lines, errors))
    if len(parsed) > MOST_STEPS:
        errors.add(parsed[MOST_STEPS].line, _("begins one step more than {most}").format(most=MOST_STEPS))
    return parsed


def prose_of(text: str, line: int, errors: Errors) -> Prose:
    """Parses a single text, such as a line of the summary, to Prose; faults go to `errors`."""
    builder = _ProseBuilder(errors)
    for token in _markdown().parseInline(to_half_width(text, errors, line)):
        builder.add(token.children or [], line)
    return builder.prose()


@cache
def _markdown() -> MarkdownIt:
    """Returns the parser of Markdown; cached, as making it takes a tenth of the time that parsing a lesson does."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False})
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]  # the target is an expression, no URL
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return reader


def _refusal(block: SyntaxTreeNode, template: str) -> str:
    """Formats the message on a block that lessons do not have; `template` is used unless it is a heading."""
    if block.type == "heading" and block.tag != "h2":
        return _("has a heading of another level; allowed: ## for each step")
    return _(template).format(what=_(_NAMES.get(block.type, _TEXT)))


def _section(
    heading: SyntaxTreeNode, blocks: deque[SyntaxTreeNode], lines: Sequence[str], errors: Errors
) -> LessonSection:
    """Makes the section of a heading; removes the blocks up to the next heading from `blocks`."""
    title = heading.children[0].content
    attributes: dict[str, str] | None = None
    with errors.collected():
        title, attributes = _heading(title, _line(heading))
    text = _ProseBuilder(errors)
    errors_before = errors.count
    stray = 0  # line of the first text below a list
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
            stray = stray or _line(block)  # blocks after it have the same cause, and are reported as one error
            errors.add(stray, _(_BELOW_A_LIST))
        else:
            errors.add(_line(block), _refusal(block, _HAS))
    plain_texts, is_whole = tuple(text.plain_texts), errors.count == errors_before
    return LessonSection(
        title, attributes, text.prose(), tuple(rows), plain_texts, tuple(unindented), is_whole, _line(heading)
    )


def _unindented(item: SyntaxTreeNode, lines: Sequence[str]) -> list[int]:
    """Returns the lines that Markdown adds to a row though they are not indented, as no empty line precedes them."""
    first, end = item.map or (0, 0)
    return [index + 1 for index in range(first + 1, end) if lines[index] and not lines[index][0].isspace()]


def _row(item: SyntaxTreeNode, plain_texts: list[PlainText], errors: Errors) -> LessonRow:
    """Parses an item of a list, and appends its words to `plain_texts`; raises NotationError if it is no valid row."""
    if not item.children or item.children[0].type != "paragraph":
        raise NotationError(_line(item), _("is a row without text; allowed: - [x] text `expression` or - hint: text"))
    inline = _inline(item.children[0])
    line, parts = _line(inline), list(inline.children or [])
    marker = _MARK.match(parts[0].content) if parts and parts[0].type == "text" else None
    if marker is None:
        raise NotationError(
            line, _("is a row of no kind; allowed: - [x] or - [ ] for answers, - hint:, - note: or - model:")
        )
    prose, text, code = _ProseBuilder(errors), "", ""
    parts[0].content = parts[0].content[marker.end() :]
    mark = marker[2] or marker[1].lower()
    if marker[1]:
        line_end = next((index for index, part in enumerate(parts) if part.type == "softbreak"), len(parts))
        answer = _ProseBuilder(errors)
        text, code = _answer(parts[:line_end], line, answer)
        plain_texts += answer.plain_texts
        prose.add(parts[line_end + 1 :], line + 1)
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
    """Returns the token whose children are the inline parts of a paragraph."""
    token = paragraph.children[0].token
    assert token is not None
    return token


def _line(block: SyntaxTreeNode | Token) -> int:
    """Returns the line number of a block, from 1."""
    return 1 if block.map is None else block.map[0] + 1


def _heading(content: str, line: int) -> tuple[str, dict[str, str]]:
    """Parses a heading, `Ten times the rate {#ten .predict run=ten}`, to title and attributes.

    Raises NotationError if the attributes cannot be parsed.
    """
    title, brace, rest = content.rpartition("{")
    if not brace or not rest.endswith("}"):
        problem = _("has no } behind its attributes") if brace else _("has no attributes")
        raise NotationError(line, with_allowed(problem, "## Title {#id .kind run=name}"))
    try:
        words = shlex.split(straight_quotes(rest[:-1]))
    except ValueError:
        raise NotationError(line, _("has a quote without its end")) from None
    attributes: dict[str, str] = {}
    for word in words:
        key, value = (word[0], word[1:]) if word[:1] in ("#", ".") else word.partition("=")[::2]
        if not key or not value:
            raise NotationError(line, _attribute_problem(word, words).format(word=quoted(word), kind=word))
        if key in attributes:
            raise NotationError(line, _("has {attribute} twice").format(attribute=quoted(key)))
        attributes[key] = value
    return title.strip(), attributes


def _attribute_problem(word: str, words: Sequence[str]) -> str:
    """Returns the message template for a word of a heading that is no attribute, with what the author may mean."""
    if word in tuple(StepKind):
        return _("has {word} among its attributes; write .{kind}")
    index = words.index(word)
    if word.endswith("=") or any(near.startswith("=") for near in words[index : index + 2]):
        return _("has {word} among its attributes; write name=value without blanks")
    if any("=" in earlier for earlier in words[:index]):
        return _(
            "has {word} among its attributes; "
            'write name=value, and a value with blanks in quotes, as in until="now.mean_loss < 0.1"'
        )
    return _("has {word} among its attributes; allowed: #id .kind name=value")


def _answer(parts: list[Token], line: int, builder: _ProseBuilder) -> tuple[str, str]:
    """Parses the first line of an answer to its text and expression; raises NotationError if it states a number."""
    while parts and parts[-1].type == "text" and not parts[-1].content.strip():
        parts = parts[:-1]
    is_code = bool(parts) and parts[-1].type == "code_inline"
    builder.add(parts[:-1] if is_code else parts, line)
    prose = builder.prose()
    if prose.numbers:
        raise NotationError(line, _("has a stated number in an answer; allowed: in text, feedback and hints"))
    return prose.text().strip(), parts[-1].content if is_code else ""


class _ProseBuilder:
    """A builder of Prose from inline tokens; faults go to `errors`, and faulty parts are left out."""

    def __init__(self, errors: Errors) -> None:
        self._errors = errors
        self._template: list[str] = []
        self._numbers: list[StatedNumber] = []
        self._links: list[Link] = []
        self.plain_texts: list[PlainText] = []

    def prose(self) -> Prose:
        """Returns the text collected so far."""
        return Prose("".join(self._template).strip(), tuple(self._numbers), tuple(self._links))

    def paragraph(self, inline: Token) -> None:
        """Appends a paragraph."""
        if self._template:
            self._template.append("\n\n")
        self.add(inline.children or [], _line(inline))

    def add(self, parts: Iterable[Token], line: int) -> None:
        """Appends inline tokens, of which the first is in `line` of the file."""
        link_text: list[str] | None = None  # None outside of a link
        target = ""
        for part in parts:
            if part.type in ("softbreak", "hardbreak"):
                line += 1
            match part.type:
                case "link_open":
                    link_text, target = [], str(part.attrs.get("href", ""))
                case "link_close":
                    self._link("".join(link_text or []), target, line)
                    link_text = None
                case "text" | "code_inline" | "softbreak" | "hardbreak":
                    content = part.content or " "
                    if wrong := next((char for char in content if not char.isprintable()), ""):  # such as from &#27;
                        problem = _("has a character that does not print: {char}")
                        self._errors.add(line, problem.format(char=ascii(wrong)))
                    elif link_text is not None:
                        link_text.append(content)
                    else:
                        self._template.append(content.replace("{", "{{").replace("}", "}}"))
                        if part.type == "text":
                            self.plain_texts.append(PlainText(content, line))
                case "em_open" | "em_close" | "strong_open" | "strong_close":
                    pass  # a terminal's page has no emphasis
                case _:
                    self._refuse(part.type, line)

    def _link(self, text: str, target: str, line: int) -> None:
        """Appends a stated number, `[136](=ten.epochs)`, or a link, `[w](show:w)`; refuses other targets."""
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
        """Records that lessons do not have this kind of token."""
        problem = _(_HAS).format(what=_(_NAMES.get(kind, kind)))
        allowed = _("text, `code`, numbers as [136](=ten.epochs), and places as [w](show:w)")
        self._errors.add(line, with_allowed(problem, allowed))
