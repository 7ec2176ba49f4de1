"""Spans against plain loops over the samples: each epoch of a span from the state that the span gives before it."""

import math
from decimal import Context, Decimal, localcontext
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.parabola import LossForm
from quadfit_tui.core.model.problem import Problem, make_problem
from quadfit_tui.core.model.task import Task, make_task
from quadfit_tui.core.training import fast_forward
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.trainer import Trainer

EPS = float(np.finfo(np.float64).eps)
OPTIMUM = (2.0, -4.0, 3.0)


# The oracle: plain loops of plain floats.


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
    task = Task(config, problem)
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
    problem = problem or make_problem(config)
    trainer = Trainer(Task(config, problem))
    forward = FastForward(Task(config, problem), trainer.rng)
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
        while trainer.epoch == epoch and not trainer.diverged:
            trainer.advance(10**9)
        if trainer.diverged:
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


# As good as update by update


@trials(130)
@given(configs())
@example(PRESETS["article"])
@example(PRESETS["article-minibatch"])
@example(PRESETS["ill-conditioned"].replace(batch=1, lr=1e-8))
@example(PRESETS["momentum"].replace(stop_on="never", samples=100, epochs=3000))
@example(PRESETS["too-fast"])
def test_each_epoch_of_a_span_is_that_of_a_plain_loop(config):
    problem, done = make_problem(config), 0
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
    problem = make_problem(config)
    for span in run(config, problem, 40):
        if span is not None:
            check(span, config, problem, some(span, 3))


@pytest.mark.parametrize(
    "name", ["article", "article-minibatch", "article-alternative", "full-batch", "momentum", "noisy"]
)
def test_a_whole_run_is_that_of_a_plain_loop(name):
    config = PRESETS[name].replace(stop_on="never", samples=200, epochs=60)
    problem = make_problem(config)
    w, v, orders = list(config.init), [0.0] * 3, plain_orders(config, 200)
    for span in run(config, problem):
        assert span is not None
        for epoch in range(span.start.epoch, span.end):
            rate = SCHEDULES[config.schedule].rate(config, epoch)
            plain = plain_epoch(config, problem, next(orders), rate, w, v)
            w, v = plain.w, plain.v
            assert span.record(epoch).w.tolist() == pytest.approx(w, rel=1e-9)
            assert span.record(epoch).loss == pytest.approx(plain.loss, rel=1e-9, abs=1e-13 * math.sqrt(plain.loss))
    assert span.end == 60


@pytest.mark.parametrize("batch", [1, 7, 16, "full"])
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
def test_a_file_of_samples_is_fitted_as_well(tmp_path, batch, optimizer):
    file = tmp_path / "years.csv"
    generator = np.random.default_rng(5)
    file.write_text("".join(f"{x},{x * x / 9 - x + generator.normal()}\n" for x in range(-20, 20)))
    config = RunConfig(data=str(file), lr=1e-6, schedule="constant", batch=batch, optimizer=optimizer, epochs=60)
    problem = make_problem(config)
    assert problem.truth is None
    for span in run(config, problem):
        assert span is not None
        check(span, config, problem, some(span))
    assert span.end == 60


# Beyond the limit, and just above no rate at all


def in_spans(config, problem):
    """w as trained after each epoch, up to the end or to where it diverges."""
    trainer = Trainer(Task(config, problem))
    forward, found = FastForward(Task(config, problem), trainer.rng), []
    while trainer.epoch < config.epochs:
        span = forward.span(trainer.state)
        if span is not None and span.length:
            found.append(span.w)
            trainer.restore(span.state(span.end))
            continue
        trainer.span_from = trainer.span_from if span is None else span.span_from
        trainer.advance(10**9)
        if trainer.diverged:
            break
        found.append(trainer.trained_w[np.newaxis])
    return np.concatenate(found) if found else np.empty((0, 3))


def by_updates(config, problem):
    trainer, found = Trainer(Task(config, problem)), []
    while trainer.epoch < config.epochs:
        trainer.advance(10**9)
        if trainer.diverged:
            break
        found.append(trainer.trained_w[np.newaxis])
    return np.concatenate(found) if found else np.empty((0, 3))


