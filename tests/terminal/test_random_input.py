"""The real program under random keys, clicks, pastes, sequences, sizes and signals; and what these have found."""

import random

import pytest
from random_input import ENDINGS, SIZES, give, pieces

PIECES = pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.system)])


@PIECES
@pytest.mark.parametrize("number", range(len(SIZES)), ids=["x".join(map(str, size)) for size in SIZES])
def test_whatever_is_sent_it_neither_fails_nor_hangs_nor_leaves_the_terminal_otherwise(tmp_path, number, count):
    give(SIZES[number], pieces(random.Random(number), count), tmp_path, ending=ENDINGS[number % len(ENDINGS)])


@PIECES
@pytest.mark.parametrize("term", ["vt100", "linux", "screen"])
def test_neither_does_it_on_a_plain_terminal(tmp_path, term, count):
    give((24, 80), pieces(random.Random(term), count // 2), tmp_path, term=term)
