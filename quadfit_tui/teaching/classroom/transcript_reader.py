"""Reads the transcripts of students, whole or as they grow; their owners may have put anything into them.

The student is known by the owner of the file, or by the name of its folder if a class has tokens; never by the file's
contents.
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
from quadfit_tui.teaching.course.transcript_entry import Entry, parse_line

Student = int | str  # user id of the account, or the name of a student without one
MOST_LINES = 50_000  # maximum number of lines of a transcript
BYTES_A_LOOK, LINES_A_LOOK = 65536, 256  # limits for one read of a growing transcript, so that a flood cannot block it
OWN = N_("it is your own, which counts only as the only PATH")


class Period(NamedTuple):
    """The time in which entries count: from `since` on, and before `until`; None: without a limit."""

    since: datetime | None = None
    until: datetime | None = None

    def covers(self, time: datetime) -> bool:
        """Whether a time lies in the period."""
        return (self.since is None or time >= self.since) and (self.until is None or time < self.until)


ALWAYS = Period()


@dataclass(frozen=True)
class Answers:
    """A student's transcript: the readable entries, and how many lines are damaged.

    `cut` lines were left unfinished by a killed program, `unreadable` ones are invalid for another reason. `is_broken`:
    whether the file has content, but no valid first line, such as another file. No lines: the student has not begun.
    `student` is the account, `name` what else a teacher knows the student by. `has_token`: the student has no account,
    but a name that a token was made for. `digest` is the hash of the content, `copies` are the names of others in a
    report with the same content.
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
        """The name to show in tables."""
        return self.name or self.student

    def within(self, period: Period) -> Answers:
        """Returns the answers that were recorded in a period."""
        return replace(self, entries=tuple(entry for entry in self.entries if period.covers(entry.time)))


class TranscriptSource(NamedTuple):
    """The path of a transcript, and the name of its student unless its owner tells that."""

    path: str
    name: str | None = None


def sources(paths: Iterable[str]) -> list[TranscriptSource]:
    """Returns the transcripts at some paths, each once, however often it is named.

    A path may be the records of a class whose students have tokens, or the folder of one of these students.
    """
    students_in = cache(student_folders)  # cached, since many paths may lie in the same records
    by_path: dict[TranscriptSource, TranscriptSource] = {}
    for path in paths:
        students = students_in(path)
        named = (
            [_source(path, students_in)]
            if students is None
            else [TranscriptSource(student_path, name) for name, student_path in students.items()]
        )
        for source in named:
            by_path.setdefault(source._replace(path=os.path.abspath(source.path)), source)
    return list(by_path.values())


def _source(path: str, students_in: Callable[[str], Mapping[str, str] | None]) -> TranscriptSource:
    """Returns the transcript at a path, with the name of its student if its folder is in the records of a class."""
    records, name = os.path.split(os.path.abspath(folder_and_name(path)[0]))
    return TranscriptSource(path, name if name in (students_in(records) or ()) else None)


class TranscriptBatch(NamedTuple):
    """The transcripts at some paths, with a line for each that was left out; `is_own`: only the reader's own."""

    answers: tuple[Answers, ...]
    left_out: tuple[str, ...]
    is_own: bool = False


def read_transcripts(paths: Iterable[str]) -> TranscriptBatch:
    """Reads the transcripts at paths of folders or of files (.jsonl), sorted by the names of their students.

    The reader's own counts only if it is the only path: then a student reads the own answers, and no class.
    """
    paths = list(paths)
    answers, left_out, own = [], [], []
    seen: dict[tuple[int, int], str] = {}
    all_of_them = sources(paths)
    # False for the only student in the records of a class, whose path is not that of the records.
    is_alone = [path for path, _name in all_of_them] == paths[:1]
    for path, name in all_of_them:
        try:
            file = _read(path)
            if file.owner == os.getuid() and (name is None or is_alone):
                own.append(path)
                if len(all_of_them) > 1:
                    continue
                if file.identity is None:  # in a class, this is a student who has not begun
                    raise OSError(errno.ENOENT, _("there is no transcript in it; the first lesson begins one"))
            student = name_of(file.owner) if name is None else shown_name(name)
            if file.identity not in seen:
                answers.append(replace(answers_of(file.content, student), has_token=name is not None))
            elif seen[file.identity] != student:
                template = _("it is the file of {name} by another name (a hard link)")
                raise OSError(errno.EINVAL, template.format(name=seen[file.identity]))
            if file.identity is not None:
                seen[file.identity] = student
        except OSError as failure:
            left_out.append(labeled(shown_name(path), reason(failure)))
    if not answers and len(all_of_them) > 1:
        left_out += [labeled(shown_name(path), _(OWN)) for path in own]
    answers.sort(key=lambda of_student: of_student.student)
    return TranscriptBatch(tuple(answers), tuple(left_out), bool(own) and len(all_of_them) == 1)


