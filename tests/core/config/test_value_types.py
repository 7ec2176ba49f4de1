"""Numbers, words and coefficients as people write them: what is read, what is refused, and how they are shown."""

import math
import sys
import unicodedata

import pytest
from tables import table

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.value_types import Coefficients, Integer, Number, read_number, show_number
from quadfit_tui.core.text.quoting import normalized


@table(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (",5", 0.5),
        (".5", 0.5),
        ("5,", 5),
        ("1,0000", 1),
        ("1e-3", 1e-3),
        ("1,5E-3", 1.5e-3),
        ("-11/6", -11 / 6),
        ("−11/6", -11 / 6),
        (" 1 / 3 ", 1 / 3),
        ("0,5/2", 0.25),
        ("０．５", 0.5),
        ("－２", -2),
        ("0。5", 0.5),  # as the keys of a Chinese input method write it
        ("－０。５", -0.5),
        ("½", 0.5),
        ("1e308", 1e308),
        ("5e-324", 5e-324),
    ],
)
def test_number_is_read_as_people_write_it(text, value):
    assert read_number(text) == value


@table(
    "text",
    ["", " ", "abc", "nan", "NaN", "inf", "-Infinity", "1e999", "1/0", "1/0,0", "0/0", "nan/1", "1/inf", "1/", "0、5"],
)
def test_what_is_no_finite_number_is_refused(text):
    with pytest.raises(ValueError, match=r"is not a|divides by zero"):
        read_number(text)


@table("text", ["1,000", "-12,345", "999,999", "1,000/3"])
def test_ambiguous_thousands_comma_is_refused(text):
    with pytest.raises(ValueError, match=r"^is ambiguous: write -?\d+\.\d{3} or -?\d+$") as refused:
        read_number(text)
    number = text.partition("/")[0]
    assert number.replace(",", ".") in str(refused.value)
    assert number.replace(",", "") in str(refused.value)


@table(
    "text",
    ["1,000,000", "1.000,5", "1,2,3", "0x10", "1 000", "1_0", "1_0/2", "1e1_0", "٣", "10²", "1½", "1₀", "1/2/3"],
)
def test_other_notations_are_refused(text):
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)


@table("text", ["²", "②", "⒈", "⑴", "𝟏", "½e3", "½5", "½½", "1.5½", "⅟4", "🄂"])
def test_only_full_width_numerals_are_digits(text):
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)


def test_normalizing_keeps_other_numerals():
    for char in map(chr, range(128, sys.maxunicode + 1)):
        plain = unicodedata.normalize("NFKC", char)
        if any("0" <= each <= "9" for each in plain):
            is_digit = unicodedata.decomposition(char).startswith("<wide>")
            assert normalized(char) == (plain if is_digit or char in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞" else char).replace("⁄", "/")


@table("text", ["1_0", "1_000_000", "٣٠", "10²", "②", "𝟏"])
def test_odd_integer_notations_are_refused(text):
    with pytest.raises(ValueError, match="is not a number"):
        Integer(0, 10**18).parse(text)


def test_bounds_hold_for_huge_integers():
    assert RunConfig(seed="999999999999999999").seed == 999_999_999_999_999_999
    with pytest.raises(ConfigError, match=r"^seed: '1318.*' is too large; allowed: a whole number from 0 to 1e18$"):
        RunConfig(seed=2**4000)
    with pytest.raises(ConfigError):
        RunConfig(samples=16**5000)  # more digits than Python likes to print


@table(
    ("name", "text", "value"),
    [
        ("samples", "1e3", 1000),
        ("samples", "１００", 100),
        ("samples", "12.0", 12),
        ("epochs", "4/2", 2),
        ("batch", "full", "full"),
        ("batch", " FULL ", "full"),
        ("batch", "16", 16),
        ("round_epochs", "off", None),
        ("round_epochs", "2", 2),
        ("round_epochs", None, None),
        ("init", "random", "random"),
        ("init", "Random", "random"),
        ("schedule", " Halve", "halve"),
        ("shuffle", "on", True),
        ("shuffle", "TRUE", True),
        ("shuffle", "1", True),
        ("shuffle", "0", False),
        ("shuffle", "No", False),
        ("data", "", None),
        ("data", "  a b.csv ", "  a b.csv "),
    ],
)
def test_words_and_whole_numbers_are_read_generously(name, text, value):
    read = PARAMETERS[name].parse(text)
    assert read == value
    assert type(read) is type(value)


@table(
    ("text", "value"),
    [
        ("2,-4,3", (2, -4, 3)),
        ("2, -4, 3", (2, -4, 3)),
        ("2 -4 3", (2, -4, 3)),
        ("2;-4;3", (2, -4, 3)),
        ("2、-4、3", (2, -4, 3)),
        ("2，-4，3", (2, -4, 3)),
        ("２，－４，３", (2, -4, 3)),
        ("2；−4；3", (2, -4, 3)),
        ("2\u3000-4\u30003", (2, -4, 3)),
        ("0。5、-4、3", (0.5, -4, 3)),
        ("0,5; -4; 3", (0.5, -4, 3)),
        ("0,5 -4 3,25", (0.5, -4, 3.25)),
        ("(2, -4, 3)", (2, -4, 3)),
        ("[2, −4, 3]", (2, -4, 3)),
        ("-11/6, -395/3, -2400", (-11 / 6, -395 / 3, -2400)),
    ],
)
def test_coefficients_in_many_notations(text, value):
    for name in ("true", "init"):
        assert getattr(RunConfig(**{name: text}), name) == value


@table("text", ["0,5, -4, 3", "1,000; 2; 3", "2,-4", "2 -4 3 1", "2,,3", "a, b, c", "1;2;x"])
def test_malformed_coefficients_are_refused(text):
    with pytest.raises(ConfigError):
        RunConfig(true=text)


@table(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (800.0, "800"),
        (1e-5, "1e-05"),
        (-11 / 6, "-11/6"),
        (-395 / 3, "-395/3"),
        (0.1, "0.1"),
        (-0.0, "0"),
    ],
)
def test_number_is_shown_briefly(value, text):
    assert show_number(value) == text


@table("raw", ["-0", "-0.0", -0.0, "−0", "-0/5", "-1e-999"])
def test_there_is_no_minus_zero(raw):
    """It equals 0 and is written as 0, so that a run and its copy would differ by a sign."""
    assert math.copysign(1, Number(-1, 1).parse(raw)) == 1
    assert math.copysign(1, Coefficients(1).parse((raw, 1, 1))[0]) == 1
