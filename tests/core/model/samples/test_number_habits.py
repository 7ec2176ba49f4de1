"""Numbers as they are written in German, French, Swiss, Chinese and American files: read right, told, or refused."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from trials import cases

from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.samples import numbers
from quadfit_tui.core.model.samples.reader import samples_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError

NBSP, NARROW, THIN = "\u00a0", "\u202f", "\u2009"
RIGHT = None  # read as it is meant, and nothing is to be told
# By what they are called: the file, the samples it holds or the beginning of why it is refused, what is told of them.
FILES = {
    # German: a dot between thousands, a decimal comma
    "German, quantities and prices": ("Menge;Preis\n1.000;12,5\n2.000;25\n", [(1000, 12.5), (2000, 25)], "'1.000'"),
    "German, thousands alone": ("Menge;Preis\n1.000;12.500\n2.000;25.000\n", [(1, 12.5), (2, 25)], "it is 1000"),
    "German, thousands alone, tabs": ("Menge\tPreis\n1.000\t12.500\n2\t3\n", [(1, 12.5), (2, 3)], "it is 1000"),
    "German, both signs": ("x;y\n1;1.234,50\n2;1.000\n", [(1, 1234.5), (2, 1000)], "'1.234,50'"),
    "German, millions": ("x;y\n1.234.567;1.000\n2;3\n", [(1234567, 1000), (2, 3)], "'1.234.567'"),
    "German, decimals": ("x;y\n0,5;12,75\n1,25;3\n", [(0.5, 12.75), (1.25, 3)], RIGHT),
    "German, decimals and tabs": ("x\ty\n0,5\t1,125\n1\t2,250\n", [(0.5, 1.125), (1, 2.25)], RIGHT),
    "German, three decimals": ("x;y\n1,125;2,250\n2,500;3,125\n", [(1.125, 2.25), (2.5, 3.125)], "it is 1125"),
    "German, a sign": ("x;y\n-1.000;−12,5\n+2.000;3\n", [(-1000, -12.5), (2000, 3)], "'-1.000'"),
    "German, bars": ("x|y\n1.000|12,5\n2|3\n", [(1000, 12.5), (2, 3)], "'1.000'"),
    "German, exponents": ("x;y\n1,000E+03;2,5e0\n2,000E+03;3\n", [(1000, 2.5), (2000, 3)], RIGHT),
    "German, quoted beside commas": ('x,y\n1,"2.000"\n2,"1,5"\n', [(1, 2000), (2, 1.5)], "'2.000'"),
    "German, dates": ("t;y\n2024-01-01;1.000\n2024-01-02;2,5\n", [(0, 1000), (86_400, 2.5)], "'1.000'"),
    "German, a decimal point among them": ("x;y\n1;1.234,5\n2;0.5\n", "line 3: '0.5' is ambiguous", RIGHT),
    # French, Swiss: a space or an apostrophe between thousands
    "French, no-break spaces": (f"x;y\n1{NBSP}000;12,5\n2;3\n", [(1000, 12.5), (2, 3)], "spaces part thousands"),
    "French, narrow spaces": (f"x;y\n1{NARROW}234{NARROW}567,5;2\n2;3\n", [(1234567.5, 2), (2, 3)], "spaces"),
    "French, thin spaces and tabs": (f"x\ty\n1{THIN}000\t12{THIN}500\n2\t3\n", [(1000, 12500), (2, 3)], "spaces"),
    "French, beside spaces": (f"1{NBSP}000 2\n", "line 1 has 3 columns", RIGHT),
    "Swiss, apostrophes": ("x;y\n1'000;12'345.50\n2’000;3\n", [(1000, 12345.5), (2000, 3)], "apostrophes"),
    "Swiss, beside commas": ("x,y\n1'000,0.5\n2,3\n", [(1000, 0.5), (2, 3)], "apostrophes"),
    # Chinese: full-width signs, and numerals that are no numbers
    "Chinese, full-width": ("时间；电压\n０．５；１２\n－１；３\n", [(0.5, 12), (-1, 3)], RIGHT),
    "Chinese, full-width thousands": ("x\ty\n１，２３４，５６７\t２\n2\t3\n", [(1234567, 2), (2, 3)], "commas part"),
    "Chinese, full-width dots": ("x；y\n１．０００；２\n２；３\n", [(1, 2), (2, 3)], "it is 1000"),
    "Chinese, a full-width comma": ("x\ty\n１，２３４\t２．５\n2\t3\n", [(1234, 2.5), (2, 3)], "commas part"),
    "Chinese, ten thousands": ("x;y\n1.2万;3\n2;3\n", "line 2, column x: '1.2万' is not a number", RIGHT),
    "Chinese, circled": ("x;y\n②;3\n2;3\n", "line 2, column x: '②' is not a number", RIGHT),
    # American: a comma between thousands, a decimal point
    "American, both signs": ("x;y\n1;1,234.50\n2;1,000\n", [(1, 1234.5), (2, 1000)], "'1,234.50'"),
    "American, beside a decimal point": ("x\ty\n1,000\t12.5\n2,000\t3\n", [(1000, 12.5), (2000, 3)], "'1,000'"),
    "American, quoted": ('x,y\n0.5,"1,234"\n1.5,"2,345"\n', [(0.5, 1234), (1.5, 2345)], "commas part thousands"),
    "American, quoted alone": ('x,y\n1,"1,234"\n2,"2,345"\n', "line 2, column y: '1,234' is ambiguous", RIGHT),
    "American, decimals beside commas": ("x,y\n1.000,12.500\n2.000,3\n", [(1, 12.5), (2, 3)], RIGHT),
    "American, decimals beside semicolons": ("x;y\n0.5;12.500\n1.000;3\n", [(0.5, 12.5), (1, 3)], RIGHT),
    "Indian, lakhs": ("x;y\n1,00,000;2\n2;3\n", "line 2, column x: '1,00,000' is not a number", RIGHT),
    "both habits": ("x;y\n1.000;12,500\n2.000;25,000\n", "line 2: '12,500' is ambiguous beside '1.000'", RIGHT),
}
READ = {name: row for name, row in FILES.items() if isinstance(row[1], list)}


def samples(content):
    found = run_job(samples_in([content.encode()]))
    return list(zip(found.x.tolist(), found.y.tolist(), strict=True)), " | ".join(found.notices)


@pytest.mark.parametrize(("content", "expected", "told"), FILES.values(), ids=FILES)
def test_numbers_are_read_noted_or_refused(content, expected, told):
    if isinstance(expected, str):
        with pytest.raises(SampleFileError) as refused:
            samples(content)
        assert str(refused.value).startswith(expected)
        return
    found, notices = samples(content)
    assert found == expected
    if told is RIGHT:
        assert "thousands" not in notices
    else:
        assert told in notices
        assert "thousands" in notices


@pytest.mark.parametrize("content", cases([row[0] for row in READ.values() if "t;y" not in row[0]]))
def test_row_count_and_order_are_irrelevant(content):
    heading, *rows = content.splitlines(keepends=True)
    expected, notices = samples(content)
    for order in (rows, rows[::-1]):
        found, told = samples("".join([heading, *order * 3000]))
        assert sorted({*found}) == sorted(expected)
        assert len(found) == 6000
        assert told.count("thousands") == notices.count("thousands")


HABITS = {"German": ".,", "American": ",.", "French": "\u202f,", "Swiss": "'."}
NUMBERS = st.one_of(st.integers(-2_000_000, 2_000_000), st.sampled_from([0.5, 12.5, 1.125, 1234.5, -1000.25, 1000]))


@given(st.sampled_from([*HABITS]), st.sampled_from(";\t|"), st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1))
def test_no_number_is_silently_another_one(habit, delimiter, pairs):
    thousands, decimal = HABITS[habit]

    def written(number):
        return f"{number:,}".replace(",", "t").replace(".", decimal).replace("t", thousands)

    content = "".join(f"{written(x)}{delimiter}{written(y)}\n" for x, y in pairs)
    try:
        found, notices = samples(content)
    except SampleFileError as refused:
        assert "ambiguous" in str(refused)  # noqa: PT017
    else:
        assert found == pairs or "all others alike; if" in notices


@given(st.from_regex(r"[-+]?[0-9]{0,5}[.,][0-9]{0,5}(?:[eE][-+]?[0-9])?", fullmatch=True), st.sampled_from(";\t ,"))
def test_pattern_skips_only_ambiguous_rows(number, delimiter):
    assume(any(map(str.isdecimal, number.partition("e")[0])) and not (delimiter == "," in number))
    tells = numbers._TELLS["." if delimiter == "," else ".,"]
    is_open = re.fullmatch(r"[-+]?[1-9][0-9]{0,2}[.,][0-9]{3}", number) is not None
    for line in (f"{number}{delimiter}7", f"7{delimiter}{number}"):
        assert (tells.search(line) is None) == is_open
