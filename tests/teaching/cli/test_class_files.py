"""The files of a class, and of its students, are no target of what somebody saves."""

import pytest
from command_line import started

from quadfit_tui.core.files import access, protected_files
from quadfit_tui.core.files.atomic_file import write_lines
from quadfit_tui.teaching.classroom.classroom import Classroom
from quadfit_tui.teaching.cli.lessons_class import class_folders


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with a class and a student, and the present folder."""
    for name in ("class/now.json", "ben/transcript.jsonl", "work/other.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("precious")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "work")
    yield tmp_path
    protected_files.register_protected("class", lambda: ())
    access.configure()


def test_class_and_student_folders_are_protected(home):
    protected_files.register_protected("class", lambda: class_folders(Classroom("../class"), [str(home / "ben")]))
    for name, why in (
        ("class/now.json", "the question of your class is kept there"),
        ("class/new.csv", "the question of your class is kept there"),
        ("ben/transcript.jsonl", "answers of a student are kept there"),
    ):
        with pytest.raises(protected_files.OwnFileError, match=why):
            write_lines(f"../{name}", ["x"], overwrites=True)
    write_lines("new.csv", ["x"])


def test_class_folder_is_protected(home):
    started("--class", home / "class")
    with pytest.raises(protected_files.OwnFileError, match="the question of your class is kept there"):
        protected_files.check(str(home / "class/now.json"))


def test_only_named_transcripts_are_protected(home):
    name = home / "work/[anna].jsonl"
    name.write_text("precious")
    protected_files.register_protected("class", lambda: class_folders(Classroom("../class"), [str(name)]))
    write_lines("a.jsonl", ["x"])
    with pytest.raises(protected_files.OwnFileError, match="answers of a student are kept there"):
        write_lines(name.name, ["x"], overwrites=True)
