"""RunSpeech: a run in sentences for screen readers, events and not epochs, one sentence a line.

At most MOST_LINES lines whatever the run, each within a line of a terminal, the news first: "After 5 epochs: ...".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from quadfit_tui.core.diagnosis.advice import advice
from quadfit_tui.core.export.run_events import Event, RunEvents
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import at_floor, beside_tol, got_worse, is_diverging, misled
from quadfit_tui.core.text.numbers import counted
from quadfit_tui.core.text.pronunciation import chosen, in_a_line, in_sentences, in_words, said
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status

MOST_LINES = 25
_DIVERGES = "The run diverges: the learning rate is above its limit."
_END = 9  # lines of an end, and the one that tells a run from others


class RunSpeech:
    """What is said of a run as it goes on: `start`, then what `hear` or `take` and `end` give, in this order.

    `told` has all of the events that were said, and after how many epochs; `heard` is how many epochs were heard.
    """

    def __init__(self, task: Task) -> None:
        self.start = _state("Start: ", task.loss_at_start, task.to_x(task.start), say=chosen)
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

    def until(self, snapshot: Snapshot, limit: float | None = None, tells_optimum: bool = True) -> list[str]:
        """All that is to be said of the run up to a moment; says nothing that would have to be said otherwise later.

        `limit` and `tells_optimum` as in `outcome`.
        """
        lines = [*self.start, *(line for epochs, line in self.told if epochs <= snapshot.epoch)]
        if snapshot.status in (Status.READY, Status.RUNNING):
            return [*lines, _DIVERGES] if is_diverging(snapshot, limit) else lines
        left = [event for event in self._events.untold if event.epochs <= snapshot.epoch]
        ended = self._outcome(snapshot, limit=limit, tells_optimum=tells_optimum)
        return [*lines, *map(_sentence, _besides_the_end(left, snapshot)), *ended]

    def _say(self, events: Iterable[Event]) -> list[str]:
        lines = [(event.epochs, _sentence(event)) for event in events]
        self.told += lines
        return [line for _, line in lines]

    def _outcome(self, snapshot: Snapshot, **options: Any) -> list[str]:
        return outcome(snapshot, most=MOST_LINES - 1 - len(self.start) - len(self.told), **options)


def _besides_the_end(events: Iterable[Event], snapshot: Snapshot) -> list[Event]:
    """Those events that are not told by the sentence of the end, too; a diverged one has no mean loss."""
    has_overflowed = snapshot.status is Status.DIVERGED
    return [event for event in events if has_overflowed or event.epochs != snapshot.epoch]


def _sentence(event: Event) -> str:
    loss, low, top = said(event.loss), said(event.low), said(event.top)
    if event.is_up and event.rises == 1:
        ways = [f"mean loss rose from {low} to {loss}", f"mean loss rose to {loss}"]
    elif event.is_up:
        ways = [f"mean loss swings between {low} and {top}", f"mean loss swings, up to {top}"]
    else:
        now = f"mean loss {loss}{', lowest so far' if event.lowest else ''}"
        ways = [now, f"{'lowest ' if event.lowest else ''}mean loss {loss}"]
        if event.rises:
            rises = "a rise" if event.rises == 1 else f"{event.rises} rises"
            ways = [f"{now}, after {rises} to {top}", f"{now}, after {rises}", *ways]
    if event.rate_before is not None:
        rate = f"learning rate {chosen(event.rate)}"
        changed = f"{rate}, was {chosen(event.rate_before)}"
        ways = [*(f"{news}; {way}" for news in (changed, rate) for way in ways), changed, rate]
    return in_a_line(*(f"After {counted(event.epochs, 'epoch')}: {way}." for way in ways))


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
    if snapshot.status is not Status.DIVERGED:
        reached = _state("", snapshot.mean_loss, snapshot.w)
        if misled(snapshot) and tells_optimum:
            more = _state("Optimum: ", None, snapshot.problem.optimum)[:1]
        if is_diverging(snapshot, limit):
            more = [_DIVERGES]
        if got_worse(snapshot) and not misled(snapshot):
            more += [f"The mean loss was lower at the start: {said(snapshot.task.loss_at_start)}."]
    if advises:
        more += [in_a_line(*map(in_words, ways)) for ways in advice(snapshot)]
    verdict = [*_verdict(snapshot, tells_optimum)]
    lines = [*verdict, *reached, *more]
    return lines if len(lines) <= most else [*verdict, *reached[:1], *more]


def spoken_record(record: Record, mean_loss: float) -> list[str]:
    """One update alone: which it is, its rate, gradient and loss, and what it led to."""
    return [
        f"Epoch {record.epoch}, update {record.update} of {record.task.updates_per_epoch}.",
        f"Learning rate {chosen(record.lr)}.",
        *in_sentences("Gradient: ", _named(record.gradient, said)),
        f"Loss {said(record.loss)}.",
        *_state("", mean_loss, record.w),
    ]


def _verdict(snapshot: Snapshot, tells_least: bool) -> Iterable[str]:
    config, status, rule = snapshot.config, snapshot.status, STOP_RULES[snapshot.config.stop_on]
    after = f"after {counted(snapshot.epoch, 'epoch')}"
    match status:
        case Status.DIVERGED:
            overflow, within = "the numbers overflowed", f"Diverged in epoch {snapshot.epoch}"
            updates = counted(snapshot.updates, "update")
            yield in_a_line(f"{within}, after {updates}: {overflow}.", f"{within}: {overflow}.")
        case Status.CONVERGED if rule.name:
            yield f"Stopped {after}: {rule.name} is below tol."
            if misled(snapshot):
                yield "However, the mean loss is not below tol."
        case Status.CONVERGED:
            yield f"Converged {after}: mean loss below tol."
        case Status.FINISHED:
            done = "the only epoch" if config.epochs == 1 else f"all {counted(config.epochs, 'epoch')}"
            floor = in_words(at_floor(snapshot, brief=True)) if tells_least else ""
            above = "" if floor or rule.judged is None else f": {rule.name or 'mean loss'} {beside_tol(snapshot)}"
            yield f"Finished {done}{above}."
            if floor:
                where = floor.partition(":")[0]
                yield in_a_line(capitalized(floor), f"The mean loss is {where}.")
        case _:
            within = f" and {counted(snapshot.update, 'update')}" if snapshot.update else ""
            yield f"{status.capitalize()} {after}{within}."


def _state(label: str, mean_loss: float | None, w: Array, say: Callable[[float], str] = said) -> list[str]:
    """A mean loss and w in a sentence, or in as many as they need."""
    loss = [] if mean_loss is None else [f"mean loss {said(mean_loss)}"]
    return [re.sub("^mean", "Mean", line) for line in in_sentences(label, loss, _named(w, say))]


def _named(values: Array, say: Callable[[float], str]) -> list[str]:
    return [f"{name} {say(value)}" for name, value in zip(PARAMETER_NAMES, values.tolist(), strict=True)]
