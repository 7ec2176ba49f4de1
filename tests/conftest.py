"""What every test needs fixed, before Textual is imported: it reads its environment once."""

import os

for name in ("NO_COLOR", "COLUMNS", "LINES", "COLORTERM", "TEXTUAL_ANIMATIONS"):
    os.environ.pop(name, None)
os.environ["TERM"] = "xterm-256color"
os.environ["TEXTUAL_FPS"] = "60"
os.environ["TEXTUAL_THEME"] = "textual-dark"
os.environ["TEXTUAL_ANIMATIONS"] = "none"


def pytest_xdist_auto_num_workers() -> int:
    """More workers than cores: the tests of the app sleep a third of their time, while Textual waits to be idle."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)
