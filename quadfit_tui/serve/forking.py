"""The process that sessions are forked from: it loads the program, shows its first picture to nobody, and then waits.

A request is a byte that brings two descriptors: the terminal of a session, and a socket, from which the child reads
what it is to be, and to which its number is written, and how it ended.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import resource
import select
import signal
import socket
import sys
import termios
from contextlib import suppress
from typing import Any, NamedTuple

from quadfit_tui.core.export.download import MOST_BYTES as LONGEST_FILE

_AT_START: dict[int, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGPIPE: signal.SIG_IGN,
    signal.SIGXFSZ: signal.SIG_IGN,
}


class Request(NamedTuple):
    """What a session is to be, on a terminal."""

    options: list[str]
    folder: str
    environ: dict[str, str]


def load() -> None:
    """Imports all of the program, and shows an app: much is worked out once in a process, and shared from then on."""
    program: Any = importlib.import_module("quadfit_tui.main")
    for module in pkgutil.walk_packages(sys.modules["quadfit_tui"].__path__, "quadfit_tui."):
        with suppress(ImportError):  # of a package that few have
            importlib.import_module(module.name)
    program.show_to_nobody()
    gc.collect()
    gc.freeze()  # else the first look for garbage would write to every page


def wait_for_requests(requests: socket.socket) -> tuple[int, socket.socket]:
    """Forks a child for each request, and writes how it ended; returns in the child, with its terminal and its socket.

    The number of a child stays its own until the other end of its socket is closed.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    running: dict[int, socket.socket] = {}
    ended: dict[int, tuple[int, socket.socket]] = {}  # children by the descriptor of their socket
    waiting = select.poll()
    waiting.register(requests, select.POLLIN)
    waiting.register(woken, select.POLLIN)
    while True:
        for descriptor, _event in waiting.poll():
            if descriptor == requests.fileno():
                request, descriptors, _flags, _address = socket.recv_fds(requests, 1, 2)
                if not request:
                    os._exit(0)  # the server has ended
                terminal, told = descriptors[0], socket.socket(fileno=descriptors[1])
                child = os.fork()
                if not child:
                    return terminal, told
                os.close(terminal)
                with suppress(BrokenPipeError, ConnectionResetError):
                    told.send(b"%d\n" % child)
                running[child] = told
            elif descriptor == woken:
                os.read(woken, 4096)
                for child in [*running]:
                    if (code := _exit_code(child)) is not None:
                        told = running.pop(child)
                        with suppress(BrokenPipeError, ConnectionResetError):
                            told.send(b"%d\n" % code)
                        ended[told.fileno()] = child, told
                        waiting.register(told, select.POLLIN)
            else:
                child, told = ended.pop(descriptor)
                os.waitpid(child, 0)
                waiting.unregister(descriptor)
                told.close()


def _exit_code(child: int) -> int | None:
    """The exit code of a child that has ended, or minus the signal that it died of; it keeps its number."""
    how = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if how is None:
        return None
    return how.si_status if how.si_code == os.CLD_EXITED else -how.si_status


def begin(terminal: int, told: socket.socket) -> None:
    """Makes this process what one would be that was started anew, with no files but the terminal."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, _AT_START.get(number, signal.SIG_DFL))
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard in range(3):
        os.dup2(terminal, standard)
    with told.makefile("rb") as lines:
        request = Request(**json.loads(lines.readline()))
    told.detach()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(request.environ)
    os.chdir(request.folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST_FILE, LONGEST_FILE))  # longer ones cannot be sent to the page
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(line_buffering=True)  # as they are on a terminal
    sys.argv = ["quadfit-tui", *request.options]
    gc.enable()


def main() -> None:
    """Loads, waits, and becomes each session in a child."""
    gc.disable()
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "TEXTUAL_FPS": "120"}  # as the program sets them, once they are read
    load()
    begin(*wait_for_requests(socket.socket(fileno=int(sys.argv[1]))))
    program: Any = importlib.import_module("quadfit_tui.__main__")
    program.main()


if __name__ == "__main__":
    main()
