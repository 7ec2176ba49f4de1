"""The command `sweep`: trains many runs that differ in some options, and writes a row for each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.commands.run_session import read_aloud
from quadfit_tui.cli.output import (
    BAD_INPUT,
    LEFT_OUT,
    NAME,
    OK,
    SWEEP_EXIT_CODES,
    code_of,
    complain,
    end_with_reader,
    ended_in_order,
    escaped,
    is_standard_output,
    open_output,
    print_lines,
    refuse_own_source,
    unwritten,
)
from quadfit_tui.cli.parsing.combinations import check_together
from quadfit_tui.cli.parsing.help import GroupedHelpCommand
from quadfit_tui.cli.parsing.options import (
    base_options,
    check_samples,
    confined_options,
    options_named,
    refuse,
)
from quadfit_tui.core.config.parameters import check_batch
from quadfit_tui.core.text.language import _, clauses, counted_as, noted
from quadfit_tui.core.text.quoting import shell_word, shown_name
from quadfit_tui.sweeps.cli.combinations import COMBINATIONS
from quadfit_tui.sweeps.cli.sweep_entry import SWEEP
from quadfit_tui.sweeps.cli.sweep_options import Asked, axis_options, read_space, readings
from quadfit_tui.sweeps.cli.sweep_output import check_output, opened_rows, sweep_options
from quadfit_tui.sweeps.cli.sweep_plot import draw_finished, plot_options, print_plot
from quadfit_tui.sweeps.cli.sweep_progress import Progress, expected

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from concurrent.futures import Executor

    from quadfit_tui.core.model.problem import Problem
    from quadfit_tui.sweeps.head import Head
    from quadfit_tui.sweeps.rows import KnownRows
    from quadfit_tui.sweeps.space import Cells, Space
    from quadfit_tui.sweeps.work import Work

_EXAMPLES = (
    (
        f"{NAME} sweep --lr 0.01:2:40log --shuffle --seeds 20 -o rates.csv",
        noted("40 rates, from 0.01 to 2 by equal factors"),
    ),
    (f"{NAME} sweep --batch 1 --batch 16 --batch full -n 50 -o batches.csv", noted("three batch sizes")),
    (
        f"{NAME} sweep --optimizer sgd --optimizer adam --lr 0.01:1:9log -o both.csv",
        noted("each rate by two optimizers"),
    ),
    (f"{NAME} sweep --lr 0.01:2:99 --noise 1 --seeds 1000 --random 500 --dry-run", noted("only how many and how long")),
)
_TYPED = f"{__name__}.typed"  # where a context keeps the words of its command


class _SweepCommand(GroupedHelpCommand):
    """A command that keeps what was typed, to tell how it goes on."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_TYPED] = [*args]
        return super().parse_args(ctx, args)


@click.command(
    cls=_SweepCommand,
    params=[*base_options(), *axis_options(), *sweep_options(), *plot_options(), *confined_options()],
    examples=_EXAMPLES,
    exit_codes=SWEEP_EXIT_CODES,
    help=SWEEP.help,
)
def sweep(**values: Any) -> int:
    """The command; gives the exit code."""
    asked = Asked(**{name: values.pop(name) for name in Asked._fields})
    is_from = asked.source is not None
    check_together(
        COMBINATIONS["sweep"],
        {
            "--from": is_from,
            "--from FILE": is_from,
            "--plot": asked.plot,
            "--output FILE": asked.output and (is_from or not is_standard_output(asked.output)),
            "--force": asked.force,
            "--dry-run": asked.dry_run,
            "--scheduler": asked.scheduler,
        },
    )
    if asked.source is not None:
        draw_finished(asked, asked.source)
        return OK
    check_output(asked)
    space, random = read_space(asked, values)
    if random is not None and random > len(space):
        told = _("{number} is more than there are; allowed: a whole number from 1 to {most}")
        refuse("--random", told.format(number=f"'{random}'", most=len(space)))
    from quadfit_tui.sweeps.head import Head, toml_path
    from quadfit_tui.sweeps.work import Work

    files = (space.base.data, *space.axes.get("data", ()))
    refuse_own_source(asked.output, asked.config_file, *files)
    refuse_own_source(asked.output and toml_path(asked.output), *files)
    problem = _read_samples(space)
    with options_named():
        head = Head.of(space, problem, random)
    work = Work(space, problem)
    return _tell(work, head, asked.jobs) if asked.dry_run else _train(work, head, asked)


def _read_samples(space: Space) -> Problem | None:
    """The samples of all runs, if they are of one file; raises a usage error where one cannot be used."""
    problem, told = None, dict[str, None]()
    for config in readings(space):
        with options_named():
            problem = read_aloud(config.with_values({"batch": "full"})).problem
            for batch in space.values("batch"):
                check_batch(config.with_values({"batch": batch}), len(problem.x))
        check_samples(problem)
        told |= dict.fromkeys(f"{NAME}: --data {shown_name(config.data or '')}: {said}" for said in problem.notices)
    for line in told:
        complain(line)
    return problem if len(readings(space)) == 1 else None


