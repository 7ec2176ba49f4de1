"""Runs with what is said of them: before their first update, and after their end."""

from functools import cache

import numpy as np

from quadfit_tui.core.diagnosis.advice import details
from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, needs_remedy, offered, rate_forecast
from quadfit_tui.core.diagnosis.one_line import one_line
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.status import Status

NOISY = {"noise": 0.5, "schedule": "constant", "init": (-1, 10, 26), "epochs": 200}


def ended(config):
    session = Session(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    return session.snapshot()


@cache
def consulted(config):
    """A run before its first update, its diagnosis, and a remedy where one is due."""
    snapshot = Session(config).snapshot()
    found = diagnose(snapshot.task)
    remedy = find_remedy(found) if needs_remedy(snapshot, found) else None
    return snapshot, found, offered(snapshot, found, remedy)


def line(config, rate=None, width=78):
    """The line as it is before the first update, or at another rate; with a remedy where one is due."""
    snapshot, found, remedy = consulted(config)
    return one_line(found, snapshot.lr if rate is None else rate, remedy, Status.READY, width)


def page(snapshot):
    found = diagnose(snapshot.task)
    remedy = find_remedy(found) if needs_remedy(snapshot, found) else None
    remedy = offered(snapshot, found, remedy)
    return dict(details(snapshot, found, rate_forecast(snapshot.task, snapshot.lr), remedy))


def curvature(x):
    rows = np.column_stack([x * x, x, np.ones_like(x)])
    return rows.T @ rows / len(x)
