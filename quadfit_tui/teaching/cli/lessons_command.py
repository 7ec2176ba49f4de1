"""The commands `lessons list` and `lessons check`; and how each command finds its lessons."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import IO, TYPE_CHECKING

import click

from quadfit_tui.cli.exit_codes import BAD_INPUT, CRASH, CRASHED, FALSE_FACTS, INTERRUPTED, OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe, interruptible
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.cli.output.printing import NAME, escaped, fail, knows_unicode, print_error, print_lines
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, GroupedHelpGroup, HelpArgument, LazyCommand, TableOption
from quadfit_tui.cli.parsing.option_types import FileName
from quadfit_tui.cli.parsing.options import confined_options, refuse
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import N_, _, ngettext
from quadfit_tui.core.text.width import ljust, wrapped
from quadfit_tui.teaching.cli.lessons_options import LESSONS, folder_option

# Modules that load NumPy or the Markdown parser are imported by the functions that need them.
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
LESSON_EXIT_CODES = (  # of commands with one lesson, without that for success
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
    """Returns the lessons of a folder, by default those of the program, translated if possible.

    `language` is by default the user's. Raises ClickException if the folder is unusable; prints an error for each of
    its lessons that cannot be read.
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
    """Returns the lesson of an id, number or file; raises a usage error if there is none.

    `option` is the option that named it, None: an argument.
    """
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
    """Prints the list of lessons, unless a subcommand of `lessons` is given; returns the exit code."""
    return OK if ctx.invoked_subcommand else int(ctx.invoke(list_lessons))


@click.command(
    "list",
    cls=GroupedHelpCommand,
    params=[folder_option(), *confined_options()],
    exit_codes=_LIST_EXIT_CODES,
    help=N_("List the lessons: id, title, minutes, and the aim."),
)
def list_lessons(folder: str | None) -> int:
    """Prints the list of lessons (`lessons list`); returns the exit code."""
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
    """Formats lessons as lines: number, id, title with minutes, and the aim."""
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
    """Checks lesson files, and prints their faults (`lessons check`); returns the exit code."""
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
            before = [lesson.id for lesson in packaged if files]  # those of the program are added one by one below
            for file_or_lesson in files or packaged:
                try:
                    lesson = read_file(file_or_lesson) if isinstance(file_or_lesson, str) else file_or_lesson
                except LessonError as refused:
                    for line in refused.lines:
                        code = fail(line)
                    continue
                name = file_or_lesson if isinstance(file_or_lesson, str) else lesson.file_name
                if not check_and_report(lesson, name, original, before):
                    code = code or FALSE_FACTS
                before.append(lesson.id)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def check_and_report(
    lesson: Lesson, name: str, original: Lesson | None = None, before: Collection[str] | None = None
) -> bool:
    """Checks a lesson, and prints faults, warnings, or how many facts are true; returns whether it has no faults.

    `name` is that of its file, `before` has the ids of the lessons that come before it, `original` is what it
    translates.
    """
    from quadfit_tui.teaching.judging.advice import advice
    from quadfit_tui.teaching.judging.check import check, count_of_facts, differences
    from quadfit_tui.teaching.judging.facts import Facts
    from quadfit_tui.teaching.judging.seed_dependence import find_lucky_answers
    from quadfit_tui.teaching.judging.slips import slips, translation_slips

    trained = Facts(lesson)
    faults = check(lesson, trained) or find_lucky_answers(lesson, trained)
    if original is not None:
        faults += differences(lesson, original)
    tell_faults(name, faults)
    warnings = slips(lesson)
    if original is not None:
        warnings += translation_slips(lesson, original)
    if not faults:
        warnings += advice(lesson, trained, before)
    tell_faults(name, sorted(warnings), N_("{place}: warning: {problem}"))
    if not faults:
        steps = ngettext("{n} step", "{n} steps", len(lesson.steps))
        facts = ngettext("{n} fact", "{n} facts", count_of_facts(lesson))
        template = _("{file}: {steps}, {facts}, all true")
        print_lines([writable(template.format(file=name, steps=steps, facts=facts))])
    return not faults


def tell_faults(name: str, faults: list[LessonFault], template: str = N_("{place}: {problem}")) -> None:
    """Prints the faults of a lesson to standard error, a line each, with the file name as the user gave it.

    `template` is that of a line.
    """
    for fault in faults:
        line = _(template).format(place=f"{name}:{fault.line}", problem=fault.text)
        print_error(writable(line, sys.stderr))


def writable(line: str, stream: IO[str] | None = None) -> str:
    """Replaces characters of a line that a stream, by default standard output, cannot show."""
    printable = escaped(line)
    return printable if knows_unicode(stream or sys.stdout) else ascii_of(printable)
