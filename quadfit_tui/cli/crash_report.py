"""The report of an unexpected error: a file for whoever mends it, and one line that says where it is."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from quadfit_tui import __version__
from quadfit_tui.cli.user_folders import REPORTS, state_folder
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import printable

_REPORTED = ("TERM", "COLORTERM", "NO_COLOR", "LANGUAGE", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "SSH_CONNECTION")


def report(failure: BaseException, folder: Path | None = None) -> str:
    """Writes the report of an unexpected error to a file; returns the line that names the file to the user.

    The file is in `folder`, by default the user's state folder, or else the temporary one. Never raises OSError.
    """
    what = printable(" ".join(f"{type(failure).__name__}: {failure}".split()).removesuffix(":"))[:160]
    problem = _("there is no folder for it")
    finders: tuple[Callable[[], str | Path], ...] = (lambda: folder or state_folder(), tempfile.gettempdir)
    for find in finders:
        try:  # a user may have no such folder
            path = Path(find())
            if access.is_allowed(path):
                template = _("quadfit-tui: internal error ({what}); please report it and attach {file}")
                return template.format(what=what, file=_write(path, failure))
        except (OSError, RuntimeError) as reason:
            problem = refusals.reason(reason)
    template = _("quadfit-tui: internal error ({what}); no report could be written: {problem}")
    return template.format(what=what, problem=problem)


def _write(folder: Path, failure: BaseException) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / REPORTS.replace("*", f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}")
    # Only the user may read the report, and it is never written through a link that somebody else has made.
    with access.open_to_write(path) as file:
        file.write("\n".join([*_circumstances(), "", *traceback.format_exception(failure)]))
    return path


def _circumstances() -> list[str]:
    """Returns the report's first lines: versions, system, arguments and the environment variables of the terminal."""
    packages = ", ".join(f"{name} {_version(name)}" for name in ("textual", "rich", "numpy", "plotext", "click"))
    variables = " ".join(f"{name}={os.environ[name]!r}" for name in _REPORTED if name in os.environ)
    return [
        f"quadfit-tui {__version__}, {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}",
        f"Python {platform.python_version()}, {platform.platform()}",
        packages,
        f"arguments: {sys.argv[1:]!r}",
        variables,
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
