"""The status of the server: how many pages are open, since when, how many bytes; as a line and as an object."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import datetime

from quadfit_tui.core.text.language import _, clauses, ngettext

Record = dict[str, float | int | str]
FULL = 1.2  # load per processor above which pages draw less often


class ServerStats:
    """Counts pages, sessions and bytes of a server; `changed` is set by each change.

    `load` returns the load average per processor.
    """

    def __init__(
        self, places: int, load: Callable[[], float] = lambda: os.getloadavg()[0] / (os.cpu_count() or 1)
    ) -> None:
        self.places, self.load = places, load
        self.since = datetime.now().astimezone()
        self.pages = 0  # pages that show a session
        self.waiting = 0  # sessions whose page has gone and may return
        self.sessions = 0  # sessions started so far
        self.failed = 0  # sessions whose program failed
        self.sent = 0  # bytes sent to pages
        self.received = 0  # bytes typed
        self.changed = asyncio.Event()

    def count(
        self,
        *,
        pages: int = 0,
        waiting: int = 0,
        sessions: int = 0,
        failed: int = 0,
        sent: int = 0,
        received: int = 0,
    ) -> None:
        """Adds to the counters, and sets `changed`."""
        self.pages += pages
        self.waiting += waiting
        self.sessions += sessions
        self.failed += failed
        self.sent += sent
        self.received += received
        self.changed.set()

    @property
    def line(self) -> str:
        """The status as a sentence for the terminal of the server."""
        parts = [ngettext("{n} page open", "{n} pages open", self.pages)]
        if self.pages and self.load() > FULL:
            parts.append(_("the machine is full: they draw less often"))
        if self.waiting:
            parts.append(ngettext("{n} waiting for a page to return", "{n} waiting for pages to return", self.waiting))
        if self.failed:
            parts.append(ngettext("{n} program failed", "{n} programs failed", self.failed))
        parts.append(_("serving since {time}").format(time=format(self.since, "%H:%M")))
        parts.append(_("{size} MB sent").format(size=format(self.sent / 1e6, ".1f")))
        return clauses(parts)

    @property
    def record(self) -> Record:
        """The status as an object of a JSON line."""
        return {
            "pages": self.pages,
            "waiting": self.waiting,
            "places": self.places,
            "load": round(self.load(), 2),
            "sessions": self.sessions,
            "failed": self.failed,
            "since": self.since.isoformat(timespec="seconds"),
            "bytes_sent": self.sent,
            "bytes_received": self.received,
        }
