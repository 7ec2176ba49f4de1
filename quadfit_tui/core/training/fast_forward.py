"""Trains many whole epochs at once, by the algebra of affine_maps, wherever that is as good as update by update.

What a span of epochs comes to depends on nothing but the FitTask and the TrainerState that it starts from: never on the
clock, nor on how far one wants to go. Where the algebra does not hold (another optimizer, rounding, numbers that run
away) there is no span, or a shorter one, and the trainer goes on update by update.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import norm_weights
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Momentum
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import EPSILON, predict
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.plan_maps import (
    EpochBatches,
    Plan,
    PlanMaps,
    before_last,
    last_updates,
    plan_maps,
)
from quadfit_tui.core.training.record import Order, TrainerState, generator_of
from quadfit_tui.core.training.record_log import ROWS, EpochSpan, Orders

MOST_EPOCHS = 1024  # of a span
MOST_MAPS = 65_536  # updates of an epoch whose maps are made one by one: about 20 ms
MOST_SHUFFLED = 262_144  # samples whose new order and maps take about 20 ms
MOST_WORK = 49_152  # samples that are made into maps for one span: what stays in the processor's cache
MOST_POWERS = 4096  # maps of a span: each stretch gets as many as the longest of them
MOST_LAST = 2**19  # samples of the last updates of a span's epochs
MOST_LOOKS = 2**22  # samples looked at to tell whether the stopping rule holds: some ten milliseconds
LEAST_PAUSE = 8  # epochs, at least, that are trained update by update where a span did not hold
LEAST_GROWTH = 64  # updates of a span of a run that grows: fewer are trained in less time than a span is planned
DRIFT = 1e-8  # what rounding of the map may cost a run that grows, in all its epochs: each adds as much of w


class SoundEpochs(NamedTuple):
    """What the epochs of a plan came to, of N runs: arrays of shape (N, epochs) or (N, epochs, 3) as of an EpochSpan.

    `lengths` says up to where they are good, `span_from` when each run may go on by spans, both of shape (N,).
    """

    lr: Array
    before: Array
    carried: Array
    gradient: Array
    loss: Array
    trained_w: Array
    velocity: Array
    lengths: NDArray[np.intp]
    span_from: NDArray[np.intp]


class FastForward:
    """Trains the epochs of one run in spans, where that is `possible`."""

    def __init__(self, task: FitTask) -> None:
        self._task = task
        self._config = config = task.config
        self.problem = problem = task.trained
        momentum = OPTIMIZERS[config.optimizer].affine(config)
        self.momentum = momentum or Momentum(0, 0, 1)
        self._single = task.batch == 1 and self.momentum.velocity_gain == 0
        self._schedule = SCHEDULES[config.schedule]
        self._known: tuple[Plan, PlanMaps] | None = None
        # Rounding after each epoch is no affine map; too many maps or samples would keep the keys waiting.
        quick = self._single or task.updates_per_epoch <= MOST_MAPS
        if config.shuffle:
            quick = quick and len(problem.x) <= MOST_SHUFFLED
        self.possible = momentum is not None and config.round_epochs is None and quick

    def release_memory(self) -> None:
        """Gives back the memory of what it has found out: it is found out again where it is needed."""
        self._known = None
        for name in ("_y", "_in_order", "_fixed"):
            vars(self).pop(name, None)

    def span(self, start: TrainerState) -> EpochSpan | None:
        """The epochs after `start`, which is between two epochs; of length 0 where the algebra does not hold for one.

        None where none are to be tried: at the end of the run, or before `start.span_from`.
        """
        if not self.possible or start.epoch >= self._config.epochs or start.epoch < start.span_from:
            return None
        with np.errstate(all="ignore"):
            return self._span(start)

    def _span(self, start: TrainerState) -> EpochSpan:
        plan = self.plan(start.epoch)
        order, orders = self.ordered(start.order, sum(plan.counts))
        maps, batch, vectors = self._maps(plan, order), self.last_batch(order), self._vector(start)[np.newaxis]
        done = self.epochs(start.epoch, plan.counts, np.array([plan.rates]), maps, batch, vectors)
        arrays: Any = {name: getattr(done, name)[0, : done.lengths[0]] for name in ROWS}
        span = EpochSpan(start, self._task, **arrays, orders=orders, span_from=int(done.span_from[0]))
        return self._up_to_stop(span)

    def epochs(
        self,
        first: int,
        counts: tuple[int, ...],
        rates: Array,
        maps: PlanMaps,
        batch: tuple[Array, Array] | None,
        vectors: Array,
    ) -> SoundEpochs:
        """Does the epochs of a plan, from `first` on, of N runs, up to where rounding spoils them.

        `rates`, shape (N, R), are those of its stretches, `batch` are x and y of the last update of each epoch, None
        if these are all samples, and `vectors`, shape (N, D), are what the maps act on at the start.
        """
        rows, sound = before_last(maps, counts, vectors, self.problem)
        if maps.growing is not None:
            # What grows and comes back leaves its rounding behind, where other directions hardly move.
            lasts = (
                len(counts) == 1 and self._schedule.plateau_epochs(self._config, first) >= self._config.epochs - first
            )
            drift = EPSILON * np.sqrt(maps.within) * (first + np.arange(1, sound.shape[1] + 1))
            sound &= ~maps.grow[:, np.newaxis] | (lasts & (drift <= DRIFT))
        planned, factor = sound.shape[1], CONVENTIONS[self._config.gradient]
        lr, is_sound = np.repeat(rates, counts, axis=1), bool(sound.all())  # as nearly all plans are
        if not is_sound:
            most = int(_leading(sound).max(initial=1))
            rows, lr = rows[:, :most], lr[:, :most]
            if batch is not None and len(batch[0]) > 1:
                batch = batch[0][:most], batch[1][:most]
        done = last_updates(self.problem, batch, self.momentum, factor, lr, rows)
        if is_sound and done.sound.all():
            lengths, span_from = np.full(len(sound), planned), np.zeros(len(sound), dtype=np.intp)
            return SoundEpochs(lr, rows[..., :3], rows[..., 3:-1], *done[:4], lengths, span_from)
        lengths = np.minimum(_leading(sound), _leading(done.sound, planned))
        # Planning takes time: where a plan holds for few epochs, or updates, of it, more are trained one by one.
        grow = maps.grow
        pause = np.maximum(max(LEAST_PAUSE, len(counts)), np.where(grow, counts[0] // 8, 0))
        pauses = np.where(4 * lengths < pause, pause, 0)
        pauses[grow & (lengths * self._task.updates_per_epoch < LEAST_GROWTH)] = counts[0]
        span_from = np.where(lengths == planned, 0, first + lengths + pauses)
        return SoundEpochs(lr, rows[..., :3], rows[..., 3:-1], *done[:4], lengths, span_from)

    @cached_property
    def _y(self) -> Array:
        """The targets counted from those of the center."""
        return self.problem.y - predict(self.problem.center, self.problem.x)

    @cached_property
    def _in_order(self) -> NDArray[np.intp]:
        """The samples as they are, shape (1, n)."""
        return np.arange(len(self.problem.x))[np.newaxis]

    @cached_property
    def _fixed(self) -> EpochBatches:
        """Those of all epochs where each has the same."""
        return self._batches(self._in_order)

    @cached_property
    def _steepest_sample(self) -> float:
        """The largest trace of FᵀF of a single sample."""
        xx = self.problem.x * self.problem.x
        return float((xx * xx + xx).max()) + 1

    def plan(self, epoch: int) -> Plan:
        """As many stretches as can be done at once without keeping anybody waiting; at least one epoch."""
        config, samples = self._config, len(self.problem.x)
        most = min(MOST_EPOCHS, config.epochs - epoch)
        if not self._task.is_full_batch:
            most = min(most, max(1, MOST_LAST // self._task.batch))
        stretches = max(1, MOST_WORK // (samples if self._single else self._task.updates_per_epoch))
        if config.shuffle:
            copied = 2 if self._single else 1  # x and y, for each order
            most = min(most, max(1, MOST_WORK // (copied * samples)))
        one_by_one = config.shuffle and not self._task.is_full_batch  # each epoch has an order of its own
        rate_of, holds = self._schedule.rate, self._schedule.plateau_epochs
        rates: list[float] = []
        counts: list[int] = []
        done = longest = 0
        while done < most and len(rates) < stretches:
            at = epoch + done
            rate, count = rate_of(config, at), min(holds(config, at), most - done)
            if one_by_one:  # a stretch for each epoch; the rate is asked for only where it changes
                count = min(count, stretches - len(rates))
                rates += [rate] * count
                counts += [1] * count
                done += count
                continue
            longest = max(longest, count)
            if rates and (len(rates) + 1) * longest > MOST_POWERS:
                break
            if rates and rate == rates[-1] and not config.shuffle:  # as where halving has come down to nothing
                counts[-1] += count
            else:
                rates.append(rate)
                counts.append(count)
            done += count
        return Plan(tuple(rates), tuple(counts))

    def ordered(self, first: Order | None, epochs: int) -> tuple[NDArray[np.intp], Orders | None]:
        """The order of the samples in each epoch, shape (epochs, n), or (1, n) where it does not matter; and the states
        of the generator before each of them, of which `first` is the first."""
        if first is None:
            return self._in_order, None
        generator = generator_of(first)
        order = np.tile(self._in_order, (epochs, 1))
        known = []  # the last two: the others are seldom asked for
        for rows in (order[:-1], order[-1:]):
            generator.permuted(rows, axis=1, out=rows)  # as `permutation` draws each
            known.append(generator.bit_generator.state)
        orders = Orders(len(self.problem.x), {epochs - 1: known[0], epochs: known[1], 0: first})
        return (self._in_order if self._task.is_full_batch else order), orders

    def batches(self, order: NDArray[np.intp]) -> EpochBatches:
        """What the maps of an epoch are made of in each of these orders."""
        return self._fixed if order is self._in_order else self._batches(order)

    def _batches(self, order: NDArray[np.intp]) -> EpochBatches:
        x, y, in_order = self.problem.x, self._y, order is self._in_order
        if self._single:
            last = affine_maps.gradient_maps(x, y, order[:, -1:, np.newaxis])
            x, y = (x[np.newaxis], y[np.newaxis]) if in_order else (x[order], y[order])
            return EpochBatches((x[:, :-1], y[:, :-1]), last, self._steepest_sample)
        batch, updates = self._task.batch, self._task.updates_per_epoch
        numbers = order[:, : updates * batch].reshape(len(order), updates, batch)
        gradients = affine_maps.gradient_maps(x, y, numbers)
        steepest = float((gradients[..., 0, 0] + gradients[..., 1, 1]).max()) + 1
        return EpochBatches(None, gradients, steepest)

    def last_batch(self, order: NDArray[np.intp]) -> tuple[Array, Array] | None:
        """x and y of the last update of each epoch; None where they are all samples."""
        if self._task.is_full_batch:
            return None
        batch, updates = self._task.batch, self._task.updates_per_epoch
        last = slice((updates - 1) * batch, updates * batch)
        chosen = (np.newaxis, last) if order is self._in_order else order[:, last]
        return self.problem.x[chosen], self.problem.y[chosen]

    def _vector(self, state: TrainerState) -> Array:
        """A state as what the maps act on: (w, 1) or (w, v, 1)."""
        velocity = [kept[0] for kept in state.slots] if self.momentum.velocity_gain else []
        return np.array([*(state.w - self.problem.center).tolist(), *velocity, 1.0])

    def _maps(self, plan: Plan, order: NDArray[np.intp]) -> PlanMaps:
        """The maps of a plan; those of the plan before, if they are the same."""
        if self._known is not None and self._known[0] == plan and not self._config.shuffle:
            return self._known[1]
        rates, batches = np.array(plan.rates) * CONVENTIONS[self._config.gradient], self.batches(order)
        weights = norm_weights(batches.steepest, rates, self.momentum)
        maps = plan_maps(*batches.maps(rates, self.momentum, weights), plan.counts, weights)
        self._known = plan, maps
        return maps

    def _up_to_stop(self, span: EpochSpan) -> EpochSpan:
        """The span up to the epoch after which the stopping rule holds, if there is one."""
        judged = STOP_RULES[self._config.stop_on].judged
        if judged is None:
            return span
        # The sums tell of most epochs that they are far from tol; the others are looked at as every record is.
        mean_loss, lost = self.problem.quadratic_loss.losses(span.trained_w)
        near = np.flatnonzero(~(judged(span.loss, mean_loss) - lost >= self._config.tol)).tolist()
        for looks, at in enumerate(near):
            if looks * len(self.problem.x) > MOST_LOOKS:
                return span.part(at)
            if judged(float(span.loss[at]), self.problem.mean_loss(span.trained_w[at])) < self._config.tol:
                return span.part(at + 1, stops=True)
        return span


def _leading(sound: NDArray[np.bool_], of_all: int | None = None) -> NDArray[np.intp]:
    """Returns how many true values each row begins with, shape (N,), of an array of shape (N, epochs).

    A row of nothing else has `of_all` of them, if that is more than its length.
    """
    return np.where(sound.all(axis=1), of_all or sound.shape[1], sound.argmin(axis=1))
