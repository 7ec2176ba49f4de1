"""The command line within the process of a test, and programs on terminals."""

from both_languages import the_same_files  # noqa: F401
from cli_fixtures import call, rows  # noqa: F401
from harness import terminal  # noqa: F401
