"""A class: the option --class; `lessons report`, what it has answered; `lessons watch`, how it votes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.exit_codes import BAD_INPUT, CRASH, CRASHED, FALSE_FACTS, INTERRUPTED, LEFT_OUT, OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe, interruptible
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.cli.output.printing import NAME, aligned, fail, knows_unicode, print_error
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, HelpArgument, TableOption
from quadfit_tui.cli.parsing.option_types import FileName, ParameterType
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.core.config.value_types import Choice
from quadfit_tui.core.files import refusals
from quadfit_tui.core.files.folders import matches
from quadfit_tui.core.files.protected_files import ProtectedFolder
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import ENGLISH, N_, _, comma_separated, one_of, paragraph
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed, with_problem
from quadfit_tui.core.text.width import wrapped
from quadfit_tui.teaching.cli.lessons_command import catalog_of
from quadfit_tui.teaching.cli.lessons_options import STUDENTS, LessonName

# Modules that load NumPy or the Markdown parser are imported by the functions that need them.
if TYPE_CHECKING:
    from quadfit_tui.teaching.classroom.classroom import Classroom, Question
    from quadfit_tui.teaching.classroom.tally import Tally
    from quadfit_tui.teaching.notation.lesson import Lesson

_CLEARED = "\x1b[H\x1b[J"  # clears the screen of a terminal
_WATCH_EXAMPLES = (
    (f"{NAME} lessons watch /srv/quadfit-tui/class", N_("the votes of all whose folders are in /home")),
    (f"{NAME} lessons watch /srv/quadfit-tui/class ~anna/lessons ~ben/lessons", N_("those of two students")),
)
_WATCH_EXIT_CODES = (
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input; one line says what is allowed")),
    (f"{INTERRUPTED}", N_("you ended it (ctrl+c)")),
)
_TABLE, _CSV = _STYLES = ("table", "csv")
_REPORT_EXAMPLES = (
    (f"{NAME} lessons report /home/*/lessons", N_("the class, by the teacher, with no need for sudo")),
    (f"{NAME} lessons report --lesson rate --words /home/*/lessons", N_("one lesson, with what was written in it")),
    (
        f"{NAME} lessons report -f csv /home/*/lessons > class.csv",
        N_("a row for each student and step, for a spreadsheet"),
    ),
    (f"{NAME} lessons report ~/lessons", N_("your own answers, beside the right ones")),
)
_REPORT_EXIT_CODES = (
    (f"{OK}", N_("all was read")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input, or nothing could be read")),
    (f"{FALSE_FACTS}", N_("a lesson of --lessons states what is not true; one line tells what")),
    (f"{LEFT_OUT}", N_("some of it was left out; one line names each")),
)

_FALSE = N_("a lesson states what is not true, of which '{program} lessons check FILE' tells all: {problem}")

_option = partial(click.option, cls=TableOption)
_argument = partial(click.argument, cls=HelpArgument)
_beside_option = _option(
    "--lessons", "folder", metavar="DIR", type=FileName(), help=N_("folder of lessons, beside those of the program")
)
_as_root_option = _option(
    "--as-root",
    is_flag=True,
    help=N_("also allow root, which is refused otherwise: students could abuse its rights"),
)


@click.command(
    "report",
    cls=GroupedHelpCommand,
    examples=_REPORT_EXAMPLES,
    exit_codes=_REPORT_EXIT_CODES,
    help=N_(
        "Report what students answered. PATH is a folder with a transcript, such as ~anna/lessons.\n\n"
        "Answers are judged anew. A student is whoever owns the file, or has the token of its folder; your own counts "
        "only where it is the only PATH."
    ),
)
@_argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=FileName(),
    help=N_("folder with a transcript, the transcript, or the folder of 'serve --records'"),
)
@_beside_option
@_option("--lesson", metavar="ID", type=LessonName(), help=N_("only this lesson [all that somebody has begun]"))
@_option("--since", metavar="DATE|TIME", help=N_("only what was done from then on, such as 2026-09-21 (UTC)"))
@_option(
    "--until", metavar="DATE|TIME", help=N_("only to the end of this day, or before a time: 2026-09-21T14:30 (UTC)")
)
@_option(
    "--names", metavar="FILE", type=FileName(), help=N_("names for accounts: a CSV file, columns account and name")
)
@_option(
    "-f",
    "--format",
    "style",
    type=ParameterType(Choice(_STYLES)),
    default=_TABLE,
    help=N_("table, or a row for each student and step as csv [table]"),
)
@_option("--words", is_flag=True, help=N_("also show the explanations that were written"))
@_as_root_option
def lessons_report(
    paths: tuple[str, ...],
    folder: str | None,
    lesson: str | None,
    since: str | None,
    until: str | None,
    names: str | None,
    style: str,
    words: bool,
    as_root: bool,
) -> int:
    """Prints what students answered (`lessons report`); returns the exit code."""
    refuse_reader("lessons report", as_root)
    if words and style != _TABLE:
        template = _("has no effect with --format {style}, which has the explanations; allowed: with {table}")
        refuse("--words", template.format(style=style, table=_TABLE))
    from quadfit_tui.teaching.classroom.report import Report
    from quadfit_tui.teaching.classroom.report_formats import csv_lines, own_page, report_table
    from quadfit_tui.teaching.classroom.transcript_reader import Period, read_transcripts
    from quadfit_tui.teaching.judging.check import first_fault
    from quadfit_tui.teaching.judging.facts import TooMuchWorkError
    from quadfit_tui.teaching.notation.catalog import current_id
    from quadfit_tui.teaching.notation.expression import ExpressionError

    period = Period(_time("--since", since), _time("--until", until, is_end=True))
    if period.since and period.until and period.since >= period.until:
        template = _("{time} is not after --since; allowed: a later day or time")
        refuse("--until", template.format(time=quoted(until or "")))
    known_names = {} if names is None else _names(names)
    exit_on_broken_pipe()

    language = None if style == _TABLE else ENGLISH  # programs read English
    lessons = _all_lessons(folder, language)
    known = [known_lesson.id for known_lesson in lessons]
    if lesson is not None and (lesson := current_id(name := lesson, known)) not in known:
        problem = did_you_mean(_("there is no lesson {name}").format(name=quoted(name)), name, known)
        refuse("--lesson", with_allowed(problem, one_of(known)))
    reading = read_transcripts(_paths(paths))
    for line in reading.left_out:
        message = _("left out: {problem}").format(problem=line)
        print_error(f"{NAME}: {message}")
    if not reading.answers:
        return fail(_("nothing could be read"))
    answers = [replace(own, name=known_names.get(own.student.lower(), "")) for own in reading.answers]
    try:
        report = Report(lessons, answers, lesson, period)
        if style == _TABLE:
            ascii = not knows_unicode(sys.stdout)
            own = reading.is_own
            lines = own_page(lessons, answers[0], lesson, period, ascii) if own else report_table(report, words, ascii)
        else:
            lines = csv_lines(report)
    except (ExpressionError, TooMuchWorkError) as failure:
        print_error(f"{NAME}: {_(_FALSE).format(program=NAME, problem=failure)}")
        return FALSE_FACTS
    with open_output(None) as put:
        put([aligned(line, sys.stdout) for line in lines])
    faults = [first_fault(lesson) for lesson in report.lessons if lesson not in catalog_of(None, language).lessons]
    for fault in filter(None, faults):
        print_error(f"{NAME}: {_(_FALSE).format(program=NAME, problem=fault)}")
    if any(faults):
        return FALSE_FACTS
    return LEFT_OUT if reading.left_out else OK


def refuse_reader(what: str, as_root: bool = False, may_be_root: bool = True) -> None:
    """Raises a usage error on a system without owners of files, and for root, before students' files are read.

    Students could abuse the rights of root. `what` names the command; `may_be_root`: whether it has --as-root.
    """
    _refuse_without_owners(what)
    if os.geteuid() == 0 and not as_root:
        template = _("{command} is refused to root: it reads files of students, who could abuse the rights of root")
        allowed = _("the account of a teacher, or --as-root") if may_be_root else _("the account of a teacher")
        raise click.UsageError(with_allowed(template.format(command=what), allowed))


def _refuse_without_owners(what: str) -> None:
    if not hasattr(os, "getuid"):
        template = _("{command} needs to know who owns each file, and only Linux and macOS tell that")
        raise click.UsageError(template.format(command=what))


def _all_lessons(folder: str | None, language: str | None = None) -> list[Lesson]:
    """Returns the lessons of a folder, and those of the program with other ids; by default in the user's language."""
    by_id = {lesson.id: lesson for lesson in catalog_of(folder, language).lessons}
    if folder is not None:
        others = catalog_of(None, language).lessons
        by_id |= {lesson.id: lesson for lesson in others if lesson.id not in by_id}
    return list(by_id.values())


