"""LessonPage: all that the pane of a lesson shows, and how it is folded and cut to its place; no widget."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.text.width import cell_width, cut, ellipsize, ljust, wrapped

if TYPE_CHECKING:  # an import would slow each start of the app
    from quadfit_tui.teaching.course.script import StepParagraph

SEPARATOR = " · "  # between the keys in a prompt
# The name of a key, with which an item of a prompt begins in all languages.
_KEY = re.compile(r"(Enter|Esc|Backspace|[A-Za-z])(?=[:： ,，])")
INDENT = 3  # width of a choice's letter, in columns
SIGNS = {"right": ("✓", "+"), "wrong": ("✗", "x")}  # the signs of marks, in Unicode and ASCII
_GAP = 3  # width of the gap between the columns of a table
_SHORTEST = 12  # minimum width of a title that is cut, in columns


@dataclass(frozen=True)
class LessonPage:
    """All that the pane of a lesson shows at a moment.

    `place` and `record` stand in its frame, on the left and the right. Of the `paragraphs`, the one of number `first`
    is scrolled to the top, or the end into sight if `first` is None. `field_label` is the label of the input field,
    empty if there is none; `allowed` is its placeholder. `chooses`: whether the choices can be marked. `prompt` names
    the keys that lead on, and `typing` those while the question has the focus. Each character of `answer_keys` focuses
    the question, and begins its answer. `wants_text`: whether the question is for a text, and is focused at once.
    """

    place: tuple[str, ...]
    record: tuple[str, ...] = ()
    paragraphs: tuple[StepParagraph, ...] = ()
    first: int | None = None
    field_label: str = ""
    allowed: str = ""
    chooses: bool = False
    prompt: str = ""
    typing: str = ""
    answer_keys: str = ""
    wants_text: bool = False

    @property
    def letters(self) -> str:
        """The letters of the choices, in their order."""
        return "".join(paragraph.letter for paragraph in self.paragraphs)


class TextLine(NamedTuple):
    """A line of the lesson's text; `begins` is the number of the paragraph whose first line it is.

    The first line of a paragraph with a mark has a blank in the place of its sign.
    """

    text: str
    part: str
    letter: str = ""
    begins: int | None = None
    mark: str = ""

    def with_sign(self, is_ascii: bool) -> tuple[str, str, str]:
        """Splits the line at its mark: text before it, sign, text after it; without a mark, all is before."""
        if not self.mark or self.begins is None:
            return self.text, "", ""
        index = 1 if self.letter else 0
        return self.text[:index], SIGNS[self.mark][is_ascii], self.text[index + 1 :]


def text_lines(said: tuple[StepParagraph, ...], width: int, height: int) -> list[TextLine]:
    """Wraps paragraphs to a width; adds empty lines between different parts if they fit into the height."""
    lines: list[TextLine] = []
    gaps: list[int] = []  # indices of lines that an empty one may precede
    for number, (text, part, letter, mark) in enumerate(said):
        if letter:
            room = INDENT
        elif mark:
            room = 2
        else:
            room = 0
        first, indent = ljust(letter.upper(), room), " " * room
        folded = table_rows(text, width) if part == "table" else wrapped(text, max(8, width), first, indent) or [""]
        if number and part != said[number - 1].part:
            gaps.append(len(lines))
        lines += [TextLine(line, part, letter, None if i else number, mark) for i, line in enumerate(folded)]
    if len(lines) + len(gaps) <= height:
        for index in reversed(gaps):
            lines.insert(index, TextLine("", "text"))
    return lines


def table_rows(text: str, width: int) -> list[str]:
    """Formats a tab-separated table as rows; columns that do not fit continue below, beside the names again."""
    rows = [row.split("\t") for row in text.split("\n")]
    names, *cells = zip(*rows, strict=True)
    widths = [max(map(cell_width, column)) + _GAP for column in (names, *cells)]
    lines: list[str] = []
    while cells:
        count = max(1, sum(used <= width + _GAP for used in accumulate(widths[1:], initial=widths[0])) - 1)
        block = zip(*(names, *cells[:count]), strict=True)
        lines += ["".join(map(ljust, row, widths)).rstrip() for row in block]
        cells, widths = cells[count:], [widths[0], *widths[count + 1 :]]
    return lines


def frame_texts(place: tuple[str, ...], record: tuple[str, ...], width: int) -> tuple[str, str, str, str]:
    """Returns the parts of the frame row: its begin, the title, the rest of the left side, and the right side.

    If they do not fit, the title is cut; then all of the right side but its first text is left out, that text, and the
    kind of the step.
    """
    title, *rest = place or ("",)
    whole, brief = "".join(f" ─ {text}" for text in rest), "".join(f" ─ {text}" for text in rest[:1])
    right, first = "".join(f" {text} ─" for text in record), "".join(f" {text} ─" for text in record[:1])
    for left, end in ((whole, right), (whole, first), (whole, ""), (brief, "")):
        room = width - cell_width(f"─ {left} ──{end}")
        if room >= min(cell_width(title), _SHORTEST):
            fitting = ellipsize(title, room)
            middle = f"{left} "
            return "─ ", fitting, middle + "─" * (width - cell_width(f"─ {fitting}{middle}{end}")), end
    fitting = cut(title, width - 2)
    return "─ ", fitting, "─" * (width - 2 - cell_width(fitting)), ""


def fit_prompt(prompt: str, width: int) -> str:
    """Cuts a prompt to the keys that fit into a width; the first one is always kept, and none is cut."""
    fitting, *others = prompt.split(SEPARATOR)
    for item in others:
        if cell_width(longer := f"{fitting}{SEPARATOR}{item}") <= width:
            fitting = longer
    return fitting


def key_at(prompt: str, column: int) -> str:
    """Returns the key name, as Textual spells it, of the prompt item at a column; empty if there is none."""
    end = 0
    for item in prompt.split(SEPARATOR):
        begin, end = end, end + cell_width(item + SEPARATOR)
        if begin <= column < end - cell_width(SEPARATOR) and (match := _KEY.match(item)):
            key = match[0]
            return {"Esc": "escape"}.get(key, key if len(key) == 1 else key.lower())
    return ""
