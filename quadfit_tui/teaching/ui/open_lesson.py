"""OpenLesson: a lesson that is taken in the app: sets its runs, shows them after a prediction, judges tasks at rest."""

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
from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, Step, StepKind
from quadfit_tui.teaching.ui.pane.lesson_page import LessonPage
from quadfit_tui.teaching.ui.pane.lesson_text import NO_MORE, PREPARING, SHOWN_SOON, WORKING, StepText
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.keymap import JUMP
from quadfit_tui.ui.tasks.diagnosis_worker import Runner
from quadfit_tui.ui.widgets.panes import Panes

_LONGEST_SHOW = 3.0  # seconds in which a run is shown after a prediction, if it would take longer

_GIVE_AWAY = {action for actions in GIVES_AWAY.values() for action in actions}


class OpenLesson:
    """A Course in an app, in whose Session it is taken.

    `show` is given each page, with `True` if it is to be read now; `fail`, why the lesson cannot be taken. Its facts
    are worked out by `run`, beside the event loop, before its first step; commands that come sooner wait for that.
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
        self._is_shown = True  # whether the run of an answered prediction was
        self._pace: tuple[int | None, Unit] | None = None  # the student's, while a run is shown at another one
        self._arrives: Callable[[], None] | None = None  # what is done once the run has come to where it goes
        self._judged: Snapshot | None = None
        self._played: RunConfig | None = None  # the configuration that was last checked for a refusal
        self._waiting: list[Callable[[], None]] = []  # commands, until it is begun

    # Facts

    def start(self, anew: bool = False, checks: bool = False) -> None:
        """Begins the lesson, or goes on where it was left; with `checks` only if all that it states is true."""
        self._show()
        self._run(partial(self._prepare, checks), partial(self._prepared, anew))

    def _prepare(self, checks: bool) -> str:
        """Works out all that the lesson asks for; returns why it cannot be taken, or nothing."""
        if checks and (faults := check(self.course.full_lesson, self.course.facts)):
            return f"{self.course.lesson.file_name}:{faults[0].line}: {faults[0].text}"
        for step in self.course.lesson.steps:
            try:
                self.course.precompute(step)
                if step.run is not None:
                    self.course.facts.value(f"{step.run}.epochs")
            except Exception as failure:  # which is told
                return labeled(step.title, _reason(failure))
        return ""

    def _prepared(self, anew: bool, result: object) -> None:
        if result:
            self._fail(result if isinstance(result, str) else labeled(self.course.lesson.file_name, _reason(result)))
            return
        self.course.transcript.refresh()  # which another session of the student may have gone on with
        self.course.start(anew)
        self._is_begun = True
        self._app.query_one(Panes).withdraw("surface")  # the landscape comes when the lesson speaks of it
        is_told = self.course.number == 1 or self.course.transcript.damage
        self._begin_step(self.course.notice if is_told else "", anew=True)
        while self._waiting:
            self._waiting.pop(0)()

    # What is seen

    def blocks_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether an action of the app is held back now, since it would give an answer away."""
        goes_back = action == "jump" and parameters == (-JUMP,)
        was_there = action == "visit" and parameters <= tuple(self._session.timeline.newest)
        return self.course.hides_outcome and action in _GIVE_AWAY and not (goes_back or was_there)

    @property
    def is_ended(self) -> bool:
        """Whether all its steps are done, and nothing is asked once more."""
        return self._is_begun and self.course.phase is Phase.ENDED and self.course.wrong_prediction is None

    def _show(self, reads: bool = False) -> None:
        if not self._is_begun:
            self._show_page(LessonPage((self.course.lesson.title,), prompt=_(PREPARING)), reads)
            return
        waits = _(WORKING) if self._arrives == self.go_on else "" if self._is_shown else _(SHOWN_SOON)
        self._show_page(self._text.page(waits), reads)

    # Commands

    def answer(self, typed: str) -> None:
        """Commits an answer to the open question."""
        was_asked, was_held_back, tries = self.course.is_asked, self.course.hides_outcome, self.course.tries
        was_choosing = self.course.is_choosing
        said = self.course.answer(typed)
        if was_asked and self.course.phase is Phase.ANSWERED:
            self._end_step(was_held_back)
            return
        if self.course.is_choosing and not was_choosing:
            self._text.begin()
        elif self.course.tries > tries:
            self._text.answer(typed, said)
        else:  # it could not be read, and was no attempt; or nothing is asked any more, as of a vote
            self._text.remark(said)
        self._show(True)

    def go_on(self) -> None:
        """Goes on to the next step; while a prediction's run is shown, to its end, where it is told how it was."""
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
        """Whether a run to compare with has not come to its end: that of an earlier text, or of the present one."""
        is_text = self.course.step is not None and self.course.step.kind is StepKind.SAY
        return self._arrives is not None or (is_text and self._session.snapshot().goal is not None)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before, and nothing is shown that would go on at this one."""
        return self._is_begun and self._is_shown and self.course.can_go_back

    def action_look_back(self) -> None:
        """Shows the step before, to be read."""
        if self.can_go_back and self.course.back():
            self._begin_step(anew=True)

    def go_to(self, step: Step) -> None:
        """Goes to any step, unanswered, as whoever teaches does."""
        self._show_all()
        self.course.go_to(step)
        self._begin_step(anew=True)

    def action_hint(self) -> None:
        """Shows the next hint."""
        before = len(self.course.hints)
        said = self.course.hint()
        if len(self.course.hints) > before:
            self._text.add(said, "hint")
        else:  # there is none, or all of them stand there
            self._text.remark(_(NO_MORE) if before else said)
        self._show(True)

    def action_skip(self) -> None:
        """Gives the step up, where it is asked for twice."""
        was_held_back = self.course.hides_outcome
        was_answered = self.course.phase is Phase.ANSWERED
        said = self.course.skip()
        if self.course.phase is Phase.ANSWERED and not was_answered:
            self._end_step(was_held_back)
        else:
            self._text.remark(said)
            self._show(True)

    def action_again(self) -> None:
        """Sets the step up again."""
        if not self._is_begun:
            return
        self._show_all()
        self.course.again()
        self._text.remark("")
        self._set_up(anew=True)
        self._show()

    def when_begun(self, command: Callable[[], None]) -> None:
        """Does a command as soon as the lesson is begun."""
        if self._is_begun:
            command()
        else:
            self._waiting.append(command)

    def reveal(self) -> None:
        """Shows a class what happens, and the answer."""
        was_held_back, step = self.course.hides_outcome, self.course.step
        if self.course.phase is Phase.ASKED:
            self.course.reveal()
            self._end_step(was_held_back)
        elif step is not None and step.kind in PREDICTIONS and step.run is not None:  # once more
            self._play(step.run)

    @property
    def is_over(self) -> bool:
        """Whether it is a vote, of which the class was shown what happens, and it is told here."""
        is_shown = isinstance(self.course, Vote) and self.course.question.state is VoteState.SHOWN
        return self._is_begun and self._is_shown and is_shown

    def follow(self, question: Question | None) -> None:
        """Goes along with the class in a vote, to its end."""
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

    def leave(self) -> None:
        """Leaves the lesson, to come back some other time."""
        self._waiting.clear()
        self._restore_pace()
        if self._is_begun:
            self.course.leave()
            self.course.transcript.finish()  # its pane has told already of what still cannot be written

    def watch(self, snapshot: Snapshot) -> None:
        """Looks at the run whenever it rests: at the end of what is shown, and whether a task is done."""
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
            told = self.course.watch(snapshot)
            if told and self.course.phase is Phase.ANSWERED:
                self._end_step(False)
            elif told:
                self._text.try_again(told)
                self._show(True)

    def _refuse(self, snapshot: Snapshot) -> None:
        """Refuses a run that changes what its task does not let change, as soon as it plays: its end may be far off."""
        if self._arrives is None and snapshot.config is not self._played:
            self._played = snapshot.config
            if told := self.course.refusal(snapshot.config):
                self._text.try_again(told)
                self._show(True)

    def _arrive(self) -> None:
        arrives, self._arrives = self._arrives, None
        if arrives is not None:
            arrives()

    # Steps

    def _begin_step(self, notice: str = "", anew: bool = False) -> None:
        self._judged, self._played, self._is_shown, self._arrives = None, None, True, None
        self._text.begin(notice)
        self._set_up(anew)
        if self.course.phase is not Phase.ANSWERED:
            self._text.remark(self.course.vote_text)
        self._show(True)

    def _end_step(self, is_prediction: bool, told: str = "") -> None:
        """Says what there is to say after a step; of a prediction once its run was shown, and `told` meanwhile."""
        step = self.course.step
        self._text.remark(told)  # in the place of what was wrong before
        if is_prediction and step is not None and step.run is not None:
            self._is_shown = False
            self._show()
            self._play(step.run)
        else:
            self._text.conclude()
            self._show(True)

    def _play(self, run: str) -> None:
        """Shows the run that was asked about, all of it within some seconds."""
        session, self._arrives = self._session, None
        if self._script.show():
            epochs = self.course.facts.number(f"{run}.epochs")
            self._pace = session.speed, session.unit
            session.unit = Unit.EPOCH
            session.speed = max(DEFAULT_SPEED, math.ceil(epochs / _LONGEST_SHOW))
        self._app.training.advance()

    def _show_all(self) -> None:
        """Ends what is shown after a prediction: then it is told how it was."""
        self._restore_pace()
        if not self._is_shown:
            self._is_shown = True
            self._text.conclude()
            self._show(True)

    def _restore_pace(self) -> None:
        if self._pace is not None:
            (self._session.speed, self._session.unit), self._pace = self._pace, None
            self._echo()

    def _echo(self) -> None:
        """Shows a change as soon as what is being shown now has been."""
        self._app.call_later(self._app.training.echo)

    def _set_up(self, anew: bool = False) -> None:
        """Sets the app as the step wants it; `anew`: as it and those before it do."""
        step = self.course.step
        view = None if step is None else self.course.lesson.view(step) if anew else step.view
        if step is not None and step.kind is StepKind.DRAW:
            view = "loss"  # which is drawn
        if view is not None:
            self._app.query_one(Panes).choose(view)
        if step is not None and step.removed_view:
            self._app.show_notice(full_stop(capitalized(about_removed(step.removed_view))), stays=True, warns=False)
        if step is not None and step.speed is not None:
            self._session.speed = SPEEDS[step.speed]
        if anew and self._script.compare():
            self._arrives = partial(self._set_up_run, anew)
            self._app.training.advance()  # which looks at where it has come to
        else:
            self._set_up_run(anew)

    def _set_up_run(self, anew: bool) -> None:
        if self._script.set_up(anew):
            self._app.training.advance()


def _reason(failure: object) -> str:
    """What an exception says; its name where it says nothing."""
    return str(failure) or type(failure).__name__
