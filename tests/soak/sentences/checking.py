"""Everything that is said of a configuration, read and checked; and what it is silent about."""

import collections
import contextlib
import math
import re
from functools import partial
from unittest import mock

from soak.sentences.exact import many_digits
from soak.sentences.places.of_end import VERDICT, read_advice
from soak.sentences.places.of_page import read_page
from soak.sentences.places.of_rate import read_rate
from soak.sentences.rules import Finding, Moment
from soak.sentences.trained import Truth

from quadfit_tui.core.diagnosis import diagnose as diagnosing
from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, needs_remedy, offered, rate_forecast
from quadfit_tui.core.diagnosis.forecast import forecast_run
from quadfit_tui.core.diagnosis.trials import try_changes
from quadfit_tui.core.diagnosis.wording.advice import advice, details
from quadfit_tui.core.diagnosis.wording.rate_comparison import compare_rate
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import brief_verdict, shortest, stopped_above_tol, verdict
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.messages import MessageContext, messages
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState

BETWEEN = re.compile("; ")
NARROW = 38  # columns of the row of messages on a terminal of 40


@contextlib.contextmanager
def hurried(seconds):
    """Forecasts and trials take so many seconds at most: there is more silence, but what is told has to be as true."""
    with (
        mock.patch.object(diagnosing, "forecast_run", partial(_within, forecast_run, seconds)),
        mock.patch.object(diagnosing, "try_changes", partial(try_changes, budget=3 * seconds)),
    ):
        yield


def _within(forecast, seconds, task, budget=math.inf):
    return forecast(task, min(budget, seconds))


class Said:
    """What the program says of a configuration at the start, in the midst and at the end of its run."""

    def __init__(self, config, rng):
        session = RunSession(config, speed=None)
        self.task = session.timeline.task
        first = session.snapshot()
        self.diagnosis = diagnose(self.task)
        session.play()
        while not session.status.ended:
            session.advance(1)
        self.last = session.snapshot()
        self.snapshots = [first]
        if self.last.updates > 1:
            updates = int(rng.integers(1, self.last.updates))
            session.seek(*divmod(updates, self.task.updates_per_epoch))
            while session.is_busy:
                session.advance(1)
            self.snapshots.append(session.snapshot())
        self.snapshots.append(self.last)
        self._found, self._at_rates = None, {}

    def remedy(self, snapshot):
        """What is offered at a moment; looked for once, if it is needed at all."""
        if not needs_remedy(snapshot, self.diagnosis):
            return None
        if self._found is None:
            self._found = find_remedy(self.diagnosis)
        return offered(snapshot, self.diagnosis, self._found)

    def rate(self, snapshot):
        return compare_rate(self.diagnosis, snapshot.lr)

    def page(self, snapshot):
        if snapshot.lr not in self._at_rates:
            self._at_rates[snapshot.lr] = rate_forecast(self.task, snapshot.lr)
        return details(snapshot, self.diagnosis, self._at_rates[snapshot.lr], self.remedy(snapshot))


def findings(config, rng, *, advises=True):
    """All findings about a configuration, and its silences."""
    said = Said(config, rng)
    found, truth = [], Truth(said.task)
    texts = [(each, said.rate(each), said.page(each)) for each in said.snapshots]
    ways = advice(said.last) if advises and rng.random() < 0.5 else []  # which looks for all of it once more
    with many_digits():
        for snapshot, of_rates, page in texts:
            found += _of_rows(said, snapshot)
            for way in of_rates:
                found += read_rate(way, Moment(snapshot, truth), BETWEEN)
            found += read_page(page, Moment(snapshot, truth))
        last = Moment(said.last, truth)
        full = [
            verdict(said.last),
            brief_verdict(said.last),
            *([shortest(said.last)] if stopped_above_tol(said.last) else []),
        ]
        for text in full:
            found += VERDICT.read(text, last, re.compile(" "))
        found += read_advice(ways, last)
    return found, list(_silences(said, texts))


def _of_rows(said, snapshot):
    """That no message of a terminal of 40 columns is cut."""
    for findings in (DiagnosisState(), DiagnosisState(said.diagnosis, None, said.remedy(snapshot))):
        (row,) = messages(MessageContext(snapshot, findings), NARROW)
        yield Finding("row", row.state, " ".join(row.lines), "false" if row.whole else "true", row.whole)


def _silences(said, texts):
    """What is not told of a run that one would like to know, by kind."""
    diagnosis, config, last = said.diagnosis, said.task.config, said.last
    coming = diagnosis.forecast
    if diagnosis.limit.rate is None:
        yield f"no limit: {config.optimizer}"
    elif diagnosis.limit.basis.name != "EXACT":
        yield f"limit only {diagnosis.limit.basis.name.lower()}"
    if coming.epochs is None and not coming.diverges and diagnosis.least < config.tol and not diagnosis.stalls:
        yield f"no forecast of convergence: {config.schedule}{', shuffled' if config.shuffle else ''}"
    if coming.end is None and coming.epochs is None:
        yield "no forecast of the end"
    if diagnosis.rest is None and last.status is Status.FINISHED:
        affine = config.optimizer in ("sgd", "momentum", "nesterov")
        order = "adaptive" if not affine else "shuffled" if config.shuffle else "in order"
        yield f"no place of rest: {config.schedule}, {order}{'' if config.round_epochs is None else ', rounded'}"
    ended_above = last.status is not Status.CONVERGED and not last.mean_loss < config.tol
    if ended_above and diagnosis.least < config.tol:
        remedy = said.remedy(last)
        if remedy is None:
            yield "no remedy looked for, above tol"
        elif not remedy.trials:
            yield "no remedy found, above tol"
    page = dict(texts[0][2])
    if "In the long run" not in page.get("Epochs", ""):
        yield "no factor of the distance"


class Count:
    """How many findings there are, by place, kind and verdict."""

    def __init__(self):
        self.verdicts = collections.Counter()
        self.unjudged = collections.Counter()
        self.silences = collections.Counter()

    def add(self, found, silences):
        for each in found:
            self.verdicts[each.place, each.kind, each.verdict] += 1
            if each.verdict == "unjudged":
                self.unjudged[each.place, each.why] += 1
        self.silences.update(silences)
