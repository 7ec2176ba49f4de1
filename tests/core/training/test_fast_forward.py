"""Which epochs are done in spans, in which orders and how far, and where the algebra does not hold."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from spans import check, configs, plain_orders, run, some
from tables import table
from trials import AT_LENGTH, trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import Dataset, make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training import fast_forward, plan_maps
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.trainer import Trainer

# Where it is worth its while


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch", [1, 16, "full"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov"])
def test_regular_runs_use_spans(shuffle, batch, optimizer):
    for schedule in SCHEDULES if AT_LENGTH else ("halve", "cosine"):
        config = PRESETS["article"].replace(
            shuffle=shuffle, batch=batch, optimizer=optimizer, schedule=schedule, lr=0.04, stop_on="never"
        )
        if schedule != "constant":  # which has the most spans of long epochs
            config = config.replace(samples=80)
        found = list(run(config))
        assert None not in found
        assert sum(span.length for span in found) == 100
        assert len(found) <= 20


@pytest.mark.parametrize(
    ("changes", "most"),
    [({}, 3), ({"schedule": "cosine"}, 40), ({"shuffle": True}, 40), ({"batch": "full"}, 3), ({"batch": 16}, 3)],
)
def test_cheap_spans_are_long(changes, most):
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
def test_non_affine_runs_have_no_spans(changes):
    assert set(run(PRESETS["article"].replace(samples=20, stop_on="never", **changes))) == {None}


def forward_of(config):
    problem = make_dataset(config)
    trainer = Trainer(FitTask(config, problem))
    return FastForward(FitTask(config, problem)), trainer


def test_span_start_limits():
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


@table("changes", [{}, {"shuffle": True}, {"batch": "full", "schedule": "cosine"}, {"batch": 4}])
@table("epochs", [1, 2, 63, 64, 65, 150])
def test_spans_are_contiguous(monkeypatch, changes, epochs):
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


def test_too_many_maps_are_not_made():
    few = RunConfig(samples=fast_forward.MOST_MAPS, lr=0.05, stop_on="never")
    many = few.replace(samples=few.samples + 1)
    for changes in ({"optimizer": "momentum"}, {"optimizer": "nesterov"}):
        assert next(run(few.replace(**changes))) is not None
        assert next(run(many.replace(**changes))) is None
    assert next(run(many)) is not None  # single samples need none
    assert next(run(many.replace(shuffle=True))) is not None
    assert next(run(many.replace(optimizer="momentum", batch=2))) is not None
    few = few.replace(samples=fast_forward.MOST_SHUFFLED)
    many = few.replace(samples=few.samples + 1)
    for changes in ({}, {"batch": "full"}, {"batch": 8, "optimizer": "momentum"}):
        assert next(run(few.replace(shuffle=True, **changes))) is not None
        assert next(run(many.replace(shuffle=True, **changes))) is None
        assert next(run(many.replace(**changes))) is not None


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
        for name in ("trained_w", "before", "gradient", "loss", "velocity"):
            assert getattr(mine, name).tobytes() == getattr(other, name).tobytes()


def test_span_results_are_copies():
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
def test_shuffled_spans_follow_the_generator(batch, optimizer, monkeypatch):
    monkeypatch.setattr(fast_forward, "MOST_EPOCHS", 7)
    config = RunConfig(samples=13, batch=batch, shuffle=True, seed=11, epochs=30, stop_on="never", lr=0.05)
    problem, orders = make_dataset(config), plain_orders(config, 13)
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


# Stopping


def records_of(found):
    return [span.record(epoch) for span in found for epoch in range(span.start.epoch, span.end)]


FALLING = RunConfig(samples=20, schedule="constant", lr=0.3, epochs=120, stop_on="never")


@cache
def losses(config):
    """The mean loss, by a pass over the samples, and the last update's loss after each epoch of a run that goes on."""
    problem, found = make_dataset(config), []
    for record in records_of(run(config, problem)):
        a, b, c = record.w.tolist()
        r = (a * problem.x + b) * problem.x + c - problem.y
        found.append((float(r @ r) / len(r), record.loss))
    return found


