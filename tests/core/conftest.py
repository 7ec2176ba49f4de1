"""What several tests of the core lean on."""

import pytest
from core_fixtures import make_clock, plain  # noqa: F401
from made_lessons import make_lesson, make_text, packaged_lesson, texts  # noqa: F401  of tests in two folders

pytest.register_assert_rewrite("spans")  # what it compares is told as in a test
