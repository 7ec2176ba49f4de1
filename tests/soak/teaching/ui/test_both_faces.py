"""Every step of every lesson by the pane and by lines: one run, one moment, the same withheld, the same numbers."""

import re
from itertools import count

import pytest
from lesson_helpers import StillApp
from lessons_taken import right, ways, wrong
from made_lessons import HEAD, TEXTS, packaged
from trials import drawn

from quadfit_tui.core.config.differences import value_text
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.diagnose import diagnose
from quadfit_tui.core.export.run_speech import RunSpeech, outcome
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.pronunciation import in_words, speak_result
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.dialogue import dialogue
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import answer_prompt
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.open_lesson import OpenLesson
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState
from quadfit_tui.ui.tasks.narration import Narration

# Actions of the app, and the lines that do the same: what a prediction has withheld, and what only looks.
WITHHELD = [
    ("play_pause", "go"),
    ("step", "step"),
    ("jump", "go 10"),
    ("ask", "to 0"),
    ("edit", "rate 0.3"),
    ("preset", "set batch 2"),
    ("restart", "restart"),
    ("diagnose", "why"),
]
LINES = {"go_on": "", "back": "previous", "hint": "hint", "skip": "skip", "again": "again"}
LOOKS = [("view", "where"), ("view", "update"), ("view", "settings")]
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def numbers(texts):
    return {number for text in texts for number in _NUMBER.findall(text)}


OF_PLACES = numbers(place.on_screen for place in LINK_TARGETS.values())  # such as of view 4


class Face:
    """A lesson that is taken in one way; `moment` is all of the run that counts, `texts` what was said at a step."""

    def __init__(self, lesson, facts, transcript=None):
        self.lesson, self.facts, self.transcript = lesson, facts, transcript or Transcript(None)
        self.texts = []
        self.begin()

    def comes_back(self):
        """The same student later."""
        return type(self)(self.lesson, self.facts, self.transcript)

    @property
    def moment(self):
        snapshot, course = self.snapshot, self.course
        has_run = any(step.run for step in course.lesson.steps[: course.number])
        whole = (snapshot.config, snapshot.position, snapshot.status.ended) if has_run else ()
        if has_run:
            whole += (snapshot.w.tolist(), snapshot.mean_loss, snapshot.loss, snapshot.lr)
        seen_on = snapshot.newest if course.hides_outcome else None  # what cannot be gone to
        return (course.number, course.phase, self.is_asked, *whole, seen_on)


class Pane(Face):
    """In the app, but for its widgets; a run that is played comes to its end at once."""

    def begin(self):
        clock = count()
        self.session = RunSession(RunConfig(), clock=lambda: float(next(clock)))
        self.course = Course(self.lesson, self.facts, self.transcript)
        app = StillApp(self.session, self._advance)
        self.open = OpenLesson(self.course, app, lambda job, done: done(job()), self._show, pytest.fail)
        self.open.start()
        self._look()

    def _show(self, page, _):
        self.page = page
        self.texts += [*(each.text for each in page.paragraphs), page.allowed]

    def _advance(self):
        while self.session.is_busy:
            self.session.advance(1e9)

    def _look(self):
        """As the app does whenever it shows a moment."""
        self._advance()
        self.open.watch(self.snapshot)

    @property
    def snapshot(self):
        return self.session.snapshot()

    @property
    def is_asked(self):
        return bool(self.page.field_label or self.page.chooses or "draw" in self.page.prompt)

    def withholds(self, action, _):
        return self.open.blocks_action(action, ())

    def read(self):
        """The numbers of the run that can be read beside the lesson."""
        told = [*RunSpeech(self.snapshot.task).start, *outcome(self.snapshot)]
        findings = DiagnosisState(diagnose(self.snapshot.task), withheld=self.course.withheld)
        narrated = Narration(lambda: False).sentences(self.session, self.snapshot, findings)
        told += [
            in_words(text) for sentence in narrated for text in (sentence.full, sentence.brief, str(sentence.epochs))
        ]
        for name, parameter in PARAMETERS.items():
            configs = [run.config for run in self.session.runs]
            told += [parameter.show(getattr(config, name)) for config in configs]
            told += [value_text(config, name) for config in configs]
        loss = [] if self.snapshot.loss is None else [speak_result(self.snapshot.loss)]
        return numbers([*told, *loss, *map(str, self.snapshot.position), str(len(self.snapshot.problem.x))])

    def does(self, what, *typed):
        name = {"back": "look_back"}.get(what, what)
        (getattr(self.open, f"action_{name}", None) or getattr(self.open, name))(*typed)
        self._look()

    def works(self, changes):
        self.session.restart(self.session.config.replace(**changes))
        self.session.play()
        self._look()


