"""The screen of the terminal, cell by cell, and the fewest bytes that turn what was sent into what is to be seen."""

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
from quadfit_tui.ui.display.sgr import PLAIN, CellStyle, cell_styles, change
from quadfit_tui.ui.toolkit.textual_internals import ChopsUpdate, CompositorUpdate, LayoutUpdate

ScreenCell = tuple[str, CellStyle]  # a character with what combines with it; nothing in the right half of a wide one
CellPosition = tuple[int, int]  # column and row, from 0

# Of what there is, before it was told; of what the terminal shows, before it was sent. In no style that a cell has.
_UNKNOWN: ScreenCell = ("\0", PLAIN._replace(background="unknown"))
_MOST_BLANKS = 12  # that are rather written than erased
_MOST_REWRITTEN = 4  # cells that are sent again rather than passed over: a move takes four bytes
_EMOJI_SELECTOR = "\ufe0f"  # the selector of a character's colored form, an emoji
# What nearly all is made of, and is not looked at one by one: ASCII, frames, braille, and some more of one cell each.
_SINGLE = frozenset(map(chr, (*range(0x20, 0x7F), *range(0x2500, 0x25FD), *range(0x2800, 0x2900)))) | {*"·−–…‹›←↑→↓"}
_FLAG_A = 0x1F1E6
_NO_STYLE = Style.null()


