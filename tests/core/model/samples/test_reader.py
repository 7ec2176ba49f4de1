"""Sample files as spreadsheets and programs write them, and the ones that are refused."""

import gzip
from contextlib import suppress

import pytest
from languages import speaking
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.samples.findings import lines_text
from quadfit_tui.core.model.samples.reader import read_samples, samples_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError
from quadfit_tui.core.text import quoting

PAIRS = [(-1.5, 2.0), (0.25, 3e-3), (4.0, -11.0)]

GOOD = {
    "comma": "-1.5,2\n0.25,3e-3\n4,-11\n",
    "comma and blank": "-1.5, 2\n0.25, 3e-3\n4, -11\n",
    "no line end at the end": "-1.5,2\n0.25,3e-3\n4,-11",
    "semicolon": "-1.5;2\n0.25;3e-3\n4;-11\n",
    "decimal comma": "-1,5;2\n0,25;3e-3\n4;-11\n",
    "decimal comma in the last line": "-1,5;2,0\n0,25;0,003\n4,0;-11,0\n",
    "one decimal comma in the last line": "-1,5;2\n0,25;3e-3\n4,0;-11\n",
    "one decimal comma after a tab": "-1,5\t2\n0,25\t3e-3\n4\t-11,0\n",
    "tab": "-1.5\t2\n0.25\t3e-3\n4\t-11\n",
    "tab and decimal comma": "-1,5\t2,0\n0,25\t0,003\n4,0\t-11,0\n",
    "blanks": "-1.5 2\n  0.25   3e-3\n4 -11  \n",
    "blanks and decimal comma": "-1,5 2,0\n0,25 0,003\n4,0 -11,0\n",
    "BOM": b"\xef\xbb\xbf-1.5,2\n0.25,3e-3\n4,-11\n",
    "BOM and heading": b"\xef\xbb\xbfx,y\n-1.5,2\n0.25,3e-3\n4,-11\n",
    "CRLF": "-1.5,2\r\n0.25,3e-3\r\n4,-11\r\n",
    "CR": "-1.5,2\r0.25,3e-3\r4,-11\r",
    "BOM, CRLF, semicolon, decimal comma, heading": b"\xef\xbb\xbfx;y\r\n-1,5;2\r\n0,25;3e-3\r\n4;-11\r\n",
    "UTF-16 little end first": "x\ty\r\n-1.5\t2\r\n0.25\t3e-3\r\n4\t-11\r\n".encode("utf-16"),
    "UTF-16 big end first": b"\xfe\xff" + "-1.5;2\r\n0.25;3e-3\r\n4;-11\r\n".encode("utf-16-be"),
    "quoted": '"-1.5","2"\n"0.25","3e-3"\n"4","-11"\n',
    "quoted decimal comma": '"x","y"\n"-1,5","2,0"\n"0,25","0,003"\n"4,0","-11,0"\n',
    "heading": "x,y\n-1.5,2\n0.25,3e-3\n4,-11\n",
    "heading with a comma, columns with semicolons": "x, in m;y, in s\n-1,5;2\n0,25;3e-3\n4;-11\n",
    "heading with a semicolon, columns with commas": "x (a; b),y\n-1.5,2\n0.25,3e-3\n4,-11\n",
    "quoted heading": '"x","y"\n-1.5,2\n0.25,3e-3\n4,-11\n',
    "heading in Latin-1": "Größe;Wert\n-1,5;2\n0,25;3e-3\n4;-11\n".encode("latin-1"),
    "heading in Chinese": "自变量,因变量\n-1.5,2\n0.25,3e-3\n4,-11\n",
    "heading with a blank": "time t,value y\n-1.5,2\n0.25,3e-3\n4,-11\n",
    "comments": "# measured\n# x,y,z\nx,y\n-1.5,2\n  # again, and again\n0.25,3e-3\n4,-11\n# end\n",
    "blank lines": "\n\nx,y\n\n-1.5,2\n   \n0.25,3e-3\n4,-11\n\n\n",
    "trailing comma": "x,y,\n-1.5,2,\n0.25,3e-3,\n4,-11,\n",
    "trailing semicolons": "-1,5;2;;\n0,25;3e-3;;\n4;-11;;\n",
    "fractions and minus signs": "−3/2,2\n1/4,3e-3\n4,−11\n",
    "bars": "x|y\n-1.5|2\n0.25|3e-3\n4|-11\n",
    "bars and decimal comma": " -1,5 | 2,0\n 0,25 | 0,003\n 4,0 | -11,0\n",
    "exponents of Fortran": "-1.5D0 0.2D+01\n 0.25d0 3D-3\n 4D0 -1.1D1\n",
    "numbered headings in Chinese": "①自变量,②因变量\n-1.5,2\n0.25,3e-3\n4,-11\n",
    "plus signs": "-1.5,+2\n+.25,+3E-03\n+4,-11\n",
    "full-width digits": "－１．５,2\n0.25,3e-3\n4,-11\n",
    "full-width commas": "身高，体重\n-1.5，2\n0.25，3e-3\n4，-11\n",
    "full-width commas and digits": "－１。５，２\n０．２５，3e-3\n4，-11\n",
    "full-width commas, some": "身高，体重\n-1.5,2\n0.25，3e-3\n4,-11\n",
    "full-width semicolons": "身高；体重\n-1.5；2\n0.25；3e-3\n4；-11\n",
}


