"""How a run ends: finished, converged by either stopping rule, or diverged."""

import math

import pytest
from session_driver import CONVERGED, CONVERGES, DIVERGED, DIVERGES, FINISHED, PAUSED, to_the_end
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training.trainer import Trainer


def test_dataset_rule_stops_below_tol(start):
    session = start(PRESETS["article"].replace(tol=1.0))
    session.play()
    records = to_the_end(session)
    assert session.status is CONVERGED
    assert records[-1].mean_loss < 1.0
    assert all(record.mean_loss >= 1.0 for record in records[:-1])
    # Epochs before had a last update below tol: that is the other rule.
    assert any(record.loss < 1.0 for record in records[:-1])


def test_last_update_rule_stops_below_tol(start):
    session = start(PRESETS["article"].replace(tol=1.0, stop_on="last-update"))
    session.play()
    records = to_the_end(session)
    assert session.status is CONVERGED
    assert records[-1].loss < 1.0 < records[-1].mean_loss
    assert all(record.loss >= 1.0 for record in records[:-1])


def test_never_stops_before_the_last_epoch(start):
    session = start(CONVERGES.replace(stop_on="never", epochs=7))
    session.play()
    records = to_the_end(session)
    assert session.status is FINISHED
    assert len(records) == 7
    assert all(record.loss == record.mean_loss == 0 for record in records)


@pytest.mark.parametrize("stop_on", ["dataset", "last-update"])
def test_loss_equal_to_tol_does_not_stop(start, stop_on):
    session = start(CONVERGES.replace(stop_on=stop_on, tol=0, epochs=2))
    session.play()
    to_the_end(session)
    assert (session.status, session.snapshot().mean_loss) == (FINISHED, 0)


def test_the_last_epoch_may_converge(start):
    session = start(CONVERGES.replace(epochs=1))
    session.play()
    to_the_end(session)
    assert session.status is CONVERGED


@pytest.mark.parametrize("stop_on", ["dataset", "last-update"])
def test_rules_apply_at_epoch_end(start, stop_on):
    session = start(CONVERGES.replace(stop_on=stop_on))
    for _ in range(9):
        session.step(Unit.UPDATE)
        session.advance(1.0)
        assert session.snapshot().loss < 1e-5
        assert session.status is PAUSED
    session.step(Unit.UPDATE)
    session.advance(1.0)
    assert session.status is CONVERGED


@table("speed", [None, 1, 30])
@table("unit", [None, *Unit])
@table("batch", [1, 3, "full"])
def test_divergence_ends_at_last_finite_w(start, clock, speed, unit, batch):
    config = DIVERGES.replace(batch=batch)
    session = start(config, speed=speed)
    session.play()
    while not session.status.ended:
        if unit:
            session.step(unit)
        clock.now += 1
        assert all(math.isfinite(record.loss) for record in session.advance(1.0))
    end = session.snapshot()
    assert end.status is DIVERGED
    trainer = Trainer(make_task(config))
    while not trainer.overflowed:
        trainer.advance(1)
    assert (end.epoch, end.update) == (trainer.epoch, trainer.update)
    assert end.w.tolist() == pytest.approx(trainer.w.tolist(), rel=1e-9)


def test_final_lr_is_last_epochs(start):
    session = start(PRESETS["article"].replace(samples=10, epochs=9, stop_on="never"))
    session.play()
    to_the_end(session)
    assert session.snapshot().lr == 0.5
    going_on = start(PRESETS["article"].replace(samples=10, epochs=10, stop_on="never"))
    for _ in range(9):
        going_on.step(Unit.EPOCH)
        going_on.advance(1.0)
    assert going_on.snapshot().lr == 0.25
