"""Where the journal of a sweep and its file may be: no file of others is written over, nor written by two programs."""

import os

import pytest
from sweep_files import FILE, HEAD, JOURNAL, ROWS, opened, part, read, undisturbed

from quadfit_tui.core.files import access
from quadfit_tui.core.sweep import journal as module
from quadfit_tui.core.sweep.journal import Journal


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_an_older_file_is_written_over_only_where_that_was_asked_for_once():
    with open(FILE, "w") as stream:
        stream.write("mine")
    for how in ({}, {"resume": True}):
        with pytest.raises(FileExistsError, match="it already has content"):
            opened(**how)
        assert (os.listdir(), read(FILE)) == ([FILE], b"mine")
    journal = opened(overwrites=True)
    journal.add(part(0, 5))
    journal.close()
    assert (sorted(os.listdir()), read(FILE)) == ([FILE, JOURNAL], b"mine")
    journal = opened(resume=True)  # as it was asked for when the sweep was begun
    journal.add(ROWS)
    journal.finish("csv")
    journal.close()
    assert (os.listdir(), read(FILE)) == ([FILE], undisturbed())
    with pytest.raises(FileExistsError):
        opened(resume=True)


def test_a_second_program_on_the_same_file_is_refused_and_the_first_goes_on():
    first = opened()
    first.add(part(0, 5))
    for how in ({}, {"resume": True}, {"overwrites": True}):
        with pytest.raises(OSError, match="another program is already writing to it"):
            opened(**how)
    first.add(ROWS)
    first.finish("csv")
    first.close()
    assert read(FILE) == undisturbed()


def test_a_journal_that_another_program_has_just_done_with_is_refused(monkeypatch):
    monkeypatch.setattr(module.open_file, "lock", lambda *_: os.unlink(JOURNAL))
    with pytest.raises(OSError, match="another program is already writing to it"):
        opened()


def test_what_cannot_be_a_file_of_a_sweep_is_refused_before_it_begins(monkeypatch):
    os.mkdir("folder")
    for path, why in (
        ("nothing/s.csv", "No such file"),
        ("folder", "Is a directory"),
        ("folder/", "Is a directory|names a directory"),
        ("x" * 250, "File name too long"),
        ("", "not the name of a file"),
    ):
        with pytest.raises(OSError, match=why):
            Journal(path, HEAD)
    os.symlink("elsewhere", JOURNAL)
    with pytest.raises(OSError, match="it is a link"):
        opened()
    os.unlink(JOURNAL)
    os.mkfifo(JOURNAL)
    with pytest.raises(OSError, match="regular file"):
        opened()
    os.unlink(JOURNAL)
    os.mkfifo(FILE)
    reader = os.open(FILE, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OSError, match="it is not a regular file"):
        opened()
    os.close(reader)
    os.unlink(FILE)
    assert os.listdir() == ["folder"]
    monkeypatch.setattr(access, "_rules", access._Rules(os.path.realpath("folder")))
    with pytest.raises(OSError, match="outside your home directory"):
        opened()
    journal = Journal("folder/s.csv", HEAD)
    journal.add(ROWS)
    journal.finish("csv")
    journal.close()
    assert os.listdir("folder") == [FILE]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_is_read_only_is_refused_before_it_begins():
    os.mkdir("folder", 0o500)
    with pytest.raises(OSError, match="Permission denied"):
        Journal("folder/s.csv", HEAD)
