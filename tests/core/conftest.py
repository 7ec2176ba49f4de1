"""What several tests of the core lean on."""

import pytest
from core_fixtures import make_clock, plain  # noqa: F401

pytest.register_assert_rewrite("spans")  # what it compares is told as in a test
