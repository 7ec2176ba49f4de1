"""`lessons play`: lessons by lines on standard input and output; and which lessons the app is given."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, TYPE_CHECKING, NamedTuple

import click

from quadfit_tui.cli.help import GroupedHelpCommand, TableOption
from quadfit_tui.cli.lessons.lessons_class import class_folders, class_option, classroom_of, taught_class
from quadfit_tui.cli.lessons.lessons_command import catalog_of, folder_option, lesson_named, tell_faults
from quadfit_tui.cli.options import FileName, confined_option, given_names
from quadfit_tui.cli.output import (
    BAD_INPUT,
    CRASHED,
    FALSE_FACTS,
    INTERRUPTED,
    NAME,
    OK,
    complain,
    end_with_reader,
    interruptible,
    knows_unicode,
    open_output,
)
from quadfit_tui.cli.user_folders import data_folder
from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS
from quadfit_tui.core.files import access, own_files

# What loads NumPy or the reader of Markdown is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.classroom.classroom import Classroom
    from quadfit_tui.core.course.transcript import Transcript
    from quadfit_tui.core.dialogue.dialogue import Dialogue
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.lessons.catalog import Catalog
    from quadfit_tui.core.lessons.lesson import Lesson
    from quadfit_tui.ui.lessons.lesson_commands import Library

_LONGEST_LINE = 1000  # characters that are read of a line; more of it is left out
_EXAMPLES = (
    (f"{NAME} lessons play", "choose from the list of lessons"),
    (f"{NAME} lessons play rate", "a lesson by its name or number"),
    (f"{NAME} lessons play my-lesson.md", "a lesson of your own"),
)
_EXIT_CODES = (
    (f"{OK}", "you left, or the input ended"),
    (f"{CRASHED}", "internal error; one line names the file with the report"),
    (f"{BAD_INPUT}", "there is no such lesson, or it cannot be read; one line says why"),
    (f"{FALSE_FACTS}", "the lesson states what is not true; a line each names file and line"),
    (f"{INTERRUPTED}", "interrupted (ctrl+c)"),
)


def first_option() -> click.Option:
    """The option --lesson of the app: what `lessons play` is told by an argument."""
    help = "begin with a lesson: its id, number or file"
    return TableOption(["--lesson"], group="lessons", metavar="LESSON", type=FileName(), help=help)


def taking_options(by_lines: bool = False) -> Iterator[click.Option]:
    """The options of whoever takes lessons, in the app or by lines: --lessons, --class, --no-record, --teacher."""
    yield folder_option()
    yield class_option(by_lines)
    yield _option("--no-record", "do not record your answers to lessons")
    votes = "" if by_lines else "; with --class: have the class vote (V)"
    yield _option("--teacher", f"show the notes for teachers in lessons{votes}")


def spoken_option() -> click.Option:
    """The option --spoken of the app: the lessons by lines in its place."""
    return _option("--spoken", "take lessons line by line instead, as a screen reader reads best; also with TERM=dumb")


def _option(name: str, help: str) -> click.Option:
    return TableOption([name], group="lessons", is_flag=True, help=help)


class ChosenLessons(NamedTuple):
    """The lessons for the app: `catalog` is None for those of the program, which are read when they are asked for."""

    catalog: Catalog | None
    first: Lesson | None  # to begin with
    records: bool
    shows_notes: bool
    is_checked: bool  # whether they are the program's
    classroom: Classroom | None
    students: tuple[str, ...] | None  # the transcripts of the class, for its teacher

    def library(self) -> Library:
        """What the app is given of them."""
        from quadfit_tui.ui.lessons.lesson_commands import Library

        def read() -> Catalog:
            return self.catalog or catalog_of(None)

        return Library(
            lambda: read().lessons,
            lambda: own_transcript(self.records),
            self.first,
            lambda lesson: self.is_checked and lesson in read().lessons,
            self.shows_notes,
            self.classroom,
            self.students,
        )


def chosen_lessons(
    lesson: str | None, folder: str | None, room: str | None, students: str | None, *, records: bool, shows_notes: bool
) -> ChosenLessons:
    """The lessons for the app, the one that it begins with, the class; raises a usage error where they cannot be."""
    classroom = classroom_of(room)
    if students is not None and not (shows_notes and classroom):
        raise click.UsageError("--students requires --teacher and --class DIR")
    taught = taught_class(classroom, students) if classroom is not None and shows_notes else None
    if classroom is not None:
        own_files.declare("class", partial(class_folders, classroom, taught))
    catalog = None if lesson is None and folder is None else catalog_of(folder)
    if lesson is not None:
        for name in given_names():
            if name in ("preset", "config_file", "play", "at", DIGEST, *PARAMETERS):
                params = click.get_current_context().command.params
                option = next(param.opts[-1] for param in params if param.name == name)
                raise click.UsageError(f"{option} has no effect with --lesson, which sets the runs itself")
    first = lesson_named(lesson, catalog, "--lesson") if lesson is not None and catalog is not None else None
    # The screen of a class that votes is projected: there the notes are for `lessons watch`.
    return ChosenLessons(catalog, first, records, shows_notes and taught is None, folder is None, classroom, taught)


def own_transcript(records: bool) -> Transcript:
    """The user's transcript, or one that nothing is written of."""
    from quadfit_tui.core.course.transcript import Transcript, place

    return Transcript(place(data_folder()) if records else None)


