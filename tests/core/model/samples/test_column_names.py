"""What the beginning of a file tells of its columns, however long the file is and however it is written."""

import gzip
import os
from contextlib import suppress

import pytest
from hostile_files import HOSTILE
from trials import cases

from quadfit_tui.core.files import access
from quadfit_tui.core.model.samples import reader
from quadfit_tui.core.model.samples.reader import columns_in, read_samples
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


def counted(monkeypatch, module, name):
    """The sizes of the blocks that a generator of a module yields from now on."""
    blocks, sizes = getattr(module, name), []

    def counting(*args, **options):
        for block in blocks(*args, **options):
            sizes.append(len(block))
            yield block

    monkeypatch.setattr(module, name, counting)
    return sizes


@pytest.mark.parametrize("name", cases([*HOSTILE]))
def test_hostile_files_give_bounded_names(tmp_path, monkeypatch, name):
    path, names = tmp_path / "it.csv", []
    path.write_bytes(HOSTILE[name]())
    read, unpacked = counted(monkeypatch, access, "blocks"), counted(monkeypatch, reader, "unpacked")
    with suppress(SampleFileError):
        names = columns_in(path)
    assert all(len(each) < 200 for each in names)
    assert 0 < sum(read) < 100_000
    assert sum(unpacked) < 1_000_000


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
