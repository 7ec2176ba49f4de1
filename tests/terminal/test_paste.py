"""A paste is cut before it is read, in whatever pieces it comes; all else passes as it is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from quadfit_tui.ui.terminal.parser import Parser
from quadfit_tui.ui.terminal.paste import MOST_PASTED, PasteCut

BEGIN, END = "\x1b[200~", "\x1b[201~"
TEXTS = st.lists(st.sampled_from([BEGIN, END, "\x1b", "\x1b[20", "\x1b[2", "ab", "é́", "\x1b[A", "0~"]), max_size=12)


def pieces(text, cuts):
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


def reference(text):
    """The same of the whole text at once: no Esc within a paste."""
    outside, *pastes = text.split(BEGIN)
    for paste in pastes:
        inside, end, after = paste.partition(END)
        outside += BEGIN + inside.replace("\x1b", "") + end + after
    return outside


@given(TEXTS, st.lists(st.integers(0, 200), max_size=6))
def test_what_is_short_passes_as_it_is_but_for_esc_in_a_paste(texts, cuts):
    # Each paste is closed before another begins: else a begin within it would be a part of it.
    text = BEGIN.join(part + END * (number > 0) for number, part in enumerate("".join(texts).split(BEGIN)))
    cutter = PasteCut()
    assert "".join(map(cutter.cut, pieces(text, cuts))) == reference(text)


@given(st.integers(1, 5000), st.lists(st.integers(0, 20000), max_size=6))
def test_of_a_paste_the_begin_passes_and_what_follows_it_is_whole(more, cuts):
    text = f"x{BEGIN}{'p' * (MOST_PASTED + more)}{END}{BEGIN}q{END}y"
    cutter = PasteCut()
    passed = "".join(map(cutter.cut, pieces(text, cuts)))
    assert passed == f"x{BEGIN}{'p' * MOST_PASTED}{END}{BEGIN}q{END}y"


LONG = {
    "combining marks": "\u0301\u0323" * 100_000,
    "letters": "a" * 1_000_000,
    "half brackets": "\x1b[20" * 250_000,
    "Esc": "q\x1b" * 500_000,
    "lines": "\n" * 1_000_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_the_parser_keeps_no_more_of_a_megabyte_and_makes_no_keys_of_it(text):
    cutter, parser, found = PasteCut(), Parser(), []
    whole = f"{BEGIN}{text}{END}n"
    for start in range(0, len(whole), 4096):
        if part := cutter.cut(whole[start : start + 4096]):
            found += parser.feed(part)
    paste, key = found
    assert isinstance(paste, events.Paste)
    assert len(paste.text) == MOST_PASTED
    assert key.key == "n"
