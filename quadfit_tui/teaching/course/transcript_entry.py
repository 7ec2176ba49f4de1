"""Entry: a line of a transcript, with every field typed and bounded; read from a line, and written as one.

A line comes from whoever can write the file, and what it says may be shown on another one's terminal: so a field is
what it has to be, or the whole line is none.
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

FORMAT = 1  # of the lines
MOST_BYTES = 4096  # of a line
LONGEST_TEXT = 300  # characters of an explanation, as recorded


class Event(StrEnum):
    """What a line tells of."""

    BEGIN = "begin"  # of an attempt at a lesson
    SEEN = "seen"  # a step came up
    HINT = "hint"
    ANSWER = "answer"
    SKIP = "skip"
    DONE = "done"  # with a step
    SAID = "said"  # an explanation
    ASIDE = "aside"  # the lesson was left, or come back to
    END = "end"  # of a lesson: all its steps are done
    FORGET = "forget"  # a lesson is as if it had never been begun: only in old files


@dataclass(frozen=True)
class Entry:
    """A line of a transcript; what it does not tell is empty, or 0.

    `time` is in UTC. `choice` is the letter of a choice by the order in the file, `answer` what was typed. `got`
    (right, close, wrong) is for the student's own program, which shows from it what is done before any run is trained;
    whoever reads it for a class judges `answer` or `choice` instead. `tries` is of a vote, how often that was changed:
    1 begins it anew.
    """

    event: Event
    time: datetime
    lesson: str
    version: int  # of the lesson
    digest: str  # of the lesson's file
    number: int = 0  # of the line, from 0
    step: str = ""
    kind: StepKind | None = None
    answer: str = ""
    choice: str = ""
    points: Points = ()  # of a drawn curve
    round: int = 0  # of a vote: 1 alone, 2 after the discussion
    got: str = ""
    tries: int = 0
    text: str = ""  # of an explanation
    hint: int = 0  # which one, from 1
    attempt: int = 0
    program: str = ""  # its version
    face: str = ""  # screen, spoken
    language: str = ""
    aside: str = ""  # left, back


def _integer(value: object) -> int:
    if type(value) is not int or not 0 <= value <= 10**9:
        raise ValueError
    return value


def _word(pattern: str) -> Callable[[object], str]:
    allowed = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or not allowed.fullmatch(value):
            raise ValueError
        return value

    return read


def _printable(longest: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise ValueError
        return value

    return read


identifier = _word("[a-z0-9-]{1,60}")  # of a lesson, of a step
_is_moment = _word(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00")


def moment(value: object) -> datetime:
    """A time in UTC, as it stands in a line; raises ValueError where it is none."""
    return datetime.fromisoformat(_is_moment(value))


# Of each field, the key in the line, and what makes it of the key's value; refused with ValueError.
_FIELDS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "number": ("n", _integer),
    "time": ("t", moment),
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


def entry_of(line: bytes) -> Entry | None:
    """The entry that a line holds, given with or without its end; None where it is no line of a transcript."""
    if len(line) > MOST_BYTES:
        return None
    try:
        found = json.loads(line.decode())
        if not isinstance(found, dict) or found.get("v") != FORMAT:
            return None
        entry = Entry(**{name: read(found[key]) for name, (key, read) in _FIELDS.items() if key in found})
    except (ValueError, TypeError, RecursionError):  # TypeError: what each line has is not there
        return None
    return entry if _is_whole(entry) else None


def _is_whole(entry: Entry) -> bool:
    """Whether an entry tells all that one of its event has to."""
    if entry.event is Event.ANSWER and not (entry.answer or entry.choice or entry.points):
        return False
    return bool(entry.step) or entry.event not in _OF_STEPS


def line_of(entry: Entry, number: int, before: bytes | None) -> bytes:
    """An entry as a line, without its end: the one of this number, from 0, that follows on the line `before`.

    What was typed is cut to its longest, and what of it would not print is replaced, so that `entry_of` takes it.
    """
    time = entry.time.astimezone(UTC).isoformat(timespec="seconds")
    found: dict[str, Any] = {"n": number, "t": time, "v": FORMAT}
    for name, (key, _) in _FIELDS.items():
        value = getattr(entry, name)
        if key not in found and value != getattr(Entry, name, None):
            found[key] = value
    for key, longest in (("answer", LONGEST_ANSWER), ("text", LONGEST_TEXT)):
        if key in found:
            found[key] = printable(found[key][:longest])
    # It is checked no more, since whoever can write a file can forge it; but without it, older programs of a teacher
    # would report each student's file as broken.
    found["prev"] = "0" * 16 if before is None else hashlib.sha256(before.rstrip(b"\r\n")).hexdigest()[:16]
    return json.dumps(found, ensure_ascii=False).encode()
