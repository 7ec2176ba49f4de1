"""What the beginning of a file tells of its columns, however long the file is and however it is written."""

import gzip
import itertools
import os

import pytest
from tables import table

from quadfit_tui.core.model.samples.reader import FileColumn, columns_in, read_samples, undecided_columns
from quadfit_tui.core.model.samples.sample_text import SampleFileError

FILES = {
    "heading": (b"time,height\n1,2\n2,4\n", ["time", "height"]),
    "comments": (b"# Galileo\n\ntime;height\n1,5;2\n", ["time", "height"]),
    "no heading": (b"1 2\n2 4\n", ["1", "2"]),
    "three": (b"a\tb\tc\n1\t2\t3\n", ["a", "b", "c"]),
    "names of rows": (b'"","t","h"\n"1",0,5\n', ["1", "t", "h"]),
    "no end": (b"t,h\n1,2", ["t", "h"]),
    "old ends of lines": (b"t,h\r1,2\r2,3\r", ["t", "h"]),
    "packed": (gzip.compress(b"t,h\n" + b"1,2\n" * 100_000), ["t", "h"]),
    "example": (None, ["time", "distance"]),
}


@pytest.mark.parametrize("name", FILES)
def test_names_from_heading_or_numbers(tmp_path, name):
    content, names = FILES[name]
    path = tmp_path / "it.csv"
    if content is None:
        path = "example:galileo"
    else:
        path.write_bytes(content)
    assert columns_in(path) == names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_names_survive_any_cut_position(tmp_path, encoding, end):
    """Amid a number with a comma, a character of some bytes, the end of a line."""
    path = tmp_path / "it.csv"
    before = b"\xfe\xff" if encoding == "utf-16-be" else b""
    for blanks in range(8):
        text = f"größe;höhe{end}{' ' * blanks}1;2{end}" + f"1,5;2,25{end}" * 3000
        path.write_bytes(before + text.encode(encoding))
        assert columns_in(path) == ["größe", "höhe"], (blanks, read_samples(str(path)).x[:2])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "contains no samples"),
        (b"x\n1\n", "line 1 has one column"),
        (bytes(100), "is not text"),
        (None, "cannot be read: it is not a regular file"),
    ],
)
def test_invalid_table_is_refused_with_reason(tmp_path, content, why):
    path = tmp_path / "it.csv"
    if content is None:
        os.mkfifo(path)
        writer = os.open(path, os.O_RDWR)  # so that opening it gives a pipe at once
    else:
        path.write_bytes(content)
    with pytest.raises(SampleFileError) as refused:
        columns_in(path)
    assert str(refused.value).startswith(why)
    if content is None:
        os.close(writer)


# Which columns somebody has to choose from

UNDECIDED = {
    "two": ("t,h\n1,2\n", []),
    "x and y among others": ("run,x,y\n1,2,3\n", []),
    "names of rows": (",t,h\na,1,2\n", []),
    "three": ("t;h;v\n0,5;2;-\n1,5;NA;4\n2;3;5\n", [("t", ["0,5", "1,5", "2"]), ("h", ["2", "3"]), ("v", ["4", "5"])]),
    "words": ("name,t,h\nAnn,1,2\nBob,2,4\n", [("t", ["1", "2"]), ("h", ["2", "4"])]),
    "dates": (
        "day,h,v\n2024-02-01,2,3\n2024-02-02,4,5\n",
        [("day", ["2024-02-01", "2024-02-02"]), ("h", ["2", "4"]), ("v", ["3", "5"])],
    ),
    "one name twice": ("t,h,h\n1,2,3\n", [("t", ["1"]), ("2", ["2"]), ("3", ["3"])]),
    "no headings": ("1 2 3\n4 5 6\n", [("1", ["1", "4"]), ("2", ["2", "5"]), ("3", ["3", "6"])]),
    "units and a preamble": ("Lab 3\nt,h,v\ns,m,V\n1,2,3\n", [("t", ["1"]), ("h", ["2"]), ("v", ["3"])]),
    "many rows": ("a,b,c\n" + "1,2,3\n" * 5000, [("a", ["1"] * 4), ("b", ["2"] * 4), ("c", ["3"] * 4)]),
}


@table(("content", "expected"), UNDECIDED.values(), ids=[*UNDECIDED])
def test_columns_to_choose_from(tmp_path, content, expected):
    path = tmp_path / "it.csv"
    path.write_text(content)
    found = undecided_columns(str(path))
    assert [(column.word, column.values) for column in found] == expected
    for one, other in itertools.pairwise(found):  # the words are those that read the file
        x, y, *_ = read_samples(str(path), (one.word, other.word)) if one.word != "day" else ([], [])
        assert len(x) == len(y)


def test_column_has_its_heading(tmp_path):
    path = tmp_path / "it.csv"
    path.write_text("t (s),h,h\n1,2,3\n")
    assert undecided_columns(str(path)) == [
        FileColumn("t (s)", "t (s)", ["1"]),
        FileColumn("2", "h", ["2"]),
        FileColumn("3", "h", ["3"]),
    ]


# Logs

LOGS = {
    "Arduino": ("1034ms, adc=512\n1134ms, adc=530\n", "'1034ms, adc=512' in line 1"),
    "names": ("Starting up\nt=0.5 v=3\nt=0.6 v=-4\n", "'t=0.5 v=3' in line 2"),
    "sensors": ("T:23.5C\tH:40\nT:23.6C\tH:41\n", "'T:23.5C\\tH:40' in line 1"),
    "times of the monitor": ("12:30:01.5 -> 1034,512\n12:30:01.6 -> 1134,530\n", "'12:30:01.5 -> 1034,512' in line 1"),
    "Chinese": ("时间=1034毫秒，读数=512\n时间=1134毫秒，读数=530\n", "'时间=1034毫秒，读数=512' in line 1"),
    "long": (("0123456789" * 9 + "ms, adc=1\n") * 2, "'0123456789012345678901234567890123456789' in line 1"),
}


@table(("content", "shown"), LOGS.values(), ids=[*LOGS])
def test_log_is_refused_as_what_it_is(tmp_path, content, shown):
    path = tmp_path / "it.log"
    path.write_text(content)
    said = f"is a log with words between its numbers, as an Arduino writes it: {shown}; "
    for read in (columns_in, undecided_columns, read_samples):
        with pytest.raises(SampleFileError) as refused:
            read(str(path))
        assert str(refused.value) == said + "allowed: two numbers in each line, with a comma between them"


@table(
    "content",
    [
        "5V, 3A\n6V, 4A\n",  # which its line is told of anyway
        "1 Feb 2024,5\n2 Feb 2024,6\n",
        "kind,x\nabc1,2a\n",
        "adc=512\nadc=530\n",
    ],
)
def test_other_files_are_no_logs(tmp_path, content):
    path = tmp_path / "it.log"
    path.write_text(content)
    with pytest.raises(SampleFileError) as refused:
        read_samples(str(path))
    assert "Arduino" not in str(refused.value)


@table("content", ["2024-02-01,5,a=b\n2024-02-02,6,a=b\n", "1,2,t=1\n3,4,t=2\n", "x=1,y=2\n1,2\n3,4\n"])
def test_tables_with_words_are_no_logs(tmp_path, content):
    path = tmp_path / "it.csv"
    path.write_text(content)
    assert len(columns_in(str(path))) in (2, 3)
    assert len(read_samples(str(path), ("1", "2")).x) == 2
