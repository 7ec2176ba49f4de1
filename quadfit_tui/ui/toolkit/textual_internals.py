"""Everything that the app uses of Textual's private names, and the only module that may use them.

Overridden by subclasses, where the app needs other behavior:

- `FrameApp` (App): `_display`, `_update_mouse_over`, `_prune`, `_handle_exception`, `_fatal_error`
- `PartialScreen` (Screen): `focused`, `_compositor`, `_screen_resized`, the styling when it is first shown
- `_PartialCompositor` (Compositor): `reflow`, `render_partial_update`, `_get_renders`

Replaced in Textual itself, for the whole process, when this module is imported:

- `textual.content.divide_line`, by `replace_divide_line`

Used without a change of behavior: by `KeyTables`, and by the functions from `screen_strips` to `style_parser`.

A newer Textual may lack any of these names: tests/test_textual_internals.py lists them, each with its purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rich._wrap import divide_line
from textual import content
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate, ReflowResult
from textual._context import visible_screen_stack
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.await_remove import AwaitRemove
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.events import Key, ScreenResume
from textual.geometry import Region, Size
from textual.messages import CloseMessages
from textual.reactive import Reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.widget import MountError, Widget

from quadfit_tui.core.text.width import has_formula, is_single, line_starts

__all__ = [
    "ChopsUpdate",
    "CompositorUpdate",
    "FrameApp",
    "KeyTables",
    "LayoutUpdate",
    "PartialScreen",
    "bindings_of",
    "clear_tooltip",
    "is_settled",
    "screen_strips",
    "style_parser",
]


class FrameApp(App[None]):
    """An app that sends its frames to the terminal itself, and leaves exceptions to the caller of `run`."""

    framed: Screen[Any] | None = None  # the screen of the last composed frame; of several, the uppermost

    def show_frame(self, update: CompositorUpdate) -> bool:  # noqa: ARG002  subclasses use it
        """Sends a composed frame to the terminal; returns whether it did.

        Subclasses override it. If it returns False, as in a test without a terminal, Textual sends the frame.
        """
        return False

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Passes each composed frame to `show_frame`; Textual would write all of it to the driver."""
        is_frame = renderable is not None and self.is_running and not self._batch_count
        if is_frame and self.show_frame(renderable):
            self.post_display_hook()
        else:
            super()._display(screen, renderable)

    def _update_mouse_over(self, screen: Screen[Any]) -> None:
        """Notes in `framed` which screen was just composed: Textual calls this after each composed frame."""
        if screen is self.screen:
            self.framed = screen
        super()._update_mouse_over(screen)

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Removes widgets, and clears a cache of Textual's that keeps the painted lines of hundreds of them (30 MB)."""
        StylesCache.get_inner_outer.cache_clear()
        return super()._prune(*nodes, parent=parent)

    @property
    def failure(self) -> Exception | None:
        """The exception that ended the app, or None if none did."""
        return self._exception

    def _handle_exception(self, error: Exception) -> None:
        """Ends the app with an exception, except for a MountError during exit.

        When the app exits, Textual mounts nothing any more, so a widget that was just opened fails to mount. That is
        no failure of the program.
        """
        if not (self._exit and isinstance(error, MountError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Closes the app after an exception without printing the traceback, as Textual would."""
        self.post_message(CloseMessages())


class PartialScreen(Screen[None]):
    """A screen that renders only the regions that changed: a fifth less work than the box around all of them."""

    # Without `repaint`: Textual paints the whole screen when the focus moves, but the fields repaint themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compositor = _PartialCompositor()
        self.is_first_resume = True

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Skips the restyling when the screen is first shown: nothing has changed, and it takes 4 % of the start."""
        event.refresh_styles = event.refresh_styles and not self.is_first_resume
        self.is_first_resume = False

    def _screen_resized(self, size: Size) -> None:
        """Lays out a new size; ignores the current one, since Textual reports the first size three times."""
        if size != self._compositor.size:
            self.set_size_classes(size)
            super()._screen_resized(size)

    def set_size_classes(self, size: Size) -> None:
        """Sets the classes of the app's breakpoints for a size, before that is laid out.

        Textual sets them after the layout, and must then lay out the screen a second time.
        """
        classes: dict[str, bool] = {}
        for points, extent in (
            (self.app.HORIZONTAL_BREAKPOINTS or [], size.width),
            (self.app.VERTICAL_BREAKPOINTS or [], size.height),
        ):
            fitting = max((point for point in points if point[0] <= extent), default=None)
            classes |= {point[1]: point == fitting for point in points}
        self.update_classes(classes, animate=False)


class _PartialCompositor(Compositor):
    """A compositor that renders the changed regions only, and arranges the widgets once for each layout.

    Textual's renders every widget whose clip touches the smallest box around all changes. If one line at the top and
    one at the bottom change, that box is the whole screen, at each frame.
    """

    _changed: frozenset[Region] = frozenset()  # regions of the partial update being composed; empty otherwise

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lays out all widgets, and marks the map of their positions as valid.

        Textual leaves it marked as invalid after a scroll or a new widget, and would arrange all widgets once more
        when a position is next looked up.
        """
        result = super().reflow(parent, size)
        self._full_map_invalidated = False
        return result

    def render_partial_update(self) -> ChopsUpdate | None:
        """Renders a partial update, while `_changed` limits `_get_renders` to the changed regions."""
        self._changed = frozenset(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = frozenset()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """Yields the region, the rendered rows and their strips of each widget that shows a changed region."""
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            visible = region.intersection(clip)
            parts = [changed.intersection(visible) for changed in self._changed if changed.overlaps(visible)]
            if parts:
                rows = Region.from_union(parts)
                rows = Region(visible.x, rows.y, visible.width, rows.height)
                yield region, rows, widget.render_lines(rows.translate(-region.offset))
                # A region that this widget covers needs no rendering of the widgets below it.
                self._changed -= {changed for changed in self._changed if visible.contains_region(changed)}


class KeyTables(XTermParser):
    """Textual's tables of the sequences that terminals send; `parse_mouse_code` parses those of the mouse."""

    def keys(self, sequence: str) -> Iterable[Key]:
        """Parses a sequence into the keys that send it. Raises ValueError or OverflowError if no key does."""
        return self._sequence_to_key_events(sequence)

    @staticmethod
    def has(sequence: str, function: str) -> bool:
        """Whether Textual's tables know a key, by its sequence or by its number and last letter, as `15~`."""
        return function in FUNCTIONAL_KEYS or sequence in ANSI_SEQUENCES_KEYS


def screen_strips(app: App[Any]) -> list[Strip]:
    """Renders the rows of the whole screen, with the screens that are visible below a page.

    What waits to be painted still waits afterwards; Textual's own screenshots mark it as painted.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


def is_settled(app: App[Any], size: Size) -> bool:
    """Whether all visible screens are laid out in this size and painted, with no message of a widget pending."""
    screens = [app.screen, *app._background_screens]
    if any(screen.outer_size != size or screen._layout_required or screen._dirty_widgets for screen in screens):
        return False
    return not any(node.message_queue_size for screen in screens for node in screen.walk_children(with_self=True))


def clear_tooltip(screen: Screen[Any]) -> None:
    """Hides the tooltip of a screen at once."""
    screen._clear_tooltip()


def bindings_of(node: DOMNode) -> BindingsMap:
    """Returns the mutable key bindings of a widget or screen, so that the caller can add some."""
    return node._bindings


def style_parser(widget: Widget) -> Callable[[Style | str], Style]:
    """Returns the function that parses names of styles, as in markup, for text drawn within a widget."""
    return widget._get_style


def divide_line_with_chinese(text: str, width: int, fold: bool = True) -> list[int]:
    """Returns the indices where a wrapped text breaks, in place of Rich's `divide_line`.

    Rich breaks at blanks, of which Chinese has few, and otherwise wherever a line is full. This one may break beside
    any wide character, but not before a `，` and not within a formula. Plain text is left to Rich.
    """
    is_plain = width < 1 or (is_single(text) and not has_formula(text))
    return divide_line(text, width, fold) if is_plain else line_starts(text, width)


def replace_divide_line() -> None:
    """Replaces the function by which Textual wraps every text; called once, when this module is imported."""
    vars(content)["divide_line"] = divide_line_with_chinese


replace_divide_line()
