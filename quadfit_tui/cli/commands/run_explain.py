"""`run --explain`: one update with its own numbers, as text, sentences, or Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.exit_codes import OK
from quadfit_tui.cli.moments import train_to
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.core.export.formats import EXPORTERS, formats_of, update_of
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.language import _, join_or, one_of
from quadfit_tui.core.text.quoting import quoted

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import RunSession


def check_options(style: str, asked: str | None, path: str | None) -> None:
    """Raises a usage error if the format, from --format (`asked`) or from the file's name, cannot hold an update."""
    if not EXPORTERS[style].update:
        allowed = formats_of("update")
        if asked is not None:
            template = _("--explain only writes {formats}; remove --format {style}")
            raise click.UsageError(template.format(formats=join_or(allowed), style=style))
        template = _(
            "--output {file} is for a view, from 'run --plot'; allowed with --explain: --format with {formats}"
        )
        if EXPORTERS[style].writer:
            template = _("--output {file} is for epochs; allowed with --explain: --format with {formats}")
        raise click.UsageError(template.format(file=quoted(path or ""), formats=one_of(allowed)))


def explain_update(
    session: RunSession, asked: str, style: str, output: str | None, overwrites: bool, ascii: bool
) -> int:
    """Trains up to a moment, such as `15` or `15:3`, and writes its last update worked out; returns the exit code.

    Raises a usage error if the run has no such update.
    """
    code = train_to(session, "--explain", asked)
    if code == OK:
        record = session.snapshot().record
        assert record is not None  # at least one update is done
        lines = update_of(style)(record)
        with open_output(output, overwrites, whole=True) as put:
            put([ascii_of(line) for line in lines] if ascii else lines)
    return code
