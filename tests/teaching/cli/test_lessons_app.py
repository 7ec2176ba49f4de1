"""Lessons on the command line of the app: what is refused, and what is recorded when it has ended."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from command_line import called, one_line, started
from full_disk import no_room_for_lines
from loading import loaded_by
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.files import access
from quadfit_tui.teaching.course.transcript_entry import Entry, Event


@pytest.mark.parametrize("fails", [False, True])
def test_failed_records_are_retried_at_exit(monkeypatch, tmp_path, begins, fails):
    def answer(app):
        now = datetime(2026, 11, 25, tzinfo=UTC)
        app.teaching.own_transcript().write(Entry(Event.ANSWER, now, "rate", 1, "0" * 16, step="ten", answer="140"))
        if not fails:
            disk.close()

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "lessons").mkdir()
    begins(answer)
    with ExitStack() as disk:
        disk.enter_context(no_room_for_lines())
        done = called("--no-settings")
    path = "~/lessons/transcript.jsonl"
    told = f"quadfit-tui: not all of your answers are recorded: '{path}' cannot be written: No space left on device\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", told * fails)
    assert ("140" in (tmp_path / "lessons/transcript.jsonl").read_text()) != fails


@table(
    ("args", "refusal"),
    [
        (["--at", "3", "--lesson", "rate"], "--at has no effect with --lesson, which sets the runs itself"),
        (["--against", "x.md"], "--against only applies to 'lessons check', not to the app"),
        (["lessons", "my-9a.csv"], "no such command 'my-9a.csv'; commands: "),
        (["lessons", "report", "--confined", "x"], "and 'lessons handout', not to 'lessons report'"),
        (["lessons", "list", "--lang=xx"], "'--lang': 'xx' is not one of the choices; allowed: one of en, zh_CN"),
        (["lessons", "list", "--confined-to=/"], "--confined-to '/': '/' holds all files; allowed: a directory of its"),
    ],
)
def test_what_lessons_refuse(call, args, refusal):
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert refusal in one_line(err)


@table(
    ("words", "found"),
    [
        ("--lesson m", {"minima", "momentum"}),
        ("lessons play sca", {"scaling"}),
        ("lessons facts sca", {"scaling"}),
        ("lessons handout sca", {"scaling"}),
        ("lessons report --lesson sca", {"scaling"}),
    ],
)
def test_a_shell_completes_lessons(completed, words, found):
    assert {line.partition(",")[2] for line in completed(words).splitlines()} == found


def test_a_teacher_begins_with_the_playground(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = started("--teacher")
    assert (app.session.config, app.base) == (PRESETS["playground"], "playground")


def test_list_opens_only_settings_file(call, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "quadfit-tui").mkdir()
    (tmp_path / "quadfit-tui/settings.toml").write_text("speed = 30\n")
    opened, opens = [], access.open_descriptor
    monkeypatch.setattr(access, "open_descriptor", lambda path, *more: opened.append(path) or opens(path, *more))
    assert call("lessons", "list")[0] == 0
    assert [str(path).rpartition("/")[2] for path in opened] == ["settings.toml"]


def test_list_imports_only_headings(tmp_path):
    found = loaded_by(["--version", "lessons list"], tmp_path)
    packages, modules = found["lessons list"]
    assert packages == {"click", "quadfit_tui"}
    assert modules - found["--version"][1] == {
        *("teaching.cli.lessons_command", "teaching.notation", "teaching.notation.headings")
    }
