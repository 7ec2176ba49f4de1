"""The server: binds an address, answers requests, connects pages to sessions, and ends these when it ends."""

from __future__ import annotations

import asyncio
import logging
import resource
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from ipaddress import ip_address
from traceback import walk_tb
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.serve.connections import Connections, most_connections
from quadfit_tui.serve.folders import clear_left_over, problem_of
from quadfit_tui.serve.messages import MOST_BYTES, CloseReason
from quadfit_tui.serve.patience import PATIENCE, Patience
from quadfit_tui.serve.processes.process import Start
from quadfit_tui.serve.requests import PROTOCOL, AllowedHosts, File, Requests, refuse_unread
from quadfit_tui.serve.sessions import MakeCommand, SessionPool
from quadfit_tui.serve.status import ServerStats

_ENDING = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
_REPORT_INTERVAL = 1.0  # least seconds between two reports of the status
_RECEIVED = 16384  # bytes of a page that the system buffers; as small messages they take some 50 times that memory
_QUEUE = 2  # messages that were typed and wait, each of MOST_BYTES at most
_USUAL_PORTS = {"http": ":80", "https": ":443"}  # browsers leave these out of an origin

OnError = Callable[[BaseException], None]


class ServerOptions(NamedTuple):
    """The options of a server.

    `start` starts the process of a session. `tokens` maps each token to a name; if it is empty, everybody may have a
    session. `origin` is that of a proxy. `records` is the folder of the records of a class.
    """

    start: Start
    most: int
    idle: float
    command: MakeCommand
    files: Mapping[str, File]
    page: Callable[[str], bytes]
    tokens: Mapping[str, str] = {}
    origin: str = ""
    records: str = ""
    patience: Patience = PATIENCE


def bind(host: str, port: int) -> socket.socket:
    """Opens a socket that listens at an address; port 0 is any free one; raises OSError."""
    family, _type, _protocol, _name, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    any_version = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    listening = socket.create_server(address[:2], family=family, backlog=256, dualstack_ipv6=any_version)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)  # inherited by the sockets of pages
    return listening


def is_loopback(listening: socket.socket) -> bool:
    """Whether a socket can be reached from this machine alone."""
    return ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def new_token() -> str:
    """Returns a random token for the address of a page, with 128 bits."""
    return secrets.token_urlsafe(16)


def names_of(listening: socket.socket, host: str, origin: str = "") -> AllowedHosts:
    """Returns the host names that requests may have for a socket that was bound to a host."""
    address, port = listening.getsockname()[:2]
    names = {host.lower(), address, "localhost"}
    if is_loopback(listening):
        names |= {"127.0.0.1", "::1"}
    else:
        names.add(socket.gethostname().lower())
    return AllowedHosts(port, frozenset(names), ip_address(address.partition("%")[0]).is_unspecified, origin.lower())


def url_of(listening: socket.socket, host: str, origin: str = "", token: str = "") -> str:
    """Returns the URL for a browser, with the token in its fragment, which browsers don't send."""
    address, port = listening.getsockname()[:2]
    name = socket.gethostname() if ip_address(address.partition("%")[0]).is_unspecified else host
    named = f"[{name}]" if ":" in name else name  # the form of IPv6 addresses in URLs (RFC 3986)
    base = origin or f"http://{named}:{port}"
    return f"{base}/#{token}" if token else f"{base}/"


def read_origin(text: str) -> str | None:
    """Parses a URL as an origin (scheme, name and port, as browsers send it); None if it has more, or less."""
    try:
        parts = urlsplit(text.strip().lower())
        is_named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return None
    is_more = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in _USUAL_PORTS or is_more or not is_named or not text.isascii():
        return None
    return f"{parts.scheme}://{parts.netloc.removesuffix(_USUAL_PORTS[parts.scheme])}"


def allow_descriptors(most: int) -> None:
    """Raises the limit of open files to what so many pages may need, within the account's hard limit."""
    needed = most_connections(most) + 2 * most + 300  # a session has a terminal and a folder; 300 connections may close
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


def run(
    listening: socket.socket,
    host: str,
    served: ServerOptions,
    *,
    begun: Callable[[], None],
    tell: Callable[[ServerStats], None],
    warn: Callable[[str], None],
    fault: OnError,
) -> int:
    """Serves until a signal ends it, and returns the signal's number.

    Calls `begun` once it can be reached, `tell` when the status has changed, `warn` with a line about the records,
    `fault` with unexpected errors.
    """
    allow_descriptors(served.most)
    return asyncio.run(_until_signal(listening, host, served, begun, tell, warn, fault))


async def _until_signal(
    listening: socket.socket,
    host: str,
    served: ServerOptions,
    begun: Callable[[], None],
    tell: Callable[[ServerStats], None],
    warn: Callable[[str], None],
    fault: OnError,
) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    for name in _ENDING:
        number = signal.Signals[name]
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):  # not one that nohup ignores
            loop.add_signal_handler(number, _end, ended, number)
    status = ServerStats(served.most)
    async with serving(listening, host, served, status, fault):
        begun()
        tasks = [loop.create_task(job) for job in (_report_status(status, tell), _check_folders(served, warn))]
        ended_by = await ended
        for task in tasks:
            task.cancel()
    return ended_by


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)


