"""What the app is made of besides its own widgets, made such that its first picture is the only one at the start."""

from __future__ import annotations

from typing import Any

from textual.events import ScreenResume
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Footer

from quadfit_tui.ui.terminal.compositor import SparseCompositor

Breakpoints = list[tuple[int, str]]


class FrontScreen(Screen[None]):
    """The screen of the app, on which something moves.

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


class KeyBar(Footer):
    """The keys, there from the first picture on, and made anew only when they are others."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self.set_reactive(Footer._bindings_ready, True)  # else it waits until all else is there
        self._listed: list[Any] = []

    def compose(self) -> Any:
        self._listed = self._list()
        yield from super().compose()

    def bindings_changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and self._list() != self._listed:
            super().bindings_changed(screen)

    def _list(self) -> list[Any]:
        """What is to be seen: the keys of the footer, and whether each can be used now."""
        return [(each.binding, each.enabled) for each in self.screen.active_bindings.values() if each.binding.show]
