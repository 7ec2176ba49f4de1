"""The screen of the terminal, cell by cell, and the fewest bytes that turn what it shows into what it should show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby, takewhile
from unicodedata import category

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style

from quadfit_tui.core.text.ascii import ascii_character, narrow_character
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.display.sgr import PLAIN, CellStyle, sgr_between, style_converter
from quadfit_tui.ui.toolkit.textual_internals import ChopsUpdate, CompositorUpdate, LayoutUpdate

ScreenCell = tuple[str, CellStyle]  # a character with its combining marks; "" in the right half of a wide one
CellPosition = tuple[int, int]  # column and row, from 0

# A cell before Textual has composed it, or before it was sent to the terminal. Its style is none of a real cell.
_UNKNOWN: ScreenCell = ("\0", PLAIN._replace(background="unknown"))
_MOST_BLANKS = 12  # longer runs of blanks are erased instead of written
_MOST_REWRITTEN = 4  # unchanged cells that are sent again instead of moving the cursor, which takes four bytes
_EMOJI_SELECTOR = "\ufe0f"  # the selector of a character's colored form, an emoji
# Characters of one cell that nearly all texts consist of, so that these need no closer look: ASCII, frames, braille.
_SINGLE = frozenset(map(chr, (*range(0x20, 0x7F), *range(0x2500, 0x25FD), *range(0x2800, 0x2900)))) | {*"·−–…‹›←↑→↓"}
_FLAG_A = 0x1F1E6
_NO_STYLE = Style.null()


class ScreenBuffer:
    """The cells that the terminal should show, and those that were sent to it.

    `apply_update` applies a frame from Textual, `changes` returns what must be sent. Of several frames that come before
    the terminal is ready for one, only the last is ever sent.
    """

    def __init__(self, size: tuple[int, int], capabilities: Capabilities) -> None:
        self._cell_styles = style_converter(capabilities.colors, bare=not capabilities.extras)
        self._spell: Callable[[str], str] | None = _in_ascii if capabilities.ascii else None
        self._erases = capabilities.erases
        self._relative = capabilities.relative
        self._cursor: CellPosition | None = None  # position of the terminal's cursor, None if unknown
        self._style: CellStyle | None = None  # style in which the terminal would write, None if unknown
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Starts again with unknown cells in another size."""
        self.size = size
        self._rows = [[_UNKNOWN] * size[0] for _ in range(size[1])]
        self.forget()

    def forget(self) -> None:
        """Marks all cells as unsent; called when the terminal may have lost what it showed."""
        self._sent = [[_UNKNOWN] * self.size[0] for _ in range(self.size[1])]
        self._changed = set(range(self.size[1]))
        self._cursor = self._style = None

    def send_narrow(self) -> None:
        """Switches to characters that no terminal shows in two columns where Textual counts one."""
        self._spell = narrow_character
        self.forget()

    @property
    def is_sent(self) -> bool:
        """Whether all changes were sent."""
        return not self._changed

    def apply_update(self, update: CompositorUpdate) -> None:
        """Applies a full or partial update from Textual to the cells."""
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                self._put(update.region.x, y, [segment for strip in strips for segment in strip])
        elif isinstance(update, ChopsUpdate):
            for y, first, last in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is not None and x <= last and end > first:
                        self._put(x, y, strip if end <= last else strip.crop(0, last - x))

    def _put(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        """Writes segments into row y from column x on."""
        width, height = self.size
        if not (0 <= x < width and 0 <= y < height):
            return  # Textual has composed it for another size
        cells = [cell for segment in segments for cell in self._cells(segment)][: width - x]
        row, stop = self._rows[y], x + len(cells)
        if row[x:stop] != cells:
            row[x:stop] = cells
            for edge in (x, stop):
                _blank_halves(row, edge)
            self._changed.add(y)

    def _cells(self, segment: Segment) -> Iterable[ScreenCell]:
        """Returns the cells of a segment's text, each with its style."""
        text, style, control = segment
        if control:
            return ()
        ink, blank = self._cell_styles(style or _NO_STYLE)
        if text.isspace() and text.isprintable():
            return [(" ", blank)] * len(text)
        chars: Iterable[str] = text if _SINGLE.issuperset(text) else _characters(text)
        return [(char, blank if char == " " else ink) for char in chars]

    def changes(self) -> str:
        """Returns the sequence that updates the terminal to the present cells, and marks these as sent."""
        pieces: list[str] = []
        for y in sorted(self._changed):
            sent, row = self._sent[y], self._rows[y].copy()
            if self._spell is not None:
                row = _spelled(row, self._spell)
            if sent != row:
                self._sent[y] = row
                for first, stop in _spans(sent, row):
                    self._draw(pieces, first, stop, y)
        self._changed.clear()
        return "".join(pieces)

    def _draw(self, pieces: list[str], x: int, stop: int, y: int) -> None:
        """Appends what writes the cells from x to stop of row y."""
        skipped = self._rewritten(x, y)
        pieces.append(self._move((x, y)) if skipped is None else skipped)
        self._cursor = x, y
        for cell, run in groupby(self._sent[y][x:stop]):
            sequence, self._style = sgr_between(self._style, cell[1])
            pieces.append(sequence)
            self._write(pieces, cell[0], len(list(run)))

    def _write(self, pieces: list[str], char: str, count: int) -> None:
        """Appends what writes a character `count` times; many blanks are erased, which gives them the background."""
        assert self._cursor is not None
        (x, y), width = self._cursor, self.size[0]
        end = (
            (x + count, y) if x + count < width else None
        )  # terminals disagree about the position after the last column
        if char == " " and count > _MOST_BLANKS and self._erases:
            pieces.append("\x1b[K" if end is None else f"{_csi('X', count)}{self._move(end)}")
            self._cursor = end or self._cursor
        else:
            pieces.append(char * count)
            self._cursor = end

    def _rewritten(self, x: int, y: int) -> str | None:
        """Returns the text between the cursor and a position to its right if writing it again is shorter than a move.

        It returns None if it is not, or if that text has another style than the present one.
        """
        if self._cursor is None or self._cursor[1] != y or not 0 < x - self._cursor[0] <= _MOST_REWRITTEN:
            return None
        cells = self._sent[y][self._cursor[0] : x]
        text = "".join(char for char, _ in cells)
        # In a field the cursor may stand at the right half of a wide character, which cannot be written.
        fits = cells[0][0] and not any(sgr_between(self._style, style)[0] for _, style in cells)
        return text if fits and len(text.encode()) <= len(self._move((x, y))) else None

    def cursor_to(self, place: CellPosition) -> str:
        """Returns the sequence that moves the cursor to where the user types, "" if that is outside of the screen."""
        (x, y), (width, height) = place, self.size
        if not (0 <= x < width and 0 <= y < height):
            return ""
        moved, self._cursor = self._move(place), place
        return moved

    def _move(self, place: CellPosition) -> str:
        return move(self._cursor if self._relative else None, place)


def _spelled(row: list[ScreenCell], spell: Callable[[str], str]) -> list[ScreenCell]:
    """Transliterates the cells of a row by `spell`, except that a dot between blanks becomes a dash."""
    chars = [char for char, _ in row]
    beside = zip([" ", *chars], [*chars[1:], " "], strict=False)
    return [
        ("-" if char == "·" and around == (" ", " ") else spell(char), style)
        for (char, style), around in zip(row, beside, strict=True)
    ]


def _in_ascii(char: str) -> str:
    return ascii_character(char) or " "  # the right half of a wide character becomes a blank


def _characters(text: str) -> Iterator[str]:
    """Yields the character of each cell of a text; control characters become blanks.

    There are as many cells as Textual counts. Of sequences about which terminals disagree, because some join them to
    one sign or show them wider, only the first character is kept, and blanks for the rest.
    """
    for start, end, width in split_graphemes(text)[0]:
        if not width:
            continue
        first = _flag_letter(text[start]) if text[start].isprintable() else " "
        own = cell_len(first)
        yield first + "".join(takewhile(_is_a_mark, text[start + 1 : end]))
        yield from [""] * (own - 1)
        yield from [" "] * (width - own)


def _is_a_mark(char: str) -> bool:
    return category(char).startswith("M") and char != _EMOJI_SELECTOR


def _flag_letter(char: str) -> str:
    """Replaces a regional indicator, two of which make a flag, by its letter; returns other characters as they are."""
    number = ord(char) - _FLAG_A
    return chr(ord("A") + number) if 0 <= number < 26 else char


def _blank_halves(row: list[ScreenCell], edge: int) -> None:
    """Replaces a half of a wide character whose other half, across the edge, was overwritten by a blank.

    Terminals do the same, and half a character cannot be sent.
    """
    if edge < 1:
        return
    has_left = cell_len(row[edge - 1][0]) == 2
    has_right = edge < len(row) and not row[edge][0]
    if has_left != has_right:
        half = edge - has_left
        row[half] = " ", row[half][1]


def _spans(sent: list[ScreenCell], row: list[ScreenCell]) -> Iterator[tuple[int, int]]:
    """Yields the spans of cells that differ, first and stop.

    A span that ends at a wide character includes its right half, which cannot be sent by itself.
    """
    first = None
    for x, (old, new) in enumerate(zip(sent, row, strict=True)):
        if old != new:
            first = x if first is None else first
        elif first is not None and new[0]:
            yield first, x
            first = None
    if first is not None:
        yield first, len(row)


@lru_cache(maxsize=1024)  # a larger cache would take memory in every session of a class
def move(start: CellPosition | None, end: CellPosition) -> str:
    """Returns the shortest sequence that moves the cursor; `start` is None if its position is unknown.

    LF must move the cursor down and do nothing else, so OPOST must be off.
    """
    x, y = end
    if x:
        absolute = _csi("H", y + 1, x + 1)
    elif y:
        absolute = _csi("H", y + 1)
    else:
        absolute = "\x1b[H"
    if start is None:
        return absolute
    down = y - start[1]
    if down == 0:
        vertical = ""
    elif 0 < down <= 4:
        vertical = "\n" * down
    else:
        vertical = _csi("B", down) if down > 0 else _csi("A", -down)
    return min(vertical + _across(start[0], x), absolute, key=len)


def _csi(letter: str, *numbers: int) -> str:
    """Formats a control sequence; raises ValueError if a number is below 1.

    Terminals ignore such a sequence, and would draw what follows it at the wrong position.
    """
    if min(numbers) < 1:
        raise ValueError(f"no place on a screen: {numbers} for {letter}")
    return f"\x1b[{';'.join(map(str, numbers))}{letter}"


def _across(start: int, end: int) -> str:
    """Returns the shortest sequence that moves the cursor to another column of its row."""
    by = end - start
    choices = [_csi("G", end + 1), "\r" + _right(end)]
    if by >= 0:
        choices.append(_right(by))
    else:
        choices += ["\b" * -by, _csi("D", -by)]
    return min(choices, key=len)


def _right(by: int) -> str:
    """Returns the shortest sequence that moves the cursor right by so many columns, "" for 0."""
    if by == 0:
        return ""
    return "\x1b[C" if by == 1 else _csi("C", by)
