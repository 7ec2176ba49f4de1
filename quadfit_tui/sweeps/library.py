"""sweep: thousands of runs that differ in some parameters, trained by all processors; Sweep: what they came to."""

from __future__ import annotations

import operator
import time
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
from quadfit_tui.core.config.own_values import shown, to_python, value_text
from quadfit_tui.core.config.parameters import OF_FILES, PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.run_values import SweepValues
from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.numbers import counted, short, vector
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.notebook import html_page
from quadfit_tui.library.playing import Session
from quadfit_tui.library.results import library_named, read_only
from quadfit_tui.library.samples import ReadOnly, task_of
from quadfit_tui.sweeps.columns import RUN, CommandLines, SweepColumn, shown_values, varied_columns
from quadfit_tui.sweeps.engines.engine import MOST_JOBS, WorkersLostError, results
from quadfit_tui.sweeps.head import digest_of
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS, ResultRows, best_of
from quadfit_tui.sweeps.space import MOST_CELLS, Space
from quadfit_tui.sweeps.work import SweepJob

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_LOOK = 0.1  # seconds between two looks at how far it has come
_OF_FILES = frozenset({"data", *OF_FILES})  # parameters that make the samples of a file others


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(ReadOnly):
    """Runs that differ in some parameters: n of them, of which each array has a row, in the order of their cells.

    `base` is the RunConfig that they have in common, `axes` has the values of each parameter that varies, `left_out`
    tells which combinations of these are no runs, a sentence each. `cell`: int64, shape (n,), the number of each run
    among all combinations that are. `status`: shape (n,), "converged", "finished", "diverged" or "failed" (it could not
    be trained: `errors` tells why, by cell). `verdict`: shape (n,), where it has come to: "optimum", "converged" (the
    mean loss is below tol), "far", or empty where it failed. `epochs` and `updates`: int64, shape (n,), those that were
    done. `mean_loss`: float64, shape (n,), the mean squared error in the end, in units of y²: inf where the numbers
    overflowed, nan where it failed. `least`: the same at the optimum. `w`: float64, shape (n, 3), a, b and c in the
    end, nan where the numbers overflowed or it failed. All are those of `train`, to the last bit. The arrays cannot be
    changed.
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
        """That of some rows, which come in any order."""
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
        """What pickle takes to another process: nothing that is made again where it is asked for."""
        return {name: value for name, value in vars(self).items() if name not in ("status", "verdict", "columns")}

    @cached_property
    def status(self) -> NDArray[np.str_]:
        """How each run ended: shape (n,)."""
        return read_only(np.array(STATUSES)[self._status])

    @cached_property
    def verdict(self) -> NDArray[np.str_]:
        """Where each run has come to: shape (n,)."""
        return read_only(np.array(VERDICTS)[self._verdict])

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """All columns by name, shape (n,) each: cell, what varies and seed, then status to error, and run.

        `run` is the command that trains the run alone, empty for samples of your own, which no file holds. What varies
        has numbers, or text where not all of its values are numbers; nan or None where it makes no difference.
        `max_epochs` is what a run was given, where that varies, `epochs` what it did.
        """
        found: dict[str, NDArray[Any]] = {"cell": self.cell}
        varied = {"seed": [self.base.seed] * len(self), **self._work.space.columns(self.cell)}
        for column in varied_columns(self.axes):
            found[column.name] = read_only(_array(column, varied[column.parameter]))
        error = np.array([None, *map(self.errors.get, self.cell.tolist())], dtype=object)[1:]
        names = ("status", "verdict", "epochs", "updates", "mean_loss", "least")
        found |= {name: getattr(self, name) for name in names}
        commands = np.array(CommandLines(self._work.space, self._digests).of(self.cell), dtype=np.str_)
        found |= dict(zip("abc", self.w.T, strict=True))
        return MappingProxyType(found | {"error": read_only(error), RUN: read_only(commands)})

    @property
    def best(self) -> int | None:
        """The cell with the least mean loss, the first of these; None where all diverged or failed."""
        return None if self._at is None else int(self.cell[self._at])

    @property
    def _at(self) -> int | None:
        """The row of the best."""
        return best_of(self._status, self.mean_loss, self.cell)

    def config(self, cell: SupportsIndex) -> RunConfig:
        """The RunConfig of a cell, by its number, also of one that was not trained; raises IndexError."""
        return self._work.space.config(operator.index(cell))

    def to_pandas(self) -> pd.DataFrame:
        """A frame of pandas with a row for each run, and the columns of the files of `quadfit-tui sweep`.

        Raises ImportError where pandas is not installed.
        """
        frame: pd.DataFrame = library_named("pandas", "to_pandas").DataFrame(dict(self.columns))
        return frame

    def to_polars(self) -> pl.DataFrame:
        """A frame of polars with a row for each run, and the columns of the files of `quadfit-tui sweep`.

        What is nan has no value there, as in the files. Raises ImportError where polars is not installed.
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
            if self._at is None
            else f"best {self.best}, mean loss {short(self.mean_loss[self._at])}"
        )
        return f"<Sweep: {counted(len(self), 'run')} by {varied}; {best}>"

    def _repr_html_(self) -> str:
        counts = {status: int((self.status == status).sum()) for status in STATUSES}
        rows = {"runs": f"{len(self):,}", **{status: f"{count:,}" for status, count in counts.items() if count}}
        if self.best is None or self._at is None:
            return html_page(rows, None)
        config, w = self.config(self.best), self.w[self._at]
        rows |= {"best": str(self.best), **{name: PARAMETERS[name].show(getattr(config, name)) for name in self.axes}}
        rows |= {"mean_loss": short(self.mean_loss[self._at]), "least": short(self.least[self._at]), "w": vector(w)}
        task = self._work.task(self.best)
        return html_page(rows, replace(Session(task).snapshot(), trained_w=task.from_x(w)))


