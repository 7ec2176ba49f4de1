"""Course: a lesson as it is taken, step by step: the state machine that the pane, the dialogue and the tests share.

reading, doing, asked → answered → the next step, … → ended. All of it that matters is in the transcript, where it is
written before anybody is told: a course that starts is where the transcript says that the student is.
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
from quadfit_tui.teaching.judging.tasks import refused, success_told
from quadfit_tui.teaching.notation.lesson import Step, StepKind

_SKIPS = N_("To skip this step, skip once more.")
_SKIPS_TO_ANSWER = N_("To skip this step and see its answer, skip once more.")
_FEWEST_WORDS, _FEWEST_HAN, _HAN = 4, 8, "一"  # of an explanation; the first of the characters of Chinese
_PHASES = {StepKind.SAY: Phase.READING, StepKind.DO: Phase.DOING}


class Course(Standing):
    """A student's way through a lesson. Begin with `start`; what a method gives is what is to be said, in sentences."""

    # What the student does

    def start(self, anew: bool = False) -> bool:
        """Begins the lesson, or comes back to where it was left if it is not to begin `anew`; whether it does that."""
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
        """Works out what is said of a step, and behind the last one, which may train runs; raises as `facts` does."""
        for prose in (*step.texts, *(self.lesson.summary if step is self.lesson.steps[-1] else ())):
            self.facts.render_prose(prose)
        for expression in filter(None, (answer.expression for answer in step.answers)):
            self.facts.value(expression)
        for expression in filter(None, [step.until, *(row.expression for row in step.ends)]):
            self.facts.precompute(expression)
        _table = self._runs.table(step, [each.answer for each in self.progress.records[step.id].answers])
        if step.kind is StepKind.DRAW:
            run_curve(self.facts, step)

    def answer(self, typed: str) -> str:
        """Takes an answer to the open question: judged, recorded, and only then told of.

        What cannot be read is no attempt, and is not recorded.
        """
        self._asks_to_skip = False
        if self.phase is not Phase.ASKED:
            return _("No question is open.")
        self.transcript.refresh()
        if self._step.kind is StepKind.EXPLAIN and not self.is_choosing:
            return self._explain(typed)
        if self._record.is_done and not self.is_again:  # by another session of the same student
            self.phase, self.feedback = Phase.ANSWERED, self._ended()
            return paragraph([_("You have answered this in another session."), self.feedback])
        found = answers.evaluate_answer(self.lesson, self._step, self.facts, typed)
        if not found.recorded:
            return found.feedback
        self._write_of_step(Event.ANSWER, **found.recorded)
        self.feedback, self._is_answered_again = found.feedback, self.is_again
        return self._end_step(found.feedback) if self._record.is_done else found.feedback

    def _explain(self, typed: str) -> str:
        said = " ".join(printable(typed, " ").split())
        if not said:
            return self.allowed
        if self._step.has_sentences and not _is_sentence(said):
            return _("A sentence, please.")
        if len(said) > LONGEST_TEXT:
            told = _("That is {n} characters long; at most {most} are recorded, so make it shorter.")
            return told.format(n=len(said), most=LONGEST_TEXT)
        self._write_of_step(Event.SAID, text=said)
        return "" if self._step.has_sentences else self._end_step()

    def confirm(self) -> bool:
        """Goes on to the next step that is not done; whether it did: not while something is to be done or answered.

        From an earlier step it goes on to where the student was, from the end to a prediction that was wrong.
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
            self._write_of_step(Event.DONE)
        records, steps = self.progress.records, self.lesson.steps
        later = range(self._index + 1, len(steps))
        self._show(next((i for i in later if not records[steps[i].id].is_done), len(steps)))
        return True

    def back(self) -> bool:
        """Goes back to the step before, to read it with what was answered; whether there is one."""
        self._asks_to_skip = False
        if not self.can_go_back:
            return False
        left = self._left or Left(self._index, self.hides_outcome)
        self._show(self._index - 1)
        self._left = left
        return True

    def go_to(self, step: Step) -> None:
        """Goes to any step, as whoever teaches does: nothing is answered by that; a step that is done is put anew."""
        if step.kind is not StepKind.SAY and self.progress.records[step.id].is_done:
            self.start(anew=True)
        self._asks_to_skip = False
        self._show(self.lesson.steps.index(step))

    def hint(self) -> str:
        """The next hint; after the last one all of them again."""
        self._asks_to_skip = False
        if not self.is_open or not self._step.hints:
            return _("There is no hint for this step.")
        if self._record.hints >= len(self._step.hints):  # an older version of the lesson may have had more
            return paragraph(self.hints)
        self._write_of_step(Event.HINT, hint=self._record.hints + 1)
        return self.hints[-1]

    def skip(self) -> str:
        """Gives the step up, if it is asked for twice: gives the right answer with its reason."""
        if not self.is_open:
            return _("There is nothing to skip here.")
        if not self.lesson.may_skip:
            return _("No step of this lesson can be skipped.")
        if not self._asks_to_skip:
            self._asks_to_skip = True
            has_answer = self._step.kind is not StepKind.EXPLAIN or self._step.models or self._step.answers
            return _(_SKIPS_TO_ANSWER if has_answer else _SKIPS)
        self._asks_to_skip = False
        self._write_of_step(Event.SKIP)
        return self._end_step(answers.shown_answer(self.lesson, self._step, self.facts) if self.is_again else None)

    def reveal(self) -> None:
        """Has the answer be shown, as to a class, whose teacher does the step by that."""
        self._asks_to_skip = False
        self._end_step(answers.shown_answer(self.lesson, self._step, self.facts))

    def again(self) -> None:
        """Sets the step up again, which is for the face to do; what was answered stays."""
        self._asks_to_skip = False
        self._runs.begin()

    def watch(self, now: Snapshot) -> str:
        """Looks at the run whenever it rests: gives what there is to say of it, and ends a task that it does."""
        if self.phase is not Phase.DOING:
            return ""
        look = self._runs.review(self._step, now, self._tried)
        if look.answer:
            self._write_of_step(Event.ANSWER, answer=look.answer)
        if look.is_done:
            return self._end_step()
        self.feedback = look.spoken or self.feedback
        return look.spoken

    def refusal(self, config: RunConfig) -> str:
        """What of a run that was begun the open task does not let be, in a sentence; empty where it lets all be."""
        return refused(self._step, self.facts, config) if self.phase is Phase.DOING else ""

    def leave(self) -> None:
        """Leaves the lesson, to come back some other time: at the step that an earlier one was read again from."""
        if self._left is not None:
            self._show(self._left.place)
        if self.phase is not Phase.ENDED:
            self.transcript.record(self.lesson, Event.ASIDE, aside="left")

    # Steps

    def _show(self, index: int) -> None:
        """Has a step be the present one; after the last one the lesson is ended."""
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
            self.feedback = self._ended()
        else:
            self.phase = _PHASES.get(self._step.kind, Phase.ASKED)
        if not record.is_seen:
            self._write_of_step(Event.SEEN)

    def _ask_again(self, step: Step) -> None:
        """Has a prediction be asked once more, after the end; what is answered then counts nowhere."""
        self._show(self.lesson.steps.index(step))
        self.is_again = self._was_again = True
        self.phase, self.feedback = Phase.ASKED, ""

    def _end_step(self, feedback: str | None = None) -> str:
        """Ends the step, and gives what is said then: what the record of it tells, if nothing else."""
        self.feedback = self._ended() if feedback is None else feedback
        self.phase = Phase.ANSWERED
        self._write_of_step(Event.DONE)
        return self.feedback

    def _ended(self) -> str:
        """What is said at the end of a step, by what is recorded of it."""
        record, step = self._record, self._step
        models = answers.compared_with(step, self.facts)
        if record.is_skipped:
            return paragraph([answers.shown_answer(self.lesson, step, self.facts), models])
        if record.said and not record.counted:
            is_given = self.transcript.is_recorded and self.transcript.readers is ReadAccess.GIVEN
            thanks = _("Recorded for your teacher.") if is_given else _("Thank you.")
            return paragraph([thanks, models])
        if step.kind is StepKind.DO:
            return success_told(step, self.facts)
        if not record.counted:  # of a question: it was shown to a class
            return answers.shown_answer(self.lesson, step, self.facts) if step.is_votable and record.was_ended else ""
        return answers.recorded_feedback(self.lesson, step, self.facts, record.counted[-1])

    # The transcript

    def _write_of_step(self, event: Event, **values: Any) -> None:
        self.transcript.record(self.lesson, event, step=self._step.id, kind=self._step.kind, **values)


def _is_sentence(text: str) -> bool:
    """Whether a text is long enough to be one: by its words, or in Chinese, which parts none, by its characters."""
    return len(text.split()) >= _FEWEST_WORDS or sum(char.isalpha() and char >= _HAN for char in text) >= _FEWEST_HAN
