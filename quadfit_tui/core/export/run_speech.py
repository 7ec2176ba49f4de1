"""RunSpeech: a run in sentences for screen readers, about events and not epochs, one sentence a line.

It has at most MOST_LINES lines for any run, each within a line of a terminal, with the news first: "After 5 epochs: …".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from quadfit_tui.core.diagnosis.diagnose import diagnose
from quadfit_tui.core.diagnosis.wording.advice import advice
from quadfit_tui.core.explain.narrated_epochs import NarratedSentence
from quadfit_tui.core.explain.narrator import DATED, Narrator
from quadfit_tui.core.export.writers import Writer, mean_loss_of
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import (
    all_epochs,
    at_floor,
    brief_verdict,
    got_worse,
    is_at_floor,
    is_at_tol,
    is_diverging,
    stopped_above_tol,
)
from quadfit_tui.core.text.language import N_, _, full_stop, ngettext
from quadfit_tui.core.text.pronunciation import (
    in_sentences,
    in_words,
    shortest_fitting_wording,
    speak_input,
    speak_result,
)
from quadfit_tui.core.text.sentences import capitalized, uncapitalized, without_stop
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.position import progress_phrase
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status

MOST_LINES = 25
_DIVERGES = N_("The run diverges: the learning rate is above its limit.")
_STANDS = {
    Status.READY: N_("Ready after {done}."),
    Status.RUNNING: N_("Running after {done}."),
    Status.PAUSED: N_("Paused after {done}."),
}
_END = 9  # number of lines of an end, with the line that names the run


class RunSpeech:
    """The sentences on a run, made while it goes on: `start`, then those of `narrate_…` methods, then of `end`.

    They come from the narrator; `withheld` names the topics that a lesson holds back.
    """

    def __init__(self, task: FitTask, withheld: Collection[str] = ()) -> None:
        self.start = _state(_("Start: {things}."), task.loss_at_start, task.to_x(task.start), say=speak_input)
        self._task, self._withheld = task, withheld
        self._narrator: Narrator | None = None  # made late, as a diagnosis may take seconds
        self._line_count = 0

    def narrate_records(self, records: RecordLog, every: int = 1) -> list[str]:
        """Returns the sentences on a slice of training, from each `every`-th epoch of it."""
        return self.hear(*records.whole_epochs(every))

    def hear(self, epochs: Sequence[int], w: Array) -> list[str]:
        """Returns the sentences on whole epochs.

        `epochs` are the numbers of epochs done, and `w` is as trained after each of them, shape (n, 3).
        """
        if not epochs:
            return []
        if self._narrator is None:
            self._narrator = Narrator(self._task, diagnose(self._task), self._withheld)
            epochs, w = [0, *epochs], np.concatenate([self._task.start[np.newaxis], w])
        values = dict(zip(PARAMETER_NAMES, self._task.to_x(w).T, strict=True))
        values["mean_loss"] = self._task.trained.mean_losses(w)
        room = MOST_LINES - _END - len(self.start) - self._line_count
        lines = [
            _line(sentence) for sentence in self._narrator.read_epochs(Curves(np.array(epochs), values))[: max(0, room)]
        ]
        self._line_count += len(lines)
        return lines

    def end(self, snapshot: Snapshot, **options: Any) -> list[str]:
        """Returns how the run ended or stands; see `outcome`, which gets these options."""
        return outcome(snapshot, most=MOST_LINES - len(self.start) - self._line_count, **options)


def _line(sentence: NarratedSentence) -> str:
    """Formats a sentence of the narrator for a line: in full if there is room, with its epoch unless it names that."""
    full = (
        sentence.full if sentence.kind in DATED else _after(sentence.epochs, uncapitalized(without_stop(sentence.full)))
    )
    is_name = sentence.brief.partition(" ")[0] in ("lr", *PARAMETER_NAMES)  # names keep their small letter
    brief = full_stop(sentence.brief if is_name else capitalized(sentence.brief))
    return shortest_fitting_wording(full, _after(sentence.epochs, uncapitalized(sentence.brief)), brief)


def _after(epochs: int, news: str) -> str:
    """Formats news with the number of epochs done."""
    return ngettext("After {n} epoch: {news}.", "After {n} epochs: {news}.", epochs, news=news)


class SpokenWriter(Writer):
    """A format of sentences for screen readers: the events of the run, not its epochs; then how it ended."""

    _speech: RunSpeech | None = None  # made at the first record

    def epochs(self, records: RecordLog, every: int) -> list[str]:
        lines: list[str] = []
        if self._speech is None and records:
            self._speech = RunSpeech(records[0].task)
            lines = self._speech.start
        if self._speech is not None:
            lines = [*lines, *self._speech.narrate_records(records, every)]
        return lines

    def update(self, record: Record) -> list[str]:
        return spoken_record(record, mean_loss_of(record))

    def end(self, snapshot: Snapshot) -> list[str]:
        say = outcome if self._speech is None else self._speech.end
        return say(snapshot, advises=True)


def outcome(
    snapshot: Snapshot,
    *,
    advises: bool = False,
    most: int = MOST_LINES,
    limit: float | None = None,
    tells_optimum: bool = True,
) -> list[str]:
    """Returns how a run ended or stands, and w if there is room for it in `most` lines; there are 7 without it.

    `advises`: also what would help, which may take seconds. `limit` is the rate above which the run diverges, if known.
    `tells_optimum`: whether sentences may mention the optimum and the least mean loss.
    """
    reached, more = [], []
    if not snapshot.overflowed:
        reached = _state("", snapshot.mean_loss, snapshot.w)
        if stopped_above_tol(snapshot) and tells_optimum:
            more = _state(_("Optimum: {things}."), None, snapshot.problem.optimum)[:1]
        if is_diverging(snapshot, limit):
            more = [_(_DIVERGES)]
        if got_worse(snapshot) and not stopped_above_tol(snapshot):
            start = speak_result(snapshot.task.loss_at_start)
            more += [_("The mean loss was lower at the start: {loss}.").format(loss=start)]
    if advises:
        more += [shortest_fitting_wording(*ways) for ways in advice(snapshot)]
    verdict = [*map(in_words, _verdict(snapshot, tells_optimum))]
    lines = [*verdict, *reached, *more]
    return lines if len(lines) <= most else [*verdict, *reached[:1], *more]


def spoken_record(record: Record, mean_loss: float) -> list[str]:
    """Returns one update in sentences: its number, its rate, gradient and loss, and the new mean loss and w."""
    return [
        in_words(
            _("Epoch {epoch}, update {update} of {updates}.").format(
                epoch=record.epoch, update=record.update, updates=record.task.updates_per_epoch
            )
        ),
        _("Learning rate {rate}.").format(rate=speak_input(record.lr)),
        *in_sentences(_("Gradient: {things}."), _named(record.gradient, speak_result)),
        _("Loss {loss}.").format(loss=speak_result(record.loss)),
        *_state("", mean_loss, record.w),
    ]


def _verdict(snapshot: Snapshot, tells_least: bool) -> Iterable[str]:
    """Yields sentences on how the run ended or stands."""
    status, rule = snapshot.status, STOP_RULES[snapshot.config.stop_on]
    after = ngettext("{n} epoch", "{n} epochs", snapshot.epoch)
    match status:
        case Status.DIVERGED:
            yield shortest_fitting_wording(capitalized(brief_verdict(snapshot)))
        case Status.CONVERGED if rule.name:
            yield _("Stopped after {epochs}: {loss} is below tol.").format(epochs=after, loss=_(rule.name))
            if stopped_above_tol(snapshot):
                yield _("However, the mean loss is not below tol.")
        case Status.CONVERGED:
            yield _("Converged after {epochs}: mean loss below tol.").format(epochs=after)
        case Status.FINISHED:
            yield from _finished(snapshot, at_floor(snapshot, brief=True) if tells_least else "")
        case _:
            yield _(_STANDS[status]).format(done=progress_phrase(snapshot.position))


def _finished(snapshot: Snapshot, floor: str) -> Iterable[str]:
    """Yields that all epochs are done, and that the mean loss is near the least one, or not below tol."""
    rule = STOP_RULES[snapshot.config.stop_on]
    all_done = capitalized(all_epochs(snapshot))
    if floor:
        is_at = is_at_floor(snapshot)
        where = _("The mean loss is at the optimum.") if is_at else _("The mean loss is near the optimum.")
        yield full_stop(all_done)
        yield shortest_fitting_wording(capitalized(floor), where)
    elif rule.select_loss is None:
        yield full_stop(all_done)
    else:
        template = _("{done}: {loss} not below tol.") if is_at_tol(snapshot) else _("{done}: {loss} still above tol.")
        yield template.format(done=all_done, loss=_(rule.name) or _("mean loss"))


def _state(form: str, mean_loss: float | None, w: Array, say: Callable[[float], str] = speak_result) -> list[str]:
    """Formats a mean loss and w as one sentence, or as many as they need."""
    template = _("mean loss {loss}") if form else _("Mean loss {loss}")
    loss = [] if mean_loss is None else [template.format(loss=speak_result(mean_loss))]
    return in_sentences(form, loss, _named(w, say))


def _named(values: Array, say: Callable[[float], str]) -> list[str]:
    """Formats a, b and c with their names."""
    return [f"{name} {say(value)}" for name, value in zip(PARAMETER_NAMES, values.tolist(), strict=True)]