def by_digits(config, problem, epochs):
    """w after so many epochs, by plain loops in 60 digits."""
    with localcontext(Context(prec=60, Emax=10**9, Emin=-(10**9))):
        task, orders = Task(config, problem), plain_orders(config, config.samples)
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
    problem = make_problem(config)
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
def test_at_any_rate_a_run_in_spans_is_as_good_as_update_by_update(config, part):
    if part is not None:
        top = limit(Task(config.replace(shuffle=False), make_problem(config))).rate
        config = config.replace(lr=min(1e6, part * (top or config.lr)))
    check_run(config)


@pytest.mark.parametrize("good", [0, 5, 64])
def test_a_span_of_full_batches_ends_where_sums_are_not_as_good_as_a_pass(monkeypatch, good):
    """What it tells of an epoch is by sums over the samples alone; single batches are looked through."""
    monkeypatch.setattr(LossForm, "is_as_good", lambda _, w: np.arange(len(w)) < good)
    for batch, length in (("full", good), (1, 64)):
        config = RunConfig(batch=batch, samples=30, epochs=64, schedule="constant", stop_on="never")
        task = make_task(config)
        trainer = Trainer(task)
        assert FastForward(task, trainer.rng).span(trainer.state).length == length


def test_what_ran_away_and_comes_back_is_left_to_the_trainer():
    """Where w was as large as 1e56, a span loses all that is left of it in the direction in which nothing moves."""
    config = RunConfig(samples=2, lr=10 / 3, schedule="cosine", epochs=200, init=(-1, 10, 26), stop_on="never")
    problem = make_problem(config)
    w, alone = in_spans(config, problem)[-1], by_updates(config, problem)[-1]
    assert w.tolist() == pytest.approx(alone.tolist(), rel=1e-9)
    assert [float(value) for value in by_digits(config, problem, 200)] == pytest.approx(alone.tolist(), rel=0.1)


@pytest.mark.parametrize(
    "changes",
    [
        {"samples": 2, "batch": 1, "optimizer": "momentum", "lr": 0.578},
        {"samples": 7, "batch": "full", "optimizer": "nesterov", "lr": 1.3},
        {"samples": 5, "batch": 5, "lr": 1.67},
    ],
    ids=str,
)
def test_above_the_limit_a_run_that_starts_beside_the_truth_is_trained_to_the_last_bit(changes):
    """Each epoch there lengthens what rounding of a span has left: of these runs, spans would cost up to 4e-13 of w."""
    init = (2 + 4 * math.ulp(2.0), -4, 3)
    config = RunConfig(init=init, momentum=0.5, schedule="constant", epochs=150, stop_on="never").replace(**changes)
    problem = make_problem(config)
    assert config.lr > limit(Task(config, problem)).rate
    assert in_spans(config, problem).tolist() == by_updates(config, problem).tolist()


@pytest.mark.parametrize("lr", [1e-9, 3e-10])
def test_rates_of_next_to_nothing_lose_nothing_in_many_updates(lr):
    config = RunConfig(samples=1, init=(-1, 10, 26), lr=lr, schedule="constant", epochs=300_000, stop_on="never")
    problem = make_problem(config)
    w = in_spans(config, problem)[-1]
    with localcontext(Context(prec=50)):
        # One sample is all there is: each update leaves 1 − lr·‖f‖² of its residual, and w moves along f.
        x, y, start = Decimal(float(problem.x[0])), Decimal(float(problem.y[0])), [*map(Decimal, config.init)]
        f = [x * x, x, Decimal(1)]
        length = sum(fi * fi for fi in f)
        residual = sum(fi * wi for fi, wi in zip(f, start, strict=True)) - y
        moved = residual * (1 - (1 - Decimal(lr) * length) ** 300_000) / length
        exact = [wi - fi * moved for fi, wi in zip(f, start, strict=True)]
        assert max(abs(Decimal(a) - b) for a, b in zip(w.tolist(), exact, strict=True)) < 26 * Decimal("1e-13")


# At the optimum

RATES = [0.5, 1.2, 1e6]


