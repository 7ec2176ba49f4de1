"""The real program in a storm of random keys, clicks, pastes, sequences, sizes and signals; and what storms found."""

import random

import pytest
from storm import ENDINGS, SIZES, pieces, weather

PIECES = pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.system)])


@PIECES
@pytest.mark.parametrize("number", range(len(SIZES)), ids=["x".join(map(str, size)) for size in SIZES])
def test_in_a_storm_it_neither_fails_nor_hangs_nor_leaves_the_terminal_otherwise(tmp_path, number, count):
    weather(SIZES[number], pieces(random.Random(number), count), tmp_path, ending=ENDINGS[number % len(ENDINGS)])


@PIECES
@pytest.mark.parametrize("term", ["vt100", "linux", "screen"])
def test_in_a_storm_on_a_plain_terminal_too(tmp_path, term, count):
    weather((24, 80), pieces(random.Random(term), count // 2), tmp_path, term=term)
