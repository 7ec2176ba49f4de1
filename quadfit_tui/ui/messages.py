"""STATES: what the row of messages says in each state, the most important one first, and what ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.core.config.presets import BARE
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, full_stop, noted, paragraph
from quadfit_tui.core.text.width import shortened
from quadfit_tui.core.training.position import moment, moment_in_words, moment_shown
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import Findings
from quadfit_tui.ui.toolkit.fitted_text import cut_to, fitting
from quadfit_tui.ui.toolkit.message_queue import Told

if TYPE_CHECKING:
    from quadfit_tui.core.explain.narrated_epochs import Sentence

WORKING = noted("computing the limit of the learning rate…")
FAILED = noted("the limit of the learning rate could not be computed")
_BRIEFLY = {WORKING: noted("computing the limit of lr…"), FAILED: noted("the limit could not be computed")}
MORE = noted("press i")  # what a text that is cut ends with

# At the first scene, which bare `quadfit-tui` opens.
_BARE_START = (
    noted("Predict where the curve goes, then press Space. For the article's run: p, then Enter."),
    noted("Predict, then press Space. For the article's run: p, then Enter."),
    noted("For the article's run: p, then Enter."),
)


@dataclass(frozen=True, eq=False)
class Situation:
    """All that what is said depends on.

    `told` is to be seen of what was told; `reading` how far a file is read; `waits_for` what a lesson waits for;
    `beside` what differs from the run before, which is `earlier`; `base` the preset that the first run began from where
    none was named; `narrated` the narrator's sentence. Where there are several ways to say it, the fullest one
    comes first.
    """

    snapshot: Snapshot
    findings: Findings = Findings()
    told: Told | None = None
    reading: Sequence[str] = ()
    waits_for: Sequence[str] = ()
    beside: str = ""
    base: str = ""
    narrated: Sentence | None = None
    earlier: Run | None = None


@dataclass(frozen=True)
class MessageState:
    """A row of STATES: what it says in so many columns, in the ways there are, the fullest first; none elsewhere.

    `ends` is what ends it; `warns` whether it tells of trouble.
    """

    says: Callable[[Situation, int], Sequence[str]]
    ends: str
    warns: Callable[[Situation], bool] = lambda _now: False


def _kept(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    return [now.told.text] if now.told is not None and now.told.stays else []


def _told(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    return [now.told.text] if now.told is not None else []


def _waiting(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    beside = [paragraph([full_stop(now.beside), now.waits_for[0]])] if now.beside and now.waits_for else []
    return [*beside, *now.waits_for]


def _going(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    if now.snapshot.goal is None:
        return []
    said = _("training up to {moment}…") if now.snapshot.goal > now.snapshot.newest else _("going to {moment}…")
    return [said.format(moment=name(now.snapshot.goal)) for name in (moment_in_words, moment_shown)]


def _ended(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    """How the run ended, and the key that tries what is worth trying."""
    return [*_end_of(now)[:2]] if now.snapshot.status.ended else []


def _end_of(now: Situation) -> tuple[str, str, bool]:
    from quadfit_tui.core.explain.narrator import ending  # at the start nothing has ended

    findings = now.findings
    end = ending(now.snapshot, findings.diagnosis, findings.held, now.earlier, findings.more_helps)
    return end.full, end.brief, end.warns


def _ended_wrong(now: Situation) -> bool:
    return now.snapshot.status.ended and (_end_of(now)[2] or now.findings.goes_wrong_at(now.snapshot))


def _past(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    here, newest = now.snapshot.position, now.snapshot.newest
    if here == newest:
        return []
    if now.snapshot.status is Status.RUNNING:
        return [_("replaying up to {moment}").format(moment=moment_in_words(newest))]
    return [
        _("viewing {moment}, latest {newest}").format(moment=moment_in_words(here), newest=moment(newest)),
        _("at {moment}, latest {newest}").format(moment=moment_shown(here), newest=moment(newest)),
        _("viewing {moment}").format(moment=moment_shown(here)),
    ]


def _alarm(now: Situation, width: int) -> Sequence[str]:
    """What goes wrong, before the first epoch is done; from then on the narrator tells that."""
    is_new = now.snapshot.epoch == 0
    return [_one_line(now, width)] if is_new and now.findings.warns_at(now.snapshot) else []


def _narrated(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    return [] if now.narrated is None else [now.narrated.full, now.narrated.brief]


def _beside(now: Situation, width: int) -> Sequence[str]:
    return [now.beside, shortened(now.beside, width)] if now.beside else []


def _opening(now: Situation, width: int) -> Sequence[str]:  # noqa: ARG001
    if now.snapshot.status is not Status.READY or not now.base:
        return []
    if now.base == BARE:
        return list(map(_, _BARE_START))
    ways = _("base: {preset}. Anything you did not set comes from this preset."), _("base: {preset}")
    return [way.format(preset=now.base) for way in ways]


def _diagnosis(now: Situation, width: int) -> Sequence[str]:
    if now.findings.diagnosis is None:
        said = FAILED if now.findings.failed else WORKING
        return [_(said), _(_BRIEFLY[said])]
    return [_one_line(now, width)]


def _one_line(now: Situation, width: int) -> str:
    from quadfit_tui.core.explain.diagnosis_page import diagnosis_line  # at the start nothing is known

    snapshot, findings = now.snapshot, now.findings
    assert findings.diagnosis is not None
    return diagnosis_line(snapshot, findings.diagnosis, findings.remedy_at(snapshot), findings.held, width)


def _of_told(now: Situation) -> bool:
    return now.told is not None and now.told.warns


STATES: dict[str, MessageState] = {
    "kept": MessageState(_kept, "a key or a click, once it was seen", _of_told),
    "told": MessageState(_told, "a key, a click, or another state of the run", _of_told),
    "reading": MessageState(lambda now, _width: now.reading, "the end of the file, or Esc"),
    "waiting": MessageState(_waiting, "the answer"),
    "going": MessageState(_going, "the moment that it goes to"),
    "ended": MessageState(_ended, "another run, or a moment before the end", _ended_wrong),
    "past": MessageState(_past, "the latest moment"),
    "opening": MessageState(_opening, "the first update, or another run"),
    "alarm": MessageState(_alarm, "another run", lambda _now: True),
    "narrated": MessageState(
        _narrated, "what happens next", lambda now: now.narrated is not None and now.narrated.warns
    ),
    "beside": MessageState(_beside, "the first run alone"),
    "diagnosis": MessageState(_diagnosis, "another run"),
}


class Message(NamedTuple):
    """What the row says: in which of STATES, its lines, whether it tells of trouble; all of it, where that is cut."""

    state: str
    lines: Sequence[str]
    warns: bool
    whole: str = ""


def message(now: Situation, width: int, rows: int = 1) -> Message:
    """The message of a situation, in so many columns and at most so many rows, in the fullest way that fits."""
    for name, state in STATES.items():
        if ways := state.says(now, width):
            if (lines := fitting(ways, width, rows)) is not None:
                return Message(name, lines, state.warns(now))
            in_full = now.told.in_full if now.told is not None and state.says in (_kept, _told) else ""
            return Message(name, cut_to(ways[-1], width, rows, f"… {_(MORE)}"), state.warns(now), in_full or ways[0])
    raise AssertionError("there is always a diagnosis, or that there is none yet")
