"""Requests: who may, and what is answered: the files of the page, or a refusal in one line.

Refused are foreign names of the server (`Host`, 421: else the name of another site could lead here), foreign pages
(`Origin`, 403), whoever has no token where one is needed (401), everybody while all places are taken (503), what there
is not (404), other methods than GET and HEAD (405), and what is no request, or has a content (400). A browser tells its
page nothing of a WebSocket that was refused: the page may ask by a plain GET of `/session`, with its token behind
`Authorization: Bearer` and its session in `Quadfit-Session`; the answer is the refusal that the WebSocket would have,
with its reason as text, or 426 where that would be opened.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from quadfit_tui.core.text.language import ENGLISH, N_, _, in_language, match_language

PROTOCOL = "quadfit"
SESSION = "/session"
_AGAIN = "session."  # a protocol that begins so names the session that a page comes back to
_USUAL_PORT = 80  # which browsers leave out
_TEXT = "text/plain; charset=utf-8"
_PACKED = ("text/", "application/javascript", "application/json", "image/svg")  # by gzip; a font is by its format
# A page may load what is here, talk to this server and save files; nothing is inline, and no other page holds it.
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_WHY = {
    HTTPStatus.MISDIRECTED_REQUEST: N_("This server has another name; its operator can give it one by --origin."),
    HTTPStatus.FORBIDDEN: N_("This page comes from another server."),
    HTTPStatus.UNAUTHORIZED: N_("This address has no valid token; open the whole address that you were given."),
    HTTPStatus.SERVICE_UNAVAILABLE: N_("All places are taken; try again later."),
    HTTPStatus.NOT_FOUND: N_("There is no such page here."),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("Only GET and HEAD are allowed here."),
    HTTPStatus.BAD_REQUEST: N_("The server cannot read this request."),
}
_METHODS = ("GET", "HEAD")


class File(NamedTuple):
    """A file of the page: its type, as HTTP calls it, and what is in it."""

    kind: str
    content: bytes


class AllowedHosts(NamedTuple):
    """The names by which a server is called: of which port, or by a proxy at its `origin`, such as https://a.edu.

    `addresses`: by any address, too. An address is nobody's to lead elsewhere, as a name is.
    """

    port: int
    names: frozenset[str]
    addresses: bool = False
    origin: str = ""

    def origins(self, host: str) -> frozenset[str]:
        """Returns the origins allowed for a request to a host; none if that is no name of this server."""
        public, proxy = frozenset({self.origin} if self.origin else ()), urlsplit(self.origin)
        if self.origin and host in (proxy.netloc, proxy.hostname):  # some proxies leave the port out
            return public
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return frozenset()
        named = f"[{name}]" if ":" in name else name
        is_of_port = host == f"{named}:{self.port}" or (host == named and self.port == _USUAL_PORT)
        if not is_of_port or not (name in self.names or (self.addresses and _is_address(name))):
            return frozenset()
        return public | {f"http://{host}"}


class Requests:
    """Answers HTTP requests; `tokens` maps tokens to names, and is empty if no token is needed."""

    def __init__(
        self,
        names: AllowedHosts,
        tokens: Mapping[str, str],
        files: Mapping[str, File],
        page: Callable[[str], bytes],
        are_taken: Callable[[str], bool],
    ) -> None:
        self._names, self._tokens, self._are_taken, self._page = names, tokens, are_taken, page
        self._files = {path: _StaticResponse.of(file) for path, file in files.items()}

    def answer(self, request: Request) -> Response | None:
        """Returns the response to a request, or None if it may open a session."""
        response = self._answer(request)
        return response if response is None or request.method != "HEAD" else replace(response, body=b"")

    def _answer(self, request: Request) -> Response | None:
        origins = self._names.origins(_only(request.headers, "Host").lower())
        if not origins:
            return _refusal(HTTPStatus.MISDIRECTED_REQUEST, request)
        if request.method not in _METHODS:
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, request)
        path = request.path.partition("?")[0]
        if path == SESSION:
            return self._answer_for_session(request, origins)
        if path == "/":
            page = self._page(language_of(_only(request.headers, "Accept-Language")))
            return _StaticResponse.of(File("text/html; charset=utf-8", page)).response(
                request, {"Vary": "Accept-Language"}
            )
        if path in self._files:
            return self._files[path].response(request)
        return _refusal(HTTPStatus.NOT_FOUND, request)

    def _answer_for_session(self, request: Request, origins: frozenset[str]) -> Response | None:
        is_asked_only = request.method == "HEAD" or not _only(request.headers, "Upgrade")
        if not is_asked_only and _only(request.headers, "Origin").lower() not in origins:
            return _refusal(HTTPStatus.FORBIDDEN, request)
        if self.owner(request) is None:
            return _refusal(HTTPStatus.UNAUTHORIZED, request)
        if self._are_taken(_again(request)):
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, request)
        return _response(HTTPStatus.UPGRADE_REQUIRED, {"Upgrade": "websocket"}) if is_asked_only else None

    def owner(self, request: Request) -> str | None:
        """Returns the name of a request's token, empty if no token is needed, None if the token is wrong."""
        if not self._tokens:
            return ""
        offered = _protocols(request)
        bearer = _only(request.headers, "Authorization").removeprefix("Bearer ")
        presented = offered[1] if len(offered) > 1 and offered[0] == PROTOCOL else bearer
        owner = None
        for token, name in self._tokens.items():  # compares all of them, so that the time reveals nothing
            if hmac.compare_digest(token.encode(), presented.encode(errors="replace")):
                owner = name
        return owner


