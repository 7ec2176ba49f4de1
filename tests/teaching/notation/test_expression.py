"""Expressions are a small part of Python's, worked out and never run."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import CHARACTERS

from quadfit_tui.teaching.notation.expression import LONGEST_EXPRESSION, Expression, ExpressionError

FACTS = {
    **{("one", "epochs"): 25, ("one", "mean_loss"): 0.25, ("one", "status"): "converged", ("one", "misled"): False},
    **{("two", "epochs"): 13, ("two", "mean_loss"): 2.5, ("two", "status"): "finished", ("two", "misled"): True},
    ("ten", "epochs"): 10,
    ("ten", "status"): "converged",
    ("ten", "mean_loss"): 0.25 * (1 + 1e-9),
}


class Made:
    """Facts that a test owns."""

    def of_run(self, run, fact):
        return FACTS[run, fact]

    def of_moment(self, run, moment, fact):  # noqa: ARG002
        return {"start": 3.0, "14": 2.0, "15:3": 1.0}[moment]

    def rises(self, run, epoch):  # noqa: ARG002
        return 7 + epoch


def value(text):
    return Expression.parse(text).evaluate(Made()).value


def test_arithmetic_is_as_everywhere():
    assert value("1 + 2 * 3 - 4 / 8") == 6.5
    assert value("-(one.epochs - two.epochs) / 2") == -6
    assert value("one.epochs / two.epochs") == 25 / 13
    assert value("abs(-2) + sqrt(16) + log10(1000)") == 9
    assert value("one[14].a - one[start].a * one[15:3].b") == -1
    assert value("rises(one, 3)") == 10


def test_signs_of_word_processors_and_chinese_keyboards_are_read():
    assert value("1 − 2 – 3") == -4
    assert value("（1 ＋ 2） ＊ 3 ／ 4 － 1") == 1.25
    assert value("one.epochs ＞ 13") is True
    assert value("near（100， 104， 0．05）") is True


@pytest.mark.parametrize("text", ["near(1, 2, 0.5", "one.epochs > 2)", "（1 + 2"])
def test_missing_parenthesis_is_named(text):
    with pytest.raises(ExpressionError, match="a parenthesis is missing, or there is one too many"):
        Expression.parse(text)


def test_conditions():
    assert value("one.epochs > two.epochs and not one.misled") is True
    assert value("one.epochs <= two.epochs or two.status == 'finished'") is True
    assert value("one.status != 'converged'") is False
    assert value("way(1, 2) == 'up'") is True
    assert value("way(2, 1) == 'down'") is True
    assert value("way(2, 2) == 'same'") is True
    assert value("near(100, 104, 0.05)") is True
    assert value("near(100, 106, 0.05)") is False
    assert value("same(0.1 + 0.2, 0.3)") is False
    assert value("zero(one.mean_loss - 0.25)") is True
    assert value("first(one, two, ten) == 'ten'") is True  # two does not converge
    assert value("least(one, two) == 'one'") is True


@table(
    ("text", "tips"),
    [
        ("one.mean_loss < 0.25 + 1e-9", True),
        ("one.mean_loss < 0.26", False),
        ("near(1, 1.1, 1 / 11)", True),
        ("one.epochs < 25", False),  # counts are what they are
        ("least(one, ten) == 'one'", True),
        ("way(0.25, one.mean_loss + 1e-9) == 'up'", True),
    ],
)
def test_what_rounding_decides_is_noticed(text, tips):
    assert Expression.parse(text).evaluate(Made()).depends_on_rounding is tips


@table(
    "text",
    [
        *("", "1 +", "one.epochs >", "a = 1", "(" * 150, "1or 2", "'\\d'", "lambda: 1", "[1, 2]", "{1}", "f'{1}'"),
        "one", "now", "one.a.b", "one[0].a.b", "one[0][1].a", "one['a'].b", "one[-1].a", "one[0:1:2].a",
        "one[1.5].a",
        "1 if one.misled else 2", "one.epochs < 3 < 4", "2 ** 9", "7 // 2", "7 % 2", "1 << 3", "1 in one", "None",
        "True",
        "__import__('os')", "eval('1')", "one.status.upper()", "abs(*one)", "abs(x=1)", "abs()", "near(1, 2)",
        "(abs)(1)(2)",
        "rises(one)", "rises(one, one.epochs)", "rises(one, True)", "first(one)", "first(1, 2)", "b'x'", "1j", "...",
        "(x := 1)",
        "1 + " * 60 + "1",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text):
    with pytest.raises(ExpressionError):
        Expression.parse(text)


@table(
    ("text", "why"),
    [
        (
            "one.status == 'convergd'",
            r"compares one\.status with 'convergd', which it never is \(did you mean 'converged'\?\); allowed: ready, ",
        ),
        (
            "'Up' != way(one.a, two.a)",
            r"compares way\(one\.a, two\.a\) with 'Up', which it never is.*; allowed: up, down or same",
        ),
        ("not least(one, two) == 'on'", r"with 'on', which it never is.*; allowed: one or two"),
    ],
)
def test_comparison_with_impossible_word_refused(text, why):
    with pytest.raises(ExpressionError, match=why):
        Expression.parse(text)


@table(
    ("text", "why"),
    [
        ("one.mean_loss == 0.25", "compares other numbers than counts by =="),
        ("one.status < 'ready'", "which of two words is larger"),
        ("one.status == 1", "compares a word with a number"),
        ("one.misled + 1", "one.misled is no number"),
        ("not one.epochs", "neither true nor false"),
        ("1 / (one.epochs - 25)", "divides by zero"),
        ("log10(0)", "no finite value"),
        ("1e308 * 10", "no finite value"),
        ("9" * 180 + " / 1e-200", "no finite value"),
        ("first(two, two)", "none of two, two converges"),
        ("least(one, one)", "no one is before the others"),
        ("one.epochs > 1 or one.mean_loss == 1", "compares other numbers"),  # also where the rest decides
    ],
)
def test_what_has_no_value_is_told(text, why):
    with pytest.raises(ExpressionError, match=why):
        value(text)


@given(st.text(CHARACTERS, max_size=LONGEST_EXPRESSION + 20))
def test_no_text_does_more_than_be_refused(text):
    with suppress(ExpressionError):
        Expression.parse(text)


@given(
    st.recursive(
        st.sampled_from(["1", "2.5", "one.epochs"]),
        lambda of: st.tuples(of, st.sampled_from("+-*/"), of).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        max_leaves=12,
    )
)
def test_arithmetic_agrees_with_python(text):
    one = type("One", (), {"epochs": 25})
    if len(text) > LONGEST_EXPRESSION:
        return
    try:
        expected = eval(text, {"one": one})
    except ZeroDivisionError:
        with pytest.raises(ExpressionError):
            value(text)
    else:
        assert math.isclose(value(text), expected, rel_tol=1e-15)


def test_it_names_its_facts_and_runs():
    expression = Expression.parse("rises(one, 0) > two[15:3].a and ten.epochs < first(one, four)")
    assert {*expression.runs()} == {"one", "two", "ten", "four"}
    assert {*expression.references()} == {("two", "15:3", "a"), ("ten", "", "epochs")}


@table(
    ("text", "is_condition"),
    [
        ("1 < 2", True), ("not one.misled", True), ("near(1, 2, 3)", True), ("one.misled", True),
        ("one.epochs", False), ("abs(1)", False), ("-1", False), ("one.epochs > 1 and one.misled", True),
    ],
)  # fmt: skip
def test_conditions_are_known_by_their_form(text, is_condition):
    assert Expression.parse(text).is_condition is is_condition
