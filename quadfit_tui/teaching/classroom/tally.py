"""Tally: the votes of a class on a question, from the growing transcripts of its students."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.width import cell_width, ljust
from quadfit_tui.teaching.classroom.bars import bar_rows, digits_of
from quadfit_tui.teaching.classroom.classroom import ALONE, DISCUSSED, Question, VoteState
from quadfit_tui.teaching.classroom.report import Judged, Rejudge
from quadfit_tui.teaching.classroom.transcript_reader import GrowingTranscripts, Student
from quadfit_tui.teaching.course.curve_comparison import RunCurve, run_curve
from quadfit_tui.teaching.course.drawn_curve import Points
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import LETTERS, Lesson, Step, StepKind

MOST_BARS = 6  # maximum number of bars for numbers; all others share one
# Mazur's band: the shares of right answers from which on a discussion is fruitful, and from which on it is not needed.
FEW, MOST = 0.3, 0.7


class Bar(NamedTuple):
    """An answer, with how often it was given in each of some rounds."""

    letter: str  # letter of a choice as shown; empty for a number
    text: str
    counts: tuple[int, ...]
    is_right: bool


class Tally:
    """The votes of a class on a step of a lesson, updated from growing transcripts.

    For each student and round, the last vote that was read before the round was closed counts. A program that is
    started later goes by the times in the lines, with which students can lie about their own votes.
    """

    def __init__(self, paths: Sequence[str], lesson: Lesson, step: Step, facts: Facts | None = None) -> None:
        self.lesson, self.step = lesson, step
        self._rejudge = Rejudge(lesson, facts)
        self._transcripts = GrowingTranscripts(paths)
        self._reset_votes(None)

    def _reset_votes(self, since: datetime | None) -> None:
        """Discards all votes, for a question that was first opened at `since`."""
        self._since = since
        self._votes: dict[int, dict[Student, Judged]] = {ALONE: {}, DISCUSSED: {}}
        self._ended: set[int] = set()  # rounds that are closed to further votes

    def refresh(self, question: Question | None) -> bool:
        """Reads new votes, unless the round is closed; returns whether anything has changed.

        Without a question of this step it only counts the students.
        """
        if question is not None and question.place == (self.lesson.id, self.step.id):
            if question.since != self._since:
                self._reset_votes(question.since)
            if question.state is VoteState.OPEN:
                self._ended.discard(question.round)  # it may have been opened again
            elif question.round in self._ended:
                return False
        else:
            question = None
        votes = {round: votes.copy() for round, votes in self._votes.items()}
        before = self._students.copy(), self.left_out.copy(), votes
        for student, entry in self._transcripts.read_new():
            judged = self._rejudge.judged(entry) if question is not None and self._counts(entry, question) else None
            if judged is not None:
                self._votes[entry.round][student] = judged
        if question is not None:
            self._ended |= set(range(ALONE, question.round + (question.state is not VoteState.OPEN)))
        return before != (self._students, self.left_out, self._votes)

    def _counts(self, entry: Entry, question: Question) -> bool:
        """Whether an entry is a vote on the question that was given in time."""
        return (
            entry.event is Event.ANSWER
            and (entry.lesson, entry.step) == question.place
            and entry.version == self.lesson.version
            and ALONE <= entry.round <= question.round
            and entry.round not in self._ended
            and question.since <= entry.time
            and all(entry.time <= until for until in question.until[entry.round - 1 : entry.round])
        )

    # What there is to tell

    @property
    def left_out(self) -> dict[str, str]:
        """The reasons why transcripts cannot be read, by their paths."""
        return self._transcripts.left_out

    @property
    def _students(self) -> dict[Student, str]:
        """The names of the students."""
        return self._transcripts.students

    @property
    def students(self) -> int:
        """The number of students."""
        return len(self._students)

    def answered(self, round: int) -> int:
        """Returns how many students have voted in a round."""
        return len(self._votes[round])

    def silent(self, round: int) -> list[str]:
        """Returns the names of the students who have not voted in a round."""
        return sorted(name for student, name in self._students.items() if student not in self._votes[round])

    @property
    def curves(self) -> tuple[Points, ...]:
        """The drawn curves of the latest round, in an order that reveals no names."""
        votes = self._votes[DISCUSSED] or self._votes[ALONE]
        return tuple(sorted(judged.points for judged in votes.values() if judged.points))

    @property
    def run_curve(self) -> RunCurve:
        """The curve of the run that students were asked to draw."""
        return run_curve(self._rejudge.facts, self.step)

    def right(self, round: int) -> int:
        """Returns how many votes of a round are right."""
        return sum(judged.is_right for judged in self._votes[round].values())

    def bars(self, rounds: Iterable[int], marks: bool = False) -> list[Bar]:
        """Returns a bar for each answer, with its counts in some rounds: choices as shown, numbers by frequency.

        With `marks` the rare numbers that are right get a bar of their own, so that the marked bars have all right
        votes.
        """
        counts = [Counter(judged.shown for judged in self._votes[round].values()) for round in rounds]
        if self.step.is_choice:
            return [
                Bar(letter.upper(), answer.text, tuple(count[answer.text] for count in counts), answer.is_right)
                for letter, answer in zip(LETTERS, self.lesson.choices(self.step), strict=False)
            ]
        right = {judged.shown for votes in self._votes.values() for judged in votes.values() if judged.is_right}
        texts = [text for text, _count in sum(counts, Counter[str]()).most_common()]
        frequent, rare = texts[:MOST_BARS], texts[MOST_BARS:]
        bars = [Bar("", text, tuple(count[text] for count in counts), text in right) for text in frequent]
        for is_right in (True, False) if marks else (False,):
            if others := [text for text in rare if not marks or (text in right) is is_right]:
                sums = tuple(sum(count[text] for text in others) for count in counts)
                text = others[0] if is_right and len(others) == 1 else _("others")
                bars.append(Bar("", text, sums, is_right))
        return bars

    def advice(self, round: int) -> str:
        """Returns what peer instruction advises a teacher to do after a round; empty if nobody has voted."""
        votes = self.answered(round)
        share = self.right(round) / votes if votes else None
        if share is None:
            return ""
        if self.step.kind is StepKind.DRAW:
            return _("Let them compare their curves, then show the run.")
        if share >= MOST:
            return _("Most are right: show the run, explain it in a sentence, and go on.")
        if round == DISCUSSED:
            if share < FEW:
                return _("Few are right: show the run, and explain it again.")
            return _("Some are right: show the run, and explain it again.")
        if share < FEW:
            return _("Few are right: explain it again, then let them vote once more.")
        return _("Some are right, some are not: let them discuss it and vote once more, then show the run.")


def counted_text(tally: Tally, question: Question) -> str:
    """Returns a sentence on how many have voted: all that may be seen while a vote is open."""
    template = _("{n} of {students} have answered.")
    return template.format(n=tally.answered(question.round), students=tally.students)


def bar_lines(tally: Tally, rounds: Sequence[int], width: int, marks: bool) -> list[str]:
    """Renders the bars of some rounds side by side, within `width` columns; `marks` shows which are right.

    With two rounds there is a heading above.
    """
    bars = tally.bars(rounds, marks)
    names = [f"{bar.letter}  {bar.text}" if bar.letter else bar.text for bar in bars]
    if marks and tally.step.answers:
        names = [f"{'✓' if bar.is_right else ' '} {name}" for bar, name in zip(bars, names, strict=True)]
    counts = [bar.counts for bar in bars]
    most, digits = max((count for row in counts for count in row), default=0), digits_of(counts)
    room = min(max(map(cell_width, names), default=0), width // 2)
    length = max(1, min(24, (width - room) // len(rounds) - digits - 3))
    rows = bar_rows(names, counts, room, length, most)
    if len(rounds) > 1:
        titles = "  ".join(ljust(title, length + digits + 1) for title in (_("first vote"), _("second vote")))
        rows.insert(0, f"{' ' * room}  {titles}".rstrip())
    return rows
