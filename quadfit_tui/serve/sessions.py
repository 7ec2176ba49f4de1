"""The sessions: a process that a page shows, or waits for its page to return; how many there may be, how they end."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from quadfit_tui.serve.folders import Folder
from quadfit_tui.serve.messages import (
    ALL_OF_NAME,
    ALL_TAKEN,
    ELSEWHERE,
    FAILED,
    IDLE,
    LEFT,
    NO_GREETING,
    NOT_STARTED,
    STOPPED,
    ClientHello,
    CloseReason,
    is_typed,
    read_greeting,
    read_size,
)
from quadfit_tui.serve.patience import Patience
from quadfit_tui.serve.processes.process import Process, Size, Start
from quadfit_tui.serve.processes.session_environment import environment
from quadfit_tui.serve.status import ServerStats

_CLOSED = (1000, 1001, 1005)  # codes by which a page, and no broken line, closes: 1001 is a tab that goes
_MOST_OF_NAME = 4  # sessions that a student may have at once
# Exit codes of a program that the user has left, also by the keys of a terminal, Ctrl+C and Ctrl+\\.
_LEFT = (0, *(code for number in (signal.SIGINT, signal.SIGQUIT) for code in (128 + number, -number)))

# Returns the options of a session for its folder, its language and the student's name.
MakeCommand = Callable[[str, str, str], Sequence[str]]


class PageSession:
    """A process, and the page that shows it; `name` is the student's, or empty."""

    def __init__(
        self,
        process: Process,
        folder: Folder,
        name: str,
        idle: float,
        status: ServerStats,
        patience: Patience,
        gone: Callable[[PageSession], None],
    ) -> None:
        self.key = secrets.token_urlsafe(16)
        self.name = name
        self._gone, self._patience = gone, patience
        self._process, self._folder, self._status = process, folder, status
        self._loop = asyncio.get_running_loop()
        self._revoked: asyncio.Future[CloseReason] | None = None  # of the current page: set when it loses the session
        self._in_use = asyncio.Lock()  # one page at a time reads and writes
        self._was_shown = False
        self._heard, self._is_typing = 0, False  # number of messages received; whether one is being passed on
        self._ending: asyncio.Task[int] | None = None
        self._waiting: asyncio.TimerHandle | None = None  # ends the session unless a page returns
        self._idle, self._typed_at = idle, self._loop.time()
        self._idle_timer = self._loop.call_later(min(idle, 1e6), self._end_if_idle)

    @property
    def is_shown(self) -> bool:
        """Whether a page shows it."""
        return self._revoked is not None

    @property
    def is_ending(self) -> bool:
        """Whether it ends, so that no page can show it any more."""
        return self._ending is not None

    async def show(self, page: ServerConnection, size: Size) -> CloseReason | None:
        """Connects a page to the process until one of them ends; returns why to close the page, None if it has gone."""
        self._stop_waiting()
        before, self._revoked = self._revoked, self._loop.create_future()
        revoked = self._revoked
        if before is not None and not before.done():
            before.set_result(ELSEWHERE)
        self._status.count(pages=1)
        try:
            async with self._in_use:
                is_over = not revoked.done() and await self._relay(page, size, revoked)
        except BaseException:
            self.end(STOPPED)
            raise
        finally:
            self._status.count(pages=-1)
        if is_over and not revoked.done():
            code = await self.end(LEFT)
            if code in _LEFT:
                return LEFT
            self._status.count(failed=1)
            return FAILED._replace(places={"code": code})
        if revoked.done():
            return revoked.result()
        self._revoked = None
        self._wait(self._patience.away if page.close_code in _CLOSED else self._patience.lost)
        page.transport.abort()  # a page that reads nothing would never answer a closing handshake
        return None

    async def _relay(self, page: ServerConnection, size: Size, revoked: asyncio.Future[CloseReason]) -> bool:
        """Relays output and input until page or process ends or the page is revoked; returns if the process ended."""
        self._process.resize(size)
        if self._was_shown:
            self._process.repaint()
        self._was_shown = True
        relays = (self._send_output(page), self._pass_input(page), self._ping(page))
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(relay) for relay in relays]
        try:
            await asyncio.wait([*tasks, revoked], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for failure in ends:
            if isinstance(failure, Exception):
                raise failure
        return ends[0] is True

    async def _send_output(self, page: ServerConnection) -> bool:
        """Sends the output of the process as fast as the page reads it; returns if the process, not the page, ended."""
        with suppress(ConnectionClosed):
            await page.send(f'{{"session": "{self.key}"}}')
            while data := await self._process.read():
                self._status.count(sent=len(data))
                await page.send(data)
            return True
        return False

    async def _pass_input(self, page: ServerConnection) -> None:
        """Types the input of the page as fast as the terminal reads it, and resizes the terminal."""
        self._is_typing = False
        with suppress(ConnectionClosed):
            async for message in page:
                self._heard += 1
                if isinstance(message, str):
                    if (size := read_size(message)) is not None:
                        self._process.resize(size)
                    continue
                if is_typed(message):
                    self._typed_at = self._loop.time()
                self._status.count(received=len(message))
                self._is_typing = True  # until the terminal has read it, nothing more is read from the page
                await self._process.write(message)
                self._is_typing = False

    async def _ping(self, page: ServerConnection) -> None:
        """Pings the page, and returns when nothing comes back; its answer may queue behind input that is passed on."""
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(self._patience.ping)
                heard = self._heard
                try:
                    async with asyncio.timeout(self._patience.answer):
                        await (await page.ping())
                except TimeoutError:
                    if self._heard == heard and not self._is_typing:
                        return

    def _wait(self, seconds: float) -> None:
        """Ends the session after some seconds, unless a page returns before."""
        self._status.count(waiting=1)
        self._waiting = self._loop.call_later(seconds, self.end, STOPPED)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._status.count(waiting=-1)

    def _end_if_idle(self) -> None:
        """Ends the session if nothing was typed for long enough, or looks again when that may be so."""
        remaining = self._typed_at + self._idle - self._loop.time()
        if remaining > 0:
            self._idle_timer = self._loop.call_later(min(remaining, 1e6), self._end_if_idle)
        else:
            self.end(IDLE)

    def end(self, why: CloseReason) -> asyncio.Task[int]:
        """Ends the session, closes its page with a reason, and returns the task whose result is the exit code."""
        if self._ending is None:
            self._stop_waiting()
            self._idle_timer.cancel()
            if self._revoked is not None and not self._revoked.done():
                self._revoked.set_result(why)
            self._ending = self._loop.create_task(self._end())
        return self._ending

    async def _end(self) -> int:
        async with self._in_use:
            code = await self._process.end()
        self._folder.remove()
        self._gone(self)
        return code


class SessionPool:
    """All sessions of a server, at most `most`: starts new ones, and finds the one that a page returns to.

    `command` makes the options of a session, `start` its process.
    """

    def __init__(
        self, start: Start, command: MakeCommand, most: int, idle: float, status: ServerStats, patience: Patience
    ) -> None:
        self._start, self._patience = start, patience
        self._command, self._most, self._idle, self._status = command, most, idle, status
        self._sessions: dict[str, PageSession] = {}
        self._are_closed = False

    def is_full_for(self, again: str) -> bool:
        """Whether there is no place for a page that returns to the session `again`, or to none."""
        is_full = len(self._sessions) >= self._most and all(session.is_shown for session in self._sessions.values())
        return is_full and again not in self._sessions

    @property
    def number(self) -> int:
        """How many sessions there are: with a page, waiting for one, or ending."""
        return len(self._sessions)

    async def receive(
        self, page: ServerConnection, name: str, shown: AbstractContextManager[None]
    ) -> tuple[CloseReason | None, str]:
        """Serves a page from its first message on; the context `shown` is open while it shows a session.

        Returns why the page must be closed, if it must, and its language.
        """
        greeting = None
        with suppress(TimeoutError, ConnectionClosed):
            async with asyncio.timeout(self._patience.greeting):
                greeting = read_greeting(await page.recv())
        if greeting is None:
            return NO_GREETING, ""
        session = self._session(greeting, name)
        if isinstance(session, CloseReason):
            return session, greeting.language
        with shown:
            return await session.show(page, greeting.size), greeting.language

    def _session(self, greeting: ClientHello, name: str) -> PageSession | CloseReason:
        """Returns the session that a page returns to, or starts one; or returns why the page gets none."""
        earlier = self._sessions.get(greeting.again)
        if earlier is not None and earlier.name == name and not earlier.is_ending:
            return earlier
        if self._are_closed:
            return STOPPED
        if len(self._sessions) >= self._most:
            return ALL_TAKEN
        if name and sum(session.name == name for session in self._sessions.values()) >= _MOST_OF_NAME:
            return ALL_OF_NAME
        try:
            folder = Folder()
        except OSError:
            return NOT_STARTED
        try:
            command = self._command(folder.path, greeting.language, name)
            environ = environment(folder.path, greeting.dark)
            process = Process(self._start, command, folder.path, environ, greeting.size, self._patience)
        except OSError:
            folder.remove()
            return NOT_STARTED
        session = PageSession(process, folder, name, self._idle, self._status, self._patience, self._forget)
        self._sessions[session.key] = session
        self._status.count(sessions=1)
        return session

    def _forget(self, session: PageSession) -> None:
        del self._sessions[session.key]

    async def end(self) -> None:
        """Ends all sessions, and starts no other."""
        self._are_closed = True
        await asyncio.gather(*(session.end(STOPPED) for session in self._sessions.values()))
