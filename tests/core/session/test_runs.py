"""Earlier runs: which are kept, and that they are shown again as they were left."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_driver import ARTICLE, PAUSED, READY, RUNNING, SMALL, go, numbers, to
from trials import trials

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.runs import MOST_EARLIER
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.twins import TWINS
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.status import Status


@pytest.fixture
def start(make_clock):
    """Makes a session on a clock that stands still."""
    return lambda config=SMALL, **more: RunSession(config, clock=make_clock(), **more)


# What is kept


def test_a_run_tells_what_it_came_to(start):
    session = start(ARTICLE)
    assert (session.run.status, session.run.position, session.run.updates) == (READY, START, 0)
    to(session, 20, 3)
    newest = session.snapshot()
    to(session, 4)
    session.restart(ARTICLE.replace(lr=0.1))
    (run,) = session.earlier
    assert (run.number, run.config, run.position, run.status) == (1, ARTICLE, (20, 3), PAUSED)
    assert (run.updates, run.mean_loss) == (20 * 800 + 3, newest.mean_loss)
    assert run.w.tobytes() == newest.w.tobytes()
    assert run.distance == pytest.approx(math.dist(newest.w.tolist(), (2, -4, 3)))
    assert run.curves.epochs.tolist() == list(range(21))
    to(session, 1)
    assert run.curves.epochs.tolist() == list(range(21))


def test_ended_run_keeps_its_status(start):
    session = start(ARTICLE)
    to(session, 100)
    session.first()
    go(session)
    assert session.run.status is Status.CONVERGED
    session.restart(ARTICLE.replace(lr=20.0))
    to(session, 100)
    assert session.run.status is Status.DIVERGED
    assert np.isfinite(session.run.w).all()
    assert session.earlier[0].status is Status.CONVERGED


def test_untrained_or_identical_runs_are_dropped(start):
    session = start()
    session.restart(SMALL.replace(lr=0.1))  # of the first one nothing was trained
    assert numbers(session) == []
    to(session, 3)
    session.restart()
    assert numbers(session) == []
    to(session, 3)
    session.restart(SMALL.replace(lr=0.1, momentum=0.3))  # which is not used
    assert numbers(session) == []
    to(session, 3)
    session.restart(SMALL.replace(lr=0.2))
    to(session, 3)
    session.restart(SMALL.replace(lr=0.1))  # which takes the place of the earlier one
    assert numbers(session) == [4]
    assert session.snapshot().number == 5
    session.restart()
    assert session.snapshot().number == 5  # it was not played, and leaves its number to this one
    session.show(4)
    session.restart(SMALL)
    assert (numbers(session), session.snapshot().number) == ([4], 5)


def test_changed_samples_make_another_run(start, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("1,2\n2,4\n3,5\n4,4\n")
    session = start(RunConfig(data=str(file), epochs=5))
    to(session, 3)
    file.write_text("1,2\n2,4\n3,5\n4,4\n5,5\n")
    session.restart()
    assert [(run.number, len(run.problem.x)) for run in session.earlier] == [(1, 4)]
    assert len(session.snapshot().problem.x) == 5


def test_oldest_run_is_evicted_after_six(start):
    session = start()
    for lr in range(1, 9):
        to(session, 1)
        session.restart(SMALL.replace(lr=lr / 100))
    assert numbers(session) == [3, 4, 5, 6, 7, 8]
    session.show(3)
    assert numbers(session) == [4, 5, 6, 7, 8]  # the ninth was not trained
    session.restart(SMALL.replace(lr=0.5))
    assert numbers(session) == [4, 5, 6, 7, 8, 3]
    to(session, 1)
    session.restart()
    assert numbers(session) == [4, 5, 6, 7, 8, 3]  # what is not kept makes nothing go
    assert session.snapshot().number == 10
    to(session, 1)
    session.restart(SMALL.replace(lr=0.9))
    assert numbers(session) == [5, 6, 7, 8, 3, 10]


def test_runs_of_the_same_samples_share_them(start):
    session = start()
    problem = session.snapshot().problem
    to(session, 1)
    session.restart(SMALL.replace(seed=4, noise=0.1))
    to(session, 1)
    assert session.snapshot().problem is not problem
    session.restart(SMALL.replace(lr=0.1))
    assert session.snapshot().problem is problem


def test_a_run_can_be_forgotten(start):
    session = start()
    for lr in (0.1, 0.2):
        to(session, 1)
        session.restart(SMALL.replace(lr=lr))
    session.forget(1)
    assert numbers(session) == [2]
    for number in (1, 3, 9):
        with pytest.raises(ValueError, match=f"no earlier run {number}"):
            session.forget(number)
    for number in (1, 9):
        with pytest.raises(ValueError, match=f"no earlier run {number}"):
            session.show(number)
    assert numbers(session) == [2]


# Shown again


KINDS = {
    "in spans": SMALL.replace(lr=0.1),
    "shuffled": SMALL.replace(samples=11, batch=2, shuffle=True, seed=3, lr=0.1),
    "slow": SMALL.replace(samples=9, batch=2, shuffle=True, optimizer="adam", lr=3.0),
    "rounded": SMALL.replace(round_epochs=12, shuffle=True),
    "full": SMALL.replace(batch="full", optimizer="nesterov", shuffle=True),
    "converges": SMALL.replace(lr=0.1, schedule="constant", init=(2, -4, 8), tol=1e-2, stop_on="dataset"),
    "diverges": SMALL.replace(samples=5, lr=20.0, schedule="constant"),
}


def seen(session):
    """All that is to be seen of the present run, to the last bit."""
    now, record = session.snapshot(), session.snapshot().record
    told = ()
    if record is not None:
        batch = np.concatenate(record.batch).tobytes()
        told = record.epoch, record.update, record.lr, record.loss, record.gradient.tobytes(), record.w.tobytes(), batch
    run = session.run
    curves = run.curves
    values = {name: column.tobytes() for name, column in curves.values.items()}
    records = [(each.epoch, each.loss, each.w.tobytes()) for each in session.timeline.records(4, 7)]
    return (
        (now.number, now.config, now.position, now.newest, now.lr, now.w.tobytes(), now.mean_loss, told, records),
        (run.status, run.position, run.w.tobytes(), run.mean_loss, curves.epochs.tobytes(), values),
    )


commands = st.one_of(
    st.sampled_from(["play", "pause", "restart", "carry_on", "show", "show", "forget", *TWINS]),
    st.sampled_from(list(KINDS)),
    st.tuples(st.just("seek"), st.integers(0, 14), st.integers(0, 4)),
    st.sampled_from(list(Unit)),
    st.just("frame"),
)


class Comparer:
    """Gives commands to a session, and remembers how each run was left."""

    def __init__(self, session):
        self.session = session
        self.left = {}
        self.given = {0}  # the numbers of runs that were trained and left

    def command(self, command, pick):
        session = self.session
        before, kept = session.snapshot(), numbers(session)
        leaves = command not in ("play", "pause", "frame", "forget") and isinstance(command, str)
        present = seen(session) if leaves and not isinstance(command, Unit) else None
        trained = before.newest > START
        try:
            match command:
                case "show" | "forget" if not kept:
                    return
                case "show":
                    number = kept[pick % len(kept)]
                    session.show(number)
                    assert seen(session) == self.left[number]
                    assert session.status is not RUNNING
                    assert set(numbers(session)) == set(kept) - {number} | ({before.number} if trained else set())
                    self.left[before.number] = present
                    self.given |= {before.number} if trained else set()
                    return
                case "forget":
                    session.forget(kept[pick % len(kept)])
                    assert len(numbers(session)) == len(kept) - 1
                    return
                case "seek", epoch, update:
                    session.seek(epoch, min(update, before.updates_per_epoch))
                    return
                case Unit():
                    session.step(command)
                    return
                case "frame":
                    session.advance(0)
                    return
                case "play" | "pause":
                    getattr(session, command)()
                    return
                case "restart" | "carry_on":
                    getattr(session, command)()
                case _ if command in TWINS:
                    session.twin(command)
                case _:
                    session.restart(KINDS[command])
        except ConfigError:
            assert session.snapshot() is before
            return
        self.given |= {before.number} if trained else set()
        assert session.snapshot().number == max(self.given) + 1
        self.left[before.number] = present

    def look(self):
        session = self.session
        found = numbers(session)
        assert len(found) <= MOST_EARLIER
        assert len({*found, session.snapshot().number}) == len(found) + 1
        for run in session.earlier:
            assert run.position > START
            assert not run.is_same_run(session.timeline.task)
            # As it was left: its timeline is touched by nobody.
            assert (run.position, run.w.tobytes()) == (self.left[run.number][0][3], self.left[run.number][1][2])


@trials(60)
@given(st.sampled_from(list(KINDS)), st.lists(st.tuples(commands, st.integers(0, 9)), min_size=10, max_size=40))
def test_commands_leave_earlier_runs_unchanged(make_clock, name, script):
    comparer = Comparer(RunSession(KINDS[name], speed=None, clock=make_clock()))
    for command, pick in script:
        comparer.command(command, pick)
        comparer.look()


@pytest.mark.parametrize("point", [Position(9, 0), Position(9, 2), Position(4, 1)], ids=str)
@pytest.mark.parametrize("name", KINDS)
def test_shown_run_has_same_past_and_future(start, monkeypatch, name, point):
    """Beside one that was never left, visiting the same points; in updates that take a chunk each."""
    monkeypatch.setattr("quadfit_tui.core.training.trainer.Trainer.chunk", 1)
    sessions = [start(KINDS[name]) for _ in range(2)]
    for session in sessions:
        to(session, 9, min(2, session.snapshot().updates_per_epoch))
        to(session, point.epoch, min(point.update, session.snapshot().updates_per_epoch))
    sessions[1].restart(KINDS["shuffled"].replace(seed=9))
    to(sessions[1], 11, 1)
    sessions[1].show(1)
    for epoch, update in [point, (9, 3), (9, 1), (25, 0), (3, 2), (40, 0), (0, 1)]:
        for session in sessions:
            to(session, epoch, min(update, session.snapshot().updates_per_epoch))
        assert seen(sessions[0]) == seen(sessions[1])


def test_earlier_runs_take_moderate_memory(start):
    config = RunConfig(samples=100_000, stop_on="never", epochs=50, lr=0.01)
    variants = [{}, {"shuffle": True}, {"batch": 2}, {"batch": "full"}, {"batch": 5_000, "shuffle": True}]
    session = start(config)
    session.snapshot()
    tracemalloc.start()
    for changes in [*variants, {"batch": 3, "optimizer": "momentum"}, {"lr": 0.02}]:
        session.restart(config.replace(**changes))
        session.step(Unit.UPDATE)
        go(session)
        session.advance(0)
    session.restart(config.replace(lr=0.03))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(session.earlier) == MOST_EARLIER
    assert kept < 3e6  # x and y alone take 1.6 MB; a new order of them, or their sums, much more
