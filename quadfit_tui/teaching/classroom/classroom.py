"""Classroom: at which question a class is, as its teacher has it in a file of a folder that all of it can read.

No more is sent: the votes are lines of the students' own transcripts, see tally.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.files import access
from quadfit_tui.core.files.atomic_file import write_over
from quadfit_tui.core.files.untrusted_files import read_untrusted
from quadfit_tui.teaching.course.progress import ROUNDS
from quadfit_tui.teaching.course.transcript_entry import identifier, moment

FORMAT = 1  # of the file
FILE_NAME = "now.json"
MOST_BYTES = 1024
ALONE, DISCUSSED = ROUNDS
LONGEST = timedelta(hours=4)  # after which a question is one that somebody has left open
INTERVAL = 1.0  # seconds between two looks


class VoteState(StrEnum):
    """What a class does at a question."""

    OPEN = "open"  # votes
    CLOSED = "closed"  # has voted, and talks about it
    SHOWN = "shown"  # sees what happens


class Question(NamedTuple):
    """A question that a class votes on: a step of a lesson, and which vote it is.

    `since` is when its first vote was opened, `until` when each of those was closed that are.
    """

    lesson: str
    step: str
    round: int
    state: VoteState
    since: datetime
    until: tuple[datetime, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """Which question it is, whatever is done with it."""
        return self.lesson, self.step

    def ended(self, state: VoteState) -> Question:
        """Returns the question with its vote closed, or shown; it stays closed from when it was first."""
        return self._replace(state=state, until=self.until if len(self.until) == self.round else (*self.until, now()))

    def opened(self, round: int) -> Question:
        """Returns the question with a vote opened, or opened again."""
        return self._replace(round=round, state=VoteState.OPEN, until=self.until[: round - 1])


def now() -> datetime:
    """The present second, as lines of transcripts have it."""
    return datetime.now(UTC).replace(microsecond=0)


def question_of(content: bytes) -> Question | None:
    """The question that the file's content tells of; None where it tells of none, as typed and bounded as it has to."""
    try:
        found = json.loads(content.decode())
        if not isinstance(found, dict) or found.get("v") != FORMAT or found["round"] not in ROUNDS:
            return None
        round, state, until = int(found["round"]), VoteState(found["state"]), tuple(map(moment, found["until"]))
        if len(until) != round - (state is VoteState.OPEN):
            return None
        return Question(
            identifier(found["lesson"]), identifier(found["step"]), round, state, moment(found["since"]), until
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def content_of(question: Question) -> bytes:
    """What the file holds of a question."""
    found = {"v": FORMAT, "lesson": question.lesson, "step": question.step, "round": question.round}
    times = {"since": question.since.isoformat(), "until": [each.isoformat() for each in question.until]}
    return json.dumps({**found, "state": question.state.value, **times}).encode() + b"\n"


class Classroom:
    """The folder of a class. `question` is where the class was when its file was looked at last."""

    def __init__(self, folder: str, clock: Callable[[], datetime] = now) -> None:
        self.folder = folder
        self.question: Question | None = None
        self._clock = clock

    @property
    def owner(self) -> int:
        """The number of the user who owns it, the teacher; raises OSError where there is no such folder."""
        with access.open_anothers(self.folder, FILE_NAME, is_given=True) as (within, _):
            return os.fstat(within).st_uid

    def refresh(self) -> bool:
        """Looks where the class is; whether that has changed."""
        before, self.question = self.question, self._read()
        return self.question != before

    def _read(self) -> Question | None:
        try:
            content = read_untrusted(self.folder, FILE_NAME, MOST_BYTES, is_given=True).content
        except OSError:  # what cannot be read, or belongs to somebody else, says nothing
            return None
        question = question_of(content)
        return question if question and abs(self._clock() - question.since) < LONGEST else None

    def ask(self, question: Question) -> None:
        """Has the class be at a question; raises OSError where its folder cannot be written."""
        write_over(os.path.join(self.folder, FILE_NAME), content_of(question), 0o644)
        self.question = question
