"""--record DIR: answers are kept where whoever starts the program says, and nothing else is saved there."""

import os

import pytest
from app_helpers import until
from command_line import called, one_line, started
from lessons_taken import TEXT

from quadfit_tui.core.files import access, protected_files
from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the program is started: beside a folder for the record, which has nothing yet, and a lesson."""
    for name in ("page", "record"):
        (tmp_path / name).mkdir()
    (tmp_path / "page" / "small.md").write_text(TEXT)
    monkeypatch.setenv("HOME", str(tmp_path / "page"))
    monkeypatch.chdir(tmp_path / "page")
    yield tmp_path
    protected_files.register_protected("record", lambda: ())
    access.configure()


def answered(folder):
    return [
        each.answer
        for each in Transcript(TranscriptLocation(str(folder / "record" / "transcript.jsonl"), 0o600)).entries
    ]


@pytest.mark.parametrize("options", [[], ["--confined-to", "."]])
def test_answers_kept_for_the_teacher(folder, options):
    for said in (
        "Your answers are recorded for your teacher under the name record.",
        "You are back: 2 of 5 steps done.",
    ):
        done = called("lessons", "play", "small.md", *options, "--record", "../record", stdin=b"\n12\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
    assert "12" in answered(folder)
    assert sorted(os.listdir(folder / "page")) == ["small.md"]
    assert os.listdir(folder / "record") == ["transcript.jsonl"]


def test_confined_cannot_read_record_folder(folder):
    (folder / "record" / "transcript.jsonl").write_text("1,2\n3,4\n")
    options = ["--confined-to", ".", "--record", "../record"]
    typed = b"set data ../record/transcript.jsonl\nset data ../record\nquit\n"
    done = called("--spoken", *options, stdin=typed)
    assert done.stdout.count("it is outside") == 2


@pytest.mark.parametrize("options", [[], ["--confined-to", "."]])
async def test_the_app_saves_nothing_there(folder, options):
    app = started("--no-settings", *options, "--record", "../record")
    if options:
        access.configure(folder=".")
    outside = f"it is outside {folder}/page; allowed: a file in {folder}/page"
    why = outside if options else "your answers to lessons are kept there; allowed: another file"
    async with app.run_test(size=(160, 30)) as pilot:
        for name in ("transcript.svg", "new.svg"):
            await app.run_action("save('view')")
            app.focused.value = f"../record/{name}"
            await pilot.press("enter")
            await until(pilot, lambda: why in str(app.query_one("FilePrompt .problem").render()))
            await pilot.press("escape")
        assert app.teaching.library.transcript().readers is ReadAccess.GIVEN
    assert os.listdir(folder / "record") == []


@pytest.mark.parametrize("command", [[], ["lessons", "play"]])
@pytest.mark.usefixtures("folder")
def test_invalid_record_folder_refused(command):
    for name in ("absent", "small.md", ""):
        done = called(*command, "--record", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert one_line(done.stderr).endswith("; allowed: an existing directory")
        assert f"Invalid value for '--record': {name!r} cannot be read: " in done.stderr
    done = called(*command, "--record", ".", "--no-record")
    assert one_line(done.stderr) == "quadfit-tui: --record cannot be combined with --no-record"
