"""The connections: how many may be open without a session and for how long, and how much a page may leave unread.

A connection is *silent* until it sends a valid request; one of a page without a name, until its first message. If too
many are open, the oldest silent one is dropped, or the oldest of those that are answered if these are more: a newcomer
always has its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import NamedTuple

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Response
from websockets.protocol import State

from quadfit_tui.serve.patience import PATIENCE

_OTHERS = 200  # connections at once, but for two of each place: a page loads its files by six
_MOST_OF_NAME = 4  # pages of one name that have not sent their first message
# Bytes on the way to a page. The output of its program waits beyond 32 KB; answers to its pings wait for nothing.
_MOST_UNREAD = 1 << 18
_MOST_METHOD = 8  # bytes kept of a request, enough for the name of its method


def most_connections(places: int) -> int:
    """Returns how many connections a server with so many places allows at once."""
    return 2 * places + _OTHERS


class _Use(NamedTuple):
    """How a connection without a session counts: at most `most` of the same group are open, if there is a group."""

    is_silent: bool
    group: tuple[str, str] | None = None
    most: int = 0


_ANSWERED = _Use(is_silent=False)


class Connections:
    """All open connections of a server, within limits by address, by student and in all.

    `refuse` makes the response to a request that cannot be parsed. Behind a proxy (`is_proxied`) there is no limit by
    address, because all connections have that of the proxy. A request must be complete within `seconds`.
    """

    def __init__(
        self, places: int, is_proxied: bool, refuse: Callable[[str], Response], seconds: float = PATIENCE.request
    ) -> None:
        self._places, self._is_proxied, self.refuse, self.seconds = places, is_proxied, refuse, seconds
        self._waiting: dict[ServerConnection, _Use] = {}  # without a session; the oldest first
        self._shown: set[ServerConnection] = set()

    @property
    def kind(self) -> type[ServerConnection]:
        """A subclass of ServerConnection for websockets' server, whose instances are counted here."""

        class Kind(_Counted):
            connections = self

        return Kind

    def opened(self, connection: ServerConnection, address: str) -> None:
        """Counts a new connection from an address."""
        is_counted = not (self._is_proxied or _is_loopback(address))
        group = ("address", address) if is_counted else None
        self._count(connection, _Use(True, group, 2 * self._places))

    def answered(self, connection: ServerConnection) -> None:
        """Counts a connection as one with a valid request."""
        self._count(connection, _ANSWERED)

    def named(self, connection: ServerConnection, name: str) -> None:
        """Counts a connection as one of a page that has the token of a name, and has sent no message yet."""
        self._count(connection, _Use(False, ("name", name), _MOST_OF_NAME))

    @contextmanager
    def shown(self, connection: ServerConnection) -> Iterator[None]:
        """Exempts a connection from the limits while the context is open, in which its page shows a session."""
        self._waiting.pop(connection, None)
        self._shown.add(connection)
        try:
            yield
        finally:
            if connection in self._shown:  # still open, for the closing handshake
                self._shown.discard(connection)
                self._count(connection, _ANSWERED)

    def closed(self, connection: ServerConnection) -> None:
        """Stops counting a connection that has closed."""
        self._waiting.pop(connection, None)
        self._shown.discard(connection)

    def abort(self, *states: State) -> None:
        """Aborts all connections in one of some states."""
        for connection in [*self._waiting, *self._shown]:
            if connection.state in states:
                connection.transport.abort()

    def _count(self, connection: ServerConnection, use: _Use) -> None:
        """Counts a connection as the newest one of a use; drops the oldest one if there are too many."""
        self._waiting.pop(connection, None)
        if use.group is not None:
            alike = [other for other, its in self._waiting.items() if its == use]
            if len(alike) >= use.most:
                self._drop(alike[0])
        if len(self._waiting) + len(self._shown) >= most_connections(self._places):
            silent = [other for other, its in self._waiting.items() if its.is_silent]
            others = [other for other, its in self._waiting.items() if not its.is_silent]
            for oldest in max(silent, others, key=len)[:1]:  # so that neither kind can take all the room
                self._drop(oldest)
        self._waiting[connection] = use

    def _drop(self, connection: ServerConnection) -> None:
        del self._waiting[connection]
        connection.transport.abort()


def _is_loopback(address: str) -> bool:
    """Whether an address is of this machine: a local browser, or the end of everybody's ssh tunnel."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:  # the peer has gone, and its address with it
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


class _Counted(ServerConnection):
    """A connection that counts, answers what it cannot read, and ends if its peer sends no request or reads nothing."""

    connections: Connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._begin = b""  # first bytes of the request
        self._timeout = self.loop.call_later(self.connections.seconds, self.transport.abort)
        peer = transport.get_extra_info("peername")
        self.connections.opened(self, peer[0] if peer else "")

    def connection_lost(self, exc: Exception | None) -> None:
        self._timeout.cancel()
        self.connections.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parses a request line by line, and drops bytes that follow it before it is answered.

        websockets would read these as frames, but they are the body of a request, or the next one: a page must wait
        for the response (RFC 6455, 4.1).
        """
        self._begin = (self._begin + data)[:_MOST_METHOD]
        while data and self.request is None and not self.protocol.eof_sent:
            line, newline, data = data.partition(b"\n")
            super().data_received(line + newline)
        if self.request is not None:
            self._timeout.cancel()
        if self.state is State.CONNECTING and not self.protocol.eof_sent:
            return
        super().data_received(data)
        if self.state is not State.CONNECTING and self.transport.get_write_buffer_size() > _MOST_UNREAD:
            self.transport.abort()

    def send_data(self) -> None:
        """Sends pending data, and a response to an invalid request, for which websockets has none."""
        if self.request is None and self._begin and self.protocol.writes == [b""]:
            method = self._begin.partition(b" ")[0].decode(errors="replace")
            self.transport.write(self.connections.refuse(method).serialize())
        super().send_data()
