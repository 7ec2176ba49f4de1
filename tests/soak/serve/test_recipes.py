"""What the manual says about serving, done as it says: by itself, behind proxies with a certificate, for a class."""

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from contextlib import ExitStack, contextmanager

import pytest
from command_line import PROGRAM
from documents import MANUAL
from visits import Visit
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from quadfit_tui.teaching.classroom.classroom import Classroom, Question, VoteState, now
from quadfit_tui.teaching.classroom.tally import Tally
from quadfit_tui.teaching.notation.catalog import Catalog

PAGE = MANUAL["serve"] + MANUAL["class-server"]
BLOCKS = re.findall(r"test_recipes.py tries the next block -->\n```\w*\n(.+?)```", PAGE, re.DOTALL)
START, ORIGIN, CADDY, NGINX, NAMES, CLASS, VOTES = BLOCKS
NAME = "fit.example.edu"
BEGUN = re.compile(r"(?:(\w+)\t)?(https?://[^/]+)/(?:#([\w-]{22}))?\n")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def words_of(block):
    """The options of the line of a block that serves."""
    (line,) = re.findall(r"^quadfit-tui (serve.*)$", block.replace("\\\n", ""), re.MULTILINE)
    return line.split()


@contextmanager
def started(*command, **options):
    """A program, ended as somebody does who presses ctrl+c."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options) as begun:
        try:
            yield begun
        finally:
            begun.terminate()
            begun.communicate(timeout=30)


@contextmanager
def serving(words, folder, count=1):
    """A server by the words of the page, but at any free port; what it tells: names, addresses and tokens."""
    before, dashes, behind = (" ".join(words)).partition(" -- ")
    port = free_port()
    with started(
        *PROGRAM, *before.split(), "--port", str(port), *dashes.split(), *behind.split(), cwd=folder
    ) as server:
        yield port, [BEGUN.fullmatch(server.stdout.readline()).groups() for _ in range(count)]


async def visit(origin, token, port, page_of="", **options):
    """Opens the app as a page does, perhaps one of another server, and leaves it; the code of the end."""
    protocols = ["quadfit", *([token] if token else [])]
    url = f"{origin.replace('http', 'ws', 1)}/session"
    given = {
        "host": "127.0.0.1",
        "port": port,
        "origin": page_of or origin,
        "subprotocols": protocols,
        "proxy": None,
    } | options
    async with connect(url, **given) as page:
        await page.send(json.dumps({"size": [100, 30], "language": "en", "dark": True}))
        shown = b""
        async with asyncio.timeout(30):
            assert "session" in json.loads(await page.recv())
            while b"READY" not in shown:
                shown += await page.recv()
            await page.send(b"\x1b[1;1R")
            await page.send(b"q")
            async for _ in page:
                pass
        return page.close_code


async def test_start_command_needs_no_local_token(tmp_path):
    assert START.splitlines()[0] == "pip install '.[web]'"
    with serving(words_of(START), tmp_path) as (port, [(name, origin, token)]):
        assert (name, origin, token) == (None, f"http://127.0.0.1:{port}", None)
        assert await visit(origin, token, port) == 1000
        assert await visit(f"http://localhost:{port}", token, port) == 1000  # as through ssh -L


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate made by the command of the page."""
    folder = tmp_path_factory.mktemp("tls")
    (command,) = re.findall(r"`(openssl [^`]+)`", PAGE)
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder


def caddy(folder, port, to):
    """Its configuration, at another port, which asks nobody for anything and keeps what it has in a folder."""
    own = CADDY.replace(f"{NAME} {{", f"https://{NAME}:{port} {{").replace("/etc/caddy", str(folder))
    own = own.replace("127.0.0.1:8000", f"127.0.0.1:{to}")
    global_options = "{\n admin off\n auto_https disable_redirects\n storage file_system " + f"{folder}/data\n}}\n"
    (folder / "Caddyfile").write_text(global_options + own)
    return "caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"


def nginx(folder, port, to):
    own = NGINX.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("/etc/nginx", str(folder))
    own = own.replace("127.0.0.1:8000", f"127.0.0.1:{to}")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    around = f"pid {folder}/pid;\ndaemon off;\nerror_log {folder}/errors;\nevents {{}}\nhttp {{\n{paths}{own}}}\n"
    (folder / "nginx.conf").write_text(around)
    return "nginx", "-e", f"{folder}/errors", "-c", str(folder / "nginx.conf")


