"""The driver between Textual and a terminal: it sends what changes on the screen, at the rate of the link.

Textual's own driver queues every frame whole, reads keys in a thread, and handles no signal but those of job control.
"""

from __future__ import annotations

import asyncio
import math
import os
import select
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, cast

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Offset, Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from quadfit_tui.core.export.download import download
from quadfit_tui.ui.display.capabilities import Capabilities, window_size
from quadfit_tui.ui.display.screen_buffer import ScreenBuffer
from quadfit_tui.ui.terminal import ambiguous_width, background
from quadfit_tui.ui.terminal.background import BackgroundReport, SchemeReport
from quadfit_tui.ui.terminal.flow_control import FlowControl
from quadfit_tui.ui.terminal.job_control import JobControl
from quadfit_tui.ui.terminal.key_parser import KeyParser
from quadfit_tui.ui.terminal.modes import CAN_SYNC, HIDE_CURSOR, SHOW_CURSOR, Modes
from quadfit_tui.ui.terminal.output_queue import OutputQueue
from quadfit_tui.ui.terminal.tty import Tty, ignore_sigttou
from quadfit_tui.ui.terminal.typed_ahead import TypedAhead
from quadfit_tui.ui.toolkit.textual_internals import CompositorUpdate, LayoutUpdate

_READ = 4096
_TYPING = 0.25  # seconds after a key in which a frame is probably its result
_RESIZING = 0.1  # least seconds between two layouts for new sizes
SETTLE_TIMEOUT = 1.0  # seconds, many times what a new layout takes; then it is shown as far as it has come
_LOOK = 0.004  # seconds between two checks whether a layout is settled
_MOST_QUEUED = 65536  # bytes in the queue beyond which `write` drops its data
_DRAIN = 0.3  # seconds to wait on exit until all queued bytes are written


class Host(Protocol):
    """The attributes and methods of the app that the driver uses, beside those of Textual's App."""

    capabilities: Capabilities
    is_leaving: bool
    exit_code: int | None
    leave_by: float
    follows_background: bool
    terminal: TerminalDriver | None  # set by the driver

    def set_background(self, is_light: bool) -> None: ...

    def is_laid_out(self, size: tuple[int, int]) -> bool: ...

    def use_narrow_charset(self) -> None: ...

    @property
    def cursor(self) -> Offset | None: ...

    @property
    def shows_cursor(self) -> bool: ...

    def end(self, code: int) -> None: ...

    def show_notice(self, why: str) -> None: ...

    def call_when_done(self, callback: Callable[[], None]) -> None: ...

    def post_message(self, message: Message) -> bool: ...


