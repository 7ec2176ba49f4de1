"""The messages of a page, read as hostile input, and how the server takes leave of it.

A page opens the WebSocket `/session` with the subprotocols `quadfit`, its token where one is needed, and, where it had
a session, `session.` with the name of that: it needs no other place. Its first message is text, `{"size": [columns,
rows], "again": SESSION, "language": "en", "dark": true}`, of which `size` alone is needed; `again` is the session that
it had. The answer is `{"session": SESSION}`. From then on what is binary is what the terminal shows, and what is typed,
of at most MOST_BYTES a message; text is a new size, `{"size": …}`. Which code and reason the server closes it with is
below; any other end is a loss, after which the session waits for a while.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from quadfit_tui.core.text.language import ENGLISH, LANGUAGES, N_, _, in_language
from quadfit_tui.serve.processes.process import Size

MOST_BYTES = 32768  # of a message
_MOST_REASON = 123  # bytes of a reason, as RFC 6455 has it
# What a terminal sends by itself: reports of the cursor, of modes, of what it is, of its focus; of colors and more.
_ANSWERS = re.compile(rb"\x1b\[[?>=]?[\d;]*(?:R|\$y|c|n)|\x1b\[[IO]|\x1b[\]P_^X][^\x1b\x07\x9c]*(?:\x07|\x1b\\|\x9c)")


class CloseReason(NamedTuple):
    """The reason why the server closes a page: a WebSocket code (4000 and above are its own) and a text."""

    code: int
    text: str
    places: dict[str, object] = {}  # noqa: RUF012  nothing adds to it

    def reason(self, language: str) -> str:
        """Formats the text in the language of a page, cut to the bytes that WebSockets allow."""
        with in_language(language):
            text = _(self.text).format(**self.places)
        return text.encode()[:_MOST_REASON].decode(errors="ignore")


LEFT = CloseReason(1000, N_("You have left the program."))
STOPPED = CloseReason(1001, N_("The server was stopped."))
NO_GREETING = CloseReason(1008, N_("The first message is not that of a page."))
ALL_TAKEN = CloseReason(1013, N_("All places are taken; try again later."))
ALL_OF_NAME = CloseReason(1013, N_("Your address is already open in several pages; close one of them."))
IDLE = CloseReason(4000, N_("Nothing was typed for a long time."))
ELSEWHERE = CloseReason(4001, N_("Another page shows this session now."))
NOT_STARTED = CloseReason(4003, N_("The program could not be started."))  # 1011 is the library's, of a broken line
FAILED = CloseReason(4002, N_("The program ended with exit code {code}."))


class ClientHello(NamedTuple):
    """The first message of a page; `again` is the key of the session to which it returns, or empty."""

    size: Size
    again: str
    language: str
    dark: bool


def read_greeting(message: str | bytes) -> ClientHello | None:
    """Parses the first message of a page; None if it is invalid."""
    fields = _object(message)
    size = _size(fields)
    again, language, dark = fields.get("again") or "", fields.get("language", ENGLISH), fields.get("dark", True)
    if size is None or not (isinstance(again, str) and isinstance(language, str) and isinstance(dark, bool)):
        return None
    return ClientHello(size, again, language if language in LANGUAGES else ENGLISH, dark)


def read_size(message: str) -> Size | None:
    """Parses a later text message of a page, its new size; None if it is invalid."""
    return _size(_object(message))


def is_typed(data: bytes) -> bool:
    """Whether input contains more than a terminal's automatic reports, so that a person has typed."""
    return bool(_ANSWERS.sub(b"", data))


def _object(message: str | bytes) -> dict[str, Any]:
    if isinstance(message, str):
        try:
            fields = json.loads(message)
        except (ValueError, RecursionError):
            return {}
        if isinstance(fields, dict):
            return fields
    return {}


def _size(fields: dict[str, Any]) -> Size | None:
    size = fields.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(type(side) is int and side > 0 for side in size):
        return None
    return size[0], size[1]
