"""The command line within the process of a test."""

from both_languages import the_same_files  # noqa: F401
from cli_fixtures import begins, call, completed, rows  # noqa: F401
