"""Who may, and what is answered: foreign names, foreign pages, no token, no place, no such file; the headers of all."""

import asyncio
import gzip
import json
from types import SimpleNamespace

import pytest
from pages import SIZE, TOKEN, server
from websockets.exceptions import InvalidStatus

from quadfit_tui.core.text.language import LANGUAGES
from quadfit_tui.serve.messages import MOST_BYTES
from quadfit_tui.serve.requests import AllowedHosts, Requests, language_of


async def refused(served, *args, **options):
    """The status with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        async with served.open(*args, **options):
            pass
    return refusal.value.response.status_code


async def test_the_page_and_its_files_are_served():
    async with server() as served:
        status, headers, content = await served.get("/")
        assert (status, headers["content-type"], content) == (200, "text/html; charset=utf-8", b"<html lang=en>")
        assert headers["vary"] == "Accept-Language"
        status, headers, content = await served.get("/page.css?1")
        assert (status, headers["content-type"], content) == (200, "text/css", b"a {}")
        status, headers, content = await served.get("/page.css", accept_encoding="br, gzip")
        assert (headers["content-encoding"], gzip.decompress(content)) == ("gzip", b"a {}")
        assert (await served.get("/page.css", if_none_match=headers["etag"]))[0] == 304
        status, headers, content = await served.get("/font.woff2", accept_encoding="gzip")
        assert (status, headers.get("content-encoding"), content) == (200, None, b"wOF2")


@pytest.mark.parametrize("path", ["/", "/page.css", "/nothing", "/session", "/../x"])
async def test_security_headers_on_every_answer(path):
    async with server() as served:
        for host in (None, "evil.example"):
            _, headers, _ = await served.get(path, host)
            policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
            assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
            assert policy["script-src"] == "'self'"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "server" not in headers
            assert "set-cookie" not in headers


NOWHERE = "/../ /../../etc/passwd /%2e%2e/ //etc/passwd /page.css/ /page.css%00 /. page.css * /session/ /Session"
NOWHERE += " http://a/page.css /assets/../page.css /page.py"
FOREIGN = ",evil.example,evil.example:{port},127.0.0.1,localhost:1,127.0.0.1:{port}@evil.example,a b"
FOREIGN += ",a@127.0.0.1:{port},:a@localhost:{port},127.0.0.1:000{port},127.0.0.1:"
FOREIGN += ",127.0.0.1:{port}:80,[::1,127.0.0.1:port,localhost.evil.example:{port},0.0.0.0:{port},é:{port}"


@pytest.mark.parametrize("path", NOWHERE.split())
async def test_other_paths_are_not_found(path):
    async with server() as served:
        status, _, content = await served.get(path)
        assert (status, content) == (404, b"There is no such page here.\n")


@pytest.mark.parametrize("host", FOREIGN.split(","))
async def test_a_foreign_name_is_refused(host):
    async with server() as served:
        status, _, content = await served.get("/", host.format(port=served.port))
        assert (status, b"--origin" in content) == (421, True)
        assert (await served.get("/session", host.format(port=served.port), authorization=f"Bearer {TOKEN}"))[0] == 421


async def test_own_host_names_are_accepted():
    async with server() as served:
        for host in ("localhost", "LOCALHOST", "127.0.0.1", "[::1]"):
            assert (await served.get("/", f"{host}:{served.port}"))[0] == 200


async def test_two_host_headers_are_refused():
    async with server() as served:
        assert (await served.get("/", f"{served.host}\r\nHost: {served.host}"))[0] == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "http://localhost:{port}",
        "file://",
    ],
)
async def test_a_foreign_page_is_refused(origin):
    async with server() as served:
        assert await refused(served, origin=origin.format(port=served.port)) == 403
        assert served.places.number == 0


async def test_missing_origin_is_refused():
    async with server() as served:
        headers = {"upgrade": "websocket", "connection": "Upgrade", "sec_websocket_version": "13"}
        headers |= {"sec_websocket_key": "AAAAAAAAAAAAAAAAAAAAAA==", "sec_websocket_protocol": f"quadfit, {TOKEN}"}
        assert (await served.get("/session", **headers))[0] == 403


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper()])
async def test_without_the_token_there_is_no_session(token):
    async with server() as served:
        assert await refused(served, token) == 401
        status, _, content = await served.get("/session", authorization=f"Bearer {token}")
        assert (status, content.startswith(b"This address has no valid token")) == (401, True)


def test_what_is_no_text_is_no_token():
    """Some versions of the library give what is not ASCII as halves of characters."""
    headers = SimpleNamespace(get_all=lambda name: ["Bearer \udcff"] * (name == "Authorization"))
    names = AllowedHosts(80, frozenset(["a"]))
    requests = Requests(names, {TOKEN: ""}, {}, str.encode, lambda _again: False)
    assert requests.owner(SimpleNamespace(headers=headers)) is None


async def test_a_token_is_that_of_a_protocol():
    async with server() as served:
        assert await refused(served, subprotocols=[TOKEN]) == 401
        assert await refused(served, subprotocols=["other", TOKEN]) == 401


async def test_server_without_tokens_asks_for_none():
    async with server(tokens={}) as served, served.open(None) as socket:
        assert socket.subprotocol == "quadfit"
        assert (await served.get("/session"))[0] == 426


async def test_a_full_house_is_told():
    async with server(most=1) as served, served.page() as page:
        await page.sees(b"size")
        assert await refused(served) == 503
        status, _, content = await served.get("/session", authorization=f"Bearer {TOKEN}", accept_language="en")
        assert (status, content) == (503, b"All places are taken; try again later.\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
async def test_nothing_but_get_and_head_is_allowed(method):
    async with server() as served:
        status, headers, content = await served.get("/", method=method)
        assert (status, headers["allow"], content) == (405, "GET, HEAD", b"Only GET and HEAD are allowed here.\n")


@pytest.mark.parametrize("path", ["/", "/font.woff2", "/nothing", "/session"])
async def test_head_equals_get_without_content(path):
    async with server() as served:
        ask = {"authorization": f"Bearer {TOKEN}"}
        status, headers, content = await served.get(path, **ask)
        assert await served.get(path, method="HEAD", **ask) == (status, headers, b"")
        assert int(headers["content-length"]) == len(content)
        upgrade = {"upgrade": "websocket", "connection": "Upgrade", "origin": f"http://{served.host}"}
        assert (await served.get("/session", method="HEAD", **ask, **upgrade))[0] == 426


UNREAD = {
    "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100000\r\n\r\n" + "x" * 100_000: 405,
    "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n": 405,
    "POST / HTTP/1.1\r\nHost: {host}\r\n\r\nx=1": 405,
    "GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\n12345": 400,
    "GET / HTTP/1.1\nHost: {host}\n\n": 400,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 405,
    "hello\r\n" * 10_000: 400,
    "\r\n" * 50_000: 400,
    "GET /" + "x" * 100_000 + " HTTP/1.1\r\n\r\n": 414,
    "GET / HTTP/1.1\r\n" + "X: y\r\n" * 1000 + "\r\n": 431,
    "GET / HTTP/1.1\r\nHost: {host}\r\n\r\nGET /page.css HTTP/1.1\r\nHost: {host}\r\n\r\n": 200,  # one answer
    "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n" + "x" * 100_000: 200,
}


@pytest.mark.parametrize(("request_", "status"), UNREAD.items(), ids=range(len(UNREAD)))
async def test_whatever_is_sent_has_one_whole_answer(request_, status):
    async with server() as served:
        answered, headers, content = await served.send(request_.replace("{host}", served.host).encode())
        assert (answered, len(content)) == (status, int(headers["content-length"]))
        assert headers["connection"] == "close"
        assert content


async def test_a_request_may_come_byte_by_byte():
    async with server() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        for byte in f"GET /page.css HTTP/1.1\r\nHost: {served.host}\r\n\r\n".encode():
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert (await reader.read()).endswith(b"\r\n\r\na {}")
        writer.close()


@pytest.mark.parametrize("kind", [str, str.encode])
async def test_oversized_message_closes_page(kind):
    async with server() as served, served.page() as page:
        await page.sees(b"size")
        await page.socket.send(kind("x" * MOST_BYTES))
        await page.socket.send(kind("x" * (MOST_BYTES + 1)))
        assert (await page.end())[0] == 1009


async def test_oversized_first_message_holds_no_place():
    async with server() as served, served.open() as socket:
        await socket.send(json.dumps({"size": SIZE, "again": "x" * MOST_BYTES}))
        await socket.wait_closed()
        assert (socket.close_code, served.places.number) == (1009, 0)


async def test_proxied_server_accepts_public_name():
    public, name = "https://fit.example.edu", "fit.example.edu"
    async with server(origin=public) as served:
        for host, origin in ((name, public), (None, public), (None, f"http://{served.host}")):
            async with served.open(host=host, origin=origin):
                pass
        for host, origin in ((name, f"http://{name}"), (name, f"http://{served.host}"), (None, "https://evil.example")):
            assert await refused(served, host=host, origin=origin) == 403
        assert [(await served.get("/", host))[0] for host in (name, f"{name}:8000", "evil.example")] == [200, 421, 421]


def test_allowed_hosts_when_listening_everywhere():
    names = AllowedHosts(8000, frozenset({"localhost", "server"}), addresses=True)
    for host in ("192.168.1.5:8000", "[fe80::1]:8000", "server:8000", "localhost:8000"):
        assert names.origins(host) == {f"http://{host}"}
    for host in ("evil.example:8000", "192.168.1.5", "192.168.1.5:8001", "1.2.3.4.evil.example:8000", "999.1.1.1:8000"):
        assert not names.origins(host), host
    proxied = AllowedHosts(8000, frozenset({"localhost"}), origin="https://a.edu:8443")
    for host in ("a.edu:8443", "a.edu"):
        assert proxied.origins(host) == {"https://a.edu:8443"}
    assert not proxied.origins("a.edu:8000")
    for host in ("server", "server:80"):
        assert AllowedHosts(80, frozenset({"server"})).origins(host) == {f"http://{host}"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr,de;q=0.9", "en"),
        ("fr, zh-TW;q=0.5", "zh_CN"),
        ("en;q=0.1, zh;q=0.2", "zh_CN"),
        ("zh;q=0", "en"),
        ("*", "en"),
        ("zh;q=x, ;;,,=;q=", "en"),
        ("zh;q=nan", "zh_CN"),
    ],
)
def test_language_follows_accept_language_header(accepted, language):
    assert language in LANGUAGES
    assert language_of(accepted) == language
