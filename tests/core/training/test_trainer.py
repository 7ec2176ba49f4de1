"""The trainer against the plain-Python oracle, and against itself cut into other chunks."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.problem import Dataset, make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training.trainer import Trainer

coefficients = st.tuples(*[st.floats(-20, 20, allow_subnormal=False)] * 3)


@st.composite
def configs(draw, lr=None, **fixed):
    """Small runs of every shape; without an `lr` of one's own none of them diverges."""
    samples, scaled = draw(st.integers(1, 24)), draw(st.booleans())
    values = {
        "true": draw(coefficients),
        "init": draw(coefficients),
        "samples": samples,
        "x_min": -1.0,
        "x_max": draw(st.sampled_from([-0.5, 0.5, 1.0])),
        # A single sample's curvature is at most 3: twice that with the full gradient, stable below 1/3. In z it is 13.
        "lr": draw(st.sampled_from([0.3, 0.25, 0.1, 0.01]) if lr is None else lr) / (5 if scaled else 1),
        "scale_features": scaled,
        "schedule": draw(st.sampled_from(["halve", "constant"])),
        "decay_every": draw(st.integers(1, 4)),
        "batch": draw(st.one_of(st.just(1), st.integers(1, samples), st.just("full"))),
        "shuffle": draw(st.booleans()),
        "seed": draw(st.integers(0, 10**18)),
        "gradient": draw(st.sampled_from(["half", "full"])),
        "round_epochs": draw(st.sampled_from([None, None, 0, 2, 5])),
    }
    return RunConfig(**values | fixed)


def trainer_of(config):
    return Trainer(make_task(config))


def state(trainer):
    """Where a trainer stands, to the last bit."""
    return trainer.epoch, trainer.update, tuple(trainer.w.tolist()), trainer.overflowed


def bits(record):
    w = *record.w, *record.trained_w
    return (record.epoch, record.update, record.lr, record.loss, record.mean_loss, *record.gradient, *w)


# Against the oracle


@trials(120)
@given(configs(round_epochs=None))
def test_updates_match_plain_python(plain, config):
    trainer = trainer_of(config)
    xs, ys = plain.training_samples(config)
    orders = np.random.default_rng([config.seed, 2])
    w, largest = plain.into_training(config, config.init), max(map(abs, (*config.init, *config.true, 1)))
    near = {"rel": 1e-9, "abs": 1e-9 * largest}
    for epoch in range(4):
        rate = plain.rate(config, epoch)
        batches = plain.batches(config, xs, ys, orders)
        assert trainer.task.updates_per_epoch == len(batches)
        for number, batch in enumerate(batches, 1):
            loss, gradient, w = plain.update(w, *batch, rate, config.gradient)
            record = trainer.advance(1)
            assert (record.epoch, record.update, record.lr) == (epoch, number, rate)
            assert record.ends_epoch == (number == len(batches))
            assert record.trained_w.tolist() == pytest.approx(w, **near)
            assert record.w.tolist() == pytest.approx(plain.out_of_training(config, w), **near)
            assert (record.trained_w is record.w) == (not config.scale_features)
            assert record.gradient.tolist() == pytest.approx(gradient, **near)
            assert record.loss == pytest.approx(loss, rel=1e-9, abs=1e-9 * largest**2)
            assert trainer.trained_w is record.trained_w
            assert trainer.w.tolist() == record.w.tolist()
        assert record.mean_loss == pytest.approx(plain.loss(w, xs, ys), rel=1e-9, abs=1e-9 * largest**2)


@trials(40)
@given(configs(round_epochs=None), st.integers(0, 6))
def test_rounding_after_every_epoch(config, digits):
    """Two trainers walk together: each epoch of the rounding one starts where it ended, and ends rounded."""
    rounding = trainer_of(config.replace(round_epochs=digits))
    exact = trainer_of(config)
    for _ in range(3):
        exact.trained_w = rounding.trained_w
        rounded, plain = rounding.advance(10**6), exact.advance(10**6)
        for mine, theirs in zip(rounded.trained_w.tolist(), plain.trained_w.tolist(), strict=True):
            assert mine == round(theirs, digits)
        assert rounded.gradient.tolist() == [round(value, digits) for value in plain.gradient.tolist()]
        assert rounded.loss == round(plain.loss, digits)
        assert rounded.mean_loss == rounding.task.trained.mean_loss(rounded.trained_w)
        assert rounding.w.tolist() == rounded.w.tolist()
        # "-0.00" would puzzle the reader of a log.
        assert all(math.copysign(1, value) == 1 for value in (*rounded.trained_w, *rounded.gradient) if value == 0)


