"""ChartSpec: what a chart shows, as plain data. A View makes it, chart.py draws it; neither knows the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.session import Snapshot

Array = NDArray[np.float64]
Range = tuple[float, float]


class Role(StrEnum):
    """What a cell of a chart belongs to, in one letter; its colour is the style sheet's."""

    BLANK = " "
    AXIS = "a"
    TRUE = "t"
    FITTED = "f"
    SAMPLES = "s"
    BATCH = "b"


@dataclass(frozen=True, eq=False)
class Series:
    """Points (x, y), each array of shape (n,), joined to a line or marked each.

    They may lie anywhere, also at infinity: what is outside the chart's window is not drawn. A series without a label
    is not in the legend.
    """

    role: Role
    x: Array
    y: Array
    line: bool = False
    label: str = ""


@dataclass(frozen=True, eq=False)
class ChartSpec:
    """A window onto the plane, and the series in it, a later one over an earlier one."""

    x_range: Range
    y_range: Range
    series: tuple[Series, ...]
    x_name: str = "x"
    y_name: str = "y"


class View(NamedTuple):
    """A way to look at a run: draws a Snapshot in one of `windows`; the run says which one to begin with."""

    draw: Callable[[Snapshot, str], ChartSpec]
    windows: tuple[str, ...]
    default_window: Callable[[Snapshot], str]
