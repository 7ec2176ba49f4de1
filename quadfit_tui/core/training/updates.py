"""Does updates in a row: from w and some samples on to what the last of them comes to, to the last bit.

Here is the order of every operation that decides the last bit of a run; what cuts a run into pieces is the trainer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import Rule, Slots
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.array import Array


class Update(NamedTuple):
    """What updates in a row came to: loss and gradient of the last one's batch before it, w and slots after it.

    `before` and `slots_before` are w and slots before the first one.
    """

    loss: float
    gradient: Array
    w: Array
    slots: tuple[Slots, ...]
    before: Array
    slots_before: tuple[Slots, ...]

    @property
    def finite(self) -> bool:
        numbers = [self.loss, *self.gradient.tolist(), *self.w.tolist(), *(v for kept in self.slots for v in kept)]
        return all(map(math.isfinite, numbers))


_NO_SLOTS: tuple[Slots, ...] = ((), (), ())


def per_sample(w: Array, x: Array, y: Array, lr: float, convention: str) -> Update:
    """Updates from one sample each, in plain floats: for single samples a hundred times as fast as arrays of one."""
    a, b, c = w.tolist()
    (a, b, c), of_last, squares = _descend(a, b, c, x.tolist(), y.tolist(), lr, CONVENTIONS[convention])
    error, *gradient = of_last
    loss = error * error if math.isfinite(squares) else math.inf
    return Update(loss, np.array(gradient), np.array([a, b, c]), _NO_SLOTS, w, _NO_SLOTS)


def trace_samples(w: Array, x: Array, y: Array, lr: float, convention: str, stops: Iterable[int]) -> Array:
    """w after so many of these updates as `stops` say, ascending: shape (m, 3)."""
    (a, b, c), xs, ys, factor = w.tolist(), x.tolist(), y.tolist(), CONVENTIONS[convention]
    found, done = [], 0
    for stop in stops:
        (a, b, c), _, _ = _descend(a, b, c, xs[done:stop], ys[done:stop], lr, factor)
        found.append((a, b, c))
        done = stop
    return np.array(found)


def _descend(
    a: float, b: float, c: float, x: list[float], y: list[float], lr: float, factor: float
) -> tuple[tuple[float, float, float], tuple[float, float, float, float], float]:
    """(a, b, c) after updates from one sample each; error and gradient of the last; what tells whether all was finite.

    That turns inf or nan with any loss that does, and stays so.
    """
    error = by_a = by_b = by_c = squares = 0.0
    for xi, yi in zip(x, y, strict=True):
        error = (a * xi + b) * xi + c - yi
        squares += error * error
        by_c = factor * error
        by_b = by_c * xi
        by_a = by_b * xi
        a -= lr * by_a
        b -= lr * by_b
        c -= lr * by_c
    return (a, b, c), (error, by_a, by_b, by_c), squares


def per_batch(w: Array, x: Array, y: Array, batch: int, lr: float, convention: str) -> Update:
    """Updates from `batch` samples each; len(x) is a multiple of it."""
    before, loss, gradient = w, 0.0, np.zeros(3)
    worst = 0.0
    with np.errstate(all="ignore"):
        for low in range(0, len(x), batch):
            xs, ys = x[low : low + batch], y[low : low + batch]
            loss = parabola.loss(w, xs, ys)
            gradient = parabola.gradient(w, xs, ys, convention)
            w = w - lr * gradient
            worst += loss
    return Update(loss if math.isfinite(worst) else math.inf, gradient, w, _NO_SLOTS, before, _NO_SLOTS)


def trace_batches(w: Array, x: Array, y: Array, batch: int, lr: float, convention: str, stops: Iterable[int]) -> Array:
    """w after so many of these updates as `stops` say, ascending: shape (m, 3)."""
    found, done = [], 0
    with np.errstate(all="ignore"):
        for stop in stops:
            for low in range(done * batch, stop * batch, batch):
                part = slice(low, low + batch)
                w = w - lr * parabola.gradient(w, x[part], y[part], convention)
            found.append(w)
            done = stop
    return np.array(found)


def by_rule(
    w: Array,
    slots: tuple[Slots, ...],
    x: Array,
    y: Array,
    batch: int,
    lr: float,
    convention: str,
    rule: Rule,
    done: int,
    passed: list[tuple[float, float, float]] | None = None,
) -> Update:
    """Updates from `batch` samples each by an optimiser's rule; `done` is how many the run had before.

    w after each of them is added to `passed`, if that is given.
    """
    (a, b, c), (of_a, of_b, of_c) = w.tolist(), slots
    loss = by_a = by_b = by_c = worst = 0.0
    measure: Callable[[float, float, float, Any, Any, str], tuple[float, ...]]
    samples: Iterator[tuple[Any, Any]]
    if batch == 1:
        measure, samples = _measure_sample, zip(x.tolist(), y.tolist(), strict=True)
    else:
        measure, samples = _measure_batch, ((x[at : at + batch], y[at : at + batch]) for at in range(0, len(x), batch))
    with np.errstate(all="ignore"):
        for count, (xs, ys) in enumerate(samples, done + 1):
            loss, by_a, by_b, by_c = measure(a, b, c, xs, ys, convention)
            worst += loss
            change, of_a = rule(by_a, of_a, lr, count)
            a += change
            change, of_b = rule(by_b, of_b, lr, count)
            b += change
            change, of_c = rule(by_c, of_c, lr, count)
            c += change
            if passed is not None:
                passed.append((a, b, c))
    loss = loss if math.isfinite(worst) else math.inf
    return Update(loss, np.array([by_a, by_b, by_c]), np.array([a, b, c]), (of_a, of_b, of_c), w, slots)


def _measure_sample(a: float, b: float, c: float, x: float, y: float, convention: str) -> tuple[float, ...]:
    """The loss and the gradient of one sample."""
    error = (a * x + b) * x + c - y
    by_c = CONVENTIONS[convention] * error
    by_b = by_c * x
    return error * error, by_b * x, by_b, by_c


def _measure_batch(a: float, b: float, c: float, x: Array, y: Array, convention: str) -> tuple[float, ...]:
    """The loss and the gradient of a batch."""
    w = np.array([a, b, c])
    return parabola.loss(w, x, y), *parabola.gradient(w, x, y, convention).tolist()
