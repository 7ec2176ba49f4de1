"""Spans: many whole epochs of many runs at once, each as FastForward does them of one, to the last bit.

The arithmetic is that of plan_maps.py, for runs that have the momentum and all of the schedule but the rate in common.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import BLOCK, Maps
from quadfit_tui.core.many_runs.measures import mean_losses
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.fast_forward import MOST_LOOKS, FastForward, SoundEpochs
from quadfit_tui.core.training.plan_maps import plan_maps
from quadfit_tui.core.training.record import Order
from quadfit_tui.core.training.record_log import Orders

RunIndices = NDArray[np.intp]  # some of them, by their numbers
# Of all runs in a piece, which takes some milliseconds.
MOST_RATES = 4096
MOST_MAPS = affine_maps.AT_ONCE // 2  # no more than AT_ONCE, or the maps of a run would depend on the others


class Start(NamedTuple):
    """Where all runs are that have done so many epochs: w as trained, shape (3, R), what the optimizer keeps, shape
    (slots, 3, R), and the order of the samples in the next epoch.
    """

    epoch: int
    w: Array
    slots: Array
    order: Order | None


class Reached(NamedTuple):
    """Where spans took N runs: their numbers, and the epochs that each has done then, shape (N,).

    `w`, as trained, and `velocity` have the shape (N, 3), `stops` and `span_from`, shape (N,), are as of an EpochSpan.
    `orders` are those of the epochs, counted from the start.
    """

    runs: RunIndices
    epochs: NDArray[np.intp]
    w: Array
    velocity: Array
    stops: NDArray[np.bool_]
    span_from: NDArray[np.intp]
    orders: Orders | None


SpanSteps = Generator[Reached | None, None, None]


class _Alike(NamedTuple):
    """Runs that go together: the rates of each, shape (N, R), for so many epochs as `counts` has."""

    forward: FastForward
    counts: tuple[int, ...]
    runs: RunIndices
    lr: Array

    def part(self, chosen: NDArray[np.intp]) -> _Alike:
        return self._replace(runs=self.runs[chosen], lr=self.lr[chosen])


class Spans:
    """The spans of runs that VectorizedRuns trains: where they are `possible`, those of all, but for a few left out."""

    def __init__(self, tasks: Sequence[FitTask]) -> None:
        self._tasks, self._config = tasks, tasks[0].config
        self._schedule, self._factor = SCHEDULES[self._config.schedule], CONVENTIONS[self._config.gradient]
        self._given = (*OPTIMIZERS[self._config.optimizer].parameters, *self._schedule.parameters)
        self._forwards: dict[tuple[float, ...], FastForward] = {}  # of the samples of some, and what else these share
        self.possible = FastForward(tasks[0]).possible

    def of(self, runs: RunIndices, start: Start) -> SpanSteps:
        """Takes runs of the same samples on by a span each, piece by piece; of those it leaves out it tells nothing."""
        alike: dict[tuple[float, ...], list[int]] = {}
        for run in runs.tolist():
            task = self._tasks[run]
            given = tuple(getattr(task.config, name) for name in self._given)
            alike.setdefault((id(task.problem), *given), []).append(run)
        yield None
        for given, members in alike.items():
            if len(members) > 1:
                if given not in self._forwards:
                    self._forwards[given] = FastForward(self._tasks[members[0]])
                counts = self._forwards[given].plan(start.epoch).counts
                most = max(2, MOST_RATES // len(counts))
                for low in range(0, len(members), most):
                    some = members[low : low + most]
                    yield from self._of_alike(self._planned(self._forwards[given], counts, some, start.epoch), start)

    def _planned(self, forward: FastForward, counts: tuple[int, ...], runs: list[int], epoch: int) -> _Alike:
        """The runs that have the plan of the first one, but for the rates."""
        firsts = [*accumulate(counts[:-1], initial=epoch)]
        configs = [self._tasks[run].config for run in runs]
        found = _Alike(
            forward,
            counts,
            np.array(runs),
            np.array([[self._schedule.rate(config, at) for at in firsts] for config in configs]),
        )
        if self._config.shuffle:
            return found
        # In a plan, stretches of the same rate are one: where that may be so, each run has a plan of its own.
        short = all(
            count <= self._schedule.plateau_epochs(configs[0], at) for count, at in zip(counts, firsts, strict=True)
        )
        return found.part(np.flatnonzero(short & (found.lr[:, 1:] != found.lr[:, :-1]).all(axis=1)))

    def _of_alike(self, alike: _Alike, start: Start) -> SpanSteps:
        forward, counts = alike.forward, alike.counts
        order, orders = forward.ordered(start.order, sum(counts))
        batches, last, momentum = forward.batches(order), forward.last_batch(order), forward.momentum
        rates = alike.lr * self._factor
        maps_of_run = len(counts) * max(*counts, batches.gradients.shape[1], len(forward.problem.x) // BLOCK)
        most = MOST_MAPS // max(maps_of_run, 0 if last is None else last[0].size // BLOCK)
        harmless = affine_maps.is_nonexpansive(batches.steepest, rates.max(axis=1, initial=0), momentum)
        for some in _pieces(harmless, most):
            weights = affine_maps.norm_weights(batches.steepest, rates[some], momentum)
            first, epoch = batches.repeated(len(some)).maps(rates[some].reshape(-1), momentum, weights)
            yield None
            deviations = epoch.deviation.reshape(len(some), len(counts), *epoch.deviation.shape[1:])
            for part in _pieces(affine_maps.doublings(deviations, max(counts)), most):
                places = np.add.outer(part * len(counts), np.arange(len(counts))).reshape(-1)
                firsts, epochs = (Maps(maps.deviation[places], maps.growth[places]) for maps in (first, epoch))
                maps = plan_maps(firsts, epochs, counts, weights, len(part))
                chosen = alike.part(some[part])
                done = forward.epochs(start.epoch, counts, chosen.lr, maps, last, self._vectors(chosen, start))
                yield None
                reached = yield from self._reached(chosen, start, done)
                yield reached._replace(orders=orders)

    def _vectors(self, alike: _Alike, start: Start) -> Array:
        """What the maps act on: (w, 1) or (w, v, 1) of each run."""
        forward, runs = alike.forward, alike.runs
        w = start.w[:, runs].T - forward.problem.center
        velocity = start.slots[0, :, runs] if forward.momentum.velocity_gain else np.empty((len(runs), 0))
        return np.concatenate([w, velocity, np.ones((len(runs), 1))], axis=1)

    def _reached(self, alike: _Alike, start: Start, done: SoundEpochs) -> Generator[None, None, Reached]:
        """Where the spans end: where rounding spoils them, or the run stops."""
        runs, problem = alike.runs, alike.forward.problem
        every, count, lengths = np.arange(len(runs)), done.lr.shape[1], done.lengths.copy()
        stops = np.zeros(len(runs), dtype=bool)
        judged, tol = STOP_RULES[self._config.stop_on].judged, self._config.tol
        if judged is not None:
            mean_loss, lost = problem.quadratic_loss.losses(done.trained_w)
            near = ~(judged(done.loss, mean_loss) - lost >= tol) & (np.arange(count) < lengths[:, np.newaxis])
            looking, looks = every[near.any(axis=1)], 0
            while len(looking):
                at = near[looking].argmax(axis=1)
                if looks * len(problem.x) > MOST_LOOKS:
                    lengths[looking] = at
                    break
                mean_loss = mean_losses(done.trained_w[looking, at].T, [problem])
                yield None
                stop = judged(done.loss[looking, at], mean_loss) < tol
                stops[looking[stop]], lengths[looking[stop]] = True, at[stop] + 1
                near[looking, at] = False
                looking, looks = looking[~stop & near[looking].any(axis=1)], looks + 1
        w, velocity = done.trained_w[every, lengths - 1], done.velocity[every, lengths - 1]
        return Reached(runs, start.epoch + lengths, w, velocity, stops, done.span_from, None)


def _pieces(kinds: NDArray[np.generic], most: int) -> list[NDArray[np.intp]]:
    """The places of each kind, in pieces of at most so many, and at least one."""
    places = [np.flatnonzero(kinds == kind) for kind in sorted({*kinds.tolist()})]
    return [each[low : low + max(1, most)] for each in places for low in range(0, len(each), max(1, most))]
