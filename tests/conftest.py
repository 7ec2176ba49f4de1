"""What every test needs fixed, before Textual is imported: it reads its environment once."""

import os

for name in ("NO_COLOR", "COLUMNS", "LINES", "COLORTERM", "TEXTUAL_ANIMATIONS"):
    os.environ.pop(name, None)
os.environ["TERM"] = "xterm-256color"
os.environ["TEXTUAL_FPS"] = "60"
os.environ["TEXTUAL_THEME"] = "textual-dark"
os.environ["TEXTUAL_ANIMATIONS"] = "none"
