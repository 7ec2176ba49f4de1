"""`explain`: the page of the principle as plain text, for whatever reads it."""

import pytest
from command_line import called, one_line

from quadfit_tui.ui.views import VIEWS


def test_it_tells_the_steps_and_how_to_read_each_view():
    told = called("explain")
    assert (told.returncode, told.stderr) == (0, "")
    text = told.stdout
    assert text.startswith("The principle\n")
    assert "\x1b" not in text
    for step in range(1, 6):
        assert f"\nStep {step}: " in text
    words = " ".join(text.split())
    assert [name for name, view in VIEWS.items() if f"{name}: {view.reading}" not in words] == []


@pytest.mark.parametrize("args", [["explain", "0:1"], ["explain", "--lr", "1"], ["--lr", "1", "explain"]])
def test_what_it_does_not_take_is_refused_in_a_line(args):
    told = called(*args)
    assert (told.returncode, told.stdout) == (2, "")
    one_line(told.stderr)
