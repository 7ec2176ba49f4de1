"""Dialogue: lessons by lines of text, such as for screen readers: commands in words, answers in sentences.

It uses no screen and opens no file: callers pass lines, and output the sentences that it yields.
"""

from __future__ import annotations

from functools import partial

from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.text.language import _, full_stop, ngettext, paragraph
from quadfit_tui.core.text.quoting import did_you_mean, quoted
from quadfit_tui.core.text.sentences import capitalized, with_stop
from quadfit_tui.teaching.classroom.classroom import Classroom, Question, VoteState
from quadfit_tui.teaching.classroom.vote import Vote, lesson_of, where_it_is
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.script import prompt
from quadfit_tui.teaching.course.standing import GIVES_AWAY, Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.dialogue.commands import COMMANDS, WORDS, Command
from quadfit_tui.teaching.dialogue.lesson_dialogue import LessonDialogue, Sentences
from quadfit_tui.teaching.dialogue.run_dialogue import RunDialogue
from quadfit_tui.teaching.dialogue.words import known_words, preferred_word, read_line, strip_unit
from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import Face, Lesson


class Dialogue:
    """A student's session with the lessons of a catalog, line by line; `is_over` once the student has left.

    `known` are digests of lessons that need no check before they are taken. `scene` is a run to play with while no
    lesson is open. With a `classroom`, callers must also output what `refresh` yields while nothing is typed.
    """

    def __init__(
        self,
        catalog: Catalog,
        transcript: Transcript,
        *,
        known: frozenset[str] = frozenset(),
        shows_notes: bool = False,
        classroom: Classroom | None = None,
        scene: RunDialogue | None = None,
    ) -> None:
        self.is_over = False
        self._catalog = catalog
        self._transcript = transcript
        self._known = known
        self._shows_notes = shows_notes
        self._classroom = classroom
        self._scene = scene
        self._open: LessonDialogue | None = None
        self._own: LessonDialogue | None = None  # the student's lesson while a vote is open
        self._status = transcript.status  # as output last

    def begin(self, lesson: Lesson | None = None) -> Sentences:
        """Yields the first sentences: of a lesson, of the run to play with, or else the list of lessons."""
        if lesson is None and self._scene is not None:
            yield _("Welcome to quadfit-tui.")
            yield from self._scene.introduce()
            yield self._prompt()
        elif lesson is None:
            yield _("Welcome to the lessons of quadfit-tui.")
            yield from self.list()
        else:
            yield from self.refresh()
            yield from self._start(lesson, Facts(lesson, face=Face.SPOKEN))

    def handle_line(self, line: str) -> Sentences:
        """Runs the command, or judges the answer, in a line that a student typed; yields the sentences of the reply."""
        text = " ".join(line.split())
        typed = read_line(text, WORDS)
        command, lesson = COMMANDS.get(typed.command), self._open
        is_answer = lesson is not None and lesson.is_answer(typed, command is not None and command.takes)
        yield from self.refresh()  # first, as the vote may be closed by now
        if lesson is not None and is_answer:
            yield from lesson.answer(text)
        elif not text:
            yield from self.go_on()
        elif command is not None:
            yield from self._do(command, typed.command, typed.rest or typed.implied)
        elif lesson is None and self._may_name_lesson(text):
            yield from self._do(COMMANDS["lesson"], "lesson", strip_unit(text))
        else:
            word = text.partition(" ")[0]
            problem = did_you_mean(_("{name} is no command").format(name=quoted(word)), word, known_words(WORDS))
            yield _("{problem}; help lists them.").format(problem=problem)
        if self._status != self._transcript.status:
            self._status = self._transcript.status
            yield self._transcript.status_sentence

    def _may_name_lesson(self, text: str) -> bool:
        """Whether a text can be the name of a lesson; beside a run other words are commands with a slip."""
        ids = [lesson.id for lesson in self._catalog.lessons]
        return self._scene is None or text.casefold() in ids or not text.partition(" ")[0].isalpha()

    def _do(self, command: Command, name: str, rest: str) -> Sentences:
        """Runs a command if it is possible now, and yields its sentences, or why it is not."""
        lesson = self._open
        if rest and not command.takes:
            yield _("{command} stands alone.").format(command=capitalized(preferred_word(command.words)))
        elif command.needs_lesson and lesson is None and not (command.is_of_run and self.run):
            yield paragraph([_("No lesson is open."), self._prompt()])
        elif command.is_of_run and self.run is None:
            yield _("There is no run here.")
        elif lesson is not None and lesson.course.hides_outcome and name in GIVES_AWAY:
            yield paragraph([_("Answer the question first."), self._prompt()])
        else:
            try:
                yield from command.do(self, rest)
            except ConfigError as refused:  # its problem does not repeat the parameter that was named
                yield with_stop(refused.problem)
            except (ValueError, TooMuchWorkError) as refused:  # its message is meant for users
                yield with_stop(str(refused))
            if command.is_of_run and lesson is not None:
                yield from lesson.refresh()

    def _prompt(self) -> str:
        """Returns the sentence that names what can be typed now."""
        if self._open is not None:
            return prompt(self._open.course)
        if self._scene is not None:
            return _("Type go, rate and a value, list for the lessons, help for all commands, or quit.")
        return _("Type a number, list, or quit.")

    # The lessons

    def list(self) -> Sentences:
        """Yields the list of lessons, with the student's progress in each."""
        yield ngettext("There is {n} lesson.", "There are {n} lessons.", len(self._catalog.lessons))
        for number, lesson in enumerate(self._catalog.lessons, 1):
            progress = LessonProgress(lesson, self._transcript.of_lesson(lesson.id))
            if progress.is_ended:
                template = _("{number}, done: {title}")
            elif progress.is_begun:
                template = _("{number}, {done} of {steps} steps done: {title}")
            else:
                template = _("{number}, not begun: {title}")
            steps = len(lesson.steps)
            yield template.format(number=number, done=progress.done, steps=steps, title=with_stop(lesson.title))
        yield _("Type lesson and a number, as in lesson 1, or quit.") if self._open else _("Type a number, or quit.")

    def choose(self, name: str) -> Sentences:
        """Opens a lesson by its number, id or file, where the student left it; raises ValueError if there is none."""
        lesson = self._catalog.find(name)
        facts = Facts(lesson, face=Face.SPOKEN)
        yield from self._faults(lesson, facts)
        if lesson.digest in self._known:
            for left in filter(None, (self._own, self._open)):
                left.course.leave()
            yield from self._start(lesson, facts)

    def _faults(self, lesson: Lesson, facts: Facts) -> Sentences:
        """Checks a lesson before it is opened: yields its faults, or adds it to the known lessons if it has none."""
        if lesson.digest in self._known:
            return
        if faults := check(lesson, facts):
            yield paragraph([with_stop(lesson.title), _("This lesson states what is not true, and cannot be taken.")])
            template = _("Line {line}: {problem}")
            yield from (template.format(line=fault.line, problem=with_stop(fault.text)) for fault in faults)
        else:
            self._known |= {lesson.digest}

    def _start(self, lesson: Lesson, facts: Facts, anew: bool = False) -> Sentences:
        """Opens a lesson that was checked; `anew`: from its first step."""
        self._own = None
        voted = str if self._classroom is None else partial(self._classroom.step_under_vote, lesson.id)
        course = Course(lesson, facts, self._transcript, shows_notes=self._shows_notes, voted_step=voted)
        self._open = LessonDialogue(course)
        yield from self._open.start(anew)
        self._status = self._transcript.status  # the start of a lesson has output it

    def anew(self) -> Sentences:
        """Restarts the open lesson at its first step."""
        course = self.lesson.course
        if course.is_vote:
            return iter([_("This is a question of the class, which votes once more if the teacher says so.")])
        return self._start(course.lesson, course.facts, anew=True)

    # The class

    def refresh(self) -> Sentences:
        """Yields news of the class: another question, or the end of a vote; called with each line and while idle."""
        if self._classroom is None or not self._classroom.refresh():
            return
        question = self._classroom.question
        if self._is_vote:
            yield from self.lesson.follow(question)
        is_open = question is not None and question.state is VoteState.OPEN and not self._is_joined(question)
        place = where_it_is(question, self._catalog.lessons) if question is not None and is_open else ""
        if place:
            yield paragraph([full_stop(place), _("Type join to answer it.")])

    def join(self) -> Sentences:
        """Opens the question that the class votes on; the student's lesson stays open behind it."""
        if self._classroom is None:
            yield paragraph([_("There is no class here."), self._prompt()])
            return
        question = self._classroom.question
        lesson = None if question is None else lesson_of(question, self._catalog.lessons)
        if question is None or lesson is None:
            yield paragraph([_("The class is at no question."), self._prompt()])
            return
        facts = Facts(lesson, face=Face.SPOKEN)
        yield from self._faults(lesson, facts)
        if lesson.digest in self._known:
            self._own = self._own if self._is_vote else self._open
            self._open = LessonDialogue(Vote(lesson, question, facts, self._transcript))
            yield from self._open.start()

    @property
    def _is_vote(self) -> bool:
        """Whether a question of the class is open."""
        return self._open is not None and self._open.course.is_vote

    def _is_joined(self, question: Question) -> bool:
        """Whether the student has opened this question of the class."""
        return self._is_vote and (self.lesson.course.lesson.id, self.lesson.course.lesson.steps[0].id) == question.place

    # Commands that work in a lesson and outside of one

    @property
    def lesson(self) -> LessonDialogue:
        """The open lesson; there must be one."""
        assert self._open is not None
        return self._open

    @property
    def run(self) -> RunDialogue | None:
        """The run that commands act on now, or None if there is none."""
        return self._scene if self._open is None else self._open.run

    def go_on(self) -> Sentences:
        """Continues the lesson, as an empty line does; after a vote, returns to the student's lesson."""
        if self._is_vote and self.lesson.course.phase is Phase.ANSWERED:
            voted = self.lesson.course.lesson.steps[0].id
            self._open, self._own = self._own, None
            if self._open is None:
                return iter([self._prompt()])
            self._open.course.pass_vote(voted)
            return self._open.say_step(anew=True)
        return iter([self._prompt()]) if self._open is None else self._open.go_on()

    def help(self, topic: str) -> Sentences:
        """Yields a sentence on each command that is possible now; in a lesson, on those of its run for topic `run`."""
        in_lesson = self._open is not None
        if topic not in ("", "run"):
            yield _("Type help, or help run.")
            return
        for name, command in COMMANDS.items():
            is_possible = in_lesson or not command.needs_lesson
            if command.is_of_run:
                is_possible = self.run is not None and (topic == "run" or not in_lesson)
            elif topic == "run" or (name == "join" and self._classroom is None):
                is_possible = False
            if is_possible:
                yield _(command.help)
        if in_lesson and not topic:
            yield _("Help run tells the commands of the run.")
        yield self._prompt()

    def leave(self) -> Sentences:
        """Ends the dialogue, by command or at the end of the input; yields the last sentence."""
        self.is_over = True
        lesson = self._own if self._is_vote else self._open
        if lesson is not None:
            lesson.course.leave()
        if lesson is not None and lesson.course.phase is not Phase.ENDED and not lesson.course.is_again:
            yield _("You left at step {number}; come back at any time.").format(number=lesson.course.number)
        else:
            yield _("Goodbye.")
