"""The play state machine, with a clock that the tests own."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadfit_tui.core.config import ConfigError, RunConfig
from quadfit_tui.core.presets import PRESETS
from quadfit_tui.core.problem import make_problem
from quadfit_tui.core.session import Session
from quadfit_tui.core.states import SPEEDS, Status, Unit
from quadfit_tui.core.trainer import Trainer

READY, RUNNING, PAUSED = Status.READY, Status.RUNNING, Status.PAUSED
CONVERGED, FINISHED, DIVERGED = Status.CONVERGED, Status.FINISHED, Status.DIVERGED

# Rounding to twelve decimals changes nothing that is looked at here, but lets no epochs be leapt over: time passes.
ENDLESS = RunConfig(samples=10, stop_on="never", epochs=10**9, round_epochs=12)
FINISHES = RunConfig(samples=10, stop_on="never", epochs=3, round_epochs=12)
CONVERGES = RunConfig(samples=10, init=(2, -4, 3))
DIVERGES = RunConfig(samples=10, lr=1e6, schedule="constant")
# An epoch of several chunks: its updates take more than one look at the clock.
LONG = ENDLESS.replace(samples=10_000, lr=0.01)


@pytest.fixture
def clock(make_clock):
    return make_clock()


@pytest.fixture
def start(clock):
    """Makes a session on the test's clock; as fast as it goes, if nothing else is said."""
    return lambda config=ENDLESS, speed=None, **more: Session(config, speed=speed, clock=clock, **more)


def to_the_end(session):
    records = []
    while not session.status.ended:
        records += session.advance(1.0)
    return records


# The first moment


def test_a_new_session_is_ready_and_knows_where_it_stands(start):
    session = start(speed=10)
    now = session.snapshot()
    assert (now.run, now.status, now.epoch, now.update, now.updates) == (1, READY, 0, 0, 0)
    assert (now.gradient, now.loss, now.lr, now.speed, now.updates_per_epoch) == (None, None, 0.5, 10, 10)
    assert now.w.tolist() == list(ENDLESS.init)
    assert now.mean_loss == pytest.approx(now.problem.mean_loss(now.w))
    assert now.config is session.config
    assert not session.advance(1.0)


def test_ten_epochs_a_second_by_default(clock):
    assert Session(ENDLESS, clock=clock).speed == 10


# Play and pause


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        (["pause"], READY),
        (["play"], RUNNING),
        (["toggle"], RUNNING),
        (["play", "play"], RUNNING),
        (["play", "pause"], PAUSED),
        (["play", "toggle"], PAUSED),
        (["play", "pause", "pause"], PAUSED),
        (["play", "pause", "play"], RUNNING),
        (["play", "pause", "toggle"], RUNNING),
    ],
)
def test_commands_lead_from_state_to_state(start, commands, status):
    session = start()
    for command in commands:
        getattr(session, command)()
    assert session.status == session.snapshot().status == status


def test_commands_alone_train_nothing(start):
    session = start()
    w = session.snapshot().w
    for command in (session.play, session.pause, session.toggle, lambda: session.step(Unit.UPDATE)):
        command()
        assert session.snapshot().updates == 0
        assert session.snapshot().w is w


def test_pause_stops_at_once_and_play_goes_on_from_there(start):
    session = start(LONG)
    session.play()
    session.advance(0)  # a chunk of the first epoch
    session.pause()
    paused = session.snapshot()
    assert 0 < paused.updates < 10_000
    assert not session.advance(10)
    assert session.snapshot() is paused
    session.play()
    while session.snapshot().epoch == 0:
        session.advance(0)
    trainer = Trainer(LONG, make_problem(LONG))
    assert session.snapshot().w.tolist() == trainer.advance(10_000).w.tolist()


@pytest.mark.parametrize(("config", "status"), [(FINISHES, FINISHED), (CONVERGES, CONVERGED), (DIVERGES, DIVERGED)])
def test_a_run_that_has_ended_stays_so(start, config, status):
    session = start(config)
    session.play()
    to_the_end(session)
    end = session.snapshot()
    assert end.status is status
    assert status.ended
    commands = [session.play, session.pause, session.toggle, *[lambda unit=unit: session.step(unit) for unit in Unit]]
    for command in commands:
        command()
        assert not session.advance(1.0)
        assert session.status is status
        assert session.snapshot().w is end.w


# Speed


