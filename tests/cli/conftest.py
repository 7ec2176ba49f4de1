"""The command line within the process of a test."""

from cli_fixtures import begins, call, rows  # noqa: F401
