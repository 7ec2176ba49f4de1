"""TerminalApp: the base of the app, a Textual App for any terminal, which it restores whatever happens."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any, ClassVar, Protocol, runtime_checkable

from textual import events
from textual.app import App, ScreenStackError
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.messages import CloseMessages
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import WorkerFailed

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _, pgettext, pgettext_noop
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.background import is_light_by
from quadfit_tui.ui.terminal.driver import TerminalDriver
from quadfit_tui.ui.terminal.signals import END_TIMEOUT, ending_by_signals
from quadfit_tui.ui.toolkit.message_queue import MessageQueue, Notice
from quadfit_tui.ui.toolkit.textual_internals import CompositorUpdate, FrameApp, clear_tooltip, is_settled

_CLOSING = 0.2  # seconds of END_TIMEOUT to close files after the terminal is restored
_LOOK, _MOST_LOOKS = 0.004, 25  # while a mouse press waits for a frame: seconds between two checks, and their number
# The keys whose names are words, and translated; the names of most others are printed on the key.
_KEYS = frozenset({pgettext_noop("key", "space"), pgettext_noop("key", "arrows")})
_DARK, _LIGHT = "textual-dark", "textual-light"


SUSPEND = Binding(
    "ctrl+z",
    "suspend_process",
    N_("Suspend"),
    tooltip=N_("suspend to the shell (fg resumes)"),
    priority=True,
    show=False,
)


@runtime_checkable
class Attended(Protocol):
    """A widget that knows which point of it the user looks at, as the marked row of a list."""

    @property
    def cursor_offset(self) -> Offset:
        """The position of that point on the screen."""


def transliterate_for(app: App[Any], text: str) -> str:
    """Returns a text with the characters replaced that the terminal of an app cannot show."""
    return app.capabilities.transliterate(text) if isinstance(app, TerminalApp) else text


class TerminalApp(FrameApp):
    """An app that draws through a TerminalDriver, exits in order on signals, and raises its failure from `run`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        SUSPEND,
        # With priority over pages, on which Textual shows no notice.
        Binding("ctrl+c", "help_quit", N_("show how to quit"), show=False, priority=True),
        Binding("ctrl+q", "quit", N_("quit the app, also inside a field"), show=False, priority=True),
    ]

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.exit_code: int | None = None  # the code to exit with as soon as possible; None: no exit was requested
        self.leave_by = math.inf  # deadline to restore the terminal, in seconds of `time.monotonic`
        self.is_leaving = False  # whether `exit` was called
        self.terminal: TerminalDriver | None = None  # None in a test without a terminal
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._is_begun = False
        self._styled_theme = ""  # the theme of the present styles
        self._pointed = deque[Widget | None]()  # for each unhandled mouse press the widget that was visible there
        self._is_pressed = False  # whether a mouse button is held since an accepted press
        self.downloads = False  # whether saved files go to the terminal as downloads, and do not stay in their folder
        self.follows_background = False  # whether the theme is light or dark as the terminal's background
        self.background_theme = _DARK  # the theme for the terminal's background
        self.message_queue = MessageQueue()
        super().__init__(driver_class=TerminalDriver)

    def ending_by_signals(self) -> AbstractContextManager[None]:
        """Returns the context in which signals end the app; the caller runs the app and closes its files within it."""
        return ending_by_signals(self._end_soon, self._abandon)

    def run(self, **options: Any) -> Any:
        """Runs the app until it exits; raises the exception that ended it, if any."""
        result = super().run(**options)
        if (failure := self.failure) is not None:
            raise failure.error if isinstance(failure, WorkerFailed) else failure
        return result

    def _end_soon(self, code: int) -> None:
        """Exits in order with an exit code; called from the thread that waits for signals."""
        self._note_end(code)
        if self._event_loop is not None:
            self._event_loop.call_soon_threadsafe(self._end_if_asked)

    def end(self, code: int) -> None:
        """Exits in order with an exit code; called in the event loop."""
        self._note_end(code)
        self._end_if_asked()

    def _note_end(self, code: int) -> None:
        """Notes the requested exit code, and the deadline to restore the terminal."""
        self.leave_by = min(self.leave_by, time.monotonic() + END_TIMEOUT - _CLOSING)
        self.exit_code = code

    def _end_if_asked(self) -> None:
        """Exits if an exit was requested and the app is mounted."""
        if self.exit_code is not None and self._is_begun:
            self.exit(return_code=self.exit_code)

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """Exits in order; from now on input is ignored."""
        self.is_leaving = True
        super().exit(result, return_code, message)

    def on_mount(self) -> None:
        self.call_next(self._note_begin)

    def _note_begin(self) -> None:
        """Notes that the app is mounted, and exits if that was requested before; Textual could not do so earlier."""
        self._is_begun = True
        self._end_if_asked()

    def _abandon(self) -> None:
        """Restores the terminal at once, when an orderly exit takes too long; called from another thread."""
        if self.terminal is not None:
            self.terminal.abandon()

    def follow_background(self, environ: Mapping[str, str]) -> None:
        """Makes the theme follow the terminal's background: first by the environment, then by its reports.

        With 16 colors or none there is nothing to choose: all is drawn on black, or without color.
        """
        if self.capabilities.colors in ("256", "truecolor"):
            self.follows_background = True
            self.set_background(is_light_by(environ))

    def set_background(self, is_light: bool) -> None:
        """Sets the theme for a light or dark background; called at the start and at reports of the terminal."""
        before, self.background_theme = self.background_theme, _LIGHT if is_light else _DARK
        if self.theme == before != self.background_theme:  # else it has not turned, or the user chose another theme
            self.theme = self.background_theme
            if self.is_running and self.framed is None:
                self.refresh_css(animate=False)

    def use_narrow_charset(self) -> None:
        """Avoids characters of ambiguous width from now on; called if the terminal draws them two columns wide."""
        self.capabilities = self.capabilities._replace(narrow=True)

    def refresh_css(self, animate: bool = True) -> None:
        """Restyles all widgets if the theme has changed; Textual would do it for the same theme, too, in 40 ms."""
        if self._styled_theme != self.theme:
            self._styled_theme = self.theme
            super().refresh_css(animate)

    @property
    def is_ready(self) -> bool:
        """Whether the terminal would show a frame at once; if not, the caller had better draw it later."""
        return self.terminal is None or self.terminal.is_ready

    def show_frame(self, update: CompositorUpdate) -> bool:
        """Passes a frame to the driver, which sends what has changed; returns whether there is a driver."""
        if self.terminal is None:
            return False
        self.terminal.show(update)
        return True

    def is_laid_out(self, size: tuple[int, int]) -> bool:
        """Whether the layout of this size is complete: nothing more of it will be composed."""
        return not self.screen_stack or is_settled(self, Size(*size))

    @property
    def cursor(self) -> Offset | None:
        """The screen position in the focused widget where the user types or reads, or None if it is not visible.

        It is computed anew each time: Textual sets its `cursor_position` before a new field has a position, and does
        not update it when the field moves.
        """
        try:
            widget = self.focused
            if widget is None:
                return None
            geometry = self.screen.find_widget(widget)
        except (ScreenStackError, NoWidget):  # the app exits, or the widget is not laid out yet
            return None
        if isinstance(widget, Input):
            cursor = widget.cursor_screen_offset - (widget.cursor_at_end, 0)  # Textual's is one too far there
        else:
            cursor = widget.cursor_offset if isinstance(widget, Attended) else widget.content_region.offset
        return cursor if geometry.visible_region.contains_point(cursor) else None

    @property
    def shows_cursor(self) -> bool:
        """Whether the terminal's own cursor is visible at `cursor`; a field paints its own instead."""
        return False

    def send_saved(self, path: str) -> bool:
        """Sends a saved file to the terminal if it takes downloads; returns whether it did. Raises OSError."""
        return self.downloads and self.terminal is not None and self.terminal.send_file(path)

    def action_suspend_process(self) -> None:
        """Restores the terminal and suspends the app until the shell continues it."""
        if self.terminal is not None:
            self.terminal.suspend()

    def show_notice(self, text: str, *, stays: bool = False, warns: bool = True, in_full: str = "") -> None:
        """Shows a message to the user until the run's next state or, with `stays`, until a key is pressed.

        `stays`: the user must not miss it; `warns`: it explains why something was not done, or what failed; `in_full`:
        the text of its page, which the user can open if the row has no room for all of it.
        """
        self.message_queue.add(Notice(transliterate_for(self, text), stays, warns, transliterate_for(self, in_full)))
        self.show_message()

    def show_message(self) -> None:
        """Refreshes the message on the screen; subclasses that have a row for it override this."""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Opens a page in a browser, unless files are confined: a browser is another program."""
        if not access.is_confined():
            super().open_url(url, new_tab=new_tab)

    def get_key_display(self, binding: Binding) -> str:
        """Returns the name of a key for the screen: a word if the terminal cannot show its sign."""
        name = super().get_key_display(binding)
        if self.capabilities.ascii and name == "⏎":
            return "Enter"
        return pgettext("key", name) if name in _KEYS else name

    async def on_event(self, event: events.Event) -> None:
        """Handles an event; drops input while the app exits, and mouse events for what the last frame did not show."""
        is_input = isinstance(event, events.InputEvent | events.Paste)
        if is_input and (self.is_leaving or not self.screen_stack):
            return
        if isinstance(event, events.MouseEvent) and not event.is_forwarded and not await self._accepts(event):
            return
        if isinstance(event, events.Key | events.MouseDown) and self.screen_stack:
            clear_tooltip(self.screen)  # Textual does so only for a key in a field
        await super().on_event(event)
        if is_input:
            await asyncio.sleep(0)  # so that other tasks run between two inputs: the next one read may end the app

    def call_when_done(self, callback: Callable[[], None]) -> None:
        """Calls back once all input so far has been handled, by the app and by the widgets that it is forwarded to."""
        _call_later(self, partial(self._call_after_forwarded, callback))

    def _call_after_forwarded(self, callback: Callable[[], None]) -> None:
        """Calls back after the focused widget and the widget at the mouse have handled their forwarded input."""
        if not self.screen_stack:  # the app exits
            callback()
            return
        with suppress(NoWidget):
            callback = partial(_call_later, self.get_widget_at(*self.mouse_position)[0], callback)
        _call_later(self.focused or self.screen, callback)

    def on_paste(self) -> None:
        """Notifies the user that a paste reached no field."""
        self.show_notice(_("Nothing was pasted: no field for text is open."))

    # The mouse: it acts on what the last frame showed. Until the next layout, Textual still finds removed widgets.

    def post_message(self, message: Message) -> bool:
        """Posts a message; of a mouse press it notes the widget now, since another may be there when it is handled."""
        if isinstance(message, events.MouseDown) and not message.is_forwarded:
            self._pointed.append(self._seen_at(message))
        return super().post_message(message)

    async def _accepts(self, event: events.MouseEvent) -> bool:
        """Whether a mouse event must be handled: the user saw the widget at its position, or has pressed one before."""
        if self.mouse_captured is not None and not _is_displayed(self.mouse_captured):
            self.capture_mouse(None)
        if isinstance(event, events.MouseUp):
            was_pressed, self._is_pressed = self._is_pressed, False
            return was_pressed
        if not isinstance(event, events.MouseDown):
            return self.mouse_captured is not None or self._seen_at(event) is not None
        await self._show_all()
        pointed = self._pointed.popleft()
        is_accepted = pointed is not None and self._seen_at(event) is pointed
        self._is_pressed = self._is_pressed or is_accepted
        return is_accepted

    def _seen_at(self, event: events.MouseEvent) -> Widget | None:
        """Returns the widget that the last frame showed at an event's position, or None if it is hidden or removed."""
        if not self.screen_stack or self.screen is not self.framed:
            return None
        try:
            widget = self.screen.get_widget_at(event.x, event.y)[0]
        except NoWidget:
            return None
        return widget if _is_displayed(widget) else None

    async def _show_all(self) -> None:
        """Waits until earlier changes are composed, 0.1 s at most, before a mouse press is compared with the screen."""
        for _look in range(_MOST_LOOKS):
            if self.is_laid_out(self.size):
                return
            await asyncio.sleep(_LOOK)

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """Returns the widget at a position, and its region. Raises NoWidget if there is none, or it is hidden."""
        widget, region = super().get_widget_at(x, y)
        if not _is_displayed(widget):
            raise NoWidget(f"what was at {x}, {y} has gone")
        return widget, region

    # Exceptions

    def on_load(self) -> None:
        self._event_loop = asyncio.get_running_loop()
        self._event_loop.set_exception_handler(self._handle_loop_exception)

    def _handle_loop_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Raises the exception of a failed callback or task in the app, which ends it; ignores it during exit."""
        failure = context.get("exception")
        if isinstance(failure, Exception):
            if not self.is_leaving:
                self.call_later(_raise, failure)
        else:
            loop.default_exception_handler(context)

    def panic(self, *renderables: Any) -> None:  # noqa: ARG002  Textual would print them
        """Closes the app without printing anything; `run` raises the exception that ended it."""
        self.post_message(CloseMessages())


def _is_displayed(widget: Widget) -> bool:
    """Whether a widget is attached, and neither it nor a widget around it is hidden."""
    return widget.is_attached and all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def _call_later(node: MessagePump, callback: Callable[[], None]) -> None:
    """Calls back after the messages in the queue of `node`; at once if `node` is closing."""
    if not node.call_later(callback):
        callback()


def _raise(failure: Exception) -> None:
    raise failure
