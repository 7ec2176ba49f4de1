"""Spans: many whole epochs of many runs at once, each as FastForward does them of one, to the last bit.

By the same arithmetic, of plan_maps.py: runs go together that have the momentum and the lengths of their stretches in
common. Those whose updates may make more and more of w are left to FastForward.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import BLOCK, Maps
from quadfit_tui.core.many_runs.measures import mean_losses
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.fast_forward import MOST_LOOKS, FastForward, pause_after
from quadfit_tui.core.training.plan_maps import LastUpdates, before_last, last_updates, plan_maps
from quadfit_tui.core.training.record import Order
from quadfit_tui.core.training.record_log import Orders

Runs = NDArray[np.intp]  # some of them, by their numbers
AT_ONCE = 8192  # maps of all runs in a piece: what stays in the processor's cache


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

    `w`, as trained, and `velocity` have the shape (3, N), `stops` and `span_from`, shape (N,), are as of an EpochSpan.
    `orders` are those of the epochs, counted from the start.
    """

    runs: Runs
    epochs: NDArray[np.intp]
    w: Array
    velocity: Array
    stops: NDArray[np.bool_]
    span_from: NDArray[np.intp]
    orders: Orders | None

    def part(self, kept: NDArray[np.bool_]) -> Reached:
        """Some of the runs."""
        runs, epochs, w, velocity, stops, span_from, orders = self
        return Reached(runs[kept], epochs[kept], w[:, kept], velocity[:, kept], stops[kept], span_from[kept], orders)


Pieces = Generator[Reached | None, None, None]


class Spans:
    """The spans of runs of the same samples, which may differ in what SideBySide allows."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks, self._config, self._problem = tasks, tasks[0].config, tasks[0].trained
        self._parameters = OPTIMIZERS[self._config.optimizer].parameters
        self._forwards: dict[tuple[float, ...], FastForward] = {}
        self.possible = FastForward(tasks[0]).possible

    def of(self, runs: Runs, start: Start) -> Pieces:
        """Takes runs on by a span each, piece by piece; of those that it leaves out it tells nothing."""
        alike: dict[tuple[FastForward, tuple[int, ...]], dict[int, tuple[float, ...]]] = {}
        for run in runs.tolist():
            config = self._tasks[run].config
            given = tuple(getattr(config, name) for name in self._parameters)
            if given not in self._forwards:
                self._forwards[given] = FastForward(self._tasks[run])
            plan = self._forwards[given].plan(config, start.epoch)
            alike.setdefault((self._forwards[given], plan.counts), {})[run] = plan.rates
        for (forward, counts), rates in alike.items():
            if len(rates) > 1:
                yield from self._alike(forward, counts, start, np.array([*rates]), np.array([*rates.values()]))

    def _alike(self, forward: FastForward, counts: tuple[int, ...], start: Start, runs: Runs, lr: Array) -> Pieces:
        """Those of runs with the rates `lr`, shape (N, R), each for so many epochs as `counts` has."""
        order, orders = forward.ordered(start.order, sum(counts))
        batches, momentum = forward.batches(order), forward.momentum
        last, factor = forward.last_batch(order), CONVENTIONS[self._config.gradient]
        rates, stretches = lr * factor, np.arange(len(counts))
        samples = 0 if last is None else last[0].shape[1]
        work = max(len(counts) * max(*counts, batches.gradients.shape[1], len(self._problem.x) // BLOCK), samples)
        for some in _pieces(affine_maps.is_harmless(batches.steepest, rates.max(axis=1), momentum), AT_ONCE // work):
            weights = affine_maps.norm_weights(batches.steepest, rates[some], momentum)
            first, epoch = batches.repeated(len(some)).maps(rates[some].reshape(-1), momentum, weights, len(some))
            each = epoch.deviation.reshape(len(some), len(counts), *epoch.deviation.shape[1:])
            for part in _pieces(affine_maps.doublings(each, max(counts)), len(some)):
                at = (part[:, np.newaxis] * len(counts) + stretches).reshape(-1)
                first_of, epoch_of = (Maps(maps.deviation[at], maps.growth[at]) for maps in (first, epoch))
                maps = plan_maps(first_of, epoch_of, counts, weights, len(part))
                chosen = runs[some[part]]
                w, velocity = (
                    start.w[:, chosen].T,
                    start.slots[0, :, chosen] if momentum.carry else np.empty((len(part), 0)),
                )
                vectors = np.concatenate([w - self._problem.center, velocity, np.ones((len(part), 1))], axis=1)
                rows, sound = before_last(maps, counts, vectors, self._problem)
                rate = np.repeat(lr[some[part]], counts, axis=1)
                done = last_updates(self._problem, last, momentum, factor, rate, rows)
                yield None
                reached = yield from self._reached(chosen, start, sound & done.sound, done, pause_after(counts), orders)
                yield reached if maps.whole is None else reached.part(~affine_maps.is_growing(maps.whole))

    def _reached(
        self,
        runs: Runs,
        start: Start,
        sound: NDArray[np.bool_],
        done: LastUpdates,
        pause: int,
        orders: Orders | None,
    ) -> Generator[None, None, Reached]:
        """Where the spans end: where rounding spoils them, or the run stops."""
        every, count = np.arange(len(runs)), sound.shape[1]
        whole = sound.all(axis=1)
        lengths = np.where(whole, count, sound.argmin(axis=1))
        pauses = np.where(4 * lengths < pause, pause, 0)
        span_from = np.where(whole, 0, start.epoch + lengths + pauses)
        stops = np.zeros(len(runs), dtype=bool)
        judged, tol = STOP_RULES[self._config.stop_on].judged, self._config.tol
        if judged is not None:
            mean_loss, lost = self._problem.loss_form.losses(done.w)
            near = ~(judged(done.loss, mean_loss) - lost >= tol) & (np.arange(count) < lengths[:, np.newaxis])
            looked_at, looks = every[near.any(axis=1)], 0
            while len(looked_at):
                at = near[looked_at].argmax(axis=1)
                if looks * len(self._problem.x) > MOST_LOOKS:
                    lengths[looked_at] = at
                    break
                mean_loss = yield from mean_losses(done.w[looked_at, at].T, self._problem)
                stop = judged(done.loss[looked_at, at], mean_loss) < tol
                stops[looked_at[stop]], lengths[looked_at[stop]] = True, at[stop] + 1
                near[looked_at, at] = False
                looked_at, looks = looked_at[~stop & near[looked_at].any(axis=1)], looks + 1
        moved = lengths > 0
        w = np.where(moved, done.w[every, lengths - 1].T, start.w[:, runs])
        velocity = done.velocity[every, lengths - 1].T
        return Reached(runs, start.epoch + lengths, w, velocity, stops, span_from, orders)


def _pieces(kinds: NDArray[np.generic], most: int) -> list[NDArray[np.intp]]:
    """The places of each kind, in pieces of at most so many, and at least one."""
    found = []
    for kind in sorted({*kinds.tolist()}):
        places = np.flatnonzero(kinds == kind)
        found += [places[low : low + max(1, most)] for low in range(0, len(places), max(1, most))]
    return found
