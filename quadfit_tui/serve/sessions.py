"""The sessions: each a process that a page shows, or nobody for a while; how many there may be, and when they end."""

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
from quadfit_tui.serve.process import Process, Size, Start
from quadfit_tui.serve.session_environment import environment
from quadfit_tui.serve.status import ServerStats

_CLOSED = (1000, 1001, 1005)  # codes by which a page, and no broken line, closes: 1001 is a tab that goes
_MOST_OF_NAME = 4  # sessions that one of a class may have at once
# Exit codes of a program that somebody has left, by the keys of a terminal too: Ctrl+C and Ctrl+\\.
_LEFT = (0, *(code for number in (signal.SIGINT, signal.SIGQUIT) for code in (128 + number, -number)))

# The command of a session, by its folder, its language and the name of whoever has it.
MakeCommand = Callable[[str, str, str], Sequence[str]]


class PageSession:
    """A process, and the page that shows it; `name` is whose it is, where names are known."""

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
        self._taken: asyncio.Future[CloseReason] | None = None  # of the page that shows it: set where it loses that
        self._in_use = asyncio.Lock()  # one page at a time reads and writes
        self._was_shown = False
        self._heard, self._is_typing = 0, False  # messages of pages; whether one is on its way
        self._ending: asyncio.Task[int] | None = None
        self._waiting: asyncio.TimerHandle | None = None  # for its page
        self._idle, self._typed_at = idle, self._loop.time()
        self._idle_timer = self._loop.call_later(min(idle, 1e6), self._heed_idleness)

    @property
    def is_shown(self) -> bool:
        """Whether a page has it."""
        return self._taken is not None

    @property
    def is_ending(self) -> bool:
        """Whether no page can have it any more."""
        return self._ending is not None

    async def show(self, page: ServerConnection, size: Size) -> CloseReason | None:
        """Has a page show it until one of the two ends; gives why the page is to be closed, None: it has gone."""
        self._stop_waiting()
        before, self._taken = self._taken, self._loop.create_future()
        taken = self._taken
        if before is not None and not before.done():
            before.set_result(ELSEWHERE)
        self._status.count(pages=1)
        try:
            async with self._in_use:
                is_over = not taken.done() and await self._exchange(page, size, taken)
        except BaseException:
            self.end(STOPPED)
            raise
        finally:
            self._status.count(pages=-1)
        if is_over and not taken.done():
            code = await self.end(LEFT)
            if code in _LEFT:
                return LEFT
            self._status.count(failed=1)
            return FAILED._replace(places={"code": code})
        if taken.done():
            return taken.result()
        self._taken = None
        self._wait(self._patience.away if page.close_code in _CLOSED else self._patience.lost)
        page.transport.abort()  # if it is still there: to take leave of a page that reads nothing has no end
        return None

    async def _exchange(self, page: ServerConnection, size: Size, taken: asyncio.Future[CloseReason]) -> bool:
        """Passes on what is shown and typed until the page is gone or taken, or the process is over: if that it is."""
        self._process.resize(size)
        if self._was_shown:
            self._process.paint_anew()
        self._was_shown = True
        tasks: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(each) for each in (self._feed(page), self._listen(page), self._ask(page))
        ]
        try:
            await asyncio.wait([*tasks, taken], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for failure in ends:
            if isinstance(failure, Exception):
                raise failure
        return ends[0] is True

    async def _feed(self, page: ServerConnection) -> bool:
        """Sends what the process shows, as fast as the page takes it; tells whether it is over, or the page gone."""
        with suppress(ConnectionClosed):
            await page.send(f'{{"session": "{self.key}"}}')
            while data := await self._process.read():
                self._status.count(sent=len(data))
                await page.send(data)
            return True
        return False

    async def _listen(self, page: ServerConnection) -> None:
        """Types what the page sends, as fast as the terminal takes it."""
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
                self._is_typing = True  # for as long as that takes, no more is read of the page
                await self._process.write(message)
                self._is_typing = False

    async def _ask(self, page: ServerConnection) -> None:
        """Gives a page up once nothing is heard of it; what it has typed may take longer than an answer behind it."""
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
        self._status.count(waiting=1)
        self._waiting = self._loop.call_later(seconds, self.end, STOPPED)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._status.count(waiting=-1)

    def _heed_idleness(self) -> None:
        rest = self._typed_at + self._idle - self._loop.time()
        if rest > 0:
            self._idle_timer = self._loop.call_later(min(rest, 1e6), self._heed_idleness)
        else:
            self.end(IDLE)

    def end(self, why: CloseReason) -> asyncio.Task[int]:
        """Ends it, and tells the page why; the task gives the exit code once nothing is left of it."""
        if self._ending is None:
            self._stop_waiting()
            self._idle_timer.cancel()
            if self._taken is not None and not self._taken.done():
                self._taken.set_result(why)
            self._ending = self._loop.create_task(self._end())
        return self._ending

    async def _end(self) -> int:
        async with self._in_use:
            code = await self._process.end()
        self._folder.remove()
        self._gone(self)
        return code


class SessionPool:
    """So many places for sessions: who may begin one, and which one a page comes back to.

    `command` gives what is started, by `start`.
    """

    def __init__(
        self, start: Start, command: MakeCommand, most: int, idle: float, status: ServerStats, patience: Patience
    ) -> None:
        self._start, self._patience = start, patience
        self._command, self._most, self._idle, self._status = command, most, idle, status
        self._sessions: dict[str, PageSession] = {}
        self._are_closed = False

    def is_full_for(self, again: str) -> bool:
        """Whether a page that comes back to a session, or to none, finds no place."""
        is_full = len(self._sessions) >= self._most and all(each.is_shown for each in self._sessions.values())
        return is_full and again not in self._sessions

    @property
    def number(self) -> int:
        """How many are taken: by pages, by sessions that wait for theirs, by what is not quite gone yet."""
        return len(self._sessions)

    async def receive(
        self, page: ServerConnection, name: str, shown: AbstractContextManager[None]
    ) -> tuple[CloseReason | None, str]:
        """Serves a page from its first message on, within `shown` while it has a session.

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
        """The session that a page comes back to, or a new one; or why it has none."""
        had = self._sessions.get(greeting.again)
        if had is not None and had.name == name and not had.is_ending:
            return had
        if self._are_closed:
            return STOPPED
        if len(self._sessions) >= self._most:
            return ALL_TAKEN
        if name and sum(each.name == name for each in self._sessions.values()) >= _MOST_OF_NAME:
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
        """Ends all of them; no other begins."""
        self._are_closed = True
        await asyncio.gather(*(session.end(STOPPED) for session in self._sessions.values()))
