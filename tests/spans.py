"""Spans of epochs and what they have to come to: runs at random, runs in spans, and plain loops over the samples."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import strategies as st

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.trainer import Trainer

EPS = float(np.finfo(np.float64).eps)
OPTIMUM = (2.0, -4.0, 3.0)


def plain_orders(config, samples):
    """The order of the samples in one epoch after another, by the documented generator."""
    generator = np.random.default_rng([config.seed, 2])
    while True:
        yield generator.permutation(samples).tolist() if config.shuffle else list(range(samples))


def plain_epoch(config, problem, order, rate, w, v):
    """One epoch: w before its last update, that one's gradient and loss, and w and v after it."""
    x, y = ([values[i] for i in order] for values in (problem.x.tolist(), problem.y.tolist()))
    size = len(x) if config.batch == "full" else config.batch
    factor, mu = {"half": 1, "full": 2}[config.gradient], config.momentum
    for at in range(0, len(x) - size + 1, size):
        before, loss, gradient = w, 0, [0] * 3
        for xi, yi in zip(x[at : at + size], y[at : at + size], strict=True):
            error = (w[0] * xi + w[1]) * xi + w[2] - yi
            loss += error * error
            gradient = [g + error * by for g, by in zip(gradient, (xi * xi, xi, 1), strict=True)]
        gradient = [factor * g / size for g in gradient]
        if config.optimizer == "sgd":
            w = [wi - rate * gi for wi, gi in zip(w, gradient, strict=True)]
            continue
        v = [mu * vi - rate * gi for vi, gi in zip(v, gradient, strict=True)]
        if config.optimizer == "momentum":
            w = [wi + vi for wi, vi in zip(w, v, strict=True)]
        else:
            w = [wi + mu * vi - rate * gi for wi, vi, gi in zip(w, v, gradient, strict=True)]
    return SimpleNamespace(before=before, gradient=gradient, loss=loss / size, w=w, v=v)


def off(found, expected, largest):
    """How far apart two vectors are, as a part of the largest number that went into them."""
    apart = max(abs(f - e) for f, e in zip(found, expected, strict=True))
    return apart / max(float(largest), 1e-290)


def direct(w, x, y):
    """The loss and the `half` gradient of a batch in longer numbers, and how far a pass in doubles may be off."""
    a, b, c = np.asarray(w, dtype=np.longdouble)
    x, y = x.astype(np.longdouble), y.astype(np.longdouble)
    r = (a * x + b) * x + c - y
    reach = float(abs(x).max())
    powers = np.array([reach**2, reach, 1.0])
    rounding = 16 * EPS * (float(abs(y).max()) + powers @ np.abs(np.asarray(w, dtype=np.float64)))
    loss = float((r * r).mean())
    gradient = np.array([float((r * x * x).mean()), float((r * x).mean()), float(r.mean())])
    return loss, gradient, 2 * math.sqrt(loss) * rounding + rounding**2, rounding * powers


