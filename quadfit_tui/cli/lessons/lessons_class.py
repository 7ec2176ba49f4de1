"""A class that votes: the options --class and --students; `lessons watch`, beside the projected screen."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.help import GroupedHelpCommand
from quadfit_tui.cli.lessons.lessons_report import all_lessons, as_root_option, beside_option, refuse_reader
from quadfit_tui.cli.options import FileName, refuse
from quadfit_tui.cli.output import (
    BAD_INPUT,
    CRASHED,
    INTERRUPTED,
    NAME,
    aligned,
    end_with_reader,
    interruptible,
    open_output,
)
from quadfit_tui.core.files.own_files import OwnFolder
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.text.width import wrapped

if TYPE_CHECKING:
    from quadfit_tui.core.classroom.classroom import Classroom, Question
    from quadfit_tui.core.classroom.tally import Tally
    from quadfit_tui.core.lessons.lesson import Lesson

STUDENTS = "/home/*/lessons"  # as in the recipe for a class
_CLEARED = "\x1b[H\x1b[J"  # the screen of a terminal, before what is new
_EXAMPLES = (
    (f"{NAME} lessons watch /srv/quadfit-tui/class", "the votes of all whose folders are in /home"),
    (f"{NAME} lessons watch /srv/quadfit-tui/class ~anna/lessons ~ben/lessons", "those of two students"),
)
_EXIT_CODES = (
    (f"{CRASHED}", "internal error; one line names the file with the report"),
    (f"{BAD_INPUT}", "invalid input; one line says what is allowed"),
    (f"{INTERRUPTED}", "you ended it (ctrl+c)"),
)


def classroom_of(folder: str | None, given: str = "--class") -> Classroom | None:
    """The folder of a class, if one is given, by an option or an argument; raises a usage error where there is none."""
    if folder is None:
        return None
    if not hasattr(os, "getuid"):
        raise click.UsageError(f"{given} needs to know who owns each file, and only Linux and macOS tell that")
    from quadfit_tui.core.classroom.classroom import Classroom

    room = Classroom(folder)
    try:
        _ = room.owner
    except OSError as failure:
        refuse(given, f"{quoted(folder)} cannot be read: {failure.strerror}; allowed: the folder of a class")
    return room


def taught_class(room: Classroom, pattern: str | None) -> tuple[str, ...]:
    """The paths of a class's transcripts, for its teacher; raises a usage error where that is somebody else."""
    refuse_reader("--teacher with --class", or_else="")
    if room.owner != os.getuid():
        refuse("--class", f"{quoted(room.folder)} belongs to somebody else; allowed to a teacher: a folder of your own")
    return _found(pattern or STUDENTS)


def class_folders(room: Classroom, taught: Sequence[str] | None) -> Iterator[OwnFolder]:
    """The folders of a class, in which nothing but its records is saved; `taught` are the paths of its transcripts."""
    from glob import escape

    from quadfit_tui.core.classroom.transcript_reader import folder_and_name

    yield OwnFolder(room.folder, "the question of your class is kept there")
    for path in taught or ():
        folder, name = folder_and_name(path)
        only = "" if path == folder else escape(name)  # a file that was named, among any others
        yield OwnFolder(folder or ".", "answers of a student are kept there", only=only)


def _found(pattern: str) -> tuple[str, ...]:
    """The paths that a pattern finds, which may be a path."""
    from glob import glob  # no other command has patterns

    return tuple(sorted(glob(os.path.expanduser(pattern))))


@click.command("watch", cls=GroupedHelpCommand, examples=_EXAMPLES, exit_codes=_EXIT_CODES)
@click.argument("room", metavar="DIR", type=FileName(), help="folder of the class, as for --class")
@click.argument(
    "paths", metavar="[PATH]...", nargs=-1, type=FileName(), help=f"folders with the transcripts [{STUDENTS}]"
)
@beside_option
@as_root_option
def lessons_watch(room: str, paths: tuple[str, ...], folder: str | None, as_root: bool) -> int:
    """Watch a class vote, on a screen that it does not see. It shows what is right, and who has not answered."""
    from quadfit_tui.ui.display.capabilities import is_dumb

    refuse_reader("lessons watch", as_root)
    classroom = classroom_of(room, "DIR")
    assert classroom is not None
    end_with_reader()
    lessons = all_lessons(folder)
    is_screen = sys.stdout is not None and sys.stdout.isatty() and not is_dumb(os.environ)
    with open_output(None) as put:
        try:
            with interruptible():
                for lines in _changes(classroom, _paths(paths), lessons):
                    text = [aligned(line, sys.stdout) for line in lines]
                    put(["\n".join([_CLEARED * is_screen + text[0], *text[1:]])])
        except KeyboardInterrupt:
            pass
    return INTERRUPTED


def _paths(paths: Sequence[str]) -> list[str]:
    """The paths that are named, which may be patterns in quotes; what finds nothing as it is, to be told of."""
    return [each for path in paths for each in _found(path) or [path]] if paths else list(_found(STUDENTS))


def _changes(room: Classroom, paths: Sequence[str], lessons: Sequence[Lesson]) -> Iterator[list[str]]:
    """What there is to see, whenever it has changed; looks once a second."""
    from quadfit_tui.core.classroom.classroom import INTERVAL
    from quadfit_tui.core.classroom.tally import Tally
    from quadfit_tui.core.classroom.vote import lesson_of
    from quadfit_tui.core.judging.facts import Facts

    tally: Tally | None = None
    notes: list[str] = []
    has_moved, nowhere = True, "The class is at no question yet."
    while True:
        has_moved |= room.look()
        question = room.question
        lesson = None if question is None else lesson_of(question, lessons)
        if question is None or lesson is None:
            tally = None
            if has_moved:
                yield [nowhere if question is None else "The class is at an unknown question."]
        else:
            if tally is None or question.place != (tally.lesson.id, tally.step.id):
                step, facts = lesson.by_id[question.step], Facts(lesson)
                tally = Tally(paths, lesson, step, facts)
                notes = [f"Note: {facts.said(note)}" for note in step.notes]
            if tally.look(question) or has_moved:
                yield watched(tally, question, notes)
        has_moved, nowhere = False, "The class is at no question."
        time.sleep(INTERVAL)


def watched(tally: Tally, question: Question, notes: Sequence[str]) -> list[str]:
    """What a teacher is to know of a vote, for no other eyes; `notes` are those of the lesson."""
    from quadfit_tui.core.classroom.classroom import ALONE, State
    from quadfit_tui.core.classroom.tally import bar_lines, counted_text
    from quadfit_tui.core.classroom.vote import VOTES

    at, silent = question.round, tally.silent(question.round)
    votes, right = tally.answered(at), tally.right(at)
    share = f" Right: {right} ({100 * right / votes:.0f} %)." if votes else ""
    said = [f"Not yet: {', '.join(silent)}."] * bool(silent)
    said += [tally.advice(at)] * (question.state is not State.SHOWN)
    said += [*notes, *(f"Left out: {path}: {why}" for path, why in tally.left_out.items())]
    return [
        *wrapped(f"{tally.step.title} ({tally.lesson.id}): {VOTES[at]}, {question.state.value}", LINE_WIDTH),
        counted_text(tally, question) + share,
        *bar_lines(tally, range(ALONE, at + 1), LINE_WIDTH, marks=True),
        *(line for text in said for line in wrapped(text, LINE_WIDTH)),
        "",
    ]
