"""The base of the app: a Textual App that is at home on any terminal, and leaves it in order whatever happens."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from textual import events
from textual.app import App, ScreenStackError
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import Input
from textual.widgets._toast import ToastHolder
from textual.worker import WorkerFailed

from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.background import told_light
from quadfit_tui.ui.terminal.driver import TerminalDriver
from quadfit_tui.ui.terminal.signals import PATIENCE, ending_by_signals

_CLOSING = 0.2  # seconds of PATIENCE for what is to be closed once the terminal is given back
_DARK, _LIGHT = "textual-dark", "textual-light"


def spelled(app: App[Any], text: str) -> str:
    """A text in words that the terminal of an app can show."""
    return ascii_of(text) if isinstance(app, TerminalApp) and app.kind.ascii else text


class TerminalApp(App[None]):
    """Draws by a TerminalDriver, ends by signals, and keeps an exception for whoever runs it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            tooltip="back to the shell; fg there goes on",
            priority=True,
            show=False,
        ),
        # Before a page could take it, on which Textual says nothing.
        Binding("ctrl+c", "help_quit", "say how to quit", show=False, priority=True),
    ]

    def __init__(self, kind: Capabilities) -> None:
        self.kind = kind
        self.ends: int | None = None  # with which exit code, as soon as it can; None: nobody has asked for its end
        self.leaves_by = math.inf  # when the terminal is to be given back, then
        self._is_begun = False
        self.follows_background = False  # whether it is light or dark as the terminal is; else as its theme says
        super().__init__(driver_class=TerminalDriver)

    def ending_by_signals(self) -> AbstractContextManager[None]:
        """What has signals end the program in it: it is to run there, and to close what is to be closed in any case."""
        return ending_by_signals(self._end_soon, self._abandon)

    def run(self, **options: Any) -> Any:
        """Runs until it ends; raises what ended it, if it was an exception."""
        result = super().run(**options)
        if self._exception is not None:
            raise self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception
        return result

    def _end_soon(self, code: int) -> None:
        """Ends in order, from another thread."""
        self._note_end(code)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_if_asked)

    def end(self, code: int) -> None:
        """Ends in order, with an exit code."""
        self._note_end(code)
        self._end_if_asked()

    def _note_end(self, code: int) -> None:
        self.leaves_by = min(self.leaves_by, time.monotonic() + PATIENCE - _CLOSING)
        self.ends = code

    def _end_if_asked(self) -> None:
        if self.ends is not None and self._is_begun:
            self.exit(return_code=self.ends)

    async def _ready(self) -> None:
        """Amid its begin it cannot end: Textual would leave a half of that out."""
        await super()._ready()
        self._is_begun = True
        self._end_if_asked()

    def _abandon(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.abandon()

    def follow_background(self, environ: Mapping[str, str]) -> None:
        """From now on it is light on a light terminal: as far as the environment tells, or the terminal itself does.

        Where there are 16 colors or none, there is nothing to choose: the pen draws on black, or with no color.
        """
        if self.kind.colors in ("256", "truecolor"):
            self.follows_background = True
            self.told_background(told_light(environ))

    def told_background(self, is_light: bool) -> None:
        """Takes the theme for a background, all at once: nothing has been shown yet."""
        theme = _LIGHT if is_light else _DARK
        if self.theme == theme:
            return
        if not self._running:
            self.theme = theme
            return
        # As Textual does it, but for the moment: it would style all once more when it has come that far.
        self.set_reactive(App.theme, theme)
        classes = {f"-theme-{_LIGHT}": is_light, f"-theme-{_DARK}": not is_light}
        self.update_classes({**classes, "-light-mode": is_light, "-dark-mode": not is_light}, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self._invalidate_css()
        self.refresh_css(animate=False)

    @property
    def is_ready(self) -> bool:
        """Whether what is drawn now would be seen at once; else it is better drawn later."""
        return not isinstance(self._driver, TerminalDriver) or self._driver.is_ready

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Has the driver show a frame; Textual would send it as it is."""
        driver = self._driver
        if not isinstance(driver, TerminalDriver):
            super()._display(screen, renderable)
            return
        if renderable is not None and self._running and not self._closed and not self._batch_count:
            driver.show(renderable)
        self.post_display_hook()

    @property
    def cursor(self) -> Offset | None:
        """Where on the screen somebody types; None where no field is in use, or its cursor is out of sight.

        As of now: Textual's `cursor_position` is told before a new field has a place, and not when that moves.
        """
        try:
            field, compositor = self.focused, self.screen._compositor
        except ScreenStackError:  # on the way out
            return None
        place = compositor.visible_widgets.get(field) if isinstance(field, Input) else None
        if place is None or not isinstance(field, Input):
            return None
        region, clip = place
        cursor = field.cursor_screen_offset
        return cursor if region.intersection(clip).contains_point(cursor) else None

    def action_suspend_process(self) -> None:
        """Gives the terminal back to the shell, until that continues the program."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.suspend()

    def clear_notifications(self) -> None:
        """Takes away what was told, with the holder of each, which Textual leaves behind: 40 KB, and its task."""
        super().clear_notifications()
        self.screen.query(ToastHolder).remove()

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is called on the screen: by a word where the terminal has no sign for it."""
        shown = super().get_key_display(binding)
        return "Enter" if self.kind.ascii and shown == "⏎" else shown

    async def on_event(self, event: events.Event) -> None:
        """Whatever is typed or pointed to once the program ends is for nobody: all is being taken apart."""
        if not (self._exit and isinstance(event, events.InputEvent | events.Paste)):
            await super().on_event(event)

    # Exceptions

    def on_load(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._handle_loop_exception)

    def _handle_loop_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody else has heard of: a callback or a task that failed. On the way out it matters no more."""
        failure = context.get("exception")
        if isinstance(failure, Exception):
            if not self._exit:
                self._handle_exception(failure)
        else:
            loop.default_exception_handler(context)

    def _fatal_error(self) -> None:
        """Ends without a word; `run` raises what ended it."""
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
