"""Classroom: the question that a class is at, which its teacher writes into a file that the class can read.

Nothing else is sent: the votes are lines of the students' own transcripts, see tally.py.
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
from quadfit_tui.teaching.course.transcript_entry import identifier, parse_time

FORMAT = 1  # version of the file format
FILE_NAME = "now.json"
MOST_BYTES = 1024  # maximum size of the file
ALONE, DISCUSSED = ROUNDS
LONGEST = timedelta(hours=4)  # maximum age of a question; an older one was left open by mistake
INTERVAL = 1.0  # seconds between two reads of the file
_LONGEST_VOTE = timedelta(hours=1)  # a vote that is not ended by then is over: nobody waits for it any more


class VoteState(StrEnum):
    """The state of a vote."""

    OPEN = "open"  # the class votes
    CLOSED = "closed"  # the class has voted, and talks about the question
    SHOWN = "shown"  # the class sees the outcome


class Question(NamedTuple):
    """The question that a class votes on: a step of a lesson, the round, and the state of the vote.

    `since` is the time when its first vote was opened, `until` has the closing times of the rounds that were closed.
    """

    lesson: str
    step: str
    round: int
    state: VoteState
    since: datetime
    until: tuple[datetime, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """The ids of its lesson and step, which identify the question in any state of the vote."""
        return self.lesson, self.step

    def ended(self, state: VoteState) -> Question:
        """Returns the question with its vote closed, or shown; a round that is closed keeps its closing time."""
        return self._replace(state=state, until=self.until if len(self.until) == self.round else (*self.until, now()))

    def opened(self, round: int) -> Question:
        """Returns the question with the vote of a round opened, or reopened."""
        return self._replace(round=round, state=VoteState.OPEN, until=self.until[: round - 1])


def now() -> datetime:
    """Returns the current time in UTC, in whole seconds as in transcripts."""
    return datetime.now(UTC).replace(microsecond=0)


def question_of(content: bytes) -> Question | None:
    """Parses the content of the file of a class; returns None if it holds no valid question."""
    try:
        fields = json.loads(content.decode())
        if not isinstance(fields, dict) or fields.get("v") != FORMAT or fields["round"] not in ROUNDS:
            return None
        round, state, until = int(fields["round"]), VoteState(fields["state"]), tuple(map(parse_time, fields["until"]))
        if len(until) != round - (state is VoteState.OPEN):
            return None
        return Question(
            identifier(fields["lesson"]), identifier(fields["step"]), round, state, parse_time(fields["since"]), until
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def content_of(question: Question) -> bytes:
    """Formats a question as the content of the file of a class."""
    fields = {"v": FORMAT, "lesson": question.lesson, "step": question.step, "round": question.round}
    times = {"since": question.since.isoformat(), "until": [time.isoformat() for time in question.until]}
    return json.dumps({**fields, "state": question.state.value, **times}).encode() + b"\n"


class Classroom:
    """The folder of a class; `question` is the question in its file when that was last read."""

    def __init__(self, folder: str, clock: Callable[[], datetime] = now) -> None:
        self.folder = folder
        self.question: Question | None = None
        self._clock = clock

    @property
    def owner(self) -> int:
        """The user id of the owner of the folder, the teacher; raises OSError if there is no such folder."""
        with access.open_untrusted(self.folder, FILE_NAME, is_given=True) as (within, _):
            return os.fstat(within).st_uid

    def refresh(self) -> bool:
        """Reads the file of the class; returns whether the question has changed."""
        before, self.question = self.question, self._read()
        return self.question != before

    def _read(self) -> Question | None:
        """Returns the question in the file, or None if there is no valid and recent one."""
        try:
            content = read_untrusted(self.folder, FILE_NAME, MOST_BYTES, is_given=True).content
        except OSError:  # an unreadable file, or that of somebody else, counts as none
            return None
        question = question_of(content)
        return question if question and abs(self._clock() - question.since) < LONGEST else None

    def step_under_vote(self, lesson: str) -> str:
        """Returns the id of the step of a lesson whose vote has begun and not been shown, or an empty string."""
        question = self.question
        is_under_way = (
            question is not None
            and question.lesson == lesson
            and question.state is not VoteState.SHOWN
            and self._clock() - question.since < _LONGEST_VOTE
        )
        return question.step if question is not None and is_under_way else ""

    def publish(self, question: Question) -> None:
        """Writes the question for the class to read; raises OSError if the folder is not writable."""
        write_over(os.path.join(self.folder, FILE_NAME), content_of(question), 0o644)
        self.question = question
