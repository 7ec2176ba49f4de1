"""Transcripts of others, whole or as they grow, read as what they are: files whose owners may have put anything there.

Whose answers they are is told by the owner of the file, or by its folder where a class has tokens; never by what stands
in it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from quadfit_tui.core.files.append_log import MOST_BYTES, Tail
from quadfit_tui.core.files.class_records import student_folders
from quadfit_tui.core.files.refusals import reason
from quadfit_tui.core.files.untrusted_files import UntrustedFile, read_untrusted
from quadfit_tui.core.text.language import N_, _, labeled
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.teaching.course.transcript import FILE_NAME, PRIVATE_NAME
from quadfit_tui.teaching.course.transcript_entry import Entry, entry_of

Student = int | str  # by the number of the account, or by the name where there is none
MOST_LINES = 50_000
BYTES_A_LOOK, LINES_A_LOOK = 65536, 256  # of a transcript that grows: a flood costs so much a look and no more
OWN = N_("it is your own, which counts only as the only PATH")


class Period(NamedTuple):
    """The time in which something counts: from `since` on, and before `until`; None: as long as there was anything."""

    since: datetime | None = None
    until: datetime | None = None

    def covers(self, time: datetime) -> bool:
        """Whether a time lies in it."""
        return (self.since is None or time >= self.since) and (self.until is None or time < self.until)


ALWAYS = Period()


@dataclass(frozen=True)
class Answers:
    """What a student wrote down: the readable lines, and what is to be known of the others.

    `cut` lines were left unfinished by a killed program, `unreadable` ones are none for another reason. `is_broken`:
    whether there is content, but no valid first line, as of another file. Nobody has begun where there are no lines.
    `student` is the account, `name` what else a teacher knows it by; `has_token`: no account tells who it is, but a
    name that a token was made for. `digest` is that of the content, `copies` are the others of a report who have the
    same content.
    """

    student: str
    entries: tuple[Entry, ...] = ()
    cut: int = 0
    unreadable: int = 0
    is_broken: bool = False
    name: str = ""
    has_token: bool = False
    digest: bytes = b""
    copies: tuple[str, ...] = ()

    @property
    def displayed_name(self) -> str:
        """Whom a table names."""
        return self.name or self.student

    def within(self, period: Period) -> Answers:
        """Returns the answers that were recorded in a period."""
        return replace(self, entries=tuple(entry for entry in self.entries if period.covers(entry.time)))


class TranscriptSource(NamedTuple):
    """Where a transcript is: at a path, and whose it is, where not its owner tells that."""

    path: str
    name: str | None = None


def sources(paths: Iterable[str]) -> list[TranscriptSource]:
    """Returns the transcripts at some paths, each once, by whatever path it is named.

    A path may be the records of a class whose students have tokens, or the folder of one of these students.
    """
    students_in = cache(student_folders)  # of the records, for the paths of all students
    found: dict[TranscriptSource, TranscriptSource] = {}
    for path in paths:
        students = students_in(path)
        named = (
            [_source(path, students_in)]
            if students is None
            else [TranscriptSource(at, by) for by, at in students.items()]
        )
        for source in named:
            found.setdefault(source._replace(path=os.path.abspath(source.path)), source)
    return list(found.values())


def _source(path: str, students_in: Callable[[str], Mapping[str, str] | None]) -> TranscriptSource:
    """Returns the transcript at a path, by the student's name if its folder is among the records of a class."""
    records, name = os.path.split(os.path.abspath(folder_and_name(path)[0]))
    return TranscriptSource(path, name if name in (students_in(records) or ()) else None)


class TranscriptBatch(NamedTuple):
    """What was read of all paths, and a line for each that was left out; `is_own`: it is the reader's alone."""

    answers: tuple[Answers, ...]
    left_out: tuple[str, ...]
    is_own: bool = False


def read_transcripts(paths: Iterable[str]) -> TranscriptBatch:
    """Reads the transcripts in folders (or files, whose names end with .jsonl), by the names of their students.

    The own one counts only where it is the only path: it is the student's own look at it, and no part of a class.
    """
    paths = list(paths)
    answers, left_out, own = [], [], []
    seen: dict[tuple[int, int], str] = {}
    all_of_them = sources(paths)
    is_alone = [path for path, _name in all_of_them] == paths[:1]  # else the only student among some records
    for path, name in all_of_them:
        try:
            file = _read(path)
            if file.owner == os.getuid() and (name is None or is_alone):
                own.append(path)
                if len(all_of_them) > 1:
                    continue
                if file.place is None:  # of a class it would be a student who has not begun
                    raise OSError(errno.ENOENT, _("there is no transcript in it; the first lesson begins one"))
            student = name_of(file.owner) if name is None else shown_name(name)
            if file.place not in seen:
                answers.append(replace(answers_of(file.content, student), has_token=name is not None))
            elif seen[file.place] != student:
                told = _("it is the file of {name} by another name (a hard link)")
                raise OSError(errno.EINVAL, told.format(name=seen[file.place]))
            if file.place is not None:
                seen[file.place] = student
        except OSError as failure:
            left_out.append(labeled(shown_name(path), reason(failure)))
    if not answers and len(all_of_them) > 1:
        left_out += [labeled(shown_name(path), _(OWN)) for path in own]
    answers.sort(key=lambda each: each.student)
    return TranscriptBatch(tuple(answers), tuple(left_out), bool(own) and len(all_of_them) == 1)


