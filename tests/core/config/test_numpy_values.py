"""Values of NumPy and paths: taken and refused as Python's own are, which a RunConfig then holds."""

import math
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas
import pytest
from configurations import values
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_writer import toml_lines
from quadfit_tui.core.session.session import RunSession

properties = trials(400)


@table(
    ("name", "given", "own"),
    [
        ("batch", np.int64(16), 16),
        ("epochs", np.float64(10), 10),
        ("seed", np.uint64(10**18), 10**18),
        ("lr", np.float32(0.5), 0.5),
        ("lr", np.longdouble(0.5), 0.5),
        ("lr", np.array(0.5), 0.5),
        ("lr", Fraction(1, 3), 1 / 3),
        ("shuffle", np.True_, True),
        ("shuffle", np.array(True), True),
        ("optimizer", np.str_("adam"), "adam"),
        ("true", np.array([1, 2, 3]), (1.0, 2.0, 3.0)),
        ("true", (np.int64(1), np.array(2), np.float32(3)), (1.0, 2.0, 3.0)),
        ("init", [np.float64(1), 2, "3"], (1.0, 2.0, 3.0)),
        ("columns", (np.int64(3), np.str_("height")), ("3", "height")),
        ("data", Path("samples.csv"), "samples.csv"),
    ],
)
def test_the_value_is_pythons_own(name, given, own):
    config, expected = RunConfig(**{name: given}), RunConfig(**{name: own})
    assert (config, hash(config), repr(config)) == (expected, hash(expected), repr(expected))
    assert repr(getattr(config, name)) == repr(own)
    assert tomllib.loads("\n".join(toml_lines(config, [], config.data or "", "")))


@table(
    ("name", "given", "own"),
    [
        ("batch", np.True_, True),
        ("samples", np.array(True), True),
        ("epochs", np.float64(1.5), 1.5),
        ("epochs", np.array([3]), [3]),
        ("lr", np.float64(np.nan), float("nan")),
        ("lr", np.complex128(1), complex(1)),
        ("shuffle", np.int64(1), 1),
        ("true", np.array([1, 2]), [1, 2]),
        ("true", np.zeros((2, 2)), [[0.0, 0.0], [0.0, 0.0]]),
    ],
)
def test_refusal_matches_python_value(name, given, own):
    with pytest.raises(ConfigError) as expected:
        RunConfig(**{name: own})
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: given})
    assert str(refused.value) == str(expected.value)


def test_path_is_refused_as_number():
    with pytest.raises(ConfigError, match=r"^lr: .PosixPath\('0\.5'\). is not a number; allowed: "):
        RunConfig(lr=Path("0.5"))


def test_seek_accepts_numpy_integers():
    session = RunSession(RunConfig(epochs=5), speed=None)
    session.seek(np.int64(3), np.int64(4))
    while session.is_busy:
        session.advance(1)
    assert repr(session.snapshot().position) == "Position(epoch=3, update=4)"


@table(
    ("name", "value", "said"),
    [
        ("lr", -1.0, "'-1.0' is too small; allowed: above 0, up to 1e6"),
        ("lr", math.inf, "'inf' is not a finite number; allowed: above 0, up to 1e6"),
        ("noise", None, "'None' is not a number; allowed: 0 to 1e12"),
        ("momentum", 1, "'1' is too large; allowed: from 0, below 1"),
        ("samples", 2.5, "'2.5' is not a whole number; allowed: a whole number from 1 to 1e6"),
        ("samples", Fraction(-1), "'-1' is too small; allowed: a whole number from 1 to 1e6"),
        ("epochs", True, "'true' is not a number; allowed: a whole number from 1 to 1e9"),
        ("seed", 10**5000, "'a number of thousands of digits' is too large; allowed: a whole number from 0 to 1e18"),
        ("round_epochs", 2.5, "'2.5' is not a whole number; allowed: a whole number from 0 to 12, or off"),
        ("shuffle", 1, "'1' is neither yes nor no; allowed: yes or no"),
        ("true", {1, 2, 3}, "'{1, 2, 3}' is not three numbers; allowed: three numbers a, b, c from -1e12 to 1e12"),
        (
            "data",
            Path("a\nb"),
            r""""PosixPath('a\\nb')" is not the name of a file; allowed: the name of a file""",
        ),
        ("columns", 3, "'3' is not two columns; allowed: two headings or numbers of columns, x and y"),
        ("lr", pandas.DataFrame({"x": range(900)}), "'<DataFrame>' is not a number; allowed: above 0, up to 1e6"),
    ],
)
def test_python_value_refusal_messages(name, value, said):
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: value})
    assert str(refused.value) == f"{name}: {said}"
    assert refused.value.names == (name,)


# Where 1 is no bool, and a number no name, text and values differ.
@pytest.mark.parametrize("name", sorted({*PARAMETERS} - {"shuffle", "scale_features", "columns", "data"}))
def test_value_and_text_have_same_outcome(name):
    kind = PARAMETERS[name].value_type
    lists = st.lists(st.floats(), max_size=4).filter(lambda given: len(given) != 1)  # one has the text of its number
    beyond = st.integers() | st.floats() | lists | st.none()

    @properties
    @given(values(kind) | beyond)
    def holds(value):
        outcomes = []
        text = str(value) if not isinstance(value, tuple | list) else ", ".join(map(str, value))
        for given_value in (value, text if value is not None else kind.show(PARAMETERS[name].default)):
            try:
                outcomes.append(RunConfig(**{name: given_value}))
            except ConfigError as refused:
                outcomes.append(refused.names)
        assert value is None or outcomes[0] == outcomes[1]

    holds()
