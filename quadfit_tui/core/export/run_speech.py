"""RunSpeech: a run in sentences for screen readers, events and not epochs, one sentence a line.

At most MOST_LINES lines whatever the run, each within a line of a terminal, the news first: "After 5 epochs: ...".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from quadfit_tui.core.diagnosis.words.advice import advice
from quadfit_tui.core.export.run_events import Event, RunEvents
from quadfit_tui.core.export.writers import Writer, mean_loss_of
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import (
    all_epochs,
    at_floor,
    briefly,
    got_worse,
    is_at_floor,
    is_at_tol,
    is_diverging,
    misled,
)
from quadfit_tui.core.text.language import _, clauses, counted_as, full_stop, noted
from quadfit_tui.core.text.pronunciation import chosen, in_a_line, in_sentences, in_words, said
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.training.position import done_in_words
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status

MOST_LINES = 25
_DIVERGES = noted("The run diverges: the learning rate is above its limit.")
_STANDS = {
    Status.READY: noted("Ready after {done}."),
    Status.RUNNING: noted("Running after {done}."),
    Status.PAUSED: noted("Paused after {done}."),
}
_END = 9  # lines of an end, and the one that tells a run from others


class RunSpeech:
    """What is said of a run as it goes on: `start`, then what `hear` or `take` and `end` give, in this order.

    `told` has all of the events that were said, and after how many epochs; `heard` is how many epochs were heard.
    """

    def __init__(self, task: Task) -> None:
        self.start = _state(_("Start: {things}."), task.loss_at_start, task.to_x(task.start), say=chosen)
        self.told: list[tuple[int, str]] = []
        self.heard = 0
        self._events = RunEvents(task.config, task.loss_at_start, MOST_LINES - _END - len(self.start))

    def take(self, records: RecordLog, every: int = 1) -> list[str]:
        """The news of a slice of training: of each `every`-th epoch of it."""
        done, w = records.whole_epochs(every)
        return self.hear(done, records[0].task.trained.mean_losses(w).tolist()) if done else []

    def hear(self, epochs: Sequence[int], losses: Iterable[float]) -> list[str]:
        """The news of whole epochs: how many were done after each of them, and the mean losses then."""
        self.heard = max(self.heard, *epochs[-1:], 0)
        return self._say(self._events.hear(epochs, losses))

    def end(self, snapshot: Snapshot, **options: Any) -> list[str]:
        """What has not been said yet, and how the run ended or stands, as `outcome` says it with these options."""
        return [*self._say(_besides_the_end(self._events.rest(), snapshot)), *self._outcome(snapshot, **options)]

    def _say(self, events: Iterable[Event]) -> list[str]:
        lines = [(event.epochs, _sentence(event)) for event in events]
        self.told += lines
        return [line for epochs, line in lines]

    def _outcome(self, snapshot: Snapshot, **options: Any) -> list[str]:
        return outcome(snapshot, most=MOST_LINES - 1 - len(self.start) - len(self.told), **options)


class SpokenWriter(Writer):
    """Sentences to be heard: what happened in the run and when, not epoch by epoch; at the end how it ended."""

    _speech: RunSpeech | None = None  # once there is something to say

    def epochs(self, records: RecordLog, every: int) -> list[str]:
        begun: list[str] = []
        if self._speech is None and records:
            self._speech = RunSpeech(records[0].task)
            begun = self._speech.start
        return begun if self._speech is None else [*begun, *self._speech.take(records, every)]

    def update(self, record: Record) -> list[str]:
        return spoken_record(record, mean_loss_of(record))

    def end(self, snapshot: Snapshot) -> list[str]:
        say = outcome if self._speech is None else self._speech.end
        return say(snapshot, advises=True)


def _besides_the_end(events: Iterable[Event], snapshot: Snapshot) -> list[Event]:
    """Those events that are not told by the sentence of the end, too; after an overflow that has no mean loss."""
    return [event for event in events if snapshot.overflowed or event.epochs != snapshot.epoch]


def _sentence(event: Event) -> str:
    ways = _of_losses(event)
    if event.rate_before is not None:
        rate, before = chosen(event.rate), chosen(event.rate_before)
        changes = _("learning rate {rate}, was {before}"), _("learning rate {rate}")
        told = [change.format(rate=rate, before=before) for change in changes]
        ways = [*(clauses([news, way]) for news in told for way in ways), *told]
    return in_a_line(
        *(counted_as("After {n} epoch: {news}.", "After {n} epochs: {news}.", event.epochs, news=way) for way in ways)
    )


def _of_losses(event: Event) -> list[str]:
    """What the mean loss has done, in ways ever shorter."""
    places = {"loss": said(event.loss), "low": said(event.low), "top": said(event.top)}
    if event.is_up:
        ways = [_("mean loss swings between {low} and {top}"), _("mean loss swings, up to {top}")]
        if event.rises == 1:
            ways = [_("mean loss rose from {low} to {loss}"), _("mean loss rose to {loss}")]
        return [way.format(**places) for way in ways]
    ways = [_("mean loss {loss}, lowest so far"), _("lowest mean loss {loss}")]
    if not event.lowest:
        ways = [_("mean loss {loss}")] * 2
    ways = [way.format(**places) for way in ways]
    if event.rises:
        places |= {"now": ways[0], "count": str(event.rises)}
        long = counted_as("{now}, after a rise to {top}", "{now}, after {count} rises to {top}", event.rises, **places)
        ways = [long, counted_as("{now}, after a rise", "{now}, after {count} rises", event.rises, **places), *ways]
    return ways


def outcome(
    snapshot: Snapshot,
    *,
    advises: bool = False,
    most: int = MOST_LINES,
    limit: float | None = None,
    tells_optimum: bool = True,
) -> list[str]:
    """How a run ended or stands, and w if that leads to no more than `most` lines, of which there are 7 without it.

    `advises`: also what would help, which may take seconds; `limit` is the rate above which it diverges, where known,
    `tells_optimum` whether the optimum and the least mean loss are told where there is something to say of them.
    """
    reached, more = [], []
    if not snapshot.overflowed:
        reached = _state("", snapshot.mean_loss, snapshot.w)
        if misled(snapshot) and tells_optimum:
            more = _state(_("Optimum: {things}."), None, snapshot.problem.optimum)[:1]
        if is_diverging(snapshot, limit):
            more = [_(_DIVERGES)]
        if got_worse(snapshot) and not misled(snapshot):
            start = said(snapshot.task.loss_at_start)
            more += [_("The mean loss was lower at the start: {loss}.").format(loss=start)]
    if advises:
        more += [in_a_line(*ways) for ways in advice(snapshot)]
    verdict = [*map(in_words, _verdict(snapshot, tells_optimum))]
    lines = [*verdict, *reached, *more]
    return lines if len(lines) <= most else [*verdict, *reached[:1], *more]


def spoken_record(record: Record, mean_loss: float) -> list[str]:
    """One update alone: which it is, its rate, gradient and loss, and what it led to."""
    return [
        in_words(
            _("Epoch {epoch}, update {update} of {updates}.").format(
                epoch=record.epoch, update=record.update, updates=record.task.updates_per_epoch
            )
        ),
        _("Learning rate {rate}.").format(rate=chosen(record.lr)),
        *in_sentences(_("Gradient: {things}."), _named(record.gradient, said)),
        _("Loss {loss}.").format(loss=said(record.loss)),
        *_state("", mean_loss, record.w),
    ]


def _verdict(snapshot: Snapshot, tells_least: bool) -> Iterable[str]:
    status, rule = snapshot.status, STOP_RULES[snapshot.config.stop_on]
    after = counted_as("{n} epoch", "{n} epochs", snapshot.epoch)
    match status:
        case Status.DIVERGED:
            yield in_a_line(capitalized(briefly(snapshot)))
        case Status.CONVERGED if rule.name:
            yield _("Stopped after {epochs}: {loss} is below tol.").format(epochs=after, loss=_(rule.name))
            if misled(snapshot):
                yield _("However, the mean loss is not below tol.")
        case Status.CONVERGED:
            yield _("Converged after {epochs}: mean loss below tol.").format(epochs=after)
        case Status.FINISHED:
            yield from _finished(snapshot, at_floor(snapshot, brief=True) if tells_least else "")
        case _:
            yield _(_STANDS[status]).format(done=done_in_words(snapshot.position))


def _finished(snapshot: Snapshot, floor: str) -> Iterable[str]:
    """That all epochs are done; and where that is near the least mean loss, or else that it is not below tol."""
    rule = STOP_RULES[snapshot.config.stop_on]
    done = capitalized(all_epochs(snapshot))
    if floor:
        is_at = is_at_floor(snapshot)
        where = _("The mean loss is at the optimum.") if is_at else _("The mean loss is near the optimum.")
        yield full_stop(done)
        yield in_a_line(capitalized(floor), where)
    elif rule.judged is None:
        yield full_stop(done)
    else:
        said = _("{done}: {loss} not below tol.") if is_at_tol(snapshot) else _("{done}: {loss} still above tol.")
        yield said.format(done=done, loss=_(rule.name) or _("mean loss"))


def _state(form: str, mean_loss: float | None, w: Array, say: Callable[[float], str] = said) -> list[str]:
    """A mean loss and w in a sentence, or in as many as they need."""
    told = _("mean loss {loss}") if form else _("Mean loss {loss}")
    loss = [] if mean_loss is None else [told.format(loss=said(mean_loss))]
    return in_sentences(form, loss, _named(w, say))


def _named(values: Array, say: Callable[[float], str]) -> list[str]:
    return [f"{name} {say(value)}" for name, value in zip(PARAMETER_NAMES, values.tolist(), strict=True)]
