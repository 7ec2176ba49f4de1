"""Starts sessions as forks of one process that has loaded the program: they open sooner and share memory.

That process runs `forkserver.py`; it is restarted if it has died.
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

from quadfit_tui.serve.processes.session_environment import environment


class ForkedChild:
    """A forked process. Its number is not used again until `reap`."""

    def __init__(self, control: socket.socket) -> None:
        self._control, self._lines = control, b""  # the lines are its process number and its exit code

    def has_ended(self) -> bool:
        """Whether it has ended; also if its exit code will never be known, because the fork server has died."""
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
        """Waits for its end, and returns its exit code, or minus the signal that killed it."""
        while self._lines.count(b"\n") < 2 and self._read():
            pass
        self._control.close()
        return int([*self._lines.split(b"\n"), b""][1] or -signal.SIGKILL)

    def _read(self, flags: int = 0) -> bytes:
        with suppress(ConnectionResetError):  # the fork server has died
            data = self._control.recv(64, flags)
            self._lines += data
            return data
        return b""


class ForkServer:
    """Starts the program on terminals, as forks of a process of its own; a context, which ends that process."""

    program = ("-P", "-m", "quadfit_tui.serve.processes.forkserver")  # -P: no modules from the working directory

    def __init__(self) -> None:
        self._start_process()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def __call__(self, options: Sequence[str], folder: str, environ: Mapping[str, str], terminal: int) -> ForkedChild:
        """Starts the program with options in a folder, with `terminal` as its controlling terminal; raises OSError."""
        ours, theirs = socket.socketpair()
        with closing(theirs):
            try:
                ours.sendall(
                    json.dumps({"options": [*options], "folder": folder, "environ": {**environ}}).encode() + b"\n"
                )
                self._send([terminal, theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ForkedChild(ours)

    def _send(self, descriptors: list[int]) -> None:
        """Sends a request; restarts the process and retries once if it has died."""
        with suppress(BrokenPipeError, ConnectionResetError):
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
                start_new_session=True,  # ctrl+c must reach the server alone, which then ends its sessions
            )

    def _end(self) -> None:
        self._requests.close()
        self._process.kill()  # while it loads, it would not see that the socket is closed
        self._process.wait()
