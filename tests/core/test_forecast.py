"""How a run will come out, against the run itself; and what is allowed for rounding, against what rounding does."""

from fractions import Fraction

import numpy as np
import pytest

from quadfit_tui.core import forecast


@pytest.mark.parametrize("epochs", [1, 2, 30, 10**5])
@pytest.mark.parametrize(
    "value",
    [-1e-9, -1e-3, -1.0, -1.5, -2 + 1e-3, -2 + 1e-9, -1 + 0.9999j, -1 - 0.9999j, -0.5 + 0.8j, -1e-9 + 1e-6j],
)
def test_of_what_rounding_adds_as_much_is_allowed_for_as_an_epoch_leaves(value, epochs):
    """Also of a mode that swings, and of one that changes its sign with each epoch: by a sum of exact squares."""
    squared = (1 + Fraction(complex(value).real)) ** 2 + Fraction(complex(value).imag) ** 2
    if epochs < 100:
        left = sum((squared**at for at in range(epochs)), Fraction(0))
    else:
        power = 0.0 if squared < 0.9 else float(np.exp(epochs * np.log1p(float(squared - 1))))
        left = (1 - Fraction(power)) / (1 - squared)
    modes = forecast._Modes(np.array([complex(value)]), np.eye(1), np.ones(1), np.ones(1), 0.0)
    assert 0.999 * float(left) <= modes.lasting(epochs)[0] ** 2 <= 1.6 * float(left)
