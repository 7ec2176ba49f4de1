"""What the tests of the session lean on: sessions on a clock that a test owns, and what is to be found in a run."""

import pytest
from session_driver import ENDLESS, PAST, what_is_there

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession


@pytest.fixture
def clock(make_clock):
    return make_clock()


@pytest.fixture
def start(clock):
    """Makes a session on the test's clock; as fast as it goes, if nothing else is said."""
    return lambda config=ENDLESS, speed=None, **more: RunSession(config, speed=speed, clock=clock, **more)


@pytest.fixture(scope="session")
def courses(make_clock):
    """Of each of these runs what is to be found at each update, and how it ends: seen by stepping through it."""
    found = {}
    for name, config in PAST.items():
        session = RunSession(config, clock=make_clock())
        there = {session.snapshot().position: what_is_there(session)}
        while not session.status.ended:
            session.step(Unit.UPDATE)
            session.advance(1.0)
            there[session.snapshot().position] = what_is_there(session)
        found[name] = there, session.status
    return found
