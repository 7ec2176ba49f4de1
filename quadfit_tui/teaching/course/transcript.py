"""The transcript: what a student did in lessons, appended to the own file line by line; the only state of a course."""

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
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, entry_of, line_of
from quadfit_tui.teaching.notation.lesson import Lesson

FILE_NAME, PRIVATE_NAME = "transcript.jsonl", "lessons.jsonl"  # in the folder that a teacher may read, and without one

_DAMAGED = N_("What you answered before may be lost: the beginning of your record was overwritten or changed.")


class TranscriptLocation(NamedTuple):
    """Where a transcript is, and with which permissions it is made.

    `is_given`: whoever started the program has named its folder, for whoever teaches.
    """

    path: str
    mode: int
    is_given: bool = False


def given_place(folder: str) -> TranscriptLocation:
    """The place in a folder that whoever starts the program names, wherever files are confined to."""
    return TranscriptLocation(os.path.join(folder, FILE_NAME), 0o600, is_given=True)


def place(data_folder: str) -> TranscriptLocation:
    """Where a student's transcript is: in `~/lessons` if that folder is there, else in the user's data folder.

    The first one is for the teacher to read, too, by the group that the administrator has given it.
    """
    if access.is_folder(RECORDS):
        return TranscriptLocation(f"{RECORDS}/{FILE_NAME}", 0o640)
    return TranscriptLocation(os.path.join(data_folder, PRIVATE_NAME), 0o600)


class Transcript:
    """A student's transcript in a file, or without a place in memory only.

    Each entry is in the file once `write` has returned; where it cannot be, `failure` says why, and it is kept to be
    written, in its order, before the next one, or by `finish`. Never raises OSError. Other sessions may append to the
    same file.
    """

    def __init__(self, place: TranscriptLocation | None) -> None:
        self.failure = ""
        self._place = place
        self._file = None if place is None else AppendLog(*place)
        self._lines: list[bytes] = []  # those of the file that `_read` is from
        self._read: list[Entry] = []
        self._looked_at = 0
        self._waiting: list[Entry] = []
        self.refresh()

    @property
    def is_recorded(self) -> bool:
        """Whether what is answered is in the file."""
        return self._file is not None and not self.failure

    @property
    def status(self) -> str:
        """How it is recorded, for the frame of a lesson: `recorded`, `not recorded`, `not recorded: …`."""
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
        """Who may read beside the student what is recorded."""
        if self._place is None or not self.is_shared:
            return ReadAccess.NOBODY
        return ReadAccess.GIVEN if self._place.is_given else readers(self._place.path, self._place.mode)

    @property
    def student(self) -> str:
        """Whose it is, as the folder says that is given; empty where none is: it is the user's own."""
        if self._place is None or not self._place.is_given:
            return ""
        return os.path.basename(os.path.dirname(os.path.abspath(self._place.path)))

    @property
    def is_shared(self) -> bool:
        """Whether it is where a class has its transcripts, for a teacher to read, and no private file."""
        return self._place is not None and (self._place.is_given or bool(self._place.mode & stat.S_IRGRP))

    @property
    def damage(self) -> str:
        """What is to be said of a file that has content, but does not begin as a transcript does; empty where it does.

        What is answered is added to it all the same.
        """
        lines = [] if self._file is None else self._file.lines
        return _(_DAMAGED) if lines and entry_of(lines[0]) is None else ""

    def refresh(self) -> None:
        """Reads what other sessions have written since."""
        if self._file is not None:
            try:
                self._file.read()
            except OSError as failure:
                self.failure = reason(failure)

    @property
    def entries(self) -> list[Entry]:
        """All entries that can be read, the oldest first: those of the file, then those that are to be written."""
        if self._file is not None:
            if self._file.lines is not self._lines:
                self._lines, self._read, self._looked_at = self._file.lines, [], 0
            new, self._looked_at = self._lines[self._looked_at :], len(self._lines)
            self._read += [entry for line in new if (entry := entry_of(line)) is not None]
        return self._read + self._waiting

    def of_lesson(self, lesson: str) -> list[Entry]:
        """The entries of a lesson, the oldest first."""
        return [entry for entry in self.entries if entry.lesson == lesson]

    @property
    def last_lesson(self) -> str:
        """The id of the lesson that was taken last; empty where none was."""
        return self.entries[-1].lesson if self.entries else ""

    def record(self, lesson: Lesson, event: Event, **values: Any) -> None:
        """Appends what happens now in a lesson."""
        self.write(replace(Entry(event, datetime.now(UTC), lesson.id, lesson.version, lesson.digest), **values))

    def write(self, *entries: Entry) -> None:
        """Appends entries behind those that could not be written yet; each line is numbered as the file is."""
        self._waiting += entries
        if self._file is None:
            return
        try:
            while self._waiting:
                self._file.append(partial(line_of, self._waiting[0]))
                del self._waiting[0]
            self.failure = ""
        except OSError as failure:
            self.failure = reason(failure)

    def finish(self) -> str:
        """Tries once more to write what could not be; a sentence that tells of it where it still cannot be."""
        if self._place is None or not self._waiting:
            return ""
        self.write()
        if not self._waiting:
            return ""
        told = _("not all of your answers are recorded: {file} cannot be written: {problem}")
        return told.format(file=quoted(self._place.path), problem=self.failure)