@pytest.fixture
def write(tmp_path):
    def write(content):
        file = tmp_path / "samples.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)

    return write


@table("content", GOOD.values(), ids=GOOD)
def test_file_is_read(write, content):
    x, y, *_ = read_samples(write(content))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == PAIRS
    assert x.shape == y.shape == (3,)


@pytest.mark.parametrize("size", [4, 5, 7, 16])
def test_it_makes_no_difference_where_blocks_end(size):
    def read(content):
        return run_job(samples_in([content[at : at + size] for at in range(0, len(content), size)]))

    for content in GOOD.values():
        content = content if isinstance(content, bytes) else content.encode()
        for each in (content, gzip.compress(content), gzip.compress(content[:9]) + gzip.compress(content[9:])):
            x, y, *_ = read(each)
            assert list(zip(x.tolist(), y.tolist(), strict=True)) == PAIRS, content
    with pytest.raises(SampleFileError, match="line 3, column y: 'é' is not a number"):
        read("x,y\n1,2\n3,é\n".encode("latin-1"))


@pytest.mark.parametrize("content", ["5,7", "x;y\n5;7", "5 7\n", "5\t7"])
def test_one_sample_is_enough(write, content):
    x, y, *_ = read_samples(write(content))
    assert (x.tolist(), y.tolist()) == ([5], [7])


