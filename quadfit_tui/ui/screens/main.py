"""The main screen, made such that its first picture is the only one at the start."""

from __future__ import annotations

from textual.events import ScreenResume
from textual.geometry import Size
from textual.screen import Screen

from quadfit_tui.ui.display.compositor import SparseCompositor

Breakpoints = list[tuple[int, str]]


class MainScreen(Screen[None]):
    """The screen below all others.

    It begins with the classes of its size, and its widgets are styled once.
    """

    def __init__(self, size: Size, across: Breakpoints, down: Breakpoints) -> None:
        super().__init__(id="_default")
        self._compositor = SparseCompositor()
        self.add_class(
            *(
                max(point for point in points if point[0] <= extent)[1]
                for points, extent in zip((across, down), size, strict=True)
            )
        )
        self._is_new = True

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Widgets have their styles when they are made: at first there is nothing that could have changed since."""
        event.refresh_styles = event.refresh_styles and not self._is_new
        self._is_new = False