@pytest.mark.parametrize("speed", [speed for speed in SPEEDS.values() if speed])
@pytest.mark.parametrize("frame", [1 / 60, 0.1, 0.37])
def test_epochs_come_at_the_speed_asked_for(start, clock, speed, frame):
    session = start(speed=speed)
    session.play()
    done, frames = 0, int(20 / frame)
    for _ in range(frames):
        if frame <= 0.25:  # beyond that time is lost on purpose: see the stall
            assert done == pytest.approx(1 + (clock.now - 1000) * speed, abs=1 + speed * frame)
        done += len(session.advance(1.0))
        clock.now += frame
    lag = 1 if frame > 0.25 else 0
    assert done <= 1 + frames * frame * speed + 1e-6
    assert done >= (frames - 1) * frame * speed * (0.6 if lag else 1) - 1


def test_first_epoch_is_due_at_once_and_the_next_after_its_time(start, clock):
    session = start(speed=10)
    clock.now += 100  # waiting to be played earns nothing
    session.play()
    due = []
    for _ in range(7):
        due.append(len(session.advance(1.0)))
        clock.now += 0.05
    assert due == [1, 0, 1, 0, 1, 0, 1]


def test_as_fast_as_it_goes_is_held_back_by_nothing(make_clock):
    session = Session(ENDLESS, speed=None, clock=make_clock(tick=0.001))
    session.play()
    assert len(session.advance(0.5)) == pytest.approx(500, abs=2)
    assert len(session.advance(0.5)) == pytest.approx(500, abs=2)


@pytest.mark.parametrize("speed", [1, 10, 30])
def test_a_stall_is_not_made_up_for_in_a_burst(start, clock, speed):
    session = start(speed=speed)
    session.play()
    session.advance(1.0)
    clock.now += 3600
    assert 1 <= len(session.advance(10.0)) <= 1 + speed / 4
    # And from then on it is paced as before.
    done = 0
    for _ in range(100):
        clock.now += 0.1
        done += len(session.advance(1.0))
    assert done == pytest.approx(10 * speed, abs=1)


def test_a_pause_earns_nothing(start, clock):
    session = start(speed=2)
    session.play()
    session.advance(1.0)
    session.pause()
    clock.now += 50
    session.play()
    assert len(session.advance(1.0)) == 1
    assert not session.advance(1.0)


def test_another_speed_counts_from_now(start, clock):
    session = start(speed=1)
    session.play()
    session.advance(1.0)
    clock.now += 0.01
    session.snapshot()
    session.speed = 30
    assert session.speed == session.snapshot().speed == 30
    session.advance(1.0)
    done = 0
    for _ in range(30):
        clock.now += 1 / 30
        done += len(session.advance(1.0))
    assert done == pytest.approx(30, abs=1)
    session.speed = None
    assert all(session.advance(0) for _ in range(5))
    session.speed = 1
    assert len(session.advance(1.0)) == 1
    assert not session.advance(1.0)


def test_an_epoch_longer_than_its_time_is_no_debt(make_clock):
    # Each chunk takes 0.2 s, an epoch three of them: at 30 epochs a second it cannot keep up, and need not.
    session = Session(LONG, speed=30, clock=make_clock(tick=0.1))
    session.play()
    records = [record for _ in range(12) for record in session.advance(0)]
    assert [record.epoch for record in records] == [0, 1, 2, 3]


# The budget


def test_advance_gives_back_the_time_beyond_its_budget(make_clock):
    clock = make_clock(tick=0.01)
    session = Session(ENDLESS, speed=None, clock=clock)
    session.play()
    for budget in (0.05, 0.2, 1.0):
        before = clock.now
        records = session.advance(budget)
        assert len(records) == pytest.approx(budget / 0.01, abs=2)
        assert clock.now - before == pytest.approx(budget, abs=0.03)


def test_without_a_budget_it_still_gets_on(start):
    session = start(LONG)
    session.play()
    seen = [session.snapshot().updates]
    for _ in range(5):
        session.advance(0)
        seen.append(session.snapshot().updates)
    assert seen == sorted(set(seen))


def test_an_epoch_may_take_many_advances(start):
    session = start(LONG)
    session.play()
    calls = 1
    while not (records := session.advance(0)):
        calls += 1
    assert calls > 1
    assert [(record.epoch, record.ends_epoch) for record in records] == [(0, True)]


# Single steps


