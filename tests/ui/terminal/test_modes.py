"""What the terminal is switched to: all of it is switched back, and none of it keeps others from typing."""

import re

from tables import table

from quadfit_tui.ui.terminal.modes import Modes

ALL = [Modes(extras, mouse) for extras in (False, True) for mouse in (False, True)]


def switched(text):
    return dict(re.findall(r"\x1b\[\?(\d+)([hl])", text))


@table("modes", ALL)
def test_all_that_is_switched_is_switched_back(modes):
    back = {"h": "l", "l": "h"}
    assert switched(modes.leave()) == {number: back[how] for number, how in switched(modes.enter()).items()}
    assert switched(modes.enter_again()) == switched(modes.enter())
    assert modes.leave().count("\x1b[<u") == modes.enter().count("u")


@table("modes", [modes._replace(syncs=True) for modes in ALL])
def test_cut_synchronized_frame_is_closed_first(modes):
    begin, end = modes.framed("|").split("|")
    assert (begin, end) == ("\x1b[?2026h", "\x1b[?2026l")
    assert modes.leave().startswith(end)
    assert modes.enter_again().startswith(end)
    plain = modes._replace(syncs=False)
    assert plain.framed("|") + plain.leave() + plain.enter_again() == "|" + "".join(
        text.removeprefix(end) for text in (modes.leave(), modes.enter_again())
    )


def test_letters_are_sent_as_letters():
    """Of the keyboard protocol the first flag alone: with others, who is cut off cannot type `reset`."""
    modes = Modes(extras=True, mouse=True)
    for text in (modes.enter(), modes.enter_again()):
        assert re.findall(r"\x1b\[[>=](\d+)u", text) == ["1"]


def test_a_plain_terminal_is_asked_nothing():
    assert "?1;2c" not in Modes(extras=False, mouse=True).enter("?1;2c", "?1;2c")
