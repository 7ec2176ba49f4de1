"""OpenLesson: a lesson that is open in the app: sets up and plays its runs, and judges tasks when a run rests."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.view_names import about_removed
from quadfit_tui.core.session.playback import DEFAULT_SPEED, SPEEDS, Unit
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, full_stop, labeled
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.teaching.classroom.classroom import Question, VoteState
from quadfit_tui.teaching.classroom.vote import Vote
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import Script
from quadfit_tui.teaching.course.standing import GIVES_AWAY, Phase
from quadfit_tui.teaching.judging.check import first_fault
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, Step, StepKind
from quadfit_tui.teaching.ui.pane.lesson_page import LessonPage
from quadfit_tui.teaching.ui.pane.lesson_text import NO_MORE, PREPARING, SHOWN_SOON, WORKING, StepText
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.keymap import JUMP
from quadfit_tui.ui.tasks.diagnosis_worker import Runner
from quadfit_tui.ui.widgets.panes import Panes

_LONGEST_SHOW = 3.0  # seconds; maximum time in which a run is played after a prediction

_GIVE_AWAY = {action for actions in GIVES_AWAY.values() for action in actions}


class OpenLesson:
    """A course that is open in the app: plays its runs in the app's session, and judges tasks when a run rests.

    `show` receives each page, with `True` if it must be brought into sight; `fail` receives why the lesson cannot be
    taken. Its facts are computed by `run`, beside the event loop, before the first step; commands that come sooner wait
    for that.
    """

    def __init__(
        self,
        course: Course,
        app: QuadfitApp,
        run: Runner,
        show: Callable[[LessonPage, bool], None],
        fail: Callable[[str], None],
    ) -> None:
        self.course = course
        self._script = Script(course, app.session, partial(app.runs.restart, at_once=True))
        self._app, self._session = app, app.session
        self._show_page, self._fail = show, fail
        self._run = run
        self._text = StepText(course)
        self._is_begun = False
        self._is_shown = True  # whether the run of an answered prediction was shown to its end
        self._pace: tuple[int | None, Unit] | None = None  # the user's speed, saved while a run is shown at another one
        self._pace_before = app.session.speed, app.session.unit  # that of before the lesson, whose steps set others
        self._runs_before = (*app.session.earlier, app.session.run)  # those of the user, which the lesson drops
        self._arrives: Callable[[], None] | None = None  # callback for when the run reaches its goal
        self._judged: Snapshot | None = None
        self._played: RunConfig | None = None  # the configuration that was last checked for a refusal
        self._waiting: list[Callable[[], None]] = []  # commands that wait until the facts are computed

    # Facts

    def start(self, anew: bool = False, checks: bool = False) -> None:
        """Starts or resumes the lesson once its facts are computed; with `checks` only if they are all true."""
        self._show()
        self._run(partial(self._prepare, checks), partial(self._prepared, anew))

    def _prepare(self, checks: bool) -> str:
        """Computes all facts of the lesson, in the job thread; returns why it cannot be taken, or an empty string."""
        if checks and (fault := first_fault(self.course.full_lesson, self.course.facts)):
            return fault
        for step in self.course.lesson.steps:
            try:
                self.course.precompute(step)
                if step.run is not None:
                    self.course.facts.value(f"{step.run}.epochs")
            except Exception as failure:  # the user is told
                return labeled(step.title, _reason(failure))
        return ""

    def _prepared(self, anew: bool, result: object) -> None:
        """Shows the first step, or why there is none, when the facts are computed; then runs waiting commands."""
        if result:
            self._fail(result if isinstance(result, str) else labeled(self.course.lesson.file_name, _reason(result)))
            return
        self.course.transcript.refresh()  # another session of the student may have appended to it
        self.course.start(anew)
        self._is_begun = True
        self._app.query_one(Panes).put_last("surface")  # the landscape comes when the lesson speaks of it
        transcript = self.course.transcript
        shows_notice = self.course.number == 1 or transcript.damage or transcript.failure
        self._begin_step(self.course.notice if shows_notice else "", anew=True)
        while self._waiting:
            self._waiting.pop(0)()

    # What is seen

    def blocks_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether an action of the app is blocked now: it would give the answer of a prediction away.

        Or it would leave the run that is asked about: c, which a student types who means an answer.
        """
        if action == "carry_on" and self.course.phase is Phase.ASKED:
            return True
        goes_back = action == "jump" and parameters == (-JUMP,)
        was_there = action == "visit" and parameters <= tuple(self._session.timeline.newest)
        return self.course.hides_outcome and action in _GIVE_AWAY and not (goes_back or was_there)

    @property
    def is_ended(self) -> bool:
        """Whether all steps are done, and no prediction will be asked once more."""
        return self._is_begun and self.course.phase is Phase.ENDED and self.course.wrong_prediction is None

    def _show(self, reads: bool = False) -> None:
        """Shows the current page, with what the lesson waits for; with `reads` brings it into sight."""
        if not self._is_begun:
            self._show_page(LessonPage((self.course.lesson.title,), prompt=_(PREPARING)), reads)
            return
        if self._arrives == self.go_on:
            waits = _(WORKING)
        elif self._is_shown:
            waits = ""
        else:
            waits = _(SHOWN_SOON)
        self._show_page(self._text.page(waits), reads)

    # Commands

    def answer(self, answer: str) -> None:
        """Commits an answer to the open question, and shows the feedback or the run."""
        was_asked, was_held_back, tries = self.course.is_asked, self.course.hides_outcome, self.course.tries
        was_choosing = self.course.is_choosing
        feedback = self.course.answer(answer)
        if was_asked and self.course.phase is Phase.ANSWERED:
            self._end_step(was_held_back)
            return
        if self.course.is_choosing and not was_choosing:
            self._text.begin()
        elif self.course.tries > tries:
            self._text.answer(answer, feedback)
        else:  # it was unreadable, and no attempt; or the question is closed, such as a vote
            self._text.remark(feedback)
        self._show(True)

    def go_on(self) -> None:
        """Moves on to the next step (Enter); while a run is shown, skips to its end, where the feedback is."""
        if not (self._is_shown or self._session.is_busy):
            self._show_all()
        elif not self._is_shown:
            self._session.speed = None
            self._echo()
        elif self._is_under_way:
            self._arrives = self._arrives or self.go_on
            self._show()
        else:
            was_back = self.course.is_back
            if self.course.confirm():
                self._begin_step(anew=was_back or self.course.is_again)

    @property
    def _is_under_way(self) -> bool:
        """Whether a run of a text, needed for comparison or shown now, is still playing."""
        is_text = self.course.step is not None and self.course.step.kind is StepKind.SAY
        return self._arrives is not None or (is_text and self._session.snapshot().goal is not None)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a previous step to go to, and no run is being shown that would go on at this one."""
        return self._is_begun and self._is_shown and self.course.can_go_back

    def action_look_back(self) -> None:
        """Shows the previous step, to be read again."""
        if self.can_go_back and self.course.back():
            self._begin_step(anew=True)

    def go_to(self, step: Step) -> None:
        """Moves to any step without answering others, for a teacher."""
        self._show_all()
        self.course.go_to(step)
        self._begin_step(anew=True)

    def action_hint(self) -> None:
        """Shows the next hint."""
        before = len(self.course.hints)
        hint = self.course.hint()
        if len(self.course.hints) > before:
            self._text.add(hint, "hint")
        else:  # there is no hint, or all of them are shown already
            self._text.remark(_(NO_MORE) if before else hint)
        self._show(True)

    def action_skip(self) -> None:
        """Skips the step if the key is pressed twice; the first time, asks for that."""
        was_held_back = self.course.hides_outcome
        was_answered = self.course.phase is Phase.ANSWERED
        message = self.course.skip()
        if self.course.phase is Phase.ANSWERED and not was_answered:
            self._end_step(was_held_back)
        else:
            self._text.remark(message)
            self._show(True)

    def action_again(self) -> None:
        """Sets up the step again: its view, its run and its moment."""
        if not self._is_begun:
            return
        self._show_all()
        self.course.again()
        self._text.remark("")
        self._set_up(anew=True)
        self._show()

    def when_begun(self, command: Callable[[], None]) -> None:
        """Runs a command as soon as the facts are computed and the first step is shown."""
        if self._is_begun:
            command()
        else:
            self._waiting.append(command)

    def reveal(self) -> None:
        """Shows a class the outcome and the answer, when its teacher ends the vote."""
        was_held_back, step = self.course.hides_outcome, self.course.step
        if self.course.phase is Phase.ASKED:
            self.course.reveal()
            self._end_step(was_held_back)
        elif step is not None and step.kind in PREDICTIONS and step.run is not None:  # the run is shown once more
            self._play(step.run)

    @property
    def is_over(self) -> bool:
        """Whether it is a vote whose outcome the class and this student have seen."""
        is_shown = isinstance(self.course, Vote) and self.course.question.state is VoteState.SHOWN
        return self._is_begun and self._is_shown and is_shown

    def follow(self, question: Question | None) -> None:
        """Applies the state of the class to the open vote: reopened, closed, or shown."""
        vote = self.course
        assert isinstance(vote, Vote)
        before = vote.question
        if not vote.follow(question):
            return
        present = vote.question
        if present.state is VoteState.SHOWN:
            if before.state is not VoteState.SHOWN:
                self._end_step(vote.lesson.steps[0].kind in PREDICTIONS, vote.vote_text)
        elif before.state is VoteState.SHOWN or before.since != present.since:
            self._begin_step()
        else:
            self._text.remark(vote.vote_text)
            self._show(True)

    def pass_vote(self, step: str) -> None:
        """Moves on from a step whose outcome the student has just seen with the class."""
        if self.course.pass_vote(step):
            self._begin_step(anew=True)

    def leave(self) -> None:
        """Leaves the lesson, to be resumed later; restores the speed and earlier runs, and writes pending records."""
        self._waiting.clear()
        self._pace = self._pace_before
        self._restore_pace()
        if self._is_begun:
            self._session.put_back(self._runs_before)
            self.course.leave()
            self.course.transcript.finish()  # the pane has already shown if something cannot be written

    def watch(self, snapshot: Snapshot) -> None:
        """Reacts to a snapshot of the run: at rest, ends what is shown and judges the open task."""
        if not self._is_begun:
            return
        if self._session.is_busy:
            self._refuse(snapshot)
            return
        if self._arrives is not None:
            self._app.call_later(self._arrive)
            return
        self._show_all()
        if snapshot is not self._judged:
            self._judged = snapshot
            remark = self.course.watch(snapshot)
            if remark and self.course.phase is Phase.ANSWERED:
                self._end_step(False)
            elif remark:
                self._text.try_again(remark)
                self._show(True)

    def _refuse(self, snapshot: Snapshot) -> None:
        """Shows at once that a playing run changes what its task forbids: its end may be far off."""
        if self._arrives is None and snapshot.config is not self._played:
            self._played = snapshot.config
            if refusal := self.course.refusal(snapshot.config):
                self._text.try_again(refusal)
                self._show(True)

    def _arrive(self) -> None:
        """Calls the callback of a run that has reached its goal."""
        callback, self._arrives = self._arrives, None
        if callback is not None:
            callback()

    # Steps

    def _begin_step(self, notice: str = "", anew: bool = False) -> None:
        """Shows the current step and sets the app up for it; `notice` is shown with its text."""
        self._judged, self._played, self._is_shown, self._arrives = None, None, True, None
        self._text.begin(notice)
        self._set_up(anew)
        if self.course.phase is not Phase.ANSWERED:
            self._text.remark(self.course.vote_text)
        self._show(True)

    def _end_step(self, is_prediction: bool, remark: str = "") -> None:
        """Shows the feedback at the end of a step; for a prediction first plays its run, showing `remark` meanwhile."""
        step = self.course.step
        self._text.remark(remark)  # replaces the feedback to a wrong answer
        if is_prediction and step is not None and step.run is not None:
            self._is_shown = False
            self._show()
            self._play(step.run)
        else:
            self._text.conclude()
            self._show(True)

    def _play(self, run: str) -> None:
        """Plays the run of a prediction, within _LONGEST_SHOW seconds."""
        session, self._arrives = self._session, None
        if self._script.show():
            epochs = self.course.facts.number(f"{run}.epochs")
            self._pace = session.speed, session.unit
            session.unit = Unit.EPOCH
            session.speed = max(DEFAULT_SPEED, math.ceil(epochs / _LONGEST_SHOW))
        self._app.training.advance()

    def _show_all(self) -> None:
        """Ends the playing of a run after a prediction, and shows the feedback."""
        self._restore_pace()
        if not self._is_shown:
            self._is_shown = True
            self._text.conclude()
            self._show(True)

    def _restore_pace(self) -> None:
        """Restores the user's speed after a run was shown."""
        if self._pace is not None:
            (self._session.speed, self._session.unit), self._pace = self._pace, None
            self._echo()

    def _echo(self) -> None:
        """Shows a changed speed once the current frame is finished."""
        self._app.call_later(self._app.training.echo)

    def _set_up(self, anew: bool = False) -> None:
        """Sets view, speed and run as the step asks; with `anew` as it and the steps before it do."""
        step = self.course.step
        view = None
        if step is not None:
            view = self.course.lesson.view(step) if anew else step.view
        if step is not None and step.kind is StepKind.DRAW:
            view = "loss"  # the curve is drawn there
        if view is not None:
            self._app.query_one(Panes).choose(view)
        if step is not None and step.removed_view:
            self._app.show_notice(full_stop(capitalized(about_removed(step.removed_view))), stays=True, warns=False)
        if step is not None and step.speed is not None:
            self._session.speed = SPEEDS[step.speed]
        if anew and self._script.compare():
            self._arrives = partial(self._set_up_run, anew)
            self._app.training.advance()  # it checks whether the run has reached its goal
        else:
            self._set_up_run(anew)

    def _set_up_run(self, anew: bool) -> None:
        """Sets up the run of the step, once the run to compare it with has arrived."""
        if self._script.set_up(anew):
            self._app.training.advance()


def _reason(failure: object) -> str:
    """Returns the message of an exception, or its class name if it has none."""
    return str(failure) or type(failure).__name__
