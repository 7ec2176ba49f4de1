"""What the app needs of Textual that has no public name, under names that tell what it does; nobody else uses such.

A test tells what each is for, and which of them another Textual has no more.
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

from quadfit_tui.core.text.width import has_formula, is_single, line_begins

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
    """An app that shows its frames itself, and leaves what failed to whoever runs it."""

    def show_frame(self, update: CompositorUpdate) -> bool:  # noqa: ARG002  for those that override it
        """Shows what is new on the screen; tells whether it did, or Textual is to do it, as on the screen of a test."""
        return False

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        is_frame = renderable is not None and self.is_running and not self._batch_count
        if is_frame and self.show_frame(renderable):
            self.post_display_hook()
        else:
            super()._display(screen, renderable)

    framed: Screen[Any] | None = None  # the screen that the last frame showed, a page over what it leaves in sight

    def _update_mouse_over(self, screen: Screen[Any]) -> None:
        """Notes whose frame it was: Textual comes here after each one that was composed."""
        if screen is self.screen:
            self.framed = screen
        super()._update_mouse_over(screen)

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Lets go of what was painted of widgets that have gone: Textual keeps it of hundreds, which takes 30 MB."""
        StylesCache.get_inner_outer.cache_clear()
        return super()._prune(*nodes, parent=parent)

    @property
    def failure(self) -> Exception | None:
        """The exception that ended it."""
        return self._exception

    def _handle_exception(self, error: Exception) -> None:
        """Where it ends before what was just opened is there, that is no failure: Textual mounts nothing any more."""
        if not (self._exit and isinstance(error, MountError)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Ends without a word, which Textual would print."""
        self.post_message(CloseMessages())


class PartialScreen(Screen[None]):
    """A screen that renders what has changed, and not all in the box around it: a fifth less work while playing."""

    # Textual's paints the whole screen when a field is gone to or left; the fields see to that themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compositor = _PartialCompositor()
        self.is_new = True

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Styles nothing anew at first, when nothing can have changed: the first picture would take 4 % longer."""
        event.refresh_styles = event.refresh_styles and not self.is_new
        self.is_new = False

    def _screen_resized(self, size: Size) -> None:
        """Lays out nothing for a size that it has: of its first one it is told three times."""
        if size != self._compositor.size:
            self.take_classes(size)
            super()._screen_resized(size)

    def take_classes(self, size: Size) -> None:
        """Has the classes of a size before that is laid out; Textual would lay it out twice."""
        classes: dict[str, bool] = {}
        for points, extent in (
            (self.app.HORIZONTAL_BREAKPOINTS or [], size.width),
            (self.app.VERTICAL_BREAKPOINTS or [], size.height),
        ):
            fitting = max((point for point in points if point[0] <= extent), default=None)
            classes |= {point[1]: point == fitting for point in points}
        self.update_classes(classes, animate=False)


class _PartialCompositor(Compositor):
    """Composes a partial update of the widgets that are seen in it, and finds them where the layout put them.

    Textual's renders every widget whose clip touches the smallest box around all changes: where a line at the top and
    one at the bottom are new, all of the screen, at each frame. After a layout it has them all arranged once more as
    soon as it is asked where one is, if they were scrolled or new before.
    """

    _changed: frozenset[Region] = frozenset()  # what is being composed, if that is a partial update

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        result = super().reflow(parent, size)
        self._full_map_invalidated = False  # the map is of now
        return result

    def render_partial_update(self) -> ChopsUpdate | None:
        self._changed = frozenset(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = frozenset()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if not self._changed:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            place = region.intersection(clip)
            seen = [part.intersection(place) for part in self._changed if part.overlaps(place)]
            if seen:
                rows = Region.from_union(seen)
                rows = Region(place.x, rows.y, place.width, rows.height)
                yield region, rows, widget.render_lines(rows.translate(-region.offset))
                # What it covers need not be asked what would be there.
                self._changed -= {part for part in self._changed if place.contains_region(part)}


class KeyTables(XTermParser):
    """What Textual knows of the sequences that terminals send; those of the mouse by `parse_mouse_code`."""

    def keys(self, sequence: str) -> Iterable[Key]:
        """The keys that send this sequence. Raises ValueError or OverflowError for what no key sends."""
        return self._sequence_to_key_events(sequence)

    @staticmethod
    def has(sequence: str, function: str) -> bool:
        """Whether a key is known by this sequence, or by its number and last letter."""
        return function in FUNCTIONAL_KEYS or sequence in ANSI_SEQUENCES_KEYS


def screen_strips(app: App[Any]) -> list[Strip]:
    """The rows of what is on the screen, a page over what it leaves in sight; what is to be painted stays so.

    Textual's own pictures take what has changed for painted.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


def is_settled(app: App[Any], size: Size) -> bool:
    """Whether all that is in sight has its place in a screen of this size, has heard of it, and is painted."""
    screens = [app.screen, *app._background_screens]
    if any(screen.outer_size != size or screen._layout_required or screen._dirty_widgets for screen in screens):
        return False
    return not any(node.message_queue_size for screen in screens for node in screen.walk_children(with_self=True))


def clear_tooltip(screen: Screen[Any]) -> None:
    """Takes away what is told of the place at the mouse."""
    screen._clear_tooltip()


def bindings_of(node: DOMNode) -> BindingsMap:
    """The bindings of a widget or screen, to which others can be added."""
    return node._bindings


def style_parser(widget: Widget) -> Callable[[Style | str], Style]:
    """What makes styles of their names within a widget."""
    return widget._get_style


def parted_lines(text: str, width: int, fold: bool = True) -> list[int]:
    """Returns where the lines of a text begin: beside wide characters, but with no `，` at a begin, and in no formula.

    Textual's is parted at blanks alone, of which Chinese has few, and else wherever a line is full.
    """
    is_plain = width < 1 or (is_single(text) and not has_formula(text))
    return divide_line(text, width, fold) if is_plain else line_begins(text, width)


vars(content)["divide_line"] = parted_lines
