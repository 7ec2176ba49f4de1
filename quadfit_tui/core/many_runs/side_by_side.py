"""VectorizedRuns: many runs of equal sample size, trained together to their ends, with the same bits as alone.

As in Timeline, an epoch is trained by a span of epochs at once if there is one, else update by update. The updates of
runs at the same epoch are computed together, in arrays with a column for each run. If these runs are so few that this
would take longer, a trainer runs each of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY
from quadfit_tui.core.many_runs.measures import mean_losses, pieces
from quadfit_tui.core.many_runs.spans import RunIndices, RunStates, SpanEnds, Spans
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import batch_gradients, distinct, sample_gradient
from quadfit_tui.core.model.problem import Stream, generator
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.record import Order, TrainerState, generator_of
from quadfit_tui.core.training.status import Status, status_after_all_epochs
from quadfit_tui.core.training.trainer import Trainer

# The parameters that all runs must share, beside the number of samples: all but the rate, and those that only some
# optimizer or schedule uses.
COMMON = tuple(name for name, row in PARAMETERS.items() if row.group in ("training", "stopping"))
COMMON = tuple(name for name in COMMON if name not in ("lr", *USED_BY))


def most_alone_of(task: FitTask) -> int:
    """Returns the approximate number of runs like this one up to which training one by one is as fast as together."""
    if task.batch > 1:
        return 3
    return 24 if task.config.optimizer == "sgd" else 8


class RunEnd(NamedTuple):
    """The end of a run: status, whole epochs done, mean loss, and w in coordinates of x, shape (3,).

    If its numbers overflowed, the mean loss is inf and w nan; `updates` are all that it did, also within the epoch in
    progress.
    """

    status: Status
    epochs: int
    mean_loss: float
    w: Array
    updates: int


class VectorizedRuns:
    """Many runs trained side by side; `ends` has a RunEnd for each run that has ended, and None for the others."""

    def __init__(self, tasks: Sequence[FitTask], most_alone: int | None = None) -> None:
        """Prepares the runs of these tasks; at most `most_alone` of them are trained one by one, None: if faster.

        The runs may differ in the rate, in the parameters of their optimizer and schedule, in their starts, and in
        their samples and the order of these. Raises ValueError if they differ in the number of samples or in any other
        parameter.
        """
        if not tasks:
            raise ValueError("there are no runs")
        self._tasks = tuple(tasks)
        self._task = tasks[0]
        self._most_alone = most_alone_of(self._task) if most_alone is None else most_alone
        for name in COMMON if len(tasks) > 1 else ():
            if len({getattr(task.config, name) for task in tasks}) > 1:
                raise ValueError(f"runs side by side are of the same {PARAMETERS[name].label}; these are not")
        if len({len(task.problem.x) for task in tasks}) > 1:
            raise ValueError("runs side by side have the same number of samples; these do not")
        config = self._task.config
        count = len(tasks)
        self._optimizer = OPTIMIZERS[config.optimizer]
        # Runs of one set have the same samples in the same order. `_sets` has the number of the set of each run,
        # `_set_tasks` a task for each set.
        orders = [(id(task.problem), task.config.seed if config.shuffle else None) for task in tasks]
        numbers = {order: number for number, order in enumerate(dict.fromkeys(orders))}
        self._sets = np.array([numbers[order] for order in orders])
        self._set_tasks = [*dict(zip(orders, tasks, strict=True)).values()]
        kinds = [(task.config.init, task.config.seed, id(task.problem)) for task in tasks]
        starts = {kind: task.start for kind, task in dict(zip(kinds, tasks, strict=True)).items()}
        self._w = np.stack([starts[kind] for kind in kinds], axis=1)
        self._slots = np.zeros((self._optimizer.slots, 3, count))
        self._epochs = np.zeros(count, dtype=np.intp)
        self._span_from = np.zeros(count, dtype=np.intp)
        # The sample orders of each set by epoch, from the epoch of the slowest run on.
        self._orders: list[dict[int, Order]] = [{} for _ in self._set_tasks]
        if config.shuffle:
            for task, order in zip(self._set_tasks, self._orders, strict=True):
                order[0] = generator(task.config.seed, Stream.ORDER).bit_generator.state
        self._rule: tuple[RunIndices, Callable[..., Any]] | None = (
            None  # the runs that were trained together last, and their rule
        )
        self._spans = Spans(self._tasks)
        self.ends: list[RunEnd | None] = [None] * count
        self._work = self._train()

    @property
    def share(self) -> float:
        """The share of all epochs of all runs that is done, 0 to 1; epochs after the end of a run count as done."""
        most = self._task.config.epochs
        counts = [most if end else epochs for end, epochs in zip(self.ends, self._epochs.tolist(), strict=True)]
        return sum(counts) / (most * len(counts))

    def advance(self, seconds: float) -> bool:
        """Trains the runs for about so many seconds; returns whether all have ended. Raises WorkCancelledError."""
        deadline = time.perf_counter() + seconds
        with np.errstate(all="ignore"):
            for _ in self._work:
                check_cancelled()
                if time.perf_counter() >= deadline:
                    return not len(self._under_way)
        return True

    @property
    def _under_way(self) -> RunIndices:
        """The numbers of the runs that have not ended."""
        return np.array([run for run, end in enumerate(self.ends) if end is None], dtype=np.intp)

    def _train(self) -> Generator[None, None, None]:
        """Trains all runs to their ends, in steps of at most some milliseconds."""
        while len(runs := self._under_way):
            epoch = int(self._epochs[runs].min())
            # The orders of earlier epochs are not needed any more.
            for orders in self._orders:
                for earlier in [number for number in orders if number < epoch]:
                    del orders[earlier]
            runs = runs[self._epochs[runs] == epoch]
            if self._spans.possible:
                trying = runs[self._span_from[runs] <= epoch]
                for number in distinct(self._sets[trying]).tolist():
                    start = RunStates(epoch, self._w, self._slots, self._orders[number].get(epoch))
                    for reached in self._spans.compute(trying[self._sets[trying] == number], start):
                        if reached is not None:
                            self._arrive(reached, number, epoch)
                        yield
            for run in runs[(self._span_from[runs] <= epoch) & (self._epochs[runs] == epoch)].tolist():
                yield from self._spans_alone(run)
                yield
            runs = runs[self._epochs[runs] == epoch]
            if len(runs) > self._most_alone:
                yield from self._epoch_together(runs, epoch)
            else:
                for run in runs.tolist():
                    yield from self._epoch_alone(run)

    def _state(self, run: int) -> TrainerState:
        """Returns the present state of a run, for a trainer or FastForward."""
        epoch = int(self._epochs[run])
        slots = tuple(map(tuple, self._slots[..., run].T.tolist()))
        order = self._orders[self._sets[run]].get(epoch)
        return TrainerState(epoch, 0, self._w[:, run].copy(), slots, order, int(self._span_from[run]))

    def _set_state(self, run: int, state: TrainerState) -> None:
        """Stores the state to which a trainer or a span has brought a run."""
        self._w[:, run] = state.w
        self._slots[..., run] = np.array(state.slots).T
        self._epochs[run] = state.epoch
        if state.order is not None:
            self._orders[self._sets[run]][state.epoch] = state.order

    def _arrive(self, reached: SpanEnds, number: int, epoch: int) -> None:
        """Stores the states of runs of a set at the ends of their spans, and ends runs that stop there."""
        self._span_from[reached.runs] = reached.span_from
        moved = reached.epochs > epoch
        runs, epochs, w = reached.runs[moved], reached.epochs[moved], reached.w[moved].T
        self._w[:, runs] = w
        self._epochs[runs] = epochs
        if len(self._slots):
            self._slots[0, :, runs] = reached.velocity[moved]
        if reached.orders is not None:
            self._orders[number] |= {end: reached.orders[end - epoch] for end in {*epochs.tolist()}}
        stops = reached.stops[moved]
        ended = np.flatnonzero(stops | (epochs >= self._task.config.epochs))
        mean_loss = mean_losses(w[:, ended], [self._set_tasks[number].trained])
        for index, loss in zip(ended.tolist(), mean_loss.tolist(), strict=True):
            self._end(int(runs[index]), loss, stopped=bool(stops[index]))

    def _spans_alone(self, run: int) -> Generator[None, None, None]:
        """Trains one run by spans of many epochs at once, as long as the algebra holds."""
        task = self._tasks[run]
        forward = FastForward(task)
        if not forward.possible:
            self._span_from[run] = task.config.epochs
            return
        while True:
            span = forward.span(self._state(run))
            if span is None:
                return
            self._span_from[run] = span.span_from
            if not span.length:
                return
            self._set_state(run, span.state(span.end))
            if span.stops or span.end >= task.config.epochs:
                self._end(run, task.trained.mean_loss(self._w[:, run]), stopped=span.stops)
                return
            yield

    def _epoch_alone(self, run: int) -> Generator[None, None, None]:
        """Trains an epoch of one run, update by update, by a trainer."""
        trainer = Trainer(self._tasks[run])
        state = self._state(run)
        trainer.restore(state)
        while trainer.epoch == state.epoch and not trainer.overflowed:
            trainer.advance(trainer.chunk)
            yield
        if trainer.overflowed:
            updates = state.epoch * self._task.updates_per_epoch + trainer.update
            self.ends[run] = RunEnd(Status.DIVERGED, state.epoch, math.inf, np.full(3, np.nan), updates)
            return
        self._set_state(run, trainer.state)
        assert trainer.last is not None  # the record of the epoch
        mean_loss = trainer.last.mean_loss or 0.0
        stopped = bool(self._stops(trainer.last.loss, mean_loss))
        if stopped or trainer.epoch >= self._task.config.epochs:
            self._end(run, mean_loss, stopped)

    def _epoch_together(self, runs: RunIndices, epoch: int) -> Generator[None, None, None]:
        """Trains an epoch of these runs together, update by update."""
        config, batch, updates = self._task.config, self._task.batch, self._task.updates_per_epoch
        factor, rate = CONVENTIONS[config.gradient], SCHEDULES[config.schedule].rate
        lr = np.array([rate(self._tasks[run].config, epoch) for run in runs])
        sets = self._sets_of(runs)
        x, y = self._samples(sets, epoch)
        rule = self._rule_of(runs)
        w = self._w[:, runs]
        slots = tuple(self._slots[..., runs])
        worst = np.zeros(len(runs))  # the largest loss of each run; turns inf or nan with any loss, and stays so
        for update in range(updates):
            first = update * batch
            if batch == 1:
                a, b, c = w
                loss, *by_w = sample_gradient(a, b, c, x[first], y[first], factor)
                gradient = np.array(by_w)
            else:
                loss, gradient = np.empty(len(runs)), np.empty_like(w)
                part = slice(first, first + batch)
                for some in pieces(len(runs), batch):
                    chosen = part if x.ndim == 1 else (some, part)
                    loss[some], gradient[:, some] = batch_gradients(w[:, some], x[chosen], y[chosen], factor)
                    yield
            np.maximum(worst, loss, out=worst)
            step, slots = rule(gradient, slots, lr, epoch * updates + update + 1)
            w += step
            yield
        if config.round_epochs is not None:
            w, loss = _rounded(w, config.round_epochs) + 0.0, _rounded(loss, config.round_epochs)
        mean_loss, problems = np.empty(len(runs)), [self._set_tasks[number].trained for number in sets]
        for some in pieces(len(runs), len(problems[0].x)):
            mean_loss[some] = mean_losses(w[:, some], problems if len(problems) == 1 else problems[some])
            yield
        numbers = np.array([*w, *np.reshape(slots, (-1, len(runs))), worst, mean_loss])
        finite: NDArray[np.bool_] = np.isfinite(numbers).all(axis=0)
        for run in runs[~finite].tolist():
            yield from self._epoch_alone(run)  # finds the update at which it diverges
        finished = runs[finite]
        self._w[:, finished] = w[:, finite]
        self._epochs[finished] = epoch + 1
        if slots:
            self._slots[..., finished] = np.array(slots)[..., finite]
        stops = finite & self._stops(loss, mean_loss)
        for index in np.flatnonzero(finite & (stops | (epoch + 1 >= config.epochs))).tolist():
            self._end(int(runs[index]), float(mean_loss[index]), stopped=bool(stops[index]))
            yield

    def _sets_of(self, runs: RunIndices) -> list[int]:
        """Returns the number of the runs' set as the only element, or that of each run if they are of several sets."""
        numbers = self._sets[runs]
        sets: list[int] = (numbers[:1] if (numbers == numbers[0]).all() else numbers).tolist()
        return sets

    def _samples(self, sets: list[int], epoch: int) -> tuple[Array, Array]:
        """Returns x and y in an epoch's order: shape (n,) of a single set, or (R, n); (n, R) if the batch is 1."""
        in_order = {number: self._in_order(number, epoch) for number in dict.fromkeys(sets)}
        x, y = in_order[sets[0]]
        if len(sets) > 1:
            x, y = (np.array([in_order[number][column] for number in sets]) for column in range(2))
        return (np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)) if self._task.batch == 1 else (x, y)

    def _in_order(self, number: int, epoch: int) -> tuple[Array, Array]:
        """Returns x and y of a set in the order of an epoch, and stores the state that draws the next epoch's order."""
        samples = self._set_tasks[number].trained
        x, y = samples.x, samples.y
        orders = self._orders[number]
        if not self._task.config.shuffle:
            return x, y
        rng = generator_of(orders[epoch])
        order = rng.permutation(len(x))
        orders[epoch + 1] = rng.bit_generator.state
        return x[order], y[order]

    def _rule_of(self, runs: RunIndices) -> Callable[..., Any]:
        """Returns the optimizer's rule with these runs' hyperparameters: a number if they share it, else an array."""
        if self._rule is None or not np.array_equal(self._rule[0], runs):
            configs = [self._tasks[run].config for run in runs]
            values = {name: [getattr(config, name) for config in configs] for name in self._optimizer.parameters}
            numbers = {name: np.array(row) if len({*row}) > 1 else row[0] for name, row in values.items()}
            self._rule = runs, self._optimizer.rule_of_runs(numbers)
        return self._rule[1]

    def _stops(self, loss: Any, mean_loss: Any) -> Any:
        """Whether the stopping rule holds for a run's losses, or for each of many runs in arrays."""
        judged = STOP_RULES[self._task.config.stop_on].select_loss
        return False if judged is None else judged(loss, mean_loss) < self._task.config.tol

    def _end(self, run: int, mean_loss: float, stopped: bool) -> None:
        """Records the end of a run after a whole epoch: the rule stopped it, or all epochs are done."""
        status = Status.CONVERGED if stopped else status_after_all_epochs(self._tasks[run], mean_loss)
        w = self._tasks[run].to_x(self._w[:, run].copy())
        epochs = int(self._epochs[run])
        self.ends[run] = RunEnd(status, epochs, mean_loss, w, epochs * self._task.updates_per_epoch)


def _rounded(values: Array, digits: int) -> Array:
    """Rounds values as Python does: NumPy's rounding differs in the last digit."""
    return np.array([round(value, digits) for value in values.ravel().tolist()]).reshape(values.shape)
