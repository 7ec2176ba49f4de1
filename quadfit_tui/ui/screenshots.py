"""Pictures of the screen: as plain data, and saved to a file."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from platformdirs import user_downloads_path
from textual.app import App
from textual.color import Color

from quadfit_tui.core.export.picture import Picture, svg_lines
from quadfit_tui.core.files import access, own_files, refusals
from quadfit_tui.core.files.whole_file import write_lines
from quadfit_tui.core.text.language import _, full_stop
from quadfit_tui.core.text.quoting import with_allowed
from quadfit_tui.ui.picture import picture_of_screen
from quadfit_tui.ui.terminal.terminal_app import TerminalApp
from quadfit_tui.ui.toolkit.textual_internals import screen_strips


def save_screenshot(app: TerminalApp, name: str | None = None, folder: str | None = None) -> None:
    """Saves what is on the screen as SVG, by default where downloads go, or in the home folder; says where that is."""
    name = name or f"quadfit-tui_{datetime.now().strftime('%Y-%m-%d_%H-%M-%S')}.svg"
    file = os.path.join(folder or _folder(), name)
    try:
        write_lines(file, svg_lines(screen_picture(app)), overwrites=True)
        is_sent = app.send_saved(file)
    except OSError as failure:
        problem = refusals.unwritten(repr(file), failure)
        app.tell(full_stop(with_allowed(problem, own_files.allowed_instead(failure))), stays=True)
    else:
        said = _("Saved the screenshot to {file}.")
        if is_sent:
            said, file = _("Sent the screenshot as a download: {file}."), name
        app.tell(said.format(file=file), warns=False)


def screen_picture(app: App[Any]) -> Picture:
    """What is on the screen; where it has the terminal's own colors, in such as many terminals have."""
    paper, theme = Color.parse(app.theme_variables["background"]), app.ansi_theme
    background = theme.background_color.hex if paper.ansi is not None else paper.hex6
    return picture_of_screen(screen_strips(app), app.title, background.lower(), theme)


def _folder() -> str:
    if access.is_confined():
        return access.home()
    downloads = user_downloads_path()
    return str(downloads if downloads.is_dir() else Path.home())