async def _report_status(status: ServerStats, tell: Callable[[ServerStats], None]) -> None:
    """Calls `tell` now and after each change, at most once a second."""
    while True:
        tell(status)
        await status.changed.wait()
        await asyncio.sleep(_REPORT_INTERVAL)
        status.changed.clear()


async def _check_folders(served: ServerOptions, warn: Callable[[str], None]) -> None:
    """Removes folders that killed servers have left, and warns once when nothing can be recorded any more."""
    records, was_full = served.records, False
    while True:
        clear_left_over()
        problem = await asyncio.to_thread(problem_of, records) if records else ""
        if problem and not was_full:
            template = _("answers are not recorded: {folder} cannot be written: {problem}")
            warn(template.format(folder=quoted(records), problem=problem))
        was_full = bool(problem)
        await asyncio.sleep(served.patience.look)


@asynccontextmanager
async def serving(
    listening: socket.socket, host: str, served: ServerOptions, status: ServerStats, fault: OnError
) -> AsyncIterator[SessionPool]:
    """Serves pages while the context is open, and ends all sessions when it closes."""
    faults = _ErrorHandler(fault)
    logger = logging.Logger("websockets", logging.ERROR)  # at a lower level it would log each frame
    logger.addHandler(faults)
    # Without a handler, asyncio's messages about connections would be printed.
    logging.getLogger("asyncio").addHandler(faults)
    asyncio.get_running_loop().set_exception_handler(faults.handle_failure)
    places = SessionPool(served.start, served.command, served.most, served.idle, status, served.patience)
    names = names_of(listening, host, served.origin)
    requests = Requests(names, served.tokens, served.files, served.page, places.is_full_for)
    connections = Connections(served.most, bool(served.origin), refuse_unread, served.patience.request)

    def answer(page: ServerConnection, request: Request) -> Response | None:
        response = requests.answer(request)
        if response is not None and response.status_code < HTTPStatus.BAD_REQUEST:
            connections.answered(page)
        elif response is None and (name := requests.owner(request)):
            connections.named(page, name)
        return response

    async def receive(page: ServerConnection) -> None:
        assert page.request is not None
        name = requests.owner(page.request) or ""
        farewell, language = await places.receive(page, name, connections.shown(page))
        if farewell is not None and page.state is State.OPEN:
            await _take_leave(page, farewell, language, served.patience.farewell)

    server = await serve(
        receive,
        sock=listening,
        process_request=answer,
        subprotocols=[Subprotocol(PROTOCOL)],
        compression=None,  # it would take memory for each page
        max_size=MOST_BYTES,
        max_queue=_QUEUE,
        open_timeout=served.patience.response,
        ping_interval=None,  # a session sends its own pings
        close_timeout=served.patience.farewell,
        server_header=None,
        create_connection=connections.kind,
        logger=logger,
    )
    try:
        yield places
    finally:
        await places.end()
        server.close()
        connections.abort(State.CONNECTING)  # browsers keep unused connections ready
        try:
            async with asyncio.timeout(served.patience.closing):
                await server.wait_closed()
        except TimeoutError:
            connections.abort(*State)
            await server.wait_closed()
        logging.getLogger("asyncio").removeHandler(faults)


async def _take_leave(page: ServerConnection, farewell: CloseReason, language: str, seconds: float) -> None:
    """Closes a page once its pending input is read, or aborts it if it does not answer in time."""
    closing = asyncio.ensure_future(page.close(farewell.code, farewell.reason(language)))
    try:
        async with asyncio.timeout(seconds):
            with suppress(ConnectionClosed):
                async for _message in page:
                    pass
    except TimeoutError:
        page.transport.abort()
    await closing


class _ErrorHandler(logging.Handler):
    """A log handler that passes on errors of websockets and asyncio, except those that the peer has caused."""

    def __init__(self, fault: OnError) -> None:
        super().__init__(logging.ERROR)
        self._fault = fault

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        self._pass_on(failure or RuntimeError(record.getMessage()))

    def handle_failure(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handles an exception that nobody caught in a task or callback of the loop."""
        self._pass_on(context.get("exception") or RuntimeError(context["message"]))

    def _pass_on(self, failure: BaseException) -> None:
        if not (isinstance(failure, WebSocketException | OSError | EOFError) or _is_assertion_of_library(failure)):
            self._fault(failure)


def _is_assertion_of_library(failure: BaseException) -> bool:
    """Whether an assertion of websockets failed, which happens if a peer sends frames in an unexpected order."""
    if not isinstance(failure, AssertionError):
        return False
    frames = [frame for frame, _line in walk_tb(failure.__traceback__)]
    return bool(frames) and str(frames[-1].f_globals.get("__name__")).startswith("websockets.")
