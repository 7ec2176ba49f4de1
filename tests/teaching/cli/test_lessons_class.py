"""A class by the command line: `lessons watch` and `lessons play --class` as programs, and what is refused."""

import os
import re
import signal
import subprocess

import pytest
from command_line import PROGRAM, ROOT, called, one_line

from quadfit_tui.core.files import virtual_files
from quadfit_tui.main import main
from quadfit_tui.teaching.classroom.classroom import Classroom, Question, VoteState, now
from quadfit_tui.teaching.classroom.transcript_reader import name_of
from quadfit_tui.teaching.classroom.vote import Vote
from quadfit_tui.teaching.cli import lessons_class
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.course.transcript_entry import Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import LETTERS

RATE = Catalog.packaged().find("rate")
QUESTION = Question("rate", "near", 1, VoteState.OPEN, now())
NOTES = [f"Note: {Facts(RATE).render_prose(note)}" for note in RATE.by_id["near"].notes]


@pytest.fixture
def home(tmp_path):
    (tmp_path / "anna" / "lessons").mkdir(parents=True)
    (tmp_path / "class").mkdir()
    return tmp_path / "anna"


def environment(home):
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "XDG_"))}
    return others | {"HOME": str(home), "LANG": "C.UTF-8"}


def transcript(home):
    return Transcript(TranscriptLocation(str(home / "lessons" / "transcript.jsonl"), 0o640))


def letter(*, right):
    step = RATE.by_id["near"]
    return next(LETTERS[at] for at, answer in enumerate(RATE.choices(step)) if answer.is_right is right)