@pytest.mark.parametrize("lr", RATES)
@pytest.mark.parametrize("batch", [1, 7, 30, "full"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_moves_on_the_optimum(lr, batch, optimizer, shuffle):
    """In a plain loop every residual is 0 to the last bit, and so is what follows from it, at any rate."""
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
        for epoch in range(span.start.epoch, span.end) if span else ():
            record = span.record(epoch)
            assert record.w.tolist() == list(OPTIMUM)
            assert (record.loss, record.gradient.tolist(), record.mean_loss) == (0, [0, 0, 0], 0)


@pytest.mark.parametrize("stop_on", ["dataset", "last-update"])
@pytest.mark.parametrize("init", [OPTIMUM, (2.0, -4.0, 3.0 + 1e-12), (-1, 10, 26)])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize(("samples", "truth"), [(3, OPTIMUM), (3, None), (4, None), (30, None)])
def test_no_loss_is_below_zero(stop_on, init, optimizer, samples, truth):
    config = RunConfig(
        samples=samples, x_min=0, init=init, lr=0.3, schedule="constant", batch="full", epochs=300, tol=0
    )
    problem = make_problem(config)
    problem = Problem(problem.x, problem.y, truth)
    for span in run(config.replace(stop_on=stop_on, optimizer=optimizer), problem):
        for epoch in range(span.start.epoch, span.end) if span else ():
            assert span.record(epoch).loss >= 0
            assert span.record(epoch).mean_loss >= 0
        assert span is None or not span.stops


@trials(60)
@given(configs(noise=0, scale_features=False), st.sampled_from([0, 1e-15, 1e-9]), st.sampled_from([1, 30, 1e4, 1e9]))
def test_near_the_optimum_any_rate_is_as_good_as_a_plain_loop(config, apart, faster):
    """Rounding moves w from there: far too fast, it takes w away. A span may have to leave that to the trainer."""
    init = tuple(value * (1 + apart) for value in config.true)
    config = config.replace(init=init, lr=min(1e6, config.lr * faster))
    problem = make_problem(config)
    for span in run(config, problem, 12):
        if span is not None:
            check(span, config, problem, some(span, 4))


# Where it is worth its while


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch", [1, 16, "full"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("schedule", list(SCHEDULES))
def test_a_run_that_gets_on_well_is_done_in_spans(shuffle, batch, optimizer, schedule):
    config = PRESETS["article"].replace(
        shuffle=shuffle, batch=batch, optimizer=optimizer, schedule=schedule, lr=0.04, stop_on="never"
    )
    found = list(run(config))
    assert None not in found
    assert sum(span.length for span in found) == 100
    assert len(found) <= 20


@pytest.mark.parametrize(
    ("changes", "most"),
    [({}, 3), ({"schedule": "cosine"}, 40), ({"shuffle": True}, 40), ({"batch": "full"}, 3), ({"batch": 16}, 3)],
)
def test_a_span_is_long_where_it_costs_little(changes, most):
    config = PRESETS["article"].replace(stop_on="never", epochs=1000, schedule="constant", lr=0.1).replace(**changes)
    found = list(run(config, most=1000))
    assert None not in found
    assert len(found) <= most


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adam"},
        {"optimizer": "adagrad"},
        {"optimizer": "rmsprop"},
        {"round_epochs": 2},
        {"round_epochs": 12, "batch": "full"},
    ],
)
def test_what_is_no_affine_map_has_no_span(changes):
    assert set(run(PRESETS["article"].replace(samples=20, stop_on="never", **changes))) == {None}


def forward_of(config):
    problem = make_problem(config)
    trainer = Trainer(Task(config, problem))
    return FastForward(Task(config, problem), trainer.rng), trainer


def test_none_starts_before_it_may_nor_after_the_last_epoch():
    config = RunConfig(samples=10, epochs=30, stop_on="never")
    forward, trainer = forward_of(config)
    trainer.span_from = 7
    assert forward.span(trainer.state) is None
    trainer.epoch = 6
    assert forward.span(trainer.state) is None
    trainer.epoch = 7
    span = forward.span(trainer.state)
    assert (span.start.epoch, span.end) == (7, 30)
    for epoch in (30, 31, 1000):
        trainer.epoch = epoch
        assert forward.span(trainer.state) is None


