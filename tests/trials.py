"""How long a test goes on with what it makes up: as long as it says in CI, less where somebody waits."""

import os
import random
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

FOR_RELEASE = os.environ.get("CI", "").lower() == "release"  # what takes minutes, and changes seldom
AT_LENGTH = FOR_RELEASE or os.environ.get("CI", "").lower() in ("1", "true")
# Of what is drawn afresh each time. .ci/run sets it, so that a second run of a test that failed draws the same; workers
# inherit it from the process that starts them, or they would collect different tests.
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**9))
os.environ["SEED"] = str(SEED)

# All that text may hold, which is what Hypothesis takes by itself, but works out in two seconds for each new clone.
CHARACTERS = st.characters(exclude_categories=["Cs"])


def trials(count: int) -> settings:
    """Settings for so many examples, at a desk a sixteenth of them but from 6 to 12; otherwise those of conftest.py."""
    return settings(max_examples=count if AT_LENGTH else min(count, max(6, min(count // 16, 12))))


def cases(seeds: Sequence[int]) -> Sequence[int]:
    """Of seeds that a test makes its cases from, all or the first quarter: neighbors are of different kinds."""
    return seeds if AT_LENGTH else seeds[: max(1, len(seeds) // 4)]


def drawn(values: Sequence[Any], count: int) -> Sequence[Any]:
    """Of cases that take seconds each, all for a release, else so many, which SEED draws."""
    return values if FOR_RELEASE else random.Random(SEED).sample(values, count)


def spread(values: Sequence[Any]) -> Sequence[Any]:
    """Of widths, heights and the like, one beside the other, all of them or every fourth."""
    return values if AT_LENGTH else values[::4]


def variants(table: Mapping[str, Any], first: int) -> list[Any]:
    """Returns the cases of a table by their names: all of them, at a desk the first ones, since the others differ less.

    For programs on a terminal, each of which takes as long as a hundred other tests.
    """
    named = [*table.items()][: None if AT_LENGTH else first]
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), id=name) for name, case in named]


def rounds(moments: Sequence[Any]) -> Sequence[Any]:
    """Of moments at which something may happen, all of them or the first two."""
    return moments if AT_LENGTH else moments[:2]
