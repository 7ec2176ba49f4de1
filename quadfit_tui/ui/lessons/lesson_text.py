"""What the pane of a lesson says of a Course: the question, all that was said about it, which key leads on."""

from __future__ import annotations

from dataclasses import replace

from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.course.script import Said, said_at_first
from quadfit_tui.core.course.transcript_entry import LONGEST_TEXT
from quadfit_tui.core.judging.judge import allowed
from quadfit_tui.core.lessons.lesson import PREDICTIONS, Step, StepKind
from quadfit_tui.ui.lessons.lesson_page import SEPARATOR, LessonPage

PREPARING = "Preparing the lesson…"
WORKING = "Working it out…"
STILL_WORKING = "This takes longer than usual… · L: leave"
SHOWN_SOON = "The run shows it…"
# Which key leads on: in the phases without a question, and for one while it has the keys, and before. What comes first
# has room in 40 columns.
_GO_ON = "Enter: next step · R: again · L: leave"
_LEADS_ON = {
    Phase.READING: _GO_ON,
    Phase.DOING: "Do it in the app",
    Phase.ANSWERED: _GO_ON,
    Phase.WAITING: "Wait for the class · L: leave",
    Phase.ENDED: "Enter: lessons, with your answers · L: leave the lesson",
}
_COMMITS = "Enter: submit · Esc: back to the app"
_TYPING = {
    StepKind.PREDICT: "Enter: submit once, then see the run · Esc: back to the app",
    StepKind.EXPLAIN: f"Enter: done (at most {LONGEST_TEXT} characters) · Esc: back to the app",
}
_BEFORE = {
    StepKind.PREDICT: "a: answer (once, not graded)",
    StepKind.OBSERVE: "a: answer",
    StepKind.DRAW: "a: draw (once, not graded)",
    StepKind.EXPLAIN: "a: write a sentence or two; not judged",
}
# While a pen has the keys.
_PEN = "Arrows, Tab or the mouse: draw"
_DRAWN = f"{_PEN} · Enter: done, and see the run · Esc: back to the app"
_DRAWN_VOTE = f"{_PEN} · Enter: vote; you can vote again · Esc: back to the app"
# Where a class votes: before the question has the keys, while it has them, at the end.
_VOTE, _VOTING = "a: vote", "Enter: vote; you can vote again · Esc: back to the app"
_VOTED = "Enter: go on by yourself · R: again"


class StepText:
    """All that was said at the present step of a course, so that it can be read again; and below it one remark.

    A remark answers what was done last: what comes next takes its place.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._said: list[Said] = []
        self._remark = ""
        self._first: int | None = None

    def begin(self, notice: str = "") -> None:
        """Begins with the present step, with what was said there before, and with a notice."""
        course, step = self._course, self._course.step
        self._first, self._remark = 0, ""
        if step is None:
            self._said = [Said("You have done all steps.", "title"), *map(Said, course.progress.score.lines)]
            return
        self._said = said_at_first(course)
        if course.hints:  # the last one is in sight
            self._first = None
        if notice:
            self._said.append(Said(notice, "hint"))
        if course.feedback:
            self.conclude()

    def answer(self, typed: str, said: str) -> None:
        """Adds an answer that was not right, and what is said to it; a vote only until it is changed."""
        step = self._course.step
        given = typed.strip().upper() if step is not None and step.is_choice else typed.strip()
        told = said if step is not None and step.kind is StepKind.DRAW else f"You said {given}. {said}"
        if self._course.is_vote:
            self.remark(told)
        else:
            self.add(told)

    def add(self, text: str, part: str = "said") -> None:
        """Adds what was just said; it is in sight."""
        self._said.append(Said(text, part))
        self._first, self._remark = None, ""

    def remark(self, text: str) -> None:
        """Says something until something else is said."""
        self._remark = text
        self._first = None if text else self._first

    def conclude(self) -> None:
        """Adds what is said at the end of the step, which takes the place of the question."""
        own = self._course.own_answer
        is_drawn = self._course.step is not None and self._course.step.kind is StepKind.DRAW
        given = f"You said {own.replace('  ', ': ')}." if own and not is_drawn else ""
        at, self._remark = len(self._said), ""
        self._said.append(Said(" ".join(filter(None, (given, self._course.feedback))), "said"))
        self._first = at

    def page(self, waits: str = "") -> LessonPage:
        """The page of the pane; `waits` says what it waits for, where it does."""
        course, step = self._course, self._course.step
        kind = () if step is None else (course.where, "read" if step.kind is StepKind.SAY else step.kind.value)
        ungraded = ("no grade",) if step is not None and step.kind in PREDICTIONS else ()
        page = LessonPage(
            place=(course.lesson.title, *kind),
            record=(course.transcript.status, *ungraded),
            said=(*self._said, *[Said(self._remark, "said")] * bool(self._remark)),
            first=self._first,
            prompt=waits or self._prompt(),
        )
        if step is None or not course.is_asked or waits:
            return page
        if step.kind is StepKind.DRAW:
            return replace(page, typing=_DRAWN_VOTE if course.is_vote else _DRAWN)
        typing = _VOTING if course.is_vote else _TYPING.get(step.kind, _COMMITS)
        return replace(page, asks=asks(step), allowed=allowed(step), chooses=step.is_choice, typing=typing)

    def _prompt(self) -> str:
        course, step = self._course, self._course.step
        if step is None or not course.is_open:
            return _VOTED if course.is_vote and course.phase is Phase.ANSWERED else _LEADS_ON[course.phase]
        before = _VOTE if course.is_vote else _BEFORE.get(step.kind, "")
        ways = [_LEADS_ON[Phase.DOING] if course.phase is Phase.DOING else before]
        if step.hints:
            ways.append("H shows a hint" if course.offers == "hint" else "H: hint")
        if course.lesson.may_skip:
            ways.append("S: see answer" if course.offers == "skip" else "S: skip")
        if course.phase is Phase.DOING:
            ways.append("R: again")
        return SEPARATOR.join([*ways, "L: leave"])


def asks(step: Step) -> str:
    """The name of the field in which a step is answered; empty where it has none."""
    if step.kind is StepKind.EXPLAIN:
        return "In your words:"
    return "" if step.is_choice or not step.answers else "Your answer:"
