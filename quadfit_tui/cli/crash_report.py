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
    """Writes the report into a folder, by default the user's state folder or else the temporary one.

    Gives the line that tells the user of it; never raises OSError.
    """
    what = printable(" ".join(f"{type(failure).__name__}: {failure}".split()).removesuffix(":"))[:160]
    refused = _("there is no folder for it")
    places: tuple[Callable[[], str | Path], ...] = (lambda: folder or state_folder(), tempfile.gettempdir)
    for place in places:
        try:  # there may be none
            if access.is_allowed(path := Path(place())):
                told = _("quadfit-tui: internal error ({what}); please report it and attach {file}")
                return told.format(what=what, file=_write(path, failure))
        except (OSError, RuntimeError) as reason:
            refused = refusals.reason(reason)
    told = _("quadfit-tui: internal error ({what}); no report could be written: {problem}")
    return told.format(what=what, problem=refused)


def _write(folder: Path, failure: BaseException) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / REPORTS.replace("*", f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}")
    # Nobody else's business, and never through a link that somebody else has put there.
    with access.open_to_write(path) as file:
        file.write("\n".join([*_circumstances(), "", *traceback.format_exception(failure)]))
    return path


def _circumstances() -> list[str]:
    packages = ", ".join(f"{name} {_version(name)}" for name in ("textual", "rich", "numpy", "plotext", "click"))
    told = " ".join(f"{name}={os.environ[name]!r}" for name in _REPORTED if name in os.environ)
    return [
        f"quadfit-tui {__version__}, {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}",
        f"Python {platform.python_version()}, {platform.platform()}",
        packages,
        f"arguments: {sys.argv[1:]!r}",
        told,
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
