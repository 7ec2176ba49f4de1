"""What several tests of the core lean on: a clock that a test owns, and the article's arithmetic in plain Python."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest


class Clock:
    """Seconds that pass only when a test says so, and `tick` more with each look."""

    def __init__(self, tick=0.0):
        self.now = 1000.0
        self.tick = tick

    def __call__(self):
        self.now += self.tick
        return self.now


@pytest.fixture(scope="session")
def make_clock():
    return Clock


# The oracle: no NumPy arithmetic, no code of the program, no cleverness.


def plain_samples(config):
    """The samples without noise; x by exact fractions."""
    low, high, n = Fraction(config.x_min), Fraction(config.x_max), config.samples
    xs = [float(low + i * (high - low) / n) for i in range(n)]
    a, b, c = config.true
    return xs, [a * x * x + b * x + c for x in xs]


def plain_rate(config, epoch):
    rate = config.lr
    if config.schedule == "halve":
        for _ in range((epoch + 1) // config.decay_every):
            rate /= 2
    return rate


def plain_loss(w, xs, ys):
    a, b, c = w
    return sum((a * x * x + b * x + c - y) * (a * x * x + b * x + c - y) for x, y in zip(xs, ys, strict=True)) / len(xs)


def plain_update(w, xs, ys, rate, convention):
    """Loss and gradient of a batch before the update, and w after it."""
    a, b, c = w
    by_a = by_b = by_c = 0.0
    for x, y in zip(xs, ys, strict=True):
        error = a * x * x + b * x + c - y
        by_a += error * x * x
        by_b += error * x
        by_c += error
    factor = {"half": 1, "full": 2}[convention] / len(xs)
    gradient = [by_a * factor, by_b * factor, by_c * factor]
    return plain_loss(w, xs, ys), gradient, [wi - rate * gi for wi, gi in zip(w, gradient, strict=True)]


def plain_batches(config, xs, ys, orders):
    """The batches of the next epoch; `orders` is the documented generator: default_rng([seed, 2])."""
    if config.shuffle:
        order = orders.permutation(len(xs)).tolist()
        xs, ys = [xs[i] for i in order], [ys[i] for i in order]
    size = len(xs) if config.batch == "full" else config.batch
    return [(xs[at : at + size], ys[at : at + size]) for at in range(0, len(xs) - size + 1, size)]


def plain_run(config, epochs):
    """The article's loop: an epoch's (gradient, loss, w) after another, never stopped early."""
    xs, ys = plain_samples(config)
    orders = np.random.default_rng([config.seed, 2])
    w = list(config.init)
    for epoch in range(epochs):
        rate = plain_rate(config, epoch)
        for batch in plain_batches(config, xs, ys, orders):
            loss, gradient, w = plain_update(w, *batch, rate, config.gradient)
        if config.round_epochs is not None:
            loss = round(loss, config.round_epochs)
            gradient = [round(value, config.round_epochs) for value in gradient]
            w = [round(value, config.round_epochs) for value in w]
        yield gradient, loss, w


@pytest.fixture(scope="session")
def plain():
    return SimpleNamespace(
        samples=plain_samples,
        rate=plain_rate,
        loss=plain_loss,
        update=plain_update,
        batches=plain_batches,
        run=plain_run,
    )