def _read(path: str) -> UntrustedFile:
    """The transcript at a path: the file that it names, or the one in a folder; raises OSError."""
    folder, name = folder_and_name(path)
    file = read_untrusted(folder, name, MOST_BYTES)
    if file.place is None and path == folder:
        return read_untrusted(folder, PRIVATE_NAME, MOST_BYTES)
    if file.place is None:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    return file


def folder_and_name(path: str) -> tuple[str, str]:
    """Where a transcript is: in a folder under its usual name, or the file itself."""
    return os.path.split(path) if path.endswith(".jsonl") else (path, FILE_NAME)


def name_of(user: int) -> str:
    """The name of a user by the password database, or else the number; prints, whatever stands there."""
    import pwd  # not on Windows, where nobody reads files of others

    try:
        return shown_name(pwd.getpwuid(user).pw_name)
    except KeyError:
        return f"user {user}"


class LineReader:
    """Reads the lines of a transcript, as far as they are written; of the last one only the end may be missing.

    `cut` and `unreadable` lines are those of Answers.
    """

    def __init__(self) -> None:
        self.tail = Tail()
        self.cut = self.unreadable = 0

    def entries(self, content: bytes, most: int | None = None) -> list[Entry]:
        """Returns the entries of the lines, at most so many, that there are behind those read before."""
        lines, rest = self.tail.lines(content, most)
        if rest and entry_of(rest) is not None:
            lines.append(rest)
            self.tail.start += len(rest)
        return [entry for line in lines if (entry := self._read(line)) is not None]

    def _read(self, line: bytes) -> Entry | None:
        entry = entry_of(line) if line else None
        if entry is None and line.endswith(b"}"):
            self.unreadable += 1
        elif entry is None and line:
            self.cut += 1
        return entry


def answers_of(content: bytes, student: str) -> Answers:
    """The lines of a transcript; raises OSError where there are more than a student could write."""
    if content.count(b"\n") > MOST_LINES:
        raise OSError(0, _("it has more than {most} lines").format(most=MOST_LINES))
    reader = LineReader()
    entries = reader.entries(content + b"\n")  # whatever its last line is by now
    is_broken = bool(content) and entry_of(content.partition(b"\n")[0]) is None
    digest = sha256(content).digest()
    return Answers(student, tuple(entries), reader.cut, reader.unreadable, is_broken, digest=digest)


class GrowingTranscripts:
    """The transcripts at some paths. The reader's own is none of the class's, unless it is the only one.

    `students` are those that there are, with their names; `left_out` is why a path cannot be read, or why nobody is
    there, if all are the reader's own.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.students: dict[Student, str] = {}
        self.left_out: dict[str, str] = {}
        self._readers = {source: LineReader() for source in sources(paths)}

    def read_new(self) -> Iterator[tuple[Student, Entry]]:
        """The entries that were not read yet, and who wrote each."""
        own: list[str] = []
        for (path, name), reader in self._readers.items():
            try:
                owner, entries = _new_entries(path, reader)
            except OSError as failure:
                self.left_out[shown_name(path)] = reason(failure)
                continue
            self.left_out.pop(shown_name(path), None)
            if owner == os.getuid() and name is None and len(self._readers) > 1:
                own.append(shown_name(path))
                continue
            student: Student = owner if name is None else name
            if student not in self.students:
                self.students[student] = name_of(owner) if name is None else shown_name(name)
            yield from ((student, entry) for entry in entries)
        if not self.students:
            self.left_out |= dict.fromkeys(own, _(OWN))


def _new_entries(path: str, reader: LineReader) -> tuple[int, list[Entry]]:
    """Returns the owner of a transcript, and the entries not read before, at most so many; raises OSError if it must
    not be read.
    """
    tail = reader.tail
    start = tail.start
    file = read_untrusted(*folder_and_name(path), MOST_BYTES, start=start, piece=BYTES_A_LOOK)
    if not tail.is_of(file.place, file.size) and start:  # which is read from its begin at the next look
        return file.owner, []
    start = tail.start
    entries = reader.entries(file.content, LINES_A_LOOK)
    if tail.start == start and len(file.content) == BYTES_A_LOOK:  # no line is so long
        tail.start += BYTES_A_LOOK
    return file.owner, entries
