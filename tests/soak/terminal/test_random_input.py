"""The real program under random keys, clicks, pastes, sequences, sizes and signals; and what these have found."""

import random

import pytest
from random_input import ENDINGS, SIZES, bulk, give, pieces
from trials import drawn

COUNT = 200  # of pieces


@pytest.mark.parametrize("number", drawn(range(len(SIZES)), 2))
def test_random_input_is_survived(tmp_path, number):
    give(SIZES[number], pieces(random.Random(number), COUNT), tmp_path, ending=ENDINGS[number % len(ENDINGS)])


@pytest.mark.parametrize("term", drawn(["vt100", "linux", "screen"], 1))
def test_random_input_on_plain_terminal_is_survived(tmp_path, term):
    give((24, 80), pieces(random.Random(term), COUNT // 2), tmp_path, term=term)


def test_random_input_with_map_is_survived(tmp_path):
    give((34, 120), pieces(random.Random(28), COUNT // 4), tmp_path, "--view", "map")


# Each of these was found, or broke what it is to find.
FOUND = {
    "a key and a click that come together": ((40, 140), [b"5\x1b[<0;120;12M\x1b[<0;120;12m"] * 3),
    "a key more often than can be done": ((24, 80), [b"n" * 100_000, b" "]),
    "keys and clicks more often than can be done": ((24, 80), [b"nb\x1b[<0;40;12M\x1b[<0;40;12m" * 30_000, b" "]),
    **{f"bulk {seed}": ((24, 80), [bulk(random.Random(seed)), b"n"]) for seed in range(6)},
}


@pytest.mark.parametrize("name", drawn([*FOUND], 4))
def test_past_failures_are_survived(tmp_path, name):
    give(*FOUND[name], tmp_path, "--view", "fit", "--view", "surface")