class SweepProgress(NamedTuple):
    """How far a sweep has come: how many runs are done, how many are left, and how many of those done failed."""

    done: int
    left: int
    failed: int


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl+C while a sweep was trained; `sweep` is the Sweep with the runs that were done, of `asked` in all."""

    def __init__(self, sweep: Sweep, asked: int) -> None:
        super().__init__(sweep, asked)
        self.sweep = sweep
        self.asked = asked

    def __str__(self) -> str:
        return f"interrupted after {len(self.sweep)} of {counted(self.asked, 'run')}"


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
    """Trains all runs that differ from one in some parameters: every combination of their values, many side by side.

    `axes` has the values of each, by its name: `{"lr": [0.1, 0.3], "optimizer": ["sgd", "adam"]}`. `seeds` are those of
    the seed, which varies last. `random` is how many of the combinations to train, drawn without replacement, always
    the same ones; None: all. `jobs` is how many processes train them, None: as many as there are processors to use;
    where there is little work, this one does it alone. An `executor` is used in their place: any one of
    concurrent.futures, or that acts as such, with `jobs` workers, None: as many as it says. None of these changes a
    bit of what comes out (of more than 10,000 samples, where BLAS has one thread). `x`, `y` and `missing` are as
    `train` takes them.

    `progress` is called some times a second, and at the end, with an object that has `done`, `left` and `failed`: how
    many runs. Raises ConfigError where a value is refused, or means nothing for any run; SweepInterrupted, with the
    runs so far, on Ctrl+C; RuntimeError, whose `sweep` has them, if a process that trains dies.
    """
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(f"executor must be an Executor of concurrent.futures, or None, got {shown(executor)}")
    count = _whole("jobs", jobs, MOST_JOBS if executor is None else MOST_CELLS)
    task = task_of(base, x, y, missing)
    space = Space(task.config, _values(axes, seeds, x is not None))
    is_given = task.config.data is not None and not _OF_FILES.intersection(space.axes)
    work = SweepJob(space, task.problem if is_given else None)
    digests = {task.config.data: task.problem.sha256} if is_given and task.config.data else {}
    for name in filter(None, space.axes.get("data", ())):
        with suppress(ConfigError):  # of which the rows say why
            digests[name] = digest_of(name)
    asked = _whole("random", random, len(space))
    cells = np.arange(len(space)) if asked is None else space.drawn(asked)
    parts, done, failed, told = list[ResultRows](), 0, 0, 0.0
    try:
        with closing(results(work, cells, jobs=count, executor=executor)) as found:
            for rows in found:
                parts.append(rows)
                done, failed = done + len(rows), failed + len(rows.errors)
                now = time.monotonic()
                if progress is not None and (now - told >= _LOOK or done == len(cells)):
                    progress(SweepProgress(done, len(cells) - done, failed))
                    told = now
    except KeyboardInterrupt:
        raise SweepInterrupted(Sweep.of(work, digests, parts), len(cells)) from None
    except WorkersLostError as lost:
        lost.sweep = Sweep.of(work, digests, parts)
        raise
    return Sweep.of(work, digests, parts)


def _whole(name: str, value: SupportsIndex | None, most: int) -> int | None:
    """A number of runs or processes; raises ConfigError."""
    if value is None:
        return None
    own, kind = to_python(value), Integer(1, most)
    try:
        return kind.parse(own)
    except ValueError as refused:
        raise ConfigError((name,), value_text(own), str(refused), kind.allowed) from None


def _values(axes: SweepValues, seeds: Iterable[SupportsIndex] | None, is_given: bool) -> dict[str, list[Any]]:
    """The values of what varies, as they were given; raises ConfigError, and TypeError for what are no axes."""
    if not isinstance(axes, Mapping):
        raise TypeError(f"axes must be a dict, such as {{'lr': [0.1, 0.3]}}, got {shown(axes)}")
    found = {}
    for name, values in axes.items():
        if name not in PARAMETERS:
            reason = did_you_mean_name("is no parameter of a run", str(name), PARAMETERS)
            raise ConfigError(("axes",), value_text(name), reason, ", ".join(PARAMETERS))
        if name == "data" and is_given:
            raise ConfigError((name,), value_text(values), "cannot vary", "without samples of your own")
        found[name] = _listed(name, values, f"[{PARAMETERS[name].default!r}]")
    if seeds is not None:
        if "seed" in found:
            raise ConfigError(("seeds",), value_text(seeds), "cannot be used", "None where axes has 'seed'")
        found["seed"] = _listed("seeds", seeds, "range(20)")
    return found


def _listed(name: str, values: Any, such: str) -> list[Any]:
    if not isinstance(values, str | bytes):
        with suppress(TypeError):  # it is no iterable, or says so only when asked
            listed = [*islice(values, MOST_CELLS + 1)]
            if listed:
                return listed
    raise ConfigError((name,), value_text(values), "is not a list of values", f"one value or more, such as {such}")


def _array(column: SweepColumn, values: list[Any]) -> NDArray[Any]:
    """What a column has as an array: numbers, with nan for None, or text."""
    found = shown_values(column, values)
    if column.kind == "text":
        return np.array([None, *found], dtype=object)[1:] if None in found else np.array(found, dtype=np.str_)
    return np.array(found if None not in found else [np.nan if value is None else value for value in found])