@pytest.mark.parametrize("before", [[], ["play"], ["play", "pause"]])
@pytest.mark.parametrize("speed", [None, 1])
def test_a_step_does_one_update_and_pauses(start, before, speed):
    session = start(speed=speed)
    for command in before:
        getattr(session, command)()
    session.step(Unit.UPDATE)
    assert session.status is RUNNING
    (record,) = session.advance(5.0)
    assert (record.epoch, record.update, record.ends_epoch) == (0, 1, False)
    assert (session.status, session.snapshot().update) == (PAUSED, 1)
    assert session.snapshot().loss == record.loss
    assert session.snapshot().gradient is record.gradient
    assert not session.advance(5.0)


@pytest.mark.parametrize("before", [[], ["play"], ["play", "pause"]])
@pytest.mark.parametrize("speed", [None, 1])
def test_a_step_of_an_epoch_goes_to_its_end_and_pauses(start, before, speed):
    session = start(speed=speed)
    for command in before:
        getattr(session, command)()
    session.step(Unit.EPOCH)
    (record,) = session.advance(5.0)
    assert record.ends_epoch
    assert (session.status, session.snapshot().epoch, session.snapshot().update) == (PAUSED, 1, 0)
    assert not session.advance(5.0)


def test_a_step_of_an_epoch_ends_the_epoch_in_progress(start):
    session = start()
    for _ in range(3):
        session.step(Unit.UPDATE)
        session.advance(1.0)
    session.step(Unit.EPOCH)
    (record,) = session.advance(1.0)
    assert (record.epoch, record.update) == (0, 10)
    assert session.snapshot().updates == 10


def test_the_update_that_ends_an_epoch_is_logged_once_as_its_epoch(start):
    session = start()
    records = []
    for _ in range(11):
        session.step(Unit.UPDATE)
        records += session.advance(1.0)
    assert [(record.epoch, record.update, record.ends_epoch) for record in records] == [
        *[(0, update, False) for update in range(1, 10)],
        (0, 10, True),
        (1, 1, False),
    ]


def test_a_step_of_an_epoch_lasts_over_small_budgets(start):
    session = start(LONG, speed=1)
    session.step(Unit.EPOCH)
    calls = 0
    while session.status is RUNNING:
        records = session.advance(0)
        calls += 1
    assert calls > 1
    assert [record.epoch for record in records] == [0]
    assert session.snapshot().epoch == 1


def test_pause_ends_a_step_half_way(start):
    session = start(LONG)
    session.step(Unit.EPOCH)
    session.advance(0)
    session.pause()
    assert session.status is PAUSED
    assert 0 < session.snapshot().update < 10_000
    assert not session.advance(1.0)


@pytest.mark.parametrize("command", ["play", "toggle"])
def test_play_turns_a_step_into_playing(start, command):
    session = start(LONG)
    session.step(Unit.EPOCH)
    session.advance(0)
    getattr(session, command)()
    while session.snapshot().epoch < 2:
        session.advance(0)
    assert session.status is RUNNING


def test_steps_give_the_same_run_as_playing(start):
    stepped, played = start(FINISHES), start(FINISHES)
    while not stepped.status.ended:
        stepped.step(Unit.UPDATE)
        stepped.advance(1.0)
    played.play()
    to_the_end(played)
    assert stepped.status is played.status is FINISHED
    assert stepped.snapshot().w.tolist() == played.snapshot().w.tolist()
    assert stepped.snapshot().updates == played.snapshot().updates == 30


# How a run ends


def test_a_run_finishes_after_all_its_epochs(start):
    session = start(FINISHES)
    session.play()
    assert [record.epoch for record in to_the_end(session)] == [0, 1, 2]
    end = session.snapshot()
    assert (end.status, end.epoch, end.update, end.updates) == (FINISHED, 3, 0, 30)


def test_dataset_rule_stops_at_the_first_epoch_whose_mean_loss_is_below_tol(start):
    session = start(PRESETS["article"].replace(tol=1.0))
    session.play()
    records = to_the_end(session)
    assert session.status is CONVERGED
    assert records[-1].mean_loss < 1.0
    assert all(record.mean_loss >= 1.0 for record in records[:-1])
    # Epochs before had a last update below tol: that is the other rule.
    assert any(record.loss < 1.0 for record in records[:-1])


def test_last_update_rule_stops_at_the_first_epoch_whose_last_loss_is_below_tol(start):
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
def test_loss_equal_to_tol_is_not_below_it(start, stop_on):
    session = start(CONVERGES.replace(stop_on=stop_on, tol=0, epochs=2))
    session.play()
    to_the_end(session)
    assert (session.status, session.snapshot().mean_loss) == (FINISHED, 0)


