"""`run --plot`: a view of the run, below its epochs or, as text, ANSI or SVG, in a file of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from quadfit_tui.cli.parsing.options import check_theme, view_of
from quadfit_tui.core.export.formats import picture_of

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.picture import Colors
    from quadfit_tui.ui.views.scene import Scene

NARROWEST = 20  # columns of a view
_WIDEST, _HIGHEST = 120, 40  # where nobody says how wide it is to be


def view_lines(
    session: RunSession, view: str, width: int | None, *, style: str, theme: str | None, ascii: bool, to_file: bool
) -> list[str]:
    """A view of the moment that a session is at, with words for its options, in one of the formats of pictures.

    Without a `width` it has one that fits.
    """
    from quadfit_tui.ui.picture import picture

    name, words = view_of("--plot", view)
    scene = _scene(session, name, words)
    return picture_of(style)(
        picture(scene, name, words, picture_size(width, to_file=to_file), colors_of(theme, style), ascii)
    )


def picture_size(width: int | None, *, to_file: bool) -> tuple[int, int]:
    """The columns and rows of a picture; without a `width` it has one that fits."""
    from shutil import get_terminal_size  # and all that it packs files with

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
    """What is to be heard of a view, one sentence a line; nothing of one whose sentences those of the run are."""
    from quadfit_tui.core.text.sentences import lines_to_hear  # and its reader of Markdown

    name, words = view_of("--plot", view)
    found = _scene(session, name, words).rate_map
    return [] if found is None else lines_to_hear(found.summary())


def shows_colors() -> bool:
    """Whether standard output is a terminal with colors, and nobody minds them (NO_COLOR)."""
    from quadfit_tui.ui.display.capabilities import capabilities_of, is_dumb

    if sys.stdout is None or not sys.stdout.isatty() or is_dumb(os.environ):
        return False
    return bool(capabilities_of(os.environ, sys.stdout.encoding).colors)


def _scene(session: RunSession, name: str, words: Mapping[str, str]) -> Scene:
    """The moment that a session is at, with all that a view shows of it worked out."""
    from quadfit_tui.ui.views.rate_map import with_map
    from quadfit_tui.ui.views.scene import scene_of

    scene = scene_of(session)
    return with_map(scene, words) if name == "map" else scene


def colors_of(theme: str | None, style: str) -> Colors:
    """The colors of a theme, for text none; by default the light one, for escape sequences the terminal's own."""
    from quadfit_tui.ui.picture import COLORLESS

    if style == "text":
        return COLORLESS
    from quadfit_tui.ui.themes import LIGHT, OF_TERMINAL, THEMES, chart_colors, theme_variables

    if theme is not None:
        check_theme(theme, [name for name in THEMES if style == "ansi" or name not in OF_TERMINAL])
    return chart_colors(theme_variables(theme or (OF_TERMINAL[0] if style == "ansi" else LIGHT.name)))
