"""Files as they come (tests/data/as-they-come): with preambles, units, comments, dates: what is read, what is told."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.problem import make_dataset

FOLDER = Path(__file__).parents[3] / "data" / "as-they-come"


class Read(NamedTuple):
    """What is to be read of a file, and told of it; x is 0, 1, 2 and y 1.5, 2.5, 5.5 where nothing else is said."""

    x: Sequence[float] = (0, 1, 2)
    y: Sequence[float] = (1.5, 2.5, 5.5)
    told: Sequence[str] = ()
    left_out: Sequence[int] = ()
    skip: int = 0


GB18030 = ("its letters are read as GB18030 (encoding gb18030)",)
UNITS = ("line 2 is passed over: it has units",)
NO_TOTAL = "allowed: rows of samples alone"
DATES = "allowed: numbers, or in x dates by ISO 8601, such as 2024-02-01 or 2024-02-01T12:30:00"
FILES: dict[str, Read | str] = {  # or why it is refused
    "skip-numbers.csv": Read(skip=2),
    "skip-part.csv": Read(skip=4),
    "preamble-instrument.csv": Read(
        (0, 0.5, 1), (1.5, 2.25, 5.5), ["lines 1, 2, 3 and 4 are passed over: the table begins in line 6"]
    ),
    "preamble-prose.txt": Read(told=["lines 1 and 2 are passed over: the table begins in line 3"]),
    "preamble-key-value.csv": Read(told=["lines 1, 2 and 3 are passed over: the table begins in line 4"]),
    "preamble-range.csv": Read(told=["lines 1 and 2 are passed over: the table begins in line 3"]),
    "preamble-units.tsv": Read(
        told=[
            "lines 1 and 2 are passed over: the table begins in line 4",
            "line 5 is passed over: it has units",
        ]
    ),
    "units-brackets.csv": Read(told=UNITS),
    "units-symbols.txt": Read(told=UNITS),
    "units-chinese.csv": Read(told=UNITS),
    "sep-semicolon.csv": Read(),
    "sep-comma.csv": Read(),
    "sep-bar.csv": Read(),
    "percent-matlab.txt": Read(),
    "percent-heading.csv": Read(),
    "hash-behind.txt": Read(told=["comments behind values are passed over: lines 2 and 4"]),
    "percent-behind.csv": Read(told=["comments behind values are passed over: lines 1 and 3"]),
    "hash-in-text.csv": Read(),
    "commented-rows.csv": Read(),
    "thousands-english.csv": Read(
        (1, 2, 3), (1234.5, 2345.25, 987), ["commas part thousands, as '1,234.5' in line 2 tells, which is 1234.5"]
    ),
    "thousands-german.csv": Read(
        (1, 2, 3), (1234.5, 2345.25, 987), ["dots part thousands, as '1.234,5' in line 2 tells, which is 1234.5"]
    ),
    "thousands-twice.csv": Read(
        (1234567, 2345678, 3456789),
        (1, 2, 5),
        ["commas part thousands, as '1,234,567' in line 2 tells, which is 1234567"],
    ),
    "thousands-doubt.csv": Read(
        (1.234, 2.345, 3.456),
        (5.678, 6.789, 9.876),
        [
            "'1,234' in line 2 is read with a decimal comma, as 1.234, and all others alike; "
            "if commas part thousands, it is 1234"
        ],
    ),
    "thousands-both.csv": Read(
        (1, 2, 3), (1234567, 12345, 123), ["commas part thousands, as '1,234,567' in line 2 tells, which is 1234567"]
    ),
    "thousands-quoted.csv": (
        "line 2, column y: '1,234' is ambiguous: write 1.234 or 1234 (also line 3); allowed: finite numbers"
    ),
    "total-label.csv": f"line 5 has 'Total', as a total has; {NO_TOTAL}",
    "total-in-x.csv": f"line 5, column x: 'Summe' is what a total has, and no number; {NO_TOTAL}",
    "total-chinese.csv": f"line 5 has '合计', as a total has; {NO_TOTAL}",
    "missing-dash.csv": Read(left_out=[3, 5]),
    "missing-long-dash.csv": Read(left_out=[4, 5]),
    "dates.csv": Read((0, 86_400, 172_800), told=["x is the time in seconds since 2024-02-28"]),
    "dates-zones.csv": Read((0, 3600, 7200), told=["x is the time in seconds since 2024-02-28T23:00:00Z"]),
    "dates-fractions.tsv": Read((0, 0.2, 0.900000001), told=["x is the time in seconds since 2024-01-01 12:00:00.1"]),
    "dates-german.csv": (
        f"line 2, column Tag: '01.02.2024' is not a number, and no date by ISO 8601 (also lines 3 and 4); {DATES}"
    ),
    "dates-among-numbers.csv": (f"line 3, column x: '2024-01-01' is a date, and the first x is a number; {DATES}"),
    "workbook.xlsx": "is an Excel workbook; allowed: a CSV file (File, Save As, CSV UTF-8)",
    "archive.zip": "is a ZIP archive; allowed: the CSV file that is in it (unzip), or one packed by gzip",
    "records.json": (
        "is JSON; allowed: a CSV file (in Python: pandas.read_json('samples.json').to_csv('samples.csv', index=False))"
    ),
    "array.npy": (
        "is a NumPy array; allowed: a CSV file (in Python: numpy.savetxt('samples.csv', array, delimiter=','))"
    ),
    "gb18030-heading.csv": Read(told=GB18030),
    "gb18030-locale.csv": Read(told=GB18030),
}


def test_every_file_is_read_here_and_described():
    assert {file.name for file in FOLDER.iterdir()} == {*FILES, "README.md"}
    assert len(FILES) == 41
    described = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(.+?)` \|", described, re.MULTILINE) == [*FILES]


@pytest.mark.parametrize("name", FILES)
def test_files_give_expected_samples_or_refusal(name, monkeypatch):
    expected = FILES[name]
    monkeypatch.setenv("LC_ALL", "zh_CN.GBK" if name == "gb18030-locale.csv" else "C.UTF-8")
    if isinstance(expected, str):
        with pytest.raises(ConfigError) as refused:
            make_dataset(RunConfig(data=str(FOLDER / name)))
        assert refused.value.reason == expected
        return
    problem = make_dataset(RunConfig(data=str(FOLDER / name), skip=expected.skip))
    assert (problem.x.tolist(), problem.y.tolist()) == ([*expected.x], [*expected.y])
    assert [*problem.reading_notices] == [*expected.told]
    assert [*problem.left_out] == [*expected.left_out]


@pytest.mark.parametrize("name", [name for name, expected in FILES.items() if isinstance(expected, Read)])
def test_many_rows_are_read_as_few_are(name, monkeypatch, tmp_path):
    """As NumPy reads what it can of them: the rows below the heading a hundred times."""
    expected = FILES[name]
    assert isinstance(expected, Read)
    monkeypatch.setenv("LC_ALL", "zh_CN.GBK" if name == "gb18030-locale.csv" else "C.UTF-8")
    content = (FOLDER / name).read_bytes()
    rows = len(expected.x) + len(expected.left_out) + content.count(b"\n#") + content.count(b"\n%3")
    rows += content.count(b"\n% 1.5")
    lines = content.splitlines(keepends=True)
    path = tmp_path / name
    path.write_bytes(b"".join([*lines[:-rows], *(lines[-rows:] * 100)]))
    problem = make_dataset(RunConfig(data=str(path), skip=expected.skip))
    assert (problem.x.tolist(), problem.y.tolist()) == ([*expected.x] * 100, [*expected.y] * 100)
    assert len(problem.left_out) == 100 * len(expected.left_out)
    assert len(problem.reading_notices) == len(expected.told)
