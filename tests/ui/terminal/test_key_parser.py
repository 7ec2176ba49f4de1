"""What comes from a terminal, as keys."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st
from tables import table
from textual.events import CursorPosition, Key, Paste
from textual.message import Message
from trials import CHARACTERS, trials

from quadfit_tui.ui.terminal.key_parser import KeyParser

ANSWER = "\x1b[1;1R"


def keys(*pieces):
    """The keys of what arrives in some pieces; the rest of a sequence is not waited for."""
    parser = KeyParser()
    found = [message for piece in pieces for message in parser.feed(piece)]
    assert all(isinstance(message, Key | CursorPosition) for message in found)
    return [message.key for message in found if isinstance(message, Key)]


ALONE = "[O]P_^X"  # these begin sequences of the terminal's own
CHARS = [chr(code) for code in range(1, 127) if chr(code) not in ALONE + "bf\t\x08\x1b"] + ["é", "ß"]


@table("after", ["", ANSWER, "x"])
def test_esc_plus_key_is_two_keys(after):
    for char in CHARS:
        expected = ["escape", *keys(char + after)]
        assert len(expected) == 2 + (after == "x")
        assert keys(f"\x1b{char}{after}") == keys("\x1b", char + after) == expected
        assert keys(ANSWER + "a\x1b" + char + after) == ["a", *expected]


@table("char", ALONE)
def test_ambiguous_prefix_resolves_on_timeout(char):
    parser = KeyParser()
    found = [*parser.feed("\x1b" + char)]
    assert found == []
    assert parser.timeout
    found = [message.key for message in parser.tick()]
    assert found == ["escape", *keys(char)]


@table(
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
        ("\x1b[27u", ["escape"]),
        ("\x1b[27;129u", ["escape"]),  # with num lock
        ("\x1b[9;2u", ["shift+tab"]),
        ("\x1b[Z", ["shift+tab"]),
        ("\x1b[112;5u", ["ctrl+p"]),
        ("\x1b[P", ["f1"]),
        ("\x1b[[A", ["f1"]),
        ("\x1b[57419u", ["up"]),
        ("é日", ["é", "日"]),
        ("\x1b" + ANSWER, ["escape"]),
    ],
)
def test_known_sequences_are_parsed(sequence, expected):
    assert keys(sequence) == expected


@table(
    ("typed", "key"),
    [
        *(("？", "?"), ("＋", "+"), ("＝", "="), ("－", "-"), ("：", ":"), ("ｎ", "n"), ("Ｎ", "N"), ("１", "1")),
        *(("【", "["), ("】", "]"), ("「", "["), ("」", "]"), ("［", "["), ("。", "."), ("，", ",")),
        *(("《", "<"), ("》", ">"), ("、", "/")),
    ],
)
def test_fullwidth_character_maps_to_ascii_key(typed, key):
    (found,), (ascii_key,) = KeyParser().feed(typed), KeyParser().feed(key)
    assert (found.key, found.character) == (ascii_key.key, typed)
    assert [(blank.key, blank.character) for blank in KeyParser().feed("\u3000")] == [("space", " ")]


@table("typed", ["我", "あ", "é", "º", "ª", "²", "①", "½", "￥", "−"])
def test_other_characters_are_keys_of_their_own(typed):
    (found,) = KeyParser().feed(typed)
    assert found.character == typed
    assert not found.key.isascii() or len(found.key) > 1


LEFT = "\x1b[97;1:3u"  # the report of a key that is let go
UNREADABLE = [
    "\x1b[1114112u",
    "\x1b[97;1;1114112u",
    LEFT,
    "\x1b[55296u",
    "\x1b[97;1;55296u",
    f"\x1b[{'9' * 30}u",
    f"\x1b[{'9' * 5000}u",
    "\x1b[48;65535;65535;1;1t",
    "\x1b[48:1;65535:1;65535;1;1t",
    "\x1b[?2048;1$y",
    "\x1b[<0;0;0M",
    "\x1b[<0;-3;5M",
    f"\x1b[<0;{'9' * 400};1M",
    "\x1b[M\xff\xff\xff",
    "\x1b[?62;22c",
    "\x1b]12;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]0;q\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1b_Gq\x1b\\",
    f"\x1b]52;c;{'q' * 20000}\x07",
    "\x1b[201~",
    "\x1b[113~",
    "\ud800",
]


@table("sequence", UNREADABLE, ids=lambda sequence: ascii(sequence)[:24])
def test_unparsable_sequence_is_dropped_alone(sequence):
    assert keys(sequence + "n") == ["n"]
    assert keys(*sequence, "n") == ["n"]


@table("begun", ["\x1b[12;3", "\x1b]11;rgb:ff", "\x1bPq q q", "\x1b[<35;1", "\x1b[M!"])
def test_unfinished_sequence_types_nothing(begun):
    parser = KeyParser()
    assert [*parser.feed(begun)] == []
    assert parser.timeout
    assert [message for message in parser.tick() if len(begun) > 3] == []
    assert [message.key for message in parser.feed("n")] == ["n"]
    assert keys(begun, "\x1b[A") == ([] if len(begun) > 3 else keys("\x1b", begun[1:])) + ["up"]


@given(st.text(CHARACTERS, max_size=60), st.lists(st.integers(0, 70), max_size=5))
@example("\x1b[31mred\x07", [])
@example("\x1b[201", [3])
@example("a\0b", [])
@example("a\0b", [8])
def test_bracketed_paste_survives_any_split(text, cuts):
    parser = KeyParser()
    text = text.replace("\x1b[201~", "")
    pasted = f"\x1b[200~{text}\x1b[201~"
    places = [0, *sorted(min(cut, len(pasted)) for cut in cuts), len(pasted)]
    pieces = [pasted[start:end] for start, end in pairwise(places)]
    found = [message for piece in pieces for message in parser.feed(piece)]
    assert [type(message) for message in found] == [Paste]
    assert found[0].text == text.replace("\0", "")
    assert parser.timeout is None


def test_unterminated_paste_times_out():
    """Otherwise a lost end marker would swallow all later keys."""
    parser = KeyParser()
    assert [*parser.feed("\x1b[200~ab")] == []
    assert parser.timeout > 5  # a line that loses packets may stand still for some seconds
    assert [message.text for message in parser.tick()] == ["ab"]
    assert [message.key for message in parser.feed("n")] == ["n"]


PIECES = b"\x1b [ ] P O M < ? ; : 1 99999999 u ~ $y t R \x07 \\ 200~ 201~ \xff \x00 \x18".split(b" ")
BYTES = st.one_of(
    st.binary(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=20).map(b"".join),
)


@given(st.lists(BYTES, max_size=4))
@trials(800)
def test_arbitrary_bytes_never_raise_or_accumulate(pieces):
    parser = KeyParser()
    for piece in pieces:
        for message in parser.feed(piece.decode(errors="replace")):
            assert isinstance(message, Message)
    assert len(parser._rest) <= 300
    ended = [*parser.tick()]
    assert all(isinstance(message, Message) for message in ended)
    assert parser.timeout is None
    assert [message.key for message in parser.feed("n")] == ["n"]


LONG = {
    "combining marks": "\u0301\u0323" * 100_000,
    "letters": "a" * 1_000_000,
    "half brackets": "\x1b[20" * 250_000,
    "Esc": "q\x1b" * 500_000,
    "lines": "\n" * 1_000_000,
}


@table("text", LONG.values(), ids=LONG)
def test_huge_paste_is_truncated(text):
    parser, found, whole = KeyParser(), [], f"\x1b[200~{text}\x1b[201~n"
    for start in range(0, len(whole), 4096):
        found += parser.feed(whole[start : start + 4096])
    paste, key = found
    assert isinstance(paste, Paste)
    assert len(paste.text) == 4096
    assert key.key == "n"


PROSE = "Each update lowers the loss of its batch.\r\tIt may raise that of the others.\r" * 5


def test_unbracketed_prose_is_a_paste():
    found = [*KeyParser().feed(f"n\x1b[A{PROSE}\x11b")]
    assert [getattr(message, "key", "") for message in found] == ["n", "up", "", "ctrl+q", "b"]
    assert found[2].text == PROSE
    assert [len(each.text) for each in KeyParser().feed("a" + PROSE * 100)] == [4096]  # as in brackets


@table(
    ("typed", "count"),
    [
        ("n" * 4096, 4096),  # held down
        ("nbnbe +-=" * 400, 3600),  # of less than ten kinds
        ("\x1b[A\x1b[B\x1b[1;5C\x1b[27u\x1bOP" * 200, 1000),
        ("abcdefghijk\x1b[A" * 40, 480),
        (PROSE[:300], 300),
        ("abcdefghi\r\n" * 33, 363),  # its ends of lines are not printable
    ],
)
def test_repeated_or_short_input_is_no_paste(typed, count):
    assert len(keys(typed)) == count