@table("rule", ["dataset", "last-update"])
@table(
    "changes",
    [{}, {"batch": "full"}, {"batch": 7, "optimizer": "momentum", "momentum": 0.5}, {"shuffle": True, "noise": 0.3}],
)
@table("epoch", [0, 1, 13, 50, 80] if AT_LENGTH else [0, 13, 80])
def test_span_ends_at_first_loss_below_tol(rule, changes, epoch):
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
def test_tol_at_rounding_floor_follows_records(rule, batch):
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
def test_many_looks_split_a_span(monkeypatch, looks, parts):
    """Where only rounding is left, sums do not tell which loss is the first one below tol: each is looked at."""
    problem = make_dataset(FALLING)
    problem = Dataset(problem.x, problem.y, None)
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
def test_runaway_ends_where_trainer_does(changes):
    config = RunConfig(samples=10, schedule="constant", epochs=10**6, stop_on="never").replace(**changes)
    alone = Trainer(make_task(config))
    while not alone.overflowed:
        alone.advance(10**6)
    *_, done = (trainer for trainer in walk(config))
    assert done.overflowed
    assert (done.epoch, done.update) == (alone.epoch, alone.update)
    assert done.w.tolist() == pytest.approx(alone.w.tolist(), rel=1e-11)


def walk(config):
    """The trainer of a run as it goes on, in spans and by updates."""
    problem = make_dataset(config)
    trainer = Trainer(FitTask(config, problem))
    forward = FastForward(FitTask(config, problem))
    while not trainer.overflowed:
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
def test_span_results_are_finite_without_warnings(config, faster):
    config = config.replace(lr=min(1e6, config.lr * faster))
    for span in run(config, most=60):
        if span is None:
            continue
        for name in ("trained_w", "before", "gradient", "loss", "velocity"):
            assert np.isfinite(getattr(span, name)).all()
        assert abs(span.before).max() <= plan_maps.FARTHEST
        assert np.isfinite([span.record(epoch).mean_loss for epoch in some(span)]).all()


def test_failed_span_leaves_epochs_to_trainer():
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


@table(("lr", "lengths"), [(0.53, [118, 118, 118, 118, 28]), (0.56, [52])])
def test_fast_growth_is_left_to_trainer(lr, lengths):
    """Updates take less time there than spans."""
    found = run(PRESETS["playground"].replace(lr=lr), most=500)
    assert [span.length for span in found if span is not None] == lengths
    assert 52 < fast_forward.LEAST_GROWTH < 118


@table("changes", [{}, {"batch": "full"}, {"batch": 3, "shuffle": True}, {"optimizer": "momentum"}])
@table("ends", [(1e6 - 1, 1e6), (-1e6, 1e6), (1e5, 1e5 + 1)])
def test_x_far_from_zero_matches_plain_loop(changes, ends):
    config = RunConfig(
        x_min=ends[0], x_max=ends[1], samples=12, lr=0.3 / ends[1] ** 4, schedule="constant", stop_on="never", epochs=20
    ).replace(**changes)
    problem = make_dataset(config)
    for span in run(config, problem):
        if span is not None:
            check(span, config, problem, some(span))


def test_samples_without_truth_match_plain_loop():
    generator = np.random.default_rng(1)
    x = np.sort(generator.uniform(-1, 1, 30))
    problem = Dataset(x, generator.normal(size=30), None)
    config = RunConfig(samples=30, lr=0.3, schedule="constant", epochs=400, stop_on="never", batch=5)
    for span in run(config, problem, 400):
        check(span, config, problem, some(span))


@pytest.mark.parametrize("batch", [1, 3, "full"])
def test_steepest_is_largest_trace_of_any_batch(batch):
    """Which is no less than the largest eigenvalue: the sum of all of them, none of which is below 0."""
    task = make_task(RunConfig(samples=12, x_min=-3, x_max=1.5, batch=batch, stop_on="never"))
    features = np.vander(task.problem.x, 3)
    size = 12 if batch == "full" else batch
    parts = [features[at : at + size] for at in range(0, 12, size)]
    found = FastForward(task).batches(np.arange(12)[np.newaxis]).steepest
    assert found == pytest.approx(max(np.trace(part.T @ part) / size for part in parts), rel=1e-12)
    assert found >= max(np.linalg.eigvalsh(part.T @ part / size)[-1] for part in parts)
