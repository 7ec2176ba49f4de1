"""Numbers and signs as they are said aloud."""

import math
import re
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.text.pronunciation import chosen, in_a_line, in_sentences, in_words, said

NAMES = {"": 0, "million": 6, "billion": 9, "trillion": 12}
SAID = re.compile(r"(minus )?(\d+(?:\.\d+)?)(?: (million|billion|trillion)| times ten to the (minus )?(\d+))?")


def heard(words):
    """The number that somebody understands, as a fraction."""
    found = SAID.fullmatch(words)
    assert found, words
    minus, digits, name, below, power = found.groups()
    exponent = NAMES[name or ""] + int(power or 0) * (-1 if below else 1)
    return Fraction(digits) * Fraction(10) ** exponent * (-1 if minus else 1)


@table(
    ("value", "words"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (6290.4, "6290"),
        (-1.8333, "minus 1.83"),
        (2, "2.00"),
        (999.6, "1000"),
        (385963.0, "386000"),
        (999_999.0, "1.00 million"),
        (5785217.72, "5.79 million"),
        (12e9, "12.0 billion"),
        (0.00195, "0.00195"),
        (4.054e-06, "4.05 times ten to the minus 6"),
        (-4.69e153, "minus 4.69 times ten to the 153"),
        (math.inf, "infinity"),
        (-math.inf, "minus infinity"),
        (math.nan, "not a number"),
    ],
)
def test_a_number_is_said_with_three_digits(value, words):
    assert said(value) == words


@table(
    ("value", "words"),
    [
        (0.5, "0.5"),
        (2400, "2400"),
        (-2400.0, "minus 2400"),
        (0.0625, "0.0625"),
        (10.0, "10"),
        (1e-05, "1 times ten to the minus 5"),
        (1.5e6, "1.5 million"),
    ],
)
def test_a_number_that_was_chosen_has_no_zeros_at_its_end(value, words):
    assert chosen(value) == words


@trials(400)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_heard_is_the_number_to_three_digits(value):
    for words in (said(value), chosen(value)):
        assert words.isascii()
        assert "e" not in re.sub("[a-z]{2,}", "", words)
        number = heard(words)
        assert abs(number - Fraction(value)) <= abs(Fraction(value)) * Fraction(5, 1000)
        assert (number < 0) == (value < 0)


@table(
    ("text", "words"),
    [
        ("w ← w − lr·g", "w becomes w minus lr times g"),
        ("below tol 1e-05.", "below tol 1 times ten to the minus 5."),
        ("1.61e+04 > 1E4", "1.61 times ten to the 4 > 1 times ten to the 4"),
        ("(-1)² is 1, x³; 10⁻⁵.", "(minus 1) squared is 1, x cubed; 10 to the power of minus 5."),
        ("上限的 49 %，即 3²。", "上限的 49 percent，即 3 squared。"),
        ("a ≤ 3 → 63 %.", "a at most 3 to 63 percent."),
        ("-11/6, −4", "minus 11/6, minus 4"),
        ("a file .md. Or x ² !", "a file .md. Or x squared!"),
        ("Try --lr 0.7, well-known 5-7, quadfit-tui", "Try --lr 0.7, well-known 5-7, quadfit-tui"),
    ],
)
def test_signs_are_words(text, words):
    assert in_words(text) == words


@trials(100)
@given(st.text(alphabet="ab12-−·².,; ()e+≤√", max_size=40))
def test_words_stay_as_they_are(text):
    once = in_words(text)
    assert in_words(once).split() == once.split() or "-" in once or "e" in text
    assert not set("−·²≤√") & set(once)


def test_what_does_not_fit_a_line_is_said_shorter():
    assert in_a_line("a" * 78, "b") == "a" * 78
    assert in_a_line("a" * 79, "b" * 79, "c" * 3, "d") == "ccc"
    assert in_a_line("a" * 79, "b" * 80) == "b" * 80


def test_things_that_fit_no_line_have_one_of_each_group_or_one_each():
    loss, w = ["mean loss 5"], ["a 1", "b 2"]
    assert in_sentences("Start: {things}.", loss, w) == ["Start: mean loss 5, a 1, b 2."]
    assert in_sentences("S" * 60 + ": {things}.", loss, w) == ["S" * 60 + ": mean loss 5.", "a 1, b 2."]
    assert in_sentences("", loss, ["a" * 40, "b" * 40]) == ["mean loss 5.", "a" * 40 + ".", "b" * 40 + "."]
    assert in_sentences("Optimum: {things}.", [], w) == ["Optimum: a 1, b 2."]
