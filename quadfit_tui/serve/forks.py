"""Starts sessions as forks of one process that has loaded the program: they open sooner, and share what none writes to.

That process is `forking.py`; it is started again if it has died.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress

from quadfit_tui.serve.session_environment import environment


class Fork:
    """A process that has been forked. Its number stays its own until `reap`."""

    def __init__(self, told: socket.socket) -> None:
        self._told, self._lines = told, b""  # its number comes there, and its exit code

    def has_ended(self) -> bool:
        """Whether it has; also where that cannot be known any more, since what has forked it has died."""
        with suppress(BlockingIOError):
            while self._lines.count(b"\n") < 2:
                if not self._read(socket.MSG_DONTWAIT):
                    return True
        return self._lines.count(b"\n") > 1

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to its group."""
        while b"\n" not in self._lines:
            if not self._read():
                return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(self._lines.split(b"\n")[0]), number)

    def reap(self) -> int:
        """Waits for its end, and returns its exit code, or minus the signal it died of."""
        while self._lines.count(b"\n") < 2 and self._read():
            pass
        self._told.close()
        return int([*self._lines.split(b"\n"), b""][1] or -signal.SIGKILL)

    def _read(self, flags: int = 0) -> bytes:
        with suppress(ConnectionResetError):  # what has forked it has died
            data = self._told.recv(64, flags)
            self._lines += data
            return data
        return b""


class Forks:
    """Starts the program on terminals, each time by a fork."""

    program = ("-P", "-m", "quadfit_tui.serve.forking")  # -P: what is in its folder is no module

    def __init__(self) -> None:
        self._start_process()

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def __call__(self, options: Sequence[str], folder: str, environ: Mapping[str, str], terminal: int) -> Fork:
        """Starts the program with options in a folder, on a terminal that it leads; raises OSError."""
        ours, told = socket.socketpair()
        with closing(told):
            try:
                ours.sendall(
                    json.dumps({"options": [*options], "folder": folder, "environ": {**environ}}).encode() + b"\n"
                )
                self._send([terminal, told.fileno()])
            except OSError:
                ours.close()
                raise
        return Fork(ours)

    def _send(self, descriptors: list[int]) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has died
            socket.send_fds(self._requests, [b"."], descriptors)
            return
        self._end()
        self._start_process()
        socket.send_fds(self._requests, [b"."], descriptors)

    def _start_process(self) -> None:
        self._requests, other_end = socket.socketpair()
        with closing(other_end):
            self._process = subprocess.Popen(
                [sys.executable, *self.program, f"{other_end.fileno()}"],
                pass_fds=[other_end.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=environment("/", True),
                start_new_session=True,  # ctrl+c is for the server, which ends its sessions
            )

    def _end(self) -> None:
        self._requests.close()
        self._process.kill()  # it may still be loading
        self._process.wait()
