"""STATES: what the row of messages says in each state, the most important one first, and what ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from quadfit_tui.core.config.presets import BARE
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import briefly, in_few_columns, misled, shortest
from quadfit_tui.core.text.language import _, full_stop, noted, paragraph
from quadfit_tui.core.text.numbers import told_apart
from quadfit_tui.core.text.width import shortened
from quadfit_tui.core.training.position import moment, moment_in_words, moment_shown
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import Findings
from quadfit_tui.ui.toolkit.fitted_text import cut_to, fitting
from quadfit_tui.ui.toolkit.message_queue import Told

WORKING = noted("computing the limit of the learning rate…")
FAILED = noted("the limit of the learning rate could not be computed")
_BRIEFLY = {WORKING: noted("computing the limit of lr…"), FAILED: noted("the limit could not be computed")}
MORE = noted("press i")  # what a text that is cut ends with

# What is worth trying after a run that ended well.
_AFTERWARDS = noted("Press l to try another learning rate."), noted("l: try another rate.")
_MORE = noted("Press c to keep training from here."), noted("c: keep training.")  # where that was tried, and helps
# At the first scene, which bare `quadfit-tui` opens.
_BARE_START = (
    noted("Predict where the curve goes, then press Space. For the article's run: p, then Enter."),
    noted("Predict, then press Space. For the article's run: p, then Enter."),
    noted("For the article's run: p, then Enter."),
)
_WHY = noted("Press i to see why and what helps."), noted("Press i to see why."), noted("i: why.")


@dataclass(frozen=True, eq=False)
class Situation:
    """All that what is said depends on.

    `told` is to be seen of what was told; `reading` how far a file is read; `waits_for` what a lesson waits for;
    `beside` what differs from the run before; `base` the preset that the first run began from where none was named.
    Where there are several ways to say it, the fullest one comes first.
    """

    snapshot: Snapshot
    findings: Findings = Findings()
    told: Told | None = None
    reading: Sequence[str] = ()
    waits_for: Sequence[str] = ()
    beside: str = ""
    base: str = ""


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


def _ended(now: Situation, width: int) -> Sequence[str]:
    """How the run ended, and what helps: where it went wrong, the diagnosis knows that."""
    snapshot = now.snapshot
    if not snapshot.status.ended:
        return []
    held = now.findings.held
    said = briefly(snapshot, "optimum" not in held)
    wrong = _ended_wrong(now)
    known = _one_line(now, width) if wrong and now.findings.diagnosis is not None and not held else ""
    more = _MORE if now.findings.more_helps and "remedy" not in held else ()
    both = [paragraph([*each, known]) for each in (_followed(said, more) or [[said]]) if known]
    both += map(paragraph, _followed(said, more))
    if misled(snapshot):
        why = [paragraph(each) for text in (said, shortest(snapshot)) for each in _followed(text, _WHY)]
        return [*both, *why, *_stopped_early(snapshot)]
    if known:
        return [*both, known]
    end = in_few_columns(snapshot)
    if wrong and held:
        return [said, end]
    ways = _WHY if wrong else more or _AFTERWARDS
    return [*map(paragraph, _followed(said, ways)), said, *map(paragraph, _followed(end, ways)), end]


def _followed(said: str, ways: Sequence[str]) -> list[list[str]]:
    """A sentence, and what follows it, in the ways there are."""
    return [[said, _(way)] for way in ways]


def _ended_wrong(now: Situation) -> bool:
    return went_wrong(now.snapshot) or now.findings.goes_wrong_at(now.snapshot)


def went_wrong(snapshot: Snapshot) -> bool:
    """Whether a run has diverged, or was stopped too early."""
    return snapshot.status is Status.DIVERGED or misled(snapshot)


def _stopped_early(snapshot: Snapshot) -> Sequence[str]:
    mean_loss, tol = told_apart(snapshot.mean_loss, snapshot.config.tol)
    ways = (
        _("stopped, although the mean loss, {mean_loss}, is not below tol {tol}. Press i to see why."),
        _("stopped, although the mean loss, {mean_loss}, is not below tol {tol}. i: why."),
        _("stopped too early. Press i to see why."),
        _("stopped too early. i: why."),
    )
    return [way.format(mean_loss=mean_loss, tol=tol) for way in ways]


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
    return [_one_line(now, width)] if now.findings.warns_at(now.snapshot) else []


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
