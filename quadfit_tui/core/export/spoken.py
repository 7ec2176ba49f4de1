"""RunSpeech: a run in sentences for screen readers, events and not epochs, one sentence a line.

At most MOST_LINES lines whatever the run, each within a line of a terminal, the news first: "After 5 epochs: ...".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from quadfit_tui.core.diagnosis.advice import advice
from quadfit_tui.core.diagnosis.diagnose import got_worse
from quadfit_tui.core.diagnosis.verdict import at_floor, misled
from quadfit_tui.core.export.run_events import Event, RunEvents
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.numbers import counted
from quadfit_tui.core.text.spoken import chosen, in_a_line, in_sentences, in_words, said
from quadfit_tui.core.training.status import Status

MOST_LINES = 25
_END = 9  # lines of an end, and the one that tells a run from others


class RunSpeech:
    """What is said of a run as it goes on: `start`, then what `hear` and `end` give, in this order."""

    def __init__(self, task: Task) -> None:
        self.start = _state("Start: ", task.loss_at_start, task.to_x(task.start), say=chosen)
        self._room = MOST_LINES - 1 - len(self.start)
        self._events = RunEvents(task.config, task.loss_at_start, MOST_LINES - _END - len(self.start))

    def hear(self, epochs: Iterable[int], losses: Iterable[float]) -> list[str]:
        """The news of whole epochs: how many were done after each of them, and the mean losses then."""
        return self._told(self._events.hear(epochs, losses))

    def end(self, snapshot: Snapshot, *, advises: bool = False) -> list[str]:
        """What has not been said yet, and how the run ended or stands, as `outcome` says it."""
        has_overflowed = snapshot.status is Status.DIVERGED  # there is no mean loss of the end
        left = self._told(event for event in self._events.rest() if has_overflowed or event.epochs != snapshot.epoch)
        return [*left, *outcome(snapshot, advises=advises, most=self._room)]

    def _told(self, events: Iterable[Event]) -> list[str]:
        lines = [_sentence(event) for event in events]
        self._room -= len(lines)
        return lines


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


def outcome(snapshot: Snapshot, *, advises: bool = False, most: int = MOST_LINES) -> list[str]:
    """How a run ended or stands, and w if that leads to no more than `most` lines, of which there are 7 without it.

    `advises`: also what would help, which may take seconds.
    """
    reached, more = [], []
    if snapshot.status is not Status.DIVERGED:
        reached = _state("", snapshot.mean_loss, snapshot.w)
        if misled(snapshot):
            more = _state("Optimum: ", None, snapshot.problem.optimum)[:1]
        elif got_worse(snapshot):
            more = [f"The mean loss was lower at the start: {said(snapshot.task.loss_at_start)}."]
    if advises:
        more += [in_a_line(*map(in_words, ways)) for ways in advice(snapshot)]
    lines = [*_verdict(snapshot), *reached, *more]
    return lines if len(lines) <= most else [*_verdict(snapshot), *reached[:1], *more]


def _verdict(snapshot: Snapshot) -> Iterable[str]:
    config, status, rule = snapshot.config, snapshot.status, STOP_RULES[snapshot.config.stop_on]
    after = f"after {counted(snapshot.epoch, 'epoch')}"
    match status:
        case Status.DIVERGED:
            overflow, within = "the parameters overflowed", f"Diverged in epoch {snapshot.epoch}"
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
            floor = in_words(at_floor(snapshot, brief=True))
            above = "" if floor or rule.judged is None else f": {rule.name or 'mean loss'} still above tol"
            yield f"Finished {done}{above}."
            if floor:
                where = floor.partition(":")[0]
                yield in_a_line(f"{floor[0].upper()}{floor[1:]}", f"The mean loss is {where}.")
        case _:
            within = f" and {counted(snapshot.update, 'update')}" if snapshot.update else ""
            yield f"{status.capitalize()} {after}{within}."


def _state(label: str, mean_loss: float | None, w: Array, say: Callable[[float], str] = said) -> list[str]:
    """A mean loss and w in a sentence, or in as many as they need."""
    loss = [] if mean_loss is None else [f"mean loss {said(mean_loss)}"]
    of_w = [f"{name} {say(value)}" for name, value in zip(PARAMETER_NAMES, w.tolist(), strict=True)]
    return [re.sub("^mean", "Mean", line) for line in in_sentences(label, loss, of_w)]
