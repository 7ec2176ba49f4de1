"""Table: the file of a sweep, whatever its format: facts of its head, columns with their types, rows block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Literal, NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.sweep.head import Head
from quadfit_tui.core.sweep.rows import COLUMNS, Rows
from quadfit_tui.core.sweep.tables.blocks import LONGEST, Block, block_of, without_nan
from quadfit_tui.core.training.loss_curve import LossCurve

Kind = Literal["whole", "real", "flag", "text"]
Put = Callable[[bytes], None]  # writes the next part of a file
Curves = Callable[[], Iterable[tuple[int, LossCurve]]]  # gives the curve of each cell in their order

# The column of what varies has its name, but where a row has that already, for what the run came to.
_OTHER_NAMES = {"epochs": "max_epochs"}
_TEXTS, _WHOLE = ("status", "verdict", "error"), ("cell", "epochs", "updates")
_KINDS: dict[str, Kind] = {**dict.fromkeys(_TEXTS, "text"), **dict.fromkeys(_WHOLE, "whole")}
RESULTS: dict[str, Kind] = {name: _KINDS.get(name, "real") for name in ("cell", *COLUMNS)}


class Column(NamedTuple):
    """A column of the file, and the parameter that it has the values of, empty where it is of what a run came to."""

    name: str
    kind: Kind
    parameter: str = ""


class CurveTable:
    """The mean loss by epoch of cells, as a format writes it: in a file of its own, or as a second table of a file."""

    columns = (Column("cell", "whole"), Column("epoch", "whole"), Column("mean_loss", "real"))

    def __init__(self, head: Head, curves: Curves, folder: str) -> None:
        self.facts = head.facts(folder)
        self._curves = curves

    def blocks(self) -> Iterator[Block]:
        """The points, by the names of the columns in their order: those of so many cells as a block may have."""
        names, begun = [column.name for column in self.columns], list[tuple[Any, ...]]()
        for cell, curve in self._curves():
            begun += zip(repeat(cell), curve.epoch.tolist(), without_nan(curve.mean_loss), strict=False)
            if len(begun) >= LONGEST:
                yield dict(zip(names, map(list, zip(*begun, strict=True)), strict=True))
                begun.clear()
        if begun:
            yield dict(zip(names, map(list, zip(*begun, strict=True)), strict=True))


class Table:
    """What a format writes; `facts` are those of the head, whose files are named from a folder.

    `curves` are those of the sweep, for a format whose files have more than one table.
    """

    def __init__(self, head: Head, rows: Rows, folder: str, curves: CurveTable | None = None) -> None:
        self.facts = head.facts(folder)
        self.curves = curves
        self._head = head
        self._rows = rows
        cell, *results = (Column(name, kind) for name, kind in RESULTS.items())
        self.columns = (cell, *varied_columns(head.space.axes), *results)

    def blocks(self) -> Iterator[Block]:
        """The rows, by the names of the columns in their order."""
        for at in range(0, len(self._rows), LONGEST):
            rows = self._rows.part(slice(at, at + LONGEST))
            found, varied = block_of(rows), self._head.space.columns(rows.cell)
            if "seed" not in varied:
                varied["seed"] = [self._head.space.base.seed] * len(rows)
            yield {
                column.name: shown_values(column, varied[column.parameter]) if column.parameter else found[column.name]
                for column in self.columns
            }


def varied_columns(axes: Mapping[str, Sequence[Any]]) -> list[Column]:
    """The columns of what varies in a sweep, and of the seed."""
    values = {"seed": (0,), **axes}
    return [Column(_OTHER_NAMES.get(name, name), _kind(values[name]), name) for name in dict.fromkeys((*axes, "seed"))]


def _kind(values: Sequence[Any]) -> Kind:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "flag"
    if kinds == {int}:
        return "whole"
    return "real" if kinds == {float} else "text"


def shown_values(column: Column, values: list[Any]) -> list[Any]:
    """Values of what varies as their column has them: where it is of text, each as that."""
    if column.kind != "text":
        return values
    show = PARAMETERS[column.parameter].show
    return [None if value is None else show(value) for value in values]
