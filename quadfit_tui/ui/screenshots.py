"""Saves pictures of the screen, and keeps what else Textual does outside of it within bounds."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from platformdirs import user_downloads_path
from textual.app import App

from quadfit_tui.core.files import access


class Screenshots(App[None]):
    """Saves a picture where files may be written, and says where that is; opens no browser where files are confined."""

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Saves what is on the screen as SVG: by default where downloads go, or in the home folder."""
        name = filename or f"quadfit-tui_{datetime.now().strftime(time_format or '%Y-%m-%d_%H-%M-%S')}.svg"
        file = os.path.join(path or _folder(), name)
        picture = self.export_screenshot()
        try:
            with access.open_to_write(file) as stream:
                stream.write(picture)
        except OSError as failure:
            problem = f"{file!r} cannot be written: {failure.strerror}; allowed: {access.allowed_text('a file')}"
            self.notify(problem, severity="error", markup=False)
        else:
            self.notify(f"Screenshot saved to {file}", markup=False)
        return None  # no key: nothing of the delivery is left to tell about

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Opens a page in a browser, which is another program: not where files are confined."""
        if not access.is_confined():
            super().open_url(url, new_tab=new_tab)


def _folder() -> str:
    if access.is_confined():
        return access.home_folder()
    downloads = user_downloads_path()
    return str(downloads if downloads.is_dir() else Path.home())