@click.command(
    "play",
    cls=GroupedHelpCommand,
    params=[*taking_options(by_lines=True), confined_option()],
    examples=_EXAMPLES,
    exit_codes=_EXIT_CODES,
)
@click.argument("name", metavar="[LESSON]", required=False, type=FileName(), help="id or number of a lesson, or a file")
def play(name: str | None, folder: str | None, room: str | None, no_record: bool, teacher: bool) -> int:
    """Take lessons line by line, with commands in words. Your answers are recorded."""
    return play_lessons(name, folder, room, records=not no_record, shows_notes=teacher)


def play_lessons(name: str | None, folder: str | None, room: str | None, *, records: bool, shows_notes: bool) -> int:
    """Has a dialogue on standard input and output, about a lesson or the list of them; gives the exit code.

    Raises a usage error where there is no such lesson.
    """
    if sys.stdin is None:
        raise click.UsageError("standard input is closed; open it")
    from quadfit_tui.core.dialogue.dialogue import Dialogue
    from quadfit_tui.core.judging.check import check

    catalog, classroom = catalog_of(folder), classroom_of(room)
    known = {each.digest for each in catalog.lessons} if folder is None else set()  # those of the program are checked
    lesson = None if name is None else lesson_named(name, catalog)
    if lesson is not None and lesson.digest not in known:
        if faults := check(lesson):
            tell_faults(name or lesson.file_name, faults)
            return FALSE_FACTS
        known.add(lesson.digest)
    transcript = own_transcript(records)
    dialogue = Dialogue(catalog, transcript, known=frozenset(known), shows_notes=shows_notes, classroom=classroom)
    access.never_wait()  # for what is named in the dialogue
    end_with_reader()
    try:
        return _converse(dialogue, lesson, classroom is not None)
    finally:
        if unrecorded := transcript.finish():
            complain(f"{NAME}: {unrecorded}")


def _converse(dialogue: Dialogue, lesson: Lesson | None, has_class: bool) -> int:
    """Has a dialogue on standard input and output; gives the exit code."""
    with open_output(None) as put:
        try:
            with interruptible():
                _say(put, dialogue.begin(lesson))
                for line in _lines_and_pauses(sys.stdin.fileno()) if has_class else _lines(sys.stdin):
                    _say(put, dialogue.look() if line is None else dialogue.take(line))
                    if dialogue.is_over:
                        return OK
        except KeyboardInterrupt:
            _say(put, dialogue.leave())
            return INTERRUPTED
        _say(put, dialogue.leave())
    return OK


def _say(put: WriteLines, texts: Iterable[str]) -> None:
    """Writes texts, each as soon as it is there."""
    from quadfit_tui.core.text.ascii import ascii_of
    from quadfit_tui.core.text.sentences import lines_to_hear

    spell = str if knows_unicode(sys.stdout) else ascii_of
    for text in texts:
        put(lines_to_hear(text, spell))


def _lines(stream: IO[str]) -> Iterator[str]:
    """The lines that are typed; of one that is too long the beginning."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    while line := stream.readline(_LONGEST_LINE):
        rest = line
        while rest and not rest.endswith("\n"):
            rest = stream.readline(_LONGEST_LINE)
        yield line


def _lines_and_pauses(descriptor: int) -> Iterator[str | None]:
    """The lines that are typed, the same way; None whenever nothing was for so long that there may be news."""
    from select import select

    from quadfit_tui.core.classroom.classroom import INTERVAL

    typed = b""
    yield None
    while True:
        if not select([descriptor], [], [], INTERVAL)[0]:
            yield None
            continue
        read = os.read(descriptor, _LONGEST_LINE)
        *lines, rest = (typed + read).split(b"\n")
        typed = rest[:_LONGEST_LINE]
        if not read and rest:
            lines.append(rest)
        yield from (line[:_LONGEST_LINE].decode(errors="replace") for line in lines)
        if not read:
            return
