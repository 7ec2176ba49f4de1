"""Where lessons come from: the package, a teacher's folder, a file; in order, found by id, number or path."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

from quadfit_tui.core.files import access, folders, refusals, virtual_files
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.text.quoting import (
    LONGEST_TEXT,
    did_you_mean,
    normalized,
    quoted,
    shown_name,
    with_allowed,
    with_problem,
)
from quadfit_tui.teaching.notation.headings import SUFFIX, names_of_lessons
from quadfit_tui.teaching.notation.lesson import Lesson
from quadfit_tui.teaching.notation.reading.notation import LARGEST_LESSON, read_lesson
from quadfit_tui.teaching.notation.reading.notation_error import NotationError

_DOCUMENTS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # first bytes of .docx and .odt, and of .doc
MOST_LESSONS = 200  # limit of a folder, translations included
# Earlier ids of lessons, and the id of the lesson that has what they taught.
_PRESENT_IDS: Mapping[str, str] = {
    "one-update": "update",
    "gradient": "update",
    "stopping": "batches",
    "adam": "scaling",
}


def current_id(name: str, ids: Collection[str]) -> str:
    """Returns the present id for an id that a lesson had earlier; one of `ids` is returned unchanged."""
    return name if name in ids else _PRESENT_IDS.get(name, name)


class LessonError(ValueError):
    """The error of a lesson that does not exist or cannot be read; `lines` name all faults, the message the first."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        return self.lines[0]


class Catalog(NamedTuple):
    """Lessons in order of their files' names; `refused` has a line for each file that cannot be read as a lesson."""

    lessons: tuple[Lesson, ...]
    refused: tuple[str, ...] = ()

    @classmethod
    @cache  # they never change, and reading all takes longer than a key press may
    def packaged(cls, language: str = "en") -> Catalog:
        """Returns the packaged lessons, translated to `language` if there are translations; read once."""
        return cls.of_texts(virtual_files.program_files("teaching/lessons"), language)

    @classmethod
    def of_folder(cls, folder: str, language: str = "en") -> Catalog:
        """Reads the lessons of a user's folder, at once; raises LessonError if it cannot be read or has none."""
        try:
            texts = folders.folder_files(folder, SUFFIX, LARGEST_LESSON, MOST_LESSONS)
        except OSError as failure:
            problem = _("{folder} cannot be read: {problem}; allowed: a folder of lessons")
            problem = problem.format(folder=shown_name(folder), problem=refusals.reason(failure))
            raise LessonError(problem) from None
        catalog = cls.of_texts(texts, language)
        if not catalog.lessons and not catalog.refused:
            problem = _("{folder} holds no lesson; allowed: a folder with files such as 03-rate.md")
            raise LessonError(problem.format(folder=shown_name(folder)))
        return catalog

    @classmethod
    def of_texts(cls, texts: Mapping[str, bytes], language: str) -> Catalog:
        """Parses lessons from files' contents by path; a translation, `de/03-rate.md`, replaces its original.

        A translation for a country precedes one for the language alone: `zh_CN/03-rate.md`, then `zh/03-rate.md`.
        If a translation cannot be read, the next of the lesson's files is tried.
        """
        lessons: dict[str, Lesson] = {}
        refused = []
        for names in names_of_lessons(texts, language):
            for name in names:
                try:
                    lesson = read_content(texts[name], name)
                except LessonError as failure:
                    refused.append(str(failure))
                    continue
                if lesson.id in lessons:
                    problem = _("{file} has the id of {other}, {id}")
                    other = lessons[lesson.id].file_name
                    refused.append(problem.format(file=shown_name(name), other=other, id=repr(lesson.id)))
                else:
                    lessons[lesson.id] = lesson
                break
        return cls(tuple(lessons.values()), tuple(refused))

    def find(self, name: str) -> Lesson:
        """Returns the lesson that a user names by id, number from 1, file name (also former ones), or path of a file.

        Raises LessonError if there is none, or the file cannot be read.
        """
        if "/" in name or name.endswith(SUFFIX):
            return read_file(name)
        plain = name if len(name) > LONGEST_TEXT else normalized(name)
        for number, lesson in enumerate(self.lessons, 1):
            if plain in (lesson.id, str(number), lesson.file_name.removesuffix(SUFFIX)):
                return lesson
        ids = [lesson.id for lesson in self.lessons]
        present = current_id(re.sub(r"^\d\d-", "", plain), ids)  # files had other numbers formerly
        if present in ids:
            return self.lessons[ids.index(present)]
        if ids:
            numbers = _("1 to {last}").format(last=len(ids)) if len(ids) > 1 else "1"
            allowed = _("{lessons} or a file that ends in {suffix}").format(
                lessons=comma_separated([numbers, *ids]), suffix=SUFFIX
            )
        else:
            allowed = _("a file that ends in {suffix}").format(suffix=SUFFIX)
        problem = did_you_mean(_("{name} is not a lesson").format(name=quoted(name)), name, ids)
        raise LessonError(with_allowed(problem, allowed))


def read_file(path: str) -> Lesson:
    """Reads and parses a lesson file of a user; raises LessonError if it is unreadable or no lesson."""
    try:
        content = access.read(path, LARGEST_LESSON)
    except OSError as failure:
        refusal = refusals.read_error_with_allowed(failure, _("a lesson file"), LARGEST_LESSON)
        raise LessonError(with_problem(shown_name(path), refusal)) from None
    return read_content(content, os.path.basename(path), path)


def read_content(content: bytes, name: str, path: str = "") -> Lesson:
    """Parses the content of a lesson file named `name`.

    Raises LessonError, whose lines name the file by `path`, or by `name` if that is empty.
    """
    shown = shown_name(path or name)
    try:
        return read_lesson(content.decode(), name)
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        if content.startswith(_DOCUMENTS):
            why = _("is not text in UTF-8 but a document of a word processor; save it as plain text in UTF-8")
        else:
            why = _("is not text in UTF-8 but in another encoding; save it as plain text in UTF-8")
        raise LessonError(f"{shown}:{line}: {why}") from None
    except NotationError as wrong:
        raise LessonError(*(f"{shown}:{error.line}: {error.reason}" for error in (wrong, *wrong.others))) from None