def test_the_last_epoch_may_converge(start):
    session = start(CONVERGES.replace(epochs=1))
    session.play()
    to_the_end(session)
    assert session.status is CONVERGED


@pytest.mark.parametrize("unit", list(Unit))
def test_a_step_may_end_the_run(start, unit):
    session = start(CONVERGES)
    while not session.status.ended:
        session.step(unit)
        session.advance(1.0)
    assert (session.status, session.snapshot().epoch) == (CONVERGED, 1)


@pytest.mark.parametrize("stop_on", ["dataset", "last-update"])
def test_stopping_rules_wait_for_the_end_of_the_epoch(start, stop_on):
    session = start(CONVERGES.replace(stop_on=stop_on))
    for _ in range(9):
        session.step(Unit.UPDATE)
        session.advance(1.0)
        assert session.snapshot().loss < 1e-5
        assert session.status is PAUSED
    session.step(Unit.UPDATE)
    session.advance(1.0)
    assert session.status is CONVERGED


@pytest.mark.parametrize("speed", [None, 1, 30])
@pytest.mark.parametrize("unit", [None, *Unit])
@pytest.mark.parametrize("batch", [1, 3, "full"])
def test_divergence_ends_cleanly_at_the_last_finite_w(start, clock, speed, unit, batch):
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
    assert all(map(math.isfinite, end.w.tolist()))
    trainer = Trainer(config, make_problem(config))
    while not trainer.diverged:
        trainer.advance(1)
    assert (end.epoch, end.update) == (trainer.epoch, trainer.update)
    assert end.w.tolist() == pytest.approx(trainer.w.tolist(), rel=1e-9)


def test_lr_shown_at_the_end_is_that_of_the_last_epoch(start):
    session = start(PRESETS["article"].replace(samples=10, epochs=9, stop_on="never"))
    session.play()
    to_the_end(session)
    assert session.snapshot().lr == 0.5
    going_on = start(PRESETS["article"].replace(samples=10, epochs=10, stop_on="never"))
    for _ in range(9):
        going_on.step(Unit.EPOCH)
        going_on.advance(1.0)
    assert going_on.snapshot().lr == 0.25


# Restart


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


@pytest.mark.parametrize("name", ["ready", "running", "paused", "stepping", "finished", "converged", "diverged"])
@pytest.mark.parametrize("config", [None, ENDLESS.replace(lr=0.1)])
def test_restart_begins_anew_and_plays_on_only_where_it_was_playing(start, name, config):
    session = state_by_name(start, name)
    old = session.snapshot()
    session.restart(config)
    new = session.snapshot()
    assert new.status is (RUNNING if name == "running" else READY)
    assert new.run == old.run + 1
    assert (new.epoch, new.update, new.updates, new.loss, new.gradient) == (0, 0, 0, None, None)
    assert new.w.tolist() == list(new.config.init)
    assert new.config == (config or old.config)
    assert new.speed == old.speed
    # Nothing of the old run's step or time is left.
    records = session.advance(0)
    assert bool(session.snapshot().updates) == (name == "running")
    assert all(record.epoch == 0 for record in records)


def test_a_restarted_run_is_the_same_to_the_last_bit(start):
    session = start(PRESETS["article-minibatch"].replace(samples=64, epochs=4, noise=1.0, init="random", seed=5))
    ends = []
    for _ in range(2):
        session.play()
        to_the_end(session)
        ends.append(session.snapshot().w.tolist())
        session.restart()
    assert ends[0] == ends[1]


def test_a_restart_while_playing_is_paced_from_its_first_epoch(start, clock):
    session = start(speed=10)
    session.play()
    session.advance(1.0)
    clock.now += 60
    session.restart(ENDLESS.replace(lr=0.1))
    assert [record.lr for record in session.advance(1.0)] == [0.1]
    assert not session.advance(1.0)


@pytest.mark.parametrize("name", ["ready", "running", "paused", "stepping", "finished", "converged", "diverged"])
def test_a_refused_restart_leaves_the_old_run_exactly_alone(start, name, tmp_path):
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


def test_a_batch_larger_than_the_file_is_refused_by_the_start_and_by_a_restart(start, tmp_path):
    file = tmp_path / "three.csv"
    file.write_text("0,1\n1,2\n2,3\n")
    config = RunConfig(data=str(file), batch=4)
    with pytest.raises(ConfigError, match="more than there are samples; allowed: 1 to 3"):
        start(config)
    with pytest.raises(ConfigError, match="1 to 3"):
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


