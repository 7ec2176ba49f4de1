"""Scaled features: the algebra between x and z, and whole runs against a plain loop that standardizes by itself."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.algebra import affine_maps
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.stability import decrement, limit
from quadfit_tui.core.model.parabola import gradient, predict
from quadfit_tui.core.model.problem import Dataset, make_dataset
from quadfit_tui.core.model.scaling import Standardization, standardization_of
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status

START = (-1, 10, 26)
FAR = RunConfig(x_min=20, x_max=23, samples=60, init=START, lr=0.05, stop_on="never", scale_features=True)


def session_of(config):
    return RunSession(config, speed=None)


def finished(session):
    while session.is_busy:
        session.advance(1)
    return session.snapshot()


def at_end(config):
    session = session_of(config)
    session.play()
    return finished(session)


# The algebra

number = st.floats(-1e3, 1e3, allow_subnormal=False)
scales = st.builds(Standardization, number, st.floats(1e-3, 1e3))


@trials(100)
@given(scales, st.tuples(number, number, number))
def test_to_z_keeps_the_parabola(scale, w):
    mean, deviation = map(Fraction, scale)
    found = [Fraction(value) for value in scale.to_z(np.array(w)).tolist()]
    a, b, c = map(Fraction, w)
    for z in (-1, 0, 1):
        x = mean + deviation * z
        reach = abs(mean) + deviation  # whose parts x may have little of
        size = 5 * abs(a) * reach**2 + abs(b) * reach + abs(c)
        assert abs((found[0] * z + found[1]) * z + found[2] - ((a * x + b) * x + c)) <= 1e-15 * 16 * size


@trials(100)
@given(scales, st.tuples(number, number, number))
def test_to_x_keeps_the_parabola(scale, w):
    mean, deviation = map(Fraction, scale)
    found = [Fraction(value) for value in scale.to_x(np.array(w)).tolist()]
    a, b, c = map(Fraction, w)
    for x in (-1, 0, 1):
        z = (x - mean) / deviation
        reach = (abs(mean) + 1) / deviation
        size = abs(a) * reach**2 + abs(b) * reach + abs(c)
        assert abs((found[0] * x + found[1]) * x + found[2] - ((a * z + b) * z + c)) <= 1e-15 * 16 * size


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_many_w_convert_bit_for_bit(rows):
    scale, w = Standardization(3.7, 0.21), np.random.default_rng(1).normal(size=(rows, 3))
    for convert in (scale.to_x, scale.to_z):
        assert convert(w).tobytes() == np.array([convert(row) for row in w]).tobytes()


@pytest.mark.filterwarnings("error")
def test_what_leaves_the_doubles_says_nothing():
    assert not np.isfinite(Standardization(1e6, 1e-60).to_x(np.array([1e300, 0, 0]))).all()


@trials(60)
@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=30))
def test_scale_is_that_of_exact_fractions(values):
    x = np.array(values)
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in exact) / len(exact))
    found = standardization_of(x)
    assert abs(found.mean - float(mean)) <= 1e-15 * 8 * max(map(abs, values))
    if deviation > 1e-50:
        assert found.deviation == pytest.approx(deviation, rel=1e-9)
        z = found.standardized(x)
        # The mean is rounded to a double: of x that lie close together by a part of their deviation.
        off = 1e-15 * 8 * max(map(abs, values)) / deviation
        assert abs(z.mean()) <= 1e-12 + off
        assert z.std() == pytest.approx(1, abs=1e-9)


@table("x", [0.0, 0.1, -1e6, 1 / 3])
@table("count", [1, 3, 800])
def test_constant_x_becomes_zero(x, count):
    samples = np.full(count, x)
    assert standardization_of(samples) == Standardization(x, 1.0)
    assert not standardization_of(samples).standardized(samples).any()


# The problem in z


@pytest.mark.parametrize("changes", [{}, {"noise": 0.5}, {"x_min": 1e5, "x_max": 1e5 + 3}, {"samples": 1}])
def test_standardized_problem_is_equivalent(changes):
    problem = make_dataset(RunConfig(samples=40).replace(**changes))
    scaled = problem.standardized
    assert problem.scale == standardization_of(problem.x)
    assert scaled.y is problem.y
    largest = np.abs(problem.y).max()
    assert predict(np.array(scaled.truth), scaled.x) == pytest.approx(predict(np.array(problem.truth), problem.x))
    if len(problem.x) > 2:
        assert predict(scaled.optimum, scaled.x) == pytest.approx(
            predict(problem.optimum, problem.x), abs=1e-9 * largest
        )
    assert problem.scale.to_x(np.array(scaled.truth)) == pytest.approx(problem.truth, rel=1e-4)


def test_a_run_without_scaling_is_left_alone():
    config = RunConfig()
    task, w = make_task(config), np.array([1.0, 2.0, 3.0])
    assert (task.trained, task.scale) == (task.problem, None)
    assert task.to_x(w) is task.from_x(w) is w
    snapshot = session_of(config).snapshot()
    assert snapshot.trained_w is snapshot.w
    assert snapshot.task.trained is snapshot.problem


def test_standardized_problem_is_cached():
    task = make_task(FAR)
    assert task.trained is task.replace(lr=0.1).trained is task.problem.standardized
    assert task.scale is task.replace(lr=0.1).scale is task.problem.scale


def test_restart_without_scaling_reuses_samples():
    session = session_of(FAR)
    before = session.snapshot()
    session.restart(FAR.replace(scale_features=False))
    assert session.snapshot().problem is before.problem
    assert session.snapshot().task.trained is before.problem
    assert session.snapshot().w.tolist() == list(START)


# Runs against a plain loop

SHAPES = {
    "per sample": {},
    "in batches": {"batch": 7},
    "shuffled": {"batch": 7, "shuffle": True, "seed": 5},
    "shuffled, per sample": {"shuffle": True},
    "full batch": {"batch": "full", "lr": 0.5},
    "the exact gradient": {"batch": 16, "gradient": "full", "schedule": "constant"},
    "rounded": {"round_epochs": 2},
    "one sample": {"samples": 1},
    "symmetric": {"x_min": -50, "x_max": 50, "batch": "full"},
}


@pytest.mark.parametrize("changes", SHAPES.values(), ids=SHAPES)
def test_scaled_run_matches_plain_loop(plain, changes):
    """A loop that makes z of x by exact fractions, trains in plain floats, and converts back by exact fractions."""
    config = FAR.replace(epochs=12).replace(**changes)
    session = session_of(config)
    session.play()
    records = []
    while not session.status.ended:
        records += session.advance(1)
    for record, (gradient_, loss, w) in zip(records, plain.run(config, 12), strict=True):
        # As near as doubles come to c, which is f at 0, far from all samples.
        near = {"rel": 1e-9, "abs": 1e-9 * max(map(abs, (*w, *START)))}
        assert record.w.tolist() == pytest.approx(w, **near)
        in_z = plain.into_training(config, w)
        assert record.trained_w.tolist() == pytest.approx(in_z, **near)
        assert record.gradient.tolist() == pytest.approx(gradient_, **near)
        assert record.loss == pytest.approx(loss, rel=1e-7, abs=near["abs"])
        assert record.mean_loss == pytest.approx(
            plain.loss(in_z, *plain.training_samples(config)), rel=1e-7, abs=near["abs"]
        )
    assert len(records) == 12


@table("optimizer", ["momentum", "nesterov", "adagrad", "rmsprop", "adam"])
@table("batch", [1, 7, "full"])
def test_optimizer_matches_run_on_standardized_file(tmp_path, optimizer, batch):
    """The same samples from a file, their x standardized beforehand: the same run, to the last bit."""
    config = FAR.replace(optimizer=optimizer, batch=batch, epochs=15)
    problem = make_dataset(config)
    file = tmp_path / "standardized.csv"
    scale = standardization_of(problem.x)
    rows = zip(scale.standardized(problem.x).tolist(), problem.y.tolist(), strict=True)
    file.write_text("".join(f"{z!r},{y!r}\n" for z, y in rows))
    init = tuple(scale.to_z(np.array(START, dtype=float)).tolist())
    other = at_end(config.replace(data=str(file), init=init, scale_features=False))
    # Spans count from the truth, which a file does not tell: by a bit of rounding the runs differ where there are any.
    here = at_end(config)
    assert here.trained_w.tolist() == pytest.approx(other.w.tolist(), rel=1e-9)
    assert here.mean_loss == pytest.approx(other.mean_loss, rel=1e-9)
    assert here.record.gradient.tolist() == pytest.approx(other.record.gradient.tolist(), rel=1e-9, abs=1e-12)


# What is seen


@pytest.mark.parametrize("changes", [{"lr": 0.05}, {"optimizer": "adam", "lr": 1.0}, {"batch": 4, "shuffle": True}])
def test_displayed_values_are_in_x(changes):
    config = FAR.replace(epochs=20, samples=20).replace(**changes)
    session = session_of(config)
    problem = session.snapshot().problem
    assert problem.x[0] == 20
    assert session.snapshot().w == pytest.approx(START)
    session.play()
    records = []
    while not session.status.ended:
        records += session.advance(1)
    end = session.snapshot()
    assert end.w.tolist() == records[-1].w.tolist()
    assert end.trained_w.tolist() == records[-1].trained_w.tolist()
    curves = session.timeline.history.curves()
    for at, name in enumerate("abc"):
        assert curves.values[name][1:].tolist() == [record.w[at] for record in records]
    assert curves.values["mean_loss"][1:] == pytest.approx([record.mean_loss for record in records], rel=1e-9)
    session.seek(7, 3)
    there = finished(session)
    assert there.w.tolist() == there.record.w.tolist()
    assert there.w.tolist() == there.task.to_x(there.trained_w).tolist()
    walked = session.timeline.epoch_path()
    assert walked[-1].tolist() == there.w.tolist()
    assert walked[0].tolist() == records[6].w.tolist()
    # The samples of the update are those of the data, to the last bit.
    assert set(zip(*(values.tolist() for values in there.record.batch), strict=True)) <= set(
        zip(problem.x.tolist(), problem.y.tolist(), strict=True)
    )
    z = (there.record.batch[0] - there.task.scale.mean) / there.task.scale.deviation
    assert gradient(there.record.before, z, there.record.batch[1], "half") == pytest.approx(
        there.record.gradient, rel=1e-12
    )


def test_thinned_curves_keep_the_extremes_in_x():
    config = FAR.replace(epochs=6000, batch="full", lr=0.3, schedule="constant", x_min=-1, x_max=5)
    session = session_of(config)
    session.play()
    highest = -math.inf
    while not session.status.ended:
        highest = max([highest, *(record.w[1] for record in session.advance(1))])
    curves = session.timeline.history.curves()
    assert len(curves.epochs) < 6000
    assert curves.values["b"][1:].max() == highest


def test_a_random_start_is_drawn_in_x():
    config = RunConfig(init="random", seed=4, x_min=3, x_max=9)
    plain, scaled = (session_of(config.replace(scale_features=on)).snapshot().w for on in (False, True))
    assert scaled.tolist() == pytest.approx(plain.tolist(), rel=1e-9)


def test_constant_x_trains_only_the_constant(tmp_path):
    file = tmp_path / "alike.csv"
    file.write_text("0.1,2\n0.1,4\n0.1,3\n")
    config = RunConfig(data=str(file), scale_features=True, init=(1, 1, 1), stop_on="never", batch="full")
    end = at_end(config.replace(schedule="constant"))
    assert end.status is Status.FINISHED
    assert end.trained_w.tolist() == pytest.approx([1, 1.2, 3])
    assert end.mean_loss == pytest.approx(2 / 3)


# What is known beforehand


@pytest.mark.parametrize("batch", ["full", 1])
def test_limit_is_that_of_the_scaled_features(batch):
    config = FAR.replace(batch=batch, schedule="constant", epochs=800, samples=12)
    problem = make_dataset(config)
    found = limit(FitTask(config, problem))
    assert found == limit(FitTask(config.replace(scale_features=False), problem.standardized))
    for factor, converges in ((0.98, True), (1.02, False)):
        end = at_end(config.replace(lr=found.rate * factor))
        assert (end.mean_loss < 1) == converges
    radius = 1 - decrement(FitTask(config, problem), found.rate / 2).share
    z = problem.standardized
    map_ = np.eye(3)
    order = np.arange(12).reshape(1, -1, 12 if batch == "full" else 1)
    for force in affine_maps.gradient_maps(z.x, z.y, order)[0, :, :, :3]:
        map_ = (np.eye(3) - found.rate / 2 * force) @ map_
    assert radius == pytest.approx(np.abs(np.linalg.eigvals(map_)).max(), rel=1e-6)


def test_condition_of_even_samples():
    """Of z spread evenly the moments are 1, 0, 9/5: the eigenvalues are 1 and 1.4 ± sqrt(0.16 + 1)."""
    problem = make_dataset(RunConfig(samples=100_000, x_min=-50, x_max=50))
    root = math.sqrt(1.16)
    assert problem.standardized.condition == pytest.approx((1.4 + root) / (1.4 - root), rel=1e-3)
    assert problem.condition > 1e6


@pytest.mark.parametrize("name", ["article", "ill-conditioned"])
def test_problem_without_truth_is_scaled(name):
    problem = make_dataset(PRESETS[name])
    bare = Dataset(problem.x, problem.y, None)
    assert bare.standardized.truth is None
    assert bare.standardized.optimum == pytest.approx(problem.standardized.optimum)