class Spoken(Face):
    """By lines, as `lessons play` is given them."""

    def begin(self):
        self.dialogue = dialogue.Dialogue(Catalog.packaged(), self.transcript, known=frozenset({self.lesson.digest}))
        self.texts += self.dialogue.begin(self.lesson)
        self.course = self.dialogue.lesson.course

    @property
    def snapshot(self):
        run = self.dialogue.lesson.run
        return run and run.snapshot

    @property
    def is_asked(self):
        return self.course.phase is Phase.ASKED

    def withholds(self, _, line):
        told = [*self.dialogue.handle_line(line)]
        return told[0].startswith("Answer the question first.")

    def does(self, what, *typed):
        self.texts += self.dialogue.handle_line(LINES.get(what, *typed))

    def works(self, changes):
        for name, value in changes.items():
            self.texts += self.dialogue.handle_line(f"set {name} {PARAMETERS[name].show(value)}")
        self.texts += self.dialogue.handle_line("go")


class Student:
    """Takes a lesson in both faces, and compares them after all that is done."""

    def __init__(self, lesson, facts):
        self.faces = Pane(lesson, facts), Spoken(lesson, facts)
        self.typed = []
        # How many steps there are, how many minutes; and what could be read of the run so far.
        self.read = {str(number) for number in (*range(len(lesson.steps) + 1), lesson.minutes)}

    def compare(self):
        pane, spoken = self.faces
        assert pane.moment == spoken.moment
        for face in self.faces:
            told = " ".join(" ".join(face.texts).split())
            assert [text for text in _texts(face.course) if text not in told] == []
        heard, shown = numbers(spoken.texts), numbers(pane.texts)
        self.read |= pane.read()
        assert shown <= heard | numbers(self.typed) | OF_PLACES
        assert heard <= shown | self.read
        for pairs, expected in ((WITHHELD, pane.course.hides_outcome), (LOOKS, False)):
            for action, line in pairs:
                assert pane.withholds(action, line) == expected, action
                if expected or (pairs is LOOKS and not pane.course.is_asked):
                    assert spoken.withholds(action, line) == expected, line
        assert pane.moment == spoken.moment  # nothing of that has done anything

    def does(self, what, *typed):
        self.typed += typed
        for face in self.faces:
            face.does(what, *typed)
        self.compare()

    def works(self, changes):
        for face in self.faces:
            face.works(changes)
        self.compare()

    def comes_back(self):
        self.faces = tuple(face.comes_back() for face in self.faces)
        self.compare()


def _texts(course):
    """What has to be said of the present step, by the file of the lesson."""
    step = course.step
    if step is None:
        return [*course.summary, *(met.sentence for met in course.predictions_met()), course.progress.score.lines[0]]
    hints = step.hints[: course.progress.records[step.id].hints]
    models = step.models if course.progress.records[step.id].said else ()
    prose = [course.facts.render_prose(each) for each in (step.text, *hints, *models)]
    choices = [answer.text for answer in step.answers if step.is_choice]
    asks = [answer_prompt(step)] if course.is_asked and step.kind is not StepKind.DRAW else []
    return [" ".join(text.split()) for text in (step.title.rstrip(".?!"), *prose, *choices, *asks)]