class _StaticResponse(NamedTuple):
    """A file ready to be sent, plain or compressed, with the ETag by which a browser recognizes a cached copy."""

    kind: str
    content: bytes
    packed: bytes
    tag: str

    @classmethod
    def of(cls, file: File) -> _StaticResponse:
        kind, content = file
        packed = gzip.compress(content, mtime=0) if kind.startswith(_PACKED) else b""
        return cls(kind, content, packed, f'"{hashlib.sha256(content).hexdigest()[:32]}"')

    def response(self, request: Request, more: Mapping[str, str] = {}) -> Response:
        headers = {"ETag": self.tag, "Cache-Control": "no-cache", **more}
        if self.tag in _only(request.headers, "If-None-Match"):
            return _response(HTTPStatus.NOT_MODIFIED, headers)
        headers["Content-Type"] = self.kind
        if self.packed and "gzip" in _only(request.headers, "Accept-Encoding"):
            return _response(HTTPStatus.OK, headers | {"Content-Encoding": "gzip"}, self.packed)
        return _response(HTTPStatus.OK, headers, self.content)


def language_of(accepted: str) -> str:
    """Parses Accept-Language and returns the preferred language that the program has, or English."""
    preferences = []  # minus the weight, the position, the code
    for index, item in enumerate(accepted.split(",")):
        tag, _semicolon, weight = item.partition(";")
        try:
            preferences.append((-float(weight.strip().removeprefix("q=") or 1), index, match_language(tag.strip())))
        except ValueError:
            continue
    preferences.sort(key=lambda preference: preference[:2])
    return next((code for weight, _index, code in preferences if weight and code), ENGLISH)


def _protocols(request: Request) -> list[str]:
    return [name.strip() for name in _only(request.headers, "Sec-WebSocket-Protocol").split(",")]


def _again(request: Request) -> str:
    """Returns the key of the session to which a page returns, or an empty string."""
    keys = [name.removeprefix(_AGAIN) for name in _protocols(request) if name.startswith(_AGAIN)]
    return keys[0] if keys else _only(request.headers, "Quadfit-Session")


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _only(headers: Headers, name: str) -> str:
    """Returns the value of a header, or an empty string if it is missing or repeated."""
    values = headers.get_all(name)
    return values[0] if len(values) == 1 else ""


def refuse_unread(method: str) -> Response:
    """Returns the response to bytes that are no valid request, such as one with a body; `method` is its first word."""
    is_other = method.isalpha() and method.isupper() and method not in _METHODS
    status = HTTPStatus.METHOD_NOT_ALLOWED if is_other else HTTPStatus.BAD_REQUEST
    response = _refusal(status, Request("", Headers()))
    return replace(response, body=b"") if method == "HEAD" else response


def _refusal(status: HTTPStatus, request: Request) -> Response:
    """Returns a response that explains an error status, in the language of the request."""
    with in_language(language_of(_only(request.headers, "Accept-Language"))):
        message = _(_WHY[status])
    allowed = {"Allow": ", ".join(_METHODS)} if status is HTTPStatus.METHOD_NOT_ALLOWED else {}
    return _response(status, {"Content-Type": _TEXT, "Cache-Control": "no-store", **allowed}, f"{message}\n".encode())


def _response(status: HTTPStatus, headers: Mapping[str, str], body: bytes = b"") -> Response:
    sent = {**_SECURITY, **headers, "Content-Length": str(len(body)), "Connection": "close"}
    return Response(status.value, status.phrase, Headers(sent), body)
