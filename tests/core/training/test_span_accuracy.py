"""Spans against plain loops over the samples: each epoch of a span from the state that the span gives before it."""

import math
from decimal import Context, Decimal, localcontext
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from spans import OPTIMUM, check, configs, off, plain_epoch, plain_orders, run, some
from trials import AT_LENGTH, trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.parabola import QuadraticLoss
from quadfit_tui.core.model.problem import Dataset, make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training import fast_forward
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.trainer import Trainer

# As good as update by update


@trials(130)
@given(configs())
@example(PRESETS["article"])
@example(PRESETS["article-minibatch"])
@example(PRESETS["ill-conditioned"].replace(batch=1, lr=1e-8))
@example(PRESETS["momentum"].replace(stop_on="never", samples=100, epochs=3000))
@example(PRESETS["too-fast"])
def test_span_epochs_match_plain_loop(config):
    problem, done = make_dataset(config), 0
    for span in run(config, problem):
        if span is not None:
            check(span, config, problem, some(span))
            done += 1
        if done == 4:
            return


@trials(40)
@given(configs(true=(1e12, -1e12, 1e12), noise=0), st.sampled_from([0, 1.0, 1e9]))
def test_the_same_where_the_truth_is_huge(config, noise):
    config = config.replace(noise=noise, init=(1, 1, 1), lr=min(config.lr, 1.5))
    problem = make_dataset(config)
    for span in run(config, problem, 40):
        if span is not None:
            check(span, config, problem, some(span, 3))


# Beyond the limit, and just above no rate at all


def in_spans(config, problem):
    """w as trained after each epoch, up to the end or to where it diverges."""
    trainer = Trainer(FitTask(config, problem))
    forward, found = FastForward(FitTask(config, problem)), []
    while trainer.epoch < config.epochs:
        span = forward.span(trainer.state)
        if span is not None and span.length:
            found.append(span.trained_w)
            trainer.restore(span.state(span.end))
            continue
        trainer.span_from = trainer.span_from if span is None else span.span_from
        trainer.advance(10**9)
        if trainer.overflowed:
            break
        found.append(trainer.trained_w[np.newaxis])
    return np.concatenate(found) if found else np.empty((0, 3))


def by_updates(config, problem):
    trainer, found = Trainer(FitTask(config, problem)), []
    while trainer.epoch < config.epochs:
        trainer.advance(10**9)
        if trainer.overflowed:
            break
        found.append(trainer.trained_w[np.newaxis])
    return np.concatenate(found) if found else np.empty((0, 3))


def by_digits(config, problem, epochs):
    """w after so many epochs, by plain loops in 60 digits."""
    with localcontext(Context(prec=60, Emax=10**9, Emin=-(10**9))):
        task, orders = FitTask(config, problem), plain_orders(config, config.samples)
        problem = task.trained
        data = SimpleNamespace(**{name: np.array([*map(Decimal, getattr(problem, name).tolist())]) for name in "xy"})
        exact = SimpleNamespace(**vars(config) | {"momentum": Decimal(config.momentum)})
        w, v = [*map(Decimal, task.from_x(np.array(config.init, dtype=np.float64)).tolist())], [Decimal(0)] * 3
        for epoch in range(epochs):
            rate = Decimal(SCHEDULES[config.schedule].rate(config, epoch))
            plain = plain_epoch(exact, data, next(orders), rate, w, v)
            w, v = plain.w, plain.v
        return w


def check_run(config):
    """A run in spans against one update by update: as near as 1e-9 of the largest w so far, or as good as that one."""
    problem = make_dataset(config)
    mine, other = in_spans(config, problem), by_updates(config, problem)
    largest = 0.0
    for epoch, (w, alone) in enumerate(zip(mine.tolist(), other.tolist(), strict=False)):
        largest = max(largest, *map(abs, (*w, *alone)))
        if off(w, alone, largest) > 1e-9:
            exact = by_digits(config, problem, epoch + 1)
            error, errors = (
                max(abs(Decimal(a) - b) for a, b in zip(found, exact, strict=True)) for found in (w, alone)
            )
            assert error <= max(Decimal(1e-9 * largest), 16 * errors)
            return
    assert len(mine) == len(other)


