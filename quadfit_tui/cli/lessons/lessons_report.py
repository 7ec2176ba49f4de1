"""`quadfit-tui lessons report PATH…`: what a class answered, for the teacher; one's own answers, for a student."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.help import GroupedHelpCommand
from quadfit_tui.cli.lessons.lessons_command import catalog_of
from quadfit_tui.cli.options import FileName, ParameterType, refuse
from quadfit_tui.cli.output import (
    BAD_INPUT,
    CRASHED,
    LEFT_OUT,
    NAME,
    OK,
    aligned,
    complain,
    end_with_reader,
    open_output,
)
from quadfit_tui.core.config.value_types import Choice
from quadfit_tui.core.text.quoting import did_you_mean, quoted

if TYPE_CHECKING:
    from quadfit_tui.core.lessons.lesson import Lesson

_TABLE, _CSV, _JSONL = _STYLES = ("table", "csv", "jsonl")
_EXAMPLES = (
    (f"{NAME} lessons report /home/*/lessons", "the class, by the teacher, with no need for sudo"),
    (f"{NAME} lessons report --lesson rate --words /home/*/lessons", "one lesson, with what was written in it"),
    (f"{NAME} lessons report -f csv /home/*/lessons > class.csv", "a row for each student and step, for a spreadsheet"),
    (f"{NAME} lessons report ~/lessons", "your own answers, beside the right ones"),
)
_EXIT_CODES = (
    (f"{OK}", "all was read"),
    (f"{CRASHED}", "internal error; one line names the file with the report"),
    (f"{BAD_INPUT}", "invalid input, or nothing could be read"),
    (f"{LEFT_OUT}", "some of it was left out; one line names each"),
)

beside_option = click.option(
    "--lessons", "folder", metavar="DIR", type=FileName(), help="folder of lessons, beside those of the program"
)
as_root_option = click.option(
    "--as-root", is_flag=True, help="also allow root, which is refused otherwise: students could abuse its rights"
)


@click.command("report", cls=GroupedHelpCommand, examples=_EXAMPLES, exit_codes=_EXIT_CODES)
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=FileName(),
    help="folder with a transcript, or the transcript",
)
@beside_option
@click.option("--lesson", metavar="ID", help="only this lesson [all that somebody has begun]")
@click.option("--since", metavar="DATE", help="only what was done from this day on, such as 2026-09-21 (UTC)")
@click.option(
    "-f",
    "--format",
    "style",
    type=ParameterType(Choice(_STYLES)),
    default=_TABLE,
    help="table, or a row for each student and step as csv or jsonl [table]",
)
@click.option("--words", is_flag=True, help="also show the explanations that were written")
@as_root_option
def lessons_report(
    paths: tuple[str, ...],
    folder: str | None,
    lesson: str | None,
    since: str | None,
    style: str,
    words: bool,
    as_root: bool,
) -> int:
    """Report what students answered. PATH is a folder with a transcript, such as ~anna/lessons.

    Answers are judged anew. A student is whoever owns the file, and your own counts only where it is the only PATH.
    """
    refuse_reader("lessons report", as_root)
    if words and style != _TABLE:
        refuse("--words", f"has no effect with --format {style}, which has the explanations; allowed: with {_TABLE}")
    day = None if since is None else _day(since)
    end_with_reader()
    from quadfit_tui.core.classroom.report import Report
    from quadfit_tui.core.classroom.report_formats import csv_lines, json_lines, own_page, table
    from quadfit_tui.core.classroom.transcript_reader import read_transcripts

    lessons = all_lessons(folder)
    if lesson is not None and lesson not in (known := [each.id for each in lessons]):
        hint = did_you_mean(lesson, known)
        refuse("--lesson", f"there is no lesson {quoted(lesson)}{hint}; allowed: one of {', '.join(known)}")
    reading = read_transcripts(paths)
    for line in reading.left_out:
        complain(f"{NAME}: left out: {line}")
    if not reading.answers:
        complain(f"{NAME}: nothing could be read")
        return BAD_INPUT
    found = Report(lessons, reading.answers, lesson, day)
    if style == _TABLE:
        lines = own_page(lessons, reading.answers[0], lesson, day) if reading.is_own else table(found, words)
    else:
        lines = csv_lines(found) if style == _CSV else json_lines(found)
    with open_output(None) as put:
        put([aligned(line, sys.stdout) for line in lines])
    return LEFT_OUT if reading.left_out else OK


def refuse_reader(what: str, as_root: bool = False, or_else: str = ", or --as-root") -> None:
    """Refuses a system that tells no owners of files, and root, who could be made to read or break more.

    `what` reads files of students; `or_else` is what else is allowed to root.
    """
    if not hasattr(os, "getuid"):
        raise click.UsageError(f"{what} needs to know who owns each file, and only Linux and macOS tell that")
    if os.geteuid() == 0 and not as_root:
        raise click.UsageError(
            f"{what} is refused to root: it reads files of students, who could abuse the rights of root; "
            f"allowed: the account of a teacher{or_else}"
        )


def all_lessons(folder: str | None) -> list[Lesson]:
    """The lessons of a folder, and those of the program that have other ids."""
    found = {lesson.id: lesson for lesson in catalog_of(folder).lessons}
    if folder is not None:
        found = {**found, **{lesson.id: lesson for lesson in catalog_of(None).lessons if lesson.id not in found}}
    return list(found.values())


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        refuse("--since", f"{quoted(text)} is not a date; allowed: a day such as 2026-09-21")
