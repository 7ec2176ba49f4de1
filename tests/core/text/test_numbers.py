"""Numbers in columns: exactly as wide as asked, and right to the digits shown."""

import math
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.text.numbers import (
    format_comparison,
    format_count,
    format_distinct,
    format_in_range,
    format_in_width,
    format_short,
    format_vector,
    in_numbers,
    rounded_down,
    rounded_up,
)

properties = trials(400)
mantissas = st.floats(1, 10)
magnitudes = st.builds(
    lambda mantissa, exponent, sign: float(f"{mantissa!r}e{exponent}") * sign,
    mantissas,
    st.integers(-300, 300),
    st.sampled_from([1, -1]),
)
# Where rounding up makes a number one digit longer.
carries = st.builds(
    lambda nines, exponent, sign: float(f"{sign}9.{'9' * nines}6e{exponent}"),
    st.integers(0, 12),
    st.sampled_from([-101, -100, -99, -11, -10, -9, -5, -4, -3, -1, 0, 1, 4, 5, 6, 7, 8, 9, 10, 98, 99, 100, 299]),
    st.sampled_from(["", "-"]),
)


def unit_of_the_last_digit(text):
    return Decimal(1).scaleb(Decimal(text.strip()).as_tuple().exponent)


@properties
@given(st.one_of(magnitudes, carries), st.integers(8, 20))
@example(-9.9996e99, 9)
@example(-9.96e99, 8)
@example(9.9996e-4, 9)
@example(-99999.99996, 9)
@example(1e300, 8)
@example(-1e-300, 8)
def test_figure_width_and_rounding_are_exact(value, width):
    text = format_in_width(value, width)
    assert len(text) == width
    assert text == text.lstrip().rjust(width)
    error = abs(Decimal(text.strip()) - Decimal(value))
    assert error <= unit_of_the_last_digit(text) / 2


@properties
@given(magnitudes, st.integers(9, 20))
def test_figure_shows_as_many_digits_as_fit(value, width):
    text = format_in_width(value, width).strip()
    # At most the sign's place is unused, and one more by what has an exponent or no room for a decimal.
    assert len(text.lstrip("-")) >= width - 1 - ("e" in text or "." not in text)
    assert abs(Decimal(text) - Decimal(value)) <= abs(Decimal(value)) * Decimal(10) ** -(width - 8)


@table(
    ("value", "width", "text"),
    [
        (-11 / 6, 9, "-1.833333"),
        (11 / 6, 9, " 1.833333"),
        (-395 / 3, 9, "-131.6667"),
        (-2400.0, 9, "-2400.000"),
        (1176.99787399, 9, " 1176.998"),
        (0.001, 9, " 0.001000"),
        (0.000999, 9, " 9.99e-04"),
        (1234567.0, 9, "  1234567"),
        (123456789.0, 9, " 1.23e+08"),
        (1e12, 9, " 1.00e+12"),
        (-1e-12, 9, "-1.00e-12"),
        (1e100, 9, " 1.0e+100"),
        (0.0, 9, "        0"),
        (-0.0, 9, "        0"),
        (float("inf"), 9, "      inf"),
        (float("-inf"), 9, "     -inf"),
        (float("nan"), 9, "      nan"),
        (0.5, 12, " 0.500000000"),
        (9.7123456789, 9, " 9.712346"),
        (-99.512345678, 9, "-99.51235"),
        (9.99999997, 9, " 10.00000"),
        (99999999.7, 9, " 1.00e+08"),
    ],
)
def test_figure_by_example(value, width, text):
    assert len(text) == width
    assert format_in_width(value, width) == text


def test_numbers_in_sentences_are_short():
    assert [format_short(value) for value in (0.5, 16100.4, 8.04213e-6, 0.0, 3.0)] == [
        "0.5",
        "1.61e+04",
        "8.042e-06",
        "0",
        "3",
    ]
    assert format_vector([328.47, -689.39, 2.0000000001]) == "(328.47, -689.39, 2)"


@table(
    ("value", "limit", "texts"),
    [
        (0.5, 1.03487, ("0.5", "1.03")),
        (1.006, 1.00581, ("1.006", "1")),
        (1.0058, 1.00581, ("1.0058", "1.00581")),
        (0.6666, 2 / 3, ("0.6666", "0.66666")),
        (1.7846, 1.78461886, ("1.7846", "1.78461")),
        (1.5, 1.5, ("1.5", "1.5")),
    ],
)
def test_number_and_limit_get_distinguishing_digits(value, limit, texts):
    assert format_comparison(value, limit) == texts


@table(
    ("one", "other", "texts"),
    [
        (6.63, 6.681, ("6.63", "6.681")),
        (46270001.2, 46270001.3, ("46270001.2", "46270001.3")),
        (1.0, math.nextafter(1.0, 2), ("1", "1.0000000000000002")),
        (1e-5, math.inf, ("1e-05", "inf")),
    ],
)
def test_two_numbers_get_distinguishing_digits(one, other, texts):
    assert format_distinct(one, other) == texts


def test_counted_noun_is_singular_only_for_one():
    assert [format_count(count, "epoch") for count in (0, 1, 2)] == ["0 epochs", "1 epoch", "2 epochs"]


@properties
@given(st.floats(1e-9, 1e9), st.integers(3, 12))
@example(0.2103105, 3)
@example(9.996, 3)
@example(999999999.9999999, 3)
def test_rounded_down_and_up_bracket_value(value, digits):
    low, high = Decimal(rounded_down(value, digits)), Decimal(rounded_up(value, digits))
    unit = Decimal(1).scaleb(Decimal(value).adjusted() + 1 - digits)
    assert low <= Decimal(repr(value)) <= high
    assert high - low in (0, unit)


@properties
@given(st.floats(1e-6, 1e6), st.floats(1e-9, 0.1), st.floats(1e-9, 0.1))
@example(0.3096, 1e-4, 1e-9)
@example(0.5, 1e-6, 0.1)
def test_a_number_is_shown_within_its_range(value, below, above):
    low, high = value * (1 - below), value * (1 + above)
    shown, least, most = map(float, format_in_range(value, low, high))
    assert low <= least <= shown <= most <= high


@table(
    ("formula", "expected"),
    [
        ("w − lr·g", "-2 − 0.5 × (-3)"),
        ("-lr·g / (√s' + w)", "-0.5 × (-3) / (√0.25 + (-2))"),
        ("(w − μ) / σ", "(-2 − (-1.5)) / 2"),
        ("g² + w·g²", "(-3)² + (-2) × (-3)²"),
        ("lr0·½·(1 + cos(π·epoch / epochs))", "lr0 × ½ × (1 + cos(π × 7 / epochs))"),
        ("s / (1 − lr^t)", "s / (1 − 0.5^12345678901)"),
        ("g", "-3"),
        ("1e-8 + wg + g_a", "1e-8 + wg + g_a"),
    ],
)
def test_a_formula_in_numbers(formula, expected):
    values = {"w": -2.0, "lr": 0.5, "g": -3.0, "s'": 0.25, "μ": -1.5, "σ": 2.0, "epoch": 7, "t": 12345678901}
    assert in_numbers(formula, values) == expected
