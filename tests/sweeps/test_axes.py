"""The values that a parameter takes in a sweep, of text: ranges come out as by fractions; what is refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError
from quadfit_tui.core.config.value_types import Either, Integer, Number, show_number
from quadfit_tui.sweeps.axes import MOST_VALUES, seeds, sorted_axes, values


@table(
    ("name", "text", "found"),
    [
        ("lr", "0,5", [0.5]),
        ("lr", "0.1:1:10", [k / 10 for k in range(1, 11)]),
        ("momentum", "0:0.9:10", [k / 10 for k in range(10)]),
        ("x_min", "-1:0:5", [-1, -0.75, -0.5, -0.25, 0]),
        ("lr", "1/3:2/3:3", [1 / 3, 0.5, 2 / 3]),
        ("lr", "0,1:0,5:5", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("lr", " 0.001 : 1 : 4 log ", [0.001, 0.01, 0.1, 1]),
        ("epsilon", "1e-12:1e-2:11LOG", [float(f"1e-{k}") for k in range(12, 1, -1)]),
        ("lr", "１：２：２", [1, 2]),
        ("batch", "1:64:7log", [1, 2, 4, 8, 16, 32, 64]),
        ("batch", "1:4:100", [1, 2, 3, 4]),
        ("batch", "full", ["full"]),
        ("epochs", "1:2:2", [1, 2]),
        ("epochs", "10:25:3", [10, 18, 25]),  # 17.5
        ("round_epochs", "0:4:3", [0, 2, 4]),
        ("round_epochs", "off", [None]),
        ("seed", f"{10**17 + 1}:{10**17 + 5}:3", [10**17 + 1, 10**17 + 3, 10**17 + 5]),
        ("optimizer", "adam", ["adam"]),
        ("data", "example:pontius", ["example:pontius"]),
        ("data", "a:b:3", ["a:b:3"]),
        ("init", "1,2,3", [(1.0, 2.0, 3.0)]),
        ("shuffle", "yes", [True]),
        ("lr", 0.25, [0.25]),
        ("seed", np.int64(7), [7]),
    ],
)
def test_values_of_text(name, text, found):
    assert list(values(name, text)) == found
    assert [type(value) for value in values(name, text)] == [type(PARAMETERS[name].parse(value)) for value in found]


NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)


@trials(200)
@given(NUMBERS, NUMBERS, st.integers(2, 50))
def test_linear_range_equal_steps_exact_ends(one, other, count):
    low, high = sorted((one, other + (one == other)))
    first, last = (Fraction(show_number(end)) for end in (low, high))
    exact = [first + (last - first) * Fraction(at, count - 1) for at in range(count)]
    found = values("x_min", f"{low!r}:{high!r}:{count}")
    assert (found[0], found[-1]) == (low, high)
    assert list(found) == list(dict.fromkeys(map(float, exact)))


@trials(200)
@given(st.floats(-12, 5.9), st.floats(0.01, 6), st.integers(2, 50))
def test_log_range_equal_factors_exact_ends(exponent, decades, count):
    low, high = 10**exponent, min(10 ** (exponent + decades), 1e6)
    found = values("lr", f"{low!r}:{high!r}:{count}log")
    assert (found[0], found[-1], len(found)) == (low, high, count)
    np.testing.assert_allclose(found, np.geomspace(low, high, count), rtol=1e-13)


@trials(100)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(2, 60), st.sampled_from(["", "log"]))
def test_integer_range_nearest_and_unique(one, other, count, log):
    low, high = sorted((one, other + (one == other)))
    high = min(high, 10**6)
    if low == high:
        return
    found = values("batch", f"{low}:{high}:{count}{log}")
    exact = (np.geomspace if log else np.linspace)(low, high, count)
    assert (found[0], found[-1]) == (low, high)
    assert list(found) == sorted({*found})
    assert all(type(value) is int for value in found)
    assert all(min(abs(value - exact)) <= 0.5 + 1e-9 * value for value in found)
    assert len(found) <= count


@table(
    ("name", "text", "words"),
    [
        ("lr", "1:2", ["'1:2' is no range", "from:to:count, such as 0.1:0.9:9, or 0.1:0.9:9log", "above 0, up to 1e6"]),
        ("lr", "0.1:1:9:2", ["is no range"]),
        ("lr", "0:1:5", ["begins with '0', which is too small; allowed: above 0, up to 1e6"]),
        ("lr", "1:1e7:5", ["ends with '1e7', which is too large"]),
        ("lr", "a:1:5", ["begins with 'a', which is not a number"]),
        ("lr", "1:1,000:5", ["ends with '1,000', which is ambiguous: write 1.000 or 1000"]),
        ("lr", "::", ["begins with '', which is not a number"]),
        ("lr", "0.1:1:0", ["has the count '0', which is too small; allowed: a whole number from 2 to 1e6"]),
        ("lr", "0.1:1:1", ["which is too small"]),
        ("lr", "0.1:1:2.5", ["which is not a whole number"]),
        ("lr", "1:2:3x", ["has the count '3x', which is not a number", "with log behind it or not"]),
        ("lr", "1:2:log", ["has the count 'log', which is not a number"]),
        ("lr", "1:2:1000001", ["which is too large"]),
        ("lr", "2:1:5log", ["does not go up; allowed: from:to:count with from below to"]),
        ("lr", "1:1:5", ["does not go up"]),
        ("noise", "0:1:5log", ["cannot go from 0 up by log; allowed: from above 0, or no log"]),
        ("x_min", "-1:1:5log", ["cannot go from -1 up by log"]),
        ("batch", "1:full:3", ["ends with 'full', which is not a number; allowed: a whole number from 1 to 1e6"]),
        ("batch", "1.5:3:3", ["begins with '1.5', which is not a whole number"]),
        ("optimizer", "sgd:adam:2", ["is not one of the choices"]),
        ("init", "0:1:2", ["'0:1:2' is not a number"]),
        ("lr", ":" * 1000, ["is longer than 300 characters"]),
        ("lr", "x", ["'x' is not a number; allowed: above 0, up to 1e6"]),
        ("lr", True, ["lr: 'true' is not a number; allowed: above 0, up to 1e6"]),
    ],
)
def test_errors_name_text_and_allowed(name, text, words):
    with pytest.raises(ConfigError) as refused:
        values(name, text)
    assert [word for word in words if word not in str(refused.value)] == []
    assert refused.value.names == (name,)


def test_suggested_ranges_parse_for_numeric_parameters():
    taken = []
    for name, row in PARAMETERS.items():
        kind = row.value_type.value_type if isinstance(row.value_type, Either) else row.value_type
        if isinstance(kind, Number | Integer):
            with pytest.raises(ConfigError) as refused:
                values(name, "1:2")
            example = refused.value.allowed.partition("such as ")[2].partition(",")[0]
            assert len(values(name, example)) > 2
            assert len(values(name, f"{example}log")) > 2
            taken.append(name)
    assert {"lr", "batch", "round_epochs", "seed", "x_min"} <= {*taken}


def test_most_values_are_read():
    assert len(values("seed", f"1:{MOST_VALUES}:{MOST_VALUES}")) == MOST_VALUES


def test_axes_in_table_order_seed_last():
    axes = {"seed": [1, 2], "tol": [1], "lr": [1], "samples": [5]}
    assert list(sorted_axes(axes).items()) == [("samples", (5,)), ("lr", (1,)), ("tol", (1,)), ("seed", (1, 2))]


def test_seeds_go_on_from_the_first():
    assert seeds(3, 4) == (3, 4, 5, 6)
    assert seeds(10**18, 1) == (10**18,)
    with pytest.raises(ConfigError, match=r"seed: '1000000000000000001' is too large; allowed: a whole number"):
        seeds(10**18, 2)
