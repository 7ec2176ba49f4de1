"""The formats of --output: which one a command writes, by --format or the file's name, and whether it may."""

from __future__ import annotations

import click

from quadfit_tui.core.export.formats import EXPORTERS, OTHER_SUFFIXES, Column, formats_of, style_of
from quadfit_tui.core.text.language import N_, _, comma_separated, join_or
from quadfit_tui.core.text.quoting import quoted

# The refusal of a file whose suffix belongs to no format, by the output that should go there.
_OF_ANOTHER_KIND: dict[Column, str] = {
    "writer": N_(
        "--output {file} is for another kind of file; allowed for epochs: names that end in {suffixes}, "
        "or --format with one of {formats}"
    ),
    "picture": N_(
        "--output {file} is for another kind of file; allowed with --plot: names that end in {suffixes}, "
        "or --format with one of {formats}"
    ),
    "update": N_(
        "--output {file} is for another kind of file; allowed with --explain: names that end in {suffixes}, "
        "or --format with one of {formats}"
    ),
}


def style_for(path: str, asked: str | None, column: Column) -> str:
    """Returns the format to write: the one that --format asked for, or else that of the file's name.

    Raises a usage error if no format has the file's suffix, but another kind of file does.
    """
    if asked is not None:
        return asked
    if path.lower().endswith(OTHER_SUFFIXES):
        formats = formats_of(column)
        suffixes = join_or([EXPORTERS[name].suffix for name in formats if EXPORTERS[name].suffix])
        template = _(_OF_ANOTHER_KIND[column])
        message = template.format(file=quoted(path), suffixes=suffixes, formats=comma_separated(formats))
        raise click.UsageError(message)
    return style_of(path)


def check_writes_epochs(style: str, asked: str | None, path: str | None) -> None:
    """Raises a usage error if the format, from --format (`asked`) or from the file's name, cannot hold epochs."""
    allowed = formats_of("writer")
    if style in allowed:
        return
    if EXPORTERS[style].picture:
        template = _("{option} is for a view, from 'run --plot'; allowed for epochs: --format with one of {formats}")
    else:
        template = _(
            "{option} is for one update, from 'run --explain'; allowed for epochs: --format with one of {formats}"
        )
    option = option_of_format(style, asked, path)
    raise click.UsageError(template.format(option=option, formats=comma_separated(allowed)))


def option_of_format(style: str, asked: str | None, path: str | None) -> str:
    """Returns the option that chose the format, for messages: `--format svg` if it was `asked` for, else --output."""
    if asked:
        return f"--format {style}"
    name = quoted(path or "")
    return f"--output {name}"
