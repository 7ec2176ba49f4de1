"""A file of a sweep that was changed, or is none, is told in one line."""

import pytest
from sweep_files import FILE, HEAD, ROWS, TOML, opened, put, read, write_sweep
from tables import table

from quadfit_tui.sweeps.head import SweepFileError
from quadfit_tui.sweeps.sweep_file import read_sweep


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def wrong(path=FILE):
    with pytest.raises(SweepFileError) as refused:
        read_sweep(path)
    (line,) = str(refused.value).splitlines()
    return line


@table(
    ("file", "old", "new", "says"),
    [
        (FILE, b"\n0,0.1,", b"\n0,0.2,", "has a line 2 that is not of this sweep; allowed: the two files of a sweep"),
        (FILE, b"\n7,", b"\n8,", "has a line 9 that is not of this sweep"),
        (FILE, b"\n7,", b"\n8000,", "has a line 9 that is not of this sweep"),
        (FILE, b"\n7,", b"\nx,", "has a line 9 that is not of this sweep"),
        (FILE, b"\n7,", b"\n\xff,", "has a line 9 that is not of this sweep"),
        (FILE, b"\n7,", b"\n7,,", "has a line 9 that is not of this sweep"),
        (FILE, b"cell,lr", b"cell,rate", "has a line 1 that is not of this sweep"),
        (FILE, b"\n", b"\r\n", "has a line 1 that is not of this sweep"),
        (TOML, b"samples = 6", b"samples = 7", "has a line 2 that is not of this sweep"),
        (
            TOML,
            b"samples = 6",
            b"samples = -7",
            "goes with 's.csv.toml', which has a value that is refused: sampl",
        ),
        (TOML, b"samples = 6", b"samples = ", "which is not valid TOML"),
        (TOML, b"samples = 6", b"sample = 6", "which has an unknown key 'sample'"),
        (TOML, b"lr = [0.1,", b"lr = [0.15,", "has a line 2 that is not of this sweep"),
        (TOML, b"lr = [0.1,", b"lr = [-1,", "which has a value that is refused: lr = '-1' is too small"),
        (TOML, b"lr = [0.1,", b"lrr = [0.1,", "is a value of no parameter of a run (did you mean 'lr'?)"),
        (TOML, b"lr = [0.1,", b"lr = []  # [", "a value that is refused: lr = '[]' is no list of values"),
        (TOML, b"lr = [0.1, ", b"lr = 3 # [0.1, ", "a value that is refused: lr = '3' is no list of values"),
        (TOML, b"[sweep]", b"[swept]", "which has an unknown key 'swept'"),
        (TOML, b"[sweep]", b"[sweep]\nrandom = 1000000", "which was changed, or is not of a sweep"),
        (TOML, b"version = ", b"versions = ", "which was changed, or is not of a sweep"),
    ],
)
def test_changed_file_refused_in_one_line(file, old, new, says):
    write_sweep(FILE, HEAD, ROWS, overwrites=True)
    content = read(file)
    assert old in content
    put(file, content.replace(old, new))
    line = wrong()
    assert says in line
    with pytest.raises(SweepFileError):
        opened(resume=True)


def test_foreign_or_unfinished_file_refused():
    assert wrong().startswith("cannot be read: No such file or directory; allowed: ")
    for content in (
        b"",
        b"x,y\n1,2\n",
        b"# sweep: 1\n# base: 3\ncell,seed\n",
        b"PAR1" + bytes(99),
        b"SQLite format 3\0",
    ):
        put(FILE, content)
        assert wrong().startswith("goes with 's.csv.toml', which is missing; allowed: the two files of a sweep as ")
    write_sweep(FILE, HEAD, ROWS, overwrites=True)
    put(FILE, b"".join(read(FILE).splitlines(keepends=True)[:100]))
    left = f"is not finished: {len(ROWS) - 99} of {len(ROWS)} runs are left; allowed: a finished file; --resume goes on"
    assert wrong().startswith(left)
    put(TOML, bytes([255]))
    assert "which is not text; allowed: a TOML file in UTF-8" in wrong()