@trials(120)
@given(configs(epochs=150), st.sampled_from([1e-3, 1e-9, 0.1, 0.7, 1.0, 1.05, 1.2, 2.0, 5.0, 100.0]))
@example(RunConfig(samples=2, lr=10 / 3, schedule="cosine", epochs=200, init=(-1, 10, 26), stop_on="never"), None)
@example(
    RunConfig(
        samples=5,
        x_min=0,
        x_max=1,
        init=(math.nextafter(2, 3), -4, 3),
        batch=3,
        optimizer="nesterov",
        momentum=0.1401285573386629,
        gradient="full",
        lr=2.093105503681845,
        decay_every=100,
        epochs=50,
        stop_on="never",
    ),
    None,
)
@example(
    RunConfig(
        samples=2,
        x_min=-0.9,
        x_max=1.3,
        init=(math.nextafter(2, 3), -4, 3),
        batch=2,
        optimizer="momentum",
        momentum=0.5311249404674075,
        lr=3.5474886859011097,
        schedule="inverse-time",
        decay_every=30,
        decay_rate=0.9,
        epochs=2000,
        stop_on="never",
    ),
    None,
)
def test_spans_as_good_as_single_updates(config, part):
    if part is not None:
        top = limit(FitTask(config.replace(shuffle=False), make_dataset(config))).rate
        config = config.replace(lr=min(1e6, part * (top or config.lr)))
    check_run(config)


@pytest.mark.parametrize("good", [0, 5, 64])
def test_span_ends_where_sums_lose_accuracy(monkeypatch, good):
    """What it tells of an epoch is by sums over the samples alone; single batches are looked through."""
    monkeypatch.setattr(QuadraticLoss, "sums_are_exact_enough", lambda _, w, *_losses: np.arange(w.shape[-2]) < good)
    for batch, length in (("full", good), (1, 64)):
        config = RunConfig(batch=batch, samples=30, epochs=64, schedule="constant", stop_on="never")
        task = make_task(config)
        trainer = Trainer(task)
        assert FastForward(task).span(trainer.state).length == length


@pytest.mark.parametrize(
    "changes",
    [
        {"samples": 2, "batch": 1, "optimizer": "momentum", "lr": 0.578},
        {"samples": 7, "batch": "full", "optimizer": "nesterov", "lr": 1.3},
        {"samples": 5, "batch": 5, "lr": 1.67},
    ],
    ids=str,
)
def test_above_limit_near_truth_uses_trainer(changes):
    """Each epoch there lengthens what rounding of a span has left: of these runs, spans would cost up to 4e-13 of w."""
    init = (2 + 4 * math.ulp(2.0), -4, 3)
    config = RunConfig(init=init, momentum=0.5, schedule="constant", epochs=150, stop_on="never").replace(**changes)
    problem = make_dataset(config)
    assert config.lr > limit(FitTask(config, problem)).rate
    assert in_spans(config, problem).tolist() == by_updates(config, problem).tolist()


GROWING = {
    "full": {"batch": "full", "lr": 1.78},
    "scaled": {"batch": "full", "lr": 0.82, "scale_features": True},
    "momentum": {"batch": "full", "optimizer": "momentum", "momentum": 0.5, "lr": 2.67, "noise": 0.5},
    "nesterov": {"batch": 4, "optimizer": "nesterov", "momentum": 0.3, "lr": 1.02},
    "single": {"batch": 1, "lr": 1.46},
    "full gradient": {"batch": 6, "lr": 0.76, "gradient": "full", "noise": 0.5},
}


def growing(name):
    """A run that grows, far from the optimum from the start."""
    config = RunConfig(samples=12, init=(-1, 10, 26), schedule="constant", epochs=2000, stop_on="never")
    return config.replace(**GROWING[name])


@pytest.mark.parametrize("name", GROWING if AT_LENGTH else ["momentum", "single"])
def test_growth_matches_exact_arithmetic(name):
    config = growing(name)
    problem = make_dataset(config)
    assert config.lr > limit(FitTask(config, problem)).rate
    spans = [span for span in run(config, problem, 2000) if span is not None]
    assert sum(span.length for span in spans) > 1000
    w = spans[-1].trained_w[-1].tolist()
    exact = by_digits(config, problem, spans[-1].end)
    largest = float(max(map(abs, exact)))
    assert largest > 1e3
    assert off(w, [*map(float, exact)], largest) < 1e-10


@pytest.mark.parametrize("name", GROWING if AT_LENGTH else ["scaled", "nesterov"])
def test_growth_overflows_in_same_epoch(name):
    config = growing(name)
    config = config.replace(lr=1.03 * config.lr, epochs=10**6)
    problem = make_dataset(config)
    mine, other = in_spans(config, problem), by_updates(config, problem)
    assert len(mine) == len(other)
    assert off(mine[-1], other[-1], abs(other[-1]).max()) < 1e-9


