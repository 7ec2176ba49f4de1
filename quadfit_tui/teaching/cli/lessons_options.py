"""The options of lessons, of the app and of `lessons`; this module loads no others of teaching."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.parsing.help import HelpArgument, LazyCommand, TableOption
from quadfit_tui.cli.parsing.option_types import FileName
from quadfit_tui.core.text.language import N_, _

# Other modules of teaching are imported by the functions that need them.
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from quadfit_tui.teaching.notation.headings import Heading
    from quadfit_tui.teaching.notation.lesson import Lesson

STUDENTS = "/home/*/lessons"  # default paths of the students' transcripts, as in the manual
LESSONS = LazyCommand(
    "quadfit_tui.teaching.cli.lessons_command",
    "lessons",
    N_("Lessons: predict, run, observe, explain. Without a command, list them."),
)


def app_options() -> list[click.Option]:
    """Returns the options of the app that concern lessons."""
    begin = N_("begin with a lesson: its id, number or file")

    def votes() -> str:
        template = _("with --teacher and --class: where the votes of the class are, in quotes; repeatable [{folders}]")
        return template.format(folders=STUDENTS)

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
    """Yields the options for taking lessons, in the app or `by_lines`: --lessons, --class, --record, --teacher …"""
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
    """Returns an option of lessons that takes no value."""
    return TableOption([name], group="lessons", is_flag=True, help=help)


class LessonName(FileName):
    """The type of an option that names a lesson by id, number or file; a shell completes ids, or else files."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Returns the completions of a lesson name: the ids that begin so, or files if there are none."""
        from click.shell_completion import CompletionItem

        from quadfit_tui.teaching.notation.headings import packaged_headings, preferred_language

        language, folder = preferred_language(os.environ), ctx.params.get("folder")
        lessons: Sequence[Heading | Lesson] = ()
        if folder is None:
            lessons = packaged_headings(language)
        else:
            from quadfit_tui.teaching.notation.catalog import Catalog, LessonError

            with suppress(LessonError):
                lessons = Catalog.of_folder(folder, language).lessons
        items = [CompletionItem(lesson.id, help=lesson.title) for lesson in lessons if lesson.id.startswith(incomplete)]
        return items or super().shell_complete(ctx, param, incomplete)


def folder_option() -> click.Option:
    """Returns the option --lessons: a folder with lessons instead of the program's; it may lie anywhere."""
    return TableOption(
        ["--lessons", "folder"],
        group="lessons",
        type=FileName(),
        metavar="DIR",
        help=N_("folder of lessons, instead of those of the program"),
    )


def lesson_argument(*, required: bool) -> Callable[[Any], Any]:
    """Returns the decorator that adds the argument LESSON to a command."""
    return click.argument(
        "name",
        cls=HelpArgument,
        metavar="LESSON" if required else "[LESSON]",
        required=required,
        type=LessonName(),
        help=N_("id or number of a lesson, or a file"),
    )
