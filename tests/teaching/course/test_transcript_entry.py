"""Lines of transcripts: what is written is read back, and what is read is typed, bounded and printable."""

import hashlib
import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import CHARACTERS, trials

from quadfit_tui.teaching.course.drawn_curve import SHAPES, points_of
from quadfit_tui.teaching.course.transcript_entry import MOST_BYTES, Entry, Event, format_line, parse_line
from quadfit_tui.teaching.notation.lesson import StepKind

NOON = datetime(2026, 9, 21, 12, 0, 0, tzinfo=UTC)
EXAMPLE = {
    "n": 4, "t": "2026-11-25T17:54:28+00:00", "v": 1, "lesson": "one-update", "lv": 1, "digest": "4994c8e779169638",
    "event": "answer", "step": "residual", "kind": "observe", "answer": "-9", "got": "right", "tries": 2, "hints": 1,
    "secs": 31, "prev": "a529db811b3b9fce",
}  # fmt: skip


def test_a_line_is_read_into_typed_fields():
    entry = parse_line(json.dumps(EXAMPLE).encode())
    assert entry == Entry(
        event=Event.ANSWER,
        time=datetime(2026, 11, 25, 17, 54, 28, tzinfo=UTC),
        lesson="one-update",
        version=1,
        digest="4994c8e779169638",
        number=4,
        step="residual",
        kind=StepKind.OBSERVE,
        answer="-9",
        got="right",
        tries=2,
    )


BAD = [
    ("t", "2026-11-25T17:54:28+00:00\x1b[2J"), ("t", "2026-11-25T17:54:28"), ("t", "2026-02-30T17:54:28+00:00"),
    ("t", "٢٠٢٦-11-25T17:54:28+00:00"), ("t", 5), ("n", -1), ("n", True), ("n", 1.0), ("n", 10**3000), ("v", 2),
    ("lesson", "../rate"), ("lesson", "rate\n"), ("lesson", "x" * 61), ("lv", "1"), ("digest", "4994C8E779169638"),
    ("event", "shout"), ("event", ["answer"]), ("step", "\x1b]0;x\x07"), ("step", ""), ("kind", {}),
    ("answer", "\x9b31m"), ("answer", "\u202e9-"), ("answer", "9" * 41), ("answer", ""), ("answer", None),
    ("points", [[0, 80]]), ("points", [[0, 80], [50, 1e1]]), ("points", "0:80 50:10"),
    ("points", [[0, 80], ["\x1b", 5]]), ("points", [[0, 80], *([at, 0] for at in range(1, 41))]),
    ("choice", "g"), ("got", "right "),
]  # fmt: skip


@table(("key", "value"), BAD)
def test_invalid_field_rejects_line(key, value):
    assert parse_line(json.dumps({**EXAMPLE, key: value}).encode()) is None


@table("key", ["t", "v", "lesson", "lv", "digest", "event", "step", "answer"])
def test_missing_required_field_rejects_line(key):
    assert parse_line(json.dumps({name: value for name, value in EXAMPLE.items() if name != key}).encode()) is None


def test_malformed_or_oversized_line_rejected():
    whole = json.dumps(EXAMPLE).encode()
    for line in (
        b"",
        b"null",
        b"[]",
        b"1e999",
        whole[:-1],
        whole[1:],
        b"\xff" + whole,
        whole.decode().encode("utf-16"),
    ):
        assert parse_line(line) is None
    assert parse_line(b"[" * MOST_BYTES) is None
    assert parse_line(whole + b" " * (MOST_BYTES - len(whole))) is not None
    assert parse_line(whole + b" " * (MOST_BYTES + 1 - len(whole))) is None  # fmt: skip


def test_unknown_key_ignored():
    assert parse_line(json.dumps({**EXAMPLE, "mood": "\x1b[2J"}).encode()) == parse_line(json.dumps(EXAMPLE).encode())


