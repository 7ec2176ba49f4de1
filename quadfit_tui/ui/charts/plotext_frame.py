"""The frame of a chart as plotext draws it, for a chart that is printed: the only importer of plotext."""

from __future__ import annotations

import re

import plotext

from quadfit_tui.ui.charts.frame import Ruler
from quadfit_tui.ui.charts.spec import Role, Row

_PAINTED = 1  # a color of plotext's palette, to be read back from its output
_PAINT = re.compile(r"\x1b\[([\d;]*)m")

plotext.terminal.limit(False, False)  # or charts are cut to the size of the terminal


def frame(width: int, height: int, x: Ruler, y: Ruler) -> tuple[Row, ...]:
    """An empty chart, by plotext. One synchronous call: plotext draws on one global figure."""
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, height)
    figure.axes(active=False, side=1)
    figure.axes(pixel=_PAINTED, side=0)
    for axis, ruler in enumerate((x, y)):
        drawn = figure.ruler(axis, 0)
        drawn.lim(*ruler.limits())
        drawn.ticks(*ruler.ticks())
        drawn.pixel(_PAINTED)
    return tuple(_decode(line, width) for line in figure.build().string().splitlines()[:height])


def _decode(line: str, width: int) -> Row:
    """Text and roles from a line with paint in it."""
    text, roles, role = "", "", Role.BLANK
    for index, part in enumerate(_PAINT.split(line)):
        if index % 2:
            if not part.startswith("48;"):  # the background's own color stands for nothing
                role = Role.AXIS if part.rpartition(";")[2] == str(_PAINTED) else Role.BLANK
        else:
            text += part
            roles += role * len(part)
    return Row(text.ljust(width)[:width], roles.ljust(width)[:width])
