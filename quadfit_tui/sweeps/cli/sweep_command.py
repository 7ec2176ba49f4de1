"""The command `sweep`: trains many runs that differ in some options, and writes a row for each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.commands.run_session import load_with_progress
from quadfit_tui.cli.exit_codes import BAD_INPUT, LEFT_OUT, OK, SWEEP_EXIT_CODES
from quadfit_tui.cli.interrupts import exit_code_of, exit_on_broken_pipe, signals_as_interrupts
from quadfit_tui.cli.output.output_file import is_standard_output, open_output, refuse_own_source, write_error
from quadfit_tui.cli.output.printing import NAME, escaped, print_error, print_lines
from quadfit_tui.cli.parsing.combinations import check_together
from quadfit_tui.cli.parsing.help import GroupedHelpCommand
from quadfit_tui.cli.parsing.options import (
    as_usage_errors,
    base_options,
    check_samples,
    confined_options,
    refuse,
)
from quadfit_tui.core.config.parameters import check_batch
from quadfit_tui.core.text.language import N_, _, clauses, ngettext
from quadfit_tui.core.text.quoting import shell_word, shown_name
from quadfit_tui.sweeps.cli.combinations import COMBINATIONS
from quadfit_tui.sweeps.cli.sweep_entry import SWEEP
from quadfit_tui.sweeps.cli.sweep_options import SweepArguments, axis_options, read_space, sample_configs
from quadfit_tui.sweeps.cli.sweep_output import check_output, open_rows, sweep_options
from quadfit_tui.sweeps.cli.sweep_plot import draw_finished, plot_options, print_plot
from quadfit_tui.sweeps.cli.sweep_progress import SweepProgressLine, estimate_line

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from concurrent.futures import Executor

    from quadfit_tui.core.model.problem import Dataset
    from quadfit_tui.sweeps.head import SweepHeader
    from quadfit_tui.sweeps.rows import KnownRows
    from quadfit_tui.sweeps.space import Cells, Space
    from quadfit_tui.sweeps.work import SweepJob

_EXAMPLES = (
    (
        f"{NAME} sweep --lr 0.01:2:40log --shuffle --seeds 20 -o rates.csv",
        N_("40 rates, from 0.01 to 2 by equal factors"),
    ),
    (f"{NAME} sweep --batch 1 --batch 16 --batch full -n 50 -o batches.csv", N_("three batch sizes")),
    (
        f"{NAME} sweep --optimizer sgd --optimizer adam --lr 0.01:1:9log -o both.csv",
        N_("each rate by two optimizers"),
    ),
    (f"{NAME} sweep --lr 0.01:2:99 --noise 1 --seeds 1000 --random 500 --dry-run", N_("only how many and how long")),
)
_TYPED = f"{__name__}.typed"  # key of a context's `meta`: the words of its command as typed


class _SweepCommand(GroupedHelpCommand):
    """A command that stores its words as typed, to print the command that resumes it."""

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
    """Runs the command `sweep`: checks its options, then trains, prints a dry run, or draws; returns the exit code."""
    asked = SweepArguments(**{name: values.pop(name) for name in SweepArguments._fields})
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
        template = _("{number} is more than there are; allowed: a whole number from 1 to {most}")
        refuse("--random", template.format(number=f"'{random}'", most=len(space)))
    from quadfit_tui.sweeps.head import SweepHeader, toml_path
    from quadfit_tui.sweeps.work import SweepJob

    files = (space.base.data, *space.axes.get("data", ()))
    refuse_own_source(asked.output, asked.config_file, *files)
    refuse_own_source(asked.output and toml_path(asked.output), *files)
    problem = _read_samples(space)
    with as_usage_errors():
        head = SweepHeader.of(space, problem, random)
    work = SweepJob(space, problem)
    return _print_dry_run(work, head, asked.jobs) if asked.dry_run else _train(work, head, asked)


def _read_samples(space: Space) -> Dataset | None:
    """Loads and checks the files of samples, printing notices; returns the samples if all runs share them, else None.

    Raises a usage error if a file cannot be used, or is smaller than a batch.
    """
    problem, lines = None, dict[str, None]()  # each line once, in order
    for config in sample_configs(space):
        with as_usage_errors():
            problem = load_with_progress(config.with_values({"batch": "full"})).problem
            for batch in space.values("batch"):
                check_batch(config.with_values({"batch": batch}), len(problem.x))
        check_samples(problem)
        file = shown_name(config.data or "")
        lines |= dict.fromkeys(f"{NAME}: --data {file}: {notice}" for notice in problem.notices)
    for line in lines:
        print_error(line)
    return problem if len(sample_configs(space)) == 1 else None


def _print_dry_run(work: SweepJob, head: SweepHeader, jobs: int | None) -> int:
    """Prints the number of runs, their time, and the first and last one (--dry-run); returns the exit code."""
    from quadfit_tui.sweeps.columns import CommandLines
    from quadfit_tui.sweeps.summary import cell_label

    cells = head.chosen
    lines = [estimate_line(len(cells), 0, _seconds(work, cells, jobs)), *work.space.notes]
    if len(cells) > 1:
        examples = [(N_("The first one is {cell}:"), cells[0]), (N_("The last one is {cell}:"), cells[-1])]
    else:
        examples = [(N_("The only one is {cell}:"), cells[0])]
    for template, cell in examples:
        lines.append(_(template).format(cell=cell_label(work.space, int(cell))))
        lines += filter(None, CommandLines(work.space, head.digests).of([cell]))
    exit_on_broken_pipe()
    with open_output(None) as put:
        put(lines)
    return OK


def _train(work: SweepJob, head: SweepHeader, asked: SweepArguments) -> int:
    """Trains the cells that are not done yet, writes all rows, and prints the summary; returns the exit code."""
    from quadfit_tui.sweeps.engines.engine import WorkersLostError, results
    from quadfit_tui.sweeps.summary import failure_message, summary
    from quadfit_tui.sweeps.sweep_file import SweepFile

    known: KnownRows | None = None
    try:
        with signals_as_interrupts(), ExitStack() as opened:
            executor, jobs = _cluster(asked.scheduler, opened) if asked.scheduler is not None else (None, asked.jobs)
            known = opened.enter_context(open_rows(asked, head))
            progress = SweepProgressLine(asked.progress, len(head.chosen), known.rows())
            opened.callback(progress.clear)
            try:
                progress.begin(work.space.notes, partial(_seconds, work, known.left, asked.jobs))
                suspects = known.suspects if isinstance(known, SweepFile) else ()
                trained = results(work, known.left, jobs=jobs, executor=executor, suspects=suspects)
                for chunk in opened.enter_context(closing(trained)):
                    progress.update(known.add(chunk))
                if isinstance(known, SweepFile):
                    known.finish()
                rows = known.rows()
            except (KeyboardInterrupt, WorkersLostError, OSError) as why:
                progress.clear()
                if isinstance(why, WorkersLostError) and isinstance(known, SweepFile):
                    with suppress(OSError):  # without the note, a resumed sweep trains the suspects with others
                        known.suspect(why.cells)
                # Print before the contexts are closed: leaving a cluster may take longer than a signal allows.
                return _stopped(why, known, asked.output)
    except KeyboardInterrupt as ended:
        if known is not None:  # all rows are written; the signal came while workers and file were being closed
            return _stopped(ended, known, asked.output)
        line = _("interrupted before the first run")
        print_error(f"{NAME}: {line}")
        return exit_code_of(ended)
    exit_on_broken_pipe()
    lines = summary(work, rows)
    print_lines(lines, stream=sys.stderr if is_standard_output(asked.output) else None)
    print_plot(asked, work, rows)
    problem = failure_message(rows)
    if problem:
        print_error(f"{NAME}: {problem}")
        return LEFT_OUT
    return OK


def _cluster(address: str, opened: ExitStack) -> tuple[Executor, Callable[[], int]]:
    """Connects to a Dask scheduler until `opened` is closed; returns its executor and a function that counts workers.

    Raises a usage error if it cannot be used.
    """
    from quadfit_tui.sweeps.engines.cluster import ClusterError, connected

    try:
        return opened.enter_context(connected(address))
    except ClusterError as refused:
        refuse("--scheduler", str(refused))


def _stopped(why: BaseException, known: KnownRows, path: str | None) -> int:
    """Prints why a sweep stopped early, and the command that resumes it; returns the exit code."""
    problem, code = str(why), BAD_INPUT
    if isinstance(why, KeyboardInterrupt):
        problem, code = _("interrupted"), exit_code_of(why)
    elif isinstance(why, OSError):
        problem = write_error(path or "", why).message
    words = [word for word in click.get_current_context().meta[_TYPED] if word not in ("--force", "--resume")]
    command = " ".join(map(shell_word, [NAME, "sweep", *words, "--resume"]))
    message = ngettext(
        "{problem} after {done} of {n} run",
        "{problem} after {done} of {n} runs",
        len(known.cells),
        problem=problem,
        done=len(known.rows()),
    )
    hint = _("this goes on: {command}").format(command=command)
    if path is None:
        hint = _("without --output FILE none of them is kept")
    elif is_standard_output(path):
        hint = ""
    print_error(escaped(f"{NAME}: {clauses([message, hint])}"))
    return code


def _seconds(work: SweepJob, cells: Cells, jobs: int | None) -> float | None:
    """Estimates the seconds that it takes to train some cells; None if unknown."""
    from quadfit_tui.sweeps.engines.engine import usable_processors
    from quadfit_tui.sweeps.estimate import seconds_a_run

    seconds = seconds_a_run(work, cells)
    usable = min(usable_processors(), len(cells))
    return None if seconds is None else seconds * len(cells) / min(jobs or usable, usable)
