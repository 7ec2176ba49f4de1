"""Lessons that tests make, and those of the program."""

from core_fixtures import make_clock, plain  # noqa: F401
from made_lessons import make_lesson, make_text, packaged_lesson, texts  # noqa: F401
