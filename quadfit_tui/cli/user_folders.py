"""The user's folders: where the settings and presets are, and what the program writes down by itself."""

from __future__ import annotations

import os
from contextlib import suppress

from quadfit_tui.core.config.own_presets import FOLDER
from quadfit_tui.core.files import access

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
    from platformdirs import user_config_path

    with suppress(RuntimeError):
        folder = str(user_config_path(_NAME, appauthor=False))
        if access.is_allowed(folder):
            return folder
    return f"~/.config/{_NAME}"


def presets_folder() -> str:
    """The folder of the user's own presets."""
    return os.path.join(config_folder(), FOLDER)
