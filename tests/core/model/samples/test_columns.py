"""Which columns of a file are x and y, and the files that are packed or in another encoding."""

import gzip

import pytest
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.samples import sample_text
from quadfit_tui.core.model.samples.reader import read_samples
from quadfit_tui.core.model.samples.sample_text import SampleFileError

WIDE = 'name;age;height, in m;weight\nAnn;7;1,20;22,5\nBob Dee;8;1,31;\n"Dee; Eve";9;1,4;30\n'
INDEXED = ",x,y\n0,1.5,2\n1,2.5,5\n"  # as pandas writes it
ROW_NAMES = '"height" "weight"\n"a" 1.5 2\n"b c" 2.5 5\n'  # as R writes it


@pytest.fixture
def write(tmp_path):
    def write(content, name="samples.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)

    return write


def pairs(path, columns=None, encoding="auto"):
    config = RunConfig(data=path, columns=columns, encoding=encoding)
    problem = make_dataset(config)
    return list(zip(problem.x.tolist(), problem.y.tolist(), strict=True))


@table(
    "columns",
    [
        '"height, in m",weight', '"height, in m"，weight', "height, in m；weight", "３，４", "3、4",
        "height, in m; weight", "HEIGHT, IN M;Weight", "3,4", ["height, in m", "weight"], [3, 4],
    ],
)  # fmt: skip
def test_columns_chosen_by_heading_or_number(write, columns):
    assert pairs(write(WIDE), columns) == [(1.2, 22.5), (1.4, 30)]  # and no weight is known of the one between


def test_full_width_comma_separates_columns(write):
    file = write("体重，身高，备注\n60，1.5，好\n70，1.7，高\n")
    for columns in ("身高，体重", "身高、体重", "身高,体重", "2，1"):
        x, y = RunConfig(data=file, columns=columns).columns
        assert read_samples(file, (x, y)).x.tolist() == [1.5, 1.7]
    # Within a heading or a cell of a file of commas, it parts nothing.
    file = write("身高，米,体重,备注\n1.5,60,好，高\n1.7,70,行\n")
    assert read_samples(file, RunConfig(data=file, columns="身高，米,体重").columns).y.tolist() == [60, 70]


def test_columns_in_any_order(write):
    assert pairs(write(WIDE), "weight,age") == [(22.5, 7), (30, 9)]
    assert pairs(write("a,b\n1,2\n3,4\n"), "b,a") == [(2, 1), (4, 3)]
    assert pairs(write("1,2\n3,4\n"), "2,1") == [(2, 1), (4, 3)]


@pytest.mark.parametrize(
    "content",
    [INDEXED, INDEXED.replace(",", ";").replace(".", ","), ROW_NAMES, "y,t,X\n2,a,1.5\n5,b,2.5\n"],
    ids=["pandas", "pandas, decimal comma", "R", "x and y among others"],
)
def test_headings_identify_x_and_y(write, content):
    assert pairs(write(content)) == [(1.5, 2), (2.5, 5)]


def test_numeric_and_mixed_files_read_alike(write):
    plain = "".join(f"{place},{place / 7},{place / 3},9\n" for place in range(50))
    text = plain.replace(",9\n", ",nine\n")
    assert pairs(write(plain), "3,2") == pairs(write(text), "3,2") == [(n / 3, n / 7) for n in range(50)]
    blanks = plain.replace(",", " ")
    assert pairs(write(blanks), "3,2") == pairs(write(plain), "3,2")


REFUSED = {
    "which of them?": (
        WIDE,
        None,
        'line 1 has 4 columns (name, age, "height, in m", weight); '
        "allowed: two, x and y, or two chosen by columns, such as name,age",
    ),
    "no heading": (
        "1,2,3\n4,5,6\n", None, "line 1 has 3 columns; allowed: two, x and y, or two chosen by columns, such as 1,2",
    ),
    "unknown": (
        WIDE, "age,wieght",
        "names 'wieght', which is no column of the file (did you mean 'weight'?); allowed: two of its headings (name, ",
    ),
    "number too large": ("1,2\n", "1,3", "names '3', which is no column of the file; allowed: two numbers from 1 to 2"),
    "zero": ("1,2\n", "0,1", "names '0', which is no column of the file; allowed: two numbers from 1 to 2"),
    "a numeral that is no digit": ("a,b\n1,2\n", "𝟏,2", "names '𝟏', which is no column of the file; allowed: two"),
    "twice": ("t,t,s\n1,2,3\n", "t,s", "names 't', which heads columns 1 and 2; allowed: the number of a column"),
    "text": (WIDE, "name,age", "line 2, column name: 'Ann' is not a number (also lines 3 and 4); allowed: finite"),
    "short row": ("a,b,c\n1,2,3\n1,2\n", "a,b", "line 3 has 2 columns; allowed: 3, as in the first row"),
    "long row": ("a,b,c\n1,2,3\n1,2,3,4\n", "a,b", "line 3 has 4 columns; allowed: 3, as in the first row"),
}  # fmt: skip


@table(("content", "columns", "reason"), REFUSED.values(), ids=REFUSED)
def test_invalid_choice_is_refused_in_one_line(write, content, columns, reason):
    with pytest.raises(ConfigError) as refused:
        make_dataset(RunConfig(data=write(content), columns=columns))
    assert refused.value.reason.startswith(reason)
    assert refused.value.names == (("columns",) if reason.startswith("names") else ("data",))
    assert len(str(refused.value).splitlines()) == 1


def test_changed_columns_give_new_samples(write):
    config = RunConfig(data=write("1,2\n3,4\n"))
    first = make_dataset(config)
    assert make_dataset(config.replace(columns="2,1"), first).x.tolist() == [2, 4]
    assert make_dataset(config.replace(lr=0.1), first) is first


# Packed files and other encodings


@pytest.mark.parametrize("name", ["samples.csv.gz", "samples.csv"])
def test_files_packed_by_gzip_are_read(write, name):
    assert pairs(write(gzip.compress(b"x,y\n1,2\n") + gzip.compress(b"3,4\n"), name)) == [(1, 2), (3, 4)]


def test_no_more_is_unpacked_than_is_allowed(write, monkeypatch):
    monkeypatch.setattr(sample_text, "LARGEST_FILE", 1000)
    with pytest.raises(SampleFileError, match="is more than 1000 bytes long unpacked; allowed: up to 1000 bytes"):
        read_samples(write(gzip.compress(b"1,2\n" * 251)))
    assert len(read_samples(write(gzip.compress(b"1,2\n" * 250))).x) == 250


@table(
    ("content", "reason"),
    [
        (gzip.compress(b"1,2\n" * 9)[:-9], "cannot be unpacked: it is damaged or cut off; allowed: a whole file"),
        (gzip.compress(b"1,2\n")[:-6] + b"abcdef", "cannot be unpacked: it is damaged or cut off"),
        (b"\x1f\x8b\x08" + b"\0" * 50, "cannot be unpacked"),
        (gzip.compress(b"") * 10_001, "has more than 10000 parts; allowed: a CSV file, packed by gzip or not"),
        (gzip.compress(b"\0\1\2"), "is not text; allowed"),
    ],
    ids=["cut off", "wrong sum", "no gzip", "parts", "binary"],
)
def test_what_cannot_be_unpacked_is_refused(write, content, reason):
    with pytest.raises(SampleFileError) as refused:
        read_samples(write(content))
    assert str(refused.value).startswith(reason)


def test_headings_in_requested_encoding(write):
    text = "Größe;Gewicht;x\n1,5;2;a\n"
    for encoding in ("utf-8", "utf-16", "latin-1"):
        assert pairs(write(text.encode(encoding)), "größe,gewicht", encoding) == [(1.5, 2)]
        assert pairs(write(text.encode(encoding)), "größe,gewicht") == [(1.5, 2)]
    assert pairs(write("Ã¤;b;c\n1;2;3\n".encode("latin-1")), "Ã¤,b", "latin-1") == [(1, 2)]  # which is ä in UTF-8
    with pytest.raises(ConfigError, match="is not text in utf-8; allowed: a CSV file in that encoding"):
        pairs(write(text.encode("latin-1")), None, "utf-8")
