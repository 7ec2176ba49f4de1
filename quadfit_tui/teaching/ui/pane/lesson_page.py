"""LessonPage: all that the pane of a lesson shows, and how it is folded and cut to its place; no widget."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.text.width import cell_width, cut, ljust, shortened, wrapped

if TYPE_CHECKING:  # else with each start of the app
    from quadfit_tui.teaching.course.script import StepParagraph

SEPARATOR = " · "  # of keys in a prompt
_KEY = re.compile(r"(Enter|Esc|Backspace|[A-Za-z])(?=[:： ,，])")  # with which a way on begins, in all languages
INDENT = 3  # columns of a choice's letter
SIGNS = {"right": ("✓", "+"), "wrong": ("✗", "x")}  # of what is marked so; and in ASCII
_GAP = 3  # columns between those of a table
_SHORTEST = 12  # columns of a title that is cut


@dataclass(frozen=True)
class LessonPage:
    """All that the pane shows.

    `place` and `record` stand in its frame, on the left and the right. Of `said`, the paragraph number `first` is to be
    seen first, None: the last one is to be in sight. `asks` is the name of the field, or empty where there is none;
    `allowed` says what may be typed there. `chooses`: the choices are open. `prompt` says which keys lead on, and
    `typing` that while the question has the keys. Each character of `takes` gives it the keys, and is its first one.
    `writes`: a text is asked for, which has the keys at once.
    """

    place: tuple[str, ...]
    record: tuple[str, ...] = ()
    said: tuple[StepParagraph, ...] = ()
    first: int | None = None
    asks: str = ""
    allowed: str = ""
    chooses: bool = False
    prompt: str = ""
    typing: str = ""
    takes: str = ""
    writes: bool = False

    @property
    def letters(self) -> str:
        """The letters of the choices."""
        return "".join(each.letter for each in self.said)


class TextLine(NamedTuple):
    """A line of the lesson's text; `begins`: the paragraph of this number does so here.

    A paragraph with a mark has a blank for its sign in its first line.
    """

    text: str
    part: str
    letter: str = ""
    begins: int | None = None
    mark: str = ""

    def with_sign(self, is_ascii: bool) -> tuple[str, str, str]:
        """The line in three parts: what stands before the sign of its mark, the sign, the rest; or else all first."""
        if not self.mark or self.begins is None:
            return self.text, "", ""
        at = 1 if self.letter else 0
        return self.text[:at], SIGNS[self.mark][is_ascii], self.text[at + 1 :]


def text_lines(said: tuple[StepParagraph, ...], width: int, height: int) -> list[TextLine]:
    """The paragraphs folded to a width; with empty lines between them where there is room for these, too."""
    lines: list[TextLine] = []
    gaps: list[int] = []  # before which lines there may be an empty one
    for number, (text, part, letter, mark) in enumerate(said):
        room = INDENT if letter else 2 if mark else 0
        first, indent = ljust(letter.upper(), room), " " * room
        folded = table_rows(text, width) if part == "table" else wrapped(text, max(8, width), first, indent) or [""]
        if number and part != said[number - 1].part:
            gaps.append(len(lines))
        lines += [TextLine(line, part, letter, None if i else number, mark) for i, line in enumerate(folded)]
    if len(lines) + len(gaps) <= height:
        for at in reversed(gaps):
            lines.insert(at, TextLine("", "text"))
    return lines


def table_rows(text: str, width: int) -> list[str]:
    """A table as rows: cells are parted by tabs; columns that have no room are below the others, with the names."""
    rows = [line.split("\t") for line in text.split("\n")]
    names, *cells = zip(*rows, strict=True)
    widths = [max(map(cell_width, column)) + _GAP for column in (names, *cells)]
    found: list[str] = []
    while cells:
        count = max(1, sum(used <= width + _GAP for used in accumulate(widths[1:], initial=widths[0])) - 1)
        shown = zip(*(names, *cells[:count]), strict=True)
        found += ["".join(map(ljust, row, widths)).rstrip() for row in shown]
        cells, widths = cells[count:], [widths[0], *widths[count + 1 :]]
    return found


def frame_texts(place: tuple[str, ...], record: tuple[str, ...], width: int) -> tuple[str, str, str, str]:
    """The row in four parts: its begin, the title of the lesson, the rest of the left side, and the right side.

    Where there is not enough room the title is cut, then what is on the right is left out, then the kind of the step.
    """
    title, *rest = place or ("",)
    whole, right = "".join(f" ─ {each}" for each in rest), "".join(f" {each} ─" for each in record)
    for said, end in ((whole, right), (whole, ""), ("".join(f" ─ {each}" for each in rest[:1]), "")):
        room = width - cell_width(f"─ {said} ──{end}")
        if room >= min(cell_width(title), _SHORTEST):
            shown = shortened(title, room)
            middle = f"{said} "
            return "─ ", shown, middle + "─" * (width - cell_width(f"─ {shown}{middle}{end}")), end
    shown = cut(title, width - 2)
    return "─ ", shown, "─" * (width - 2 - cell_width(shown)), ""


def with_room(prompt: str, width: int) -> str:
    """Of a prompt the first key, and those after it that have room: half a word tells nothing."""
    shown, *others = prompt.split(SEPARATOR)
    for each in others:
        if cell_width(longer := f"{shown}{SEPARATOR}{each}") <= width:
            shown = longer
    return shown


def key_at(prompt: str, column: int) -> str:
    """The key, as Textual calls it, of the way on that is at a column of a prompt; empty where there is none."""
    end = 0
    for each in prompt.split(SEPARATOR):
        begin, end = end, end + cell_width(each + SEPARATOR)
        if begin <= column < end - cell_width(SEPARATOR) and (found := _KEY.match(each)):
            key = found[0]
            return {"Esc": "escape"}.get(key, key if len(key) == 1 else key.lower())
    return ""
