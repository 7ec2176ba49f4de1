"""The base of the app: a Textual App for any terminal, which is given back in order whatever happens."""

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

_CLOSING = 0.2  # seconds of END_TIMEOUT for what is to be closed once the terminal is given back
_LOOK, _MOST_LOOKS = 0.004, 25  # seconds between two looks whether all is shown, while a press of the mouse waits
_KEYS = frozenset(
    {pgettext_noop("key", "space"), pgettext_noop("key", "arrows")}
)  # whose names are words; most are on the key
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
    """A widget that knows where in it somebody looks, as at the marked row of a list."""

    @property
    def cursor_offset(self) -> Offset:
        """Where on the screen that is."""


def transliterate_for(app: App[Any], text: str) -> str:
    """A text in words that the terminal of an app can show."""
    return app.capabilities.transliterate(text) if isinstance(app, TerminalApp) else text


class TerminalApp(FrameApp):
    """Draws by a TerminalDriver, ends in order by signals, and raises what failed in `run`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        SUSPEND,
        # Before a page could take it, on which Textual says nothing.
        Binding("ctrl+c", "help_quit", N_("show how to quit"), show=False, priority=True),
        Binding("ctrl+q", "quit", N_("quit the app, also inside a field"), show=False, priority=True),  # in our words
    ]

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.exit_code: int | None = None  # to end with, as soon as it can; None: nobody has asked for that
        self.leave_by = math.inf  # when the terminal is to be given back, then
        self.is_leaving = False  # on its way out
        self.terminal: TerminalDriver | None = None  # none in a test without one
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._is_begun = False
        self._styled_theme = ""  # that of the styles as they are
        self._pointed = deque[Widget | None]()  # what was seen where the mouse was pressed, of what is to be done
        self._is_pressed = False  # whether a button of it is held, since a press that counted
        self.downloads = False  # whether a file that is saved is for the terminal to take, and not for its folder
        self.follows_background = False  # whether it is light or dark as the terminal is; else as its theme says
        self.background_theme = _DARK  # the one for the background of the terminal
        self.message_queue = MessageQueue()
        super().__init__(driver_class=TerminalDriver)

    def ending_by_signals(self) -> AbstractContextManager[None]:
        """A context in which signals end the app; it is to run in it, and what it writes is to be closed there."""
        return ending_by_signals(self._end_soon, self._abandon)

    def run(self, **options: Any) -> Any:
        """Runs until it ends; raises what ended it, if it was an exception."""
        result = super().run(**options)
        if (failure := self.failure) is not None:
            raise failure.error if isinstance(failure, WorkerFailed) else failure
        return result

    def _end_soon(self, code: int) -> None:
        """Ends in order, from another thread."""
        self._note_end(code)
        if self._event_loop is not None:
            self._event_loop.call_soon_threadsafe(self._end_if_asked)

    def end(self, code: int) -> None:
        """Ends in order, with an exit code."""
        self._note_end(code)
        self._end_if_asked()

    def _note_end(self, code: int) -> None:
        self.leave_by = min(self.leave_by, time.monotonic() + END_TIMEOUT - _CLOSING)
        self.exit_code = code

    def _end_if_asked(self) -> None:
        if self.exit_code is not None and self._is_begun:
            self.exit(return_code=self.exit_code)

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """Ends in order."""
        self.is_leaving = True
        super().exit(result, return_code, message)

    def on_mount(self) -> None:
        self.call_next(self._note_begin)

    def _note_begin(self) -> None:
        """Amid its begin it cannot end: Textual would leave a half of that out."""
        self._is_begun = True
        self._end_if_asked()

    def _abandon(self) -> None:
        if self.terminal is not None:
            self.terminal.abandon()

    def follow_background(self, environ: Mapping[str, str]) -> None:
        """From now on it is light on a light terminal: as far as the environment tells, or the terminal itself does.

        Where there are 16 colors or none, there is nothing to choose: all is drawn on black, or with no color.
        """
        if self.capabilities.colors in ("256", "truecolor"):
            self.follows_background = True
            self.set_background(is_light_by(environ))

    def set_background(self, is_light: bool) -> None:
        """Takes the theme for a background, all at once where nothing has been shown yet."""
        before, self.background_theme = self.background_theme, _LIGHT if is_light else _DARK
        if self.theme == before != self.background_theme:  # else it has not turned, or somebody looks at another one
            self.theme = self.background_theme
            if self.is_running and self.framed is None:
                self.refresh_css(animate=False)

    def use_narrow_charset(self) -> None:
        """From now on texts have no characters whose width is ambiguous: the terminal takes them for two columns."""
        self.capabilities = self.capabilities._replace(narrow=True)

    def refresh_css(self, animate: bool = True) -> None:
        """Styles all anew for another theme; not once more for the same one, as Textual would: that takes 40 ms."""
        if self._styled_theme != self.theme:
            self._styled_theme = self.theme
            super().refresh_css(animate)

    @property
    def is_ready(self) -> bool:
        """Whether what is drawn now would be seen at once; else it is better drawn later."""
        return self.terminal is None or self.terminal.is_ready

    def show_frame(self, update: CompositorUpdate) -> bool:
        """Has the driver show a frame; Textual would send it as it is."""
        if self.terminal is None:
            return False
        self.terminal.show(update)
        return True

    def is_laid_out(self, size: tuple[int, int]) -> bool:
        """Whether what was composed last is all that comes of a layout of this size."""
        return not self.screen_stack or is_settled(self, Size(*size))

    @property
    def cursor(self) -> Offset | None:
        """Where on the screen somebody types or reads, in what is in use; None without that, or out of sight.

        As of now: Textual's `cursor_position` is told before a new field has a place, and not when that moves.
        """
        try:
            used = self.focused
            if used is None:
                return None
            place = self.screen.find_widget(used)
        except (ScreenStackError, NoWidget):  # on the way out, or not laid out yet
            return None
        if isinstance(used, Input):
            cursor = used.cursor_screen_offset - (used.cursor_at_end, 0)  # Textual's is one too far there
        else:
            cursor = used.cursor_offset if isinstance(used, Attended) else used.content_region.offset
        return cursor if place.visible_region.contains_point(cursor) else None

    @property
    def shows_cursor(self) -> bool:
        """Whether the terminal's own cursor is to be seen there; in a field, its own paints one."""
        return False

    def send_saved(self, path: str) -> bool:
        """Has the terminal take a file that was saved, if it is to; whether it does. Raises OSError where it cannot."""
        return self.downloads and self.terminal is not None and self.terminal.send_file(path)

    def action_suspend_process(self) -> None:
        """Gives the terminal back to the shell, until that continues the program."""
        if self.terminal is not None:
            self.terminal.suspend()

    def show_notice(self, text: str, *, stays: bool = False, warns: bool = True, in_full: str = "") -> None:
        """Says something to the user, the only way to: until the next state or, with `stays`, until a key.

        `stays` is for what must not be missed; `warns`: it tells why something is not done, or what failed; `in_full`
        is for its page, which has all of it where the row has no room for that.
        """
        self.message_queue.add(Notice(transliterate_for(self, text), stays, warns, transliterate_for(self, in_full)))
        self.show_message()

    def show_message(self) -> None:
        """Shows what was told, where there is a place for that."""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Opens a page in a browser, which is another program: not where files are confined."""
        if not access.is_confined():
            super().open_url(url, new_tab=new_tab)

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is called on the screen: by a word where the terminal has no sign for it."""
        shown = super().get_key_display(binding)
        if self.capabilities.ascii and shown == "⏎":
            return "Enter"
        return pgettext("key", shown) if shown in _KEYS else shown

    async def on_event(self, event: events.Event) -> None:
        """Whatever is typed or pointed to once the program ends is for nobody: all is being taken apart, or gone."""
        is_input = isinstance(event, events.InputEvent | events.Paste)
        if is_input and (self.is_leaving or not self.screen_stack):
            return
        if isinstance(event, events.MouseEvent) and not event.is_forwarded and not await self._counts(event):
            return
        if isinstance(event, events.Key | events.MouseDown) and self.screen_stack:
            clear_tooltip(self.screen)  # Textual does so only for a key in a field
        await super().on_event(event)
        if is_input:
            await asyncio.sleep(0)  # between two of them others have a turn: what is read next may end it

    def call_when_done(self, callback: Callable[[], None]) -> None:
        """Calls back once all that was typed before has been acted upon, by whomever it was passed on to."""
        _call_later(self, partial(self._call_behind, callback))

    def _call_behind(self, callback: Callable[[], None]) -> None:
        """Calls back behind what the app has just passed on: keys to what is in use, clicks to what is at the mouse."""
        if not self.screen_stack:  # on the way out
            callback()
            return
        with suppress(NoWidget):
            callback = partial(_call_later, self.get_widget_at(*self.mouse_position)[0], callback)
        _call_later(self.focused or self.screen, callback)

    def on_paste(self) -> None:
        """What is pasted and no field has taken."""
        self.show_notice(_("Nothing was pasted: no field for text is open."))

    # The mouse: it counts for what the last frame showed. Until the next layout Textual finds what is there no more.

    def post_message(self, message: Message) -> bool:
        """Notes what the mouse is pressed on as that arrives: when its turn comes, something else may be there."""
        if isinstance(message, events.MouseDown) and not message.is_forwarded:
            self._pointed.append(self._seen_at(message))
        return super().post_message(message)

    async def _counts(self, event: events.MouseEvent) -> bool:
        """Whether an event of the mouse is for what is seen at its place; whoever had the press is told of its end."""
        if self.mouse_captured is not None and not _is_displayed(self.mouse_captured):
            self.capture_mouse(None)
        if isinstance(event, events.MouseUp):
            counts, self._is_pressed = self._is_pressed, False
            return counts
        if not isinstance(event, events.MouseDown):
            return self.mouse_captured is not None or self._seen_at(event) is not None
        await self._show_all()
        pointed = self._pointed.popleft()
        counts = pointed is not None and self._seen_at(event) is pointed
        self._is_pressed = self._is_pressed or counts
        return counts

    def _seen_at(self, event: events.MouseEvent) -> Widget | None:
        """The widget that the last frame showed where an event is, if it is still to be seen."""
        if not self.screen_stack or self.screen is not self.framed:
            return None
        try:
            widget = self.screen.get_widget_at(event.x, event.y)[0]
        except NoWidget:
            return None
        return widget if _is_displayed(widget) else None

    async def _show_all(self) -> None:
        """Waits until what was done before is composed, but not for long: what is pressed is what is shown there."""
        for _look in range(_MOST_LOOKS):
            if self.is_laid_out(self.size):
                return
            await asyncio.sleep(_LOOK)

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """The widget at a place. Raises NoWidget also where it is to be seen no more: of that, no click comes."""
        widget, region = super().get_widget_at(x, y)
        if not _is_displayed(widget):
            raise NoWidget(f"what was at {x}, {y} has gone")
        return widget, region

    # Exceptions

    def on_load(self) -> None:
        self._event_loop = asyncio.get_running_loop()
        self._event_loop.set_exception_handler(self._handle_loop_exception)

    def _handle_loop_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody else has heard of: a callback or a task that failed. On the way out it matters no more."""
        failure = context.get("exception")
        if isinstance(failure, Exception):
            if not self.is_leaving:
                self.call_later(_raise, failure)
        else:
            loop.default_exception_handler(context)

    def panic(self, *renderables: Any) -> None:  # noqa: ARG002  Textual would print them
        """Ends without a word; `run` raises what ended it."""
        self.post_message(CloseMessages())


def _is_displayed(widget: Widget) -> bool:
    """Whether a widget is there, and not hidden by itself or by what it is in."""
    return widget.is_attached and all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def _call_later(node: MessagePump, callback: Callable[[], None]) -> None:
    """Calls back behind what waits in the queue of `node`; at once where that is being taken apart."""
    if not node.call_later(callback):
        callback()


def _raise(failure: Exception) -> None:
    raise failure
