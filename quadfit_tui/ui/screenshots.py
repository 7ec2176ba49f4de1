"""Saves pictures of the screen, and keeps what else Textual does outside of it within bounds."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from platformdirs import user_downloads_path
from textual.app import App
from textual.color import Color

from quadfit_tui.core.export.picture import Picture, svg_lines
from quadfit_tui.core.files import access, own_files
from quadfit_tui.core.files.whole_file import write_lines
from quadfit_tui.ui.picture import screen_picture
from quadfit_tui.ui.textual_internals import screen_strips


class Screenshots(App[None]):
    """Saves a picture where files may be written, and says where that is; opens no browser where files are confined."""

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Saves what is on the screen as SVG: by default where downloads go, or in the home folder."""
        name = filename or f"quadfit-tui_{datetime.now().strftime(time_format or '%Y-%m-%d_%H-%M-%S')}.svg"
        file = os.path.join(path or _folder(), name)
        try:
            write_lines(file, svg_lines(self.screen_picture()), overwrites=True)
        except OSError as failure:
            problem = f"{file!r} cannot be written: {failure.strerror}; allowed: {own_files.allowed_instead(failure)}."
            self.notify(problem, severity="error", markup=False)
        else:
            self.notify(f"Saved the screenshot to {file}.", markup=False)
        return None  # no key: nothing of the delivery is left to tell about

    def screen_picture(self) -> Picture:
        """What is on the screen; where it has the terminal's own colors, in such as many terminals have."""
        paper, theme = Color.parse(self.theme_variables["background"]), self.ansi_theme
        background = theme.background_color.hex if paper.ansi is not None else paper.hex6
        return screen_picture(screen_strips(self), self.title, background.lower(), theme)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Opens a page in a browser, which is another program: not where files are confined."""
        if not access.is_confined():
            super().open_url(url, new_tab=new_tab)


def _folder() -> str:
    if access.is_confined():
        return access.home_folder()
    downloads = user_downloads_path()
    return str(downloads if downloads.is_dir() else Path.home())