def _time(option: str, text: str | None, is_end: bool = False) -> datetime | None:
    """Parses the value of --since or --until, in UTC by default; a day is its beginning, with `is_end` its end."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        is_day = moment == datetime.combine(moment, datetime.min.time()) and ":" not in text
        moment += timedelta(days=is_day and is_end)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        template = _("{text} is not a date; allowed: a day such as 2026-09-21, or a time such as 2026-09-21T14:30")
        refuse(option, template.format(text=quoted(text)))


def _names(path: str) -> Mapping[str, str]:
    """Reads the names of students by account from the file of --names; raises a usage error if it is unusable."""
    from quadfit_tui.core.files import access
    from quadfit_tui.core.model.name_tables import MOST_BYTES, TableError, account_names

    try:
        return account_names(access.read(path, MOST_BYTES))
    except OSError as failure:
        refuse(
            "--names",
            with_problem(quoted(path), refusals.read_error_with_allowed(failure, _("a CSV file"), MOST_BYTES)),
        )
    except TableError as refused:
        refuse("--names", with_problem(quoted(path), str(refused)))


def classroom_of(folder: str | None, option: str = "--class") -> Classroom | None:
    """Returns the class in the folder of an option or argument, or None; raises a usage error if unreadable."""
    if folder is None:
        return None
    _refuse_without_owners(option)
    from quadfit_tui.teaching.classroom.classroom import Classroom

    room = Classroom(folder)
    try:
        _owner = room.owner
    except OSError as failure:
        problem = with_problem(quoted(folder), refusals.read_error(failure))
        refuse(option, with_allowed(problem, _("the folder of a class")))
    return room


def taught_class(room: Classroom, patterns: Sequence[str]) -> tuple[str, ...]:
    """Returns the paths of a class's transcripts, for its teacher (--teacher with --class).

    Raises a usage error if somebody else owns the folder of the class, or if a pattern matches nothing.
    """
    refuse_reader(_("--teacher with --class"), may_be_root=False)
    if room.owner != os.getuid():
        template = _("{folder} belongs to somebody else; allowed to a teacher: a folder of your own")
        refuse("--class", template.format(folder=quoted(room.folder)))
    for pattern in patterns:
        if not matches(pattern):
            allowed = _("folders with transcripts, in quotes, or the folder of 'serve --records'")
            refuse("--students", with_allowed(_("{pattern} matches nothing").format(pattern=quoted(pattern)), allowed))
    return tuple(_paths(patterns))


def class_folders(room: Classroom, taught: Sequence[str] | None) -> Iterator[ProtectedFolder]:
    """Yields the folders of a class where nothing else is saved; `taught` are the paths of its transcripts."""
    from glob import escape

    from quadfit_tui.teaching.classroom.transcript_reader import folder_and_name, sources

    yield ProtectedFolder(room.folder, _("the question of your class is kept there"))
    for path, _name in sources(taught or ()):
        folder, name = folder_and_name(path)
        only = "" if path == folder else escape(name)  # a named file is protected alone, and not its folder
        yield ProtectedFolder(folder or ".", _("answers of a student are kept there"), only=only)


def _help_of_paths() -> str:
    return _("folders with the transcripts [{folders}]").format(folders=STUDENTS)


@click.command(
    "watch",
    cls=GroupedHelpCommand,
    examples=_WATCH_EXAMPLES,
    exit_codes=_WATCH_EXIT_CODES,
    help=N_(
        "Watch a class, on a screen that it does not see: who is at which step; of a vote, what is right and who votes."
    ),
)
@_argument("room", metavar="DIR", type=FileName(), help=N_("folder of the class, as for --class"))
@_argument("paths", metavar="[PATH]...", nargs=-1, type=FileName(), help=_help_of_paths)
@_beside_option
@_as_root_option
def lessons_watch(room: str, paths: tuple[str, ...], folder: str | None, as_root: bool) -> int:
    """Shows the votes and the pace of a class until interrupted (`lessons watch`); returns the exit code."""
    from quadfit_tui.ui.display.capabilities import is_dumb

    refuse_reader("lessons watch", as_root)
    classroom = classroom_of(room, "DIR")
    assert classroom is not None
    exit_on_broken_pipe()
    lessons = _all_lessons(folder)
    is_screen = sys.stdout is not None and sys.stdout.isatty() and not is_dumb(os.environ)
    with open_output(None) as put, suppress(KeyboardInterrupt), interruptible():
        for lines in _changes(classroom, _paths(paths), lessons):
            text = [aligned(line, sys.stdout) for line in lines]
            put(["\n".join([_CLEARED * is_screen + text[0], *text[1:]])])
    return INTERRUPTED


def _paths(patterns: Sequence[str]) -> list[str]:
    """Returns the paths that match patterns, by default those of STUDENTS; keeps unmatched patterns, to be reported."""
    return [path for pattern in patterns or [STUDENTS] for path in matches(pattern) or [pattern]]


def _changes(room: Classroom, paths: Sequence[str], lessons: Sequence[Lesson]) -> Iterator[list[str]]:
    """Yields the lines of the screen of `lessons watch` whenever they change; checks once a second, without an end."""
    from quadfit_tui.teaching.classroom.classroom import INTERVAL
    from quadfit_tui.teaching.classroom.pace import Pace, pace_lines
    from quadfit_tui.teaching.classroom.tally import Tally
    from quadfit_tui.teaching.classroom.vote import lesson_of
    from quadfit_tui.teaching.judging.facts import Facts

    tally: Tally | None = None
    notes: list[str] = []
    pace = Pace(paths, lessons)
    has_moved, nowhere = True, _("The class is at no question yet.")
    while True:
        has_moved |= room.refresh()
        has_moved |= pace.refresh()
        question = room.question
        lesson = None if question is None else lesson_of(question, lessons)
        if question is None or lesson is None:
            tally, lesson = None, pace.lesson
            lines = [nowhere if question is None else _("The class is at an unknown question.")]
        else:
            if tally is None or question.place != (tally.lesson.id, tally.step.id):
                step, facts = lesson.by_id[question.step], Facts(lesson)
                tally = Tally(paths, lesson, step, facts)
                notes = [_("Note: {note}").format(note=facts.render_prose(note)) for note in step.notes]
            has_moved |= tally.refresh(question)
            lines = vote_lines(tally, question, notes)
        template = _("Left out: {path}: {problem}")
        for path, problem in pace.left_out.items():
            lines += wrapped(template.format(path=path, problem=problem), LINE_WIDTH)
        if has_moved:
            steps = [] if lesson is None else pace_lines(lesson, pace.places(lesson), LINE_WIDTH)
            if steps:
                lines += ["", *steps]
            if steps or tally:
                lines.append("")
            yield lines
            nowhere = _("The class is at no question.")
        has_moved = False
        time.sleep(INTERVAL)


def vote_lines(tally: Tally, question: Question, notes: Sequence[str]) -> list[str]:
    """Renders the state of a vote for the teacher only: bars, share of right votes, who is missing, advice, `notes`."""
    from quadfit_tui.teaching.classroom.classroom import ALONE, VoteState
    from quadfit_tui.teaching.classroom.tally import bar_lines, counted_text
    from quadfit_tui.teaching.classroom.vote import VOTES
    from quadfit_tui.teaching.notation.lesson import StepKind

    round, silent = question.round, tally.silent(question.round)
    votes, right = tally.answered(round), tally.right(round)
    is_judged = tally.step.kind is not StepKind.DRAW
    heading = {
        VoteState.OPEN: _("{title} ({lesson}): {vote}, open"),
        VoteState.CLOSED: _("{title} ({lesson}): {vote}, closed"),
        VoteState.SHOWN: _("{title} ({lesson}): {vote}, shown"),
    }[question.state]
    counts = [counted_text(tally, question)]
    if votes and is_judged:
        counts.append(_("Right: {right} ({percent} %).").format(right=right, percent=f"{100 * right / votes:.0f}"))
    texts = []
    if silent:
        texts.append(_("Not yet: {names}.").format(names=comma_separated(silent)))
    is_early = question.state is VoteState.OPEN and 2 * votes < tally.students
    if question.state is not VoteState.SHOWN and not is_early:
        texts.append(tally.advice(round))
    texts += notes
    return [
        *wrapped(heading.format(title=tally.step.title, lesson=tally.lesson.id, vote=_(VOTES[round])), LINE_WIDTH),
        paragraph(counts),
        *bar_lines(tally, range(ALONE, round + 1), LINE_WIDTH, marks=True),
        *(line for text in texts for line in wrapped(text, LINE_WIDTH)),
    ]
