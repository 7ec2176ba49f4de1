"""Values of NumPy and paths: taken and refused as Python's own are, which a RunConfig then holds."""

import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.toml_writer import toml_lines
from quadfit_tui.core.session.session import Session


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
        ("data", Path("a\nb"), "a\nb"),
    ],
)
def test_what_is_refused_is_refused_in_the_same_words(name, given, own):
    with pytest.raises(ConfigError) as expected:
        RunConfig(**{name: own})
    with pytest.raises(ConfigError) as refused:
        RunConfig(**{name: given})
    assert str(refused.value) == str(expected.value)


def test_a_path_is_a_name_of_files_alone():
    with pytest.raises(ConfigError, match=r"lr: '0\.5' is not a number"):
        RunConfig(lr=Path("0.5"))


def test_a_session_goes_to_an_epoch_of_numpys():
    session = Session(RunConfig(epochs=5), speed=None)
    session.seek(np.int64(3), np.int64(4))
    while session.is_busy:
        session.advance(1)
    assert repr(session.snapshot().position) == "Position(epoch=3, update=4)"