def test_rounding_spares_updates_within_epoch():
    config = PRESETS["article"].replace(samples=10)
    rounding, exact = trainer_of(config.replace(round_epochs=0)), trainer_of(config)
    for _ in range(9):
        assert bits(rounding.advance(1)) == bits(exact.advance(1))
    assert bits(rounding.advance(1)) != bits(exact.advance(1))


@table(("samples", "batch", "updates"), [(10, 3, 3), (10, 5, 2), (10, 10, 1), (11, 6, 1), (7, 1, 7)])
def test_incomplete_batch_is_dropped(plain, samples, batch, updates):
    config = RunConfig(samples=samples, batch=batch)
    trainer = trainer_of(config)
    assert trainer.task.updates_per_epoch == updates
    # A last sample that is out of place changes nothing where it is left over.
    y = trainer.task.trained.y.copy()
    y[updates * batch :] = 1e9
    other = Trainer(FitTask(config, Dataset(trainer.task.trained.x, y, None)))
    assert trainer.advance(10**6).w.tolist() == other.advance(10**6).w.tolist()
    xs, ys = plain.samples(config)
    w = list(config.init)
    for at in range(0, updates * batch, batch):
        w = plain.update(w, xs[at : at + batch], ys[at : at + batch], 0.5, "half")[2]
    assert trainer.w.tolist() == pytest.approx(w, rel=1e-9)


def test_injected_generator_gives_the_order():
    config = RunConfig(samples=30, shuffle=True, seed=1)
    mine = Trainer(make_task(config), np.random.default_rng([99, 2]))
    assert bits(mine.advance(100)) == bits(trainer_of(config.replace(seed=99)).advance(100))
    assert mine.w.tolist() != Trainer(make_task(config)).advance(100).w.tolist()


def test_single_update_epoch_copies_w():
    trainer = trainer_of(RunConfig(samples=4, batch="full"))
    records = [trainer.advance(1) for _ in range(3)]
    assert len({tuple(record.w) for record in records}) == 3


# Cut into chunks


def walked(config, limits, most=5):
    """The records of epochs, the states at every update that the walk rested at, and the trainer in the end."""
    trainer = trainer_of(config)
    epochs, states = [], {(0, 0): state(trainer)}
    turn = 0
    while trainer.epoch < most and not trainer.overflowed:
        record = trainer.advance(limits[turn % len(limits)])
        turn += 1
        states[trainer.epoch, trainer.update] = state(trainer)
        if record is not None and record.ends_epoch:
            epochs.append(bits(record))
    return epochs, states, trainer


