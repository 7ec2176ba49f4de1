"""Any text in a range of a sweep is a sweep, or is refused in a line that names the option."""

import re

from fuzzing import LONGEST, NAMES, TEXTS, fuzz, is_clean, outcome
from hypothesis import given
from hypothesis import strategies as st

from quadfit_tui.core.config.parameters import PARAMETERS


def check_sweep(option, *args):
    """What would be done in a sweep, or a refusal in one line that names the option."""
    code, out, err = outcome("sweep", *args, "--dry-run")
    assert code in (0, 2), (code, err)
    assert bool(out) == (code == 0) != bool(err)
    if code:
        assert err.count("\n") == 1
        assert is_clean(err[:-1])
        assert len(err) < LONGEST
        assert option in err or "no such option" in err, err


@fuzz
@given(NAMES, TEXTS, st.sampled_from(["{}", "{}:1:3", "1:{}:3", "1:2:{}", "1:2:{}log"]))
def test_sweep_ranges_survive_any_text(name, text, form):
    short = {"samples": "5", "epochs": "2", "batch": "full"}
    others = [f"--{each}={value}" for each, value in short.items() if each != name]
    if name in ("samples", "epochs") and re.search(r"\d{4}|e|\d/", text):
        return  # good, and long
    check_sweep(PARAMETERS[name].option, f"{PARAMETERS[name].option}={form.format(text)}", *others)