@pytest.mark.parametrize(
    "changes",
    [
        {
            "schedule": "halve",
            "decay_every": 1500,
            "epochs": 1600,
        },  # what comes back leaves its rounding where nothing moves
        {"init": (math.nextafter(2, 3), -4, 3)},  # rounding is more than what grows
        {"samples": 64, "batch": 1, "scale_features": True, "lr": 1.0065},  # 1e10 times as large within an epoch
    ],
)
def test_growth_swamped_by_rounding_is_trained(changes):
    config = growing("full").replace(**{"epochs": 310, "lr": 1.8} | changes)
    problem = make_dataset(config)
    assert in_spans(config, problem)[:300].tolist() == by_updates(config, problem)[:300].tolist()


def test_growth_beyond_drift_limit_is_trained(monkeypatch):
    config = growing("single")
    monkeypatch.setattr(fast_forward, "DRIFT", 1e-15)
    assert not any(run(config, most=40))
    monkeypatch.undo()
    assert any(run(config, most=40))


def test_tiny_rates_lose_no_digits():
    lr = 1e-9
    config = RunConfig(samples=1, init=(-1, 10, 26), lr=lr, schedule="constant", epochs=100_000, stop_on="never")
    problem = make_dataset(config)
    w = in_spans(config, problem)[-1]
    with localcontext(Context(prec=50)):
        # One sample is all there is: each update leaves 1 − lr·‖f‖² of its residual, and w moves along f.
        x, y, start = Decimal(float(problem.x[0])), Decimal(float(problem.y[0])), [*map(Decimal, config.init)]
        f = [x * x, x, Decimal(1)]
        length = sum(fi * fi for fi in f)
        residual = sum(fi * wi for fi, wi in zip(f, start, strict=True)) - y
        moved = residual * (1 - (1 - Decimal(lr) * length) ** 100_000) / length
        exact = [wi - fi * moved for fi, wi in zip(f, start, strict=True)]
        assert max(abs(Decimal(a) - b) for a, b in zip(w.tolist(), exact, strict=True)) < 26 * Decimal("1e-13")


# At the optimum


RATES = [0.5, 1.2, 1e6]


@pytest.mark.parametrize("lr", RATES)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_moves_on_the_optimum(lr, optimizer, shuffle):
    """In a plain loop every residual is 0 to the last bit, and so is what follows from it, at any rate."""
    for batch in (1, 7, 30, "full"):
        config = RunConfig(
            samples=30,
            init=OPTIMUM,
            lr=lr,
            batch=batch,
            optimizer=optimizer,
            shuffle=shuffle,
            schedule="constant",
            epochs=40,
        ).replace(stop_on="never")
        for span in run(config):
            for epoch in some(span) if span else ():
                record = span.record(epoch)
                assert record.w.tolist() == list(OPTIMUM)
                assert (record.loss, record.gradient.tolist(), record.mean_loss) == (0, [0, 0, 0], 0)


@pytest.mark.parametrize("stop_on", ["dataset", "last-update"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize(("samples", "truth"), [(3, OPTIMUM), (3, None), (4, None), (30, None)])
def test_no_loss_is_below_zero(stop_on, optimizer, samples, truth):
    for init in (OPTIMUM, (2.0, -4.0, 3.0 + 1e-12), (-1, 10, 26)):
        config = RunConfig(
            samples=samples, x_min=0, init=init, lr=0.3, schedule="constant", batch="full", epochs=300, tol=0
        )
        problem = make_dataset(config)
        problem = Dataset(problem.x, problem.y, truth)
        for span in run(config.replace(stop_on=stop_on, optimizer=optimizer), problem):
            for epoch in some(span, 60) if span else ():
                assert span.record(epoch).loss >= 0
                assert span.record(epoch).mean_loss >= 0
            assert span is None or not span.stops


@trials(60)
@given(configs(noise=0, scale_features=False), st.sampled_from([0, 1e-15, 1e-9]), st.sampled_from([1, 30, 1e4, 1e9]))
def test_near_optimum_matches_plain_loop(config, apart, faster):
    """Rounding moves w from there: far too fast, it takes w away. A span may have to leave that to the trainer."""
    init = tuple(value * (1 + apart) for value in config.true)
    config = config.replace(init=init, lr=min(1e6, config.lr * faster))
    problem = make_dataset(config)
    for span in run(config, problem, 12):
        if span is not None:
            check(span, config, problem, some(span, 4))
