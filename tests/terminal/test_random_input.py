"""The real program under random keys, clicks, pastes, sequences, sizes and signals; and what these have found."""

import random

import pytest
from random_input import ENDINGS, SIZES, give, pieces

MANY, FEW = 200, 20  # pieces: many of a seed begin with the few
CASES = [pytest.param(number, MANY, marks=pytest.mark.system) for number in range(len(SIZES))]
CASES += [(number, FEW) for number in (0, 3, 5, 6)]  # sizes of all kinds, each of ENDINGS


@pytest.mark.parametrize(("number", "count"), CASES)
def test_whatever_is_sent_it_neither_fails_nor_hangs_nor_leaves_the_terminal_otherwise(tmp_path, number, count):
    give(SIZES[number], pieces(random.Random(number), count), tmp_path, ending=ENDINGS[number % len(ENDINGS)])


@pytest.mark.parametrize(
    ("term", "count"),
    [("vt100", FEW), *(pytest.param(term, MANY, marks=pytest.mark.system) for term in ("vt100", "linux", "screen"))],
)
def test_neither_does_it_on_a_plain_terminal(tmp_path, term, count):
    give((24, 80), pieces(random.Random(term), count // 2), tmp_path, term=term)
