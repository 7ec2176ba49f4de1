"""Lessons for the app: the options that choose them, what the app is given, and the lessons by lines in its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.help import TableOption
from quadfit_tui.cli.lessons.lessons_class import STUDENTS, class_folders, classroom_of, lessons_watch, taught_class
from quadfit_tui.cli.lessons.lessons_command import catalog_of, lesson_named, lessons
from quadfit_tui.cli.lessons.lessons_play import flag, own_transcript, play, taking_options
from quadfit_tui.cli.lessons.lessons_report import lessons_report
from quadfit_tui.cli.options import FileName, given_names
from quadfit_tui.cli.output import NAME
from quadfit_tui.cli.teaching import TeachingCommands, Values
from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS
from quadfit_tui.core.files import own_files

# What loads Textual or the reader of Markdown is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.lessons.catalog import Catalog
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.teaching import Teaching


def installed() -> TeachingCommands:
    """Teaching on the command line."""
    for command in (play, lessons_report, lessons_watch):
        lessons.add_command(command)
    begin = "begin with a lesson: its id, number or file"
    votes = f"with --teacher and --class: where the votes of the class are, in quotes [{STUDENTS}]"
    options = [
        TableOption(["--lesson"], group="lessons", metavar="LESSON", type=FileName(), help=begin),
        *taking_options(),
        TableOption(["--students"], group="lessons", metavar="PATTERN", type=FileName(), help=votes),
        flag("--spoken", "take lessons line by line instead, as a screen reader reads best; also with TERM=dumb"),
    ]
    return TeachingCommands(options, [lessons], {"lessons play": play}, _by_lines, _on_app)


def _by_lines(values: Values, is_dumb: bool) -> Callable[[], int] | None:
    if not (values["spoken"] or is_dumb):
        return None
    what = "--spoken" if values["spoken"] else "a terminal with TERM=dumb"
    for param in click.get_current_context().command.params:  # those of a run and of the screen mean nothing here
        if param.name == "no_settings":  # which these have none of
            continue
        if param.name in given_names() and getattr(param, "section", "") not in ("Lessons", ""):
            raise click.UsageError(
                f"{what} has the lessons by lines, which take no {param.opts[-1]}; use '{NAME} run' to train"
            )
    given = {name: values[name] for name in ("folder", "room", "no_record", "teacher")}
    return partial(click.get_current_context().invoke, play, name=values["lesson"], **given)


def _on_app(values: Values) -> Callable[[QuadfitApp], Teaching]:
    """What the app is given: the lessons, the one that it begins with, the class; a usage error where they cannot be.

    Those of the program are read when they are asked for.
    """
    name, folder, students, shows_notes = (values[key] for key in ("lesson", "folder", "students", "teacher"))
    room = classroom_of(values["room"])
    if students is not None and not (shows_notes and room):
        raise click.UsageError("--students requires --teacher and --class DIR")
    taught = taught_class(room, students) if room is not None and shows_notes else None
    if room is not None:
        own_files.declare("class", partial(class_folders, room, taught))
    catalog = None if name is None and folder is None else catalog_of(folder)
    if name is not None:
        for given in given_names():
            if given in ("preset", "config_file", "play", "at", DIGEST, *PARAMETERS):
                params = click.get_current_context().command.params
                option = next(param.opts[-1] for param in params if param.name == given)
                raise click.UsageError(f"{option} has no effect with --lesson, which sets the runs itself")
    first = lesson_named(name, catalog, "--lesson") if name is not None and catalog is not None else None

    def read() -> Catalog:
        return catalog or catalog_of(None)

    def teach(app: QuadfitApp) -> Teaching:
        from quadfit_tui.ui.lessons.lesson_commands import Lessons, Library

        library = Library(
            lambda: read().lessons,
            lambda: own_transcript(not values["no_record"]),
            first,
            lambda lesson: folder is None and lesson in read().lessons,
            shows_notes and taught is None,  # the screen of a class that votes is projected: `lessons watch` has them
            taught,
        )
        if room is None:
            return Lessons(app, library)
        from quadfit_tui.ui.lessons.vote_commands import ClassLessons

        return ClassLessons(app, library, room)

    return teach
