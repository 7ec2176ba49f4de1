"""Refuses to start the app without a terminal: it needs Linux or macOS, and a keyboard of its own."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from quadfit_tui.cli.output import NAME
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _


def refuse_without_posix() -> None:
    """Refuses a system that has none of the kind that POSIX knows, as Windows."""
    if find_spec("termios") is None:
        told = _(
            "the app needs a Linux or macOS terminal; on Windows, use WSL (set it up with 'wsl --install', then "
            "install {program} there), or use '{program} run' to train without the app"
        )
        raise click.UsageError(told.format(program=NAME))


def refuse_standard_input(option: str, path: str | None) -> None:
    """Refuses standard input as the file of an option."""
    if path == access.STANDARD_INPUT:
        told = _("'-' is the keyboard, which the app needs; allowed: a file, or '{program} run {option} -'")
        refuse(option, told.format(program=NAME, option=option))


def refuse_without_terminal() -> None:
    """Refuses to begin where there is nobody to press keys, or to look."""
    for stream, told in (
        (sys.stdin, N_("standard input is not a terminal; use '{program} run' to train without one")),
        (sys.stdout, N_("standard output is not a terminal; use '{program} run' to train without one")),
    ):
        if stream is None or not stream.isatty():
            raise click.UsageError(_(told).format(program=NAME))


def is_dumb_terminal() -> bool:
    """Whether there is a terminal that cannot show the app."""
    from quadfit_tui.ui.display.capabilities import is_dumb

    ends = (sys.stdin, sys.stdout)
    return is_dumb(os.environ) and all(stream is not None and stream.isatty() for stream in ends)