@pytest.mark.parametrize("proxy", [caddy, nginx])
async def test_tls_proxy_recipes_work(proxy, certificate, tmp_path):
    if shutil.which(proxy.__name__) is None:
        pytest.skip(f"there is no {proxy.__name__}")
    port = free_port()
    origin = f"https://{NAME}:{port}"
    words = [word.replace(f"https://{NAME}", origin) for word in words_of(ORIGIN)]
    assert origin in words
    with ExitStack() as opened:
        to, [(_, told, token)] = opened.enter_context(serving(words, tmp_path))
        assert told == origin
        assert token
        opened.enter_context(started(*proxy(certificate, port, to)))
        context = ssl.create_default_context(cafile=certificate / "fit.pem")
        named = {"ssl": context, "server_hostname": NAME}
        async with asyncio.timeout(30):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        assert await visit(origin, token, port, **named) == 1000
        for page_of, given, status in (("https://other.example", token, 403), ("", token[::-1], 401), ("", "", 401)):
            with pytest.raises(InvalidStatus) as refused:
                await visit(origin, given, port, page_of, **named)
            assert refused.value.response.status_code == status
        reader, writer = await asyncio.open_connection("127.0.0.1", port, **named)
        writer.write(f"GET / HTTP/1.1\r\nHost: {NAME}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"<title>" in answer or b"content-encoding" in answer.lower()


async def vote(ben, folder):
    """Has a class be at a question, and a student answer it, whose vote the teacher has then."""
    lesson = Catalog.packaged().find("rate")
    question = Question(lesson.id, "near", 1, VoteState.OPEN, now())
    tally = Tally([str(folder / "records")], lesson, lesson.by_id["near"])
    Classroom(str(folder / "class")).publish(question)
    await ben.begin()
    await ben.see("V Vote")
    await ben.type("V")
    await ben.see("Type A, B or C")
    await ben.type("a")
    await ben.see("Enter: vote")
    await ben.type("\r")
    await ben.see("Counted.")
    assert tally.refresh(question)
    assert (tally.answered(1), tally.silent(1)) == (1, ["Anna", "Carla"])
    assert os.listdir(folder / "records" / "Ben") == ["transcript.jsonl"]


async def test_class_recipe_answers_and_votes(tmp_path):
    (tmp_path / "class.csv").write_text(NAMES)
    names = NAMES.split()[1:]
    first, *_, teacher, watch = VOTES.splitlines()
    subprocess.run(["sh", "-c", first], cwd=tmp_path, check=True)
    said = []
    for block in (CLASS, VOTES):
        words = [word.replace("$PWD", str(tmp_path)) for word in words_of(block)]
        with serving(words, tmp_path, len(names)) as (port, told):
            assert [name for name, _, _ in told] == names
            origin = f"http://127.0.0.1:{port}"
            assert [await visit(origin, token, port) for _, _, token in told] == [1000] * 3
            with pytest.raises(InvalidStatus):
                await visit(origin, "", port)
            if block is VOTES:
                protocols = ["quadfit", told[1][2]]
                async with connect(
                    f"ws://127.0.0.1:{port}/session", origin=origin, subprotocols=protocols, proxy=None
                ) as page:
                    await vote(Visit(page), tmp_path)
        said.append([token for _, _, token in told])
    assert said[0] == said[1]
    (report,) = re.findall(r"`quadfit-tui (lessons report records)`", PAGE)
    done = subprocess.run(
        [*PROGRAM, *report.split(), "--as-root"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    said = done.stdout.splitlines()
    assert said[0] == "Tokens tell the students apart: whoever has one answers in its name."
    assert "rate: 1 of 3 have begun; not yet: Anna, Carla" in said
    assert teacher == "quadfit-tui --teacher --class class --students records"
    with started(*PROGRAM, *watch.split()[1:], "--as-root", cwd=tmp_path) as watching:
        assert watching.stdout.readline() == "A much larger rate (rate): vote, open\n"
        assert watching.stdout.readline().startswith("1 of 3 have answered.")
