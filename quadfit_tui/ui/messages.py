"""STATES: the messages that the app may show, the most important one first, with the event that ends each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.config.presets import BARE
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, full_stop, paragraph
from quadfit_tui.core.training.position import START, display_moment, format_moment, moment_phrase, progress_phrase
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState
from quadfit_tui.ui.toolkit.fitted_text import cut_to, fitting
from quadfit_tui.ui.toolkit.message_queue import Notice

if TYPE_CHECKING:
    from quadfit_tui.core.explain.narrated_epochs import NarratedSentence
    from quadfit_tui.core.explain.narrator import Ending

MORE = N_("press i")  # the end of a text that is cut

# The message at the start of bare `quadfit-tui`, and the one for screens on which none of it fits.
_BARE_START = N_("Where will the curve go? Predict, then press Space."), N_("The article: p, Enter.")
_BARE_START_BRIEF = N_("Predict the curve, then press Space.")


@dataclass(frozen=True, eq=False)
class MessageContext:
    """Everything on which the messages depend.

    `narrated`: the narrator's sentence; `is_new`: it is new at this moment; `notice`: the notice to show; `reading`:
    the progress of reading a file; `waits_for`: what a lesson waits for; `cell`: the message about the run at the map's
    cursor; `base`: the preset of the first run if the user named none; `is_taught`: a lesson is open; `beside`: the
    differences from the run before; `earlier`: that run; `run`: the current run up to its newest moment. A sequence of
    texts has several wordings of one message, the longest first.
    """

    snapshot: Snapshot
    findings: DiagnosisState = DiagnosisState()
    narrated: NarratedSentence | None = None
    is_new: bool = False
    notice: Notice | None = None
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
    """A row of STATES: a message that the app may show, and when.

    `wordings` returns its wordings, the longest first, or none if it does not apply; `ends` describes the event that
    ends it; `warns` returns whether it has the color of a warning. `is_news`: it is news of the run, and has the second
    of two rows; `yields`: in a single row, it gives way to new news.
    """

    wordings: Callable[[MessageContext], Sequence[str]]
    ends: str
    warns: Callable[[MessageContext], bool] = lambda _now: False
    is_news: bool = False
    yields: bool = False


def _shortened_from_the_end(*sentences: str) -> list[str]:
    """Returns paragraphs of ever fewer sentences, always without the last ones, which matter least."""
    return [paragraph(sentences[:count]) for count in range(len(sentences), 0, -1)]


def _staying_notice(now: MessageContext) -> Sequence[str]:
    """Returns the notice if it stays until a key is pressed."""
    return [now.notice.text] if now.notice is not None and now.notice.stays else []


def _passing_notice(now: MessageContext) -> Sequence[str]:
    """Returns the notice, if there is one."""
    return [now.notice.text] if now.notice is not None else []


def _notice_warns(now: MessageContext) -> bool:
    return now.notice is not None and now.notice.warns


def _waiting(now: MessageContext) -> Sequence[str]:
    """Returns what a lesson waits for, first with the differences from the run before."""
    if not now.waits_for:
        return []
    wordings = list(now.waits_for)
    if now.beside:
        wordings.insert(0, paragraph([full_stop(now.beside), now.waits_for[0]]))
    return wordings


def _going(now: MessageContext) -> Sequence[str]:
    """Returns the moment to which the run is moving, if it is."""
    if now.snapshot.goal is None:
        return []
    template = _("training up to {moment}…") if now.snapshot.goal > now.snapshot.newest else _("going to {moment}…")
    return [template.format(moment=name(now.snapshot.goal)) for name in (moment_phrase, display_moment)]


def _past(now: MessageContext) -> Sequence[str]:
    """Returns which earlier moment is shown, if the shown one is not the newest."""
    here, newest = now.snapshot.position, now.snapshot.newest
    if here == newest:
        return []
    if now.snapshot.status is Status.RUNNING:
        return [_("replaying up to {moment}").format(moment=moment_phrase(newest))]
    return [*_beside_latest(now), _("viewing {moment}").format(moment=display_moment(here))]


def _beside_latest(now: MessageContext) -> list[str]:
    """Returns the mean loss at the shown and at the newest moment; none if one of them is not finite."""
    if now.run is None or not (math.isfinite(now.snapshot.mean_loss) and math.isfinite(now.run.mean_loss)):
        return []
    from quadfit_tui.core.explain.narrated_epochs import number  # imported late: not needed at the start

    here = now.snapshot.position
    if here == START:
        full = _("At the start the mean loss was {loss}; the newest is {latest}.")
    elif here.update:
        full = _("At {moment} the mean loss was {loss}; the newest is {latest}.")
    else:
        full = _("After {done} the mean loss was {loss}; the newest is {latest}.")
    places = {"loss": number(now.snapshot.mean_loss), "latest": number(now.run.mean_loss)}
    places |= {"moment": format_moment(here), "done": progress_phrase(here)}
    return [full.format(**places), _("then {loss}, newest {latest}").format(**places)]


def _opening(now: MessageContext) -> Sequence[str]:
    """Returns the first message of the app, if the user named no preset for the run."""
    if now.snapshot.status is not Status.READY or not now.base:
        return []
    if now.base == BARE:
        return [*_shortened_from_the_end(*map(_, _BARE_START)), _(_BARE_START_BRIEF)]
    base = _("Base: {preset}.").format(preset=now.base)
    return _shortened_from_the_end(base, _("Anything you did not set comes from this preset."))


def _paused(now: MessageContext) -> Sequence[str]:
    """Returns what the user can do in a paused run; none in a lesson, which has its own keys for that."""
    if now.snapshot.status is not Status.PAUSED or now.is_taught:
        return []
    full = _("Paused after {done}. n makes one update, b takes one back.")
    return [full.format(done=progress_phrase(now.snapshot.position)), _("paused: n steps, b goes back")]


def _ended(now: MessageContext) -> Sequence[str]:
    """Returns how the run ended, and which key tries a remedy."""
    return _end_of(now).ways if now.snapshot.status.ended else []


def _ended_wrong(now: MessageContext) -> bool:
    return _end_of(now).warns or now.findings.goes_wrong_at(now.snapshot)


def _end_of(now: MessageContext) -> Ending:
    """Returns the wordings of how the run ended, and whether they warn."""
    from quadfit_tui.core.explain.narrator import ending  # imported late: at the start nothing has ended

    findings = now.findings
    return ending(now.snapshot, findings.diagnosis, findings.withheld, now.earlier, findings.more_helps)


def _narrated(now: MessageContext) -> Sequence[str]:
    return [] if now.narrated is None else [now.narrated.full, now.narrated.brief]


def _narrated_warns(now: MessageContext) -> bool:
    return now.narrated is not None and now.narrated.warns


STATES: dict[str, MessageState] = {
    "kept": MessageState(_staying_notice, "a key or a click, once it was seen", _notice_warns),
    "told": MessageState(_passing_notice, "a key, a click, or another state of the run", _notice_warns),
    "reading": MessageState(lambda now: now.reading, "the end of the file, or Esc"),
    "waiting": MessageState(_waiting, "the answer"),
    "going": MessageState(_going, "the moment that it goes to"),
    "cell": MessageState(lambda now: now.cell, "another view, or the run that begins there"),
    "past": MessageState(_past, "the latest moment"),
    "opening": MessageState(_opening, "the first update, or another run"),
    "ended": MessageState(_ended, "another run, or a moment before the end", _ended_wrong, is_news=True),
    "narrated": MessageState(_narrated, "what happens next", _narrated_warns, is_news=True),
    "paused": MessageState(_paused, "the next update", yields=True),
    "beside": MessageState(lambda now: [now.beside] if now.beside else [], "the first run alone", yields=True),
}


class Message(NamedTuple):
    """A message to show: the name of its row in STATES, its lines, whether it warns, its full text if that is cut."""

    state: str
    lines: Sequence[str]
    warns: bool
    whole: str = ""

    @property
    def is_notice(self) -> bool:
        """Whether it is a notice, as of a command's effect, and not the state of the run."""
        return self.state in ("kept", "told")


