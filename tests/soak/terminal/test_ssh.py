"""Over a real ssh connection on the loopback interface: cut lines, killed clients, slow lines."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from classroom import free_port, needed, terminals_are_owned, wait_for

pytestmark = [pytest.mark.xdist_group("ssh")]  # one server for all of them
FULL_SPEED = "--play --speed max --epochs 1000000000 --stop-on never --shuffle --noise 50 --batch 16 --view loss"


class Server:
    """An ssh server that lets the test's user in, and a relay to it of limited rate."""

    def __init__(self):
        sshd, ssh, keygen = needed("sshd", "ssh", "ssh-keygen")
        if os.getuid() and not terminals_are_owned():
            pytest.skip("only a server of root can give terminals on this machine")
        self.folder = tempfile.TemporaryDirectory(prefix="quadfit-ssh-")
        folder, self.port = Path(self.folder.name), free_port()
        for key in ("host", "id"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        own = ["ListenAddress 127.0.0.1", f"Port {self.port}", f"HostKey {folder}/host", "StrictModes no"]
        own += [f"AuthorizedKeysFile {folder}/id.pub", "PasswordAuthentication no", f"PidFile {folder}/pid"]
        (folder / "config").write_text("\n".join([*own, ""]))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        log = folder / "log"
        self.process = subprocess.Popen([sshd, "-D", "-f", folder / "config", "-E", log])
        wait_for(lambda: log.exists() and "Server listening" in log.read_text(), lambda: "no server")
        options = ["BatchMode=yes", "StrictHostKeyChecking=no", "LogLevel=ERROR", f"IdentityFile={folder}/id"]
        options += ["IdentitiesOnly=yes", f"UserKnownHostsFile={folder}/known"]
        self.ssh = [ssh, "-F", "none", *(word for option in options for word in ("-o", option)), "-tt"]

    def command(self, args, port=None):
        """The client's command line for the app with some options."""
        # The server's own environment is not the test's: the program is found by its Python.
        program = f"exec {sys.executable} -P -m quadfit_tui {args}"
        return [*self.ssh, "-p", str(port or self.port), f"{_user()}@127.0.0.1", program]

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()


def _user():
    return pwd.getpwuid(os.getuid()).pw_name


class Relay:
    """A line to a port that carries `rate` bytes a second towards the client, as soon as it is told to be slow."""

    def __init__(self, port):
        self.rate = 0
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        near, _ = self._listener.accept()
        far = socket.socket()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what waits is to wait at the server
        far.connect(("127.0.0.1", self._to))
        threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
        self._pass(far, near, True)

    def _pass(self, source, target, limited):
        while True:
            try:
                data = source.recv(max(64, self.rate // 20) if limited and self.rate else 65536)
                if not data:
                    break
                if limited and self.rate:
                    time.sleep(len(data) / self.rate)
                target.sendall(data)
            except OSError:
                break


@pytest.fixture(scope="module")
def server():
    found = Server()
    yield found
    found.close()


def processes(marker):
    """The processes of a program that has a marker among its arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if marker.encode() in words and b"-m" in words:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_client_leaves_no_process(server, terminal, number):
    seed = str(1_000_000 + os.getpid() + number)  # tells this program from others
    app = terminal(command=server.command(f"{FULL_SPEED} --seed {seed}"), answers=True)
    app.until("RUNNING", 30)
    assert len(processes(seed)) == 1
    app.signal(number)
    wait_for(lambda: not processes(seed), lambda: f"it goes on: {processes(seed)}", 10)


def test_it_ends_in_order_over_ssh(server, terminal):
    app = terminal(command=server.command("--play"), answers=True)
    app.until("RUNNING", 30)
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "does_not_answer"])
def test_keys_stay_fast_on_slow_line(server, terminal, answers):
    line = Relay(server.port)
    app = terminal(command=server.command(FULL_SPEED, line.port), answers=answers)
    app.until("RUNNING", 30)
    line.rate = 16_000
    app.read(1)
    app.send("l")
    app.until("Next field")
    waits = []
    for n, letter in enumerate("QWRTYUI", 1):
        began = time.monotonic()
        app.send(letter)
        app.until("QWRTYUI"[:n])
        waits.append(time.monotonic() - began)
    # ssh holds megabytes: without a pace it takes many seconds. How long it takes is told by the benchmarks.
    assert sorted(waits)[len(waits) // 2] < 2
    app.send("\x11")
    assert app.end() == 0
    assert app.left() == []
