"""ResultRows: the results of a sweep's runs, a row for each cell, as NumPy columns; KnownRows: those done so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.language import N_

# `status` of ResultRows is an index of this; files have the words in English.
STATUSES = (N_("converged"), N_("finished"), N_("diverged"), N_("failed"))
CONVERGED, FINISHED, DIVERGED, FAILED = range(len(STATUSES))
VERDICTS = ("", "optimum", "converged", "far")  # `verdict` is an index of this; a cell that failed has ""
COLUMNS = ("status", "verdict", "epochs", "updates", "mean_loss", "least", "a", "b", "c", "error")  # after what varies


def best_of(status: NDArray[np.int8], mean_loss: Array, least: Array, cell: NDArray[np.int64]) -> int | None:
    """Returns the index of the row whose mean loss is nearest to the least one that its samples allow.

    Of equals, but for rounding, it is the first cell's; None if no run ended well. The mean loss alone would favor the
    seed whose noise is smallest, whatever the run did.
    """
    losses = np.where((status == DIVERGED) | (status == FAILED), np.inf, np.maximum(mean_loss - least, 0))
    first = np.lexsort((cell, losses))[:1]
    return int(first[0]) if np.isfinite(losses[first]).any() else None


@dataclass(frozen=True, eq=False)
class ResultRows:
    """The results of some cells of a sweep, n rows.

    `cell`: int64, shape (n,). `status`, `verdict`: int8, shape (n,), indices of STATUSES and VERDICTS. `epochs`,
    `updates`: int64, shape (n,), whole epochs done and all updates done, including those of an epoch in which the
    numbers overflowed. `mean_loss`: float64, shape (n,), in units of y², at the end; inf after an overflow, nan for a
    cell that failed. `least`: float64, shape (n,), the mean loss of the optimum. `w`: float64, shape (n, 3), a, b and c
    in coordinates of x; nan after an overflow and for a cell that failed. `errors`: why a cell failed, by its number.
    """

    cell: NDArray[np.int64]
    status: NDArray[np.int8]
    verdict: NDArray[np.int8]
    epochs: NDArray[np.int64]
    updates: NDArray[np.int64]
    mean_loss: Array
    least: Array
    w: Array
    errors: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cell)

    @classmethod
    def empty(cls, count: int) -> ResultRows:
        """Allocates so many rows to be filled in: cell −1, status failed, numbers nan or 0."""
        none, unknown = np.zeros(count, dtype=np.int64), np.full(count, np.nan)
        return cls(
            cell=none - 1,
            status=np.full(count, FAILED, dtype=np.int8),
            verdict=np.zeros(count, dtype=np.int8),
            epochs=none,
            updates=none.copy(),
            mean_loss=unknown,
            least=unknown.copy(),
            w=np.full((count, 3), np.nan),
        )

    @classmethod
    def failed(cls, cells: Sequence[int], error: str) -> ResultRows:
        """Makes the rows of cells that could not be trained, with the reason."""
        rows = cls.empty(len(cells))
        rows.cell[:] = cells
        return replace(rows, errors=dict.fromkeys(map(int, cells), error))

    @classmethod
    def joined(cls, parts: Iterable[ResultRows]) -> ResultRows:
        """Joins parts, which come in any order, into rows in the order of their cells."""
        parts = [cls.empty(0), *parts]
        arrays: Any = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
        errors = {cell: why for part in parts for cell, why in part.errors.items()}
        rows = cls(**arrays, errors=errors)
        return rows if (np.diff(rows.cell) > 0).all() else rows.part(np.argsort(rows.cell))

    def part(self, chosen: slice | NDArray[np.intp] | NDArray[np.bool_]) -> ResultRows:
        """Returns some of the rows, by a slice, indices or a mask."""
        arrays: Any = {name: getattr(self, name)[chosen] for name in _ARRAYS}
        cells = arrays["cell"].tolist() if self.errors else []
        return ResultRows(**arrays, errors={cell: self.errors[cell] for cell in cells if cell in self.errors})


_ARRAYS = [column.name for column in fields(ResultRows) if column.name != "errors"]


class KnownRows:
    """A collection of the rows done so far of `cells`, which increase; chunks of rows are added in any order."""

    def __init__(self, cells: NDArray[np.int64]) -> None:
        self.cells = cells
        self._rows = ResultRows.empty(len(cells))
        self._errors: dict[int, str] = {}
        self._is_known: NDArray[np.bool_] = np.zeros(len(cells), dtype=bool)

    @property
    def left(self) -> NDArray[np.int64]:
        """The numbers of the cells that must still be trained, increasing."""
        return self.cells[~self._is_known]

    def rows(self) -> ResultRows:
        """Returns the rows done so far, in the order of their cells; callers must not change them."""
        rows = replace(self._rows, errors=self._errors)
        return rows if self._is_known.all() else rows.part(self._is_known)

    def add(self, rows: ResultRows) -> ResultRows:
        """Adds rows, and returns those of cells that had none yet; called with the rows of each chunk."""
        new = self._new_rows(rows)
        self._store(new)
        return new

    def _new_rows(self, rows: ResultRows) -> ResultRows:
        """Returns the rows of cells that have none yet, each cell once, in the order of the cells."""
        rows = rows.part(np.argsort(rows.cell, kind="stable"))
        is_new = ~self._is_known[self._places(rows.cell)]
        is_new[1:] &= rows.cell[1:] != rows.cell[:-1]
        return rows.part(is_new)

    def _store(self, rows: ResultRows) -> None:
        """Stores new rows at the indices of their cells."""
        places = self._places(rows.cell)
        for name in _ARRAYS:
            getattr(self._rows, name)[places] = getattr(rows, name)
        self._errors |= rows.errors
        self._is_known[places] = True

    def _places(self, cells: NDArray[np.int64]) -> NDArray[np.intp]:
        """Returns the indices of cells; raises ValueError if one does not belong to this sweep."""
        places: NDArray[np.intp] = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        if not np.array_equal(self.cells[places], cells):
            raise ValueError("cells of another sweep")
        return places
