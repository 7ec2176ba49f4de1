"""A class in which some take lessons in Chinese and some in English: their votes and answers are those of one class."""

import csv

import pytest
from both_languages import CODES, speaking
from lessons_taken import OF_SMALL, SMALL, take_step
from voters import Students

from quadfit_tui.teaching.classroom.classroom import Classroom, Question, VoteState, now
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.report_formats import csv_lines, report_table
from quadfit_tui.teaching.classroom.tally import Tally, bar_lines
from quadfit_tui.teaching.classroom.transcript_reader import FILE_NAME, Answers, answers_of
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.dialogue.dialogue import Dialogue
from quadfit_tui.teaching.notation.catalog import Catalog

ENGLISH, CHINESE = CODES
# By the language of a student, what is typed: to join, the right letter of `near`, a wrong one, a number to `twice`.
TYPED = {
    ENGLISH: ("join", "answer {right}", "{wrong}", "200"),
    CHINESE: ("参加", "回答{right}", "{wrong}。", "２００轮"),
}


class ByLines:
    """A student of a class, in a language."""

    def __init__(self, code, transcript, room):
        self.code = code
        with speaking(code):
            catalog = Catalog.packaged(code)
            known = frozenset(lesson.digest for lesson in catalog.lessons)
            self.dialogue = Dialogue(catalog, transcript, known=known, classroom=Classroom(room.folder))
            [*self.dialogue.begin()]

    def types(self, number, **places):
        with speaking(self.code):
            return " ".join(self.dialogue.handle_line(TYPED[self.code][number].format(**places)))


@pytest.fixture
def room(tmp_path):
    (tmp_path / "class").mkdir()
    return Classroom(str(tmp_path / "class"))


@pytest.fixture
def students(tmp_path, monkeypatch):
    return Students(tmp_path, monkeypatch)


def tally_of(lesson, students, question):
    tally = Tally([str(folder) for folder in students.folders], lesson, lesson.by_id[question.step])
    assert tally.refresh(question)
    return tally


def test_votes_and_reports_across_languages(room, students):
    lessons = {code: Catalog.packaged(code).find("rate") for code in CODES}
    own = [ByLines(code, transcript, room) for code, transcript in zip(CODES * 2, students.transcripts, strict=True)]
    step = lessons[ENGLISH].by_id["near"]
    right, wrong = (lessons[ENGLISH].letter(step, step.answers[at]) for at in (0, 1))
    question = Question("rate", "near", 1, VoteState.OPEN, now())
    room.publish(question)
    told = [student.types(0) for student in own]
    assert "Type A, B or C." in told[0]
    assert "输入 A、B 或 C。" in told[1]
    told = [student.types(at, right=right, wrong=wrong) for student, at in zip(own, (1, 1, 1, 2), strict=True)]
    assert "Counted." in told[0]
    assert "已计入。" in told[3]
    for code, choices in ((ENGLISH, ("more epochs", "fewer epochs")), (CHINESE, ("更多", "更少"))):
        with speaking(code):
            tally = tally_of(lessons[code], students, question)
            bars = {bar.text: (bar.letter.lower(), bar.counts, bar.is_right) for bar in tally.bars([1])}
            assert [bars[text] for text in choices] == [(right, (3,), True), (wrong, (1,), False)]
            assert (tally.answered(1), tally.right(1)) == (4, 3)
            assert all(any(text in line for line in bar_lines(tally, [1], 60, marks=True)) for text in choices)
    question = Question("update", "twice", 1, VoteState.OPEN, now())
    room.publish(question)
    for student in own:
        student.types(0)
        student.types(3)
    for code in CODES:
        with speaking(code):
            (bar,) = tally_of(Catalog.packaged(code).find("update"), students, question).bars([1])
            assert (bar.counts, bar.is_right) == ((4,), True)
    check_reports(lessons, students)


def check_reports(lessons, students):
    """A teacher reads the report in the own language; for programs it names answers as one lesson has them."""
    answers = [answers_of((folder / FILE_NAME).read_bytes(), folder.name) for folder in students.folders]
    rows = []
    for code in CODES:
        with speaking(code):
            told = "\n".join(report_table(Report([lessons[code]], answers)))
            report = Report([lessons[ENGLISH]], answers)
            rows.append(csv_lines(report))
        assert ("fewer epochs" in told, "更少" in told) == (code == ENGLISH, code == CHINESE)
        assert ("last seen" in told, "学生" in told) == (code == ENGLISH, code == CHINESE)
    assert rows[0] == rows[1]
    votes = [(row["first_answer"], row["right"]) for row in csv.DictReader(rows[0]) if row["step"] == "near"]
    assert votes == [("more epochs", "1")] * 3 + [("fewer epochs", "0")]


def test_reports():
    transcript = Transcript(None)
    course = Course(SMALL, OF_SMALL, transcript)
    course.start()
    while course.phase is not Phase.ENDED:
        take_step(course, knows=course.step.id != "look")
        course.confirm()
    report = Report([SMALL], [Answers("anna", tuple(transcript.entries)), Answers("ben")])
    lines = [csv_lines(report)]
    with speaking("zh_CN"):
        lines.append(csv_lines(report))
    assert lines[0] == lines[1]
    assert len(lines[0]) > 5
