"""Trains many whole epochs at once, by the algebra of affine_maps, wherever that is as good as update by update.

What a span of epochs comes to depends on nothing but the Task and the State that it starts from: never on the clock,
nor on how far one wants to go. Where the algebra does not hold (another optimizer, rounding, numbers that run away)
there is no span, or a shorter one, and the trainer goes on update by update.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.algebra.affine_maps import Maps, growing_part
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Momentum
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import EPSILON, predict
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.record import State, generator_of
from quadfit_tui.core.training.record_log import EpochSpan, Orders

MOST_EPOCHS = 1024  # of a span
MOST_MAPS = 65_536  # updates of an epoch whose maps are made one by one: about 20 ms
MOST_SHUFFLED = 262_144  # samples whose new order and maps take about 20 ms
MOST_WORK = 49_152  # samples that are made into maps for one span: what stays in the processor's cache
MOST_POWERS = 4096  # maps of a span: each stretch gets as many as the longest of them
MOST_LAST = 2**19  # samples of the last updates of a span's epochs
MOST_LOOKS = 2**22  # samples looked at to tell whether the stopping rule holds: some ten milliseconds
LEAST_PAUSE = 8  # epochs, at least, that are trained update by update where a span did not hold
ACCURACY = 1e-10  # what rounding may cost a span, relative to the largest of a, b, c
DRIFT = 1e-8  # what rounding of the map may cost a run that grows, in all its epochs: each adds as much of w
FARTHEST = 4e153  # that all residuals together may be within an epoch: their squares are not yet too large


class _Plan(NamedTuple):
    """Stretches of epochs at one learning rate each (and, where shuffled, in one order each): rates and lengths."""

    rates: tuple[float, ...]
    counts: tuple[int, ...]


class _PlanMaps(NamedTuple):
    """The maps that take a state through the stretches of a plan.

    For each stretch r and each epoch k of it, `before` leads from the start of the stretch to before the epoch's last
    update, shape (R, P, D, D); `over` leads over the whole stretch, shape (R, D, D). `growth`, shape (R, P), bounds
    what rounding of the maps grew by, `within` what it grew by within an epoch, and `lengthens` what any part of the
    plan lengthens by, shape (1,), or (P,) up to each epoch. `growing` is the growing_part of the whole plan.
    """

    before: Array
    over: Array
    growth: Array
    lengthens: Array
    within: float
    growing: Array | None


class FastForward:
    """Trains the epochs of one run in spans, where that is `possible`."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._config = config = task.config
        self._problem = problem = task.trained
        momentum = OPTIMIZERS[config.optimizer].affine(config)
        self._momentum = momentum or Momentum(0, 0, 1)
        self._single = task.batch == 1 and self._momentum.carry == 0
        self._schedule = SCHEDULES[config.schedule]
        self._known: tuple[_Plan, _PlanMaps] | None = None
        # Rounding after each epoch is no affine map; too many maps or samples would keep the keys waiting.
        quick = self._single or task.updates_per_epoch <= MOST_MAPS
        if config.shuffle:
            quick = quick and len(problem.x) <= MOST_SHUFFLED
        self.possible = momentum is not None and config.round_epochs is None and quick

    def rest(self) -> None:
        """Gives back the memory of what it has found out: it is found out again where it is needed."""
        self._known = None
        for name in ("_y", "_in_order", "_fixed_maps"):
            vars(self).pop(name, None)

    def span(self, start: State) -> EpochSpan | None:
        """The epochs after `start`, which is between two epochs; of length 0 where the algebra does not hold for one.

        None where none are to be tried: at the end of the run, or before `start.span_from`.
        """
        if not self.possible or start.epoch >= self._config.epochs or start.epoch < start.span_from:
            return None
        with np.errstate(all="ignore"):
            return self._span(start)

    def _span(self, start: State) -> EpochSpan:
        plan = self._plan(start.epoch)
        order, orders = self._ordered(start, sum(plan.counts))
        maps = self._maps(plan, order)
        rows, sound = _before_last(maps, plan, self._vector(start), self._problem)
        pause = max(LEAST_PAUSE, len(plan.rates))
        if maps.growing is not None:
            # What grows and comes back leaves its rounding behind, where other directions hardly move.
            lasts = self._schedule.holds(self._config, start.epoch) >= self._config.epochs - start.epoch
            drift = EPSILON * math.sqrt(maps.within) * (start.epoch + np.arange(1, len(sound) + 1))
            sound &= lasts & (len(plan.rates) == 1) & (drift <= DRIFT)
            pause = max(pause, plan.counts[0] // 8 if sound[0] else plan.counts[0])
        lr = np.repeat(plan.rates, plan.counts)
        batch, updates = self._task.batch, self._task.updates_per_epoch
        last = slice((updates - 1) * batch, updates * batch)
        chosen = (np.newaxis, last) if order is self._in_order else order[:, last]
        span = self._finish(start, lr, rows, self._problem.x[chosen], self._problem.y[chosen], orders)
        return self._sound_part(span, sound, pause)

    @cached_property
    def _y(self) -> Array:
        """The targets counted from those of the center."""
        return self._problem.y - predict(self._problem.center, self._problem.x)

    @cached_property
    def _in_order(self) -> NDArray[np.intp]:
        """The samples as they are, shape (1, n)."""
        return np.arange(len(self._problem.x))[np.newaxis]

    @cached_property
    def _fixed_maps(self) -> Array:
        """Those of all batches where each epoch has the same."""
        return self._gradient_maps(self._in_order)

    @cached_property
    def _steepest_sample(self) -> float:
        """The largest trace of FᵀF of a single sample."""
        xx = self._problem.x * self._problem.x
        return float((xx * xx + xx).max()) + 1

    def _plan(self, epoch: int) -> _Plan:
        """As many stretches as can be done at once without keeping anybody waiting; at least one epoch."""
        config, samples = self._config, len(self._problem.x)
        most = min(MOST_EPOCHS, config.epochs - epoch)
        if not self._task.is_full_batch:
            most = min(most, max(1, MOST_LAST // self._task.batch))
        stretches = max(1, MOST_WORK // (samples if self._single else self._task.updates_per_epoch))
        if config.shuffle:
            copied = 2 if self._single else 1  # x and y, for each order
            most = min(most, max(1, MOST_WORK // (copied * samples)))
        one_by_one = config.shuffle and not self._task.is_full_batch  # each epoch has an order of its own
        rates: list[float] = []
        counts: list[int] = []
        done = longest = 0
        while done < most and len(rates) < stretches:
            at = epoch + done
            lasts = 1 if one_by_one else self._schedule.holds(config, at)
            count = min(lasts, most - done)
            longest = max(longest, count)
            if rates and (len(rates) + 1) * longest > MOST_POWERS:
                break
            rate = self._schedule.rate(config, at)
            if rates and rate == rates[-1] and not config.shuffle:  # as where halving has come down to nothing
                counts[-1] += count
            else:
                rates.append(rate)
                counts.append(count)
            done += count
        return _Plan(tuple(rates), tuple(counts))

    def _ordered(self, start: State, epochs: int) -> tuple[NDArray[np.intp], Orders | None]:
        """The order of the samples in each epoch, shape (epochs, n), or (1, n) where it does not matter; and the states
        of the generator before each of them."""
        if start.order is None:
            return self._in_order, None
        generator = generator_of(start.order)
        order = np.tile(self._in_order, (epochs, 1))
        known = []  # the last two: the others are seldom asked for
        for rows in (order[:-1], order[-1:]):
            generator.permuted(rows, axis=1, out=rows)  # as `permutation` draws each
            known.append(generator.bit_generator.state)
        orders = Orders(len(self._problem.x), {epochs - 1: known[0], epochs: known[1], 0: start.order})
        return (self._in_order if self._task.is_full_batch else order), orders

    def _gradient_maps(self, order: NDArray[np.intp]) -> Array:
        """Those of the batches of each order, shape (R, J, 3, 4)."""
        batch, updates = self._task.batch, self._task.updates_per_epoch
        batches = order[:, : updates * batch].reshape(len(order), updates, batch)
        return affine_maps.gradient_maps(self._problem.x, self._y, batches)

    def _vector(self, state: State) -> Array:
        """A state as what the maps act on: (w, 1) or (w, v, 1)."""
        velocity = [kept[0] for kept in state.slots] if self._momentum.carry else []
        return np.array([*(state.w - self._problem.center).tolist(), *velocity, 1.0])

    def _maps(self, plan: _Plan, order: NDArray[np.intp]) -> _PlanMaps:
        """The maps of a plan; those of the plan before, if they are the same."""
        if self._known is not None and self._known[0] == plan and not self._config.shuffle:
            return self._known[1]
        rates = np.array(plan.rates) * CONVENTIONS[self._config.gradient]
        if self._single:
            weights = affine_maps.norm_weights(self._steepest_sample, rates, self._momentum)
            x, y = self._problem.x, self._y
            x, y = (x[np.newaxis], y[np.newaxis]) if order is self._in_order else (x[order], y[order])
            first = affine_maps.compose_samples(x[:, :-1], y[:, :-1], rates, weights)
            last = affine_maps.gradient_maps(self._problem.x, self._y, order[:, -1:, np.newaxis])
        else:
            fixed = order is self._in_order
            batches = self._fixed_maps if fixed else self._gradient_maps(order)
            steepest = float((batches[..., 0, 0] + batches[..., 1, 1]).max()) + 1
            weights = affine_maps.norm_weights(steepest, rates, self._momentum)
            first = affine_maps.compose(batches[:, :-1], rates, self._momentum, weights)
            last = batches[:, -1:]
        update = affine_maps.update_maps(last, rates, self._momentum)[:, 0]
        whole = Maps(affine_maps.composed(update, first.deviation), first.growth)
        repeated, size, growth = affine_maps.powers(whole, max(plan.counts), weights)
        ends = np.array(plan.counts) - 1
        over = whole.matrix @ repeated[np.arange(len(ends)), ends]
        before = first.matrix[:, np.newaxis]
        lengthens, within, growing = np.ones(1), first.growth[:, np.newaxis], None
        if weights is not None:
            growth = affine_maps.norms(before, weights)[:, np.newaxis] * growth
            end = affine_maps.product((over - affine_maps.identity(over.shape[-1]))[np.newaxis], weights)
            lengthens = np.sqrt(end.growth) * size.max()
            growing = growing_part(end.deviation[0])
        growth = growth + within * size
        if growing is not None and len(ends) == 1:
            # Bounds of products, each by itself, never come down again: no power makes more of an error in each epoch.
            lengthens = np.maximum.accumulate(size[0])
            growth = np.minimum(growth, np.sqrt(within) * lengthens * np.arange(1, len(lengthens) + 1))
        maps = _PlanMaps(before @ repeated, over, growth, lengthens, float(within.max()), growing)
        self._known = plan, maps
        return maps

    def _finish(self, start: State, lr: Array, rows: Array, x: Array, y: Array, orders: Orders | None) -> EpochSpan:
        """Does the last update of each epoch by itself; `rows` are (w, v) before it, x and y its samples."""
        before, carried = rows[:, :3], rows[:, 3:-1]
        factor = CONVENTIONS[self._config.gradient]
        if self._task.is_full_batch:
            form = self._problem.loss_form
            gradient = factor * form.gradients(before)
            loss = np.maximum(form.losses(before)[0], 0.0)
        else:
            a, b, c = (before[:, at : at + 1] for at in range(3))
            r = (a * x + b) * x + c - y
            rx = r * x
            gradient = np.empty((len(before), 3))
            for at, terms in enumerate((rx * x, rx, r)):
                gradient[:, at] = factor * (np.add.reduce(terms, axis=-1) / x.shape[-1])
            loss = np.add.reduce(r * r, axis=-1) / x.shape[-1]
        step = lr[:, np.newaxis] * gradient
        w = before - self._momentum.push * step
        velocity = -step
        if self._momentum.carry:
            w += self._momentum.carry * carried
            velocity += self._momentum.keep * carried
        return EpochSpan(start, self._task, lr, before, carried, gradient, loss, w, velocity, orders)

    def _sound_part(self, span: EpochSpan, sound: NDArray[np.bool_], pause: int) -> EpochSpan:
        """The span up to where rounding spoils it, or to where the run stops."""
        sound = sound & np.isfinite(span.loss)
        if self._task.is_full_batch:
            sound = sound & self._problem.loss_form.is_as_good(span.before)
        if not sound.all():
            count = int(np.argmin(sound))
            span = span.part(count, span_from=span.start.epoch + count + (pause if 4 * count < pause else 0))
        return self._up_to_stop(span)

    def _up_to_stop(self, span: EpochSpan) -> EpochSpan:
        """The span up to the epoch after which the stopping rule holds, if there is one."""
        judged = STOP_RULES[self._config.stop_on].judged
        if judged is None:
            return span
        # The sums tell of most epochs that they are far from tol; the others are looked at as every record is.
        mean_loss, lost = self._problem.loss_form.losses(span.trained_w)
        near = np.flatnonzero(~(judged(span.loss, mean_loss) - lost >= self._config.tol)).tolist()
        for looks, at in enumerate(near):
            if looks * len(self._problem.x) > MOST_LOOKS:
                return span.part(at)
            if judged(float(span.loss[at]), self._problem.mean_loss(span.trained_w[at])) < self._config.tol:
                return span.part(at + 1, stops=True)
        return span


def _before_last(maps: _PlanMaps, plan: _Plan, vector: Array, problem: Problem) -> tuple[Array, NDArray[np.bool_]]:
    """(w, v, 1) before the last update of each epoch, shape (epochs, D), and for each whether rounding left it good.

    What has been lost grows no more than what w is made of, if that is good too for the part of w that grows most.
    """
    start = np.empty((len(maps.over), len(vector)))
    start[0] = vector
    for over, vector, following in zip(maps.over, start, start[1:], strict=False):
        over.dot(vector, out=following)
    lengths = np.array(plan.counts)
    chosen = np.flatnonzero(np.arange(maps.before.shape[1]) < lengths[:, np.newaxis])
    rows = (maps.before @ start[:, np.newaxis, :, np.newaxis])[..., 0].reshape(-1, len(vector))[chosen]
    # The 1 of (w, v, 1) is no size: where all of w tends to 0, so does what is lost.
    from_size = np.abs(start[:, :-1]).max(axis=1)
    size = from_size.repeat(lengths) + np.abs(rows[:, :-1]).max(axis=1)
    lost = EPSILON * (maps.lengthens * np.abs(problem.center).max() + maps.growth.reshape(-1)[chosen] * size)
    rows[:, :3] += problem.center
    largest = np.abs(rows[:, :3]).max(axis=1)
    residuals = maps.within * largest * problem.loss_form.reach.sum() * math.sqrt(len(problem.x))
    told = largest if maps.growing is None else np.minimum(largest, maps.lengthens * abs(maps.growing @ start[0]))
    return rows, (lost <= ACCURACY * told) & (residuals <= FARTHEST)