# Snapshots


def test_snapshot_is_the_same_object_as_long_as_nothing_changes(start, clock):
    session = start(speed=1)
    session.play()
    session.advance(1.0)
    seen = session.snapshot()
    clock.now += 0.5
    assert not session.advance(1.0)
    assert session.snapshot() is seen
    clock.now += 0.5
    session.advance(1.0)
    assert session.snapshot() is not seen
    assert seen.epoch == 1


@pytest.mark.parametrize("command", ["play", "pause", "toggle"])
def test_a_changed_state_shows_in_a_new_snapshot(start, command):
    session = start()
    session.play()
    if command == "play":
        session.pause()
    seen = session.snapshot()
    getattr(session, command)()
    assert session.snapshot() is not seen
    assert session.snapshot().status is session.status is not seen.status


# Whatever the order of commands


@pytest.fixture(scope="module")
def trajectories():
    """For each configuration, w by (epoch, update) as the trainer alone gives it, an update at a time."""
    small = {
        "finishes": FINISHES.replace(samples=6, shuffle=True),
        "converges": CONVERGES.replace(samples=5, batch=2, init=(2, -4, 3.01), tol=3e-5, epochs=50),
        "diverges": DIVERGES.replace(samples=4, lr=1e5),
    }
    table = {}
    for name, config in small.items():
        trainer = Trainer(config, make_problem(config))
        where = {(0, 0): trainer.w.tolist()}
        while not trainer.diverged and trainer.epoch < config.epochs:
            trainer.advance(1)
            where[trainer.epoch, trainer.update] = trainer.w.tolist()
        table[name] = config, where
    return table


commands = st.lists(
    st.one_of(
        st.sampled_from(["play", "pause", "toggle", "update", "epoch", "restart", "refused"]),
        st.sampled_from([1, 10, None]),  # a speed
        st.sampled_from(["finishes", "converges", "diverges"]),  # a restart with another configuration
        st.floats(0, 2),  # seconds that pass before a frame
        st.just(0.1),
    ),
    max_size=40,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(commands)
def test_no_order_of_commands_breaks_the_machine(make_clock, trajectories, script):
    clock = make_clock()
    name = "finishes"
    session = Session(trajectories[name][0], speed=1, clock=clock)
    run, status, stepping = 1, READY, False
    for command in script:
        before = session.snapshot()
        ended = before.status.ended
        records = []
        if isinstance(command, float):
            clock.now += command
            records = session.advance(1.0)
            status = session.status
            if status is before.status:
                assert not stepping or status is not RUNNING
            elif stepping:
                assert status is PAUSED or status.ended
            else:
                assert before.status is RUNNING
                assert status.ended
            stepping = False
        elif command in ("update", "epoch"):
            session.step(Unit(command))
            if not ended:
                status, stepping = RUNNING, True
        elif command == "play" or (command == "toggle" and (stepping or status is not RUNNING)):
            getattr(session, command)()
            if not ended:
                status, stepping = RUNNING, False
        elif command in ("pause", "toggle"):
            getattr(session, command)()
            if status is RUNNING:
                status, stepping = PAUSED, False
        elif command == "refused":
            with pytest.raises(ConfigError):
                session.restart(RunConfig(data="/absent/file"))
        elif command == "restart" or command in trajectories:
            name = command if command in trajectories else name
            session.restart(trajectories[name][0])
            status, run, stepping = RUNNING if status is RUNNING and not stepping else READY, run + 1, False
        else:
            session.speed = command

        now = session.snapshot()
        assert (now.run, now.status) == (run, status)
        assert now.updates == now.epoch * now.updates_per_epoch + now.update
        assert now.w.tolist() == trajectories[name][1][now.epoch, now.update]
        assert now.epoch <= now.config.epochs
        if not isinstance(command, float) and now.run == before.run:
            assert now.w is before.w
        if before.run == now.run and before.status not in (RUNNING,):
            assert now.updates == before.updates
        epochs = [record.epoch for record in records if record.ends_epoch]
        assert epochs == list(range(before.epoch, now.epoch))
        if now.status is CONVERGED:
            assert now.mean_loss < now.config.tol
        if now.status is FINISHED:
            assert now.epoch == now.config.epochs
