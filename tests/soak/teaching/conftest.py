"""The lessons of the program, lessons that tests make, and the command line within the process of a test."""

from cli_fixtures import call  # noqa: F401
from made_lessons import make_lesson, make_text, packaged_lesson, texts  # noqa: F401
