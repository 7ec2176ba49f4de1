"""What comes from a terminal, as keys."""

import pytest
from textual.events import CursorPosition, Key

from quadfit_tui.ui.terminal.parser import Parser

ANSWER = "\x1b[1;1R"


def keys(*pieces):
    """The keys of what arrives in some pieces; the rest of a sequence is not waited for."""
    parser = Parser()
    found = [message for piece in pieces for message in parser.feed(piece)]
    assert all(isinstance(message, Key | CursorPosition) for message in found)
    return [message.key for message in found if isinstance(message, Key)]


ALONE = "[O]P_^X"  # these begin sequences of the terminal's own
CHARS = [chr(code) for code in range(1, 127) if chr(code) not in ALONE + "bf\t\x08\x1b"] + ["é", "ß"]


@pytest.mark.parametrize("after", ["", ANSWER, "x"])
def test_esc_and_a_key_are_two_keys_however_they_arrive(after):
    for char in CHARS:
        expected = ["escape", *keys(char + after)]
        assert len(expected) == 2 + (after == "x")
        assert keys(f"\x1b{char}{after}") == keys("\x1b", char + after) == expected
        assert keys(ANSWER + "a\x1b" + char + after) == ["a", *expected]


@pytest.mark.parametrize("char", ALONE)
def test_of_what_might_begin_a_sequence_that_is_known_when_nothing_follows(char, monkeypatch):
    parser = Parser()
    found = [*parser.feed("\x1b" + char)]
    assert found == []
    monkeypatch.setattr("textual._parser.get_time", lambda: float("inf"))
    found = [message.key for message in parser.tick()]
    assert found == ["escape", *keys(char)]


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("\x1b[A", ["up"]),
        ("\x1bOA", ["up"]),
        ("\x1bOP", ["f1"]),
        ("\x1b[1;5D", ["ctrl+left"]),
        ("\x1bb", ["ctrl+left"]),
        ("\x1bf", ["ctrl+right"]),
        ("\x1b\x7f", ["ctrl+w"]),
        ("\x1b[110;1;110u", ["n"]),
        ("\x1b" + ANSWER, ["escape"]),
    ],
)
def test_sequences_of_the_terminal_are_what_they_were(sequence, expected):
    assert keys(sequence) == expected
