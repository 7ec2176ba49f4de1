"""How long a test goes on with what it makes up: as long as it says in CI, a quarter of that where somebody waits."""

from hypothesis import settings

AT_LENGTH = settings().max_examples >= 200  # the profile that conftest.py has chosen


def trials(count: int) -> settings:
    """Settings for so many examples, always the same ones."""
    return settings(max_examples=count if AT_LENGTH else min(count, max(10, count // 4)))
