"""The light theme: Textual's, with colors of text that can be read on its backgrounds."""

from __future__ import annotations

from dataclasses import replace

from textual.theme import BUILTIN_THEMES

# Of Textual's own, the orange and the green are made for a dark background: on the panels of the light theme their
# contrast is 1.3 to 1. That of these is 4.5 to 1 there, at least (WCAG 2.2, success criterion 1.4.3).
LIGHT = replace(
    BUILTIN_THEMES["textual-light"],
    secondary="#00589c",
    accent="#7a4a00",
    warning="#7a4a00",
    error="#a02045",
    success="#17622e",
    variables={
        "footer-key-foreground": "#00589c",
        # Which Textual would make darker still, until their hue is lost.
        "text-accent": "#7a4a00",
        "text-warning": "#7a4a00",
        "text-secondary": "#00589c",
        "text-success": "#17622e",
        "text-error": "#a02045",
    },
)
