"""Dialogue: lessons by lines of text, for whoever hears them: commands in words, answers in sentences.

It knows no screen and opens no file: it is given lines, and gives what is to be said.
"""

from __future__ import annotations

from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.text.language import _, full_stop, ngettext, paragraph
from quadfit_tui.core.text.quoting import did_you_mean, quoted
from quadfit_tui.core.text.sentences import capitalized, ended
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
from quadfit_tui.teaching.dialogue.words import as_number, known_words, read_line, word_of
from quadfit_tui.teaching.judging.check import check
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import Face, Lesson


class Dialogue:
    """A student's way through the lessons of a catalog. `is_over` once it was left.

    `scene` is a run to play with while no lesson is open. `known` are the digests of lessons that need not be checked
    before they are taken. With a `classroom`, `refresh` tells where the class is, and is to be said while nothing is
    typed, too.
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
        self._own: LessonDialogue | None = None  # the lesson that is open behind a vote
        self._status = transcript.status  # as it was said last

    def begin(self, lesson: Lesson | None = None) -> Sentences:
        """The first words: of a lesson, of the run to play with, or else the list of lessons."""
        if lesson is None and self._scene is not None:
            yield _("Welcome to quadfit-tui.")
            yield from self._scene.introduce()
            yield self._prompt()
        elif lesson is None:
            yield _("Welcome to the lessons of quadfit-tui.")
            yield from self.list()
        else:
            yield from self._start(lesson, Facts(lesson, face=Face.SPOKEN))

    def handle_line(self, line: str) -> Sentences:
        """What is said to a line that was typed."""
        text = " ".join(line.split())
        typed = read_line(text, WORDS)
        command, lesson = COMMANDS.get(typed.command), self._open
        is_answer = lesson is not None and lesson.is_answer(typed, command is not None and command.takes)
        yield from self.refresh()  # after that a vote may be too late
        if lesson is not None and is_answer:
            yield from lesson.answer(text)
        elif not text:
            yield from self.go_on()
        elif command is not None:
            yield from self._do(command, typed.command, typed.rest or typed.given)
        elif lesson is None:
            yield from self._do(COMMANDS["lesson"], "lesson", as_number(text))
        else:
            word = text.partition(" ")[0]
            problem = did_you_mean(_("{name} is no command").format(name=quoted(word)), word, known_words(WORDS))
            yield _("{problem}; help lists them.").format(problem=problem)
        if self._status != self._transcript.status:
            self._status = self._transcript.status
            yield self._transcript.status_sentence

    def _do(self, command: Command, name: str, rest: str) -> Sentences:
        lesson = self._open
        if rest and not command.takes:
            yield _("{command} stands alone.").format(command=capitalized(word_of(command.words)))
        elif command.needs_lesson and lesson is None and not (command.is_of_run and self.run):
            yield paragraph([_("No lesson is open."), self._prompt()])
        elif command.is_of_run and self.run is None:
            yield _("There is no run here.")
        elif lesson is not None and lesson.course.hides_outcome and name in GIVES_AWAY:
            yield paragraph([_("Answer the question first."), self._prompt()])
        else:
            try:
                yield from command.do(self, rest)
            except ConfigError as refused:  # of the parameter that was named
                yield ended(refused.problem)
            except (ValueError, TooMuchWorkError) as refused:  # of the core, told as it is
                yield ended(str(refused))
            if command.is_of_run and lesson is not None:
                yield from lesson.refresh()

    def _prompt(self) -> str:
        if self._open is not None:
            return prompt(self._open.course)
        if self._scene is not None:
            return _("Type go, rate and a value, list for the lessons, help for all commands, or quit.")
        return _("Type a number, list, or quit.")

    # The lessons

    def list(self) -> Sentences:
        """All lessons, and how far the student is in each."""
        yield ngettext("There is {n} lesson.", "There are {n} lessons.", len(self._catalog.lessons))
        for number, lesson in enumerate(self._catalog.lessons, 1):
            progress = LessonProgress(lesson, self._transcript.of_lesson(lesson.id))
            if progress.is_ended:
                said = _("{number}, done: {title}")
            elif progress.is_begun:
                said = _("{number}, {done} of {steps} steps done: {title}")
            else:
                said = _("{number}, not begun: {title}")
            steps = len(lesson.steps)
            yield said.format(number=number, done=progress.done, steps=steps, title=ended(lesson.title))
        yield _("Type lesson and a number, as in lesson 1, or quit.") if self._open else _("Type a number, or quit.")

    def choose(self, name: str) -> Sentences:
        """Begins a lesson, or comes back to it: by its number, id or file. Raises ValueError where there is none."""
        lesson = self._catalog.find(name)
        facts = Facts(lesson, face=Face.SPOKEN)
        yield from self._faults(lesson, facts)
        if lesson.digest in self._known:
            for each in filter(None, (self._own, self._open)):
                each.course.leave()
            yield from self._start(lesson, facts)

    def _faults(self, lesson: Lesson, facts: Facts) -> Sentences:
        """Tells what a lesson states that is not true; one that has nothing of it is known from then on."""
        if lesson.digest in self._known:
            return
        if faults := check(lesson, facts):
            yield paragraph([ended(lesson.title), _("This lesson states what is not true, and cannot be taken.")])
            said = _("Line {line}: {problem}")
            yield from (said.format(line=fault.line, problem=ended(fault.text)) for fault in faults)
        else:
            self._known |= {lesson.digest}

    def _start(self, lesson: Lesson, facts: Facts, anew: bool = False) -> Sentences:
        self._own = None
        course = Course(lesson, facts, self._transcript, shows_notes=self._shows_notes)
        self._open = LessonDialogue(course)
        yield from self._open.start(anew)
        self._status = self._transcript.status  # which was said

    def anew(self) -> Sentences:
        """Begins the open lesson once more."""
        course = self.lesson.course
        if course.is_vote:
            return iter([_("This is a question of the class, which votes once more if the teacher says so.")])
        return self._start(course.lesson, course.facts, anew=True)

    # The class

    def refresh(self) -> Sentences:
        """What there is to say of the class: whenever it is somewhere else, or has come to the end of a vote."""
        if self._classroom is None or not self._classroom.refresh():
            return
        question = self._classroom.question
        if self._is_vote:
            yield from self.lesson.follow(question)
        is_open = question is not None and question.state is VoteState.OPEN and not self._is_joined(question)
        told = where_it_is(question, self._catalog.lessons) if question is not None and is_open else ""
        if told:
            yield paragraph([full_stop(told), _("Type join to answer it.")])

    def join(self) -> Sentences:
        """Goes to the question that the class is at. The own lesson stays open behind it."""
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
        return self._open is not None and self._open.course.is_vote

    def _is_joined(self, question: Question) -> bool:
        return self._is_vote and (self.lesson.course.lesson.id, self.lesson.course.lesson.steps[0].id) == question.place

    # What is the same in a lesson and outside of one

    @property
    def lesson(self) -> LessonDialogue:
        """The open lesson."""
        assert self._open is not None
        return self._open

    @property
    def run(self) -> RunDialogue | None:
        """The run that can be played with now."""
        return self._scene if self._open is None else self._open.run

    def go_on(self) -> Sentences:
        """Goes on, as an empty line does; after a vote with the own lesson."""
        if self._is_vote and self.lesson.course.phase is Phase.ANSWERED:
            self._open, self._own = self._own, None
            return iter([self._prompt()]) if self._open is None else self._open.say_step(anew=True)
        return iter([self._prompt()]) if self._open is None else self._open.go_on()

    def help(self) -> Sentences:
        """All commands."""
        left_out = {"join"} if self._classroom is None else set()
        yield from (_(command.help) for name, command in COMMANDS.items() if name not in left_out)
        yield self._prompt()

    def leave(self) -> Sentences:
        """The last words, at the end of the input or where it is left."""
        self.is_over = True
        lesson = self._own if self._is_vote else self._open
        if lesson is not None:
            lesson.course.leave()
        if lesson is not None and lesson.course.phase is not Phase.ENDED:
            yield _("You left at step {number}; come back at any time.").format(number=lesson.course.number)
        else:
            yield _("Goodbye.")
