"""README, the pages of the manual and the page on security, as they are written: for tests of what they say."""

import re
from pathlib import Path

import quadfit_tui

PACKAGE = Path(quadfit_tui.__file__).parent
ROOT = PACKAGE.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECURITY = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8")
MANUAL = {path.stem: path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "manual").glob("*.md"))}
_BLOCKS = r"test_programs.py runs the next block -->\n```python\n(.+?)```\n\n<!--[^\n]+-->\n```text\n(.+?)```"
PROGRAMS = re.findall(_BLOCKS, MANUAL["programs"], re.DOTALL)  # each with what it prints
