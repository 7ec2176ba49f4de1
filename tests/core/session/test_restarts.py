"""Restarts from every state, with other configurations, and those that are refused."""

import numpy as np
import pytest
from session_driver import CONVERGES, DIVERGES, ENDLESS, FINISHES, LONG, READY, RUNNING, to_the_end
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.training.position import START


def state_by_name(start, name):
    config = {"finished": FINISHES, "converged": CONVERGES, "diverged": DIVERGES}.get(name, LONG)
    session = start(config)
    if name == "ready":
        return session
    session.play()
    if name in ("running", "paused", "stepping"):
        session.advance(0)
        if name == "paused":
            session.pause()
        if name == "stepping":
            session.step(Unit.EPOCH)
            session.advance(0)
    else:
        to_the_end(session)
    return session


@table("name", ["ready", "running", "paused", "stepping", "finished", "converged", "diverged"])
@table("config", [None, ENDLESS.replace(lr=0.1)])
def test_restart_from_every_state(start, name, config):
    session = state_by_name(start, name)
    old = session.snapshot()
    session.restart(config)
    new = session.snapshot()
    assert new.status is (RUNNING if name == "running" else READY)
    assert new.number == old.number + bool(old.newest > START)  # one that was not trained leaves its number to it
    assert (new.epoch, new.update, new.updates, new.loss, new.record) == (0, 0, 0, None, None)
    assert new.w.tolist() == list(new.config.init)
    assert new.config == (config or old.config)
    assert new.speed == old.speed
    # Nothing of the old run's step or time is left.
    records = session.advance(0)
    assert bool(session.snapshot().updates) == (name == "running")
    assert all(record.epoch == 0 for record in records)


def test_restart_while_playing_paces_anew(start, clock):
    session = start(speed=10)
    session.play()
    session.advance(1.0)
    clock.now += 60
    session.restart(ENDLESS.replace(lr=0.1))
    assert [record.lr for record in session.advance(1.0)] == [0.1]
    assert not session.advance(1.0)


@pytest.mark.parametrize("name", ["ready", "running", "paused", "stepping", "finished", "converged", "diverged"])
def test_refused_restart_changes_nothing(start, name, tmp_path):
    session = state_by_name(start, name)
    twin = state_by_name(start, name)
    old = session.snapshot()
    with pytest.raises(ConfigError):
        session.restart(session.config.replace(data=str(tmp_path / "absent.csv")))
    assert session.snapshot() is old
    for _ in range(3):
        assert [record.w.tolist() for record in session.advance(0)] == [r.w.tolist() for r in twin.advance(0)]
    assert session.snapshot().w.tolist() == twin.snapshot().w.tolist()
    assert session.status is twin.status


@pytest.mark.parametrize("begin", [lambda run: run.carry_on(), lambda run: run.twin("order")])
def test_continuation_keeps_samples_of_changed_file(start, tmp_path, begin):
    file = tmp_path / "samples.csv"
    file.write_text("0,1\n1,2\n2,3\n")
    session = start(RunConfig(data=str(file), batch=1, lr=0.1))
    session.step(Unit.UPDATE)
    session.advance(1.0)
    problem = session.snapshot().problem
    file.write_text("5,6\n")
    begin(session)
    assert session.snapshot().problem is problem
    session.restart()
    assert session.snapshot().problem.x.tolist() == [5]


def test_restart_with_task_reads_no_file(start, tmp_path):
    file = tmp_path / "samples.csv"
    file.write_text("0,1\n1,2\n")
    task = make_task(RunConfig(data=str(file)))
    file.unlink()
    session = start(RunConfig())
    session.restart(task)
    assert session.snapshot().problem is task.problem
    assert session.problems[0] is task.problem


def test_batch_larger_than_file_is_refused(start, tmp_path):
    file = tmp_path / "three.csv"
    file.write_text("0,1\n1,2\n2,3\n")
    config = RunConfig(data=str(file), batch=4)
    with pytest.raises(ConfigError, match=r"^batch: .* exceeds the number of samples; allowed: 1 to 3, or full$"):
        start(config)
    with pytest.raises(ConfigError, match=r"^batch: .* 3, or full$"):
        start().restart(config)


def test_order_of_the_samples_can_be_injected(start):
    orders = []

    class Generator(np.random.Generator):
        def permutation(self, n):
            orders.append(n)
            return np.arange(n)[::-1]

    session = start(FINISHES.replace(shuffle=True), rng=lambda: Generator(np.random.PCG64(0)))
    session.play()
    to_the_end(session)
    session.restart()
    session.step(Unit.UPDATE)
    session.advance(1.0)
    assert orders == [10] * 4
