"""The user's folders: where the settings and presets are, and what the program writes down by itself; all its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.config.own_presets import FOLDER
from quadfit_tui.core.files import access
from quadfit_tui.core.files.protected_files import RECORDS, ProtectedFolder
from quadfit_tui.core.text.language import _

_NAME = "quadfit-tui"


def data_folder() -> str:
    """Returns the folder of data that the program records, such as transcripts; if files are confined, in the home."""
    if not access.is_confined():  # a confined program ignores the environment
        from platformdirs import user_data_path  # most commands need none

        with suppress(RuntimeError):  # neither $HOME nor the password database names a home
            return str(user_data_path(_NAME, appauthor=False))
    return f"~/.local/share/{_NAME}"


def config_folder() -> str:
    """Returns the folder of the settings: the environment's if file access may reach it, else ~/.config/quadfit-tui."""
    with suppress(RuntimeError):
        folder = _user_config()
        if access.is_allowed(folder):
            return folder
    return f"~/.config/{_NAME}"


def _user_config() -> str:
    """Returns the folder that platformdirs would, on Linux without importing it, as every command needs it early."""
    if sys.platform == "linux":
        xdg_home, home = os.environ.get("XDG_CONFIG_HOME", ""), os.environ.get("HOME", "")
        if os.path.isabs(xdg_home):
            return os.path.join(xdg_home, _NAME)
        if not xdg_home and os.path.isabs(home):
            return os.path.join(home, ".config", _NAME)
    from platformdirs import user_config_path

    return str(user_config_path(_NAME, appauthor=False))


def presets_folder() -> str:
    """Returns the folder of the user's own presets, inside that of the settings."""
    return os.path.join(config_folder(), FOLDER)


def state_folder() -> str:
    """Returns the folder of crash reports; raises RuntimeError if the user has no home folder."""
    from platformdirs import user_state_path  # needed only after a crash

    return str(user_state_path(_NAME, appauthor=False))


REPORTS = "crash-*.txt"  # names of crash reports


def own_folders() -> Iterator[ProtectedFolder]:
    """Yields the user's folders that the program protects from other output, with the reason for messages."""
    from tempfile import gettempdir

    for folder in (RECORDS, data_folder()):
        yield ProtectedFolder(folder, _("your answers to lessons are kept there"))
    yield ProtectedFolder(config_folder(), _("your settings are kept there"))
    yield ProtectedFolder(presets_folder(), _("only settings are saved among your own presets"), takes_settings=True)
    reports = _("reports of errors of the program are kept there")
    with suppress(RuntimeError):
        yield ProtectedFolder(state_folder(), reports)
    if not access.is_confined():  # confined files cannot reach the temporary folder
        with suppress(OSError):  # the system may have no folder that can be written
            yield ProtectedFolder(gettempdir(), reports, only=REPORTS)