class ScreenBuffer:
    """What is to be seen, and what the terminal shows as far as it was sent.

    `apply_update` puts a frame of Textual's into it, `changes` gives what has to be sent. Of many frames that come
    before the terminal is ready for one, only the last is ever sent.
    """

    def __init__(self, size: tuple[int, int], capabilities: Capabilities) -> None:
        self._cell_styles = cell_styles(capabilities.colors, bare=not capabilities.extras)
        self._spell: Callable[[str], str] | None = _in_ascii if capabilities.ascii else None
        self._erases = capabilities.erases
        self._relative = capabilities.relative
        self._cursor: CellPosition | None = None  # where that of the terminal is, if that is known
        self._style: CellStyle | None = None  # in which the terminal would write, likewise
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Begins anew in another size."""
        self.size = size
        self._rows = [[_UNKNOWN] * size[0] for _ in range(size[1])]
        self.forget()

    def forget(self) -> None:
        """From now on nothing is known of what the terminal shows: all of it is to be sent."""
        self._sent = [[_UNKNOWN] * self.size[0] for _ in range(self.size[1])]
        self._changed = set(range(self.size[1]))
        self._cursor = self._style = None

    def send_narrow(self) -> None:
        """From now on nothing is sent that the terminal may take for two columns where Textual counts one."""
        self._spell = narrow_character
        self.forget()

    @property
    def is_sent(self) -> bool:
        """Whether the terminal shows what is to be seen."""
        return not self._changed

    def apply_update(self, update: CompositorUpdate) -> None:
        """Puts in what Textual has composed: the whole screen, or the parts of rows that are new."""
        if isinstance(update, LayoutUpdate):
            for y, strips in enumerate(update.strips, update.region.y):
                self._put(update.region.x, y, [segment for strip in strips for segment in strip])
        elif isinstance(update, ChopsUpdate):
            for y, first, last in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is not None and x <= last and end > first:
                        self._put(x, y, strip if end <= last else strip.crop(0, last - x))

    def _put(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        width, height = self.size
        if not (0 <= x < width and 0 <= y < height):
            return  # it was composed for another size
        cells = [cell for segment in segments for cell in self._cells(segment)][: width - x]
        row, stop = self._rows[y], x + len(cells)
        if row[x:stop] != cells:
            row[x:stop] = cells
            for edge in (x, stop):
                _blank_halves(row, edge)
            self._changed.add(y)

    def _cells(self, segment: Segment) -> Iterable[ScreenCell]:
        text, style, control = segment
        if control:
            return ()
        shown, blank = self._cell_styles(style or _NO_STYLE)
        if text.isspace() and text.isprintable():
            return [(" ", blank)] * len(text)
        chars: Iterable[str] = text if _SINGLE.issuperset(text) else _characters(text)
        return [(char, blank if char == " " else shown) for char in chars]

    def changes(self) -> str:
        """What turns the screen that was sent into the one that is to be seen; from now on it is sent."""
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
        skipped = self._rewritten(x, y)
        pieces.append(self._move((x, y)) if skipped is None else skipped)
        self._cursor = x, y
        for cell, run in groupby(self._sent[y][x:stop]):
            sequence, self._style = change(self._style, cell[1])
            pieces.append(sequence)
            self._write(pieces, cell[0], len(list(run)))

    def _write(self, pieces: list[str], char: str, count: int) -> None:
        """Writes the same character some times; a long blank is erased, which takes its background."""
        assert self._cursor is not None
        (x, y), width = self._cursor, self.size[0]
        end = (x + count, y) if x + count < width else None  # beyond the last column terminals differ
        if char == " " and count > _MOST_BLANKS and self._erases:
            pieces.append("\x1b[K" if end is None else f"{_csi('X', count)}{self._move(end)}")
            self._cursor = end or self._cursor
        else:
            pieces.append(char * count)
            self._cursor = end

    def _rewritten(self, x: int, y: int) -> str | None:
        """What stands between the cursor and a place to its right, where it is shorter than a move, in one style."""
        if self._cursor is None or self._cursor[1] != y or not 0 < x - self._cursor[0] <= _MOST_REWRITTEN:
            return None
        cells = self._sent[y][self._cursor[0] : x]
        text = "".join(char for char, _ in cells)
        # Where somebody types the cursor may be at half of what is wide.
        fits = cells[0][0] and not any(change(self._style, style)[0] for _, style in cells)
        return text if fits and len(text.encode()) <= len(self._move((x, y))) else None

    def cursor_to(self, place: CellPosition) -> str:
        """What moves the cursor to where somebody types; nothing where that is outside of the screen."""
        (x, y), (width, height) = place, self.size
        if not (0 <= x < width and 0 <= y < height):
            return ""
        moved, self._cursor = self._move(place), place
        return moved

    def _move(self, place: CellPosition) -> str:
        return move(self._cursor if self._relative else None, place)


def _spelled(row: list[ScreenCell], spell: Callable[[str], str]) -> list[ScreenCell]:
    """The cells of a row in other characters: with a dash for each dot between two parts, and the rest by `spell`."""
    chars = [char for char, _ in row]
    beside = zip([" ", *chars], [*chars[1:], " "], strict=False)
    return [
        ("-" if char == "·" and around == (" ", " ") else spell(char), style)
        for (char, style), around in zip(row, beside, strict=True)
    ]


def _in_ascii(char: str) -> str:
    return ascii_character(char) or " "  # a blank is the right half of what was wide


def _characters(text: str) -> Iterator[str]:
    """For each cell of the text what stands in it; what would steer the terminal is a blank.

    There are as many as Textual counts. Of what terminals disagree about, which make one sign of many or a sign wider,
    only the first character is kept, and blanks for the rest.
    """
    for start, end, width in split_graphemes(text)[0]:
        if not width:
            continue
        first = _of_a_flag(text[start]) if text[start].isprintable() else " "
        own = cell_len(first)
        yield first + "".join(takewhile(_is_a_mark, text[start + 1 : end]))
        yield from [""] * (own - 1)
        yield from [" "] * (width - own)


def _is_a_mark(char: str) -> bool:
    return category(char).startswith("M") and char != _EMOJI_SELECTOR


def _of_a_flag(char: str) -> str:
    """The letter in the place of one that makes a flag together with another."""
    number = ord(char) - _FLAG_A
    return chr(ord("A") + number) if 0 <= number < 26 else char


def _blank_halves(row: list[ScreenCell], edge: int) -> None:
    """Makes a blank of what is wide and was parted at an edge, as terminals do: one half of it cannot be sent."""
    if edge < 1:
        return
    has_left = cell_len(row[edge - 1][0]) == 2
    has_right = edge < len(row) and not row[edge][0]
    if has_left != has_right:
        half = edge - has_left
        row[half] = " ", row[half][1]


def _spans(sent: list[ScreenCell], row: list[ScreenCell]) -> Iterator[tuple[int, int]]:
    """The spans of cells that differ; each ends with the right half of what is wide, which cannot be sent by itself."""
    first = None
    for x, (old, new) in enumerate(zip(sent, row, strict=True)):
        if old != new:
            first = x if first is None else first
        elif first is not None and new[0]:
            yield first, x
            first = None
    if first is not None:
        yield first, len(row)


@lru_cache(maxsize=1024)  # more of them would be memory of every session of a class
def move(start: CellPosition | None, end: CellPosition) -> str:
    """The shortest sequence that moves the cursor; LF is to move it down and nothing else (OPOST is off)."""
    x, y = end
    absolute = _csi("H", y + 1, x + 1) if x else _csi("H", y + 1) if y else "\x1b[H"
    if start is None:
        return absolute
    down = y - start[1]
    if down == 0:
        return min(_across(start[0], x), absolute, key=len)
    if 0 < down <= 4:
        return min("\n" * down + _across(start[0], x), absolute, key=len)
    return min((_csi("B", down) if down > 0 else _csi("A", -down)) + _across(start[0], x), absolute, key=len)


def _csi(letter: str, *numbers: int) -> str:
    """A control sequence. Terminals ignore one with a number below 1, and what is drawn after it would be elsewhere."""
    if min(numbers) < 1:
        raise ValueError(f"no place on a screen: {numbers} for {letter}")
    return f"\x1b[{';'.join(map(str, numbers))}{letter}"


def _across(start: int, end: int) -> str:
    """The shortest sequence to another column."""
    by = end - start
    choices = [_csi("G", end + 1), "\r" + (_csi("C", end) if end > 1 else "\x1b[C" if end else "")]
    if by >= 0:
        choices.append("" if by == 0 else "\x1b[C" if by == 1 else _csi("C", by))
    else:
        choices += ["\b" * -by, _csi("D", -by)]
    return min(choices, key=len)
