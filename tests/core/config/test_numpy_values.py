"""Values of NumPy and paths: taken and refused as Python's own are, which a RunConfig then holds."""

import math
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from configurations import values
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_writer import toml_lines
from quadfit_tui.core.session.session import Session

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
def test_what_is_refused_is_refused_in_the_same_words(name, given, own):
    with pytest.raises(ConfigError) as expected:
        RunConfig(**{name: own})
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: given})
    assert str(refused.value) == str(expected.value)


def test_a_path_is_a_name_of_files_alone():
    with pytest.raises(ConfigError, match=r"lr must be a number above 0, up to 1e6, got PosixPath\('0\.5'\)"):
        RunConfig(lr=Path("0.5"))


def test_a_session_goes_to_an_epoch_of_numpys():
    session = Session(RunConfig(epochs=5), speed=None)
    session.seek(np.int64(3), np.int64(4))
    while session.is_busy:
        session.advance(1)
    assert repr(session.snapshot().position) == "Position(epoch=3, update=4)"


@table(
    ("name", "value", "said"),
    [
        ("lr", -1.0, "lr must be above 0, got -1.0"),
        ("lr", math.inf, "lr must be at most 1e6, got inf"),
        ("lr", math.nan, "lr must be a number above 0, up to 1e6, got nan"),
        ("noise", None, "noise must be a number from 0 to 1e12, got None"),
        ("momentum", 1, "momentum must be below 1, got 1"),
        ("samples", 2.5, "samples must be a whole number from 1 to 1e6, got 2.5"),
        ("samples", Fraction(-1), "samples must be at least 1, got Fraction(-1, 1)"),
        ("epochs", True, "epochs must be a whole number from 1 to 1e9, got True"),
        ("seed", 10**5000, "seed must be at most 1e18, got a number of thousands of digits"),
        ("batch", 0, "batch must be at least 1, or 'full', got 0"),
        ("round_epochs", 2.5, "round_epochs must be a whole number from 0 to 12, or None, got 2.5"),
        ("shuffle", 1, "shuffle must be True or False, got 1"),
        ("schedule", None, "schedule must be one of halve, constant, exponential, cosine, inverse-time, got None"),
        ("true", {1, 2, 3}, "true must be three numbers a, b, c from -1e12 to 1e12, got {1, 2, 3}"),
        ("init", (1, 2), "init must be three numbers a, b, c from -1e12 to 1e12, or 'random', got (1, 2)"),
        ("data", Path("a\nb"), "data must be the name of a file, or None, got PosixPath('a\\nb')"),
        ("columns", 3, "columns must be two headings or numbers of columns, x and y, or None, got 3"),
    ],
)
def test_a_value_is_refused_by_what_python_calls_it(name, value, said):
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: value})
    assert str(refused.value) == said
    assert refused.value.names == (name,)


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_a_value_is_taken_or_refused_as_the_same_in_text(name):
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

    if name not in ("shuffle", "scale_features", "columns", "data"):  # where 1 is no bool, and a number no name
        holds()