class TerminalDriver(Driver):
    """A driver that reads keys in the event loop, and sends the frames passed to `show` when the terminal is ready."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._in, self._out = 0, 1  # not sys.stdin and sys.stdout, which Textual replaces
        self._window = size or window_size(self._out, os.environ)
        super().__init__(app, debug=debug, mouse=mouse, size=self._window)
        self._host = cast(Host, app)
        self._host.terminal = self
        self._events = asyncio.get_running_loop()
        capabilities = self._host.capabilities
        self._tty = Tty(self._in)
        self._modes = Modes(capabilities.extras, mouse)
        self._encoding = "ascii" if capabilities.ascii else "utf-8"
        self._screen = ScreenBuffer(self._window, capabilities)
        self._flow = FlowControl()
        self._output = OutputQueue(self._out)
        self._parser = KeyParser()
        host = self._host
        self._typed_ahead = TypedAhead(
            self.process_message, host.call_when_done, host.show_notice, partial(host.end, 0)
        )
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._asks_width = capabilities.extras and not capabilities.ascii  # until the answer has come
        self._in_use = False  # whether the terminal shows the app
        self._cursor_is_seen = False
        self._typed_at = -_TYPING
        self._is_urgent = False  # whether the next frame shows the result of a key
        self._laid_out_at = -_RESIZING
        self._settles_by = -math.inf  # loop time until which composed updates may be half of a new layout
        self._frame_timer: asyncio.TimerHandle | None = None
        self._parser_timer: asyncio.TimerHandle | None = None
        self._resize_timer: asyncio.TimerHandle | None = None
        self._jobs = JobControl(
            self._events,
            leave=self._leave,
            enter=self._enter_anew,
            is_ours=lambda: self._tty.is_foreground,
            is_ending=lambda: self._host.is_leaving or self._host.exit_code is not None,
        )

    # Frames

    def show(self, update: CompositorUpdate) -> None:
        """Applies an update from Textual to the screen buffer, and sends the frame as soon as the terminal is ready."""
        if isinstance(update, LayoutUpdate) and update.region.size != self._screen.size:
            self._settle()
            self._screen.resize(update.region.size)
        self._screen.apply_update(update)
        self._send_frame()

    def _settle(self) -> None:
        """Delays frames until the layout of a new size is complete, so that none shows half of it."""
        if self._settles_by <= (now := self._events.time()):
            self._settles_by = now + SETTLE_TIMEOUT

    @property
    def _is_settling(self) -> bool:
        """Whether the layout of a new size is still incomplete, so that frames must wait."""
        if self._settles_by <= self._events.time():
            return False
        if self._resize_timer is None and self._host.is_laid_out(self._window):
            self._settles_by = -math.inf
        return self._settles_by > -math.inf

    @property
    def is_ready(self) -> bool:
        """Whether the driver would send a frame at once."""
        return self._in_use and self._output.is_empty and not (self._flow.wait(False) or self._is_settling)

    def _send_frame(self) -> None:
        """Sends what has changed on the screen, now or when flow control allows it; called whenever that may change."""
        if self._frame_timer is not None:
            self._frame_timer.cancel()
        if self._screen.is_sent or not self._in_use or not self._output.is_empty or not self._tty.is_foreground:
            return
        self._is_urgent = self._is_urgent or time.monotonic() - self._typed_at < _TYPING
        wait = self._flow.wait(self._is_urgent) or _LOOK * self._is_settling
        if wait > 0:
            self._frame_timer = self._events.call_later(wait, self._send_frame)
            return
        self._is_urgent = False
        changes = self._screen.changes()
        if changes:
            frame = self._framed(changes).encode(self._encoding, "replace")
            self._put(frame)
            self._flow.sent(len(frame))

    def _framed(self, changes: str) -> str:
        """Returns the changes as a frame, with the cursor, synchronized output, and the question that confirms it."""
        cursor = self._host.cursor
        frame = changes if cursor is None else changes + self._screen.cursor_to(cursor)
        if self._cursor_is_seen:  # else the user would see it move over the changes
            frame = HIDE_CURSOR + frame
        self._cursor_is_seen = cursor is not None and self._host.shows_cursor
        if self._cursor_is_seen:
            frame += SHOW_CURSOR
        return self._modes.framed(frame) + self._flow.ask()

    def write(self, data: str) -> None:
        """Sends data that is no frame, as a bell or copied text; no escape sequence if the terminal may print it."""
        shows = self._modes.extras or not data.startswith("\x1b")
        if shows and self._in_use and self._tty.is_foreground and len(self._output) < _MOST_QUEUED:
            self._put(data.encode(self._encoding, "replace"))

    def send_file(self, path: str) -> bool:
        """Sends a file to the terminal as a download and deletes it; returns whether it did. Raises OSError."""
        if not (self._modes.extras and self._in_use and self._tty.is_foreground):
            return False
        self._put(download(path))
        return True

    def _put(self, data: bytes | Iterator[bytes]) -> None:
        """Queues bytes for the terminal, and watches for when it takes the rest of them."""
        self._output.put(data)
        if not self._output.is_empty:
            self._events.add_writer(self._output.descriptor, self._put_rest)

    def _put_rest(self) -> None:
        """Writes more of the queue; called by the event loop when the terminal takes bytes again."""
        if not self._tty.is_foreground:
            self._events.remove_writer(self._output.descriptor)
            self._jobs.wait_for_terminal()
            return
        self._output.send()
        if self._output.is_empty:
            self._events.remove_writer(self._output.descriptor)
            self._send_frame()

    # Keys

    def _read(self) -> None:
        """Reads what has come from the terminal, and passes the inputs on; called by the event loop."""
        if not self._tty.is_foreground:
            self._events.remove_reader(self._in)  # what is typed now is for the shell
            self._jobs.wait_for_terminal()
            return
        if not select.select([self._in], [], [], 0)[0]:
            return  # `_leave` has read it meanwhile, and `os.read` would block the loop
        try:
            data = os.read(self._in, _READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            if not self._tty.exists:  # if it exists, the user pressed ctrl+d before the terminal was raw again
                self._hang_up()
            return
        text = self._decode(data)
        if text:  # empty after the first bytes of a character
            self._typed_ahead.collect(self._inputs(self._parser.feed(text)))
        if self._parser_timer is not None:
            self._parser_timer.cancel()
        if (timeout := self._parser.timeout) is not None:
            self._parser_timer = self._events.call_later(timeout, self._give_up_sequence)

    def _give_up_sequence(self) -> None:
        """Ends the wait for the rest of an escape sequence; called when the parser's timeout is over."""
        self._typed_ahead.collect(self._inputs(self._parser.tick()))

    def _inputs(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Yields the messages that are for the app, and handles the terminal's own answers and reports."""
        for message in messages:
            if isinstance(message, events.CursorPosition):
                self._flow.answered()
                if self._asks_width:
                    self._asks_width = False
                    if ambiguous_width.is_two(message):
                        self._screen.send_narrow()
                        self._host.use_narrow_charset()
                self._send_frame()
            elif isinstance(message, TerminalSupportsSynchronizedOutput):
                self._modes = self._modes._replace(syncs=True)
            elif isinstance(message, SchemeReport):
                self.write(self._background_question)
            elif isinstance(message, BackgroundReport):
                if message.is_light is not None and self._host.follows_background:
                    self._host.set_background(message.is_light)
            else:
                if isinstance(message, events.InputEvent):
                    self._typed_at = time.monotonic()
                yield message

    def send_message(self, message: Message) -> None:
        """Posts a message to the app; called by Textual's Driver, here always in the app's thread."""
        self._host.post_message(message)

    def _hang_up(self) -> None:
        """Ends the app with the exit code of a hang-up; called when the terminal has gone away."""
        self._events.remove_reader(self._in)
        self._host.end(128 + signal.SIGHUP)

    # Size

    def _resized(self) -> None:
        """Schedules a layout for the new size; called by SIGWINCH, of which many may share a layout."""
        self._settle()
        if self._resize_timer is None:
            wait = self._laid_out_at + _RESIZING - self._events.time()
            self._resize_timer = self._events.call_later(max(0.0, wait), self._lay_out)

    def _lay_out(self) -> None:
        """Posts the window's size to the app if it has changed, and sends the whole screen anew."""
        self._resize_timer = None
        self._laid_out_at = self._events.time()
        self._screen.forget()  # a terminal may have lost its content, even if it has its old size again by now
        before, self._window = self._window, window_size(self._out, os.environ)
        if self._window != before:
            size = Size(*self._window)
            self._host.post_message(events.Resize(size, size))
        self._send_frame()

    # In and out

    def start_application_mode(self) -> None:
        self._events.add_signal_handler(signal.SIGWINCH, self._resized)
        self._jobs.begin()

    def _enter_anew(self) -> None:
        """Enters the terminal in its current size and sends the whole screen; called at the start and after a stop."""
        self._enter()
        self._settle()
        self._lay_out()

    def _enter(self) -> None:
        """Switches the terminal to the app's modes and starts reading keys; also if it is in use already."""
        try:
            self._tty.make_raw()
        except termios.error:
            self._hang_up()
            return
        sequences = self._entering_sequences
        self._flow.enter(asks=ambiguous_width.QUESTION in sequences)
        self._in_use, self._cursor_is_seen = True, False
        self._events.add_reader(self._in, self._read)
        self._output.enter()
        self._put(sequences.encode())
        self._screen.forget()

    @property
    def _entering_sequences(self) -> str:
        """The sequences that switch to the app's modes, and ask about width, background and synchronized output."""
        color = self._background_question  # each time: it may have turned meanwhile, or be another terminal
        if self._in_use:
            return self._modes.enter_again(color)
        width = ambiguous_width.QUESTION if self._asks_width else ""
        asks_sync = os.environ.get("TERM_PROGRAM") != "Apple_Terminal"  # it would print the question as text
        return self._modes.enter(width + color, CAN_SYNC if asks_sync else "")

    @property
    def _background_question(self) -> str:
        return background.QUESTION if self._host.follows_background else ""

    def _leave(self) -> None:
        """Restores the terminal, and reads the answers that are under way, so that no other program gets them."""
        if not self._in_use:
            return
        self._in_use = False
        self.disable_input()
        self._events.remove_writer(self._output.descriptor)
        with ignore_sigttou():
            began = time.monotonic()
            # If the terminal is not ours, the shell reads the answers.
            timeout = self._flow.timeout(self._host.leave_by - began) if self._tty.is_foreground else 0.0
            self._output.put(self._modes.leave(self._flow.ask_if_in(timeout)).encode())
            if not self._output.drain(_DRAIN):
                self._output.end_with(self._modes.leave().encode())  # the terminal reads nothing, so it will not answer
            elif timeout > 0:
                until = began + timeout
                self._flow.read_away(self._in, self._look_for_answers, lambda: min(until, self._host.leave_by))
            self._tty.restore()
            self._output.leave()

    def _look_for_answers(self, data: bytes) -> None:
        """Counts the answers in bytes that are read on exit, and drops the rest: keys are not for the shell."""
        text = self._decode(data)
        with suppress(Exception):  # whatever fails, the terminal must still be restored
            for message in self._parser.feed(text) if text else ():
                if isinstance(message, events.CursorPosition):
                    self._flow.answered()

    def disable_input(self) -> None:
        self._events.remove_reader(self._in)

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._events.remove_signal_handler(signal.SIGWINCH)
        self._jobs.end()
        self._leave()

    def close(self) -> None:
        self._output.close()

    def abandon(self) -> None:
        """Restores the terminal at once, just before the process exits; may be called from any thread.

        The attributes come first: if the main thread holds the interpreter's lock, each call here may be the last.
        """
        with ignore_sigttou():
            self._tty.restore()
            if self._in_use:
                self._output.end_with(self._modes.leave().encode())

    # Job control

    @property
    def can_suspend(self) -> bool:
        return True

    def suspend(self) -> None:
        """Restores the terminal and stops the process until the shell continues it."""
        self._jobs.suspend(by_key=True)
