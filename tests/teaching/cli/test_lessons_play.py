"""`lessons play` as a program: whole lessons through pipes, what it is refused, and where answers are recorded."""

import io
import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from command_line import PROGRAM, ROOT, called, one_line
from homes import live_in
from lessons_taken import OF_SMALL, SMALL, TEXT, typed
from trials import variants

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.files import access
from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.main import main
from quadfit_tui.teaching.classroom.report import Report
from quadfit_tui.teaching.classroom.transcript_reader import answers_of
from quadfit_tui.teaching.cli import lessons_app
from quadfit_tui.teaching.cli.teaching_entry import ANNEX
from quadfit_tui.teaching.course.progress import LessonProgress, Score
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.ui.app import QuadfitApp


@pytest.fixture
def home(tmp_path):
    """A student's home folder, where the administrator made the folder for the teacher."""
    folder = tmp_path / "anna"
    (folder / "lessons").mkdir(parents=True)
    (folder / "small.md").write_text(TEXT)
    return folder


def recorded(home):
    return Transcript(TranscriptLocation(str(home / "lessons" / "transcript.jsonl"), 0o640)).entries


@pytest.fixture
def typed_in(monkeypatch, capsys, home):
    """Calls the program within the test's process; the home folder of $HOME is not that of the password database."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        monkeypatch.setenv(name, os.environ[name])
    before = signal.getsignal(signal.SIGPIPE)
    live_in(monkeypatch, home)
    monkeypatch.setenv("HOME", str(home.parent))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)

    def call(*args, lines=()):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        with pytest.raises(SystemExit) as end:
            main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return end.value.code, out.splitlines(), err

    yield call
    access.configure()
    signal.signal(signal.SIGPIPE, before)


@pytest.mark.parametrize(("knows", "count"), variants({"some": (False, 2), "all, as who knows": (True, 13)}, 1))
def test_lessons_in_one_session(home, typed_in, monkeypatch, knows, count):
    """Each of them, by who knows and who does not, is taken in teaching/dialogue."""
    monkeypatch.setenv("HOME", str(home))
    lessons = Catalog.packaged().lessons[:count]
    lines = []
    for number, lesson in enumerate(lessons, 1):
        lines += [f"lesson {number}", *typed(lesson, Facts(lesson), knows=knows)]
    code, out, err = typed_in("lessons", "play", lines=[*lines, "quit"])
    assert (code, err, out[-1]) == (0, "", "Goodbye.")
    assert sum(line == "The lesson is done." for line in out) == len(lessons)
    for line in out:
        assert line.isprintable()
        assert 0 < len(line) <= 78
    path = home / "lessons" / "transcript.jsonl"
    transcript = Transcript(TranscriptLocation(str(path), 0o640))
    answers = answers_of(path.read_bytes(), "anna")
    assert (answers.cut, answers.unreadable) == (0, 0)
    results = {result.lesson.id: result for result in Report(lessons, (answers,)).results}
    for lesson in lessons:
        observed = sum(step.kind is StepKind.OBSERVE for step in lesson.steps)
        progress = LessonProgress(lesson, transcript.of_lesson(lesson.id))
        expected = Score(len(lesson.steps), len(lesson.steps), observed if knows else 0, observed)
        assert (progress.is_ended, progress.score) == (True, expected)
        # As a teacher's report has it: who knows was right at once, who does not never was.
        result, predicted = results[lesson.id], sum(step.kind is StepKind.PREDICT for step in lesson.steps)
        done = [each.record.is_done and not each.record.is_skipped for each in result.steps]
        assert done == [True] * len(lesson.steps)
        assert result.count(StepKind.PREDICT) == (predicted if knows else 0, predicted)
        assert result.count(StepKind.OBSERVE) == (observed if knows else 0, observed)
        tries = {StepKind.PREDICT: 1, StepKind.DRAW: 1, StepKind.OBSERVE: 1 if knows else 2}
        counted = {each.step: len(each.record.counted) for each in result.steps if each.step.kind is not StepKind.DO}
        assert counted == {step: tries.get(step.kind, 0) for step in counted}
    assert path.stat().st_size < 100_000


def test_own_file_and_answer_location(home, typed_in, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    before = os.umask(0o077)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(Transcript, "readers", ReadAccess.GIVEN)  # as an administrator has it
            code, out, err = typed_in("lessons", "play", home / "small.md", lines=["", "12"])
    finally:
        os.umask(before)
    assert (code, err) == (0, "")
    assert out[2] == "Your answers are recorded for your teacher."
    assert out[-1] == "You left at step 2; come back at any time."
    assert "You answered 12." in out
    path = home / "lessons" / "transcript.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [json.loads(line)["n"] for line in path.read_text().splitlines()] == list(range(7))
    assert typed_in("lessons", "play", home / "small.md")[1][1] == "You are back: 2 of 5 steps done."
    (home / "lessons").rename(home / "gone")
    out = typed_in("lessons", "play", home / "small.md")[1]
    assert out[1:3] == ["It has 5 steps, and takes about 15 minutes.", "Your answers are recorded for you alone."]
    assert stat.S_IMODE((home / ".local/share/quadfit-tui/lessons.jsonl").stat().st_mode) == 0o600


def test_without_record_nothing_is_written(home, typed_in, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    code, out, _ = typed_in("lessons", "play", home / "small.md", "--no-record", lines=["", "12"])
    assert (code, out[2]) == (0, "Your answers are not recorded.")
    assert sorted(path.name for path in home.rglob("*")) == ["lessons", "small.md"]


@contextmanager
def files_up_to(size):
    """No file may have more bytes, as on a full disk; Python has the signal that tells of it ignored."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_does_not_stop_lesson(home, typed_in, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    lines = typed(SMALL, OF_SMALL, knows=True)
    with files_up_to(700):
        code, out, err = typed_in("lessons", "play", home / "small.md", lines=lines)
        _, again, _ = typed_in("lessons", "play", home / "small.md")
    path = "~/lessons/transcript.jsonl"
    assert err == f"quadfit-tui: not all of your answers are recorded: '{path}' cannot be written: File too large\n"
    assert (code, out.count("Your answers are not recorded: File too large.")) == (0, 1)
    assert "You did 5 of 5 steps without skipping." in out
    content = (home / "lessons" / "transcript.jsonl").read_bytes()
    assert 0 < len(content) <= 700
    assert content.endswith(b"\n")
    assert again[1:3] == ["You are back: 1 of 5 steps done.", "Your answers are not recorded: File too large."]


