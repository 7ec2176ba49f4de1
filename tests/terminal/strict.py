"""What a terminal is sent, judged by the standard: terminals, and pyte, say nothing of what they do not know."""

import re

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
