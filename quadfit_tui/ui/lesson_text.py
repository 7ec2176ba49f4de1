"""What the pane of a lesson says of a Course: the question, all that was said about it, which key leads on."""

from __future__ import annotations

from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.lessons.entry import LONGEST_TEXT
from quadfit_tui.core.lessons.lesson import LETTERS, Step, StepKind
from quadfit_tui.ui.widgets.lesson_pane import LessonPage, Said

FIRST_ANSWER = "First your answer: press a; or S to skip the question."
PREPARING = "Preparing the lesson…"
WORKING = "Working it out…"
SHOWN_SOON = "The run shows it…"
_KINDS = {StepKind.SAY: "read"}  # in the frame; the others have their names there
_GO_ON = "Enter: next step · R: set this step up again"
_PROMPTS = {
    Phase.READING: _GO_ON,
    Phase.DOING: "Do it in the app · H: hint · R: start this step again · S: skip",
    Phase.ANSWERED: _GO_ON,
    Phase.ENDED: "Enter: list of lessons, with your answers · L: leave the lesson",
}
# How a question is to be answered: while it has the keys, and before.
_COMMITS = "Enter: commit · Esc: back to the app"
_ASKED = {
    StepKind.PREDICT: (
        "Enter: commit, only once; then the run shows it · Esc: back to the app",
        "a: answer (you have one try, it is not graded) · H: hint · S: skip",
    ),
    StepKind.OBSERVE: (_COMMITS, "a: answer · look at anything before · H: hint · S: skip"),
    StepKind.EXPLAIN: (
        f"Enter: done, it is not judged (at most {LONGEST_TEXT} characters) · Esc: back to the app",
        "a: write a sentence or two; it is not judged · S: skip",
    ),
}
_OFFERS = {"hint": "H shows a hint.", "skip": "S skips this step and shows the answer."}


class StepText:
    """All that was said at the present step of a course, so that it can be read again."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._said: list[Said] = []
        self._first: int | None = None

    def begin(self) -> None:
        """Begins with the present step, and with what was said there before."""
        course, step = self._course, self._course.step
        self._first = 0
        if step is None:
            self._said = [Said("You have done all steps.", "title"), *map(Said, score_lines(course))]
            return
        self._said = [Said(step.title, "title")]
        self._said += [Said(" ".join(part.split())) for part in course.facts.said(step.text).split("\n\n")]
        if step.is_choice:
            choices = course.lesson.choices(step)
            self._said += [
                Said(choice.text, "choice", letter) for letter, choice in zip(LETTERS, choices, strict=False)
            ]
        for hint in course.hints:
            self.add(hint, "hint")
        if course.feedback:
            self.conclude()

    def add(self, text: str, part: str = "said") -> None:
        """Adds what was just said; it is in sight."""
        if text and Said(text, part) != self._said[-1]:
            self._said.append(Said(text, part))
            self._first = None

    def conclude(self) -> None:
        """Adds what is said at the end of the step, which takes the place of the question."""
        step, given = self._course.step, ""
        if step is not None and step.answers:
            own = next((own for own in self._course.own_answers() if own.step is step), None)
            given = f"You said {own.given[-1].replace('  ', ': ')}." if own is not None and own.given else ""
        at = len(self._said)
        self._said.append(Said(" ".join(filter(None, (given, self._course.feedback)))))
        self._first = at

    def page(self, *, waits: str = "", is_typing: bool = False) -> LessonPage:
        """The page of the pane; `waits` says what it waits for, where it does."""
        course, step = self._course, self._course.step
        kind = () if step is None else (f"step {course.number} of {len(course.lesson.steps)}", kind_of(step))
        ungraded = ("no grade",) if step is not None and step.kind is StepKind.PREDICT else ()
        is_open = course.phase is Phase.ASKED and not waits
        return LessonPage(
            place=(course.lesson.title, *kind),
            record=(course.transcript.status, *ungraded),
            said=tuple(self._said),
            first=self._first,
            asks=asks(step) if is_open and step is not None else "",
            chooses=is_open and step is not None and step.is_choice,
            prompt=waits or self._prompt(is_typing),
        )

    def _prompt(self, is_typing: bool) -> str:
        course, step = self._course, self._course.step
        if course.phase is not Phase.ASKED or step is None:
            return _PROMPTS[course.phase]
        typing, before = _ASKED[step.kind]
        offer = _OFFERS.get(course.offers, "")
        return " ".join(filter(None, (typing if is_typing else before, offer)))


def kind_of(step: Step) -> str:
    """What a student does in a step, in a word."""
    return _KINDS.get(step.kind, step.kind.value)


def asks(step: Step) -> str:
    """The name of the field in which a step is answered; empty where it has none."""
    if step.kind is StepKind.EXPLAIN:
        return "In your words"
    return "" if step.is_choice or not step.answers else "Your answer"


def score_lines(course: Course) -> list[str]:
    """The two numbers that count, in sentences."""
    score = course.score
    lines = [f"You did {score.done} of {score.steps} steps without skipping."]
    if score.observed:
        lines.append(f"Questions about what you saw: {score.at_once} of {score.observed} right at the first try.")
    return lines