@trials(80)
@given(configs(lr=st.sampled_from([0.3, 1.0, 30.0, 1e5])), st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_chunks_never_change_a_bit(config, limits):
    epochs, states, end = walked(config, limits, 12)
    one_by_one, every_state, same_end = walked(config, [1], 12)
    assert epochs == one_by_one
    assert all(every_state[at] == what for at, what in states.items())
    assert state(end) == state(same_end)
    assert (end.last is None) == (same_end.last is None)
    if end.last is not None:
        assert bits(end.last) == bits(same_end.last)


@pytest.mark.parametrize(("batch", "limits"), [(1, [7, 1, 64, 3]), (16, [10**6]), (33, [101]), ("full", [10**6])])
def test_chunks_keep_article_run_exact(batch, limits):
    config = PRESETS["article"].replace(batch=batch, shuffle=True, seed=3)
    epochs, states, end = walked(config, limits, 2)
    one_by_one, every_state, same_end = walked(config, [1], 2)
    assert epochs == one_by_one
    assert all(every_state[at] == what for at, what in states.items())
    assert state(end) == state(same_end)


def test_advance_stops_at_limit_or_epoch():
    trainer = trainer_of(RunConfig(samples=10))
    assert trainer.advance(4).update == trainer.update == 4
    record = trainer.advance(1000)
    assert (record.epoch, record.update, record.ends_epoch) == (0, 10, True)
    assert (trainer.epoch, trainer.update) == (1, 0)


@table(("batch", "samples"), [(1, 800), (16, 800), ("full", 800), ("full", 1_000_000), (1, 1)])
def test_chunk_size_is_bounded(batch, samples):
    trainer = trainer_of(RunConfig(samples=samples, batch=batch))
    assert trainer.chunk >= 1
    assert trainer.chunk == 1 or trainer.chunk * trainer.task.batch <= 200_000


# Divergence


def next_is_not_finite(plain, config, trainer):
    """Whether the oracle, too, finds no finite number where the trainer gave up."""
    xs, ys = plain.training_samples(config)
    w = trainer.trained_w.tolist()
    orders = np.random.default_rng([config.seed, 2])
    for _ in range(trainer.epoch + 1):
        batches = plain.batches(config, xs, ys, orders)
    if trainer.update == len(batches):  # all updates were fine: then the loss of the data set is not
        return not math.isfinite(plain.loss(w, xs, ys))
    rate = plain.rate(config, trainer.epoch)
    loss, gradient, w = plain.update(w, *batches[trainer.update], rate, config.gradient)
    return not all(map(math.isfinite, (loss, *gradient, *w)))


# Growth of 16 % an update: single losses stay far below the largest double when their sum passes it.
SLOW = RunConfig(true=(0, 0, 0), init=(1, 1, 1), x_min=1, x_max=1.0001, samples=700, lr=0.72, schedule="constant")


@trials(60)
@given(
    configs(lr=st.sampled_from([3.0, 20.0, 1e3, 1e6]), schedule="constant"),
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
@example(SLOW, [4096])
@example(SLOW, [7])
@example(SLOW.replace(batch=2), [64])
@example(SLOW.replace(batch=2, shuffle=True), [11, 2])
@example(PRESETS["too-fast"].replace(schedule="constant"), [4096])
def test_divergence_at_last_finite_w(plain, config, limits):
    _, _, trainer = walked(config, limits, 400)
    assume(trainer.overflowed)
    assert all(map(math.isfinite, trainer.w.tolist()))
    assert next_is_not_finite(plain, config, trainer)
    assert trainer.update <= trainer.task.updates_per_epoch
    if trainer.last is not None:
        assert trainer.last.w.tolist() == trainer.w.tolist()
        assert math.isfinite(trainer.last.loss)
        assert np.isfinite(trainer.last.gradient).all()
    _, _, same = walked(config, [1], 400)
    assert state(trainer) == state(same)


@table("limit", [1, 5, 97, 4096])
@table("batch", [1, 2])
def test_large_losses_are_no_divergence(limit, batch):
    """A chunk's losses may add up to more than a double holds while each of them is finite."""
    config = SLOW.replace(samples=40, batch=batch, epochs=1, lr=1e-9, true=(0, 0, 0))
    problem = make_dataset(config)
    trainer = Trainer(FitTask(config, problem))
    trainer.trained_w = np.array([0.0, 0.0, 6e153])  # a loss of 3.6e307, forty of which are too much
    while trainer.epoch == 0 and not trainer.overflowed:
        trainer.advance(limit)
    # The mean loss of the data set overflows as a sum, too: the run ends there, not before.
    assert trainer.update in (0, trainer.task.updates_per_epoch)


@table("limit", [1, 2, 3, 4])
@table("batch", [1, 2])
def test_overflow_is_noticed_within_chunk(limit, batch):
    """The samples are x = -1, -0.5, 0, 0.5: the first one's loss is infinite, those of the others are finite again."""
    config = RunConfig(samples=4, batch=batch, lr=1e-9)
    trainer = trainer_of(config)
    trainer.trained_w = np.array([2e154, 0.0, 0.0])
    assert trainer.advance(limit) is None
    assert state(trainer) == (0, 0, (2e154, 0.0, 0.0), True)


def test_infinite_mean_loss_is_divergence():
    config = RunConfig(samples=5, batch=2, init=(2, -4, 3))
    problem = make_dataset(config)
    y = problem.y.copy()
    y[4] = 1e200  # left over: no update sees it
    trainer = Trainer(FitTask(config, Dataset(problem.x, y, None)))
    record = trainer.advance(100)
    assert trainer.overflowed
    assert (record.update, record.ends_epoch) == (2, False)
    assert state(trainer) == (0, 2, (2.0, -4.0, 3.0), True)


@pytest.mark.parametrize("batch", [1, 16, "full"])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.filterwarnings("error")
def test_divergence_comes_without_a_warning(batch, shuffle):
    _, _, trainer = walked(PRESETS["too-fast"].replace(batch=batch, shuffle=shuffle, lr=1e5), [4096], 400)
    assert trainer.overflowed
