"""The base of widgets that make their lines themselves, many times a second: it keeps the styles of their parts."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

WHEEL = 3  # rows for each turn of the mouse wheel


class LineWidget(Widget):
    """Keeps the styles of its component classes `group--part`; Textual forgets them with every refresh.

    A widget that keeps what was made with them forgets it in `forget_styles`.
    """

    GROUP = ""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._part_styles: dict[str, Style] = {}

    def style_of(self, part: str) -> Style:
        """The style of a part; of "" that of the widget itself."""
        style = self._part_styles.get(part)
        if style is None:
            style = self.get_component_rich_style(f"{self.GROUP}--{part}") if part else self.rich_style
            self._part_styles[part] = style
        return style

    def forget_styles(self) -> None:
        """Forgets what depends on styles: these are others from now on, as after a change of the theme."""
        self._part_styles.clear()

    def notify_style_update(self) -> None:
        self.forget_styles()
        super().notify_style_update()
