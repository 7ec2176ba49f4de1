"""What stands around the rows of a file, and what in them is no number: taken for what it is, or refused."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.samples.dates import date_of
from quadfit_tui.core.model.samples.numbers import grouping, number_of
from quadfit_tui.core.model.samples.reader import columns_in, samples_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError


def samples(content, columns=None, encoding="auto", skip=0):
    """The samples of a text, as pairs, and what is told of it."""
    content = content if isinstance(content, bytes) else content.encode()
    x, y, _, told, _quantities = run_job(samples_in([content], columns, encoding, skip))
    return list(zip(x.tolist(), y.tolist(), strict=True)), list(told)


PAIRS = [(1, 2), (3, 4)]


@table(
    "content",
    [
        "%1;9\n1;2\n% 3;9\n3;4\n%\n% the end, of 5;6;7\n",
        "x y % as measured\n1 2 % first\n3 4\n",
        "1 2 # first\n3 4 # last\n",
        '"1","2" # "quoted"\n3,4\n',
        "sep=,\n1,2\n3,4\n",
        '"sep=;"\nx;y\n1;2\n3;4\n',
        "SEP=\t\n1\t2\n3\t4\n",
        "sep=:\n1:2\n3:4\n",
        "x;y\ns;V\n1;2\n3;4\n",
        "Report of May;;\nx;y;\n1;2;\n3;4;\n",
        "x,y\n1,2\n-,5\n3,4\n6,-\n",
    ],
)
def test_what_is_no_row_is_passed_over(content):
    for text in (content, content.replace("\n", "\r\n"), content.replace("\n", "\n\n")):
        assert samples(text)[0] == PAIRS, text


@table(
    ("content", "columns", "pairs"),
    [
        ("unit,x,y\n%,1,2\n%rel,3,4\n", None, PAIRS),  # which is text here, as it ever was
        ("unit\tx\ty\n%\t1\t2\nm\t3\t4\n", None, PAIRS),
        ("% of N,x,y\n5,1,2\n6,3,4\n", None, PAIRS),
        ("x,y,run\n1,2,a #1\n3,4,# b\n", None, PAIRS),
        ("x,y,e\n1,2,#DIV/0!\n3,4,#N/A\n", None, PAIRS),
        ("kind,x,y\ntotal,1,2\npart,5,6\ntotal,3,4\n", None, [(1, 2), (5, 6), (3, 4)]),  # no row of totals
        ("kind,x,y\nsum,1,2\nsum,3,4\n", None, PAIRS),
    ],
)
def test_apparent_comments_and_totals_are_read(content, columns, pairs):
    assert samples(content, columns) == (pairs, [])


@table(
    ("content", "reason"),
    [
        ("x,1\n2,3\n4,5\n", "line 1, column 1: 'x' is not a number"),  # a damaged row is no preamble
        ("3\n1,2\n3,4\n", "line 1 has one column"),
        ("speed,gap\n10,2.1\n30;6.4\n50;17.8\n", "line 1 has one column"),  # a mistake of the first lines, or the last
        ("10,2.1\n30;6.4\n50;17.8\n", "line 1 has one column"),
        ("a;b;c\n1;2\n3;4\n", "line 1 has 3 columns (a, b, c)"),  # a heading of other columns
        ("y;x\nfoo;bar\n1;2\n", "line 2, column x: 'bar' is not a number"),  # which of two headings?
        ("x #1,y\n4,1348,7373\n", "line 2 has 3 columns"),
        ('time,volt\n,"1,234"\n3e-3,1,5\n', "line 3 has 3 columns"),
        ("s;V\n1,5;about 2\ns;#N/A\n0,25;12\n", "line 2, column V: 'about 2' is not a number"),
        ("time\tvolt\n2,5\t#N/A\n", "contains no samples: a value is missing in line 2"),  # and not 2 and 5
        ("time\tvolt\n2,5\t# no value\n", "line 2, column volt: '# no value' is not a number"),
        ("Date;2024-01-01\nno heading\n1;2\n3;4\n", "line 1, column 1: 'Date' is not a number"),
        ("1;2;3\nx;y\n1;2\n3;4\n", "line 1 has 3 columns"),  # another table
        ("1,2\n3,50%\n", "line 2, column 2: '50%' is not a number"),
        ("1;2\n3;50 %\n", "line 2, column 2: '50 %' is not a number"),
        ("1,2\n3,#REF!\n", "line 2, column 2: '#REF!' is not a number"),
        ("1,2\n3,# no value\n", "line 2, column 2: '# no value' is not a number"),
        ("sep=,\n1;2\n3;4\n", "line 2 has one column"),
        ("x,y\n1,2\n3,2024-01-01\n", "line 3, column y: '2024-01-01' is a date, which y cannot be; allowed: finite"),
        ("2024-01-01,2\n5,4\n", "line 2, column 1: '5' is no date, as the first x is one"),
        (
            "2024-01-01T00:00Z,2\n2024-01-02T00:00,4\n",
            "line 2, column 1: '2024-01-02T00:00' has no time zone",
        ),
        ("2024-13-01,2\n", "line 1, column 1: '2024-13-01' is not a number, and no date by ISO 8601"),
        ("12:30,2\n", "line 1, column 1: '12:30' is not a number, and no date by ISO 8601"),
        ("20240201T12,2\n", "line 1, column 1: '20240201T12' is not a number, and no date by ISO 8601"),
        ("2024-W05-1,2\n", "line 1, column 1: '2024-W05-1' is not a number, and no date by ISO 8601"),
        (
            "x;y\n1.234.567;1\n1.5;2\n",
            "line 3: '1.5' is ambiguous beside '1.234.567' in line 2, which has dots between",
        ),
        ("x;y\n1.234,5;1\n1,234.5;2\n", "line 3: '1,234.5' is ambiguous beside '1.234,5' in line 2"),
        ('[[1, 2], [3, "a"]]', "is JSON"),
        ("\n {\n}", "is JSON"),
        ("PAR1 and more", "is a Parquet file"),
    ],
)
def test_doubtful_rows_are_refused(content, reason):
    with pytest.raises(SampleFileError) as refused:
        samples(content)
    assert str(refused.value).startswith(reason)
    assert "allowed: " in str(refused.value)


@table(
    "content",
    ["2024-01-01 12:30 5\n2024-01-01 12:31 6\n", "day,time,v\n2024-01-01,12:30:00,5\n2024-01-01,12:31:00,6\n"],
)
def test_date_with_separate_time_is_refused(content):
    with pytest.raises(SampleFileError, match="'2024-01-01' is a date, and its time of day stands in the next column"):
        samples(content, ("1", "3"))
    assert samples("2024-01-01,12.5,5\n2024-01-02,12.5,6\n", ("1", "3"))[0] == [(0, 5), (86_400, 6)]


@table("word", ["Gesamt:", "Gesamtsumme", "Total général", "合计：", "总数", "Std", "TOTAL :"])
def test_total_words_are_refused(word):
    for content, columns in ((f"n;x;y\n1;1;2\n2;3;4\n{word};4;6\n", None), (f"x;y\n1;2\n{word};2\n", None)):
        with pytest.raises(SampleFileError, match="a total has"):
            samples(content, columns)


@table("units", ["-,s,V", "1,s,V", ",s,1/s", "-,1/s,1"])
def test_units_may_have_dashes_and_ones(units):
    assert samples(f"n,x,y\n{units}\n1,1,2\n2,3,4\n") == (PAIRS, ["line 2 is passed over: it has units"])


def test_units_in_full_width_brackets():
    assert samples("时间,电压\n（秒）,【V】\n1,2\n3,4\n") == (PAIRS, ["line 2 is passed over: it has units"])
    assert samples("t,T\ns,℃\n1,2\n3,4\n") == (PAIRS, ["line 2 is passed over: it has units"])


@table("end", ["\t# first", "\t\t# first", "\t% first"])
def test_comment_column_makes_no_row_names(end):
    told = ["comments behind values are passed over: line 2"]
    assert samples(f"x\ty\n1\t2{end}\n3\t4\n") == (PAIRS, told)
    assert samples(f"x\ty\n1\t2{end}\n3\t4{end}\n")[0] == PAIRS


def test_row_of_ones_is_not_units():
    with pytest.raises(SampleFileError):
        samples("about it\nx,y\n1,-\n1,2\n3,4\n")


def test_matlab_comment_heading_names_columns():
    assert samples("% y,x\n2,1\n4,3\n")[0] == PAIRS
    assert samples("% y,x\n2,1\n4,3\n", ("x", "% y"))[0] == PAIRS


@table("content", [b"x,y\n1,2\n", "x,y\n1,2\n".encode("utf-16-le")])
def test_utf_16_without_its_mark_is_refused(content):
    with pytest.raises(SampleFileError, match="is not text in utf-16"):
        samples(content, None, "utf-16")


def test_brackets_in_a_heading_are_no_json():
    assert samples("[s];[V]\n1;2\n3;4\n") == (PAIRS, [])
    assert samples("[1/s];{V}\n1;2\n3;4\n")[0] == PAIRS


def test_mixed_dates_and_numbers_are_refused():
    numbers = "".join(f"{n},{n}\n" for n in range(4000))  # as many as NumPy is given at once
    with pytest.raises(
        SampleFileError, match="line 4001, column 1: '2024-01-01' is a date, and the first x is a number"
    ):
        samples(numbers + "2024-01-01,2\n")
    # NumPy would read these as numbers.
    many = "2024-01-01,1\n" * 4000 + "20240102,2\n" * 4000
    with pytest.raises(SampleFileError, match="line 4001, column 1: '20240102' is no date"):
        samples(many)


def test_separators_are_inferred_from_whole_file():
    decimals = "1.5;2\n" * 9000
    with pytest.raises(SampleFileError, match=r"line 1: '1\.5' is ambiguous beside '1\.234\.567' in line 9001"):
        samples(decimals + "1.234.567;3\n")
    assert samples("1,234;2\n" * 9000 + "1,5;3\n")[1] == []  # a decimal comma at the end tells them all
    reading = "'1,234' in line 1 is read with a decimal comma, as 1.234, and all others alike"
    told = [f"{reading}; if commas part thousands, it is 1234"]
    assert samples("1,234;2\n" * 9000)[1] == told
    assert samples("1,234;2\n")[1] == told
    assert samples("0,234;2\n1,234;5\n")[1] == []


@given(st.integers(-(10**12), 10**12), st.sampled_from([("", 0), ("5", 1), ("25", 2), ("125", 3)]))
def test_grouped_numbers_match_pythons_format(whole, fraction):
    digits, places = fraction
    for thousands, decimal in ((",", "."), (".", ",")):
        text = f"{whole:,}".replace(",", thousands) + (decimal + digits if places else "")
        if text.count(",") + text.count(".") < 2:
            continue
        assert grouping(text, ";") == thousands
        assert number_of(text, ";") == pytest.approx(float(f"{whole}.{digits or 0}"), rel=1e-15)


@table("text", ["1,23,456", "0,123,456", "1,234,56", "12345,678.9", "1.234.5", "1,234", "1.234", "1,,234", ",123,456"])
def test_irregular_groups_are_not_grouping(text):
    assert grouping(text, ";") == ""


@given(st.datetimes())
def test_dates_are_as_numpy_counts_them(moment):
    text = moment.isoformat()
    found, epoch = date_of(text), date_of("1970-01-01")
    assert found is not None
    expected = np.datetime64(text, "us") - np.datetime64("1970-01-01", "us")
    assert found.nanoseconds - epoch.nanoseconds == int(expected.astype(int)) * 1000


# --skip


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_are_skipped_and_still_numbered(tmp_path, pack):
    file = tmp_path / "it.csv"
    file.write_bytes(pack(b"7,8\n# 9\n\nx,y\n1,2\n3,a\n"))
    with pytest.raises(ConfigError, match="line 6, column y: 'a' is not a number"):
        make_dataset(RunConfig(data=str(file), skip=3))
    file.write_bytes(pack(b"7,8\n# 9\n\nx,y\n1,2\n3,4\n"))
    config = RunConfig(data=str(file), skip=1)
    first = make_dataset(config)
    assert (first.x.tolist(), first.y.tolist()) == ([1, 3], [2, 4])
    assert make_dataset(config.replace(skip=4), first).x.tolist() == [1, 3]
    assert make_dataset(config.replace(skip=5), first).x.tolist() == [3]


@table(
    ("content", "skip", "reason"),
    [
        (b"1,2\n3,4\n", 2, "passes over all lines of the file; allowed: up to 1"),
        (b"1,2\n3,4", 2, "passes over all lines of the file; allowed: up to 1"),
    ],
)
def test_excessive_skip_is_refused(tmp_path, content, skip, reason):
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        make_dataset(RunConfig(data=str(tmp_path / "it"), skip=skip))
    assert refused.value.names == ("skip",)
    assert (refused.value.value, refused.value.reason) == (str(skip), reason)


# Encodings and names


@table(
    ("text", "encoding", "told"),
    [
        ("时间,电压\n1,2\n3,4\n", "gb18030", True),
        ("日 时 分 秒 王喆,电压\n1,2\n3,4\n", "gb18030", True),  # one of the names is beyond GB 2312
        ("Größe,Höhe\n1,2\n3,4\n", "latin-1", False),
        ("ÄÖ,x\n1,2\n3,4\n", "latin-1", False),  # which would be one frequent character
        ("µ,°\n1,2\n3,4\n", "latin-1", False),
        ("ÀÉ °C,ÈÊ é\n1,2\n3,4\n", "latin-1", False),
    ],
)
def test_gb18030_detected_from_heading(tmp_path, monkeypatch, text, encoding, told):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    content = text.encode(encoding)
    assert samples(content) == (PAIRS, ["its letters are read as GB18030 (encoding gb18030)"] * told)
    assert samples(content, None, encoding) == (PAIRS, [])
    (tmp_path / "it.csv").write_bytes(content)
    assert columns_in(str(tmp_path / "it.csv")) == text.split("\n")[0].split(",")


@table(
    ("locale", "told"), [("zh_CN", True), ("zh_CN.GB18030", True), ("zh_TW.Big5", False), ("en_GB", False), ("", False)]
)
def test_one_letter_is_read_by_the_locale(monkeypatch, locale, told):
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LC_CTYPE", locale)
    monkeypatch.delenv("LANG", raising=False)
    assert bool(samples("x,好\n1,2\n3,4\n".encode("gb18030"))[1]) == told


@pytest.mark.parametrize(
    "name", ["https://example.org/a.csv", "http://a/b", "S3://bucket/key", "runs/https://a.b/c.csv"]
)
def test_url_is_refused_with_hint(name):
    with pytest.raises(ConfigError) as refused:
        make_dataset(RunConfig(data=name))
    assert refused.value.reason == "is a URL; allowed: a CSV file of this machine (curl -LO URL fetches one)"
