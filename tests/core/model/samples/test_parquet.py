"""Samples from Parquet files, where pyarrow is installed; one clear line where it is not."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.piecewise import Piecewise, done
from quadfit_tui.core.model.problem import make_problem, problem_pieces
from quadfit_tui.core.model.samples import parquet
from quadfit_tui.core.model.samples.sample_text import SampleFileError


def test_without_pyarrow_a_parquet_file_is_refused_with_what_it_takes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and more")
    with pytest.raises(
        ConfigError, match=r"takes pyarrow to read \(pip install 'quadfit-tui\[parquet\]'\); allowed: a CSV"
    ):
        make_problem(RunConfig(data=str(tmp_path / "a.parquet")))


@pytest.fixture
def write(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    tables = pytest.importorskip("pyarrow.parquet")

    def write(columns, **options):
        path = str(tmp_path / "samples.parquet")
        tables.write_table(arrow.table(columns), path, **options)
        return path

    return write


def test_columns_are_chosen_and_rows_with_a_missing_value_left_out(write):
    path = write({"name": ["a", "b", "c", "d"], "t": [1, 2, None, 4], "s": [0.5, float("nan"), 1, 1 / 3]})
    problem = make_problem(RunConfig(data=path, columns="t,s"))
    assert (problem.x.tolist(), problem.y.tolist(), list(problem.left_out)) == ([1, 4], [0.5, 1 / 3], [2, 3])
    assert problem.notices == ["2 rows are left out, since a value is missing: rows 2 and 3"]
    assert make_problem(RunConfig(data=path, columns="3,2")).x.tolist() == [0.5, 1 / 3]
    assert make_problem(RunConfig(data=write({"x": [1.0, 2.0], "y": [3, 4]}))).y.tolist() == [3, 4]


def test_columns_are_named_without_their_values_and_what_is_damaged_is_refused(write, tmp_path):
    path = write({"x" * 500: [1], "größe": ["text"], "h": [None]})
    first, *others = done(parquet.parquet_columns(path))
    assert (len(first) < 400, others) == (True, ["größe", "h"])
    (tmp_path / "cut.parquet").write_bytes(Path(path).read_bytes()[:-100])
    with pytest.raises(SampleFileError, match="it is damaged or cut off"):
        done(parquet.parquet_columns(str(tmp_path / "cut.parquet")))
    with pytest.raises(SampleFileError, match="cannot be read: No such file"):
        done(parquet.parquet_columns(str(tmp_path / "absent.parquet")))


@table(
    ("columns", "chosen", "reason"),
    [
        ({"a": [1], "b": ["x"]}, None, "column b is of type string; allowed: columns of numbers"),
        ({"a": [1], "b": [2], "c": [3]}, None, "samples.parquet' has 3 columns (a, b, c); allowed: two, x and y, or"),
        ({"a": [1], "b": [2]}, "a,c", "names 'c', which is no column of the file; allowed: two of its headings (a, b)"),
        ({"a": [1, 2], "b": [2, float("inf")]}, None, "row 2, column b: 'inf' is not a finite number; allowed: finite"),
        ({"a": [1, 2], "b": [2, -2e12]}, None, "row 2, column b: '-2e+12' is too large; allowed: from -1e+12"),
        ({"a": [None, 1], "b": [2.0, None]}, None, "contains no samples"),
        ({"a": [1] * 1_000_001, "b": [1] * 1_000_001}, None, "has more than 1000000 samples; allowed: up to 1000000"),
    ],
    ids=["text", "three columns", "no column", "infinity", "too large", "missing", "too many"],
)
def test_what_cannot_be_used_is_refused_in_one_line(write, columns, chosen, reason):
    with pytest.raises(ConfigError) as refused:
        make_problem(RunConfig(data=write(columns), columns=chosen))
    assert reason in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_file_that_takes_too_much_memory_is_refused_and_the_program_lives_on(write, monkeypatch):
    monkeypatch.setattr(parquet, "_MOST_MEMORY", 20_000_000)  # which pyarrow has by then
    with pytest.raises(ConfigError, match="takes too much memory; allowed: a whole Parquet file"):
        make_problem(RunConfig(data=write({"x": [1.0] * 300_000, "y": [2.0] * 300_000})))


def test_where_there_is_no_room_for_a_temporary_file_that_is_told(write, monkeypatch):
    path = write({"x": [1.0], "y": [2.0]})

    def full():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(ConfigError, match="cannot be read, which takes a temporary file: No space left on device; all"):
        make_problem(RunConfig(data=path))


def test_reading_that_is_given_up_leaves_no_program(write, monkeypatch):
    begun, begin = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **more: begun.append(begin(*given, **more)) or begun[-1])
    work = Piecewise(problem_pieces(RunConfig(data=write({"x": [1.0], "y": [2.0]}))))
    while not begun:
        work.advance(0)
    assert begun[0].returncode is None
    work.give_up()
    assert begun[0].returncode is not None


def test_a_damaged_file_is_refused(write):
    path = write({"x": [1, 2], "y": [3, 4]})
    with open(path, "rb") as stream:
        content = stream.read()
    for broken in (content[:-9], content[:40] + b"\xff" * 40 + content[80:], b"PAR1"):
        with open(path, "wb") as stream:
            stream.write(broken)
        with pytest.raises(ConfigError, match="cannot be read: it is damaged or cut off, or takes too much memory; al"):
            make_problem(RunConfig(data=path))
