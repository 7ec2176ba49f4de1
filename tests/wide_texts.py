"""A pseudo-locale: texts whose letters, digits and signs are as they were, but take two columns, as Chinese ones do."""

from rich.cells import cell_len

_WIDE = {code: chr(code + 0xFEE0) for code in range(ord("!"), ord("~") + 1)}


def widened(text):
    """A text in wide characters; blanks stay."""
    return text.translate(_WIDE)


def narrowed(text):
    """A widened text as it was."""
    return text.translate({ord(wide): chr(code) for code, wide in _WIDE.items()})


def starts(line, part):
    """The column of a terminal in which a part of a line begins."""
    assert part in line
    return cell_len(line.partition(part)[0])


def widest(lines):
    """The columns of the longest line."""
    return max(map(cell_len, lines))
