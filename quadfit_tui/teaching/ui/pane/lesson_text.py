"""StepText: the text that the pane of a lesson shows of a Course: question, feedback, and the keys that lead on."""

from __future__ import annotations

from dataclasses import replace

from quadfit_tui.core.text.language import N_, _, join_or, labeled, paragraph, pgettext
from quadfit_tui.core.text.sentences import with_stop
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import RIGHT, WRONG
from quadfit_tui.teaching.course.script import StepParagraph, initial_paragraphs, own_run_paragraphs
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript_entry import LONGEST_TEXT
from quadfit_tui.teaching.notation.lesson import LETTERS, PREDICTIONS, Step, StepKind, kind_name
from quadfit_tui.teaching.ui.pane.lesson_page import SEPARATOR, LessonPage

PREPARING = N_("Preparing the lesson…")
WORKING = N_("Working it out…")
SHOWN_SOON = N_("The run shows it…")
NO_MORE = N_("There is no further hint.")
_DIGITS = "0123456789-.,"  # the characters that begin a number
# The keys that lead on: in the phases without a question, while a question has the focus, and before that. The first
# one fits into 40 columns.
_LEADS_ON = {
    Phase.READING: (N_("Enter: next step"), N_("R: again")),
    Phase.ANSWERED: (N_("Enter: next step"), N_("R: again")),
    Phase.WAITING: (N_("Wait for the class"),),
    Phase.ENDED: (N_("Enter: lessons, with your answers"),),
}
_AGAIN = N_("Enter: one of them once more")
_BACK, _BEFORE_IT = N_("Enter: back to where you were"), N_("Backspace: step before")
_DOES = {  # by the first setting that the task allows to change; "": all may change
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
_DRAWS = N_("Arrows, Tab, mouse or finger: draw")
# In a vote: while the question has the focus, and at the end.
_VOTING = N_("Enter: vote; you can vote again")
_VOTED = N_("Enter: go on by yourself"), N_("R: again")


class StepText:
    """The text of the current step of a course, which grows by hints and feedback, and one remark below it.

    A remark answers the latest command; the next one replaces it.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._said: list[StepParagraph] = []
        self._remark = ""
        self._first: int | None = None

    def begin(self, notice: str = "") -> None:
        """Starts the text of the current step, with earlier feedback if it is done, and a notice."""
        course, step = self._course, self._course.step
        self._first, self._remark = 0, ""
        if step is None:
            paragraphs = [StepParagraph(line, "said") for line in course.summary]
            paragraphs += [StepParagraph(met.sentence, mark=met.mark) for met in course.predictions_met()]
            paragraphs.append(StepParagraph(course.progress.score.lines[0]))
            self._said = [StepParagraph(_("This is the end of the lesson."), "title"), *paragraphs]
            return
        self._said = initial_paragraphs(course)
        if course.hints or course.is_choosing:  # the end of the text is scrolled into sight
            self._first = None
        if notice:
            self._said.append(StepParagraph(notice, "hint"))
        if course.feedback:
            self.conclude()

    def answer(self, text: str, feedback: str) -> None:
        """Adds a wrong answer with its feedback; in a vote as a remark only, which a changed vote replaces."""
        step = self._course.step
        answer = text.strip().upper() if step is not None and step.tolerance is None else text.strip()
        message = feedback
        if step is None or step.kind is not StepKind.DRAW:
            message = paragraph([_("You said {answer}.").format(answer=answer), feedback])
        if self._course.is_vote:
            self.remark(message)
        else:
            self.add(message, mark=WRONG)

    def add(self, text: str, part: str = "said", mark: str = "") -> None:
        """Adds a paragraph and scrolls to it; an equal earlier one is removed."""
        added = StepParagraph(text, part, mark=mark)
        self._said = [*(earlier for earlier in self._said if earlier != added), added]
        self._first, self._remark = None, ""

    def try_again(self, text: str) -> None:
        """Shows a remark on a run that does not do the task, below the updated table of all runs."""
        self._said = [*(part for part in self._said if part.part != "table"), *own_run_paragraphs(self._course)]
        self.remark(text)

    def remark(self, text: str) -> None:
        """Shows a remark below the text, until the next remark or paragraph."""
        self._remark = text
        self._first = None if text else self._first

    def conclude(self) -> None:
        """Adds the final feedback of the step, with the student's answer, and marks the choices."""
        course, step, own, words = self._course, self._course.step, self._course.own_answer, self._course.own_words
        assert step is not None
        wrote = ""
        if words:
            wrote = _("You wrote: {text}").format(text=with_stop(words))
            if own:  # the sentence that was chosen is judged, not one's own
                if all(part.text != wrote for part in self._said):
                    self._said.append(StepParagraph(wrote))
                wrote = _("You said {answer}.").format(answer=own[:1])
        elif own and step.kind not in (StepKind.DRAW, StepKind.DO):
            wrote = _("You said {answer}.").format(answer=course.own_answer_as(labeled))
        mark = course.mark
        marks = {}
        if step.right_answer is not None and step.tolerance is None:
            marks = {own[:1].lower(): mark, course.lesson.letter(step, step.right_answer): RIGHT}
        self._said = [*(part for part in self._said if part.part != "table"), *own_run_paragraphs(course)]
        self._remark = ""
        index = len(self._said)
        self._said = [part._replace(mark=marks.get(part.letter, "")) if part.letter else part for part in self._said]
        self._said.append(StepParagraph(paragraph([wrote, course.feedback]), "said", mark=mark))
        self._first = index

    def page(self, waits: str = "") -> LessonPage:
        """Returns the page that the pane must show; `waits` is a sentence on what the lesson waits for, or empty."""
        course, step = self._course, self._course.step
        kind = () if step is None else (course.where, _kind(step))
        ungraded = (_("no grade"),) if step is not None and step.kind in PREDICTIONS else ()
        said = list(self._said)
        if self._remark:
            said.append(StepParagraph(self._remark, "said"))
        page = LessonPage(
            place=(course.lesson.title, *kind),
            record=(course.transcript.status, *ungraded),
            paragraphs=tuple(said),
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
            field_label="" if course.is_choosing else field_label(step),
            allowed=course.allowed,
            chooses=step.is_choice or course.is_choosing,
            typing=SEPARATOR.join(ways),
            answer_keys=self._takes(step),
            wants_text=step.kind is StepKind.EXPLAIN and not course.is_back and not course.is_choosing,
        )

    def _prompt(self) -> str:
        """Returns the keys that lead on while the question does not have the focus."""
        course, step = self._course, self._course.step
        if course.is_vote and course.phase is Phase.ANSWERED:
            return SEPARATOR.join(map(_, _VOTED))
        keys = (_AGAIN,) if course.wrong_prediction is not None else _LEADS_ON.get(course.phase, ())
        ways = [*map(_, [_BACK] if course.is_back else keys)]
        if step is not None and course.phase is Phase.DOING and not course.is_back:
            ways.append(_(_DOES.get(course.first_setting, _SETS)))
            if "data" in step.only:
                ways.append(_("d: data"))
        if step is not None and course.is_open and not course.is_back:
            if course.is_asked:
                ways.append(self._begins(step))
            if step.hints:
                ways.append(_("H shows a hint") if course.offers == "hint" else _("H: hint"))
            if course.lesson.may_skip:
                ways.append(_("S: see answer") if course.offers == "skip" else _("S: skip"))
            if course.phase is Phase.DOING:
                ways.append(_("R: again"))
        if course.can_go_back:
            ways.append(_(_BEFORE_IT))
        ways.append(_(_LEAVE))
        return SEPARATOR.join(ways)

    def _takes(self, step: Step) -> str:
        """Returns the characters that begin an answer before the question is focused; no letters at an observation."""
        if step.is_choice or self._course.is_choosing:
            return "" if step.kind is StepKind.OBSERVE else LETTERS[: len(step.answers)]
        return _DIGITS if field_label(step) and step.kind is not StepKind.EXPLAIN else ""

    def _begins(self, step: Step) -> str:
        """Returns the item of the prompt that says how an answer begins before the question is focused."""
        if step.kind is StepKind.DRAW:
            return _(_TO_DRAW)
        takes = self._takes(step)
        if takes == _DIGITS:
            return _(_NUMBER)
        return _("Type {letters}").format(letters=join_or(takes.upper())) if takes else _(_TO_ANSWER)


def _kind(step: Step) -> str:
    """Returns the name of the kind of a step for the frame: `read`, `predict`, …"""
    return pgettext("kind of step", "read") if step.kind is StepKind.SAY else kind_name(step.kind)


def field_label(step: Step) -> str:
    """Returns the label of the input field for the answer to a step; empty if it needs no field."""
    if step.kind is StepKind.EXPLAIN:
        return _("In your words:")
    return "" if step.is_choice or not step.answers else _("Your answer:")