def _tell(work: Work, head: Head, jobs: int | None) -> int:
    """Prints what would be done; gives the exit code."""
    from quadfit_tui.sweeps.columns import Commands
    from quadfit_tui.sweeps.summary import shown

    cells = head.chosen
    lines = [expected(len(cells), 0, _seconds(work, cells, jobs)), *work.space.notes]
    first, last = (noted("The first one is {cell}:"), cells[0]), (noted("The last one is {cell}:"), cells[-1])
    for told, cell in (first, last) if len(cells) > 1 else ((noted("The only one is {cell}:"), cells[0]),):
        lines.append(_(told).format(cell=shown(work.space, int(cell))))
        lines += filter(None, Commands(work.space, head.digests).of([cell]))
    end_with_reader()
    with open_output(None) as put:
        put(lines)
    return OK


def _train(work: Work, head: Head, asked: Asked) -> int:
    """Trains the cells that are not done yet, and writes all rows; gives the exit code."""
    from quadfit_tui.sweeps.engines.engine import WorkersLostError, results
    from quadfit_tui.sweeps.summary import failure, summary
    from quadfit_tui.sweeps.sweep_file import SweepFile

    known: KnownRows | None = None
    try:
        with ended_in_order(), ExitStack() as opened:
            executor, jobs = _cluster(asked.scheduler, opened) if asked.scheduler is not None else (None, asked.jobs)
            known = opened.enter_context(opened_rows(asked, head))
            told = Progress(asked.progress, len(head.chosen), known.rows())
            opened.callback(told.clear)
            try:
                told.begin(work.space.notes, partial(_seconds, work, known.left, asked.jobs))
                suspects = known.suspects if isinstance(known, SweepFile) else ()
                trained = results(work, known.left, jobs=jobs, executor=executor, suspects=suspects)
                for found in opened.enter_context(closing(trained)):
                    told.tell(known.add(found))
                if isinstance(known, SweepFile):
                    known.finish()
                rows = known.rows()
            except (KeyboardInterrupt, WorkersLostError, OSError) as why:
                told.clear()  # and told at once: to leave a cluster may take longer than there is time
                if isinstance(why, WorkersLostError) and isinstance(known, SweepFile):
                    with suppress(OSError):  # then they are trained together again
                        known.suspect(why.cells)
                return _stopped(why, known, asked.output)
    except KeyboardInterrupt as ended:
        if known is not None:  # all is written, and the workers and the file are being left
            return _stopped(ended, known, asked.output)
        line = _("interrupted before the first run")
        complain(f"{NAME}: {line}")
        return code_of(ended)
    end_with_reader()
    lines = summary(work, rows)
    print_lines(lines, stream=sys.stderr if is_standard_output(asked.output) else None)
    print_plot(asked, work, rows)
    if told_of := failure(rows):
        complain(f"{NAME}: {told_of}")
        return LEFT_OUT
    return OK


def _cluster(address: str, opened: ExitStack) -> tuple[Executor, Callable[[], int]]:
    """The workers of a scheduler, which `opened` leaves, and how many they are; raises a usage error."""
    from quadfit_tui.sweeps.engines.cluster import ClusterError, connected

    try:
        return opened.enter_context(connected(address))
    except ClusterError as refused:
        refuse("--scheduler", str(refused))


def _stopped(why: BaseException, known: KnownRows, path: str | None) -> int:
    """Says why a sweep came to no end, and what goes on with it; gives the exit code."""
    said, code = str(why), BAD_INPUT
    if isinstance(why, KeyboardInterrupt):
        said, code = _("interrupted"), code_of(why)
    elif isinstance(why, OSError):
        said = unwritten(path or "", why).message
    words = [word for word in click.get_current_context().meta[_TYPED] if word not in ("--force", "--resume")]
    command = " ".join(map(shell_word, [NAME, "sweep", *words, "--resume"]))
    told = counted_as(
        "{problem} after {done} of {n} run",
        "{problem} after {done} of {n} runs",
        len(known.cells),
        problem=said,
        done=len(known.rows()),
    )
    goes_on = _("this goes on: {command}").format(command=command)
    if path is None:
        goes_on = _("without --output FILE none of them is kept")
    elif is_standard_output(path):
        goes_on = ""
    complain(escaped(f"{NAME}: {clauses([told, goes_on])}"))
    return code


def _seconds(work: Work, cells: Cells, jobs: int | None) -> float | None:
    """About how long it takes to train some cells; None where it is not known."""
    from quadfit_tui.sweeps.engines.engine import usable_processors
    from quadfit_tui.sweeps.estimate import seconds_a_run

    each = seconds_a_run(work, cells)
    usable = min(usable_processors(), len(cells))
    return None if each is None else each * len(cells) / min(jobs or usable, usable)