@pytest.mark.parametrize("changes", [{}, {"shuffle": True}, {"batch": "full", "schedule": "cosine"}, {"batch": 4}])
@pytest.mark.parametrize("epochs", [1, 2, 63, 64, 65, 150])
def test_spans_follow_on_each_other_up_to_the_last_epoch(monkeypatch, changes, epochs):
    monkeypatch.setattr(fast_forward, "MOST_EPOCHS", 32)
    config = RunConfig(samples=10, epochs=epochs, stop_on="never", lr=0.1, **changes)
    done = 0
    for span in run(config):
        assert span.start.epoch == done
        assert 1 <= span.length <= 32
        done = span.end
        assert span.state(span.start.epoch) is span.start
        rates = [SCHEDULES[config.schedule].rate(config, epoch) for epoch in range(span.start.epoch, span.end)]
        assert [span.record(epoch).lr for epoch in range(span.start.epoch, span.end)] == rates
    assert done == epochs


def test_too_many_maps_are_not_made(monkeypatch):
    monkeypatch.setattr(fast_forward, "MOST_MAPS", 10)
    few = RunConfig(samples=10, lr=0.05, stop_on="never")
    many = few.replace(samples=11)
    for changes in ({"optimizer": "momentum"}, {"optimizer": "nesterov"}):
        assert next(run(few.replace(**changes))) is not None
        assert next(run(many.replace(**changes))) is None
    assert next(run(many)) is not None  # single samples need none
    assert next(run(many.replace(shuffle=True))) is not None
    monkeypatch.setattr(fast_forward, "MOST_SHUFFLED", 10)
    for changes in ({}, {"batch": "full"}, {"batch": 2, "optimizer": "momentum"}):
        assert next(run(few.replace(shuffle=True, **changes))) is not None
        assert next(run(many.replace(shuffle=True, **changes))) is None
        assert next(run(many.replace(**changes))) is not None
    assert next(run(many.replace(optimizer="momentum", batch=2))) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"shuffle": True},
        {"shuffle": True, "schedule": "constant"},
        {"batch": 3},
        {"batch": 5, "shuffle": True, "schedule": "constant"},
        {"batch": "full", "optimizer": "momentum"},
    ],
)
def test_a_span_depends_on_its_start_alone(changes):
    """Neither on the spans that were made before, nor on how far anybody wants to go."""
    config = RunConfig(samples=12, epochs=4000, stop_on="never", decay_every=700, lr=0.1).replace(**changes)
    used, _ = forward_of(config)
    starts = [span.start for span in run(config, most=3000)]
    assert len(starts) > 2
    for start in [*starts[::-1], *starts]:
        fresh, _ = forward_of(config)
        mine, other = fresh.span(start), used.span(start)
        assert mine.length == other.length
        assert mine.span_from == other.span_from
        for name in ("w", "before", "gradient", "loss", "velocity"):
            assert getattr(mine, name).tobytes() == getattr(other, name).tobytes()


def test_what_a_span_is_asked_for_is_nobody_elses():
    """States and records that are changed, or kept, leave the span alone."""
    span = next(run(RunConfig(samples=5, stop_on="never")))
    w = span.state(3).w.tolist()
    span.state(3).w[:] = 0
    span.record(2).w[:] = 0
    span.record(2).gradient[:] = 0
    assert span.state(3).w.tolist() == span.record(2).w.tolist() == w
    assert span.record(2).gradient.any()


# Orders


@pytest.mark.parametrize("batch", [1, 4, 13, "full"])
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
def test_shuffled_epochs_take_the_orders_of_the_documented_generator(batch, optimizer, monkeypatch):
    monkeypatch.setattr(fast_forward, "MOST_EPOCHS", 7)
    config = RunConfig(samples=13, batch=batch, shuffle=True, seed=11, epochs=30, stop_on="never", lr=0.05)
    problem, orders = make_problem(config), plain_orders(config, 13)
    size = 13 if batch == "full" else batch
    last = 13 // size * size
    done = 0
    for span in run(config.replace(optimizer=optimizer), problem):
        for epoch in range(span.start.epoch, span.end):
            order = next(orders)
            generator = np.random.default_rng()
            generator.bit_generator.state = span.state(epoch).order
            assert generator.permutation(13).tolist() == order
            x, y = span.record(epoch).batch
            assert sorted(x.tolist()) == sorted(problem.x[order[last - size : last]].tolist())
            assert sorted(y.tolist()) == sorted(problem.y[order[last - size : last]].tolist())
            done += 1
        assert generator.bit_generator.state == span.state(span.end).order
    assert done == 30


