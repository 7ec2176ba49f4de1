"""Entry: a line of a transcript, with every field typed and bounded; read from a line, and written as one.

Anyone who can write the file can write any line, and its contents may be shown on somebody else's terminal. So a line
with one invalid field is rejected as a whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from quadfit_tui.core.text.quoting import printable
from quadfit_tui.teaching.course.drawn_curve import Points, points_of
from quadfit_tui.teaching.notation.lesson import LETTERS, LONGEST_ANSWER, StepKind

FORMAT = 1  # version of the line format
MOST_BYTES = 4096  # maximum length of a line
LONGEST_TEXT = 300  # maximum length of a recorded explanation, in characters


class Event(StrEnum):
    """The kind of event that a transcript line records."""

    BEGIN = "begin"  # an attempt at a lesson begins
    SEEN = "seen"  # a step was shown
    HINT = "hint"
    ANSWER = "answer"
    SKIP = "skip"
    DONE = "done"  # a step was finished
    SAID = "said"  # an explanation was written
    ASIDE = "aside"  # the lesson was left, or come back to
    END = "end"  # all steps of the lesson are done
    FORGET = "forget"  # the lesson counts as never begun: only in old files


@dataclass(frozen=True)
class Entry:
    """A transcript line as typed fields; a field that the line lacks is empty, or 0.

    `time` is in UTC. `choice` is a choice's letter in the order of the file, `answer` the text that was typed. `got`
    (right, close, wrong) is for the student's own program, which shows progress from it before any run is trained;
    whoever reads it for a class judges `answer` or `choice` again instead. `tries` is the number of a vote among
    the student's votes on its question; 1 starts these anew.
    """

    event: Event
    time: datetime
    lesson: str
    version: int  # the lesson's version
    digest: str  # hash of the lesson's file
    number: int = 0  # line number, from 0
    step: str = ""
    kind: StepKind | None = None
    answer: str = ""
    choice: str = ""
    points: Points = ()  # the drawn curve
    round: int = 0  # round of a vote: 1 alone, 2 after the discussion
    got: str = ""
    tries: int = 0
    text: str = ""  # the explanation
    hint: int = 0  # number of the hint, from 1
    attempt: int = 0
    program: str = ""  # version of the program
    face: str = ""  # screen or spoken
    language: str = ""
    aside: str = ""  # left or back


def _integer(value: object) -> int:
    """Returns a count from 0 to 10⁹; raises ValueError if the value is anything else."""
    if type(value) is not int or not 0 <= value <= 10**9:
        raise ValueError
    return value


def _word(pattern: str) -> Callable[[object], str]:
    """Returns a parser for strings that match a pattern; the parser raises ValueError for other values."""
    allowed = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or not allowed.fullmatch(value):
            raise ValueError
        return value

    return read


def _printable(longest: int) -> Callable[[object], str]:
    """Returns a parser for printable strings up to a length; the parser raises ValueError for other values."""

    def read(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise ValueError
        return value

    return read


identifier = _word("[a-z0-9-]{1,60}")  # parses the id of a lesson or a step
_is_moment = _word(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00")


def parse_time(value: object) -> datetime:
    """Parses the UTC time of a line; raises ValueError if it is malformed."""
    return datetime.fromisoformat(_is_moment(value))


# The fields of an Entry: the key in the line, and the parser of its value, which raises ValueError.
_FIELDS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "number": ("n", _integer),
    "time": ("t", parse_time),
    "lesson": ("lesson", identifier),
    "version": ("lv", _integer),
    "digest": ("digest", _word("[0-9a-f]{16}")),
    "event": ("event", lambda value: Event(str(value))),
    "step": ("step", identifier),
    "kind": ("kind", lambda value: StepKind(str(value))),
    "answer": ("answer", _printable(LONGEST_ANSWER)),
    "choice": ("choice", _word(f"[{LETTERS}]")),
    "points": ("points", points_of),
    "round": ("round", _integer),
    "got": ("got", _word("right|close|wrong")),
    "tries": ("tries", _integer),
    "text": ("text", _printable(LONGEST_TEXT)),
    "hint": ("nr", _integer),
    "attempt": ("attempt", _integer),
    "program": ("program", _word("[0-9A-Za-z.+-]{1,30}")),
    "face": ("face", _word("screen|spoken")),
    "language": ("language", _word("[A-Za-z_-]{1,10}")),
    "aside": ("aside", _word("left|back")),
}
_OF_STEPS = {Event.SEEN, Event.HINT, Event.ANSWER, Event.SKIP, Event.DONE, Event.SAID}


def parse_line(line: bytes) -> Entry | None:
    """Parses a line, with or without its line end; returns None if it is no valid line of a transcript."""
    if len(line) > MOST_BYTES:
        return None
    try:
        fields = json.loads(line.decode())
        if not isinstance(fields, dict) or fields.get("v") != FORMAT:
            return None
        entry = Entry(**{name: parse(fields[key]) for name, (key, parse) in _FIELDS.items() if key in fields})
    except (ValueError, TypeError, RecursionError):  # TypeError: a mandatory field is missing
        return None
    return entry if _is_whole(entry) else None


def _is_whole(entry: Entry) -> bool:
    """Whether an entry has the fields that its event requires."""
    if entry.event is Event.ANSWER and not (entry.answer or entry.choice or entry.points):
        return False
    return bool(entry.step) or entry.event not in _OF_STEPS


def format_line(entry: Entry, number: int, before: bytes | None) -> bytes:
    """Formats an entry as line `number`, from 0, which follows the line `before`; without a line end.

    Typed texts are cut to their maximum length and made printable, so that `parse_line` accepts the line.
    """
    time = entry.time.astimezone(UTC).isoformat(timespec="seconds")
    fields: dict[str, Any] = {"n": number, "t": time, "v": FORMAT}
    for name, (key, _) in _FIELDS.items():
        value = getattr(entry, name)
        if key not in fields and value != getattr(Entry, name, None):
            fields[key] = value
    for key, longest in (("answer", LONGEST_ANSWER), ("text", LONGEST_TEXT)):
        if key in fields:
            fields[key] = printable(fields[key][:longest])
    # Nothing checks this hash any more, since whoever can write a file can forge it. Without it, an older program of a
    # teacher would report each student's file as broken.
    fields["prev"] = "0" * 16 if before is None else hashlib.sha256(before.rstrip(b"\r\n")).hexdigest()[:16]
    return json.dumps(fields, ensure_ascii=False).encode()
