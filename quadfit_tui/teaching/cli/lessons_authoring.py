"""The commands for writing and printing lessons: `lessons new`, `lessons facts`, `lessons handout`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.exit_codes import BAD_INPUT, CRASH, CRASHED, FALSE_FACTS, INTERRUPTED, OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe, interruptible
from quadfit_tui.cli.output.output_file import is_standard_output, open_output, refuse_own_source
from quadfit_tui.cli.output.printing import NAME, aligned, print_error, print_lines
from quadfit_tui.cli.parsing.combinations import check_together
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, HelpArgument, TableOption
from quadfit_tui.cli.parsing.option_types import FileName, ParameterType
from quadfit_tui.cli.parsing.options import confined_options, force_option, refuse
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted, shown_name, with_allowed, with_near, with_problem
from quadfit_tui.core.text.width import ljust, wrapped
from quadfit_tui.teaching.cli.lessons_command import (
    LESSON_EXIT_CODES,
    catalog_of,
    check_and_report,
    lesson_named,
    tell_faults,
    writable,
)
from quadfit_tui.teaching.cli.lessons_options import folder_option, lesson_argument
from quadfit_tui.teaching.cli.teaching_entry import COMBINATIONS

# Modules that load NumPy or the Markdown parser are imported by the functions that need them.
if TYPE_CHECKING:
    from quadfit_tui.teaching.notation.lesson import Lesson

_PLAIN_HEADING = re.compile(r"[^\W\d][\w ()/.²³°%-]*")  # no reader of samples interprets such a heading
_NEW_EXAMPLES = (
    (f"{NAME} lessons new braking", N_("the file braking.md, a true lesson with comments, to be changed")),
    (f"{NAME} lessons new our-ball --data ball.csv", N_("the same about the samples of a file, which it holds")),
)
_NEW_EXIT_CODES = (
    (f"{OK}", N_("written; all that it states is true")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("the file cannot be written, or the samples cannot be used; one line says why")),
    (f"{FALSE_FACTS}", N_("written, but its questions do not fit these samples; a line each says which")),
)
_FACTS_EXAMPLES = (
    (f"{NAME} lessons facts", N_("what expressions of a lesson can name, with a line each")),
    (f"{NAME} lessons facts our-ball.md", N_("what each fact of its runs comes to")),
)
_FACTS_EXIT_CODES = (
    (f"{OK}", N_("done")),
    (f"{BAD_INPUT}", N_("there is no such lesson, or it cannot be read; one line says why")),
    (f"{FALSE_FACTS}", N_("its runs take too long; one line names one")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c)")),
)
_HANDOUT_EXAMPLES = (
    (f"{NAME} lessons handout rate > rate.md", N_("a page without answers")),
    (f"{NAME} lessons handout rate --key | pandoc -o key.pdf", N_("the key, as a file to print")),
)


def _output_options() -> Iterator[click.Option]:
    """Yields the options of `lessons new`."""
    help = N_("CSV file of x and y, whose samples the lesson is to hold")
    yield TableOption(["-d", "--data"], group="lessons", type=FileName(), metavar="FILE", help=help)
    columns = PARAMETERS["columns"]
    yield TableOption(["--columns"], group="lessons", type=ParameterType(columns.value_type), help=columns.help)
    yield TableOption(["-o", "--output"], group="output", type=FileName(), metavar="FILE", help=N_("file [NAME.md]"))
    yield force_option()


@click.command(
    "new",
    cls=GroupedHelpCommand,
    params=[*_output_options(), *confined_options()],
    examples=_NEW_EXAMPLES,
    exit_codes=_NEW_EXIT_CODES,
    help=N_("Write a lesson to begin with: short, true, with a comment on each part."),
)
@click.argument("id", cls=HelpArgument, metavar="NAME", help=N_("id of the lesson: small letters, digits and -"))
def lessons_new(id: str, data: str | None, columns: tuple[str, str] | None, output: str | None, force: bool) -> int:
    """Writes a lesson file to start from, and checks it (`lessons new`); returns the exit code."""
    from quadfit_tui.core.model.samples.reader import read_samples
    from quadfit_tui.core.model.samples.sample_text import SampleFileError
    from quadfit_tui.teaching.cli.lesson_template import new_lesson
    from quadfit_tui.teaching.notation.catalog import LessonError
    from quadfit_tui.teaching.notation.reading.front_matter import allowed_ids, is_id, slugify
    from quadfit_tui.teaching.notation.reading.notation import read_lesson

    if not is_id(id):
        problem = _("NAME: {id} is no id of a lesson").format(id=quoted(id))
        if near := slugify(id):
            problem = with_near(problem, near)
        raise click.UsageError(with_allowed(problem, allowed_ids()))
    check_together(COMBINATIONS["lessons new"], {"--data": data})
    path = output or f"{id}.md"
    refuse_own_source(path, data)
    try:
        samples = None if data is None else read_samples(data, columns)
        text = new_lesson(id, samples) if data is None else new_lesson(id, samples, _headings(data, columns))
    except (SampleFileError, LessonError) as refused:
        refuse("--data", with_problem(shown_name(data or ""), str(refused)))
    lines = text.rstrip("\n").split("\n")
    if is_standard_output(path):
        print_lines(lines)
        return OK
    with open_output(path, force, whole=True) as put:
        put(lines)
    if not check_and_report(read_lesson(text, path), path):
        return FALSE_FACTS
    template = _("Change it, check it ({program} lessons check {file}), try it ({program} --lesson {file}).")
    print_lines([writable(template.format(program=NAME, file=path))])
    return OK


def _headings(path: str, chosen: tuple[str, str] | None) -> tuple[str, str]:
    """Returns the names of the two columns of a file if a lesson can contain them, else x and y."""
    from quadfit_tui.core.model.samples.reader import columns_in
    from quadfit_tui.core.model.samples.sample_text import SampleFileError

    names: list[str] = [*(chosen or ())]
    with suppress(SampleFileError):
        names = names or columns_in(path)
    match names:
        case [x, y] if all(map(_PLAIN_HEADING.fullmatch, names)):
            return x, y
    return "x", "y"


@click.command(
    "facts",
    cls=GroupedHelpCommand,
    params=[folder_option(), *confined_options()],
    examples=_FACTS_EXAMPLES,
    exit_codes=_FACTS_EXIT_CODES,
    help=N_("List what expressions of a lesson can name. With LESSON, tell what it comes to for each of its runs."),
)
@lesson_argument(required=False)
def lessons_facts(name: str | None, folder: str | None) -> int:
    """Prints what expressions can name, or the values of a lesson's facts (`lessons facts`); returns the exit code."""
    from quadfit_tui.teaching.judging.facts import TooMuchWorkError
    from quadfit_tui.teaching.notation.expression import ExpressionError

    exit_on_broken_pipe()
    lesson = None if name is None else lesson_named(name, catalog_of(folder))
    with open_output(None) as put:
        try:
            with interruptible():
                for line in _vocabulary() if lesson is None else _values(lesson):
                    put([writable(line)])
        except (TooMuchWorkError, ExpressionError) as failure:
            print_error(f"{NAME}: {shown_name(name or '')}: {failure}")
            return FALSE_FACTS
        except KeyboardInterrupt:
            return INTERRUPTED
    return OK


