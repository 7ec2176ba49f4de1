"""Twins of a run, which differ in one choice, and runs that go on from where one is."""

import numpy as np
import pytest
from session_driver import ARTICLE, PAUSED, READY, RUNNING, SMALL, go, numbers, to
from tables import table

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import LARGEST, ConfigError
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.twins import TWINS, twin
from quadfit_tui.core.training.position import START
from quadfit_tui.core.training.status import Status


@pytest.fixture
def start(make_clock):
    """Makes a session on a clock that stands still."""
    return lambda config=SMALL, **more: RunSession(config, clock=make_clock(), **more)


# Twins


@table(
    ("name", "config", "expected"),
    [
        ("schedule", ARTICLE, ("schedule halve → constant",)),
        ("schedule", ARTICLE.replace(schedule="cosine"), ("schedule cosine → constant",)),
        ("schedule", ARTICLE.replace(schedule="constant"), ("schedule constant → halve",)),
        ("order", ARTICLE, ("shuffle no → yes",)),
        ("order", ARTICLE.replace(shuffle=True), ("shuffle yes → no",)),
        ("convention", ARTICLE, ("gradient half → full",)),
        ("convention", ARTICLE.replace(gradient="full"), ("gradient full → half",)),
    ],
)
def test_a_twin_differs_in_its_one_choice(name, config, expected):
    assert differences(config, twin(make_task(config), name)) == expected


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("order", SMALL.replace(batch="full")),
        ("order", SMALL.replace(batch=10)),
        ("order", SMALL.replace(samples=1)),
        ("schedule", SMALL.replace(epochs=9)),  # the article's rate is halved after nine epochs
        ("schedule", SMALL.replace(schedule="constant", decay_every=41)),
        ("schedule", SMALL.replace(schedule="exponential", decay_rate=1.0)),
        ("schedule", SMALL.replace(schedule="cosine", epochs=1)),
    ],
)
def test_identical_twin_is_refused(start, name, config):
    session = start(config)
    session.step(Unit.UPDATE)
    go(session)
    before = session.snapshot()
    with pytest.raises(ConfigError, match="would change nothing"):
        session.twin(name)
    assert session.snapshot() is before
    # It is the same: the course of both, by the trainer alone.
    changed = config.replace(**TWINS[name].change(config))
    both = []
    for each in (config, changed):
        run = start(each)
        run.seek(each.epochs)
        both.append(np.array([record.w for record in go(run)]))
    assert both[0] == pytest.approx(both[1], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("playing", [False, True])
def test_twin_goes_to_newest_position(start, playing):
    session = start(speed=10)
    to(session, 7, 3)
    to(session, 2)
    left = session.snapshot()
    if playing:
        session.play()
    session.twin("convention")
    now = session.snapshot()
    assert (now.number, now.status, now.goal, now.position) == (2, RUNNING, (7, 3), START)
    assert now.config == SMALL.replace(gradient="full")
    assert now.problem is left.problem
    while session.snapshot().position < (7, 3):
        session.advance(0)
    now = session.snapshot()
    assert (now.status, now.goal) == (RUNNING if playing else PAUSED, None)
    assert now.position == (7, 3) or playing
    assert [run.position for run in session.earlier] == [(7, 3)]


@pytest.mark.parametrize("command", ["pause", "seek", "restart", "play"])
def test_command_overrides_twins_goal(start, command):
    session = start(speed=10)
    to(session, 7)
    session.play()
    session.twin("order")
    if command == "seek":
        session.seek(3)
        go(session)
        assert session.snapshot().position == (3, 0)
    elif command == "pause":
        session.pause()
    else:
        getattr(session, command)()
    assert session.snapshot().goal is None
    assert session.status is (PAUSED if command in ("pause", "seek") else RUNNING)


def test_twin_of_twin_keeps_playing(start):
    session = start(speed=10)
    to(session, 7)
    session.play()
    session.twin("order")
    session.twin("convention")
    for _ in range(20):
        session.advance(0)
    now = session.snapshot()
    assert (now.status, now.goal, now.number) == (RUNNING, None, 2)  # the first one was not trained
    assert numbers(session) == [1]  # of the second, nothing had been trained


def test_a_twin_ends_where_it_ends(start):
    session = start(SMALL.replace(samples=5, lr=1.1, batch="full", schedule="constant"))
    to(session, 30)
    assert session.status is PAUSED
    session.twin("convention")
    go(session)
    assert session.snapshot().config.gradient == "full"
    session = start(SMALL.replace(stop_on="dataset", epochs=4000, lr=0.1, decay_every=10))
    to(session, 2000)
    session.twin("schedule")
    go(session)
    assert session.status is Status.CONVERGED
    assert session.snapshot().epoch < 2000


# Going on from where one is


def test_carry_on_starts_with_visited_w(start):
    session = start(ARTICLE.replace(optimizer="momentum", lr=0.01, shuffle=True))
    to(session, 12, 5)
    w = session.snapshot().w
    session.carry_on()
    now = session.snapshot()
    assert now.w.tobytes() == w.tobytes()
    assert (now.number, now.status, now.lr, now.updates) == (2, READY, 0.01, 0)  # the rate begins anew, too
    assert session.config.replace(init=ARTICLE.init) == ARTICLE.replace(optimizer="momentum", lr=0.01, shuffle=True)
    assert numbers(session) == [1]


def test_carry_on_refuses_too_large_w(start):
    session = start(SMALL.replace(samples=4, lr=20.0, schedule="constant"))
    while np.abs(session.snapshot().w).max() <= LARGEST:
        session.step(Unit.EPOCH)
        go(session)
    before = session.snapshot()
    with pytest.raises(ConfigError, match=r"^init: .* allowed: three numbers") as refused:
        session.carry_on()
    assert refused.value.names == ("init",)
    assert session.snapshot() is before
