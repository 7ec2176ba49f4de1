"""The play state machine, with a clock that the tests own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session import session as sessions
from quadfit_tui.core.session.playback import SPEEDS, Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training import checkpoints, fast_forward
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.trainer import Trainer

READY, RUNNING, PAUSED = Status.READY, Status.RUNNING, Status.PAUSED
CONVERGED, FINISHED, DIVERGED = Status.CONVERGED, Status.FINISHED, Status.DIVERGED

# Rounding to twelve decimals changes nothing that is looked at here, but lets no epochs be passed at once: time passes.
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
    trainer = Trainer(make_task(LONG))
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
    trainer = Trainer(make_task(config))
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
        trainer = Trainer(make_task(config))
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


@trials(150)
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


# Time: any update of a run can be visited again

PAST = {
    "in spans": RunConfig(samples=10, stop_on="never", epochs=40, lr=0.1),
    "shuffled": RunConfig(samples=11, batch=2, shuffle=True, seed=3, epochs=30, lr=0.1, stop_on="never"),
    "slow": RunConfig(samples=9, batch=2, shuffle=True, optimizer="adam", lr=3.0, epochs=20, stop_on="never"),
    "rounded": FINISHES.replace(epochs=8),
    "converges": RunConfig(samples=10, lr=0.1, schedule="constant", init=(2, -4, 8), tol=1e-2),
    "diverges": RunConfig(samples=5, lr=20.0, schedule="constant", epochs=10**9),
    "diverges in spans": RunConfig(samples=5, batch="full", lr=3.5, schedule="constant", epochs=10**9),
    "one update an epoch": RunConfig(samples=5, batch=3, lr=0.3, epochs=12, optimizer="momentum", stop_on="never"),
}


def what_is_there(session):
    """What a visitor finds, to the last bit."""
    now = session.snapshot()
    shown = [] if now.record is None else [now.record.lr, now.loss, *now.gradient, *now.record.w]
    return now.w.tobytes(), np.array(shown).tobytes(), now.mean_loss


@pytest.fixture(scope="module")
def courses(make_clock):
    """Of each of these runs what is to be found at each update, and how it ends: seen by stepping through it."""
    found = {}
    for name, config in PAST.items():
        session = Session(config, clock=make_clock())
        there = {session.snapshot().position: what_is_there(session)}
        while not session.status.ended:
            session.step(Unit.UPDATE)
            session.advance(1.0)
            there[session.snapshot().position] = what_is_there(session)
        found[name] = there, session.status
    return found


def go(session, budget=1.0):
    """Lets a command do its work; the records that came of it."""
    records = []
    while session.is_busy:
        records += session.advance(budget)
    return records


@pytest.mark.parametrize("name", PAST)
def test_b_twenty_times_and_n_twenty_times_leaves_the_same_w(start, courses, name):
    there, _ = courses[name]
    positions = sorted(there)
    session = start(PAST[name])
    for at in {min(20, len(positions) - 1), len(positions) // 2, len(positions) - 2, len(positions) - 1}:
        session.seek(*positions[at])
        go(session)
        back = positions[max(0, at - 20) : at][::-1]
        forth = positions[max(0, at - 20) + 1 : at + 1]
        for command, expected in ((session.back, back), (session.step, forth)):
            for position in expected:
                command(Unit.UPDATE)
                go(session)
                assert session.snapshot().position == position
                assert what_is_there(session) == there[position]
        assert session.status.ended == session.timeline.at_end


@pytest.mark.parametrize("name", PAST)
def test_playing_on_from_the_past_is_the_same_future(start, courses, name):
    there, status = courses[name]
    positions = sorted(there)
    session = start(PAST[name])
    session.play()
    first_time = to_the_end(session)
    assert [record.epoch for record in first_time] == list(range(positions[-1].epoch))
    for at in (0, len(positions) // 3, len(positions) - 2):
        session.seek(*positions[at])
        go(session)
        assert session.status is (PAUSED if at else session.status)
        assert what_is_there(session) == there[positions[at]]
        session.play()
        assert to_the_end(session) == []
        assert session.status is status
        assert session.snapshot().position == positions[-1] == session.snapshot().newest
        assert what_is_there(session) == there[positions[-1]]


def visited(session):
    go(session)
    now = session.snapshot()
    return now.epoch, now.update


def test_back_goes_to_the_start_of_the_epoch_and_then_of_the_one_before(start):
    session = start(PAST["in spans"])
    session.seek(3, 4)
    assert visited(session) == (3, 4)
    for expected in [(3, 0), (2, 0), (1, 0), (0, 0), (0, 0)]:
        session.back(Unit.EPOCH)
        assert visited(session) == expected
    session.seek(1, 1)
    for expected in [(1, 0), (0, 9), (0, 8)]:
        assert visited(session) != expected
        session.back(Unit.UPDATE)
        assert visited(session) == expected


@pytest.mark.parametrize(
    "command",
    [
        lambda session: session.back(Unit.UPDATE),
        lambda session: session.back(Unit.EPOCH),
        lambda session: session.first(),
        lambda session: session.last(),
        lambda session: session.seek(0),
        lambda session: session.jump(-3),
        lambda session: session.jump(0),
    ],
)
def test_where_there_is_nowhere_to_go_nothing_changes(start, command):
    session = start(PAST["in spans"])
    seen = session.snapshot()
    command(session)
    assert (session.status, session.is_busy) == (READY, False)
    assert session.snapshot() is seen
    assert not session.advance(1.0)


def test_first_and_last_are_the_start_and_the_newest_update(start):
    session = start(PAST["in spans"])
    session.seek(7, 3)
    assert visited(session) == (7, 3)
    session.first()
    assert visited(session) == (0, 0)
    assert session.snapshot().record is None
    assert session.snapshot().newest == (7, 3)
    session.last()
    assert visited(session) == (7, 3)
    assert session.status is PAUSED
    seen = session.snapshot()
    session.last()
    assert session.snapshot() is seen


def test_jumps_go_to_whole_epochs_and_stay_within_the_run(start):
    session = start(PAST["in spans"])
    session.step(Unit.UPDATE)
    go(session)
    for jump, expected in [(10, 10), (-3, 7), (-100, 0), (25, 25), (100, 40), (-1, 39)]:
        session.jump(jump)
        assert visited(session) == (expected, 0)
    assert session.status is PAUSED


def test_a_jump_out_of_the_midst_of_an_epoch_is_counted_from_its_start(start):
    session = start(PAST["in spans"])
    session.seek(5, 4)
    go(session)
    session.jump(1)
    assert visited(session) == (6, 0)


@pytest.mark.parametrize("position", [(-1, 0), (41, 0), (3, -1), (3, 11), (-1, 10), (10**9, 0), (0, 10**9)])
def test_a_position_that_the_run_has_not_is_refused(start, position):
    session = start(PAST["in spans"])
    seen = session.snapshot()
    with pytest.raises(ValueError, match="no position of this run"):
        session.seek(*position)
    assert session.snapshot() is seen


@pytest.mark.parametrize(
    ("position", "expected"), [((3, 10), (4, 0)), ((39, 10), (40, 0)), ((40, 0), (40, 0)), ((0, 10), (1, 0))]
)
def test_after_its_last_update_an_epoch_is_over(start, position, expected):
    session = start(PAST["in spans"])
    session.seek(*position)
    assert visited(session) == expected


@pytest.mark.parametrize("name", ["converges", "diverges", "diverges in spans"])
def test_beyond_its_end_a_run_is_visited_at_its_end(start, courses, name):
    there, status = courses[name]
    end = max(there)
    session = start(PAST[name])
    for _ in range(2):  # before it is known, and after
        session.seek(end.epoch + 3)
        assert visited(session) == end
        assert session.status is status
        session.seek(end.epoch + 3)
        go(session)
        assert session.status is status
        session.first()
        assert visited(session) == (0, 0)
        assert session.status is PAUSED


@pytest.mark.parametrize("name", PAST)
def test_an_ended_run_goes_back_and_ends_again_in_the_same_way(start, courses, name):
    there, status = courses[name]
    positions = sorted(there)
    session = start(PAST[name])
    session.play()
    to_the_end(session)
    lr = session.snapshot().lr
    ways_on = [
        lambda: session.step(Unit.UPDATE),
        lambda: session.step(Unit.EPOCH),
        session.play,
        session.toggle,
        session.last,
        lambda: session.seek(*positions[-1]),
    ]
    for on in ways_on:
        session.back(Unit.UPDATE)
        assert session.status is RUNNING
        go(session)
        assert (session.status, session.snapshot().position) == (PAUSED, positions[-2])
        on()
        assert session.status is RUNNING
        assert not [record for record in go(session) if record.ends_epoch]
        assert (session.status, session.snapshot().position) == (status, positions[-1])
        assert session.snapshot().lr == lr
        assert session.timeline.at_end


@pytest.mark.parametrize("command", ["pause", "toggle"])
def test_an_end_that_was_not_left_yet_is_still_one(start, command):
    """Back, and before anything came of it, pause."""
    session = start(PAST["converges"])
    session.play()
    to_the_end(session)
    session.back(Unit.UPDATE)
    getattr(session, command)()
    go(session)
    assert session.status is CONVERGED
    assert not session.is_busy


# On the way


def test_on_the_way_the_goal_is_known_and_pause_gives_it_up(start):
    session = start(LONG)
    session.seek(1, 5000)
    now = session.snapshot()
    assert (now.status, now.goal, now.position) == (RUNNING, (1, 5000), (0, 0))
    assert session.is_busy
    session.advance(0)
    on_the_way = session.snapshot()
    assert (on_the_way.status, on_the_way.goal) == (RUNNING, (1, 5000))
    assert (0, 0) < on_the_way.position < (1, 5000)
    session.pause()
    paused = session.snapshot()
    assert (paused.status, paused.goal, paused.position) == (PAUSED, None, on_the_way.position)
    assert not session.advance(10)
    assert session.snapshot() is paused
    session.seek(1, 5000)
    go(session, 0)
    assert (session.status, session.snapshot().goal, session.snapshot().position) == (PAUSED, None, (1, 5000))
    straight = start(LONG)
    straight.seek(1, 5000)
    go(straight)
    assert what_is_there(session) == what_is_there(straight)


@pytest.mark.parametrize("speed", [None, 1])
def test_a_goal_is_gone_to_as_fast_as_it_goes(start, speed):
    session = start(PAST["rounded"], speed=speed)
    session.seek(7)
    assert [record.epoch for record in session.advance(1.0)] == list(range(7))
    assert (session.status, session.snapshot().epoch) == (PAUSED, 7)
    session.first()
    assert not session.advance(1.0)
    assert session.snapshot().updates == 0


def test_the_last_command_counts(start):
    session = start(LONG)
    session.seek(3)
    session.advance(0)
    session.seek(0, 7)
    assert visited(session) == (0, 7)
    session.seek(2)
    session.advance(0)
    session.play()
    assert (session.snapshot().goal, session.status) == (None, RUNNING)
    session.back(Unit.EPOCH)
    assert visited(session) == (0, 0)
    session.seek(1)
    session.restart()
    assert (session.snapshot().goal, session.status) == (None, READY)
    assert not session.advance(1.0)


@pytest.mark.parametrize("budget", [None, 0])
def test_commands_that_come_faster_than_their_work_add_up(start, courses, monkeypatch, budget):
    """Each counts from where the one before leads to, not from where its way has come by."""
    monkeypatch.setattr(checkpoints, "MOST_CHECKPOINTS", 2)
    monkeypatch.setattr(Trainer, "chunk", 3)
    there, _ = courses["slow"]
    session = start(PAST["slow"])
    for commands, expected in [
        ([lambda: session.seek(15, 3)], (15, 3)),
        ([lambda: session.back(Unit.UPDATE)] * 5, (14, 2)),
        ([lambda: session.step(Unit.UPDATE)] * 7, (16, 1)),
        ([lambda: session.back(Unit.EPOCH)] * 3, (14, 0)),
        ([lambda: session.jump(2), lambda: session.jump(-9), lambda: session.step(Unit.EPOCH)], (8, 0)),
    ]:
        for command in commands:
            command()
            if budget is not None:
                session.advance(budget)
        assert visited(session) == expected
        assert what_is_there(session) == there[expected]


def test_a_long_way_is_gone_in_many_short_advances(make_clock):
    clock = make_clock(tick=0.001)
    session = Session(LONG, speed=None, clock=clock)
    session.seek(3)
    calls = 0
    while session.is_busy:
        before = clock.now
        session.advance(0.002)
        assert clock.now - before <= 0.005
        calls += 1
    assert calls >= 4
    assert session.snapshot().epoch == 3


def test_what_was_trained_before_gives_no_records(start):
    session = start(PAST["rounded"], speed=None)
    session.seek(4, 5)
    assert [record.epoch for record in go(session)] == [0, 1, 2, 3]
    session.first()
    assert go(session) == []
    for _ in range(10):
        session.step(Unit.UPDATE)
        assert go(session) == []
    session.unit = Unit.UPDATE
    session.play()
    records = []
    while session.snapshot().position < (5, 2):
        records += session.advance(0)
    assert [(record.epoch, record.update, record.ends_epoch) for record in records] == [
        *[(4, update, update == 10) for update in range(6, 11)],
        *[(5, update, False) for update in (1, 2)],
    ]
    session.back(Unit.UPDATE)
    assert go(session) == []
    session.step(Unit.UPDATE)
    assert go(session) == []
    session.step(Unit.UPDATE)
    assert [(record.epoch, record.update) for record in go(session)] == [(5, 3)]


def test_updates_that_are_passed_over_have_no_lines(start):
    """Only a single step shows its update: the others are on the way to somewhere."""
    session = start(PAST["rounded"])
    session.seek(0, 5)
    assert go(session) == []
    session.seek(0, 6)
    assert [record.update for record in go(session)] == [6]


# The unit


@pytest.mark.parametrize("speed", [1, 10, 30])
def test_updates_come_at_the_speed_asked_for_where_they_are_the_unit(start, clock, speed):
    session = start(PAST["in spans"], speed=speed)
    session.unit = Unit.UPDATE
    assert (session.unit, session.snapshot().unit) == (Unit.UPDATE, Unit.UPDATE)
    session.play()
    done = 0
    for _ in range(100):
        records = session.advance(1.0)
        done += len(records)
        assert session.snapshot().updates == done
        assert done == pytest.approx(1 + (clock.now - 1000) * speed, abs=1 + speed / 60)
        clock.now += 1 / 60


def test_updates_as_fast_as_it_goes_are_each_shown(start):
    session = start(PAST["rounded"])
    session.unit = Unit.UPDATE
    session.play()
    records = to_the_end(session)
    expected = [(epoch, update) for epoch in range(8) for update in range(1, 11)]
    assert [(record.epoch, record.update) for record in records] == expected
    assert session.status is FINISHED


def test_another_unit_counts_from_now_on(start, clock):
    session = start(PAST["in spans"], speed=1)
    session.play()
    session.advance(1.0)
    assert session.snapshot().updates == 10
    seen = session.snapshot()
    session.unit = Unit.UPDATE
    assert session.snapshot() is not seen
    session.advance(1.0)
    assert session.snapshot().updates == 11
    assert not session.advance(1.0)
    clock.now += 1
    session.advance(1.0)
    assert session.snapshot().updates == 12
    session.unit = Unit.EPOCH
    clock.now += 1
    session.advance(1.0)
    assert session.snapshot().updates == 20


def test_a_visited_past_is_played_at_the_speed_too(start, clock):
    session = start(PAST["in spans"], speed=10)
    session.seek(20)
    go(session)
    session.first()
    go(session)
    session.play()
    for expected in range(1, 12):
        session.advance(1.0)
        assert session.snapshot().epoch == expected
        clock.now += 0.1


@pytest.mark.parametrize("budget", [0, 1.0])
def test_an_epoch_of_many_pieces_is_one_unit(start, clock, budget):
    session = start(LONG, speed=2)
    session.play()
    done = 0
    for frame in range(40):
        done += len(session.advance(budget))
        if budget or frame % 5 > 2:  # with no budget, an epoch takes three frames
            assert done == 1 + frame // 5
        clock.now += 0.1


# Records again


def test_records_of_epochs_can_be_had_again(start):
    session = start(PAST["shuffled"], speed=None)
    session.play()
    expected = to_the_end(session)
    session.seek(7, 2)
    go(session)
    seen = session.snapshot()
    for first, stop in [(0, 30), (29, 30), (12, 17), (3, 3), (-4, 2), (25, 99), (40, 50)]:
        found = session.timeline.records(first, stop)
        assert [record.epoch for record in found] == list(range(30)[max(0, first) : stop])
        for record in found:
            same = expected[record.epoch]
            assert record.w.tolist() == same.w.tolist()
            assert (record.loss, record.lr, record.mean_loss) == (same.loss, same.lr, same.mean_loss)
            assert [values.tolist() for values in record.batch] == [values.tolist() for values in same.batch]
    assert session.snapshot() is seen
    session.restart()
    assert session.timeline.records(0, 30) == []


def test_an_advance_gives_no_more_records_than_can_be_kept(make_clock, monkeypatch):
    """It is over then, however much of its budget is left: it would go round and round without getting on."""
    monkeypatch.setattr(fast_forward, "MOST_EPOCHS", 8)
    monkeypatch.setattr(sessions, "MOST_RECORDS", 20)
    clock = make_clock(tick=1.0)
    session = Session(PAST["in spans"].replace(epochs=100), speed=None, clock=clock)
    session.play()
    found = []
    while not session.status.ended:
        began = clock.now
        records = session.advance(1000.0)
        found.append((len(records), clock.now - began < 100))
    assert found == [(20, True)] * 5
    session.first()
    assert go(session) == []
    session.play()
    assert not session.advance(1000.0)
    assert session.status is FINISHED


@pytest.mark.parametrize("most", [1, 7, 64])
def test_an_advance_in_small_portions_trains_the_same(make_clock, most):
    config, clock = PAST["in spans"].replace(epochs=100), make_clock(tick=1.0)
    whole, session = (Session(config, speed=None, clock=clock) for _ in range(2))
    whole.play()
    expected = list(whole.advance(1e9))
    session.play()
    found = []
    while not session.status.ended:
        records = session.advance(1000.0, most)
        assert len(records) == min(most, 100 - len(found))
        found += records
    assert [(record.epoch, *record.w.tolist(), record.loss) for record in found] == [
        (record.epoch, *record.w.tolist(), record.loss) for record in expected
    ]
    session.first()
    session.advance(1000.0, most)
    session.seek(100)
    assert not session.advance(1000.0, most)  # what is known is passed at once
    assert session.snapshot().epoch == 100


# Whatever the order of commands, in time as well

travels = st.one_of(
    st.sampled_from(["play", "play", "pause", "toggle", "first", "last", "restart"]),
    st.tuples(st.sampled_from(["step", "back"]), st.sampled_from(list(Unit))),
    st.tuples(st.just("seek"), st.floats(0, 1.1)),
    st.tuples(st.just("jump"), st.integers(-15, 15)),
    st.tuples(st.just("unit"), st.sampled_from(list(Unit))),
    st.tuples(st.just("speed"), st.sampled_from([1, 30, None])),
)
# How often a frame comes after a command, the seconds that pass before each, and its budget.
frames = st.sampled_from([(0, 0, 0), (1, 0.1, 0), (1, 0.0, 1.0), (5, 0.3, 0), (3, 1.0, 1.0)])


class Traveller:
    """Gives commands, and knows what they must come to."""

    def __init__(self, session, clock, there, end_status):
        self.session, self.clock = session, clock
        self.there, self.end_status = there, end_status
        self.positions = sorted(there)
        self.end = self.positions[-1]
        self.per_epoch = session.snapshot().updates_per_epoch
        self.shown = []

    def goal_of(self, command, what, before):
        """Where a command leads to; None where it leads nowhere."""
        at = self.positions.index(before.position)
        epoch, update = before.position
        match command, what:
            case "step", _ if before.status.ended:
                return None
            case "step", Unit.UPDATE:
                return (epoch, update + 1) if update + 1 < self.per_epoch else (epoch + 1, 0)
            case "step", Unit.EPOCH:
                return epoch + 1, 0
            case "back", Unit.UPDATE:
                return self.positions[max(0, at - 1)]
            case "back", Unit.EPOCH:
                return (epoch if update else max(0, epoch - 1)), 0
            case "seek", part:
                epoch, update = self.positions[min(int(part * len(self.positions)), len(self.positions) - 1)]
                return (epoch, update) if update < self.per_epoch else (epoch + 1, 0)
            case "jump", epochs:
                return max(0, min(epoch + epochs, before.config.epochs)), 0
            case "first", _:
                return 0, 0
            case "last", _:
                return before.newest if before.newest != before.position else None

    def command(self, command, what):
        if command in ("step", "back", "jump") and self.session.snapshot().goal is not None:
            self.frame(0, 1.0)  # what they come to on the way is told above
        session, before = self.session, self.session.snapshot()
        if command in ("unit", "speed"):
            setattr(session, command, what)
            expected = before.status, before.goal
        elif command in ("play", "toggle", "pause", "restart"):
            getattr(session, command)()
            plays = before.status is RUNNING and before.goal is None
            if command == "restart":
                self.shown = []
                expected = (RUNNING if plays else READY), None
            elif command == "pause" or (command == "toggle" and plays):
                known_end = session.timeline.at_end
                stopped = self.end_status if known_end else PAUSED
                expected = (stopped if before.status is RUNNING else before.status), None
            else:
                expected = (before.status if before.status.ended else RUNNING), None
        else:
            goal = self.goal_of(command, what, before)
            to_there = goal if command == "seek" else ([what] if what is not None else [])
            getattr(session, command)(*to_there)
            leaves = goal is not None and (goal != before.position or before.status is RUNNING)
            expected = (RUNNING, goal) if leaves else (before.status, before.goal)
        now = session.snapshot()
        assert (now.status, now.goal) == expected
        if command == "restart":
            assert (now.run, now.position, now.newest) == (before.run + 1, (0, 0), (0, 0))
        else:
            assert (now.run, now.position, now.newest) == (before.run, before.position, before.newest)
            assert now.w is before.w

    def frame(self, seconds, budget):
        session, before = self.session, self.session.snapshot()
        self.clock.now += seconds
        records = session.advance(budget)
        now = session.snapshot()
        assert now.newest == max(before.newest, now.position)
        if before.status is not RUNNING:
            assert now is before
        elif session.timeline.at_end:
            assert (now.position, now.status, now.goal) == (self.end, self.end_status, None)
        elif before.goal is None:
            assert (now.status, now.goal) == (RUNNING, None)
            assert now.position >= before.position
        elif now.position == before.goal:
            assert (now.status, now.goal) == (PAUSED, None)
        else:
            assert (now.status, now.goal) == (RUNNING, before.goal)
            assert not budget  # time does not pass while it works
        epochs = [record.epoch for record in records if record.ends_epoch]
        assert epochs == list(range(before.newest.epoch, now.newest.epoch))
        self.shown += [record.epoch * self.per_epoch + record.update for record in records]

    def look(self):
        now = self.session.snapshot()
        assert what_is_there(self.session) == self.there[now.position]
        assert now.updates == now.epoch * self.per_epoch + now.update
        assert self.session.is_busy == (now.status is RUNNING)
        assert (now.status is READY) <= (now.updates == 0)


@trials(200)
@given(st.sampled_from(list(PAST)), st.lists(st.tuples(travels, frames), min_size=8, max_size=30))
def test_no_order_of_travels_breaks_the_machine(make_clock, courses, name, script):
    clock = make_clock()
    traveller = Traveller(Session(PAST[name], speed=10, clock=clock), clock, *courses[name])
    for command, (count, seconds, budget) in script:
        traveller.command(*(command if isinstance(command, tuple) else (command, None)))
        traveller.look()
        for _ in range(count):
            traveller.frame(seconds, budget)
            traveller.look()
    # Each update is told of once at most, in order, and each epoch by its last one.
    assert traveller.shown == sorted(set(traveller.shown))
