"""sweep: thousands of runs that differ in some parameters, trained by all processors; Sweep: what they came to."""

from __future__ import annotations

import operator
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quadfit_tui.core.config.other_names import did_you_mean_name
from quadfit_tui.core.config.own_values import format_typed_value, to_python, value_text
from quadfit_tui.core.config.parameters import OF_FILES, PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.run_values import SweepValues
from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.numbers import format_count, format_short, format_vector
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.notebook import html_page
from quadfit_tui.library.playing import Session
from quadfit_tui.library.results import library_named, read_only
from quadfit_tui.library.samples import ReadOnly, task_of
from quadfit_tui.sweeps.columns import RUN, CommandLines, SweepColumn, file_values, varied_columns
from quadfit_tui.sweeps.engines.engine import MOST_JOBS, WorkersLostError, results
from quadfit_tui.sweeps.head import digest_of
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS, ResultRows, best_of
from quadfit_tui.sweeps.space import MOST_CELLS, Space
from quadfit_tui.sweeps.work import SweepJob

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_LOOK = 0.1  # seconds between two calls of `progress`
_OF_FILES = frozenset({"data", *OF_FILES})  # parameters that change the samples read from a file


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(ReadOnly):
    """The results of n runs that differ in some parameters: arrays with a row for each, in the order of their cells.

    `base` is the RunConfig that they have in common, `axes` has the values of each parameter that varies, `left_out`
    describes the combinations that are no runs, a sentence each. `cell`: int64, shape (n,), the number of each run
    among all combinations that are. `status`: shape (n,), "converged", "finished", "diverged" or "failed" (it could not
    be trained: `errors` has the reason, by cell). `verdict`: shape (n,), the outcome: "optimum", "converged" (the
    mean loss is below tol), "far", or empty if it failed. `epochs` and `updates`: int64, shape (n,), those that were
    done. `mean_loss`: float64, shape (n,), the mean squared error at the end, in units of y²: inf if the numbers
    overflowed, nan if it failed. `least`: the same at the optimum. `w`: float64, shape (n, 3), a, b and c at the end,
    nan if the numbers overflowed or it failed. All else are those of `train`, to the last bit, but that an epoch in
    which the numbers overflowed is not counted as done. The arrays cannot be changed.
    """

    base: RunConfig
    axes: Mapping[str, tuple[Any, ...]]
    left_out: tuple[str, ...]
    cell: NDArray[np.int64]
    epochs: NDArray[np.int64]
    updates: NDArray[np.int64]
    mean_loss: Array
    least: Array
    w: Array
    errors: Mapping[int, str]
    _status: NDArray[np.int8]
    _verdict: NDArray[np.int8]
    _work: SweepJob
    _digests: Mapping[str, str]

    @classmethod
    def of(cls, work: SweepJob, digests: Mapping[str, str], parts: list[ResultRows]) -> Sweep:
        """Makes the Sweep of the rows that were trained, given in any order."""
        rows = ResultRows.joined(parts)
        names = ("cell", "epochs", "updates", "mean_loss", "least", "w")
        return cls(
            base=work.space.base,
            axes=dict(work.space.axes),
            left_out=work.space.left_out,
            errors=rows.errors,
            _status=read_only(rows.status),
            _verdict=read_only(rows.verdict),
            _work=work,
            _digests=digests,
            **{name: read_only(getattr(rows, name)) for name in names},
        )

    def __len__(self) -> int:
        return len(self.cell)

    def __getstate__(self) -> dict[str, Any]:
        """Returns the fields that pickle writes, without the cached arrays, which are computed again when used."""
        return {name: value for name, value in vars(self).items() if name not in ("status", "verdict", "columns")}

    @cached_property
    def status(self) -> NDArray[np.str_]:
        """The status of each run, as words: shape (n,)."""
        return read_only(np.array(STATUSES)[self._status])

    @cached_property
    def verdict(self) -> NDArray[np.str_]:
        """The verdict on each run, as words: shape (n,)."""
        return read_only(np.array(VERDICTS)[self._verdict])

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """All columns by name, shape (n,) each: cell, what varies and seed, then status to error, and run.

        `run` is the command that trains the run alone, empty for samples of your own that no file holds. What varies
        has numbers, or text if not all of its values are numbers; nan or None if it makes no difference to a run.
        `max_epochs` is the limit of a run, if that varies, `epochs` those that it did.
        """
        columns: dict[str, NDArray[Any]] = {"cell": self.cell}
        varied = {"seed": [self.base.seed] * len(self), **self._work.space.columns(self.cell)}
        for column in varied_columns(self.axes):
            columns[column.name] = read_only(_array(column, varied[column.parameter]))
        error = np.array([None, *map(self.errors.get, self.cell.tolist())], dtype=object)[1:]
        names = ("status", "verdict", "epochs", "updates", "mean_loss", "least")
        columns |= {name: getattr(self, name) for name in names}
        commands = np.array(CommandLines(self._work.space, self._digests).of(self.cell), dtype=np.str_)
        columns |= dict(zip("abc", self.w.T, strict=True))
        return MappingProxyType(columns | {"error": read_only(error), RUN: read_only(commands)})

    @property
    def best(self) -> int | None:
        """The cell whose mean loss is nearest to its least, the first of equals; None if all diverged or failed."""
        return None if self._best_row is None else int(self.cell[self._best_row])

    @property
    def _best_row(self) -> int | None:
        """The row of the best run; None if all diverged or failed."""
        return best_of(self._status, self.mean_loss, self.least, self.cell)

    def config(self, cell: SupportsIndex) -> RunConfig:
        """Returns the RunConfig of a cell, by its number, also of one that was not trained; raises IndexError."""
        return self._work.space.config(operator.index(cell))

    def to_pandas(self) -> pd.DataFrame:
        """Returns a frame of pandas with a row for each run, and the columns of the files of `quadfit-tui sweep`.

        Raises ImportError if pandas is not installed.
        """
        frame: pd.DataFrame = library_named("pandas", "to_pandas").DataFrame(dict(self.columns))
        return frame

    def to_polars(self) -> pl.DataFrame:
        """Returns a frame of polars with a row for each run, and the columns of the files of `quadfit-tui sweep`.

        Values that are nan are null there, as in the files. Raises ImportError if polars is not installed.
        """
        polars = library_named("polars", "to_polars")
        columns = {
            name: polars.Series(values.tolist(), dtype=polars.String) if values.dtype.kind in "UO" else values
            for name, values in self.columns.items()
        }
        frame: pl.DataFrame = polars.DataFrame(columns, nan_to_null=True)
        return frame

    def __repr__(self) -> str:
        varied = ", ".join(self.axes) or "nothing"
        best = (
            "none came to an end"
            if self._best_row is None
            else f"best {self.best}, mean loss {format_short(self.mean_loss[self._best_row])}"
        )
        return f"<Sweep: {format_count(len(self), 'run')} by {varied}; {best}>"

    def _repr_html_(self) -> str:
        counts = {status: int((self.status == status).sum()) for status in STATUSES}
        rows = {"runs": f"{len(self):,}", **{status: f"{count:,}" for status, count in counts.items() if count}}
        if self.best is None or self._best_row is None:
            return html_page(rows, None)
        config, w = self.config(self.best), self.w[self._best_row]
        rows |= {"best": str(self.best), **{name: PARAMETERS[name].show(getattr(config, name)) for name in self.axes}}
        mean_loss, least = self.mean_loss[self._best_row], self.least[self._best_row]
        rows |= {"mean_loss": format_short(mean_loss), "least": format_short(least), "w": format_vector(w)}
        task = self._work.task(self.best)
        return html_page(rows, replace(Session(task).snapshot(), trained_w=task.from_x(w)))


