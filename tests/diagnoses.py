"""Runs with what is said of them: before their first update, and after their end. What takes time is found out once."""

from functools import cache

import numpy as np

from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, needs_remedy, offered, rate_forecast
from quadfit_tui.core.diagnosis.wording.advice import details
from quadfit_tui.core.diagnosis.wording.rate_comparison import compare_rate
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.session import RunSession

NOISY = {"noise": 0.5, "schedule": "constant", "init": (-1, 10, 26), "epochs": 200}


@cache
def ended(config):
    session = RunSession(config, speed=None)
    session.play()
    while not session.status.ended:
        session.advance(1)
    return session.snapshot()


@cache
def diagnosed(config):
    """The diagnosis of a run; it is the same before the run and after it."""
    return diagnose(make_task(config))


@cache
def mended(config):
    """What was found to mend a run, whether one is due or not."""
    return find_remedy(diagnosed(config))


@cache
def at_rate(config, rate):
    return rate_forecast(diagnosed(config).task, rate)


def remedied(snapshot):
    """A remedy where one is due, else None."""
    found = diagnosed(snapshot.config)
    remedy = mended(snapshot.config) if needs_remedy(snapshot, found) else None
    return offered(snapshot, found, remedy)


@cache
def at_start(config):
    return RunSession(config).snapshot()


def beside_limit(config, rate=None):
    """What is said of the rate that a run begins with, or of another one, beside the limit."""
    return compare_rate(diagnosed(config), at_start(config).lr if rate is None else rate)[0]


def page(snapshot):
    """The page with all that is found out about a run, its headings as keys."""
    config = snapshot.config
    return dict(details(snapshot, diagnosed(config), at_rate(config, snapshot.lr), remedied(snapshot)))


def page_alone(snapshot):
    """The page with all but what would mend a run, which takes the longest."""
    config = snapshot.config
    return dict(details(snapshot, diagnosed(config), at_rate(config, snapshot.lr), None))


def first_page(snapshot):
    """The page with what is known at once: without a forecast, and with no remedy looked for."""
    return dict(details(snapshot, diagnose(snapshot.task, looking_ahead=False), None, None))


def curvature(x):
    rows = np.column_stack([x * x, x, np.ones_like(x)])
    return rows.T @ rows / len(x)
