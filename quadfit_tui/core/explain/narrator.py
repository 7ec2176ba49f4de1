"""The narrator: a sentence for each event of a run, shown when it happens.

The sentences depend on the whole epochs of a run, its diagnosis and the topics that a lesson holds back, on nothing
else: a user who goes back reads the same again. Each sentence comes in two lengths, of at most LONG and BRIEF columns.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.diagnosis.diagnose import RunDiagnosis
from quadfit_tui.core.explain.narrated_epochs import LONG, EpochWindow, NarratedRun, NarratedSentence, numbers
from quadfit_tui.core.explain.narrator_events import EVENTS
from quadfit_tui.core.methods.schedules import SCHEDULES, is_constant
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import brief_verdict, in_few_columns, stopped_above_tol
from quadfit_tui.core.text.language import _, full_stop, ngettext, paragraph
from quadfit_tui.core.text.numbers import format_distinct, format_short, rounded_down
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.status import Status

COMPARED = (5, 20, 50)  # numbers of epochs after which a run is compared with the one before
RATES, BETWEEN = 3, 10  # maximum number of halvings of the rate with a sentence; minimum of epochs between two of them
# Kinds of sentences that name their epoch, or that hold from the start on.
DATED = frozenset({"begins", "forecast", "above", "above at first", "half", "hundredth", "grows", "beside"})
_OF_NOW = frozenset({"valley", "one left", "jumps", "worse", "rate"})  # kinds that are true for a short time only
_CONTEXT = 20  # number of epochs before new ones that the tests of events need


def differs_by_rate(task: FitTask, earlier: Run) -> bool:
    """Returns whether an earlier run had the same samples and settings, except for the learning rate."""
    config = task.config
    is_same = task.problem.source == earlier.problem.source and earlier.config.replace(lr=config.lr) == config
    return is_same and earlier.config.lr != config.lr


class Narrator(NarratedRun):
    """The narrator of a run of `task`: finds its events; those that need a diagnosis only if there is one.

    `withheld` names the topics that a lesson holds back: "optimum", "limit", "forecast" or "next rate"; `earlier` is
    the run before. `sentences` are the sentences so far, `last_epoch` is the last epoch read.
    """

    def __init__(
        self,
        task: FitTask,
        diagnosis: RunDiagnosis | None = None,
        withheld: Collection[str] = (),
        earlier: Run | None = None,
    ) -> None:
        super().__init__(task, diagnosis, withheld)
        self.sentences: list[NarratedSentence] = []
        self.last_epoch = -1
        self._open = {kind: event for kind, event in EVENTS.items() if event.can(self)}
        self._rates = [*self._halvings()]
        self._earlier = earlier if earlier is not None and differs_by_rate(task, earlier) else None
        self._before = EpochWindow(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 3)), np.zeros((0, 3)), 0)

    def read_epochs(self, curves: Curves) -> list[NarratedSentence]:
        """Reads the new epochs of the curves; returns the sentences that they lead to, in order."""
        first = int(curves.epochs.searchsorted(self.last_epoch, side="right"))
        if first == len(curves.epochs):
            return []
        values = {name: column[first:] for name, column in curves.values.items()}
        w = np.column_stack([values[name] for name in PARAMETER_NAMES])
        before = self._before
        rows = EpochWindow(
            np.concatenate([before.epochs, curves.epochs[first:]]),
            np.concatenate([before.loss, values["mean_loss"]]),
            np.concatenate([before.w, w]),
            np.concatenate([before.off, w - self.best]),
            len(before.epochs),
        )
        with np.errstate(all="ignore"):
            sentences = [*self._first_events(rows)]
        sentences += self._of_rates(int(rows.epochs[-1]), [*self.sentences, *sentences])
        sentences += self._beside(rows)
        self.last_epoch = int(rows.epochs[-1])
        self.low = min(self.low, float(np.nanmin(rows.loss[rows.new :], initial=math.inf)))
        last = slice(-_CONTEXT, None)
        self._before = EpochWindow(rows.epochs[last], rows.loss[last], rows.w[last], rows.off[last], 0)
        sentences.sort(key=lambda sentence: sentence.epochs)
        self.sentences += sentences
        return sentences

    def up_to(self, epochs: int) -> list[NarratedSentence]:
        """Returns the sentences up to so many epochs."""
        return [sentence for sentence in self.sentences if sentence.epochs <= epochs]

    def _first_events(self, rows: EpochWindow) -> Iterator[NarratedSentence]:
        """Yields sentences on the events of EVENTS that happen for the first time in the new epochs."""
        first: dict[str, int] = {}
        for kind, event in self._open.items():
            happens = event.test(self, rows)[rows.new :]
            if happens.any():
                first[kind] = rows.new + int(happens.argmax())
                if kind in ("grows", "swings"):
                    self.grew = int(rows.epochs[first[kind]])
        if "hundredth" in first:
            self._open.pop("half", None)
            if first.get("half", math.inf) >= first["hundredth"]:
                first.pop("half", None)
        for kind, index in first.items():
            self._open.pop(kind, None)
            event = EVENTS[kind]
            yield NarratedSentence(int(rows.epochs[index]), kind, *event.say(self, rows, index), event.warns)

    def _halvings(self) -> Iterator[tuple[int, float, float]]:
        """Yields the epochs at which the rate is at most half of the last one yielded, with the new and old rate."""
        if is_constant(self.config):
            return
        schedule, config, epoch = SCHEDULES[self.config.schedule], self.config, 0
        rate = schedule.rate(config, 0)
        for halving in range(RATES):
            half = rate / 2 * (1 + 1e-9)
            later = epoch + (BETWEEN if halving else 1)

            def is_low(number: int, half: float = half) -> bool:
                return schedule.rate(config, number) <= half

            epoch = config.epochs  # no schedule goes up again
            if later < config.epochs:
                epoch = bisect_left(range(config.epochs), True, later, key=is_low)
            before, rate = rate, schedule.rate(config, min(epoch, config.epochs - 1))
            if epoch == config.epochs or not rate:
                return
            yield epoch, rate, before

    def _of_rates(self, epochs: int, sentences: Sequence[NarratedSentence]) -> Iterator[NarratedSentence]:
        """Yields sentences on the halvings of the rate up to an epoch, unless the run is at rest by then."""
        rests = min((sentence.epochs for sentence in sentences if sentence.kind == "rest"), default=math.inf)
        while self._rates and self._rates[0][0] <= epochs:
            epoch, rate, before = self._rates.pop(0)
            if epoch < rests:
                now, was = format_distinct(rate, before)
                full, brief = _("From here lr is {rate}, it was {before}."), _("lr {rate}, it was {before}")
                yield NarratedSentence(
                    epoch, "rate", full.format(rate=now, before=was), brief.format(rate=now, before=was)
                )

    def _beside(self, rows: EpochWindow) -> Iterator[NarratedSentence]:
        """Yields sentences that compare the run with the one before after as many epochs."""
        if self._earlier is None:
            return
        curves = self._earlier.curves
        for index in range(rows.new, len(rows.epochs)):
            epochs = int(rows.epochs[index])
            then = int(curves.epochs.searchsorted(epochs))
            if epochs not in COMPARED or then == len(curves.epochs) or curves.epochs[then] != epochs:
                continue
            loss, was = numbers(rows.loss[index], curves.values["mean_loss"][then])
            places = {"loss": loss, "was": was, "run": self._earlier.number}
            full = _("lr {rate} after {epochs} epochs: loss {loss}; run {run} with lr {other} had {was} then.")
            rates = {"rate": format_short(self.config.lr), "other": format_short(self._earlier.config.lr)}
            brief = _("loss {loss}, run {run} had {was}").format(**places)
            yield NarratedSentence(epochs, "beside", full.format(epochs=epochs, **rates, **places), brief)


def shown_at(
    sentences: Sequence[NarratedSentence], epochs: float, stands: float
) -> tuple[NarratedSentence | None, float]:
    """Returns the sentence that is shown after so many epochs, and since which epoch; None if there is none.

    `sentences` are in order, of which each stands for `stands` epochs. A warning is shown at once, unless
    another warning stands, which is its cause. So is a comparison with the run before, unless a warning stands;
    sentences that wait then are dropped. Other sentences wait until the one before has stood for its time, and are
    dropped if they are true no more by then. A sentence that is true for a short time goes after its time.
    """
    current: NarratedSentence | None = None
    since, waiting = -math.inf, deque[NarratedSentence]()

    def go_on(to: float) -> None:
        nonlocal current, since
        while waiting and (begins := max(waiting[0].epochs, since + stands)) <= to:
            sentence = waiting.popleft()
            if sentence.kind not in _OF_NOW or begins <= sentence.epochs + stands:
                current, since = sentence, begins

    for sentence in sentences:
        if sentence.epochs > epochs:
            break
        go_on(sentence.epochs)
        if (sentence.warns or sentence.kind == "beside") and not (current is not None and current.warns):
            waiting.clear()
            current, since = sentence, sentence.epochs
        else:
            waiting.append(sentence)
    go_on(epochs)
    if current is not None and current.kind in _OF_NOW and not current.warns and epochs > since + stands:
        return None, since
    return current, since


class Ending(NamedTuple):
    """The sentences on the end of a run, the fullest version first; `warns`: it went wrong."""

    ways: Sequence[str]
    warns: bool


def ending(
    snapshot: Snapshot,
    diagnosis: RunDiagnosis | None = None,
    withheld: Collection[str] = (),
    earlier: Run | None = None,
    more_helps: bool | None = None,
) -> Ending:
    """Returns how a run has ended, with the key for the most promising change, or how long the run before took.

    `more_helps`: whether to keep training helps; None if unknown.
    """
    status, rate = snapshot.status, snapshot.lr
    offers_rate = is_constant(snapshot.config) and "next rate" not in withheld
    limit = None if diagnosis is None or "limit" in withheld else diagnosis.limit_at(rate)
    sentence = capitalized(brief_verdict(snapshot, "optimum" not in withheld))
    brief = in_few_columns(snapshot)
    went_wrong = stopped_above_tol(snapshot) or status is Status.DIVERGED
    if stopped_above_tol(snapshot):
        loss, tol = format_distinct(snapshot.mean_loss, snapshot.config.tol)
        full = _("Stopped, although the mean loss, {mean_loss}, is not below tol {tol}. i: why.")
        return _ending([full.format(mean_loss=loss, tol=tol), _("stopped too early. i: why.")], went_wrong)
    if status is Status.DIVERGED and limit is not None and rate >= limit:
        places = {"rate": format_short(rate), "limit": rounded_down(limit), "half": format_short(rate / 2)}
        why = _("lr {rate} is above the limit {limit}: each step overshot by more. i: what helps.")
        if rate / 2 < limit and offers_rate:
            why = _("lr {rate} is above the limit {limit}: each step overshot by more. < : lr {half}.")
        brief = _("diverged: lr {rate}, limit {limit}").format(**places)
        helps = _("< tries lr {half}.").format(**places) if rate / 2 < limit and offers_rate else _("i: why.")
        return _ending([why.format(**places), paragraph([full_stop(capitalized(brief)), helps]), brief], went_wrong)
    then = []
    before = earlier if earlier is not None and earlier.status is status is Status.CONVERGED else None
    if before is not None and differs_by_rate(snapshot.task, before):
        took = ngettext(
            "Run {run} with lr {other} took {n} epoch.",
            "Run {run} with lr {other} took {n} epochs.",
            before.position.epoch,
            run=str(before.number),
            other=format_short(before.config.lr),
        )
        then.append(took)
    if went_wrong:
        then.append(_("i: why."))
    elif status is Status.CONVERGED and limit is not None and 2 * rate < limit and offers_rate:
        then.append(_("> tries lr {double}.").format(double=format_short(2 * rate)))
    elif status is Status.FINISHED and more_helps and not withheld:
        then.append(_("c: keep training."))
    ways = [paragraph([begins, follows]) for follows in then for begins in (sentence, capitalized(brief))]
    return _ending([*ways, sentence, brief], went_wrong)


def _ending(ways: Sequence[str], warns: bool) -> Ending:
    """Returns an Ending with the versions that fit LONG columns, or the last one."""
    return Ending([way for way in ways if cell_width(way) <= LONG] or ways[-1:], warns)
