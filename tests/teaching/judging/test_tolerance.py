"""Numbers as students write them: their digits, and how near is near enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table

from quadfit_tui.teaching.judging.tolerance import MatchGrade, Written, grade_match
from quadfit_tui.teaching.notation.lesson import Tolerance

EXACT, DIGITS, FACTOR = Tolerance("exact", 0), Tolerance("digits", 3), Tolerance("factor", 2)
TWO_DIGITS = Tolerance("digits", 2)


@table(
    ("text", "value", "digits"),
    [
        ("136", 136, 3), ("1400", 1400, 4), ("~386000", 386000, 3), ("0,5", 0.5, 1), ("0.200", 0.2, 3),
        ("−9", -9, 1), ("1.59e-06", 1.59e-6, 3), ("-11/6", -11 / 6, 15), ("0", 0, 1), (" 4.5 ", 4.5, 2),
    ],
)  # fmt: skip
def test_digits_are_those_that_are_written(text, value, digits):
    assert Written.read(text) == (value, digits)


@table("text", ["", "x", "1,406", "1/0", "inf", "12 34", "1e999", "--1", "9" * 400])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"is|divides"):
        Written.read(text)


@table(
    ("text", "value", "states"),
    [
        *[("0.200", 0.1999, True), ("0.200", 0.2006, False), ("0.2", 0.2006, True), ("136", 136, True)],
        *[("~386000", 385963, True), ("386000", 385963, False), ("~385000", 385963, False), ("1.03", 1.0311, True)],
        *[("25.99", 25.99137, True), ("26.00", 25.99137, False), ("-4.5", -4.5, True), ("4.5", -4.5, False)],
        *[
            ("0", 0, True),
            ("0", 1e-9, False),
            ("0.00", 0.0, True),
            ("3", 2.5, True),
            ("2", 2.5, True),
            ("-9", -9.0, True),
        ],
    ],
)
def test_stated_number_matches_rounded_value(text, value, states):
    assert Written.read(text).states(value) is states


def test_limits_are_rounded_down():
    assert Written.read("1.59e-06").states(1.5999e-6, is_limit=True)
    assert not Written.read("1.60e-06").states(1.5999e-6, is_limit=True)
    assert Written.read("1.59e-06").shows(1.5999e-6, is_limit=True)
    assert Written.read("1.60e-06").shows(1.5999e-6, is_limit=True)  # of a student, who rounds
    assert grade_match(Written.read("1.59"), 1.5999, DIGITS, is_limit=True) is MatchGrade.RIGHT
    assert grade_match(Written.read("1.59"), 1.5999, DIGITS) is MatchGrade.OFF
    assert grade_match(Written.read("1.5"), 1.5999, DIGITS, is_limit=True) is MatchGrade.MORE_DIGITS
    assert Written.read("0.0029").states(0.0029094, is_limit=True)


@table(
    ("typed", "value", "tolerance", "expected"),
    [
        *[
            ("-9", -9, EXACT, MatchGrade.RIGHT),
            ("9", -9, EXACT, MatchGrade.OFF),
            ("0,3125", 0.3125, EXACT, MatchGrade.RIGHT),
        ],
        *[
            ("1/3", 1 / 3, EXACT, MatchGrade.RIGHT),
            ("0.333", 1 / 3, EXACT, MatchGrade.OFF),
            ("0", 0, EXACT, MatchGrade.RIGHT),
        ],
        *[
            ("1.03", 1.0311, DIGITS, MatchGrade.RIGHT),
            ("1.031", 1.0311, DIGITS, MatchGrade.RIGHT),
            ("1.032", 1.0311, DIGITS, MatchGrade.RIGHT),  # within half a unit of the third digit, however it is written
            ("1.0362", 1.0311, DIGITS, MatchGrade.OFF),
        ],
        *[
            ("1.0", 1.0311, DIGITS, MatchGrade.MORE_DIGITS),
            ("1", 1.0311, DIGITS, MatchGrade.MORE_DIGITS),
            ("2", 1.0311, DIGITS, MatchGrade.OFF),
        ],
        *[
            ("0.2", 0.2, DIGITS, MatchGrade.RIGHT),
            ("110", 112.3, TWO_DIGITS, MatchGrade.RIGHT),
            ("0", 0, DIGITS, MatchGrade.RIGHT),
        ],
        *[("18.43", 18.44, TWO_DIGITS, MatchGrade.RIGHT), ("20", 18.44, TWO_DIGITS, MatchGrade.OFF)],
        *[("30", 33.27, TWO_DIGITS, MatchGrade.OFF), ("400000", 385963, TWO_DIGITS, MatchGrade.OFF)],
        *[
            ("0.001", 0, DIGITS, MatchGrade.OFF),
            ("26.0", 25.991, Tolerance("digits", 4), MatchGrade.RIGHT),
        ],  # as it is said aloud
        # What the program shows is right, but where it has to be exact.
        *[
            ("20000", 20431, EXACT, MatchGrade.OFF),
            ("20400", 20431, EXACT, MatchGrade.OFF),
            ("20431.0001", 20431, EXACT, MatchGrade.OFF),
        ],
        *[
            ("20400", 20431, Tolerance("abs", 1), MatchGrade.RIGHT),
            ("20000", 20431, Tolerance("abs", 1), MatchGrade.OFF),
        ],
        *[("0.95", 1, Tolerance("rel", 0.05), MatchGrade.RIGHT), ("0.94", 1, Tolerance("rel", 0.05), MatchGrade.OFF)],
        *[
            ("960", 1000, Tolerance("rel", 0.05), MatchGrade.RIGHT),
            ("940", 1000, Tolerance("rel", 0.05), MatchGrade.OFF),
        ],
        *[
            ("-0.95", -1, Tolerance("rel", 0.05), MatchGrade.RIGHT),
            ("0.28", 0.25, Tolerance("abs", 0.03), MatchGrade.RIGHT),
        ],
        *[
            ("0.29", 0.25, Tolerance("abs", 0.03), MatchGrade.OFF),
            ("50", 100, FACTOR, MatchGrade.RIGHT),
            ("200", 100, FACTOR, MatchGrade.RIGHT),
        ],
        *[
            ("49", 100, FACTOR, MatchGrade.CLOSE),
            ("400", 100, FACTOR, MatchGrade.CLOSE),
            ("401", 100, FACTOR, MatchGrade.OFF),
        ],
        *[
            ("0", 100, FACTOR, MatchGrade.OFF),
            ("-100", 100, FACTOR, MatchGrade.OFF),
            ("-100", -120, FACTOR, MatchGrade.RIGHT),
        ],
        ("5", 0, FACTOR, MatchGrade.OFF),
    ],
)
def test_how_near_is_near_enough(typed, value, tolerance, expected):
    assert grade_match(Written.read(typed), value, tolerance) is expected


@given(st.floats(-1e12, 1e12).filter(lambda value: abs(value) > 1e-12), st.integers(1, 12))
def test_rounding_to_any_digits_matches(value, digits):
    text = f"{value:.{digits - 1}e}"
    assert Written.read(text).states(value)
    unit = 10.0 ** (int(text.partition("e")[2]) - digits + 1)
    other = f"{float(text) + 2 * unit:.{digits - 1}e}"
    if float(other) != 0:
        assert not Written.read(other).states(value)
