"""Course: a lesson as it is taken, step by step: the state machine that the pane, the dialogue and the tests share.

reading, doing, asked → answered → the next step, … → ended. The state is in the transcript, which is written before any
feedback is shown: a new Course starts where the transcript says that the student is.
"""

from __future__ import annotations

from typing import Any

from quadfit_tui import __version__
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, paragraph
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.teaching.course import answers
from quadfit_tui.teaching.course.curve_comparison import run_curve
from quadfit_tui.teaching.course.standing import Left, Phase, Standing
from quadfit_tui.teaching.course.transcript_entry import LONGEST_TEXT, Event
from quadfit_tui.teaching.judging.tasks import forbidden_changes_message, success_feedback
from quadfit_tui.teaching.notation.lesson import Face, Step, StepKind

_SKIPS = N_("To skip this step, skip once more.")
_SKIPS_TO_ANSWER = N_("To skip this step and see its answer, skip once more.")
_FEWEST_WORDS = 4  # minimum length of an explanation
_FEWEST_HAN = 8  # the same in Chinese, in characters
_HAN = "一"  # the first Chinese character in Unicode
_PHASES = {StepKind.SAY: Phase.READING, StepKind.DO: Phase.DOING}


class Course(Standing):
    """A student's way through a lesson, with the commands that change it; call `start` first.

    Methods that return a string return the sentences to show to the student.
    """

    # What the student does

    def start(self, anew: bool = False) -> bool:
        """Starts the lesson, or resumes it where the student left it; returns whether it resumed.

        `anew` starts a new attempt even if there is one to resume.
        """
        self.transcript.refresh()
        self._was_again = False
        progress = self.progress
        comes_back = progress.is_begun and not anew
        if comes_back:
            if progress.place < len(self.lesson.steps):
                self.transcript.record(self.lesson, Event.ASIDE, aside="back")
            self._show(progress.place)
        else:
            about = {"program": __version__, "face": self.facts.face.value, "language": self.lesson.language}
            self.transcript.record(self.lesson, Event.BEGIN, attempt=progress.next_attempt, **about)
            self._show(0)
        return comes_back

    def precompute(self, step: Step) -> None:
        """Computes the facts for showing a step, which may train runs; called before the step is shown.

        For the last step it includes those of the summary. Raises the errors of `facts`.
        """
        for prose in (*step.texts, *(self.lesson.summary if step is self.lesson.steps[-1] else ())):
            self.facts.render_prose(prose)
        for expression in filter(None, (answer.expression for answer in step.answers)):
            self.facts.value(expression)
        for expression in filter(None, [step.until, *(row.expression for row in step.run_feedback)]):
            self.facts.precompute(expression)
        self._runs.table(step, [entry.answer for entry in self.progress.records[step.id].answers])
        if step.kind is StepKind.DRAW:
            run_curve(self.facts, step)

    def answer(self, answer: str) -> str:
        """Judges and records the student's answer to the open question; returns the feedback.

        An unreadable answer is no attempt, and is not recorded.
        """
        self._asks_to_skip = False
        if self.phase is not Phase.ASKED:
            return _("No question is open.")
        if self._is_voted:
            return self._join_prompt
        self.transcript.refresh()
        if self._step.kind is StepKind.EXPLAIN and not self.is_choosing:
            return self._explain(answer)
        if self._record.is_done and not self.is_again:  # in another session, or in a vote
            self.phase, self.feedback = Phase.ANSWERED, self._final_feedback()
            return paragraph([_("You have answered this already."), self.feedback])
        result = answers.evaluate_answer(self.lesson, self._step, self.facts, answer)
        if not result.recorded:
            return result.feedback
        self._record_event(Event.ANSWER, **result.recorded)
        self.feedback, self._is_answered_again = result.feedback, self.is_again
        return self._end_step(result.feedback) if self._record.is_done else result.feedback

    def _explain(self, answer: str) -> str:
        """Records the student's explanation; returns the feedback, or why the text is not accepted."""
        text = " ".join(printable(answer, " ").split())
        if not text:
            return self.allowed
        if self._step.has_sentences and not _is_sentence(text):
            return _("A sentence of four words or more, please.")
        if len(text) > LONGEST_TEXT:
            template = _("That is {n} characters long; at most {most} are recorded, so make it shorter.")
            return template.format(n=len(text), most=LONGEST_TEXT)
        self._record_event(Event.SAID, text=text)
        return "" if self._step.has_sentences else self._end_step()

    def confirm(self) -> bool:
        """Moves on to the next unfinished step (Enter); returns whether it did.

        It does not while a task or a question is open. From an earlier step it returns to the one that the student
        left, at the end it asks the first wrong prediction once more.
        """
        self._asks_to_skip = False
        if self._left is not None:
            self._show(self._left.place)
            return True
        if (step := self.wrong_prediction) is not None:
            self._ask_again(step)
            return True
        if self.phase not in (Phase.READING, Phase.ANSWERED):
            return False
        if self.phase is Phase.READING:
            self._record_event(Event.DONE)
        records, steps = self.progress.records, self.lesson.steps
        later = range(self._index + 1, len(steps))
        self._show(next((i for i in later if not records[steps[i].id].is_done), len(steps)))
        return True

    def back(self) -> bool:
        """Moves back to the previous step, to read it with its recorded answers; returns whether there is one."""
        self._asks_to_skip = False
        if not self.can_go_back:
            return False
        left = self._left or Left(self._index, self.hides_outcome)
        self._show(self._index - 1)
        self._left = left
        return True

    def go_to(self, step: Step) -> None:
        """Moves to any step without answering others, for a teacher; a finished step starts a new attempt."""
        if step.kind is not StepKind.SAY and self.progress.records[step.id].is_done:
            self.start(anew=True)
        self._asks_to_skip = False
        self._show(self.lesson.steps.index(step))

    def hint(self) -> str:
        """Returns and records the next hint; after the last one, returns all of them again."""
        self._asks_to_skip = False
        if not self.is_open or not self._step.hints:
            return _("There is no hint for this step.")
        if self._record.hints >= len(self._step.hints):  # an older version of the lesson may have had more
            return paragraph(self.hints)
        self._record_event(Event.HINT, hint=self._record.hints + 1)
        return self.hints[-1]

    def skip(self) -> str:
        """Skips the open step on the second call in a row; returns the right answer with its reason.

        The first call only returns a request to confirm.
        """
        if not self.is_open:
            return _("There is nothing to skip here.")
        if self._is_voted:
            return self._join_prompt
        if not self.lesson.may_skip:
            return _("No step of this lesson can be skipped.")
        if not self._asks_to_skip:
            self._asks_to_skip = True
            has_answer = self._step.kind is not StepKind.EXPLAIN or self._step.models or self._step.answers
            return _(_SKIPS_TO_ANSWER if has_answer else _SKIPS)
        self._asks_to_skip = False
        self._record_event(Event.SKIP)
        return self._end_step(
            answers.answer_with_reason(self.lesson, self._step, self.facts) if self.is_again else None
        )

    def reveal(self) -> None:
        """Ends the step with the right answer as its feedback, when a teacher shows a class the outcome."""
        self._asks_to_skip = False
        self._end_step(answers.answer_with_reason(self.lesson, self._step, self.facts))

    def again(self) -> None:
        """Forgets the last review of the run, when the user sets the step up again; recorded answers stay.

        The caller resets the run itself.
        """
        self._asks_to_skip = False
        if self.phase is Phase.DOING:
            self.feedback = ""  # it was on the run before
        self._runs.begin()

    def watch(self, now: Snapshot) -> str:
        """Reviews the run whenever it rests; returns the remark on it, and ends the task that it fulfills."""
        if self.phase is not Phase.DOING:
            return ""
        review = self._runs.review(self._step, now, self._tried)
        if review.answer:
            self._record_event(Event.ANSWER, answer=review.answer)
        if review.is_done:
            return self._end_step()
        self.feedback = review.spoken or self.feedback
        return review.spoken

    def refusal(self, config: RunConfig) -> str:
        """Returns a sentence on changes of a started run that the open task forbids; empty if there are none."""
        return forbidden_changes_message(self._step, self.facts, config) if self.phase is Phase.DOING else ""

    def leave(self) -> None:
        """Records that the student leaves the lesson, to resume later.

        If an earlier step is being read again, the lesson resumes at the one that the student left for that.
        """
        if self._left is not None:
            self._show(self._left.place)
        if self.phase is not Phase.ENDED:
            self.transcript.record(self.lesson, Event.ASIDE, aside="left")

    # Steps

    def _show(self, index: int) -> None:
        """Makes a step the current one; the index behind the last step ends the lesson."""
        self._index, self._left, self.feedback = index, None, ""
        self._runs.begin()
        self.is_again = self._is_answered_again = False
        if index == len(self.lesson.steps):
            self.phase = Phase.ENDED
            if not self.progress.is_ended:
                self.transcript.record(self.lesson, Event.END)
            return
        record = self._record
        if record.is_done:
            self.phase = Phase.READING if self._step.kind is StepKind.SAY else Phase.ANSWERED
            self.feedback = self._final_feedback()
        else:
            self.phase = _PHASES.get(self._step.kind, Phase.ASKED)
        if not record.is_seen:
            self._record_event(Event.SEEN)

    def _ask_again(self, step: Step) -> None:
        """Asks a prediction once more after the end; the answer then counts nowhere."""
        self._show(self.lesson.steps.index(step))
        self.is_again = self._was_again = True
        self.phase, self.feedback = Phase.ASKED, ""

    def _end_step(self, feedback: str | None = None) -> str:
        """Ends the step and returns its feedback, which by default is made from its record."""
        self.feedback = self._final_feedback() if feedback is None else feedback
        self.phase = Phase.ANSWERED
        self._record_event(Event.DONE)
        return self.feedback

    def _final_feedback(self) -> str:
        """Returns the feedback that a finished step shows, from what is recorded of it."""
        record, step = self._record, self._step
        models = answers.model_answers(step, self.facts)
        if record.is_skipped:
            return paragraph([answers.answer_with_reason(self.lesson, step, self.facts), models])
        if record.said and not record.counted:
            is_given = self.transcript.is_recorded and self.transcript.readers is ReadAccess.GIVEN
            thanks = _("Recorded for your teacher.") if is_given else _("Thank you.")
            return paragraph([thanks, models])
        if step.kind is StepKind.DO:
            return success_feedback(step, self.facts)
        if not record.counted:  # the teacher has shown the answer to the class
            return (
                answers.answer_with_reason(self.lesson, step, self.facts)
                if step.is_votable and record.was_ended
                else ""
            )
        return answers.recorded_feedback(self.lesson, step, self.facts, record.counted[-1])

    # The class

    def pass_vote(self, step: str) -> bool:
        """Moves on from a step whose outcome the student has just seen with the class; returns whether it did."""
        if self.step is None or self.step.id != step or self.is_back or self.is_again or not self._record.is_done:
            return False
        self.phase = Phase.ANSWERED
        return self.confirm()

    @property
    def _is_voted(self) -> bool:
        """Whether the class votes on the current step now, so that no one may see its answer before."""
        return self._step.id == self._voted_step()

    @property
    def _join_prompt(self) -> str:
        """Returns how to vote on the current step instead of answering it alone."""
        if self.facts.face is Face.SCREEN:
            return _("The class votes on this question now: Esc, then V joins.")
        return _("The class votes on this question now. Type join to vote.")

    # The transcript

    def _record_event(self, event: Event, **values: Any) -> None:
        """Appends an event of the current step to the transcript."""
        self.transcript.record(self.lesson, event, step=self._step.id, kind=self._step.kind, **values)


def _is_sentence(text: str) -> bool:
    """Whether a text has enough words for a sentence, or enough characters in Chinese, which has no spaces."""
    return len(text.split()) >= _FEWEST_WORDS or sum(char.isalpha() and char >= _HAN for char in text) >= _FEWEST_HAN
