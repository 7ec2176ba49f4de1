"""Refuses to start the app without a terminal: it needs Linux or macOS, and a keyboard of its own."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from quadfit_tui.cli.output.printing import NAME
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _


def refuse_without_posix() -> None:
    """Raises a usage error on a system without POSIX terminals, such as Windows."""
    if find_spec("termios") is None:
        template = _(
            "the app needs a Linux or macOS terminal; on Windows, use WSL (set it up with 'wsl --install', then "
            "install {program} there), or use '{program} run' to train without the app"
        )
        raise click.UsageError(template.format(program=NAME))


def refuse_standard_input(option: str, path: str | None) -> None:
    """Raises a usage error if an option of the app names standard input as its file."""
    if path == access.STANDARD_INPUT:
        template = _("'-' is the keyboard, which the app needs; allowed: a file, or '{program} run {option} -'")
        refuse(option, template.format(program=NAME, option=option))


def refuse_without_terminal() -> None:
    """Raises a usage error if standard input or standard output is not a terminal, so that the app cannot start."""
    for stream, template in (
        (sys.stdin, N_("standard input is not a terminal; use '{program} run' to train without one")),
        (sys.stdout, N_("standard output is not a terminal; use '{program} run' to train without one")),
    ):
        if stream is None or not stream.isatty():
            raise click.UsageError(_(template).format(program=NAME))


def is_dumb_terminal() -> bool:
    """Whether both streams are a terminal, but a dumb one without cursor control, which cannot show the app."""
    from quadfit_tui.ui.display.capabilities import is_dumb

    streams = (sys.stdin, sys.stdout)
    return is_dumb(os.environ) and all(stream is not None and stream.isatty() for stream in streams)
