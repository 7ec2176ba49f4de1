"""The server: binds an address, answers requests, gives pages their sessions, and ends all of them with itself."""

from __future__ import annotations

import asyncio
import logging
import resource
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from quadfit_tui.serve.messages import MOST_BYTES
from quadfit_tui.serve.requests import PROTOCOL, File, Names, Requests
from quadfit_tui.serve.sessions import MakeCommand, Places
from quadfit_tui.serve.status import Status

_ENDING = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")
_TELL = 1.0  # seconds between two looks at the status, at least
_RECEIVED = 16384  # bytes that a page may be ahead of the server, where they take some 50 times that as small messages
_QUEUE = 2  # messages that were typed and wait, each of MOST_BYTES at most
_OPEN = 60.0  # seconds for a request and its answer: of the largest file, on a slow line
_OTHERS = 200  # connections at once, but for two of each page: a page loads its files by six
_AGREE = 10.0  # seconds for a page to agree to its end, behind what it has typed on a slow line
_USUAL_PORTS = {"http": ":80", "https": ":443"}  # which browsers leave out of an origin
_CLOSE = 2.0  # seconds for all of them, when the server ends

Fault = Callable[[BaseException], None]


class Served(NamedTuple):
    """What a server is to do. `tokens` has whose each is, and none where everybody may; `origin` is that of a proxy."""

    most: int
    idle: float
    command: MakeCommand
    files: Mapping[str, File]
    page: Callable[[str], bytes]
    tokens: Mapping[str, str] = {}
    origin: str = ""


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens at an address, port 0 is any; raises OSError."""
    family, _type, _protocol, _name, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    any_version = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    listening = socket.create_server(address[:2], family=family, backlog=256, dualstack_ipv6=any_version)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)  # which those of pages have from it
    return listening


def is_loopback(listening: socket.socket) -> bool:
    """Whether only programs of this machine reach a socket."""
    return ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(16)


def names_of(listening: socket.socket, host: str, origin: str = "") -> Names:
    """By which names a socket may be called that was bound to a host."""
    address, port = listening.getsockname()[:2]
    names = {host.lower(), address, "localhost"}
    if is_loopback(listening):
        names |= {"127.0.0.1", "::1"}
    else:
        names.add(socket.gethostname().lower())
    return Names(port, frozenset(names), ip_address(address.partition("%")[0]).is_unspecified, origin.lower())


def url_of(listening: socket.socket, host: str, origin: str = "", token: str = "") -> str:
    """The address for a browser; the token is in its fragment, which a browser sends to nobody."""
    address, port = listening.getsockname()[:2]
    name = socket.gethostname() if ip_address(address.partition("%")[0]).is_unspecified else host
    named = f"[{name}]" if ":" in name else name  # as RFC 3986 has an address of IPv6
    base = origin or f"http://{named}:{port}"
    return f"{base}/#{token}" if token else f"{base}/"


def read_origin(text: str) -> str | None:
    """The origin that a URL is: its scheme, name and port; None where it has more, or less."""
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
    """Lets the process have as many files as so many pages may need, as far as its account may have them."""
    needed = 3 * most + _OTHERS + 100  # a terminal and two connections each
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


def run(
    listening: socket.socket,
    host: str,
    served: Served,
    *,
    begun: Callable[[], None],
    tell: Callable[[Status], None],
    fault: Fault,
) -> int:
    """Serves until a signal ends it, whose number it gives; `begun` is called once it can be reached, `tell` now and
    then, `fault` of what went wrong with a page and must not."""
    allow_descriptors(served.most)
    return asyncio.run(_until_signal(listening, host, served, begun, tell, fault))


async def _until_signal(
    listening: socket.socket,
    host: str,
    served: Served,
    begun: Callable[[], None],
    tell: Callable[[Status], None],
    fault: Fault,
) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, about: fault(about.get("exception") or RuntimeError(about["message"])))
    ended: asyncio.Future[int] = loop.create_future()
    for name in _ENDING:
        number = signal.Signals[name]
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):  # else it is ignored
            loop.add_signal_handler(number, _end, ended, number)
    status = Status(served.most)
    async with serving(listening, host, served, status, fault):
        begun()
        telling = loop.create_task(_tell(status, tell))
        ended_by = await ended
        telling.cancel()
    return ended_by


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)


async def _tell(status: Status, tell: Callable[[Status], None]) -> None:
    while True:
        tell(status)
        await status.changed.wait()
        await asyncio.sleep(_TELL)
        status.changed.clear()


@asynccontextmanager
async def serving(
    listening: socket.socket, host: str, served: Served, status: Status, fault: Fault
) -> AsyncIterator[Places]:
    """Within it pages are served; at its end all sessions are ended."""
    logger = logging.Logger("websockets")
    logger.addHandler(_Faults(fault))
    places = Places(served.command, served.most, served.idle, status)
    names = names_of(listening, host, served.origin)
    requests = Requests(names, served.tokens, served.files, served.page, places.are_taken_but_for)

    connections = _Connections(2 * served.most + _OTHERS)

    def answer(_page: ServerConnection, request: Request) -> Response | None:
        return requests.answer(request)

    async def receive(page: ServerConnection) -> None:
        assert page.request is not None
        farewell, language = await places.receive(page, requests.owner(page.request) or "")
        if farewell is not None:
            closing = asyncio.ensure_future(page.close(farewell.code, farewell.reason(language)))
            with suppress(ConnectionClosed):
                async for _message in page:  # which was typed before it was told, and what it answers is behind that
                    pass
            await closing

    server = await serve(
        receive,
        sock=listening,
        process_request=answer,
        subprotocols=[Subprotocol(PROTOCOL)],
        compression=None,  # which would take memory for each page
        max_size=MOST_BYTES,
        max_queue=_QUEUE,
        open_timeout=_OPEN,
        ping_interval=None,  # a session asks by itself
        close_timeout=_AGREE,
        server_header=None,
        create_connection=connections.kind,
        logger=logger,
    )
    try:
        yield places
    finally:
        await places.end()
        server.close()
        connections.abort(State.CONNECTING)  # such as a browser keeps ready
        try:
            async with asyncio.timeout(_CLOSE):
                await server.wait_closed()
        except TimeoutError:
            connections.abort(*State)
            await server.wait_closed()


class _Connections:
    """All that are open at once, of which there are no more than so many, whatever somebody opens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._present: set[ServerConnection] = set()

    @property
    def kind(self) -> type[ServerConnection]:
        """Connections that are among them."""
        present, most = self._present, self._most

        class Counted(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                present.add(self)
                if len(present) > most:
                    self.transport.abort()

            def connection_lost(self, exc: Exception | None) -> None:
                present.discard(self)
                super().connection_lost(exc)

        return Counted

    def abort(self, *states: State) -> None:
        """Closes those in one of some states at once: nothing that is asked or said there is waited for."""
        for each in [each for each in self._present if each.state in states]:
            each.transport.abort()


class _Faults(logging.Handler):
    """Passes on what the library tells of errors, but for those of whoever is on the other side."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(logging.ERROR)
        self._fault = fault

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        if failure is None:
            failure = RuntimeError(record.getMessage())
        if not isinstance(failure, WebSocketException | OSError | EOFError):
            self._fault(failure)
