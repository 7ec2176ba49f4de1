"""Screenshots: the screen as plain data, and the path to which it is saved."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from platformdirs import user_downloads_path
from textual.app import App
from textual.color import Color

from quadfit_tui.core.export.picture import Picture
from quadfit_tui.core.files import access
from quadfit_tui.ui.picture import picture_of_screen
from quadfit_tui.ui.toolkit.textual_internals import screen_strips


def screen_picture(app: App[Any]) -> Picture:
    """Renders the whole screen as a Picture; a theme with the terminal's own colors gets those of a common terminal."""
    paper, theme = Color.parse(app.theme_variables["background"]), app.ansi_theme
    background = theme.background_color.hex if paper.ansi is not None else paper.hex6
    return picture_of_screen(screen_strips(app), app.title, background.lower(), theme)


def screenshot_path() -> str:
    """Returns a new path in the folder of downloads; in the home folder if there is none, or files are confined."""
    return os.path.join(_folder(), f"quadfit-tui_{datetime.now().strftime('%Y-%m-%d_%H-%M-%S')}.svg")


def _folder() -> str:
    if access.is_confined():
        return access.home()
    downloads = user_downloads_path()
    return str(downloads if downloads.is_dir() else Path.home())
