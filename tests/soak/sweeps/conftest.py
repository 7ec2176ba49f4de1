"""The command line within the process of a test."""

from cli_fixtures import call  # noqa: F401
