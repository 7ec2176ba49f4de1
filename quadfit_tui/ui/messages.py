"""STATES: what the rows of messages say in each state, the most important one first, and what ends it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.config.presets import BARE
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, full_stop, paragraph
from quadfit_tui.core.training.position import START, done_in_words, moment, moment_in_words, moment_shown
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState
from quadfit_tui.ui.toolkit.fitted_text import cut_to, fitting
from quadfit_tui.ui.toolkit.message_queue import Notice

if TYPE_CHECKING:
    from quadfit_tui.core.explain.narrated_epochs import NarratedSentence
    from quadfit_tui.core.explain.narrator import Ending

MORE = N_("press i")  # what a text that is cut ends with

# At the first scene, which bare `quadfit-tui` opens; and where there is room for nothing of that.
_BARE_START = N_("Where will the curve go? Predict, then press Space."), N_("The article: p, Enter.")
_BARE_START_BRIEF = N_("Predict the curve, then press Space.")


@dataclass(frozen=True, eq=False)
class MessageContext:
    """All that what is said depends on.

    `narrated` is the narrator's sentence, `is_new`: it was told just now. `told` is to be seen of what was told;
    `reading` how far a file is read; `waits_for` what a lesson waits for; `cell` what is known of the run under the
    map's cursor; `base` the preset that the first run began from where none was named; `is_taught`: a lesson is open;
    `beside` what differs from the run before, which is `earlier`; `run` how far the present one has come. Where there
    are several ways to say it, the fullest one comes first.
    """

    snapshot: Snapshot
    findings: DiagnosisState = DiagnosisState()
    narrated: NarratedSentence | None = None
    is_new: bool = False
    told: Notice | None = None
    reading: Sequence[str] = ()
    waits_for: Sequence[str] = ()
    cell: Sequence[str] = ()
    base: str = ""
    is_taught: bool = False
    beside: str = ""
    earlier: Run | None = None
    run: Run | None = None


@dataclass(frozen=True)
class MessageState:
    """A row of STATES: what it says in the ways there are, the fullest first; none elsewhere.

    `ends` is what ends it; `warns` whether it tells of trouble. `is_news`: it tells of the run, in a row of its own
    where there are two; where there is one, those that `yield` do so to what is new of it.
    """

    says: Callable[[MessageContext], Sequence[str]]
    ends: str
    warns: Callable[[MessageContext], bool] = lambda _now: False
    is_news: bool = False
    yields: bool = False


def _shortened_from_the_end(*sentences: str) -> list[str]:
    """Returns some sentences in ever fewer of them: the first ones are those that count most."""
    return [paragraph(sentences[:count]) for count in range(len(sentences), 0, -1)]


def _kept(now: MessageContext) -> Sequence[str]:
    return [now.told.text] if now.told is not None and now.told.stays else []


def _told(now: MessageContext) -> Sequence[str]:
    return [now.told.text] if now.told is not None else []


def _of_told(now: MessageContext) -> bool:
    return now.told is not None and now.told.warns


def _waiting(now: MessageContext) -> Sequence[str]:
    beside = [paragraph([full_stop(now.beside), now.waits_for[0]])] if now.beside and now.waits_for else []
    return [*beside, *now.waits_for]


def _going(now: MessageContext) -> Sequence[str]:
    if now.snapshot.goal is None:
        return []
    said = _("training up to {moment}…") if now.snapshot.goal > now.snapshot.newest else _("going to {moment}…")
    return [said.format(moment=name(now.snapshot.goal)) for name in (moment_in_words, moment_shown)]


def _past(now: MessageContext) -> Sequence[str]:
    here, newest = now.snapshot.position, now.snapshot.newest
    if here == newest:
        return []
    if now.snapshot.status is Status.RUNNING:
        return [_("replaying up to {moment}").format(moment=moment_in_words(newest))]
    return [*_beside_latest(now), _("viewing {moment}").format(moment=moment_shown(here))]


def _beside_latest(now: MessageContext) -> list[str]:
    """How the mean loss was, beside that of the latest moment; nothing where the numbers have overflowed."""
    if now.run is None or not (math.isfinite(now.snapshot.mean_loss) and math.isfinite(now.run.mean_loss)):
        return []
    from quadfit_tui.core.explain.narrated_epochs import number  # at the start nothing is told

    here = now.snapshot.position
    if here == START:
        full = _("At the start the mean loss was {loss}, at the latest it is {latest}.")
    elif here.update:
        full = _("At {moment} the mean loss was {loss}, at the latest it is {latest}.")
    else:
        full = _("After {done} the mean loss was {loss}, at the latest it is {latest}.")
    places = {"loss": number(now.snapshot.mean_loss), "latest": number(now.run.mean_loss)}
    places |= {"moment": moment(here), "done": done_in_words(here)}
    return [full.format(**places), _("then {loss}, latest {latest}").format(**places)]


def _opening(now: MessageContext) -> Sequence[str]:
    if now.snapshot.status is not Status.READY or not now.base:
        return []
    if now.base == BARE:
        return [*_shortened_from_the_end(*map(_, _BARE_START)), _(_BARE_START_BRIEF)]
    base = _("Base: {preset}.").format(preset=now.base)
    return _shortened_from_the_end(base, _("Anything you did not set comes from this preset."))


def _paused(now: MessageContext) -> Sequence[str]:
    """What to do next; in a lesson its keys are for that."""
    if now.snapshot.status is not Status.PAUSED or now.is_taught:
        return []
    full = _("Paused after {done}. n makes one update, b takes one back.")
    return [full.format(done=done_in_words(now.snapshot.position)), _("paused: n steps, b goes back")]


def _ended(now: MessageContext) -> Sequence[str]:
    """How the run ended, and the key that tries what is worth trying."""
    return _end_of(now).ways if now.snapshot.status.ended else []


def _ended_wrong(now: MessageContext) -> bool:
    return _end_of(now).warns or now.findings.goes_wrong_at(now.snapshot)


def _end_of(now: MessageContext) -> Ending:
    from quadfit_tui.core.explain.narrator import ending  # at the start nothing has ended

    findings = now.findings
    return ending(now.snapshot, findings.diagnosis, findings.withheld, now.earlier, findings.more_helps)


def _narrated(now: MessageContext) -> Sequence[str]:
    return [] if now.narrated is None else [now.narrated.full, now.narrated.brief]


def _narrated_warns(now: MessageContext) -> bool:
    return now.narrated is not None and now.narrated.warns


STATES: dict[str, MessageState] = {
    "kept": MessageState(_kept, "a key or a click, once it was seen", _of_told),
    "told": MessageState(_told, "a key, a click, or another state of the run", _of_told),
    "reading": MessageState(lambda now: now.reading, "the end of the file, or Esc"),
    "waiting": MessageState(_waiting, "the answer"),
    "going": MessageState(_going, "the moment that it goes to"),
    "cell": MessageState(lambda now: now.cell, "another view, or the run that begins there"),
    "past": MessageState(_past, "the latest moment"),
    "opening": MessageState(_opening, "the first update, or another run"),
    "ended": MessageState(_ended, "another run, or a moment before the end", _ended_wrong, is_news=True),
    "narrated": MessageState(_narrated, "what happens next", _narrated_warns, is_news=True),
    "paused": MessageState(_paused, "the next update", yields=True),
    "beside": MessageState(lambda now: [now.beside] * bool(now.beside), "the first run alone", yields=True),
}


class Message(NamedTuple):
    """What is said: in which of STATES, its lines, whether it tells of trouble; all of it, where that is cut."""

    state: str
    lines: Sequence[str]
    warns: bool
    whole: str = ""

    @property
    def is_told(self) -> bool:
        """Whether somebody told it, and the run has not come to it by itself."""
        return self.state in ("kept", "told")


NOTHING = Message("", [""], False)


def messages(now: MessageContext, width: int, rows: int = 1) -> list[Message]:
    """What there is to say in so many columns, each in the fullest way that fits: in one row the most important.

    In two rows the second one has the news of the run, unless what is told needs both.
    """
    news = None if now.waits_for else _first_of([name for name, state in STATES.items() if state.is_news], now)
    hint = _first_of([name for name, state in STATES.items() if not state.is_news], now)
    if rows == 1:
        is_late = hint is None or (STATES[hint].yields and (now.is_new or now.snapshot.status.ended))
        return [_said(news if news is not None and is_late else hint, now, width)]
    first = _said(hint, now, width)
    if first.is_told and first.whole:
        return [_said(hint, now, width, rows)]
    return [first, _said(news, now, width)]


def _first_of(names: Sequence[str], now: MessageContext) -> str | None:
    """The first of some states that says anything."""
    return next((name for name in names if STATES[name].says(now)), None)


def _said(name: str | None, now: MessageContext, width: int, rows: int = 1) -> Message:
    if name is None:
        return NOTHING
    state = STATES[name]
    ways, warns = state.says(now), state.warns(now)
    if (lines := fitting(ways, width, rows)) is not None:
        return Message(name, lines, warns)
    told = now.told if name in ("kept", "told") else None
    if told is None:
        return Message(name, cut_to(ways[-1], width, rows), warns, ways[0])
    return Message(name, cut_to(told.text, width, rows, f"… {_(MORE)}"), warns, told.in_full or told.text)
