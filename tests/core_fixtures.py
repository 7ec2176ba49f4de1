"""What several tests of the core lean on: a clock that a test owns, and the article's arithmetic in plain Python."""

import math
from fractions import Fraction
from functools import cache
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


@cache
def plain_samples(config):
    """The samples without noise; x by exact fractions."""
    low, high, n = Fraction(config.x_min), Fraction(config.x_max), config.samples
    xs = [float(low + i * (high - low) / n) for i in range(n)]
    a, b, c = config.true
    return xs, [a * x * x + b * x + c for x in xs]


@cache
def plain_scale(config):
    """The mean and the standard deviation of x, by exact fractions; 0 and 1 where the features are not scaled."""
    if not config.scale_features:
        return Fraction(0), Fraction(1)
    xs = [Fraction(x) for x in plain_samples(config)[0]]
    mean = sum(xs) / len(xs)
    return mean, Fraction(math.sqrt(sum((x - mean) ** 2 for x in xs) / len(xs))) or Fraction(1)


def plain_parabola(f):
    """a, b, c of a parabola that is known by its values, of which three are enough; exact."""
    left, middle, right = (f(Fraction(at)) for at in (-1, 0, 1))
    return [float(value) for value in ((left + right) / 2 - middle, (right - left) / 2, middle)]


def plain_into_training(config, w):
    """w of z = (x − mean)/deviation from w of x."""
    (mean, deviation), (a, b, c) = plain_scale(config), map(Fraction, w)
    return plain_parabola(lambda z: (a * (mean + deviation * z) + b) * (mean + deviation * z) + c)


def plain_out_of_training(config, w):
    """w of x from w of z."""
    (mean, deviation), (a, b, c) = plain_scale(config), map(Fraction, w)
    return plain_parabola(lambda x: (a * (x - mean) / deviation + b) * (x - mean) / deviation + c)


@cache
def plain_training_samples(config):
    """The samples as they are trained on."""
    (mean, deviation), (xs, ys) = plain_scale(config), plain_samples(config)
    return [float((Fraction(x) - mean) / deviation) for x in xs], ys


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
    xs, ys = plain_training_samples(config)
    orders = np.random.default_rng([config.seed, 2])
    w = plain_into_training(config, config.init)
    for epoch in range(epochs):
        rate = plain_rate(config, epoch)
        for batch in plain_batches(config, xs, ys, orders):
            loss, gradient, w = plain_update(w, *batch, rate, config.gradient)
        if config.round_epochs is not None:
            loss = round(loss, config.round_epochs)
            gradient = [round(value, config.round_epochs) for value in gradient]
            w = [round(value, config.round_epochs) for value in w]
        yield gradient, loss, plain_out_of_training(config, w)


@pytest.fixture(scope="session")
def plain():
    return SimpleNamespace(
        samples=plain_samples,
        training_samples=plain_training_samples,
        into_training=plain_into_training,
        out_of_training=plain_out_of_training,
        scale=plain_scale,
        rate=plain_rate,
        loss=plain_loss,
        update=plain_update,
        batches=plain_batches,
        run=plain_run,
    )
