"""`run --plot`: a view of the run, below its epochs or, as text, ANSI or SVG, in a file of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from quadfit_tui.cli.parsing.options import check_theme, view_of
from quadfit_tui.core.export.formats import picture_of
from quadfit_tui.core.text.language import _

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.picture import Colors
    from quadfit_tui.ui.views.scene import Scene

NARROWEST = 20  # columns of a view
_WIDEST, _HIGHEST = 120, 40  # columns and rows at most, if --width is not used


def view_lines(
    session: RunSession, view: str, width: int | None, *, style: str, theme: str | None, ascii: bool, to_file: bool
) -> list[str]:
    """Draws a view of the session's present moment, such as `fit:data`, as lines of a picture format.

    Without a `width` in columns, one is chosen that fits the terminal or a file.
    """
    from quadfit_tui.ui.picture import picture

    name, words = view_of("--plot", view)
    scene = _scene(session, name, words)
    size, colors = picture_size(width, to_file=to_file), colors_of(theme, style)
    return picture_of(style)(picture(scene, name, words, size, colors, ascii))


def picture_size(width: int | None, *, to_file: bool) -> tuple[int, int]:
    """Returns the columns and rows of a picture; without a `width`, those that fit the terminal or a file."""
    from shutil import get_terminal_size  # shutil loads compression modules, which most commands need not

    from quadfit_tui.ui.charts.render import MIN_HEIGHT
    from quadfit_tui.ui.picture import SIZE_IN_FILE

    if to_file:
        columns, rows = SIZE_IN_FILE
        width = width or columns
        height = min(width * rows // columns, _HIGHEST)
    else:
        size = get_terminal_size(SIZE_IN_FILE)
        width = width or max(NARROWEST, min(size.columns, _WIDEST))
        height = min(size.lines - 1, _HIGHEST)
    return width, max(MIN_HEIGHT, height)


def spoken_view(session: RunSession, view: str) -> list[str]:
    """Returns a view as sentences to hear, one a line; of all views but *map*, that it is a picture."""
    from quadfit_tui.core.text.sentences import lines_to_hear  # it loads a parser of Markdown

    name, words = view_of("--plot", view)
    rate_map = _scene(session, name, words).rate_map
    if rate_map is None:
        return [_("The view {view} is a picture; of the views only map is told in sentences.").format(view=name)]
    return lines_to_hear(rate_map.summary())


def shows_colors() -> bool:
    """Whether standard output is a terminal with colors, and the user has not turned them off (NO_COLOR)."""
    from quadfit_tui.ui.display.capabilities import capabilities_of, is_dumb

    if sys.stdout is None or not sys.stdout.isatty() or is_dumb(os.environ):
        return False
    return bool(capabilities_of(os.environ, sys.stdout.encoding).colors)


def _scene(session: RunSession, name: str, words: Mapping[str, str]) -> Scene:
    """Makes the Scene of a session's present moment; for the view *map*, computes the map first."""
    from quadfit_tui.ui.views.rate_map import with_map
    from quadfit_tui.ui.views.scene import scene_of

    scene = scene_of(session)
    return with_map(scene, words) if name == "map" else scene


def colors_of(theme: str | None, style: str) -> Colors:
    """Returns the colors of a picture: none as text, else a theme's; by default light, as ansi the terminal's own."""
    from quadfit_tui.ui.picture import COLORLESS

    if style == "text":
        return COLORLESS
    from quadfit_tui.ui.themes import LIGHT, OF_TERMINAL, THEMES, chart_colors, theme_variables

    if theme is not None:
        check_theme(theme, [name for name in THEMES if style == "ansi" or name not in OF_TERMINAL])
    return chart_colors(theme_variables(theme or (OF_TERMINAL[0] if style == "ansi" else LIGHT.name)))
