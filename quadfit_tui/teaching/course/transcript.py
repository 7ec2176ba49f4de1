"""Transcript: what a student did in lessons, appended to a file line by line; the only state of a course."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from quadfit_tui.core.files import access
from quadfit_tui.core.files.append_log import AppendLog
from quadfit_tui.core.files.protected_files import RECORDS
from quadfit_tui.core.files.readers import ReadAccess, readers
from quadfit_tui.core.files.refusals import reason
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, format_line, parse_line
from quadfit_tui.teaching.notation.lesson import Lesson

FILE_NAME = "transcript.jsonl"  # in a folder that a teacher may read
PRIVATE_NAME = "lessons.jsonl"  # in the user's data folder

_DAMAGED = N_("What you answered before may be lost: the beginning of your record was overwritten or changed.")


class TranscriptLocation(NamedTuple):
    """The path of a transcript, and the permissions with which the file is created.

    `is_given`: its folder was named by whoever started the program (--record), for the student's teacher.
    """

    path: str
    mode: int
    is_given: bool = False


def location_in(folder: str) -> TranscriptLocation:
    """Returns the location of a transcript in the folder of --record, wherever files are confined to."""
    return TranscriptLocation(os.path.join(folder, FILE_NAME), 0o600, is_given=True)


def default_location(data_folder: str) -> TranscriptLocation:
    """Returns the default location of the user's transcript: `~/lessons` if it exists, else the data folder.

    A teacher may read the first one, too, by the group that the administrator has given it.
    """
    if access.is_folder(RECORDS):
        return TranscriptLocation(f"{RECORDS}/{FILE_NAME}", 0o640)
    return TranscriptLocation(os.path.join(data_folder, PRIVATE_NAME), 0o600)


class Transcript:
    """A student's transcript in a file, or in memory only if `place` is None.

    Each entry is in the file once `write` has returned. If it cannot be written, `failure` says why, and the entry is
    retried, in its order, before the next one, or by `finish`. Never raises OSError. Other sessions may append to the
    same file.
    """

    def __init__(self, place: TranscriptLocation | None) -> None:
        self.failure = ""
        self._place = place
        self._file = None if place is None else AppendLog(*place)
        self._lines: list[bytes] = []  # the lines of the file that `_read` was parsed from
        self._read: list[Entry] = []
        self._looked_at = 0
        self._waiting: list[Entry] = []
        self.refresh()

    @property
    def is_recorded(self) -> bool:
        """Whether all answers so far are in the file."""
        return self._file is not None and not self.failure

    @property
    def status(self) -> str:
        """The status for the frame of a lesson: `recorded`, `not recorded`, or `not recorded: …`."""
        if self.is_recorded:
            return _("recorded")
        return _("not recorded: {problem}").format(problem=self.failure) if self.failure else _("not recorded")

    @property
    def status_sentence(self) -> str:
        """The status as a sentence."""
        if self.is_recorded:
            return _("Your answers are recorded.")
        if not self.failure:
            return _("Your answers are not recorded.")
        return _("Your answers are not recorded: {problem}.").format(problem=self.failure)

    @property
    def readers(self) -> ReadAccess:
        """Who may read the recorded answers besides the student."""
        if self._place is None or not self.is_shared:
            return ReadAccess.NOBODY
        return ReadAccess.GIVEN if self._place.is_given else readers(self._place.path, self._place.mode)

    @property
    def student(self) -> str:
        """The student's name, by that of a folder that --record names; empty if the transcript is the user's own."""
        if self._place is None or not self._place.is_given:
            return ""
        return os.path.basename(os.path.dirname(os.path.abspath(self._place.path)))

    @property
    def is_shared(self) -> bool:
        """Whether it is in a place that a teacher may read, and no private file."""
        return self._place is not None and (self._place.is_given or bool(self._place.mode & stat.S_IRGRP))

    @property
    def damage(self) -> str:
        """A sentence on a file whose first line is not that of a transcript; empty if there is no damage.

        Answers are appended to such a file all the same.
        """
        lines = [] if self._file is None else self._file.lines
        return _(_DAMAGED) if lines and parse_line(lines[0]) is None else ""

    def refresh(self) -> None:
        """Reads the lines that other sessions have appended since the last time."""
        if self._file is not None:
            try:
                self._file.read()
            except OSError as failure:
                self.failure = reason(failure)

    @property
    def entries(self) -> list[Entry]:
        """All valid entries, the oldest first: those of the file, then those that could not be written yet."""
        if self._file is not None:
            if self._file.lines is not self._lines:
                self._lines, self._read, self._looked_at = self._file.lines, [], 0
            new, self._looked_at = self._lines[self._looked_at :], len(self._lines)
            self._read += [entry for line in new if (entry := parse_line(line)) is not None]
        return self._read + self._waiting

    def of_lesson(self, lesson: str) -> list[Entry]:
        """Returns the entries of a lesson, the oldest first."""
        return [entry for entry in self.entries if entry.lesson == lesson]

    @property
    def last_lesson(self) -> str:
        """The id of the lesson that was taken last; empty if there is none."""
        return self.entries[-1].lesson if self.entries else ""

    def record(self, lesson: Lesson, event: Event, **values: Any) -> None:
        """Appends an event of a lesson with the current time; `values` are further fields of Entry."""
        self.write(replace(Entry(event, datetime.now(UTC), lesson.id, lesson.version, lesson.digest), **values))

    def write(self, *entries: Entry) -> None:
        """Appends entries behind those that could not be written yet; numbers each line as the file requires."""
        self._waiting += entries
        if self._file is None:
            return
        try:
            while self._waiting:
                self._file.append(partial(format_line, self._waiting[0]))
                del self._waiting[0]
            self.failure = ""
        except OSError as failure:
            self.failure = reason(failure)

    def finish(self) -> str:
        """Retries to write pending entries when the program ends; returns a sentence if that fails, else empty."""
        if self._place is None or not self._waiting:
            return ""
        self.write()
        if not self._waiting:
            return ""
        template = _("not all of your answers are recorded: {file} cannot be written: {problem}")
        return template.format(file=quoted(self._place.path), problem=self.failure)