def check(span, config, problem, epochs):
    """Each of these epochs of a span, from where the span is before it; in the coordinates of training."""
    task = FitTask(config, problem)
    problem = task.trained
    for epoch in epochs:
        start, end, record = span.state(epoch), span.state(epoch + 1), span.record(epoch)
        rate = SCHEDULES[config.schedule].rate(config, epoch)
        order = list(range(len(problem.x)))
        if config.shuffle:
            generator = np.random.default_rng()
            generator.bit_generator.state = start.order
            order = generator.permutation(len(problem.x)).tolist()
        v = [slot[0] if slot else 0.0 for slot in start.slots]
        plain = plain_epoch(config, problem, order, rate, start.w.tolist(), v)
        largest = max(map(abs, (*plain.w, *plain.before, *start.w)))
        assert off(end.w, plain.w, largest) < 1e-9
        assert end.w.tolist() == record.trained_w.tolist()
        assert record.w.tolist() == task.to_x(end.w).tolist()
        if config.optimizer != "sgd":
            assert off([slot[0] for slot in end.slots], plain.v, max(largest, *map(abs, plain.v))) < 1e-9
        before = span.before[epoch - span.start.epoch]
        assert off(before, plain.before, max(map(abs, (*plain.before, *start.w)))) < 1e-9

        # The record: of its very batch, by a pass over it from its very w.
        size = len(problem.x) if config.batch == "full" else config.batch
        last = len(problem.x) // size * size
        x, y = record.batch
        assert x.tolist() == task.problem.x[order[last - size : last]].tolist() or size == len(problem.x)
        assert sorted(y.tolist()) == sorted(problem.y[order[last - size : last]].tolist())
        x = x if task.scale is None else (x - task.scale.mean) / task.scale.deviation
        loss, gradient, loss_off, gradient_off = direct(before, x, y)
        factor = {"half": 1, "full": 2}[config.gradient]
        assert record.loss == pytest.approx(loss, rel=1e-9, abs=loss_off)
        spread = np.maximum(gradient_off, 1e-9 * abs(gradient).max())
        assert (abs(record.gradient - factor * gradient) <= 2 * spread).all()
        assert (record.epoch, record.update, record.lr) == (epoch, last // size, rate)
        assert record.ends_epoch
        loss, _, loss_off, _ = direct(record.trained_w, problem.x, problem.y)
        assert record.mean_loss == pytest.approx(loss, rel=1e-9, abs=loss_off)


def some(span, count=8):
    """The first and the last epochs of a span, and some between."""
    numbers = range(span.start.epoch, span.end)
    return sorted({*numbers[:2], *numbers[-2:], *numbers[:: max(1, len(numbers) // count)]})


def run(config, problem=None, most=200):
    """A run in spans where there are any and by a Trainer elsewhere: yields the spans, None for an epoch that is none.

    Ends after about `most` epochs, or where the run does.
    """
    problem = problem or make_dataset(config)
    trainer = Trainer(FitTask(config, problem))
    forward = FastForward(FitTask(config, problem))
    while trainer.epoch < min(most, config.epochs):
        span = forward.span(trainer.state)
        if span is not None and span.length:
            yield span
            assert span.state(span.end).span_from == span.span_from
            trainer.restore(span.state(span.end), span.record(span.end - 1))
            if span.stops:
                return
            continue
        if span is not None:
            assert span.span_from > trainer.epoch
            trainer.span_from = span.span_from
        epoch = trainer.epoch
        trainer.advance(10**9)
        while trainer.epoch == epoch and not trainer.overflowed:
            trainer.advance(10**9)
        if trainer.overflowed:
            return
        yield None


coefficients = st.tuples(*[st.floats(-20, 20, allow_subnormal=False)] * 3)
CURVATURES = {(-1, 1): 3, (0, 1): 3, (-3, 3): 91, (-50, 50): 6.3e6, (100, 101): 1.05e8, (0, 1e-3): 1, (-10, -2): 1.02e4}


@st.composite
def configs(draw, optimizers=("sgd", "momentum", "nesterov"), **fixed):
    samples = draw(st.sampled_from([1, 2, 3, 5, 8, 9, 16, 17, 23, 33, 40]))
    ends = draw(st.sampled_from(list(CURVATURES)))
    scaled = fixed["scale_features"] if "scale_features" in fixed else draw(st.sampled_from([False, False, True]))
    steepest = 13 if scaled else CURVATURES[ends]
    values = {
        "true": draw(st.one_of(coefficients, st.sampled_from([OPTIMUM, (0, 0, 0)]))),
        "init": draw(st.one_of(coefficients, st.just((-11 / 6, -395 / 3, -2400)))),
        "samples": samples,
        "x_min": ends[0],
        "x_max": ends[1],
        "noise": draw(st.sampled_from([0, 0, 0.5])),
        # From hardly moving to a few times what is stable.
        "lr": draw(st.sampled_from([1e-6, 0.01, 0.3, 0.5, 0.9, 1.5, 1.99, 2.01, 4.0, 30.0])) / steepest,
        "scale_features": scaled,
        "schedule": draw(st.sampled_from(["constant", *SCHEDULES])),
        "decay_every": draw(st.sampled_from([1, 3, 10, 100])),
        "decay_rate": draw(st.sampled_from([0.5, 0.9, 1.0])),
        "optimizer": draw(st.sampled_from(optimizers)),
        "momentum": draw(st.sampled_from([0, 0.5, 0.9, 0.99])),
        "batch": draw(st.sampled_from([1, 1, 2, min(16, samples), samples // 2 + 1, samples, "full"])),
        "shuffle": draw(st.booleans()),
        "seed": draw(st.integers(0, 10**18)),
        "gradient": draw(st.sampled_from(["half", "full"])),
        "epochs": draw(st.sampled_from([1, 7, 100, 3000])),
        "stop_on": "never",
    }
    values["batch"] = min(values["batch"], samples) if values["batch"] != "full" else "full"
    return RunConfig(**values | fixed)
