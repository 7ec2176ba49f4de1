"""Programs on pseudo-terminals, which are gone after the test."""

from harness import terminal  # noqa: F401  # a fixture