def test_a_record_that_was_overwritten_is_told(home, typed_in, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    typed_in("lessons", "play", home / "small.md", lines=["", "12"])
    path = home / "lessons" / "transcript.jsonl"
    path.write_bytes(b"epoch,lr\n" + path.read_bytes())
    _, out, _ = typed_in("lessons", "play", home / "small.md")
    assert "What you answered before may be lost" in " ".join(out)


def test_a_home_that_is_none(home, typed_in, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("HOME", str(home / "file"))
    code, out, _ = typed_in("lessons", "play", home / "small.md", lines=["", "12", ""])
    assert code == 0
    assert out[2] == "Your answers are not recorded: Not a directory."
    assert "Step 3 of 5, to answer: Look." in out


def test_a_user_without_any_home(home, typed_in, monkeypatch):
    def unknown(_):
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    code, out, err = typed_in("lessons", "play", home / "small.md", lines=["", "12"])
    assert (code, out[2]) == (0, "Your answers are not recorded: you have no home directory.")
    assert err.endswith("/lessons.jsonl' cannot be written: you have no home directory\n")


@pytest.mark.usefixtures("typed_in")
def test_in_ascii(home):
    (home / "small.md").write_text(TEXT.replace("Make two epochs.", "Make two epochs of “updates”."))
    lines = "\n12\n\na\nb\nc\n\n"
    done = called("lessons", "play", home / "small.md", "--no-record", stdin=lines.encode(), encoding="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Make two epochs")]
    assert line == 'Make two epochs of "updates".'


@pytest.mark.usefixtures("typed_in")
def test_anything_may_be_typed(home):
    lines = [b"\xff\xfe", b"\x00\x1b[2J", b"x" * 5000, b"\xe2\x82"]
    done = called("lessons", "play", home / "small.md", "--no-record", stdin=b"\n".join(lines))
    out = done.stdout.splitlines()
    assert (done.returncode, done.stderr, out[-1]) == (0, "", "You left at step 1; come back at any time.")
    assert sum("help lists them." in line for line in out) >= 2
    assert all(line.isprintable() and len(line) <= 78 for line in out)


def test_ctrl_c_leaves(home):
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "XDG_"))}
    env = others | {"HOME": str(home), "LANG": "C.UTF-8"}
    command = [*PROGRAM, "lessons", "play", str(home / "small.md")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=env, text=True
    ) as program:
        while program.stdout.readline() != "Press Enter to go on.\n":
            pass
        time.sleep(0.05)
        program.send_signal(signal.SIGINT)
        assert program.stdout.read() == "You left at step 1; come back at any time.\n"
        assert program.wait(30) == 130
    assert recorded(home)[-1].aside == "left"


