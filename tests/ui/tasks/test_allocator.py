"""The settings of the allocator are for the C library that knows them."""

import ctypes

from quadfit_tui.ui.tasks import allocator


def test_without_glibc_nothing_is_given_back(monkeypatch):
    class Other:
        def __getattr__(self, name):
            raise AttributeError(name)

    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: asked.append(name) or Other())
    allocator.trim_heap()
    allocator.share_one_heap()
    assert asked == [None, None]
