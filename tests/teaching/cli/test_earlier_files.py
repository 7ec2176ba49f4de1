"""What students and teachers have saved with an earlier program (7fe76701) is read: a transcript, a lesson file."""

import csv
import os
import shutil
from pathlib import Path

import pytest
from command_line import called

FILES = Path(__file__).parents[2] / "data" / "earlier"
NO_STUDENTS = {"student", "identity"}  # which are those of the machine
NEW = {"first_vote"}  # columns that it did not have
# Answers in lessons.jsonl by the lessons that have now what was asked: of update those to one-update and to gradient.
ANSWERS = {"rate": 6, "update": 8, "limit": 2, "batches": 1, "scaling": 1}


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """A copy of the lesson file in the working directory, beside the folder of the transcript."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "record").mkdir()
    shutil.copy(FILES / "transcript.jsonl", tmp_path / "record")
    return shutil.copy(FILES / "earlier.md", tmp_path / "lessons")


def rows(lines):
    left_out = NO_STUDENTS | NEW
    return [{name: value for name, value in row.items() if name not in left_out} for row in csv.DictReader(lines)]


def test_a_lesson_file_is_true_still(lesson):
    done = called("lessons", "check", lesson)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if ": warning: " not in line] == []  # what is advised is new
    assert "21 facts, all true" in done.stdout


@pytest.mark.usefixtures("lesson")
def test_a_transcript_is_reported_as_it_was(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)  # root is refused
    done = called("lessons", "report", "--lessons", "lessons", "record", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    before = (FILES / "report.csv").read_text().splitlines()
    assert rows(done.stdout.splitlines()) == rows(before)
    assert len(before) == 8


def test_lesson_resumes_where_left(lesson):
    done = called("lessons", "play", lesson, "--record", "record", stdin=b"answers\nquit\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "You are back: 2 of 7 steps done." in done.stdout
    lines = Path("record", "transcript.jsonl").read_text().splitlines()
    assert lines[:30] == (FILES / "transcript.jsonl").read_text().splitlines()
    assert len(lines) > 30


@pytest.fixture
def earlier_lessons(tmp_path, monkeypatch):
    """The folder of a transcript of six lessons of the program, some of which went into others since."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)  # root is refused
    (tmp_path / "record").mkdir()
    return shutil.copy(FILES / "lessons.jsonl", tmp_path / "record" / "transcript.jsonl")


@pytest.mark.usefixtures("earlier_lessons")
def test_answers_to_earlier_lessons_are_of_another_version():
    done = called("lessons", "report", "record", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    found = list(csv.DictReader(done.stdout.splitlines()))
    notes = {lesson: f"{n} answer{'s' * (n > 1)} to another version" for lesson, n in ANSWERS.items()}
    assert {row["lesson"]: row["notes"] for row in found} == notes
    assert {row["first_answer"] for row in found} == {""}
    assert called("lessons", "report", "record").returncode == 0


@pytest.mark.usefixtures("earlier_lessons")
@pytest.mark.parametrize(("earlier", "present"), [("gradient", "update"), ("adam", "scaling")])
def test_report_of_a_lesson_by_its_earlier_id(earlier, present):
    done = called("lessons", "report", "record", "--format", "csv", "--lesson", earlier)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["lesson"] for row in csv.DictReader(done.stdout.splitlines())} == {present}


def test_progress_in_earlier_lessons_breaks_nothing(earlier_lessons):
    before = Path(earlier_lessons).read_text().splitlines()
    typed = b"answers\nlist\nlesson rate\nanswers\nlesson limit\nanswers\nquit\n"
    done = called("lessons", "play", "one-update", "--record", "record", stdin=typed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "You have answered nothing in this lesson yet." in done.stdout
    assert ":?" not in done.stdout  # in the place of an answer that the step cannot have
    assert Path(earlier_lessons).read_text().splitlines()[: len(before)] == before
