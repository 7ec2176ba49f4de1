"""The text of a file of samples, which is read block by block: where its lines end, and what it may hold."""

import gzip
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table

from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.samples import rows, sample_text
from quadfit_tui.core.model.samples.reader import samples_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError, SampleText, unpack


def pairs(content, *options):
    """The samples of a text, given in blocks as a file's are."""
    content, size = content.encode(), sample_text.BLOCK
    x, y, *_ = run_job(samples_in((content[at : at + size] for at in range(0, len(content), size)), *options))
    return list(zip(x.tolist(), y.tolist(), strict=True))


# What Unicode and str.splitlines take for the end of a line, and people and programs do not.
SEPARATORS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@table("separator", SEPARATORS)
def test_lines_end_at_newlines_alone(separator):
    text = f"1,2{separator}\n3,4\r5,6\r\n\n7,8"
    assert pairs(text) == [(1, 2), (3, 4), (5, 6), (7, 8)]
    with pytest.raises(SampleFileError, match="line 2 has 3 columns; allowed: two, x and y"):
        pairs(f"1,2\n3,4{separator}5,6\n7,8\n")


@pytest.mark.parametrize("size", [1, 500, 100_000])
def test_overlong_lines_are_cut(size):
    def read(text):
        content = text.encode()
        return run_job(samples_in([content[at : at + size] for at in range(0, len(content), size)]))

    blanks, comment = " " * 3000, "#" * 3000
    assert read(f"1,2\n{blanks}\n{comment}1,2\n3,4").x.tolist() == [1, 3]
    for line in ("3," + "4" * 3000, f"{blanks}3,4", f"3,4{blanks}"):
        with pytest.raises(SampleFileError, match="line 2 has more than 2000 characters; allowed: up to 2000"):
            read(f"1,2\n{line}\n5,6")
    if size < 1000:
        text = SampleText([bytes([each]) for each in b"1" * 3000], "auto")
        assert [*map(len, next(reversed([*text.lists()])))] == [2001]


def test_text_is_dropped_on_last_read():
    content = [b"1,2\n3", b",4\n", b"5,6"]
    text = SampleText(content, "auto")
    assert [*text.lists()] == [["1,2"], ["3,4"], [], [], ["5,6"]]
    lists = text.lists(drops=True)
    assert next(lists) == ["1,2"]
    assert content == [b"", b",4\n", b"5,6"]


@pytest.mark.parametrize(
    ("flag", "header"),
    [(8, b"n%s\0"), (16, b"c%s\0"), (8, b"n%s")],
    ids=["name", "comment", "endless"],
)
def test_gzip_header_size_is_bounded(flag, header):
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(b"1,2\n") + packer.flush() + struct.pack("<II", zlib.crc32(b"1,2\n"), 4)

    def read(length):
        content = struct.pack("<3sBI2x", b"\x1f\x8b\x08", flag, 0) + header % (b"a" * length) + body
        return b"".join(unpack([content[at : at + 1000] for at in range(0, len(content), 1000)]))

    if header.endswith(b"\0"):
        assert read(900_000) == b"1,2\n"
    with pytest.raises(SampleFileError, match="a part of which more than 1000000 bytes hold nothing; allowed: a CSV"):
        read(1_100_000)


def test_zeros_between_gzip_parts_are_skipped():
    part = gzip.compress(b"1,2\n")
    assert b"".join(unpack([part + bytes(50), bytes(50), part])) == b"1,2\n" * 2
    with pytest.raises(SampleFileError, match="cannot be unpacked: it is damaged or cut off"):
        b"".join(unpack([part + bytes(50) + b"more"]))


def test_unpacking_yields_small_blocks():
    assert max(map(len, unpack([gzip.compress(bytes(10_000_000))]))) <= sample_text.BLOCK


def test_delimiter_detected_before_long_comments():
    assert pairs("x;y\n1,5;2\n" + "# and so on\n" * 50_000) == [(1.5, 2)]


def test_what_quotes_hold_together_stays_one_cell():
    with pytest.raises(SampleFileError, match="line 101 has one column"):
        pairs("1,2\n" * 100 + '"1,5"\n' * 100 + "1,2\n")


CELLS = st.sampled_from(["1", "-2.5", "1,5", "NA", "", " 3 ", "nan", '"4"', '"1,5"', '"NA"', "7 8", "#1", "1/2"])
LINES = st.one_of(
    st.lists(CELLS, min_size=2, max_size=2),
    st.lists(CELLS, min_size=1, max_size=4),
    st.sampled_from([[""], ["# 1", "2"], [" "], ["", "", ""], ["1", "2", "", ""]]),
)


@given(st.sampled_from(",;\t"), st.lists(LINES, min_size=1, max_size=12), st.randoms())
def test_numpy_rows_equal_row_by_row(delimiter, lines, order: random.Random):
    many = [line for line in lines for _ in range(9)]
    order.shuffle(many)
    content = "\n".join(["x" + delimiter + "y", *map(delimiter.join, many), delimiter.join("12")]).encode()
    found = []
    for few in (3, 10**9):  # with the latter all that NumPy cannot read is read row by row
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows, "_FEW", few)
            if few > 3:
                patch.setattr(rows, "_quick", lambda *_: None)
            try:
                x, y, left_out, *_ = run_job(samples_in([content]))
                found.append((x.tolist(), y.tolist(), list(left_out)))
            except SampleFileError as refused:
                found.append(str(refused))
    assert found[0] == found[1]
