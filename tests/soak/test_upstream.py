"""What Textual could do for us fails with the Textual that there is: each case of the page still says so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / ".github" / "upstream.md"
CASES = re.findall(r"^```python\n(.+?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
WHY = [
    "'circumflex_accent'",
    "ValueError: chr() arg not in range",
    "ValueError: too many values to unpack",
    "",
    "AssertionError: the terminal is raw",
    "bytes, and no update",
]


@pytest.mark.parametrize(("case", "why"), zip(CASES, WHY, strict=True))
def test_a_case_still_fails_as_it_says(case, why):
    done = subprocess.run([sys.executable, "-c", case], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, why in done.stderr.splitlines()[-1] if why else done.stderr == "") == (1, True), (
        done.stderr
    )
