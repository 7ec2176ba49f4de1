"""What a terminal is sent, judged by the standard: terminals, and pyte, say nothing of what they do not know."""

import re
from unicodedata import east_asian_width

import pyte
from rich.cells import cell_len

_NUMBER = rb"[1-9]\d*"
# Moves, erasing, pens, modes, questions, the keyboard protocol, a pointer's shape, what is copied, ink and paper asked.
_KNOWN = re.compile(
    rb"\x1b\[(?P<row>%(n)s)?(?:;(?P<column>%(n)s))?H|\x1b\[(?P<across>%(n)s)?[CDGX]|\x1b\[(?P<down>%(n)s)?[AB]|\x1b\[[JK]"
    rb"|\x1b\[(?:\d+(?:;\d+)*)?m|\x1b\[\?\d+(?:[hl]|\$p)|\x1b\[6n|\x1b\[(?:[>=]1|<)u"
    rb"|\x1b\]22;[a-z-]*\x07|\x1b\]52;c;[\w+/=]*\x07|\x1b\]1[01];\?(?:\x07|\x1b\\)|[\r\n\b\x07]|[^\x00-\x1f\x7f]+"
    % {b"n": _NUMBER}
)


def refused(output, size):
    """The first sequence that a terminal of so many rows and columns does not have to know; else nothing."""
    output.decode()
    rows, columns = size
    at = 0
    while at < len(output):
        known = _KNOWN.match(output, at)
        if known is None:
            return output[at : at + 20]
        limits = {"row": rows, "down": rows - 1, "column": columns, "across": columns}
        if any(int(known[name] or 0) > limit for name, limit in limits.items()):
            return known[0]
        at = known.end()
    return b""


HALF = "\ufffd"  # what is left where half of a wide character is written over or erased


class StrictScreen(pyte.Screen):
    """A screen that repairs nothing: half of a wide character stays as garbage, and beyond the last column is nothing.

    `ambiguous`: the columns of a character whose East Asian width is (Unicode's UAX 11), 1 or 2.
    """

    def __init__(self, columns, lines, ambiguous=1):
        self._ambiguous = ambiguous
        super().__init__(columns, lines)

    def draw(self, data):
        for char in data:
            width = self._ambiguous if east_asian_width(char) == "A" and cell_len(char) else cell_len(char)
            x, line = self.cursor.x, self.buffer[self.cursor.y]
            if not width:
                line[x - 1] = line[x - 1]._replace(data=line[x - 1].data + char)
                continue
            assert x + width <= self.columns, f"{char} in column {x} of {self.columns}"
            self._part(x, x + width)
            line[x] = self.cursor.attrs._replace(data=char)
            if width == 2:
                line[x + 1] = self.cursor.attrs._replace(data="")
            self.cursor.x += width

    def erase_characters(self, count=None):
        self._part(self.cursor.x, self.cursor.x + (count or 1))
        super().erase_characters(count)

    def erase_in_line(self, how=0, private=False):
        self._part(self.cursor.x, self.columns)
        super().erase_in_line(how, private)

    def _part(self, *edges):
        """Leaves garbage of each wide character that is parted by what happens between two columns."""
        line = self.buffer[self.cursor.y]
        for edge in edges:
            if 0 < edge < self.columns and not line[edge].data:
                line[edge - 1] = line[edge] = line[edge]._replace(data=HALF)
