"""The commands of lessons: `lessons list`, `lessons check`; and how each command finds its lessons."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import IO, TYPE_CHECKING

import click

from quadfit_tui.cli.exit_codes import BAD_INPUT, CRASH, CRASHED, FALSE_FACTS, INTERRUPTED, OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe, interruptible
from quadfit_tui.cli.output import NAME, escaped, fail, knows_unicode, print_error, print_lines
from quadfit_tui.cli.output_file import open_output
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, GroupedHelpGroup, HelpArgument, LazyCommand, TableOption
from quadfit_tui.cli.parsing.option_types import FileName
from quadfit_tui.cli.parsing.options import confined_options, refuse
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import N_, _, ngettext
from quadfit_tui.core.text.width import ljust, wrapped
from quadfit_tui.teaching.cli.lessons_options import LESSONS, folder_option

# What loads NumPy or the reader of Markdown is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.teaching.judging.check import LessonFault
    from quadfit_tui.teaching.notation.catalog import Catalog
    from quadfit_tui.teaching.notation.headings import Heading
    from quadfit_tui.teaching.notation.lesson import Lesson

_EXAMPLES = (
    (f"{NAME} lessons list", N_("what there is to learn")),
    (f"{NAME} lessons check my-lesson.md", N_("train what your lesson states, and tell what is not true")),
)
_CHECK_EXAMPLES = (
    (f"{NAME} lessons check 03-rate.md", N_("one lesson of your own")),
    (f"{NAME} lessons check --against en/03-rate.md de/03-rate.md", N_("a translation: only its prose may differ")),
    (f"{NAME} lessons check", N_("the lessons of the program")),
)
_CHECK_EXIT_CODES = (
    (f"{OK}", N_("all that the lessons state is true")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("a lesson cannot be read; a line each says what is wrong")),
    (f"{FALSE_FACTS}", N_("a lesson is not true; a line each names file and line, and what is true")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c)")),
)
LESSON_EXIT_CODES = (  # of what takes one lesson, but for that of its success
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("there is no such lesson, or it cannot be read; one line says why")),
    (f"{FALSE_FACTS}", N_("the lesson states what is not true; a line each names file and line")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c)")),
)
_LIST_EXIT_CODES = (
    (f"{OK}", N_("done")),
    (f"{BAD_INPUT}", N_("a lesson or the folder cannot be read")),
)


def catalog_of(folder: str | None, language: str | None = None) -> Catalog:
    """The lessons of a folder, without one those of the program, in a language, the user's, where they are translated.

    Raises ClickException where the folder cannot be used; complains of lessons in it that cannot be read.
    """
    from quadfit_tui.teaching.notation.catalog import Catalog, LessonError
    from quadfit_tui.teaching.notation.headings import preferred_language

    language = language or preferred_language(os.environ)
    try:
        catalog = Catalog.packaged(language) if folder is None else Catalog.of_folder(folder, language)
    except LessonError as refused:
        refuse("--lessons", str(refused))
    for line in catalog.refused:
        fail(line)
    return catalog


def lesson_named(name: str, catalog: Catalog, option: str | None = None) -> Lesson:
    """A lesson by its id, number, or file, as it was given to an option or as an argument. Raises a usage error."""
    from quadfit_tui.teaching.notation.catalog import LessonError

    try:
        return catalog.find(name)
    except LessonError as refused:
        if option is not None:
            refuse(option, str(refused))
        raise click.UsageError(str(refused)) from None


@click.group(
    cls=GroupedHelpGroup,
    commands={
        "list": LazyCommand(__name__, "list_lessons"),
        "check": LazyCommand(__name__, "check"),
        "new": LazyCommand("quadfit_tui.teaching.cli.lessons_authoring", "lessons_new"),
        "facts": LazyCommand("quadfit_tui.teaching.cli.lessons_authoring", "lessons_facts"),
        "play": LazyCommand("quadfit_tui.teaching.cli.lessons_app", "play"),
        "handout": LazyCommand("quadfit_tui.teaching.cli.lessons_authoring", "lessons_handout"),
        "report": LazyCommand("quadfit_tui.teaching.cli.lessons_class", "lessons_report"),
        "watch": LazyCommand("quadfit_tui.teaching.cli.lessons_class", "lessons_watch"),
    },
    invoke_without_command=True,
    examples=_EXAMPLES,
    exit_codes=_LIST_EXIT_CODES,
    help=LESSONS.help,
)
@click.pass_context
def lessons(ctx: click.Context, /) -> int:
    """What there is before a command of lessons; without one, the list; gives the exit code."""
    return OK if ctx.invoked_subcommand else int(ctx.invoke(list_lessons))


@click.command(
    "list",
    cls=GroupedHelpCommand,
    params=[folder_option(), *confined_options()],
    exit_codes=_LIST_EXIT_CODES,
    help=N_("List the lessons: id, title, minutes, and the aim."),
)
def list_lessons(folder: str | None) -> int:
    """The command; gives the exit code."""
    exit_on_broken_pipe()
    if folder is None:
        from quadfit_tui.teaching.notation.headings import packaged_headings, preferred_language

        lines, code = _lines_of(packaged_headings(preferred_language(os.environ))), OK
    else:
        catalog = catalog_of(folder)
        lines, code = _lines_of(catalog.lessons), BAD_INPUT if catalog.refused else OK
    with open_output(None) as put:
        put(lines)
    return code


def _lines_of(lessons: Sequence[Heading | Lesson]) -> list[str]:
    width = max((len(lesson.id) for lesson in lessons), default=0)
    lines = []
    for number, lesson in enumerate(lessons, 1):
        begin = f"{number:2d}  {ljust(lesson.id, width)}  "
        indent = " " * len(begin)
        title = ngettext("{title} ({n} minute)", "{title} ({n} minutes)", lesson.minutes, title=lesson.title)
        lines += wrapped(writable(title), LINE_WIDTH, begin, indent)
        lines += wrapped(writable(lesson.aim), LINE_WIDTH, indent, indent)
    return lines


@click.command(
    cls=GroupedHelpCommand,
    params=[*confined_options()],
    examples=_CHECK_EXAMPLES,
    exit_codes=_CHECK_EXIT_CODES,
    help=N_("Train what lessons state, and tell what is not true. Without FILE, it checks the program's own lessons."),
)
@click.argument(
    "files",
    cls=HelpArgument,
    metavar="[FILE]...",
    nargs=-1,
    type=FileName(),
    help=N_("lesson files; without one, those of the program"),
)
@click.option(
    "--against",
    cls=TableOption,
    metavar="FILE",
    type=FileName(),
    help=N_("the original that a translation must agree with"),
)
def check(files: tuple[str, ...], against: str | None) -> int:
    """The command; gives the exit code."""
    from quadfit_tui.teaching.notation.catalog import Catalog, LessonError, read_file
    from quadfit_tui.teaching.notation.headings import preferred_language

    if against is not None and len(files) != 1:
        raise click.UsageError(_("--against compares one translation; name one file"))
    exit_on_broken_pipe()
    code = OK
    try:
        with interruptible():
            try:
                original = None if against is None else read_file(against)
            except LessonError as refused:
                return fail(str(refused))
            packaged = Catalog.packaged(preferred_language(os.environ)).lessons
            before = [lesson.id for lesson in packaged if files]  # of those of the program itself, as they come
            for each in files or packaged:
                try:
                    lesson = read_file(each) if isinstance(each, str) else each
                except LessonError as refused:
                    for line in refused.lines:
                        code = fail(line)
                    continue
                if not check_and_report(lesson, each if isinstance(each, str) else lesson.file_name, original, before):
                    code = code or FALSE_FACTS
                before.append(lesson.id)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def check_and_report(
    lesson: Lesson, name: str, original: Lesson | None = None, before: Collection[str] | None = None
) -> bool:
    """Checks a lesson, and tells what there is to tell of it; `before` are the ids of those that come before it."""
    from quadfit_tui.teaching.judging.advice import advice
    from quadfit_tui.teaching.judging.check import check, count_of_facts, differences
    from quadfit_tui.teaching.judging.facts import Facts
    from quadfit_tui.teaching.judging.seed_dependence import find_lucky_answers
    from quadfit_tui.teaching.judging.slips import slips

    trained = Facts(lesson)
    faults = check(lesson, trained) or find_lucky_answers(lesson, trained)
    if original is not None:
        faults += differences(lesson, original)
    tell_faults(name, faults)
    found = [*slips(lesson), *([] if faults else advice(lesson, trained, before))]
    tell_faults(name, sorted(found), N_("{place}: warning: {problem}"))
    if not faults:
        steps = ngettext("{n} step", "{n} steps", len(lesson.steps))
        facts = ngettext("{n} fact", "{n} facts", count_of_facts(lesson))
        told = _("{file}: {steps}, {facts}, all true")
        print_lines([writable(told.format(file=name, steps=steps, facts=facts))])
    return not faults


def tell_faults(name: str, faults: list[LessonFault], told: str = N_("{place}: {problem}")) -> None:
    """Says on standard error what is wrong with a lesson: a line each, with the name of its file as it was given."""
    for fault in faults:
        line = _(told).format(place=f"{name}:{fault.line}", problem=fault.text)
        print_error(writable(line, sys.stderr))


def writable(line: str, stream: IO[str] | None = None) -> str:
    """A line without what a stream, standard output by default, cannot take."""
    shown = escaped(line)
    return shown if knows_unicode(stream or sys.stdout) else ascii_of(shown)
