"""`lessons handout`: a lesson on paper, to be written on, or the key to it."""

from __future__ import annotations

import sys

import click

from quadfit_tui.cli.help import GroupedHelpCommand
from quadfit_tui.cli.lessons.lessons_command import LessonName, catalog_of, folder_option, lesson_named, tell_faults
from quadfit_tui.cli.options import confined_option
from quadfit_tui.cli.output import (
    BAD_INPUT,
    CRASHED,
    FALSE_FACTS,
    INTERRUPTED,
    NAME,
    OK,
    aligned,
    end_with_reader,
    interruptible,
    open_output,
)

_EXAMPLES = (
    (f"{NAME} lessons handout rate > rate.md", "a page without answers"),
    (f"{NAME} lessons handout rate --key | pandoc -o key.pdf", "the key, as a file to print"),
)
_EXIT_CODES = (
    (f"{OK}", "done"),
    (f"{CRASHED}", "internal error; one line names the file with the report"),
    (f"{BAD_INPUT}", "there is no such lesson, or it cannot be read; one line says why"),
    (f"{FALSE_FACTS}", "the lesson states what is not true; a line each names file and line"),
    (f"{INTERRUPTED}", "interrupted (ctrl+c)"),
)


@click.command(
    "handout",
    cls=GroupedHelpCommand,
    params=[folder_option(), confined_option()],
    examples=_EXAMPLES,
    exit_codes=_EXIT_CODES,
)
@click.argument("name", metavar="LESSON", type=LessonName(), help="id or number of a lesson, or a file")
@click.option("--key", is_flag=True, help="with the right answers, and what is said to each answer")
def lessons_handout(name: str, folder: str | None, key: bool) -> int:
    """Write a lesson as a page to print, in Markdown: its texts and questions, with room to write on."""
    from quadfit_tui.core.classroom.handout import handout
    from quadfit_tui.core.judging.check import check
    from quadfit_tui.core.judging.facts import Facts

    catalog = catalog_of(folder)
    lesson = lesson_named(name, catalog)
    end_with_reader()
    try:
        with interruptible():
            facts = Facts(lesson)
            if (folder is not None or lesson not in catalog.lessons) and (faults := check(lesson, facts)):
                tell_faults(name, faults)
                return FALSE_FACTS
            lines = handout(lesson, facts, key)
    except KeyboardInterrupt:
        return INTERRUPTED
    with open_output(None) as put:
        put([aligned(line, sys.stdout) for line in lines])
    return OK