REFUSED = {
    "empty": ("", "contains no samples"),
    "blank": ("\n  \n\n", "contains no samples"),
    "only comments": ("# x,y\n# 1,2\n", "contains no samples"),
    "only a heading": ("x,y\n", "contains no samples"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x00", "is not text"),
    "binary without a zero": (b"\x7fELF\x01\x02\xff1,2\n", "is not text"),
    "zeros in UTF-8": (b"1,2\n\x00\x00,3\n", "is not text"),
    "UTF-16 cut off": (b"\xff\xfe1\x00,", "is not text"),
    "one column": ("1\n2\n", "line 1 has one column; allowed: two, x and y"),
    "one column with a heading": ("x\n1\n2\n", "line 1 has one column"),
    "one column, further down": ("1,2\n3\n4,5\n", "line 2 has one column"),
    "one column at the end": ("1,2\n3,4\n5\n", "line 3 has one column"),
    "three columns at the end": ("1,2\n3,4\n5,6,7\n", "line 3 has 3 columns"),
    "three columns": ("1,2,3\n4,5,6\n", "line 1 has 3 columns; allowed: two, x and y"),
    "three columns, blanks": ("1 2 3\n4 5 6\n", "line 1 has 3 columns"),
    "three columns, further down": ("x;y\n1;2\n1;2;3\n4;5\n", "line 3 has 3 columns"),
    "inf first": ("inf,inf\n2,3\n", "line 1, column 1: 'inf'"),
    "minus infinity in the middle": ("1,2\n3,-inf\n4,5\n", "line 2, column 2: '-inf'"),
    "1e999": ("1,2\n3,1e999\n", "line 2, column 2: '1e999' is not a finite number"),
    "text in the middle": ("x,y\n1,2\nfoo,bar\n4,5\n", "line 3, column x: 'foo' is not a number"),
    "Python's own notation": ("1,2\n1_0,4\n", "line 2, column 1: '1_0' is not a number"),
    "another error of a spreadsheet": ("x;y\n#REF!;1\n2;3\n", "line 2, column x: '#REF!' is not a number"),
    "a raised digit": ("²;3\n1;2\n", "line 1, column 1: '²' is not a number"),
    "a digit with a full stop": ("x;y\n1;2\n⒈;2\n", "line 3, column x: '⒈' is not a number"),
    "half a thousand": ("x;y\n1;½e3\n", "line 2, column y: '½e3' is not a number"),
    "half a heading": ("x,1\n2,3\n", "line 1, column 1: 'x' is not a number"),
    "thousands": ('"1,000",2\n3,4\n', "line 1, column 1: '1,000' is ambiguous: write 1.000 or 1000"),
    "division by zero": ("1,1/0\n2,3\n", "line 1, column 2: '1/0' divides by zero"),
    "x too large": ("1,2\n2e12,3\n", "line 2, column 1: '2e12' is too large; allowed: from -1e+12 to 1e+12"),
    "y too large": ("1,-2e12\n", "line 1, column 2: '-2e12' is too large; allowed: from -1e+12 to 1e+12"),
    "a long cell": (f"1,2\n3,{'1' * 301}\n", f"line 2, column 2: '{'1' * 297}..."[:300]),
    "a long line": ("1;2\n" + ";" * 2001, "line 2 has more than 2000 characters; allowed: up to 2000"),
    "semicolons": (";" * 1_000_000, "line 1 has more than 2000 characters; allowed: up to 2000"),
    "a cell of combining marks": ("1;2\n1" + "\u0301\u0323" * 100_000 + ";2\n", "line 2 has more than 2000 characters"),
    "a heading of combining marks": ("x" + "\u0301\u0323" * 900 + ";y\n", "contains no samples"),
    "after blank lines and comments": ("\n# c\n\nx,y\n\n1,2\nfoo,3\n", "line 7, column x: 'foo'"),
}


@table(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_refusal_is_one_line_with_position(write, content, reason):
    with pytest.raises(SampleFileError) as refused:
        read_samples(write(content))
    message = str(refused.value)
    assert message.startswith(reason)
    assert "; allowed: " in message or "is ambiguous" in message
    assert len(message.splitlines()) == 1


LEFT_OUT = {
    "empty x": ("1,2\n,3\n4,5\n", [2]),
    "empty y": ("1,2\n3,\n4,5\n", [2]),
    "nan first": ("nan,1\n1,2\n4,5\n", [1]),
    "NaN last": ("1,2\n4,5\n3,NaN\n", [3]),
    "nan twice": ("1;2\nnan;nan\n4;5\n", [2]),
    "NA below the heading, as R writes it": ("x y\nNA NA\n1 2\n4 5\n", [2]),
    "null": ("# c\n\n1,2\nnull,3\n4,5\nNone,1\n", [4, 6]),
    "errors of a spreadsheet": ("#N/A;5\n1;2\n3;#DIV/0!\n4;5\n#nv;1\n", [1, 3, 5]),
    "an error first, tabs": ("x\ty\n#DIV/0!\t5\n1\t2\n4\t5\n", [2]),
    "a spreadsheet's": ("x;y\n1,0;2\n7;#N/A\n4;5,0\n;\n;;\n", [3]),
}


@table(("content", "lines"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_rows_with_missing_values_are_skipped(write, content, lines):
    config = RunConfig(data=write(content))
    problem = make_dataset(config)
    assert (problem.x.tolist(), problem.y.tolist()) == ([1, 4], [2, 5])
    assert list(problem.left_out) == lines
    rows = "1 row is" if len(lines) == 1 else f"{len(lines)} rows are"
    assert problem.notices == [f"{rows} left out, since a value is missing: {lines_text(lines)}"]


def test_line_list_is_abbreviated():
    assert lines_text([7]) == "line 7"
    assert lines_text([7, 9]) == "lines 7 and 9"
    assert lines_text([1, 2, 3, 4]) == "lines 1, 2, 3 and 4"
    assert lines_text(range(1, 101)) == "lines 1, 2, 3, 4 and 96 more"
    with speaking():
        assert (lines_text([7, 9]), lines_text(range(1, 9))) == ("第 7、9 行", "第 1、2、3、4 行和另外 4 行")


FAULTS = {
    "text": (
        "x,y\n1,a\nb,2\n3,4\nc,1\n",
        "line 2, column y: 'a' is not a number (also lines 3 and 5); allowed: finite numbers",
    ),
    "one kind": ("1,2\n1,2,3\nfoo,2\n1\n", "line 2 has 3 columns (also line 4); allowed: two, x and y"),
    "very many": (
        "1,2\n" + "foo,2\n" * 100_000,
        "line 2, column 1: 'foo' is not a number (also lines 3, 4, 5, 6 and at least 995 more); "
        "allowed: finite numbers",
    ),
}


@pytest.mark.parametrize(("content", "told"), FAULTS.values(), ids=FAULTS)
def test_similar_faults_share_one_message(write, content, told):
    with pytest.raises(SampleFileError) as refused:
        read_samples(write(content))
    assert str(refused.value) == told


@pytest.mark.parametrize("missing", ["", "NA,9\n"])
def test_rows_equal_with_and_without_numpy(write, missing):
    rows = [(place / 7, -(place**3) / 3) for place in range(12_000)]  # three chunks
    text = "".join(f"{x!r},{y!r}\n" + missing * (place in (20, 8203)) for place, (x, y) in enumerate(rows))
    x, y, left_out, *_ = read_samples(write(text))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == rows
    assert list(left_out) == [22, 8206] * bool(missing)


@pytest.mark.parametrize(("name", "reason"), [("absent.csv", "No such file"), (".", "Is a directory")])
def test_file_that_cannot_be_read_is_refused(tmp_path, name, reason):
    with pytest.raises(SampleFileError, match=f"cannot be read: {reason}.*; allowed: a CSV file"):
        read_samples(str(tmp_path / name))


def test_numbers_are_read_exactly(write):
    numbers = [0.1, 1 / 3, 2.2250738585072014e-308, 123456.78901234567, -9.87654321e-5]
    x, y, *_ = read_samples(write("".join(f"{value!r},{value!r}\n" for value in numbers)))
    assert x.tolist() == y.tolist() == numbers


def test_file_problem_has_no_truth(write):
    path = write(GOOD["heading"])
    problem = make_dataset(RunConfig(data=path, batch=3))
    assert list(zip(problem.x.tolist(), problem.y.tolist(), strict=True)) == PAIRS
    assert problem.truth is None


def test_problem_names_the_file_it_refuses(write):
    path = write("1,2\n3,inf\n")
    with pytest.raises(ConfigError, match="line 2, column 2: 'inf'") as refused:
        make_dataset(RunConfig(data=path))
    assert refused.value.names == ("data",)
    assert str(refused.value).startswith(f"data: {path!r}")


def test_more_samples_than_allowed_are_refused(write, monkeypatch):
    monkeypatch.setattr("quadfit_tui.core.model.samples.reader.MAX_SAMPLES", 3)
    assert len(read_samples(write("1,2\n" * 3))[0]) == 3
    with pytest.raises(SampleFileError, match="more than 3 samples; allowed: up to 3"):
        read_samples(write("1,2\n" * 4))


def test_too_many_lines_are_refused(write):
    for end in ("\n", "\r", "\r\n"):
        text = f"# a{end}1,2{end}3,4{end}" + end * 1_999_997
        assert end != "\n" or len(read_samples(write(text))[0]) == 2
        with pytest.raises(SampleFileError, match="has more than 2000000 lines; allowed: up to 2000000"):
            read_samples(write(text + end))


def test_empty_cells_and_comments_may_be_long(write):
    x, *_ = read_samples(write("# " + "c" * 5000 + "\n" + f"1;2{';' * 400}\n2;3{';' * 400}\n"))
    assert x.tolist() == [1, 2]


def test_nothing_longer_than_a_value_is_normalized(write, monkeypatch):
    lengths, normalize = [], quoting.unicodedata.normalize
    marks = "\u0301\u0323" * 900
    with monkeypatch.context() as patch:
        patch.setattr(
            quoting.unicodedata, "normalize", lambda form, text: lengths.append(len(text)) or normalize(form, text)
        )
        for content in (f"1,{marks}\n", f"{marks},y\n1,2\n", f"1 {marks}\n"):
            with suppress(SampleFileError):
                read_samples(write(content))
    assert lengths
    assert max(lengths) <= quoting.LONGEST_TEXT


def test_gigantic_file_is_refused_unread(tmp_path):
    file = tmp_path / "holes.csv"
    with file.open("wb") as stream:
        stream.truncate(10**12)
    with pytest.raises(SampleFileError, match="is 1000000000000 bytes long; allowed: a CSV file of up to"):
        read_samples(str(file))


@pytest.mark.parametrize("separator", [";", "\t", " "])
def test_decimal_comma_with_three_decimals(write, separator):
    x, y, *_ = read_samples(write(f"0,5{separator}1,25\n1,125{separator}2,250\n"))
    assert x.tolist() == [0.5, 1.125]
    assert y.tolist() == [1.25, 2.25]


def test_file_is_reread_only_when_changed(write):
    config = RunConfig(data=write("0 1\n1 2\n"))
    first = make_dataset(config)
    assert make_dataset(config.replace(lr=0.1), first) is first
    write("0 1\n1 2\n2 5\n")
    second = make_dataset(config, first)
    assert second.x.tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match=r"^batch: .* exceeds the number of samples; allowed: 1 to 3, or full$"):
        make_dataset(config.replace(batch=4), second)


@table("change", [{"noise": 0.2}, {"seed": 1}, {"samples": 5}, {"true": (1, 1, 1)}, {"x_min": 0}])
def test_generated_samples_are_cached(change):
    config = RunConfig(samples=10, noise=0.1)
    first = make_dataset(config)
    assert make_dataset(config.replace(lr=0.1, epochs=3), first) is first
    assert make_dataset(config.replace(**change), first) is not first


def test_seed_is_irrelevant_without_noise():
    first = make_dataset(RunConfig(samples=10))
    assert make_dataset(RunConfig(samples=10, seed=1), first) is first
