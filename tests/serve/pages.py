"""A server within the test, what a browser sends to it, and a program in the place of the app that begins at once."""

import asyncio
import json
import os
import re
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from quadfit_tui.serve.patience import Patience
from quadfit_tui.serve.server import ServerOptions, bind, serving
from quadfit_tui.serve.status import ServerStats

TOKEN = "a-token-of-22-letters-"
SIZE = [80, 24]
# It tells its size at first and whenever that changes or it is continued, and what is typed; q is the way out.
PROGRAM = """
import os, signal, sys, tty
def tell(*_):
    os.write(1, b"size %d %d\\n" % tuple(os.get_terminal_size(0)))
tty.setraw(0)
for number in (signal.SIGWINCH, signal.SIGCONT):
    signal.signal(number, tell)
tell()
while (typed := os.read(0, 65536)) != b"q":
    os.write(1, b"typed %s\\n" % typed.hex().encode() if len(typed) < 100 else b"typed %d bytes\\n" % len(typed))
"""
TELLS = f"import os\nos.write(1, b'process %d\\n' % os.getpid())\n{PROGRAM}"
# It ends by KILL alone, and so does what it has started.
DEAF = """
import os, signal, time
signal.signal(signal.SIGHUP, signal.SIG_IGN)
below = os.fork()
if below:
    os.write(1, b"process %d\\n" % os.getpid() + b"below %d\\n" % below)
time.sleep(600)
"""


def running(script):
    """The command of a session: a script in the place of the app."""
    return lambda folder, language, name: [sys.executable, "-I", "-S", "-c", script, folder, language, name]


class Spawned:
    """A process in the place of a fork: what stands in the place of the app begins at once, and needs none of it."""

    def __init__(self, command, folder, environ, terminal):
        opened = [(os.POSIX_SPAWN_OPEN, 0, os.ttyname(terminal), os.O_RDWR, 0)]
        opened += [(os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
        command = ["/usr/bin/env", "-C", folder, *command]
        self.number = os.posix_spawn(command[0], command, environ, file_actions=opened, setsid=True)

    def has_ended(self):
        return os.waitid(os.P_PID, self.number, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def signal(self, number):
        with suppress(ProcessLookupError):
            os.killpg(self.number, number)

    def reap(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1])


class Server:
    """A server that serves, by its port; `faults` are those that it told of, of which there must be none."""

    def __init__(self, port, places, status):
        self.port, self.places, self.status, self.faults = port, places, status, []
        self.host = f"127.0.0.1:{port}"

    async def get(self, path="/", host=None, *, method="GET", **headers):
        """What is answered to a request: the status, the headers by their names in small letters, the content."""
        lines = [f"{method} {path} HTTP/1.1", *([f"Host: {host or self.host}"] if host != "" else [])]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return await self.send("\r\n".join([*lines, "", ""]).encode())

    async def send(self, data):
        """What is answered to these bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        answer = await reader.read()
        writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        return int((first.split() or [0, 0])[1]), dict(_pair(line) for line in lines if line), content

    def open(self, token=TOKEN, *, host=None, **options):
        """The WebSocket of a page, to be used by `async with`."""
        options = {"origin": f"http://{self.host}", "compression": None, "proxy": None, "ping_interval": None} | options
        options = {"subprotocols": ["quadfit", token] if token else ["quadfit"]} | options
        return connect(f"ws://{host or self.host}/session", host="127.0.0.1", port=self.port, **options)

    @asynccontextmanager
    async def page(self, token=TOKEN, **greeting):
        """A page that has a session."""
        async with self.open(token) as socket:
            page = Page(socket)
            await page.greet(**greeting)
            yield page


def frame(opcode, payload=b"", *, fin=True):
    """A frame of a WebSocket as a browser sends it, masked by zeros."""
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2)
    return bytes([fin << 7 | opcode]) + length + bytes(4) + payload


CONTINUATION, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
GREETING = frame(TEXT, json.dumps({"size": SIZE}).encode())


def handshake(served, token=TOKEN):
    """The request of a page for a WebSocket."""
    lines = ["GET /session HTTP/1.1", f"Host: {served.host}", f"Origin: http://{served.host}", "Upgrade: websocket"]
    lines += ["Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
    lines += [f"Sec-WebSocket-Protocol: {', '.join(['quadfit', *([token] if token else [])])}", "", ""]
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def raw(served, *greeting, token=TOKEN):
    """A WebSocket whose other end reads only what the test reads: its reader and writer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1 << 16)
    try:
        writer.write(handshake(served, token))
        await reader.readuntil(b"\r\n\r\n")
        writer.writelines(greeting)
        yield reader, writer
    finally:
        writer.transport.abort()


async def gone(reader):
    """Waits until the server has closed a connection; gives what it has sent until then."""
    received = b""
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            received += data
    return received


def _pair(line):
    name, _, value = line.partition(": ")
    return name.lower(), value


class Page:
    """A page, and what it was shown."""

    def __init__(self, socket):
        self.socket, self.shown, self.session = socket, b"", None

    async def greet(self, **greeting):
        await self.socket.send(json.dumps({"size": SIZE, "language": "en", "dark": True} | greeting))
        self.session = json.loads(await self.socket.recv())["session"]

    async def sees(self, text):
        """Waits until something is shown."""
        while text not in self.shown:
            self.shown += await self.socket.recv()

    async def number(self, name=b"process"):
        """A number that is shown behind a name."""
        await self.sees(name + b" ")
        while not (found := re.search(name + rb" (\d+)\n", self.shown.replace(b"\r", b""))):
            self.shown += await self.socket.recv()
        return int(found[1])

    async def end_of_show(self):
        """Waits until the server closes it, and keeps all that is shown until then."""
        with suppress(ConnectionClosed):
            while True:
                self.shown += await self.socket.recv()

    async def types(self, data):
        await self.socket.send(data)

    async def resize(self, columns, rows):
        await self.socket.send(json.dumps({"size": [columns, rows]}))

    async def end(self):
        """The code and the reason with which the server closes it."""
        await self.end_of_show()
        return self.socket.close_code, self.socket.close_reason


@asynccontextmanager
async def server(script=PROGRAM, *, command=None, tokens=None, patience=None, **options):
    """A server, at whose end there must be no fault; `patience` has what differs from a very patient one."""
    listening = bind("127.0.0.1", 0)
    faults = []
    served = {
        "start": Spawned,
        "most": 3,
        "idle": 60,
        "command": command or running(script),
        "files": {"/page.css": ("text/css", b"a {}"), "/font.woff2": ("font/woff2", b"wOF2")},
        "page": lambda language: f"<html lang={language}>".encode(),
        "tokens": {TOKEN: ""} if tokens is None else tokens,
        "patience": Patience(**{"away": 60} | (patience or {})),
    }
    status = ServerStats(served["most"])
    async with serving(listening, "127.0.0.1", ServerOptions(**served | options), status, faults.append) as places:
        told = Server(listening.getsockname()[1], places, status)
        told.faults = faults
        yield told
    assert faults == []


async def until(condition):
    """Waits until something is so."""
    while not condition():
        await asyncio.sleep(0.01)


def is_alive(number):
    """Whether there is a process of a number; of one that has ended, nobody has to wait for it any more."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def sessions_of(number):
    """The numbers of the processes of the sessions of a server, which one that it has started has forked."""
    return [session for forking in children(number) for session in children(forking)]


def children(number):
    """The numbers of the processes that one has started, while they are alive."""
    found = []
    for task in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(task.read_text().rpartition(")")[2].split()[1]) == number:
                found.append(int(task.parent.name))
    return found
