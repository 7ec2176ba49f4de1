"""The plugin of pytest, which each of its runs loads where this program is installed: the app only for who uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from quadfit_tui.ui.app import QuadfitApp


@pytest.fixture
def quadfit_app() -> Callable[..., QuadfitApp]:
    """Makes an app for a test: `app_at` of quadfit_tui.testing, with its parameters."""
    from quadfit_tui.testing import app_at

    return app_at
