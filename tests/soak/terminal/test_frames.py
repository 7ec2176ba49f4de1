"""How many bytes a frame takes, against the fewest that turn one screen into the next."""

import re
from itertools import groupby

import pyte
import pytest
from harness import QUESTION
from trials import drawn

# Sequences that only pyte does not know, and the modes that are set at the start.
ATTRIBUTES = {"bold": ("1", "22"), "italics": ("3", "23"), "underscore": ("4", "24"), "reverse": ("7", "27")}
_PRIVATE = re.compile(rb"\x1b\[(?:[>=]\d+|<)u|\x1b\[\?\d+\$p")


def look(cell):
    """What is seen of a cell: of a blank neither ink nor weight."""
    if cell.data == " " and not cell.underscore and not cell.reverse:
        return " ", None, cell.bg, ()
    return cell.data, cell.fg, cell.bg, tuple(name for name in ATTRIBUTES if getattr(cell, name))


def color_codes(color, background):
    """The parameters of SGR for a color as pyte tells it: of the 256 colors, by their number."""
    if color == "default":
        return "49" if background else "39"
    number = pyte.graphics.FG_BG_256.index(color)
    return f"{48 if background else 38};5;{number}"


def recolor(pen, cell):
    """Bytes that change the pen so that a cell can be written, and the pen after that."""
    ink, paper, attributes = pen
    codes = [ATTRIBUTES[name][1] for name in attributes if name not in cell[3] and cell[1] is not None]
    codes += [ATTRIBUTES[name][0] for name in cell[3] if name not in attributes]
    if cell[1] is not None and cell[1] != ink:
        codes.append(color_codes(cell[1], False))
    if cell[2] != paper:
        codes.append(color_codes(cell[2], True))
    new = (ink if cell[1] is None else cell[1], cell[2], attributes if cell[1] is None else cell[3])
    return (len(f"\x1b[{';'.join(codes)}m") if codes else 0), new


def jump(start, end):
    """Bytes of the shortest of all moves of the cursor (ECMA-48: CUP, CHA, CUF, CUB, CUD, CR, LF, BS)."""
    (x0, y0), (x, y) = start, end
    down = y - y0
    vertical = 0 if down == 0 else min(abs(down) if down > 0 else 99, 3 if abs(down) == 1 else 3 + len(str(abs(down))))
    across = 0 if x == x0 else min(3 + len(str(x + 1)), 3 if abs(x - x0) == 1 else 3 + len(str(abs(x - x0))))
    if x < x0:
        across = min(across, x0 - x, 1 if x == 0 else 99)
    return min(vertical + across, len(f"\x1b[{y + 1};{x + 1}H"))


def fewest(before, after, pen):
    """Bytes of the cells that differ, with the moves between them and the changes of color; cells in two orders.

    Row by row as they are read, or pen by pen; between two of a row, what stands there may be written again.
    """
    changed = [
        (y, x)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for x, (one, other) in enumerate(zip(old, new, strict=True))
        if one != other
    ]
    by_pen = [place for _, group in _by_pen(changed, after) for place in group]
    return min(_cost(changed, after, pen), _cost(by_pen, after, pen))


def _by_pen(changed, after):
    key = lambda place: str(after[place[0]][place[1]][1:])  # noqa: E731
    return groupby(sorted(changed, key=key), key=key)


def _cost(places, after, pen):
    total, at = 0, None
    for y, x in places:
        cell = after[y][x]
        if at is None:
            total += len(f"\x1b[{y + 1};{x + 1}H")
        elif at != (x, y):
            between = after[y][at[0] : x] if at[1] == y and at[0] < x else None
            again = sum(len(each[0].encode()) + recolor(pen, each)[0] for each in between) if between else 999
            total += min(jump(at, (x, y)), again)
        cost, pen = recolor(pen, cell)
        total += cost + len(cell[0].encode())
        at = (x + 1, y)
    return total


def test_unchanged_map_costs_no_bytes(terminal):
    app = terminal("-p", "playground", "-n", "30", "--view", "map", "--speed", "30", answers=True)
    app.until("of the limit")
    app.until("fastest")
    app.read(0.5)
    before = len(app.output)
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    stream.feed(_PRIVATE.sub(b"", app.output))
    first = next(y for y, row in enumerate(screen.display) if "6 Map" in row) + 1
    last = next(y for y, row in enumerate(screen.display) if row.rstrip().endswith("learning rate"))
    assert last - first > 5
    screen.dirty.clear()
    app.send(" ")
    app.until("FINISHED")
    app.read(0.2)
    stream.feed(_PRIVATE.sub(b"", app.output[before:]))
    assert len(app.output) - before > 2000
    assert screen.dirty & {*range(first, last + 1)} == set()


@pytest.mark.parametrize("view", drawn(["fit", "surface", "loss"], 1))
def test_frame_size_is_near_minimum(terminal, view):
    app = terminal("-p", "article", "--view", view, "--speed", "10", answers=True)
    app.until("of the limit")
    app.read(0.3)
    before = len(app.output)
    app.send(" ")
    app.until("CONVERGED")
    app.read(0.2)

    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    stream.feed(_PRIVATE.sub(b"", app.output[:before]))
    ratios, sent, least = [], 0, 0
    for frame in app.output[before:].split(QUESTION)[:-1]:
        old = [[look(screen.buffer[y][x]) for x in range(80)] for y in range(24)]
        held = screen.cursor.attrs
        pen = (held.fg, held.bg, tuple(name for name in ATTRIBUTES if getattr(held, name)))
        stream.feed(_PRIVATE.sub(b"", frame))
        new = [[look(screen.buffer[y][x]) for x in range(80)] for y in range(24)]
        few = fewest(old, new, pen)
        assert few > 0  # no frame without a change
        sent, least = sent + len(frame) + len(QUESTION), least + few
        ratios.append(len(frame) / few)
    assert len(ratios) > 10  # of 25 epochs, of which a busy machine skips some
    assert max(ratios) <= 1.5
    assert sent / least <= 1.5  # with the question behind each frame
