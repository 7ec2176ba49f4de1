"""What the pane of a lesson says of a Course: the question, all that was said about it, which key leads on."""

from __future__ import annotations

from dataclasses import replace

from quadfit_tui.core.text.language import N_, _, either, labeled, paragraph, pgettext
from quadfit_tui.core.text.sentences import ended
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import RIGHT, WRONG
from quadfit_tui.teaching.course.script import StepParagraph, initial_paragraphs, runs_said
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript_entry import LONGEST_TEXT
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, Step, StepKind, kind_name
from quadfit_tui.teaching.ui.pane.lesson_page import SEPARATOR, LessonPage

PREPARING = N_("Preparing the lesson…")
WORKING = N_("Working it out…")
SHOWN_SOON = N_("The run shows it…")
NO_MORE = N_("There is no further hint.")
_DIGITS = "0123456789-.,"  # with which a number begins
# Which key leads on: in the phases without a question, and for one while it has the keys, and before. What comes first
# has room in 40 columns.
_LEADS_ON = {
    Phase.READING: (N_("Enter: next step"), N_("R: again")),
    Phase.ANSWERED: (N_("Enter: next step"), N_("R: again")),
    Phase.WAITING: (N_("Wait for the class"),),
    Phase.ENDED: (N_("Enter: lessons, with your answers"),),
}
_AGAIN = N_("Enter: one of them once more")
_BACK, _BEFORE_IT = N_("Enter: back to where you were"), N_("Backspace: step before")
_DOES = {  # a task in which all may change, or the rate, or others
    "": N_("s: settings, space: play"),
    "lr": N_("l: rate"),
}
_SETS = N_("s: settings")
_LEAVE = N_("L: leave")
_LEAVES = N_("Esc: back to the app")
_COMMITS = N_("Enter: submit")
_TYPING = {
    StepKind.PREDICT: N_("Enter: submit once, then see the run"),
    StepKind.DRAW: N_("Enter: done, and see the run"),
    StepKind.EXPLAIN: N_("Enter: done (at most {most} characters)"),
}
_TO_DRAW, _TO_ANSWER, _NUMBER = N_("Enter: draw"), N_("Enter: answer"), N_("Type a number")
_DRAWS = N_("Arrows, Tab or the mouse: draw")
# Where a class votes: while the question has the keys, and at the end.
_VOTING = N_("Enter: vote; you can vote again")
_VOTED = N_("Enter: go on by yourself"), N_("R: again")