class SweepProgress(NamedTuple):
    """The progress of a sweep: numbers of runs that are done, that are left, and that failed among those done."""

    done: int
    left: int
    failed: int


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl+C was pressed during a sweep; `sweep` is the Sweep of the runs that were done, of `asked` in all."""

    def __init__(self, sweep: Sweep, asked: int) -> None:
        super().__init__(sweep, asked)
        self.sweep = sweep
        self.asked = asked

    def __str__(self) -> str:
        return f"interrupted after {len(self.sweep)} of {format_count(self.asked, 'run')}"


def sweep(
    base: RunConfig,
    axes: SweepValues,
    *,
    seeds: Iterable[SupportsIndex] | None = None,
    random: SupportsIndex | None = None,
    jobs: SupportsIndex | None = None,
    executor: Executor | None = None,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    missing: Missing = None,
    progress: Callable[[SweepProgress], object] | None = None,
) -> Sweep:
    """Trains a run for each combination of the values of some parameters, the others as in `base`; returns the results.

    `axes` has the values of each parameter, by its name: `{"lr": [0.1, 0.3], "optimizer": ["sgd", "adam"]}`. `seeds`
    are the values of the seed, which varies last. `random` is how many of the combinations to train, drawn without
    replacement, always the same ones; None: all. `jobs` is how many processes train them, None: as many as there are
    processors to use; if there is little work, this process does it alone. An `executor` replaces the processes: any
    one of concurrent.futures, or that acts as such, with `jobs` workers, None: as many as it reports. None of these
    changes a bit of the results (for more than 10,000 samples, if BLAS has one thread). `x`, `y` and `missing` are
    those of `train`.

    It warns of seeds that have no effect on any run. `progress` is called some times a second, and at the end, with a
    SweepProgress, whose `done`, `left` and `failed` count runs. Raises ConfigError if a value is refused, or has no
    effect on any run; SweepInterrupted, with the runs so far, on Ctrl+C; RuntimeError, whose `sweep` has them, if a
    process that trains dies.
    """
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            f"executor must be an Executor of concurrent.futures, or None, got {format_typed_value(executor)}"
        )
    count = _whole("jobs", jobs, MOST_JOBS if executor is None else MOST_CELLS)
    task = task_of(base, x, y, missing)
    space = Space(task.config, _values(axes, seeds, x is not None))
    if space.idle_seeds:
        warnings.warn(space.idle_seeds, stacklevel=2)
    is_given = task.config.data is not None and not _OF_FILES.intersection(space.axes)
    work = SweepJob(space, task.problem if is_given else None)
    digests = {task.config.data: task.problem.sha256} if is_given and task.config.data else {}
    for name in filter(None, space.axes.get("data", ())):
        with suppress(ConfigError):  # the rows of the file have the reason
            digests[name] = digest_of(name)
    asked = _whole("random", random, len(space))
    cells = np.arange(len(space)) if asked is None else space.drawn(asked)
    parts, done, failed, reported = list[ResultRows](), 0, 0, 0.0
    try:
        with closing(results(work, cells, jobs=count, executor=executor)) as chunks:
            for rows in chunks:
                parts.append(rows)
                done, failed = done + len(rows), failed + len(rows.errors)
                now = time.monotonic()
                if progress is not None and (now - reported >= _LOOK or done == len(cells)):
                    progress(SweepProgress(done, len(cells) - done, failed))
                    reported = now
    except KeyboardInterrupt:
        raise SweepInterrupted(Sweep.of(work, digests, parts), len(cells)) from None
    except WorkersLostError as lost:
        lost.sweep = Sweep.of(work, digests, parts)
        raise
    return Sweep.of(work, digests, parts)


def _whole(name: str, value: SupportsIndex | None, most: int) -> int | None:
    """Parses a caller's number of runs or processes, from 1 to `most`; raises ConfigError."""
    if value is None:
        return None
    own, kind = to_python(value), Integer(1, most)
    try:
        return kind.parse(own)
    except ValueError as refused:
        raise ConfigError((name,), value_text(own), str(refused), kind.allowed) from None


