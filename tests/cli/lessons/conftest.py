"""The lessons of the program, which no test changes, are read once for all tests of its commands."""

from functools import cache

import pytest

from quadfit_tui.core.lessons.catalog import Catalog

_packaged = cache(Catalog.packaged)


@pytest.fixture(autouse=True)
def packaged_lessons_read_once(monkeypatch):
    monkeypatch.setattr(Catalog, "packaged", _packaged)
