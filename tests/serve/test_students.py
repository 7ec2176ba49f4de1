"""The names of a class, and what each has: a token that stays the same, and a folder that is nobody else's."""

import os
import re
import stat
import threading
from pathlib import Path

import pytest
from command_line import one_line, program

from quadfit_tui.core.files.class_records import TOKENS, student_folders
from quadfit_tui.serve import students, trial
from quadfit_tui.serve.command import SessionCommand
from quadfit_tui.serve.students import enroll

NAMES = ["Anna Großmann", "Ben", "张三", "a b.c"]


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_folders_and_tokens_persist(tmp_path):
    before = os.umask(0)
    try:
        first = enroll(NAMES, str(tmp_path / "records"))
    finally:
        os.umask(before)
    assert [each.name for each in first] == NAMES
    assert len({each.token for each in first}) == len(NAMES)
    assert all(re.fullmatch(r"[\w-]{22}", each.token) for each in first)
    assert {mode(each.folder) for each in first} == {0o700}
    assert (mode(tmp_path / "records"), mode(tmp_path / "records" / TOKENS)) == (0o700, 0o600)
    (Path(first[1].folder) / "transcript.jsonl").write_text("precious")
    os.chmod(tmp_path / "records" / TOKENS, 0o644)
    again = enroll(["Zoe", *NAMES[1:]], str(tmp_path / "records"))
    assert again[1:] == first[1:]
    assert mode(tmp_path / "records" / TOKENS) == 0o600
    assert (Path(first[1].folder) / "transcript.jsonl").read_text() == "precious"
    assert enroll(NAMES, str(tmp_path / "records")) == first  # who was left out for a while has the same one again
    assert student_folders(str(tmp_path / "records")).keys() == {*NAMES, "Zoe"}


def test_token_file_size_is_limited(tmp_path, monkeypatch):
    enroll(NAMES, str(tmp_path))
    before = (tmp_path / TOKENS).read_bytes()
    monkeypatch.setattr(students, "MOST_BYTES", len(before))
    with pytest.raises(OSError, match=r"its file .tokens.json is full; remove the names of those who have left"):
        enroll([*NAMES, "Zoe"], str(tmp_path))
    assert (tmp_path / TOKENS).read_bytes() == before


def test_two_servers_that_begin_at_once_agree(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(enroll(NAMES, str(tmp_path / "r")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(each == found[0] for each in found)


def test_what_others_could_change_is_refused(tmp_path):
    records = tmp_path / "records"
    records.mkdir()
    (records / "Ben").symlink_to("/tmp")
    with pytest.raises(OSError, match="'Ben' is no directory of yours there"):
        enroll(NAMES, str(records))
    (records / "Ben").unlink()
    (records / "Ben").touch()
    with pytest.raises(OSError, match="'Ben' is no directory of yours there"):
        enroll(NAMES, str(records))
    (records / "Ben").unlink()
    for content in (b"{", b"[]", b'{"Ben": 1}', b"\xff", b'{"\\ud800": "x"}'):
        (records / TOKENS).write_bytes(content)
        with pytest.raises(OSError, match=r"its file .tokens.json holds no tokens"):
            enroll(NAMES, str(records))
        assert (records / TOKENS).read_bytes() == content
    (records / TOKENS).write_bytes(b'{"Ben": "same", "Anna": "same"}')
    with pytest.raises(OSError, match=r"its file .tokens.json gives two names the same token"):
        enroll(NAMES, str(records))
    (records / TOKENS).unlink()
    (records / TOKENS).symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(OSError, match=r"its file .tokens.json is a link"):
        enroll(NAMES, str(records))
    (records / TOKENS).unlink()
    assert not (tmp_path / "elsewhere.json").exists()
    os.chmod(records, 0o777)
    with pytest.raises(OSError, match="others can write there"):
        enroll(NAMES, str(records))


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["--names", "class.csv"], "--names has no effect without --records DIR"),
        (["--records", "records"], "--records has no effect without --names FILE"),
        (
            ["--names", "absent", "--records", "records"],
            "'--names': 'absent' cannot be read: No such file or",
        ),
        (["--names", "bad.csv", "--records", "records"], "'--names': 'bad.csv' line 2: '/' is no name of a folder"),
        (
            ["--names", "class.csv", "--records", "bad.csv"],
            "'--records': 'bad.csv' cannot be used: File exists; allowed: a directory, existing or new",
        ),
    ],
)
def test_bad_options_are_refused(tmp_path, args, why):
    (tmp_path / "class.csv").write_text("name\nBen\n")
    (tmp_path / "bad.csv").write_text("name\n/\n")
    done = program("serve", "--port", "0", *args, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in one_line(done.stderr)


def test_trial_run_uses_no_student_record(monkeypatch):
    tried = []

    class Tried:
        def __init__(self, _start, words, folder, *_others):
            tried.append((words, folder))

        async def read(self):
            return b""

        async def end(self):
            pass

    monkeypatch.setattr(trial, "Process", Tried)
    command = SessionCommand(("--lesson", "rate"), {}, {"Ann": "hers"})
    assert trial.output_of(None, command, "en") == ""
    (((*_, option, record, lesson, _), folder),) = tried
    assert (option, record, lesson) == ("--record", folder, "--lesson")
