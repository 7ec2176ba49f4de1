"""The pytest plugin: its fixture quadfit_app loads the app, and only for a test that uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from quadfit_tui.ui.app import QuadfitApp


@pytest.fixture
def quadfit_app() -> Iterator[Callable[..., QuadfitApp]]:
    """Yields `app_at` of quadfit_tui.testing, and sets the language back to English after the test."""
    from quadfit_tui.core.text import language
    from quadfit_tui.testing import app_at

    yield app_at
    if language.current_language() != language.ENGLISH:
        language.set_language(language.ENGLISH)
