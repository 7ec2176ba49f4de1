"""The file of a sweep: all bits again, for other programs, too; and the same in the end, whatever happens."""

import csv
import errno
import os
import random
import re
import signal

import numpy as np
import pytest
from documents import MANUAL
from full_disk import room
from homes import confined
from sweep_files import (
    FILE,
    HEAD,
    ROWS,
    TOML,
    bits,
    made_up_rows,
    opened,
    part,
    put,
    read,
    small_space,
    undisturbed,
    write_sweep,
)

from quadfit_tui import RunConfig
from quadfit_tui.sweeps import sweep_file
from quadfit_tui.sweeps.head import SweepFileError, SweepHeader
from quadfit_tui.sweeps.rows import COLUMNS
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.sweep_file import SweepFile, read_sweep

_RUN = r"test_sweep_file.py runs the next block -->\n```python\n(.+?)```"
READERS = dict(zip(("pandas", "polars"), re.findall(_RUN, MANUAL["sweeps"], re.DOTALL), strict=True))


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_round_trip_is_bit_exact():
    write_sweep(FILE, HEAD, ROWS)
    head, space, rows = read_sweep(FILE)
    assert bits(rows) == bits(ROWS)
    assert repr(space.configs(HEAD.chosen)) == repr(small_space().configs(HEAD.chosen))
    assert head.differences(HEAD) == []
    assert sorted(os.listdir()) == [FILE, TOML]
    drawn = SweepHeader.of(small_space(), random=9)
    write_sweep("drawn.csv", drawn, made_up_rows(drawn.chosen))
    assert bits(read_sweep("drawn.csv")[2]) == bits(made_up_rows(drawn.chosen))


def test_plain_table_with_row_commands():
    write_sweep(FILE, HEAD, ROWS)
    with open(FILE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["cell", "lr", "optimizer", "momentum", "batch", "init", "seed", *COLUMNS, "run"]
    assert len(rows) == len(ROWS) == len(read(FILE).splitlines()) - 1
    assert [row["error"] for row in rows] == [ROWS.errors.get(cell, "") for cell in range(len(ROWS))]
    assert {row["momentum"] for row in rows if row["optimizer"] == "sgd"} == {""}
    for name in ("mean_loss", "least", "a", "b", "c"):
        column = ROWS.w[:, "abc".index(name)] if name in "abc" else getattr(ROWS, name)
        found = [float(row[name] or "nan") for row in rows]
        assert np.array(found).tobytes() == column.tobytes()
    first = "quadfit-tui run --preset article --samples 6 --noise 0.2 --epochs 4 --lr 0.1"
    assert rows[0]["run"] == f"{first} --optimizer sgd --batch 1 --init random --seed 0 --quiet"


@pytest.mark.parametrize("program", READERS)
def test_a_program_reads_the_same_rows(program):
    pytest.importorskip(program)
    write_sweep("sweep.csv", HEAD, ROWS)
    found = {}
    exec(READERS[program], found)
    frame = found["runs"]
    for name in ("mean_loss", "least", "a", "b", "c"):
        column = ROWS.w[:, "abc".index(name)] if name in "abc" else getattr(ROWS, name)
        values = [np.nan if value is None else value for value in frame[name].to_list()]
        assert np.array(values).tobytes() == column.tobytes()
    for name in ("cell", "epochs", "updates"):
        assert frame[name].to_list() == getattr(ROWS, name).tolist()


def test_truncated_file_resumes_to_same_bytes():
    expected, chance = undisturbed(), random.Random(1)
    file = opened()
    file.add(part(40, 90))
    file.add(part(0, 60))
    file.close()
    content = read(FILE)
    for cut in (0, 5, content.index(b"\n"), content.index(b"\n") + 1, *chance.sample(range(len(content)), 12)):
        put(FILE, content[:cut])
        file = opened(resume=True)
        kept = read(FILE)
        assert kept == (content[: content.rfind(b"\n", 0, cut) + 1] or content[: content.index(b"\n") + 1])
        assert len(file.left) == len(ROWS) - kept.count(b"\n") + 1
        file.add(ROWS)
        file.finish()
        file.close()
        assert read(FILE) == expected


def test_rows_stay_when_rewrite_fails(monkeypatch):
    file = opened()
    file.add(part(40, 90))
    file.add(ROWS)
    before = read(FILE)

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(sweep_file, "NewFile", refused)
        with pytest.raises(PermissionError):
            file.finish()
    assert read(FILE) == before
    file.close()
    file = opened(resume=True)
    file.finish()
    file.close()
    assert read(FILE) == undisturbed()


def test_rows_unique_and_synced_when_added(monkeypatch):
    synced = []
    file = opened()
    really = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size) or really(file))
    assert len(file.add(part(0, 10))) == 10
    assert synced == [os.path.getsize(FILE)]
    assert file.add(part(5, 12)).cell.tolist() == [10, 11]
    file.close()
    assert read(FILE).count(b"\n") == 13


def test_rows_in_the_file_count_though_their_sync_is_interrupted(monkeypatch):
    file = opened()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            file.add(part(0, 10))
    assert len(file.rows()) == read(FILE).count(b"\n") - 1 == 10
    file.close()


