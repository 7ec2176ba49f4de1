"""A parabola as text."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st
from tables import table

from quadfit_tui.core.text.polynomial import polynomial

COEFFICIENT = st.floats(-1e12, 1e12)


@table(
    ("values", "text"),
    [
        ((-1, -2, 8), "-x² - 2x + 8"),
        ((2, 1, -3), "2x² + x - 3"),
        ((2, -4, 3), "2x² - 4x + 3"),
        ((1, 0, 0), "x²"),
        ((0, -1, 0), "-x"),
        ((0, 0, -1), "-1"),
        ((0, 0, 1), "1"),
        ((0, 0, 0), "0"),
        ((-0.0, -0.0, -0.0), "0"),
        ((2.001834567, -4.00250123, 3.000678), "2.00183x² - 4.0025x + 3.00068"),
        ((0.99999999, 1.0000001, 0), "x² + x"),
        ((1e-9, -2.5e13, 0.5), "1e-09x² - 2.5e+13x + 0.5"),
    ],
)
def test_textbook_notation(values, text):
    assert polynomial(values) == text
    assert polynomial(values, plain=True) == text.replace("²", "^2")


def test_digits_are_significant_ones():
    assert polynomial((2 / 3, -20 / 3, 2000 / 3), 3) == "0.667x² - 6.67x + 667"


@given(st.tuples(COEFFICIENT, COEFFICIENT, COEFFICIENT), st.floats(-3, 3))
def test_text_evaluates_to_same_parabola(w, x):
    python = re.sub(r"(?<=[\d.])x", "*x", polynomial(w, 17, plain=True)).replace("^", "**")
    a, b, c = w
    terms = a * x**2, b * x, c
    assert math.isclose(eval(python, {"x": x}), sum(terms), abs_tol=1e-12 * sum(map(abs, terms)))
    assert polynomial(w).replace("²", "").isascii()


@table(
    ("values", "text"),
    [
        ((-494.041, 479.523, 120.902), "-494.0·t² + 479.5·t + 120.9"),
        ((1, -1, 0), "1.000·t² - 1.000·t"),
        ((1234.5, 12345, -0.00012), "1234·t² + 1.234e+04·t - 0.0001200"),
        ((0, 0, 0), "0"),
    ],
)
def test_measured_numbers_keep_their_digits_and_name(values, text):
    assert polynomial(values, 4, x="t") == text
    assert polynomial(values, 4, x="t", plain=True) == text.replace("·", "*").replace("²", "^2")
