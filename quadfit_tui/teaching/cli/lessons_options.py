"""Options of lessons, those of the app and of `lessons`, without what teaches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.parsing.help import HelpArgument, LazyCommand, TableOption
from quadfit_tui.cli.parsing.option_types import FileName
from quadfit_tui.core.text.language import N_, _

# What teaches is imported by the functions that need it.
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from quadfit_tui.teaching.notation.headings import Heading
    from quadfit_tui.teaching.notation.lesson import Lesson

STUDENTS = "/home/*/lessons"  # as in the recipe for a class
LESSONS = LazyCommand(
    "quadfit_tui.teaching.cli.lessons_command",
    "lessons",
    N_("Lessons: predict, run, observe, explain. Without a command, list them."),
)


def app_options() -> list[click.Option]:
    """Returns the options of lessons that the app has."""
    begin = N_("begin with a lesson: its id, number or file")

    def votes() -> str:
        told = _("with --teacher and --class: where the votes of the class are, in quotes; repeatable [{folders}]")
        return told.format(folders=STUDENTS)

    return [
        TableOption(["--lesson"], group="lessons", metavar="LESSON", type=LessonName(), help=begin),
        *taking_options(),
        TableOption(["--students"], group="lessons", metavar="PATTERN", type=FileName(), multiple=True, help=votes),
        _flag(
            "--spoken",
            N_(
                "the run and the lessons by lines instead of the app, as a screen reader reads best; "
                "also with TERM=dumb"
            ),
        ),
    ]


def taking_options(by_lines: bool = False) -> Iterator[click.Option]:
    """The options of whoever takes lessons, in the app or by lines: --lessons, --class, --record, --teacher ..."""
    yield folder_option()
    help = N_("folder of a class that votes: V goes to its question")
    if by_lines:
        help = N_("folder of a class that votes: join goes to its question")
    yield TableOption(["--class", "room"], group="lessons", metavar="DIR", type=FileName(), help=help)
    yield _flag("--no-record", N_("do not record your answers to lessons"))
    help = N_("record your answers to lessons in this directory, for your teacher")
    yield TableOption(["--record"], group="lessons", metavar="DIR", type=FileName(), help=help)
    help = N_("show the notes for teachers in lessons; with --class: have the class vote (V)")
    if by_lines:
        help = N_("show the notes for teachers in lessons")
    yield _flag("--teacher", help)


def _flag(name: str, help: str) -> click.Option:
    """An option of lessons that takes no value."""
    return TableOption([name], group="lessons", is_flag=True, help=help)


class LessonName(FileName):
    """A lesson by its id, number or file, as typed; a shell completes the ids, and files where none begins so."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from quadfit_tui.teaching.notation.headings import packaged_headings, preferred_language

        language, folder = preferred_language(os.environ), ctx.params.get("folder")
        found: Sequence[Heading | Lesson] = ()
        if folder is None:
            found = packaged_headings(language)
        else:
            from quadfit_tui.teaching.notation.catalog import Catalog, LessonError

            with suppress(LessonError):
                found = Catalog.of_folder(folder, language).lessons
        items = [CompletionItem(each.id, help=each.title) for each in found if each.id.startswith(incomplete)]
        return items or super().shell_complete(ctx, param, incomplete)


def folder_option() -> click.Option:
    """The option --lessons: a folder of lessons in the place of the program's. It is not confined."""
    return TableOption(
        ["--lessons", "folder"],
        group="lessons",
        type=FileName(),
        metavar="DIR",
        help=N_("folder of lessons, instead of those of the program"),
    )


def lesson_argument(*, required: bool) -> Callable[[Any], Any]:
    """The argument that names a lesson."""
    return click.argument(
        "name",
        cls=HelpArgument,
        metavar="LESSON" if required else "[LESSON]",
        required=required,
        type=LessonName(),
        help=N_("id or number of a lesson, or a file"),
    )
