"""What is told in another language than English, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from quadfit_tui.core.text import language


@contextmanager
def speaking(code: str = "zh_CN") -> Iterator[None]:
    """In it, texts are those of a language."""
    language.set_language(code)
    assert language.current_language() == code
    try:
        yield
    finally:
        language.install_catalog(None)
