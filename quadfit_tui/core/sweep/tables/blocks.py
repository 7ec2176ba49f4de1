"""Blocks: some rows of a sweep as lists by the names of their columns, as files have them; and rows made of such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.sweep.rows import COLUMNS, DIVERGED, STATUSES, VERDICTS, Rows
from quadfit_tui.core.training.loss_curve import LossCurve

Block = dict[str, list[Any]]  # lists of equal length; None for what is not there
LONGEST = 10_000  # rows of a block as they are written: so much is held twice

_WHOLE, _REAL = ("epochs", "updates"), ("mean_loss", "least")
_NUMBERS = {status: at for at, status in enumerate(STATUSES)}
_VERDICTS = {verdict or None: at for at, verdict in enumerate(VERDICTS)}


def block_of(rows: Rows) -> Block:
    """The columns of rows as lists: status and verdict in words, None for each nan, and where there is no error."""
    cells = rows.cell.tolist()
    block: Block = {"cell": cells, "status": [STATUSES[at] for at in rows.status.tolist()]}
    block["verdict"] = [VERDICTS[at] or None for at in rows.verdict.tolist()]
    block |= {name: getattr(rows, name).tolist() for name in _WHOLE}
    block |= {name: without_nan(getattr(rows, name)) for name in _REAL}
    block |= {name: without_nan(rows.w[:, at]) for at, name in enumerate(PARAMETER_NAMES)}
    return block | {"error": [rows.errors.get(cell) for cell in cells] if rows.errors else [None] * len(cells)}


def rows_of(block: Mapping[str, Sequence[Any]]) -> Rows:
    """The rows of such a block, which may have no inf; raises ValueError where it is none."""
    try:
        columns = {name: block[name] for name in ("cell", *COLUMNS)}
        if len(set(map(len, columns.values()))) != 1:
            raise ValueError("columns of several lengths")
        status = np.array([_NUMBERS[word] for word in columns["status"]], dtype=np.int8)
        verdict = np.array([_VERDICTS[word] for word in columns["verdict"]], dtype=np.int8)
        whole = {name: _numbers(columns[name], np.int64) for name in ("cell", *_WHOLE)}
        real = {name: _numbers(columns[name], np.float64) for name in (*_REAL, *PARAMETER_NAMES)}
    except (KeyError, TypeError, OverflowError, AttributeError) as damaged:
        raise ValueError("not the columns of rows") from damaged
    mean_loss = real["mean_loss"]
    mean_loss[np.isnan(mean_loss) & (status == DIVERGED)] = np.inf  # which JSON cannot write
    w = np.column_stack([real[name] for name in PARAMETER_NAMES])
    told = columns["error"]
    errors = {} if not any(told) else {cell: str(why) for cell, why in zip(columns["cell"], told, strict=True) if why}
    return Rows(status=status, verdict=verdict, **whole, mean_loss=mean_loss, least=real["least"], w=w, errors=errors)


def without_nan(column: Array) -> list[float | None]:
    """A column as a list, with None for each nan."""
    return [None if value != value else value for value in column.tolist()]


def _numbers(values: Sequence[Any], kind: type) -> Any:
    if not set(map(type, values)) <= ({int} if kind is np.int64 else {int, float, type(None)}):
        raise TypeError("not numbers")
    return np.array(values, dtype=kind)


def curve_of(block: Mapping[str, Any]) -> tuple[int, LossCurve]:
    """The cell and the curve of a line of the journal; raises ValueError where it is none."""
    try:
        cell = _numbers([block["curve"]], np.int64)
        epoch = _numbers(block["epoch"], np.int64)
        mean_loss = _numbers(block["mean_loss"], np.float64)
    except (KeyError, TypeError, OverflowError) as damaged:
        raise ValueError("not a curve") from damaged
    if len(epoch) != len(mean_loss):
        raise ValueError("columns of several lengths")
    return int(cell[0]), LossCurve(epoch, mean_loss)
