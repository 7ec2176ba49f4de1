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
    """The folder of what the program writes down by itself; where files are confined, below the home folder."""
    if not access.is_confined():  # else whatever the environment says
        from platformdirs import user_data_path  # most commands need none

        with suppress(RuntimeError):  # neither $HOME nor the password database names a home
            return str(user_data_path(_NAME, appauthor=False))
    return f"~/.local/share/{_NAME}"


def config_folder() -> str:
    """The folder of the settings; where files are confined, that of the environment only if it is below the home."""
    with suppress(RuntimeError):
        folder = _user_config()
        if access.is_allowed(folder):
            return folder
    return f"~/.config/{_NAME}"


def _user_config() -> str:
    """As platformdirs has it, which takes as long to load as click: each command looks there for its language."""
    if sys.platform == "linux":
        given, home = os.environ.get("XDG_CONFIG_HOME", ""), os.environ.get("HOME", "")
        if os.path.isabs(given):
            return os.path.join(given, _NAME)
        if not given and os.path.isabs(home):
            return os.path.join(home, ".config", _NAME)
    from platformdirs import user_config_path

    return str(user_config_path(_NAME, appauthor=False))


def presets_folder() -> str:
    """The folder of the user's own presets."""
    return os.path.join(config_folder(), FOLDER)


def state_folder() -> str:
    """The folder of the reports of errors; raises RuntimeError where there is no home folder for it."""
    from platformdirs import user_state_path  # hardly any run fails

    return str(user_state_path(_NAME, appauthor=False))


REPORTS = "crash-*.txt"  # the reports of errors; in the folder of temporary files where there is no other place


def own_folders() -> Iterator[ProtectedFolder]:
    """The folders that are the program's own, as far as they are the user's."""
    from tempfile import gettempdir

    for folder in (RECORDS, data_folder()):
        yield ProtectedFolder(folder, _("your answers to lessons are kept there"))
    yield ProtectedFolder(config_folder(), _("your settings are kept there"))
    yield ProtectedFolder(presets_folder(), _("only settings are saved among your own presets"), takes_settings=True)
    reports = _("reports of errors of the program are kept there")
    with suppress(RuntimeError):
        yield ProtectedFolder(state_folder(), reports)
    if not access.is_confined():  # it is outside of the home folder
        with suppress(OSError):  # no folder can be written
            yield ProtectedFolder(gettempdir(), reports, only=REPORTS)
