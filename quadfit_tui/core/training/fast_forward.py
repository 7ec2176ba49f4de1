"""FastForward: trains many whole epochs at once, by the algebra of affine_maps, if that is as exact as single updates.

The results of a span of epochs depend only on the FitTask and the TrainerState that it starts from, never on the clock
or on the goal. If the algebra does not hold (another optimizer, rounding errors, overflow), there is no span, or a
shorter one, and the trainer goes on update by update.
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

MOST_EPOCHS = 1024  # maximum length of a span
MOST_MAPS = 65_536  # maximum number of updates of an epoch whose maps are made one by one, in about 20 ms
MOST_SHUFFLED = 262_144  # maximum number of samples that are shuffled and made into maps, in about 20 ms
MOST_WORK = 49_152  # maximum number of samples made into maps for one span, to fit in the processor's cache
MOST_POWERS = 4096  # maximum number of maps of a span: each stretch gets as many as the longest one
MOST_LAST = 2**19  # maximum number of samples of the last updates of a span's epochs
MOST_LOOKS = 2**22  # maximum number of samples in passes for the stopping rule, in some ten milliseconds
LEAST_PAUSE = 8  # least number of epochs that are trained update by update after a span failed
LEAST_GROWTH = 64  # least number of updates of a span of a growing run: planning takes longer than fewer updates
DRIFT = 1e-8  # maximum relative error of w by rounding of the map in all epochs of a growing run; each adds as much


class SoundEpochs(NamedTuple):
    """The results of a plan's epochs, of N runs: arrays as in EpochSpan, of shape (N, epochs) or (N, epochs, 3).

    `lengths`, shape (N,), are the numbers of epochs up to which rounding left each run's results good. `span_from`,
    shape (N,), are the epochs from which each run may be trained by spans again.
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
    """Training of one run in spans of many epochs at once, if `possible`."""

    def __init__(self, task: FitTask) -> None:
        self._task = task
        self._config = config = task.config
        self.problem = problem = task.trained
        momentum = OPTIMIZERS[config.optimizer].affine(config)
        self.momentum = momentum or Momentum(0, 0, 1)
        self._single = task.batch == 1 and self.momentum.velocity_gain == 0
        self._schedule = SCHEDULES[config.schedule]
        self._newest: tuple[Plan, PlanMaps] | None = None  # cached
        # Rounding after each epoch is no affine map; too many maps or samples would delay the keys.
        quick = self._single or task.updates_per_epoch <= MOST_MAPS
        if config.shuffle:
            quick = quick and len(problem.x) <= MOST_SHUFFLED
        self.possible = momentum is not None and config.round_epochs is None and quick

    def release_memory(self) -> None:
        """Frees cached maps and arrays, which are computed again when needed."""
        self._newest = None
        for name in ("_y", "_in_order", "_fixed"):
            vars(self).pop(name, None)

    def span(self, start: TrainerState) -> EpochSpan | None:
        """Trains the next epochs from `start`, which must be between two epochs, at once, up to the stopping rule.

        Returns a span of length 0 if the algebra does not hold for one epoch, or None if a span must not be tried: at
        the end of the run, before `start.span_from`, or if not `possible`.
        """
        if not self.possible or start.epoch >= self._config.epochs or start.epoch < start.span_from:
            return None
        with np.errstate(all="ignore"):
            return self._span(start)

    def _span(self, start: TrainerState) -> EpochSpan:
        plan = self.plan(start.epoch)
        order, orders = self.draw_orders(start.order, sum(plan.counts))
        maps = self._maps(plan, order)
        vectors = self._vector(start)[np.newaxis]
        results = self.epochs(start.epoch, plan.counts, np.array([plan.rates]), maps, self.last_batch(order), vectors)
        arrays: Any = {name: getattr(results, name)[0, : results.lengths[0]] for name in ROWS}
        span = EpochSpan(start, self._task, **arrays, orders=orders, span_from=int(results.span_from[0]))
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
        """Computes the epochs of a plan of N runs, from epoch `first` on, and how many of them rounding leaves good.

        `counts` are the lengths of the plan's R stretches, `rates`, shape (N, R), their rates. `batch` are x and y of
        the last update of each epoch, None if these are all samples. `vectors`, shape (N, D), are the runs' states at
        the start, as the vectors to which the maps apply.
        """
        rows, sound = before_last(maps, counts, vectors, self.problem)
        if maps.growing is not None:
            # If w grows and comes back, its rounding errors remain in directions that hardly move.
            lasts = (
                len(counts) == 1 and self._schedule.plateau_epochs(self._config, first) >= self._config.epochs - first
            )
            drift = EPSILON * np.sqrt(maps.epoch_growth) * (first + np.arange(1, sound.shape[1] + 1))
            sound &= ~maps.grow[:, np.newaxis] | (lasts & (drift <= DRIFT))
        planned = sound.shape[1]
        factor = CONVENTIONS[self._config.gradient]
        lr = np.repeat(rates, counts, axis=1)
        is_sound = bool(sound.all())  # nearly all plans are
        if not is_sound:
            most = int(_leading(sound).max(initial=1))
            rows, lr = rows[:, :most], lr[:, :most]
            if batch is not None and len(batch[0]) > 1:
                batch = batch[0][:most], batch[1][:most]
        last = last_updates(self.problem, batch, self.momentum, factor, lr, rows)
        if is_sound and last.sound.all():
            lengths, span_from = np.full(len(sound), planned), np.zeros(len(sound), dtype=np.intp)
            return SoundEpochs(lr, rows[..., :3], rows[..., 3:-1], *last[:4], lengths, span_from)
        lengths = np.minimum(_leading(sound), _leading(last.sound, planned))
        # Planning takes time: if a plan holds for few of its epochs or updates, the next ones are trained one by one.
        grow = maps.grow
        pause = np.maximum(max(LEAST_PAUSE, len(counts)), np.where(grow, counts[0] // 8, 0))
        pauses = np.where(4 * lengths < pause, pause, 0)
        pauses[grow & (lengths * self._task.updates_per_epoch < LEAST_GROWTH)] = counts[0]
        span_from = np.where(lengths == planned, 0, first + lengths + pauses)
        return SoundEpochs(lr, rows[..., :3], rows[..., 3:-1], *last[:4], lengths, span_from)

    @cached_property
    def _y(self) -> Array:
        """The targets minus the center's predictions, shape (n,)."""
        return self.problem.y - predict(self.problem.center, self.problem.x)

    @cached_property
    def _in_order(self) -> NDArray[np.intp]:
        """The indices of the samples in the order of the data, shape (1, n)."""
        return np.arange(len(self.problem.x))[np.newaxis]

    @cached_property
    def _fixed(self) -> EpochBatches:
        """The batches of all epochs if the samples are not shuffled."""
        return self._batches(self._in_order)

    @cached_property
    def _steepest_sample(self) -> float:
        """The largest trace of FᵀF of a single sample, a bound of the curvature of its loss."""
        xx = self.problem.x * self.problem.x
        return float((xx * xx + xx).max()) + 1

    def plan(self, epoch: int) -> Plan:
        """Plans the epochs from `epoch` on that can be computed at once without a noticeable delay: at least one."""
        config, samples = self._config, len(self.problem.x)
        most = min(MOST_EPOCHS, config.epochs - epoch)
        if not self._task.is_full_batch:
            most = min(most, max(1, MOST_LAST // self._task.batch))
        stretches = max(1, MOST_WORK // (samples if self._single else self._task.updates_per_epoch))
        if config.shuffle:
            copied = 2 if self._single else 1  # x and y, for each order
            most = min(most, max(1, MOST_WORK // (copied * samples)))
        one_by_one = config.shuffle and not self._task.is_full_batch  # each epoch has another order
        rate_of, plateau = self._schedule.rate, self._schedule.plateau_epochs
        rates: list[float] = []
        counts: list[int] = []
        planned = longest = 0
        while planned < most and len(rates) < stretches:
            rate = rate_of(config, epoch + planned)
            count = min(plateau(config, epoch + planned), most - planned)
            if one_by_one:  # a stretch for each epoch; the rate is computed once for each plateau
                count = min(count, stretches - len(rates))
                rates += [rate] * count
                counts += [1] * count
                planned += count
                continue
            longest = max(longest, count)
            if rates and (len(rates) + 1) * longest > MOST_POWERS:
                break
            if rates and rate == rates[-1] and not config.shuffle:  # such as a rate halved down to 0
                counts[-1] += count
            else:
                rates.append(rate)
                counts.append(count)
            planned += count
        return Plan(tuple(rates), tuple(counts))

    def draw_orders(self, first: Order | None, epochs: int) -> tuple[NDArray[np.intp], Orders | None]:
        """Draws the order of the samples in each of so many epochs; returns it and the generator's states.

        The order are indices, shape (epochs, n), or (1, n) if it makes no difference. The states are those before each
        epoch's order is drawn, beginning with `first`; None if the samples are not shuffled.
        """
        if first is None:
            return self._in_order, None
        generator = generator_of(first)
        order = np.tile(self._in_order, (epochs, 1))
        known = []  # the last two states: the others are seldom needed
        for rows in (order[:-1], order[-1:]):
            generator.permuted(rows, axis=1, out=rows)  # draws the same orders as `permutation`
            known.append(generator.bit_generator.state)
        orders = Orders(len(self.problem.x), {epochs - 1: known[0], epochs: known[1], 0: first})
        return (self._in_order if self._task.is_full_batch else order), orders

    def batches(self, order: NDArray[np.intp]) -> EpochBatches:
        """Returns the batches of an epoch in each of these orders, from which its maps are made."""
        return self._fixed if order is self._in_order else self._batches(order)

    def _batches(self, order: NDArray[np.intp]) -> EpochBatches:
        """Computes the batches in each of these orders; for those that are not shuffled, `batches` caches them."""
        x, y = self.problem.x, self._y
        in_order = order is self._in_order
        if self._single:
            last = affine_maps.gradient_maps(x, y, order[:, -1:, np.newaxis])
            x, y = (x[np.newaxis], y[np.newaxis]) if in_order else (x[order], y[order])
            return EpochBatches((x[:, :-1], y[:, :-1]), last, self._steepest_sample)
        batch, updates = self._task.batch, self._task.updates_per_epoch
        indices = order[:, : updates * batch].reshape(len(order), updates, batch)
        gradients = affine_maps.gradient_maps(x, y, indices)
        steepest = float((gradients[..., 0, 0] + gradients[..., 1, 1]).max()) + 1
        return EpochBatches(None, gradients, steepest)

    def last_batch(self, order: NDArray[np.intp]) -> tuple[Array, Array] | None:
        """Returns x and y of the last update of each epoch, or None if its batch is all samples."""
        if self._task.is_full_batch:
            return None
        batch, updates = self._task.batch, self._task.updates_per_epoch
        last = slice((updates - 1) * batch, updates * batch)
        chosen = (np.newaxis, last) if order is self._in_order else order[:, last]
        return self.problem.x[chosen], self.problem.y[chosen]

    def _vector(self, state: TrainerState) -> Array:
        """Converts a state to the vector to which maps apply: (w, 1) or (w, v, 1), w relative to the center."""
        velocity = [slots[0] for slots in state.slots] if self.momentum.velocity_gain else []
        return np.array([*(state.w - self.problem.center).tolist(), *velocity, 1.0])

    def _maps(self, plan: Plan, order: NDArray[np.intp]) -> PlanMaps:
        """Computes the maps of a plan, or returns the cached ones if the last plan was the same."""
        if self._newest is not None and self._newest[0] == plan and not self._config.shuffle:
            return self._newest[1]
        rates = np.array(plan.rates) * CONVENTIONS[self._config.gradient]
        batches = self.batches(order)
        weights = norm_weights(batches.steepest, rates, self.momentum)
        maps = plan_maps(*batches.maps(rates, self.momentum, weights), plan.counts, weights)
        self._newest = plan, maps
        return maps

    def _up_to_stop(self, span: EpochSpan) -> EpochSpan:
        """Returns the span up to the epoch after which the stopping rule holds, if any; looks at few losses exactly."""
        judged = STOP_RULES[self._config.stop_on].select_loss
        if judged is None:
            return span
        # By the sums, most epochs are far from tol; the others need the exact loss that records have.
        mean_loss, errors = self.problem.quadratic_loss.losses(span.trained_w)
        near = np.flatnonzero(~(judged(span.loss, mean_loss) - errors >= self._config.tol)).tolist()
        for looks, row in enumerate(near):
            if looks * len(self.problem.x) > MOST_LOOKS:
                return span.part(row)
            if judged(float(span.loss[row]), self.problem.mean_loss(span.trained_w[row])) < self._config.tol:
                return span.part(row + 1, stops=True)
        return span


def _leading(sound: NDArray[np.bool_], of_all: int | None = None) -> NDArray[np.intp]:
    """Counts the leading true values of each row of an array, shape (N, epochs); returns shape (N,).

    The count of a row without false values is `of_all`, if given, which may be more than its length.
    """
    return np.where(sound.all(axis=1), of_all or sound.shape[1], sound.argmin(axis=1))