class StepText:
    """All that was said at the present step of a course, so that it can be read again; and below it one remark.

    A remark answers what was done last: what comes next takes its place.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._said: list[StepParagraph] = []
        self._remark = ""
        self._first: int | None = None

    def begin(self, notice: str = "") -> None:
        """Begins with the present step, with what was said there before, and with a notice."""
        course, step = self._course, self._course.step
        self._first, self._remark = 0, ""
        if step is None:
            told = [StepParagraph(line, "said") for line in course.summary]
            told += [StepParagraph(met.told, mark=met.mark) for met in course.predictions_met()]
            told.append(StepParagraph(course.progress.score.lines[0]))
            self._said = [StepParagraph(_("You have done all steps."), "title"), *told]
            return
        self._said = initial_paragraphs(course)
        if course.hints or course.is_choosing:  # what comes last is in sight
            self._first = None
        if notice:
            self._said.append(StepParagraph(notice, "hint"))
        if course.feedback:
            self.conclude()

    def answer(self, typed: str, said: str) -> None:
        """Adds an answer that was not right, and what is said to it; a vote only until it is changed."""
        step = self._course.step
        given = typed.strip().upper() if step is not None and step.tolerance is None else typed.strip()
        told = said
        if step is None or step.kind is not StepKind.DRAW:
            told = paragraph([_("You said {answer}.").format(answer=given), said])
        if self._course.is_vote:
            self.remark(told)
        else:
            self.add(told, mark=WRONG)

    def add(self, text: str, part: str = "said", mark: str = "") -> None:
        """Adds what was just said; it is in sight, and what was said before in the same words is not."""
        said = StepParagraph(text, part, mark=mark)
        self._said = [*(each for each in self._said if each != said), said]
        self._first, self._remark = None, ""

    def try_again(self, text: str) -> None:
        """Says what there is to say of a run that does not do the task, below the table of all of them."""
        self._said = [*(each for each in self._said if each.part != "table"), *runs_said(self._course)]
        self.remark(text)

    def remark(self, text: str) -> None:
        """Says something until something else is said."""
        self._remark = text
        self._first = None if text else self._first

    def conclude(self) -> None:
        """Adds what is said at the end of the step, which takes the place of the question."""
        course, step, own, words = self._course, self._course.step, self._course.own_answer, self._course.own_words
        assert step is not None
        wrote = ""
        if words:
            wrote = _("You wrote: {text}").format(text=ended(words))
            if own:  # the sentence that was chosen is judged, not one's own
                if all(part.text != wrote for part in self._said):
                    self._said.append(StepParagraph(wrote))
                wrote = _("You said {answer}.").format(answer=own[:1])
        elif own and step.kind not in (StepKind.DRAW, StepKind.DO):
            wrote = _("You said {answer}.").format(answer=course.own_answer_as(labeled))
        mark = course.mark
        marks = {}
        if step.right is not None and step.tolerance is None:
            marks = {own[:1].lower(): mark, course.lesson.letter(step, step.right): RIGHT}
        self._said, self._remark = [*(each for each in self._said if each.part != "table"), *runs_said(course)], ""
        at = len(self._said)
        self._said = [each._replace(mark=marks.get(each.letter, "")) if each.letter else each for each in self._said]
        self._said.append(StepParagraph(paragraph([wrote, course.feedback]), "said", mark=mark))
        self._first = at

    def page(self, waits: str = "") -> LessonPage:
        """The page of the pane; `waits` says what it waits for, where it does."""
        course, step = self._course, self._course.step
        kind = () if step is None else (course.where, _kind(step))
        ungraded = (_("no grade"),) if step is not None and step.kind in PREDICTIONS else ()
        page = LessonPage(
            place=(course.lesson.title, *kind),
            record=(course.transcript.status, *ungraded),
            said=(*self._said, *[StepParagraph(self._remark, "said")] * bool(self._remark)),
            first=self._first,
            prompt=waits or self._prompt(),
        )
        if step is None or not course.is_asked or waits:
            return page
        commits = _COMMITS if course.is_choosing else _TYPING.get(step.kind, _COMMITS)
        ways = [_(_VOTING) if course.is_vote else _(commits).format(most=LONGEST_TEXT)]
        if step.kind is StepKind.DRAW:
            return replace(page, typing=SEPARATOR.join([_(_DRAWS), *ways, _(_LEAVES)]))
        if step.hints:
            ways.append(_("Esc, then H: hint"))
        ways.append(_(_LEAVES))
        return replace(
            page,
            asks="" if course.is_choosing else asks(step),
            allowed=course.allowed,
            chooses=step.is_choice or course.is_choosing,
            typing=SEPARATOR.join(ways),
            takes=self._takes(step),
            writes=step.kind is StepKind.EXPLAIN and not course.is_back and not course.is_choosing,
        )

    def _prompt(self) -> str:
        course, step = self._course, self._course.step
        if course.is_vote and course.phase is Phase.ANSWERED:
            return SEPARATOR.join(map(_, _VOTED))
        keys = (_AGAIN,) if course.wrong_prediction is not None else _LEADS_ON.get(course.phase, ())
        ways = [*map(_, [_BACK] if course.is_back else keys)]
        if step is not None and course.phase is Phase.DOING and not course.is_back:
            ways.append(_(_DOES.get(course.first_setting, _SETS)))
        if step is not None and course.is_open and not course.is_back:
            if course.is_asked:
                ways.append(self._begins(step))
            if step.hints:
                ways.append(_("H shows a hint") if course.offers == "hint" else _("H: hint"))
            if course.lesson.may_skip:
                ways.append(_("S: see answer") if course.offers == "skip" else _("S: skip"))
            if course.phase is Phase.DOING:
                ways.append(_("R: again"))
        return SEPARATOR.join([*ways, *[_(_BEFORE_IT)] * course.can_go_back, _(_LEAVE)])

    def _takes(self, step: Step) -> str:
        """The characters that answer before the question has the keys: no letters with which one may observe."""
        if step.is_choice or self._course.is_choosing:
            return "" if step.kind is StepKind.OBSERVE else LETTERS[: len(step.answers)]
        return _DIGITS if asks(step) and step.kind is not StepKind.EXPLAIN else ""

    def _begins(self, step: Step) -> str:
        """How an answer begins before the question has the keys."""
        if step.kind is StepKind.DRAW:
            return _(_TO_DRAW)
        takes = self._takes(step)
        if takes == _DIGITS:
            return _(_NUMBER)
        return _("Type {letters}").format(letters=either(takes.upper())) if takes else _(_TO_ANSWER)


def _kind(step: Step) -> str:
    """What is to be done at a step, in a word."""
    return pgettext("kind of step", "read") if step.kind is StepKind.SAY else kind_name(step.kind)


def asks(step: Step) -> str:
    """The name of the field in which a step is answered; empty where it has none."""
    if step.kind is StepKind.EXPLAIN:
        return _("In your words:")
    return "" if step.is_choice or not step.answers else _("Your answer:")