def test_a_span_and_a_trainer_leave_each_other_the_same_orders():
    config = RunConfig(samples=10, batch=3, shuffle=True, seed=3, epochs=20, stop_on="never", lr=0.05)
    (span,) = run(config)
    alone = Trainer(make_task(config))
    for epoch in range(20):
        assert span.state(epoch).order == alone.state.order
        alone.advance(10**6)


# Stopping


def records_of(found):
    return [span.record(epoch) for span in found for epoch in range(span.start.epoch, span.end)]


FALLING = RunConfig(samples=20, schedule="constant", lr=0.3, epochs=120, stop_on="never")


def losses(config):
    """The mean loss, by a pass over the samples, and the last update's loss after each epoch of a run that goes on."""
    problem, found = make_problem(config), []
    for record in records_of(run(config, problem)):
        a, b, c = record.w.tolist()
        r = (a * problem.x + b) * problem.x + c - problem.y
        found.append((float(r @ r) / len(r), record.loss))
    return found


@pytest.mark.parametrize("rule", ["dataset", "last-update"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"batch": "full"}, {"batch": 7, "optimizer": "momentum", "momentum": 0.5}, {"shuffle": True, "noise": 0.3}],
)
@pytest.mark.parametrize("epoch", [0, 1, 13, 50, 80])
def test_a_span_ends_with_the_first_epoch_whose_loss_is_below_tol(rule, changes, epoch):
    config = FALLING.replace(**changes)
    judged = [pair[rule == "last-update"] for pair in losses(config)]
    for tol in (judged[epoch], math.nextafter(judged[epoch], math.inf), judged[epoch] * 1.01):
        expected = next((number for number, loss in enumerate(judged) if loss < tol), None)
        found = list(run(config.replace(stop_on=rule, tol=tol)))
        stops = [span.stops for span in found]
        assert stops == [False] * (len(found) - 1) + [expected is not None]
        assert found[-1].end == (120 if expected is None else expected + 1)


@pytest.mark.parametrize("rule", ["dataset", "last-update"])
@pytest.mark.parametrize("batch", [1, "full"])
def test_tol_at_the_floor_of_rounding_stops_where_the_record_says_so(rule, batch):
    """Down there sums and passes differ: what counts is what a record shows."""
    config = FALLING.replace(batch=batch, lr=0.9, optimizer="momentum", momentum=0.5)
    for exponent in range(-34, -20):
        config = config.replace(stop_on=rule, tol=10.0**exponent)
        for span in run(config):
            for epoch in range(span.start.epoch, span.end) if span else ():
                record = span.record(epoch)
                below = {"dataset": record.mean_loss, "last-update": record.loss}[rule] < config.tol
                assert below == (span.stops and epoch == span.end - 1)


@pytest.mark.parametrize(("looks", "parts"), [(0, 4), (2, 2), (10**9, 1)])
def test_a_span_that_takes_many_looks_is_cut_and_misses_nothing(monkeypatch, looks, parts):
    """Where only rounding is left, sums do not tell which loss is the first one below tol: each is looked at."""
    problem = make_problem(FALLING)
    problem = Problem(problem.x, problem.y, None)
    losses_of_all = [record.mean_loss for record in records_of(run(FALLING, problem))]
    last_low = max(at for at in range(120) if losses_of_all[at] < min(losses_of_all[:at], default=math.inf))
    monkeypatch.setattr(fast_forward, "MOST_LOOKS", looks * FALLING.samples)
    tol = math.nextafter(losses_of_all[last_low], math.inf)
    found = list(run(FALLING.replace(stop_on="dataset", tol=tol), problem))
    assert [span.stops for span in found] == [False] * (len(found) - 1) + [True]
    # Another span may round otherwise: its own records tell.
    assert [record.mean_loss < tol for record in records_of(found)] == [False] * (found[-1].end - 1) + [True]
    assert len(found) >= parts
    assert len(found) == 1 or parts > 1


# Where the algebra does not hold


