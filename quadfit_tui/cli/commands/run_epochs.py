"""Writes the epochs of `run` line by line, and facts about the run in their file (--head) or beside it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from quadfit_tui.cli.interrupts import SLICE
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.formats import every_options, writer_of
from quadfit_tui.core.export.writers import LastRowCsvWriter, NarrowTextWriter, TextWriter, Writer
from quadfit_tui.core.session.visit import advance_until_idle

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.cli.status_line import StatusLine
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.session.session import RunSession


class EpochFile(NamedTuple):
    """The options of the output of epochs: format `style`, each `every`-th epoch, or only the last one if `quiet`.

    `output` is the name of the file, None for standard output; `head` writes facts about the run into it as comments;
    `config` is the name of the TOML file beside it.
    """

    style: str
    every: int
    quiet: bool
    output: str | None
    head: bool = False
    config: str | None = None

    @property
    def options(self) -> list[str]:
        """The command-line options that write the same lines."""
        options = ["--format", self.style, *every_options(0 if self.quiet else self.every)]
        if self.head:
            options.append("--head")
        return options


def write_epochs(
    session: RunSession, file: EpochFile, put: WriteLines, put_config: WriteLines | None, status: StatusLine
) -> None:
    """Trains a run to its end, writing each epoch as soon as it is done, and facts about the run if asked for."""
    if file.output is None and sys.stdout.isatty():
        put = status.before(put)
    if file.head:
        from quadfit_tui.core.export.provenance import fact_lines, origin

        put(_comments(fact_lines(origin(session.timeline.task, file.options))))
    if file.quiet and file.style == "csv":
        _write(session, put, LastRowCsvWriter, 1, status)
    else:
        _write(session, put, writer_for(file.style, file.output), 0 if file.quiet else file.every, status)
    if not (file.head or put_config):
        return
    from quadfit_tui.core.export.provenance import fact_lines, facts
    from quadfit_tui.core.session.reproduction import config_lines

    run_facts = facts(session.snapshot(), file.options)
    if file.head:
        put(_comments(fact_lines(run_facts, but=origin(session.timeline.task, file.options))))
    if put_config and file.config:
        put_config(config_lines(file.config, session.timeline.task, facts=fact_lines(run_facts, but={"config"})))


def writer_for(style: str, output: str | None) -> type[Writer]:
    """Returns the class that formats epochs; on a terminal too narrow for all columns of text, one with fewer."""
    writer = writer_of(style)
    if writer is TextWriter and output is None and sys.stdout.isatty():
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
        if 0 < columns < len(TextWriter(RunConfig()).head()[0]):
            return NarrowTextWriter
    return writer


def _write(session: RunSession, put: WriteLines, writer: type[Writer], every: int, status: StatusLine) -> None:
    """Trains a run to its end, writing each `every`-th epoch (0: none) as soon as it is done, and the last one."""
    from quadfit_tui.core.export.recorder import RunLines

    lines = RunLines(put, writer(session.config, every))
    lines.write_header()
    session.play()
    for records in advance_until_idle(session, SLICE):
        lines.write_records(session.snapshot(), records)
        status.update(session.snapshot())


def _comments(lines: list[str]) -> list[str]:
    """Formats lines as comments of a CSV file."""
    return [f"# {line}" for line in lines]