NOTHING = Message("", [""], False)


def messages(now: MessageContext, width: int, rows: int = 1) -> list[Message]:
    """Returns the messages to show in so many columns and one or two rows, each in its longest wording that fits.

    One row has the most important message. Of two rows the second has the news of the run, unless a notice needs both.
    """
    news = None if now.waits_for else _first_of([name for name, state in STATES.items() if state.is_news], now)
    hint = _first_of([name for name, state in STATES.items() if not state.is_news], now)
    if rows == 1:
        is_late = hint is None or (STATES[hint].yields and (now.is_new or now.snapshot.status.ended))
        return [_fitted(news if news is not None and is_late else hint, now, width)]
    first = _fitted(hint, now, width)
    if first.is_notice and first.whole:
        return [_fitted(hint, now, width, rows)]
    return [first, _fitted(news, now, width)]


def _first_of(names: Sequence[str], now: MessageContext) -> str | None:
    """Returns the first of some states whose message applies now, or None if none does."""
    return next((name for name in names if STATES[name].wordings(now)), None)


def _fitted(name: str | None, now: MessageContext, width: int, rows: int = 1) -> Message:
    """Returns the message of a state in its longest wording that fits, or cut if none does."""
    if name is None:
        return NOTHING
    state = STATES[name]
    wordings, warns = state.wordings(now), state.warns(now)
    if (lines := fitting(wordings, width, rows)) is not None:
        return Message(name, lines, warns)
    notice = now.notice if name in ("kept", "told") else None
    if notice is None:
        return Message(name, cut_to(wordings[-1], width, rows), warns, wordings[0])
    return Message(name, cut_to(notice.text, width, rows, f"… {_(MORE)}"), warns, notice.in_full or notice.text)
