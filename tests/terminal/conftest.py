"""Programs on pseudo-terminals, which are gone after the test."""

import pytest
from harness import Terminal


@pytest.fixture
def terminal():
    opened = []

    def start(*args, **options):
        opened.append(Terminal(*args, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
