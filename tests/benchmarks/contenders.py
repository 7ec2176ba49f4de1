"""Who runs against whom: the program's own path, and the same updates done by others.

Each takes a Work and gives w after every epoch, shape (epochs, 3). Nothing is kept from one call to the next.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numba
import numpy as np
from sklearn.linear_model import SGDRegressor

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import Problem, make_problem
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline


@dataclass(frozen=True)
class Work:
    """The first `epochs` epochs of a run, and what all contenders are handed: the samples and the learning rates."""

    config: RunConfig
    epochs: int

    @cached_property
    def samples(self):
        """x and y, each of shape (n,)."""
        problem = make_problem(self.config)
        return problem.x, problem.y

    @cached_property
    def rates(self):
        """The learning rate of each epoch, shape (epochs,)."""
        rate = SCHEDULES[self.config.schedule].rate
        return np.array([rate(self.config, epoch) for epoch in range(self.epochs)])

    @property
    def passes(self):
        """x and y of each epoch in the order of that epoch: shuffled by the generator that the program documents."""
        x, y = self.samples
        generator = np.random.default_rng([self.config.seed, 2])
        for _ in range(self.epochs):
            if self.config.shuffle:
                order = generator.permutation(len(x))
                yield x[order], y[order]
            else:
                yield x, y


def program(work):
    """The program: a Problem and a Timeline that nobody has used, trained to the end of the run."""
    config = work.config
    timeline, records = Timeline(Task(config, Problem(*work.samples, config.true))), RecordLog()
    while not timeline.at_end:
        timeline.approach(Position(config.epochs, 0), records)
    return records.column("trained_w")


def article(work):
    """The article's two loops: a batch is a pair of arrays, be it of one sample, and what is a mean is `np.mean`."""
    a, b, c = work.config.init
    batch, found = work.config.batch, []
    for rate, (x, y) in zip(work.rates, work.passes, strict=True):
        for low in range(0, len(x) // batch * batch, batch):
            xs, ys = x[low : low + batch], y[low : low + batch]
            error = a * xs**2 + b * xs + c - ys
            loss = np.mean(error**2)  # noqa: F841  the article works it out with every update
            by_a, by_b, by_c = np.mean(error * xs**2), np.mean(error * xs), np.mean(error)
            a, b, c = a - rate * by_a, b - rate * by_b, c - rate * by_c
        found.append((a, b, c))
    return np.array(found)


def plain(work):
    """Plain Python floats, and no more of them than it takes."""
    w, found = work.config.init, []
    for rate, (x, y) in zip(work.rates.tolist(), work.passes, strict=True):
        if work.config.batch == 1:
            w = _plain_samples(*w, x.tolist(), y.tolist(), rate)
        else:
            w = _plain_batches(*w, x.tolist(), y.tolist(), rate, work.config.batch)
        found.append(w)
    return np.array(found)


def _plain_samples(a, b, c, x, y, rate):
    for xi, yi in zip(x, y, strict=True):
        step = rate * ((a * xi + b) * xi + c - yi)
        c -= step
        step *= xi
        b -= step
        a -= step * xi
    return a, b, c


def _plain_batches(a, b, c, x, y, rate, batch):
    share = rate / batch
    for low in range(0, len(x) // batch * batch, batch):
        by_a = by_b = by_c = 0.0
        for xi, yi in zip(x[low : low + batch], y[low : low + batch], strict=True):
            error = (a * xi + b) * xi + c - yi
            by_c += error
            error *= xi
            by_b += error
            by_a += error * xi
        a, b, c = a - share * by_a, b - share * by_b, c - share * by_c
    return a, b, c


def compiled(work):
    """The plain loops once more, compiled by Numba; all epochs in one call where the order is fixed."""
    w, batch, found = work.config.init, work.config.batch, []
    if batch == 1 and not work.config.shuffle:
        return _compiled_samples(*w, *work.samples, work.rates)
    for rate, (x, y) in zip(work.rates.tolist(), work.passes, strict=True):
        w = _compiled_batches(*w, x, y, rate, batch)
        found.append(w)
    return np.array(found)


@numba.njit
def _compiled_samples(a, b, c, x, y, rates):
    found = np.empty((len(rates), 3))
    for epoch, rate in enumerate(rates):
        for at in range(len(x)):
            step = rate * ((a * x[at] + b) * x[at] + c - y[at])
            c -= step
            step *= x[at]
            b -= step
            a -= step * x[at]
        found[epoch] = a, b, c
    return found


@numba.njit
def _compiled_batches(a, b, c, x, y, rate, batch):
    share = rate / batch
    for low in range(0, len(x) // batch * batch, batch):
        by_a = by_b = by_c = 0.0
        for at in range(low, low + batch):
            error = (a * x[at] + b) * x[at] + c - y[at]
            by_c += error
            error *= x[at]
            by_b += error
            by_a += error * x[at]
        a, b, c = a - share * by_a, b - share * by_b, c - share * by_c
    return a, b, c


def regressor(work):
    """scikit-learn's SGDRegressor on x², x and its intercept, an epoch at a time; its gradient is the article's."""
    x, y = work.samples
    rows, found = np.column_stack([x * x, x]), []
    model = SGDRegressor(penalty=None, learning_rate="constant", shuffle=False, tol=None)
    model.coef_, model.intercept_ = np.array(work.config.init[:2]), np.array(work.config.init[2:])
    for rate in work.rates.tolist():
        model.eta0 = rate
        model.partial_fit(rows, y)
        found.append([*model.coef_, *model.intercept_])
    return np.array(found)


def regressor_at_once(work):
    """The same with all epochs of a learning rate in one call: quicker, but w is known after the last of them only."""
    x, y = work.samples
    rows, found = np.column_stack([x * x, x]), np.full((work.epochs, 3), np.nan)
    model = SGDRegressor(penalty=None, learning_rate="constant", shuffle=False, tol=None)
    coef, intercept, done = np.array(work.config.init[:2]), np.array(work.config.init[2:]), 0
    for rate, epochs in groupby(work.rates.tolist()):
        model.set_params(eta0=rate, max_iter=len(list(epochs)))
        model.fit(rows, y, coef_init=coef, intercept_init=intercept)
        coef, intercept, done = model.coef_, model.intercept_, done + model.max_iter
        found[done - 1] = *coef, *intercept
    return found