@pytest.mark.parametrize(
    "changes",
    [
        {"lr": 3.5, "batch": "full"},
        {"lr": 3.5, "batch": "full", "optimizer": "momentum"},
        {"lr": 1.6},
        {"lr": 4.0, "samples": 4},
        {"lr": 1e6},
        {"lr": 5.0, "batch": 3, "shuffle": True},
        {"lr": 1e-2, "x_max": 50.0, "batch": 2, "optimizer": "nesterov"},
    ],
)
def test_a_run_that_runs_away_is_left_to_the_trainer(changes):
    config = RunConfig(samples=10, schedule="constant", epochs=10**6, stop_on="never").replace(**changes)
    alone = Trainer(make_task(config))
    while not alone.diverged:
        alone.advance(10**6)
    *_, done = (trainer for trainer in walk(config))
    assert done.diverged
    assert (done.epoch, done.update) == (alone.epoch, alone.update)
    assert done.w.tolist() == alone.w.tolist()


def walk(config):
    """The trainer of a run as it goes on, in spans and by updates."""
    problem = make_problem(config)
    trainer = Trainer(Task(config, problem))
    forward = FastForward(Task(config, problem), trainer.rng)
    while not trainer.diverged:
        span = None if trainer.update else forward.span(trainer.state)
        if span is not None and span.length:
            trainer.restore(span.state(span.end))
        else:
            trainer.span_from = trainer.span_from if span is None else span.span_from
            trainer.advance(10**6)
        yield trainer


@trials(60)
@given(configs(), st.sampled_from([1.0, 1e3, 1e9]))
@example(RunConfig(x_min=-1e6, x_max=1e6, lr=1e6, samples=40, init=(1e12, 1e12, 1e12)), 1.0)
@example(RunConfig(x_min=-1e6, x_max=1e6, lr=1e6, samples=40, batch="full", optimizer="momentum"), 1.0)
@example(RunConfig(x_min=1e6 - 1, x_max=1e6, lr=1e-24, samples=40, batch=7, optimizer="nesterov"), 1.0)
@pytest.mark.filterwarnings("error")
def test_what_a_span_gives_is_finite_and_nothing_is_said_of_the_rest(config, faster):
    config = config.replace(lr=min(1e6, config.lr * faster))
    for span in run(config, most=60):
        if span is None:
            continue
        for name in ("w", "before", "gradient", "loss", "velocity"):
            assert np.isfinite(getattr(span, name)).all()
        assert abs(span.before).max() <= fast_forward.FARTHEST
        assert np.isfinite([span.record(epoch).mean_loss for epoch in some(span)]).all()


def test_after_a_span_that_did_not_hold_some_epochs_are_left_to_the_trainer():
    # w has far to go: at first w − truth does not hold the digits of w.
    config = RunConfig(
        true=(1e12, -1e12, 1e12), init=(1, 1, 1), samples=4, lr=3e-8, schedule="constant", stop_on="never"
    )
    forward, trainer = forward_of(config)
    span = forward.span(trainer.state)
    assert span.length == 0
    assert span.span_from == fast_forward.LEAST_PAUSE
    found = list(run(config))
    assert found[: fast_forward.LEAST_PAUSE] == [None] * fast_forward.LEAST_PAUSE
    assert found[-1] is not None


@pytest.mark.parametrize("changes", [{}, {"batch": "full"}, {"batch": 3, "shuffle": True}, {"optimizer": "momentum"}])
@pytest.mark.parametrize("ends", [(1e6 - 1, 1e6), (-1e6, 1e6), (1e5, 1e5 + 1)])
def test_x_far_from_zero_is_left_alone_or_done_as_well(changes, ends):
    config = RunConfig(
        x_min=ends[0], x_max=ends[1], samples=12, lr=0.3 / ends[1] ** 4, schedule="constant", stop_on="never", epochs=20
    ).replace(**changes)
    problem = make_problem(config)
    for span in run(config, problem):
        if span is not None:
            check(span, config, problem, some(span))


def test_samples_that_no_truth_fits_are_fitted_about_their_optimum():
    generator = np.random.default_rng(1)
    x = np.sort(generator.uniform(-1, 1, 30))
    problem = Problem(x, generator.normal(size=30), None)
    config = RunConfig(samples=30, lr=0.3, schedule="constant", epochs=400, stop_on="never", batch=5)
    for span in run(config, problem, 400):
        check(span, config, problem, some(span))