def test_lines_name_the_one_before_for_older_programs():
    begin = Entry(Event.BEGIN, NOON, "rate", 1, "0123456789abcdef", attempt=1, program="0.2.0", face="screen")
    lines = [format_line(begin, 0, None)]
    lines.append(format_line(Entry(Event.SEEN, NOON, "rate", 1, "0123456789abcdef", step="ten"), 1, lines[0]))
    assert [json.loads(line)["prev"] for line in lines] == ["0" * 16, hashlib.sha256(lines[0]).hexdigest()[:16]]
    assert format_line(begin, 1, lines[0] + b"\n") == format_line(begin, 1, lines[0])  # without the line feed


def test_typed_text_truncated_and_printable():
    said = Entry(Event.SAID, NOON, "rate", 1, "0123456789abcdef", step="why", text="\x1b[2J" + "é\n\ud800" * 300)
    line = format_line(said, 0, None)
    entry = parse_line(line)
    assert entry.text == "?[2J" + ("é??" * 300)[:296]
    assert b"\n" not in line
    widest = Entry(Event.SAID, NOON, "rate", 1, "0123456789abcdef", step="why", text="🦉" * 400, answer='"' * 50)
    assert len(format_line(widest, 10**9, b"")) < MOST_BYTES // 2


def test_drawn_curve_round_trip():
    for points in (*SHAPES.values(), ((0, 80), *((at, at) for at in range(62, 101)))):
        drawn = Entry(
            Event.ANSWER, NOON, "rate", 1, "0123456789abcdef", 1, step="ten", kind=StepKind.DRAW, points=points
        )
        line = format_line(drawn, 1, None)
        assert parse_line(line) == drawn
        assert len(line) < MOST_BYTES // 4
    assert parse_line(line.replace(b"points", b"sketch")) is None


def test_time_is_written_in_utc():
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    line = format_line(Entry(Event.END, there, "rate", 1, "0123456789abcdef"), 0, None)
    assert json.loads(line)["t"] == "2026-09-21T12:00:00+00:00"


@trials(400)
@given(
    st.sampled_from(Event),
    st.text(CHARACTERS),
    st.text(CHARACTERS, max_size=60),
    st.integers(0, 10**9),
    st.sampled_from([*"abcdef"]),
)
def test_whatever_was_typed_is_read_back(event, text, answer, tries, choice):
    entry = Entry(event, NOON, "rate", 1, "0123456789abcdef", 3, step="ten", tries=tries, choice=choice)
    whole = Entry(**{**vars(entry), "text": text, "answer": answer})
    again = parse_line(format_line(whole, 3, None))
    for field in fields(Entry):
        if field.name not in ("text", "answer"):
            assert getattr(again, field.name) == getattr(entry, field.name)
    assert len(again.text) == min(len(text), 300)
    assert all(mine == theirs for mine, theirs in zip(again.text, text, strict=False) if theirs.isprintable())


# Lines that are nearly right, with any JSON in any of the fields.
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(CHARACTERS, max_size=50)
    | st.sampled_from([*map(str, Event)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=3),
    max_leaves=5,
)
NEARLY = st.dictionaries(
    st.sampled_from([*EXAMPLE, "text", "choice", "points", "round", "nr", "aside", "face"]), ANY, max_size=2
)


@trials(600)
@given(NEARLY.map(lambda wrong: json.dumps({**EXAMPLE, **wrong}).encode()) | st.binary(max_size=200))
def test_parsed_fields_typed_and_printable(line):
    entry = parse_line(line)
    if entry is None:
        return
    for field in fields(Entry):
        value = getattr(entry, field.name)
        assert isinstance(value, str | int | datetime | tuple | None)
        assert type(value) is not bool
        if isinstance(value, str):
            assert value.isprintable()
            assert len(value) <= 300
        elif isinstance(value, int):
            assert 0 <= value <= 10**9
        elif isinstance(value, tuple):
            assert points_of(value or ((0, 80), (100, 0)))
        elif isinstance(value, datetime):
            assert value.utcoffset() == timedelta(0)