def _values(axes: SweepValues, seeds: Iterable[SupportsIndex] | None, is_given: bool) -> dict[str, list[Any]]:
    """Checks a caller's axes and seeds; returns their values as lists; raises ConfigError, or TypeError if no dict."""
    if not isinstance(axes, Mapping):
        raise TypeError(f"axes must be a dict, such as {{'lr': [0.1, 0.3]}}, got {format_typed_value(axes)}")
    checked = {}
    for name, values in axes.items():
        if name not in PARAMETERS:
            reason = did_you_mean_name("is no parameter of a run", str(name), PARAMETERS)
            raise ConfigError(("axes",), value_text(name), reason, ", ".join(PARAMETERS))
        if name == "data" and is_given:
            raise ConfigError((name,), value_text(values), "cannot vary", "without samples of your own")
        checked[name] = _listed(name, values, f"[{PARAMETERS[name].default!r}]")
    if seeds is not None:
        if "seed" in checked:
            raise ConfigError(("seeds",), value_text(seeds), "cannot be used", "None where axes has 'seed'")
        checked["seed"] = _listed("seeds", seeds, "range(20)")
    return checked


def _listed(name: str, values: Any, such: str) -> list[Any]:
    """Returns a caller's iterable of values as a list; raises ConfigError, with `such` as an example, if it is none."""
    if not isinstance(values, str | bytes):
        with suppress(TypeError):  # not iterable; some objects raise only when they are iterated
            listed = [*islice(values, MOST_CELLS + 1)]
            if listed:
                return listed
    raise ConfigError((name,), value_text(values), "is not a list of values", f"one value or more, such as {such}")


def _array(column: SweepColumn, values: list[Any]) -> NDArray[Any]:
    """Makes the array of a column: numbers, with nan for None; or text, of objects if None is among the values."""
    cells = file_values(column, values)
    if column.kind == "text":
        return np.array([None, *cells], dtype=object)[1:] if None in cells else np.array(cells, dtype=np.str_)
    return np.array(cells if None not in cells else [np.nan if value is None else value for value in cells])