def test_watch_shows_votes_until_interrupted(home):
    room = Classroom(str(home.parent / "class"))
    watching = subprocess.Popen(
        [*PROGRAM, "lessons", "watch", room.folder, str(home / "lessons"), "--as-root"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment(home),
    )  # fmt: skip
    try:
        assert watching.stdout.readline() == "The class is at no question yet.\n"
        room.publish(QUESTION)
        assert block(watching) == [
            "A much larger rate (rate): vote, open",
            "0 of 1 have answered.",
            *(f"{'✓' if answer.is_right else ' '} {at}  {answer.text}" for at, answer in answers()),
            f"Not yet: {name_of(os.getuid())}.",
            *NOTES,
        ]
        watching.send_signal(signal.SIGINT)
        out, err = watching.communicate(timeout=30)
    finally:
        watching.kill()
    assert (watching.returncode, out, err) == (130, "", "")


def test_watch_shows_answers_and_unknown_questions(home, monkeypatch):
    monkeypatch.setattr(lessons_class.time, "sleep", lambda _: None)
    teacher, watching = (Classroom(str(home.parent / "class")) for _ in range(2))
    teacher.publish(QUESTION)
    changes = lessons_class._changes(watching, [str(home / "lessons")], [RATE])
    next(changes)
    vote = Vote(RATE, QUESTION, Facts(RATE), transcript(home))
    vote.start()
    vote.answer(letter(right=True))
    found = next(changes)
    assert found[1] == "1 of 1 have answered. Right: 1 (100 %)."
    assert "Most are right: show the run, explain it in a sentence, and go on." in found
    assert all(line.isprintable() for line in found)
    teacher.publish(QUESTION._replace(step="unknown"))
    assert next(changes)[0] == "The class is at an unknown question."


def test_watch_expands_patterns_shows_vote_first(home):
    room = Classroom(str(home.parent / "class"))
    room.publish(QUESTION)
    paths = lessons_class._paths([str(home.parent / "*" / "lessons"), "/none/*", str(home)])
    assert paths == [str(home / "lessons"), "/none/*", str(home)]
    changes = lessons_class._changes(room, paths, [RATE])
    first = next(changes)
    assert first[0] == "A much larger rate (rate): vote, open"
    assert "Left out: /none/*: No such file or directory" in first


def test_watch_shows_pace(home, monkeypatch):
    room = Classroom(str(home.parent / "class"))
    monkeypatch.setattr(lessons_class.time, "sleep", lambda _: None)
    course = Course(RATE, Facts(RATE), transcript(home))
    course.start()
    changes = lessons_class._changes(room, [str(home / "lessons")], [RATE])
    student, first = name_of(os.getuid()), RATE.steps[0].title
    assert [" ".join(line.split()) for line in next(changes)] == [
        "The class is at no question yet.", "", f"{RATE.title} (rate): {len(RATE.steps)} steps",
        f"1 say {first} 1 █", student, "",
    ]  # fmt: skip
    room.publish(QUESTION)
    voting = next(changes)
    assert voting[0] == "A much larger rate (rate): vote, open"
    assert voting[-5:-3] == ["", f"{RATE.title} (rate): {len(RATE.steps)} steps"]
    course.confirm()
    assert f"2  predict  {RATE.steps[1].title}" in next(changes)[-3]


def answers():
    return zip(LETTERS.upper(), RATE.choices(RATE.by_id["near"]), strict=False)


def block(program):
    """The lines up to the empty one, without how long bars are and how often answers were given."""
    lines = iter(program.stdout.readline, "\n")
    return [line.rstrip().removesuffix(" 0").rstrip() for line in lines]


def test_a_vote_by_lines(home, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    room = Classroom(str(home.parent / "class"))
    room.publish(QUESTION)
    typed = f"join\n{letter(right=False)}\n{letter(right=True)}"  # the last line without an end
    done = called("lessons", "play", "--class", room.folder, stdin=typed.encode())
    out = done.stdout.splitlines()
    assert (done.returncode, done.stderr, out[-1]) == (0, "", "Goodbye.")
    assert "The class is at 'A much larger rate'." in out
    assert "Vote, to predict: A much larger rate." in out
    assert out.count("Counted.") == 2
    assert all(line.isprintable() and len(line) <= 78 for line in out)
    votes = [entry for entry in transcript(home).entries if entry.event is Event.ANSWER]
    assert [(entry.round, entry.step, entry.face) for entry in votes] == [(1, "near", "")] * 2
    assert [entry.got for entry in votes] == ["wrong", "right"]


@pytest.fixture
def refused(home, monkeypatch, capsys):  # noqa: ARG001  whose folder is made by the real user
    """What the program says where it refuses to start."""

    def call(*args):
        with pytest.raises(SystemExit) as end:
            main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        return one_line(err).removeprefix("quadfit-tui: ")

    monkeypatch.setattr(lessons_class.os, "geteuid", lambda: 54321)
    monkeypatch.setattr(lessons_class.os, "getuid", lambda: 54321)
    return call


def test_non_class_folder_refused(refused, home, monkeypatch):
    missing = home / "missing"
    why = "No such file or directory; allowed: the folder of a class"
    expected = f"Invalid value for '--class': '{missing}' cannot be read: {why}"
    assert refused("--class", missing) == expected
    assert refused("lessons", "play", "--class", missing) == expected
    assert refused("lessons", "watch", missing) == expected.replace("--class", "DIR")
    see = "see 'quadfit-tui lessons watch --help'"
    assert refused("lessons", "watch") == f"Missing argument 'DIR'; allowed: folder of the class, as for --class; {see}"
    assert "allowed to a teacher: a folder of your own" in refused("--teacher", "--class", home)
    assert refused("--students", "x") == "--students has no effect without --teacher and --class DIR"
    assert refused("--class", home, "--students", "x") == "--students has no effect without --teacher and --class DIR"
    monkeypatch.setattr(lessons_class.os, "geteuid", lambda: 0)
    why = "is refused to root: it reads files of students, who could abuse the rights of root"
    allowed = "allowed: the account of a teacher"
    assert refused("--teacher", "--class", home) == f"--teacher with --class {why}; {allowed}"
    assert refused("lessons", "watch", home) == f"lessons watch {why}; {allowed}, or --as-root"


def test_help_names_way_to_join(call):
    app, by_lines = call("--help")[1], call("lessons", "play", "--help")[1]
    assert "V goes to its question" in app
    assert "(V)" in app
    assert "join goes to its question" in by_lines
    assert not re.search(r"\bV\b", by_lines)


def test_student_patterns_are_expanded(home, monkeypatch):
    monkeypatch.setattr(lessons_class, "refuse_reader", lambda *_, **__: None)
    (home.parent / "ben [2]").mkdir()
    room, patterns = Classroom(str(home.parent / "class")), [f"{home.parent}/*/lessons", f"{home.parent}/ben [2]"]
    assert lessons_class.taught_class(room, patterns) == (str(home / "lessons"), f"{home.parent}/ben [2]")
    assert lessons_class.taught_class(room, patterns[:1]) == (str(home / "lessons"),)
    monkeypatch.setattr(lessons_class, "STUDENTS", f"{home.parent}/none/*")
    assert lessons_class.taught_class(room, ()) == (lessons_class.STUDENTS,)  # of which `lessons watch` tells


def test_unmatched_student_pattern_refused(refused, home, monkeypatch):
    monkeypatch.setattr(Classroom, "owner", 54321)
    nothing = f"{home.parent}/none/*"
    given = ("--teacher", "--class", home, "--students", home, "--students", nothing)
    allowed = "allowed: folders with transcripts, in quotes, or the folder of 'serve --records'"
    assert refused(*given) == f"Invalid value for '--students': '{nothing}' matches nothing; {allowed}"


def test_watch_without_vote_names_left_out(home):
    room = Classroom(str(home.parent / "class"))
    lines = next(lessons_class._changes(room, lessons_class._paths(["none/*"]), [RATE]))
    assert lines == ["The class is at no question yet.", "Left out: none/*: No such file or directory"]


def test_lesson_handout(call, tmp_path):
    lesson = Catalog.packaged().find("update")
    code, out, err = call("lessons", "handout", "update")
    assert (code, err) == (0, "")
    assert out.startswith(f"# {lesson.title}\n\nName: ___")
    assert "Right" not in out
    code, key, _ = call("lessons", "handout", "2", "--key")
    assert (code, "**Right: 4.5.**" in key) == (0, True)
    own = tmp_path / "own.md"
    text = virtual_files.program_files("teaching/lessons")[lesson.file_name].decode()
    own.write_text(text)
    assert call("lessons", "handout", own)[1] == out
    own.write_text(text.replace("answer=4.5", "answer=4.6"))
    code, out, err = call("lessons", "handout", own)
    assert (code, out) == (4, "")
    assert err.startswith(f"{own}:")
    code, out, err = call("lessons", "handout", "rats")
    assert (code, out) == (2, "")
    assert "rats" in one_line(err)
