"""The samples of an update against those of the article's loop, in whatever order they are asked for."""

import numpy as np
import pytest

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.trainer import Trainer

SMALL = RunConfig(samples=11, batch=2, x_min=3, x_max=8, lr=1e-4, seed=4, epochs=6)


@pytest.mark.parametrize(
    "changes",
    [{}, {"shuffle": True}, {"shuffle": True, "scale_features": True}, {"batch": 1, "optimizer": "adam"}],
    ids=str,
)
def test_batch_matches_update_in_any_order(plain, changes):
    config = SMALL.replace(**changes)
    trainer, orders, told = Trainer(make_task(config)), np.random.default_rng([config.seed, 2]), []
    for _ in range(4):
        for xs, ys in plain.batches(config, *plain.samples(config), orders):
            told.append((trainer.advance(1), (xs, ys)))
    for record, (xs, ys) in [*told, *told[::-1], *told[::5], *told[3::5]]:
        x, y = record.batch
        assert (x.tolist(), y.tolist()) == (xs, pytest.approx(ys, rel=1e-14))


def test_full_batch_keeps_sample_order():
    trainer = Trainer(make_task(SMALL.replace(batch="full", shuffle=True)))
    x, y = trainer.advance(1).batch
    assert (x.tolist(), y.tolist()) == (trainer.task.problem.x.tolist(), trainer.task.problem.y.tolist())


def test_order_uses_the_runs_generator_type():
    task = make_task(SMALL.replace(shuffle=True))
    trainer = Trainer(task, np.random.Generator(np.random.Philox(5)))
    order = np.random.Generator(np.random.Philox(5)).permutation(11)
    for first in range(0, 10, 2):
        assert trainer.advance(1).batch[0].tolist() == task.problem.x[order[first : first + 2]].tolist()


def test_same_order_with_different_samples():
    order = np.random.default_rng(1).bit_generator.state
    for samples in (11, 7, 11):
        task = make_task(SMALL.replace(samples=samples, shuffle=True))
        expected = np.random.default_rng(1).permutation(samples)[:2]
        w = np.zeros(3)
        record = Record(task, 0, 1, 0.5, w, 0.0, w, w, order=order)
        assert record.batch[0].tolist() == task.problem.x[expected].tolist()