def test_overwrite_only_on_request():
    put(FILE, b"mine\n")
    for how in ({}, {"resume": True}):
        with pytest.raises((FileExistsError, SweepFileError)):
            opened(**how)
        assert (read(FILE), os.listdir()) == (b"mine\n", [FILE])
    os.unlink(FILE)
    put(TOML, b"lr = 1\n")  # somebody's
    with pytest.raises(FileExistsError) as refused:
        opened()
    assert refused.value.filename == TOML
    assert os.listdir() == [TOML]
    opened(overwrites=True).close()
    assert os.listdir() == []  # no row is there: nothing is to be resumed
    file = opened()
    file.add(part(0, 5))
    file.close()
    with pytest.raises(SweepFileError, match=r"^has a sweep already; allowed: --resume to go on with it, --force "):
        opened()
    opened(overwrites=True).close()
    assert os.listdir() == []


def test_second_writer_refused_first_continues():
    first = opened()
    first.add(part(0, 5))
    for how in ({}, {"resume": True}, {"overwrites": True}):
        with pytest.raises(OSError, match="another program is already writing to it"):
            opened(**how)
    first.add(ROWS)
    first.finish()
    first.close()
    assert read(FILE) == undisturbed()


def test_another_sweep_is_not_gone_on_with():
    file = opened()
    file.add(part(0, 5))
    file.close()
    before = read(FILE), read(TOML)
    other = SweepHeader.of(Space(HEAD.space.base.replace(tol=1e-4), HEAD.space.axes))
    told = r"^is of another sweep: tol was 1e-05, and is 0.0001 now; allowed: the same options again, or --force "
    with pytest.raises(SweepFileError, match=told):
        SweepFile(FILE, other, resume=True)
    assert (read(FILE), read(TOML)) == before


def test_suspects_remain_until_trained():
    file = opened()
    file.add(part(0, 5))
    file.suspect([9, 7])
    file.close()
    assert b"\nsuspects = [7, 9]\n" in read(TOML)
    file = opened(resume=True)
    assert file.suspects == (7, 9)
    file.add(ROWS)
    file.finish()
    file.close()
    assert b"suspect" not in read(TOML)
    assert read(FILE) == undisturbed()


def test_full_disk_loses_no_reported_row():
    file = opened()
    file.add(part(0, 10))
    with room(os.path.getsize(FILE) + 100), pytest.raises(OSError, match="File too large"):
        file.add(ROWS)
    assert file.rows().cell.tolist() == list(range(10))
    file.close()
    file = opened(resume=True)
    assert bits(file.rows()) == bits(part(0, 10))
    file.add(part(20, 200))
    file.add(ROWS)
    with room(1000), pytest.raises(OSError, match=r"File too large|cannot be written"):
        file.finish()
    file.close()
    file = opened(resume=True)
    assert len(file.left) == 0
    file.finish()
    file.close()
    assert (read(FILE), sorted(os.listdir())) == (undisturbed(), [FILE, TOML])
    with room(100), pytest.raises(OSError, match="File too large"):
        SweepFile("new.csv", HEAD)
    assert sorted(os.listdir()) == [FILE, TOML]


def test_invalid_paths_refused_before_start():
    os.mkdir("folder")
    for path, why in (
        ("nothing/s.csv", "No such file"),
        ("folder", "Is a directory"),
        ("x" * 255, "File name too long"),
        ("", "not the name of a file"),
    ):
        with pytest.raises(OSError, match=why):
            SweepFile(path, HEAD)
    os.symlink("elsewhere", FILE)
    with pytest.raises(OSError, match="it is a link"):
        opened()
    os.unlink(FILE)
    os.mkfifo(FILE)
    with pytest.raises(OSError, match="regular file"):
        opened()
    os.unlink(FILE)
    for name in os.listdir():
        assert name == "folder" or os.path.getsize(name) == 0
    with confined("folder"):
        with pytest.raises(OSError, match="outside"):
            opened()
        write_sweep("folder/s.csv", HEAD, ROWS)
    assert sorted(os.listdir("folder")) == [FILE, TOML]


def test_failed_write_leaves_no_partial_line(monkeypatch):
    file = opened()
    file.add(part(0, 3))
    before = read(FILE)
    really = os.write
    monkeypatch.setattr(os, "write", lambda fd, content: really(fd, content[:50]) if len(content) > 60 else fail())

    def fail():
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        file.add(part(3, 4))
    assert read(FILE) == before
    file.close()


@pytest.mark.parametrize("axes", [{"lr": [0.1, 0.2]}, {"data": ["one.csv", "two.csv", None]}])
def test_sample_files_resolved_from_any_directory(tmp_path, monkeypatch, axes):
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("1,2\n3,4\n5,9\n")
    (tmp_path / "out").mkdir()
    head = SweepHeader.of(Space(RunConfig(data="one.csv", batch="full", epochs=3), axes))
    rows = made_up_rows(head.chosen)
    write_sweep("out/s.csv", head, rows)
    content = read("out/s.csv")
    assert b" --data one.csv --data-sha256 " in content
    monkeypatch.chdir("out")
    _, space, found = read_sweep(FILE)
    assert bits(found) == bits(rows)
    assert space.config(0).data == str(tmp_path / "one.csv")
    put(FILE, content[:-1])
    monkeypatch.chdir(tmp_path)
    file = SweepFile("out/s.csv", head, resume=True)
    assert len(file.left) == 1
    file.add(rows)
    file.close()
    assert read("out/s.csv") == content
    (tmp_path / "one.csv").write_text("1,2\n")
    with pytest.raises(SweepFileError, match="the files of samples are others"):
        SweepFile("out/s.csv", SweepHeader.of(head.space), resume=True)