def test_unplayable_lessons_refused(home, typed_in):
    (home / "false.md").write_text(TEXT.replace("[4](=one.samples)", "[5](=one.samples)"))
    (home / "broken.md").write_text("no lesson")
    code, out, err = typed_in("lessons", "play", home / "false.md")
    assert (code, out, err) == (4, [], f"{home}/false.md:14: one.samples is 4; the lesson says 5\n")
    for name, named in ((home / "broken.md", "broken.md:1"), ("rat", "did you mean 'rate'?"), ("/no.md", "/no.md")):
        code, out, err = typed_in("lessons", "play", name)
        assert (code, out) == (2, [])
        assert named in one_line(err)
    code, out, err = typed_in("lessons", "play", "--lessons", home / "nothing")
    assert code == 2
    assert "--lessons" in one_line(err)


def test_folder_lessons_are_listed(home, typed_in):
    code, out, _ = typed_in("lessons", "play", "--lessons", home, "small", lines=["list"])
    assert (code, out[0]) == (0, "Lesson: A small lesson.")
    assert "There is 1 lesson." in out
    assert "1, 0 of 5 steps done: A small lesson." in out


@pytest.mark.parametrize("folder", ["lessons/transcript.jsonl", ".local/share/quadfit-tui/lessons.jsonl"])
def test_confined_answers_in_passwd_home(home, typed_in, folder):
    if not folder.startswith("lessons"):
        (home / "lessons").rmdir()
    code, out, err = typed_in("lessons", "play", "--confined", "~/small.md", lines=["", "12", "set data /etc/passwd"])
    assert (code, err) == (0, "")
    assert any("it is outside your home directory" in line for line in out)
    events = [json.loads(line)["event"] for line in (home / folder).read_text().splitlines()]
    assert events[:4] == ["begin", "seen", "done", "seen"]
    assert not (home.parent / ".local").exists()
    assert not (home.parent / "lessons").exists()
    code, _, err = typed_in("lessons", "play", "--confined", "/etc/hostname.md")
    assert code == 2
    assert "it is outside your home directory" in one_line(err)


def test_spoken_plays_lessons_without_app(home, typed_in):
    code, out, err = typed_in("--spoken", "--confined", "--lessons", home, "--teacher", lines=["1", "", "12"])
    assert (code, err) == (0, "")
    assert out[:2] == [
        "Welcome to quadfit-tui.",
        "This is the preset playground: 24 samples and a parabola that turns over;",
    ]
    assert "You answered 12." in out
    assert (home / "lessons" / "transcript.jsonl").exists()
    for option in ("--play", "--ascii"):
        code, out, err = typed_in("--spoken", option)
        assert (code, out) == (2, [])
        said = "--spoken has the run and the lessons by lines, which take no "
        assert said + option.partition("=")[0] in one_line(err)
        assert re.search("'quadfit-tui run'", err)


def test_slip_beside_run_is_no_lesson(typed_in):
    code, out, err = typed_in("--spoken", lines=["gp", "wher is it", "99"])
    assert (code, err) == (0, "")
    told = [line for line in out if line.startswith("'")]
    assert told[0] == "'gp' is no command; help lists them."
    assert told[1] == "'wher' is no command (did you mean 'where'?); help lists them."
    assert told[2].startswith("'99' is not a lesson; allowed: 1 to 10, rate,")


def test_spoken_opens_configured_run(typed_in):
    code, out, err = typed_in("--spoken", "--lr", "1,3", lines=["rate 0.5", "go", "preset playground", "go", "1"])
    assert (code, err) == (0, "")
    assert out[1] == "The run is set up: 800 samples, batch 1, lr 1.3, at most 100 epochs."
    assert [line for line in out if line.startswith("Converged")] == [
        "Converged after 25 epochs: mean loss below tol.",
        "Converged after 101 epochs: mean loss below tol.",
    ]
    assert any(line.startswith("Lesson: ") for line in out)
    code, out, err = typed_in("--spoken", "--lesson", "1", "--lr", "2")
    assert (code, out) == (2, [])
    assert "--lr has no effect with --lesson" in one_line(err)
    code, out, err = typed_in("--spoken", "--data", "nowhere.csv")
    assert (code, out) == (2, [])
    assert "nowhere.csv" in one_line(err)


def test_spoken_reports_divergence(typed_in):
    _, out, _ = typed_in("--spoken", lines=["rate 1", "go 10", "why", "preset articel"])
    assert "The run diverges: the learning rate is above its limit." in out
    assert "Learning rate 1 is above the limit 0.511." in out
    assert "'articel' is no preset (did you mean 'article'?)." in out


def test_app_loads_lessons_lazily(monkeypatch):
    read = []
    monkeypatch.setattr(lessons_app, "catalog_of", lambda folder: read.append(folder) or Catalog((SMALL,)))
    values = {option.name: None for option in ANNEX.options}
    library = ANNEX.teaching(values)(QuadfitApp(RunSession(RunConfig()))).library
    assert read == []  # not at the start of the app
    assert library.lessons() == (SMALL,)
    assert library.is_checked(SMALL)
    assert {*read} == {None}
    assert Catalog.packaged() is Catalog.packaged()  # once
