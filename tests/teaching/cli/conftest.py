"""The command line within the process of a test."""

from cli_fixtures import begins, call, completed, rows  # noqa: F401