@pytest.mark.parametrize("name", drawn([*TEXTS], 1))
def test_both_faces_of_every_step_are_one(name, monkeypatch):
    lesson, facts = packaged(name)
    monkeypatch.setattr(dialogue, "Facts", lambda lesson, face: Facts(lesson, facts, face))  # with the same runs
    student = Student(lesson, facts)
    for number, step in enumerate(lesson.steps):
        assert [face.course.step for face in student.faces] == [step, step]
        student.compare()
        for _ in step.hints:
            student.does("hint")
        if step.kind is StepKind.OBSERVE:
            student.does("answer", wrong(lesson, step, facts))
        student.does("again")
        student.comes_back()
        if number:
            student.does("back")
            assert [face.course.step for face in student.faces] == [lesson.steps[number - 1]] * 2
            student.does("go_on")
            assert [face.course.step for face in student.faces] == [step, step]
        match step.kind:
            case StepKind.DO:
                for changes in ways(lesson, step):
                    student.works(changes)
            case StepKind.EXPLAIN:
                student.does("answer", "since it is so")
                student.does("answer", right(lesson, step, facts))
            case StepKind.DRAW:
                student.does("answer", "falls evenly")
            case StepKind.PREDICT if number % 2:
                student.does("answer", wrong(lesson, step, facts))
            case StepKind.PREDICT:
                student.does("skip")
                student.does("skip")
            case StepKind.OBSERVE:
                student.does("answer", right(lesson, step, facts))
        if step.kind in (StepKind.DO, StepKind.PREDICT, StepKind.DRAW):  # of all others the run stays where it was
            student.comes_back()
        for face in student.faces:
            face.texts.clear()
        student.does("go_on")


def made(*steps):
    lesson = read_lesson(HEAD + "\n" + "\n\n".join(steps) + "\n", "made.md")
    return Student(lesson, Facts(lesson))


QUESTION = "How many epochs?\n- [x] all `four.epochs == 2`\n- [ ] none `four.epochs == 0`\n  There are some."


def test_looking_back_then_answer_shows_asked_update():
    student = made(f"## Guess {{#guess .predict run=four at=0:2}}\n{QUESTION}")
    pane, spoken = student.faces
    assert "It stands after 2 updates." in spoken.texts
    held = {("jump", (10,)): True, ("jump", (-10,)): False, ("visit", (0, 3)): True, ("visit", (0, 2)): False}
    assert {action: pane.open.blocks_action(*action) for action in held} == held
    pane.session.back(Unit.UPDATE)
    pane._advance()
    assert pane.snapshot.position == (0, 1)
    spoken.texts += spoken.dialogue.handle_line("back")
    student.compare()
    student.does("answer", "a")
    assert [face.snapshot.position for face in student.faces] == [(0, 3), (0, 3)]


def test_reading_and_explaining_keep_the_run():
    student = made(
        f"## Guess {{#guess .predict run=four}}\n{QUESTION}",
        "## Read {#read .say run=four}\nIt has ended.",
        "## Write {#write .explain}\nWhy?",
        "## Read on {#more .say run=fast}\nAnother run.",
        "## Look {#look .say run=fast at=0:2}\nWithin an epoch.",
    )
    student.does("answer", "a")
    for epochs, lr in ((2, 0.5), (2, 0.5), (3, 0.9)):
        student.does("go_on")
        for again in (lambda: None, student.comes_back, lambda: student.does("again")):
            again()
            for face in student.faces:
                assert (face.snapshot.epoch, face.snapshot.config.lr) == (epochs, lr)
        if student.faces[0].course.step.id == "write":
            student.does("answer", "since it is so")
    student.does("go_on")
    assert [face.snapshot.position for face in student.faces] == [(0, 2), (0, 2)]


def test_predictions_and_tasks_restart_trained_run():
    student = made(
        "## Read {#read .say run=four}\nPlay it.",
        f"## Guess {{#guess .predict run=four}}\n{QUESTION}",
        '## Do {#do .do run=four until="now.epochs == 3" solution="epochs:3"}\nMake one more.',
    )
    student.works({})
    for _ in range(2):
        assert [face.snapshot.position for face in student.faces] == [(2, 0), (2, 0)]
        student.does("go_on")
        assert [face.snapshot.newest for face in student.faces] == [(0, 0), (0, 0)]
        student.does("answer", "a")