def _vocabulary() -> Iterator[str]:
    """Yields the lines on all that expressions of a lesson can name."""
    from quadfit_tui.teaching.notation.places import LINK_TARGETS
    from quadfit_tui.teaching.notation.vocabulary import (
        DIAGNOSIS,
        FUNCTIONS,
        MOMENT_FACTS,
        OUTCOME,
        SETTINGS,
        describe_facts,
    )

    tables: dict[str, Mapping[str, str]] = {
        _("Of a run at its end, as in slow.epochs:"): describe_facts({**OUTCOME, **DIAGNOSIS}),
        _("As it is set, as in slow.lr:"): describe_facts(SETTINGS),
        _("Of a moment, as in slow[25].a, slow[15:3].a or slow[start].a:"): describe_facts(MOMENT_FACTS),
        _("Functions:"): {row.example: _(row.about) for row in FUNCTIONS.values()},
        _("Signs:"): {
            "+ - * /": _("arithmetic"),
            "< <= > >= == !=": _("comparison"),
            "and or not": _("of conditions"),
        },
        _("Places that a text can link to, as in [w](show:w):"): {
            name: _("on the screen: {screen}; line by line: {spoken}").format(
                screen=_(place.on_screen), spoken=_(place.spoken)
            )
            for name, place in LINK_TARGETS.items()
        },
    }
    for index, (heading, rows) in enumerate(tables.items()):
        if index > 0:
            yield ""
        yield heading
        yield from _rows(rows)


def _rows(rows: Mapping[str, str]) -> Iterator[str]:
    """Yields the lines of a table of names and explanations."""
    width = max(map(len, rows))
    for name, about in rows.items():
        yield from wrapped(about, LINE_WIDTH, f"  {ljust(name, width)}  ", " " * (width + 4))


def _values(lesson: Lesson) -> Iterator[str]:
    """Yields the lines on the facts of each run of a lesson that have a value; trains the runs."""
    from quadfit_tui.teaching.judging.facts import Facts, format_value
    from quadfit_tui.teaching.notation.expression import ExpressionError
    from quadfit_tui.teaching.notation.vocabulary import DIAGNOSIS, OUTCOME

    facts = Facts(lesson)
    facts.prepare()
    for index, run in enumerate(lesson.runs):
        if index > 0:
            yield ""
        rows = {}
        for fact in (*OUTCOME, *DIAGNOSIS, "lr"):
            expression = f"{run}.{fact}"
            with suppress(ExpressionError):
                rows[expression] = format_value(facts.value(expression), expression)
        yield from _rows(rows)


@click.command(
    "handout",
    cls=GroupedHelpCommand,
    params=[folder_option(), *confined_options()],
    examples=_HANDOUT_EXAMPLES,
    exit_codes=((f"{OK}", N_("done")), *LESSON_EXIT_CODES),
    help=N_("Write a lesson as a page to print, in Markdown: its texts and questions, with room to write on."),
)
@lesson_argument(required=True)
@click.option(
    "--key", cls=TableOption, is_flag=True, help=N_("with the right answers, and what is said to each answer")
)
def lessons_handout(name: str, folder: str | None, key: bool) -> int:
    """Prints a lesson as a page in Markdown (`lessons handout`); returns the exit code."""
    from quadfit_tui.teaching.classroom.handout import handout
    from quadfit_tui.teaching.judging.check import check
    from quadfit_tui.teaching.judging.facts import Facts

    catalog = catalog_of(folder)
    lesson = lesson_named(name, catalog)
    exit_on_broken_pipe()
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
