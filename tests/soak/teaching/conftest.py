"""The lessons of the program."""

from made_lessons import make_lesson, make_text, packaged_lesson, texts  # noqa: F401
