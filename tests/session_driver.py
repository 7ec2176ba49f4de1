"""Runs for tests of the session, and what lets a session do its work and tells what it came to."""

from dataclasses import replace

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status

READY, RUNNING, PAUSED = Status.READY, Status.RUNNING, Status.PAUSED
CONVERGED, FINISHED, DIVERGED = Status.CONVERGED, Status.FINISHED, Status.DIVERGED

# Rounding to twelve decimals changes nothing that is looked at here, but lets no epochs be passed at once: time passes.
ENDLESS = RunConfig(samples=10, stop_on="never", epochs=10**9, round_epochs=12)
FINISHES = RunConfig(samples=10, stop_on="never", epochs=3, round_epochs=12)
CONVERGES = RunConfig(samples=10, init=(2, -4, 3))
DIVERGES = RunConfig(samples=10, lr=1e6, schedule="constant")
# An epoch of several chunks: its updates take more than one look at the clock.
LONG = ENDLESS.replace(samples=10_000, lr=0.01)
SMALL = RunConfig(samples=10, epochs=40, stop_on="never")
ARTICLE = PRESETS["article"]
# Runs that are visited at each of their updates.
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


def to_the_end(session):
    records = []
    while not session.status.ended:
        records += session.advance(1.0)
    return records


def what_is_there(session):
    """What a visitor finds, to the last bit."""
    now = session.snapshot()
    shown = [] if now.record is None else [now.record.lr, now.loss, *now.record.gradient, *now.record.w]
    return now.w.tobytes(), np.array(shown).tobytes(), now.mean_loss


def go(session, budget=1.0):
    """Lets a command do its work; the records that came of it."""
    records = []
    while session.is_busy:
        records += session.advance(budget)
    return records


def to(session, epoch, update=0):
    session.seek(epoch, update)
    return go(session)


def numbers(session):
    """The numbers of the earlier runs that are kept."""
    return [run.number for run in session.earlier]


def visited(session):
    go(session)
    now = session.snapshot()
    return now.epoch, now.update


def with_mean_loss(snapshot, value):
    """The same moment, as if its w had another mean loss."""
    other = replace(snapshot)
    object.__setattr__(other, "mean_loss", value)
    return other
