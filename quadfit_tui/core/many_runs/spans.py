"""Spans: many whole epochs of many runs at once, with the same bits as FastForward computes for one run.

The arithmetic is that of plan_maps.py, for runs that share the momentum and all of the schedule but the rate.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import BLOCK_LENGTH, Maps
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

RunIndices = NDArray[np.intp]  # the numbers of some runs
# Limits of all runs in a piece, which takes some milliseconds.
MOST_RATES = 4096
MOST_MAPS = affine_maps.CHUNK // 2  # at most CHUNK, or the maps of a run would depend on the others


class RunStates(NamedTuple):
    """The states of all runs, of which those that have done `epoch` epochs start a span.

    `w`, as trained, has the shape (3, R), `slots`, the optimizer's memory, (slots, 3, R). `order` is that of the
    samples in the next epoch.
    """

    epoch: int
    w: Array
    slots: Array
    order: Order | None


class SpanEnds(NamedTuple):
    """The ends of the spans of N runs: the runs' numbers, and the epochs that each has done then, shape (N,).

    `w`, as trained, and `velocity` have the shape (N, 3), `stops` and `span_from`, shape (N,), are as in EpochSpan.
    `orders` are those of the epochs, counted from the start.
    """

    runs: RunIndices
    epochs: NDArray[np.intp]
    w: Array
    velocity: Array
    stops: NDArray[np.bool_]
    span_from: NDArray[np.intp]
    orders: Orders | None


SpanSteps = Generator[SpanEnds | None, None, None]


class _Alike(NamedTuple):
    """N runs that share a plan except the rates: `counts` are the lengths of R stretches, `lr` the rates, (N, R)."""

    forward: FastForward
    counts: tuple[int, ...]
    runs: RunIndices
    lr: Array

    def part(self, chosen: NDArray[np.intp]) -> _Alike:
        """Returns the runs at these indices."""
        return self._replace(runs=self.runs[chosen], lr=self.lr[chosen])


class Spans:
    """Computation of spans for the runs of VectorizedRuns, if `possible`; it may leave some of the runs out."""

    def __init__(self, tasks: Sequence[FitTask]) -> None:
        self._tasks = tasks
        self._config = tasks[0].config
        self._schedule = SCHEDULES[self._config.schedule]
        self._factor = CONVENTIONS[self._config.gradient]
        self._shared_names = (*OPTIMIZERS[self._config.optimizer].parameters, *self._schedule.parameters)
        self._forwards: dict[tuple[float, ...], FastForward] = {}  # by dataset and values of the shared parameters
        self.possible = FastForward(tasks[0]).possible

    def compute(self, runs: RunIndices, start: RunStates) -> SpanSteps:
        """Computes a span for each of these runs, step by step; yields the ends of some, or None after a step.

        The runs must have the same samples. Runs that it leaves out appear in no result: the caller must train them in
        another way.
        """
        alike: dict[tuple[float, ...], list[int]] = {}
        for run in runs.tolist():
            task = self._tasks[run]
            values = tuple(getattr(task.config, name) for name in self._shared_names)
            alike.setdefault((id(task.problem), *values), []).append(run)
        yield None
        for key, members in alike.items():
            if len(members) > 1:
                if key not in self._forwards:
                    self._forwards[key] = FastForward(self._tasks[members[0]])
                counts = self._forwards[key].plan(start.epoch).counts
                most = max(2, MOST_RATES // len(counts))
                for low in range(0, len(members), most):
                    some = members[low : low + most]
                    yield from self._of_alike(self._planned(self._forwards[key], counts, some, start.epoch), start)

    def _planned(self, forward: FastForward, counts: tuple[int, ...], runs: list[int], epoch: int) -> _Alike:
        """Returns those of the runs whose plan from `epoch` on has the stretches `counts`, with their rates."""
        firsts = [*accumulate(counts[:-1], initial=epoch)]
        configs = [self._tasks[run].config for run in runs]
        alike = _Alike(
            forward,
            counts,
            np.array(runs),
            np.array([[self._schedule.rate(config, first) for first in firsts] for config in configs]),
        )
        if self._config.shuffle:
            return alike
        # A plan merges stretches of the same rate: if that can happen, a run has a plan of its own.
        short = all(
            count <= self._schedule.plateau_epochs(configs[0], first)
            for count, first in zip(counts, firsts, strict=True)
        )
        return alike.part(np.flatnonzero(short & (alike.lr[:, 1:] != alike.lr[:, :-1]).all(axis=1)))

    def _of_alike(self, alike: _Alike, start: RunStates) -> SpanSteps:
        """Computes the spans of runs that share a plan, in pieces of limited size and of equal arithmetic."""
        forward, counts = alike.forward, alike.counts
        order, orders = forward.draw_orders(start.order, sum(counts))
        batches = forward.batches(order)
        last = forward.last_batch(order)
        momentum = forward.momentum
        rates = alike.lr * self._factor
        maps_of_run = len(counts) * max(*counts, batches.gradients.shape[1], len(forward.problem.x) // BLOCK_LENGTH)
        most = MOST_MAPS // max(maps_of_run, 0 if last is None else last[0].size // BLOCK_LENGTH)
        harmless = affine_maps.is_nonexpansive(batches.steepest, rates.max(axis=1, initial=0), momentum)
        for some in _pieces(harmless, most):
            weights = affine_maps.norm_weights(batches.steepest, rates[some], momentum)
            first, epoch = batches.repeated(len(some)).maps(rates[some].reshape(-1), momentum, weights)
            yield None
            deviations = epoch.deviation.reshape(len(some), len(counts), *epoch.deviation.shape[1:])
            for part in _pieces(affine_maps.count_squarings(deviations, max(counts)), most):
                places = np.add.outer(part * len(counts), np.arange(len(counts))).reshape(-1)
                firsts, epochs = (Maps(maps.deviation[places], maps.growth[places]) for maps in (first, epoch))
                maps = plan_maps(firsts, epochs, counts, weights, len(part))
                chosen = alike.part(some[part])
                results = forward.epochs(start.epoch, counts, chosen.lr, maps, last, self._vectors(chosen, start))
                yield None
                reached = yield from self._reached(chosen, start, results)
                yield reached._replace(orders=orders)

    def _vectors(self, alike: _Alike, start: RunStates) -> Array:
        """Returns the vectors to which maps apply, (w, 1) or (w, v, 1) of each run, w relative to the center."""
        forward, runs = alike.forward, alike.runs
        w = start.w[:, runs].T - forward.problem.center
        velocity = start.slots[0, :, runs] if forward.momentum.velocity_gain else np.empty((len(runs), 0))
        return np.concatenate([w, velocity, np.ones((len(runs), 1))], axis=1)

    def _reached(self, alike: _Alike, start: RunStates, results: SoundEpochs) -> Generator[None, None, SpanEnds]:
        """Returns the ends of spans: each ends before rounding spoils it, or after the epoch that stops the run."""
        runs, problem = alike.runs, alike.forward.problem
        every = np.arange(len(runs))
        count = results.lr.shape[1]
        lengths = results.lengths.copy()
        stops = np.zeros(len(runs), dtype=bool)
        judged, tol = STOP_RULES[self._config.stop_on].select_loss, self._config.tol
        if judged is not None:
            mean_loss, errors = problem.quadratic_loss.losses(results.trained_w)
            near = ~(judged(results.loss, mean_loss) - errors >= tol) & (np.arange(count) < lengths[:, np.newaxis])
            looking = every[near.any(axis=1)]  # the runs with epochs left to look at
            looks = 0
            while len(looking):
                rows = near[looking].argmax(axis=1)
                if looks * len(problem.x) > MOST_LOOKS:
                    lengths[looking] = rows
                    break
                mean_loss = mean_losses(results.trained_w[looking, rows].T, [problem])
                yield None
                stop = judged(results.loss[looking, rows], mean_loss) < tol
                stops[looking[stop]] = True
                lengths[looking[stop]] = rows[stop] + 1
                near[looking, rows] = False
                looking = looking[~stop & near[looking].any(axis=1)]
                looks += 1
        w, velocity = results.trained_w[every, lengths - 1], results.velocity[every, lengths - 1]
        return SpanEnds(runs, start.epoch + lengths, w, velocity, stops, results.span_from, None)


def _pieces(kinds: NDArray[np.generic], most: int) -> list[NDArray[np.intp]]:
    """Groups indices by the value of `kinds` at them; splits each group into pieces of at most `most`, or of one."""
    groups = [np.flatnonzero(kinds == kind) for kind in sorted({*kinds.tolist()})]
    return [group[low : low + max(1, most)] for group in groups for low in range(0, len(group), max(1, most))]
