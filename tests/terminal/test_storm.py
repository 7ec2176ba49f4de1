"""The real program in a storm of random keys, clicks, pastes, sequences, sizes and signals; and what storms found."""

import random

import pytest
from storm import ENDINGS, SIZES, pieces, weather
from trials import AT_LENGTH

PIECES = 200 if AT_LENGTH else 20  # for each size


@pytest.mark.parametrize("number", range(len(SIZES)), ids=["x".join(map(str, size)) for size in SIZES])
def test_in_a_storm_it_neither_fails_nor_hangs_nor_leaves_the_terminal_otherwise(tmp_path, number):
    weather(SIZES[number], pieces(random.Random(number), PIECES), tmp_path, ending=ENDINGS[number % len(ENDINGS)])


@pytest.mark.parametrize("term", ["vt100", "linux", "screen"])
def test_in_a_storm_on_a_plain_terminal_too(tmp_path, term):
    weather((24, 80), pieces(random.Random(term), PIECES // 2), tmp_path, term=term)