def _read(path: str) -> UntrustedFile:
    """Reads the transcript at a path: the file itself, or the one in a folder; raises OSError if there is none."""
    folder, name = folder_and_name(path)
    file = read_untrusted(folder, name, MOST_BYTES)
    if file.identity is None and path == folder:
        return read_untrusted(folder, PRIVATE_NAME, MOST_BYTES)
    if file.identity is None:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    return file


def folder_and_name(path: str) -> tuple[str, str]:
    """Splits the path of a transcript into folder and file name; in a folder, it has its usual name."""
    return os.path.split(path) if path.endswith(".jsonl") else (path, FILE_NAME)


def name_of(user: int) -> str:
    """Returns the name of a user from the password database, made printable; `user 1234` if unknown."""
    import pwd  # it is missing on Windows, where nobody reads files of others

    try:
        return shown_name(pwd.getpwuid(user).pw_name)
    except KeyError:
        return f"user {user}"


class LineReader:
    """A parser of a growing transcript, which also accepts a last line without its end.

    `cut` and `unreadable` count damaged lines, as in Answers.
    """

    def __init__(self) -> None:
        self.tail = Tail()
        self.cut = self.unreadable = 0

    def entries(self, content: bytes, most: int | None = None) -> list[Entry]:
        """Returns the entries of the lines that follow those read before, at most `most` of them."""
        lines, rest = self.tail.lines(content, most)
        if rest and parse_line(rest) is not None:
            lines.append(rest)
            self.tail.start += len(rest)
        return [entry for line in lines if (entry := self._read(line)) is not None]

    def _read(self, line: bytes) -> Entry | None:
        """Parses a line; counts it as unreadable, or as cut, if it is invalid."""
        entry = parse_line(line) if line else None
        if entry is None and line.endswith(b"}"):
            self.unreadable += 1
        elif entry is None and line:
            self.cut += 1
        return entry


def answers_of(content: bytes, student: str) -> Answers:
    """Parses a whole transcript; raises OSError if it has more lines than a student could write."""
    if content.count(b"\n") > MOST_LINES:
        raise OSError(0, _("it has more than {most} lines").format(most=MOST_LINES))
    reader = LineReader()
    entries = reader.entries(content + b"\n")  # the last line counts even if it is unfinished
    is_broken = bool(content) and parse_line(content.partition(b"\n")[0]) is None
    digest = sha256(content).digest()
    return Answers(student, tuple(entries), reader.cut, reader.unreadable, is_broken, digest=digest)


class GrowingTranscripts:
    """The transcripts at some paths, followed as they grow; the reader's own is left out unless it is the only one.

    `students` are the names of their students; `left_out` has the reasons why a path cannot be read, or why nobody is
    there, if all are the reader's own.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.students: dict[Student, str] = {}
        self.left_out: dict[str, str] = {}
        self._readers = {source: LineReader() for source in sources(paths)}

    def read_new(self) -> Iterator[tuple[Student, Entry]]:
        """Yields the entries that were not read yet, with the student who wrote each."""
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
    """Returns the owner of a transcript, and some entries that were not read yet; raises OSError if it is refused."""
    tail = reader.tail
    start = tail.start
    file = read_untrusted(*folder_and_name(path), MOST_BYTES, start=start, piece=BYTES_A_LOOK)
    if not tail.is_of(file.identity, file.size) and start:  # a replaced file is read from its start the next time
        return file.owner, []
    start = tail.start
    entries = reader.entries(file.content, LINES_A_LOOK)
    if tail.start == start and len(file.content) == BYTES_A_LOOK:  # no valid line is so long: it is skipped
        tail.start += BYTES_A_LOOK
    return file.owner, entries
