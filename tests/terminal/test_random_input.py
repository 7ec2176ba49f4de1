"""The real program under random keys, clicks, pastes, sequences, sizes and signals; and what these have found."""

import random

import pytest
from random_input import ENDINGS, SIZES, bulk, give, pieces
from trials import variants

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


# Each of these was found, or broke what it is to find.
FOUND = {
    "a key and a click that come together": ((40, 140), [b"5\x1b[<0;120;12M\x1b[<0;120;12m"] * 3),
    "a key more often than can be done": ((24, 80), [b"n" * 100_000, b" "]),
    "keys and clicks more often than can be done": ((24, 80), [b"nb\x1b[<0;40;12M\x1b[<0;40;12m" * 30_000, b" "]),
    **{f"bulk {seed}": ((24, 80), [bulk(random.Random(seed)), b"n"]) for seed in range(6)},
}


@pytest.mark.parametrize(("size", "given"), variants(FOUND, 2))
def test_what_was_found(tmp_path, size, given):
    give(size, given, tmp_path, "--view", "fit", "--view", "surface")
