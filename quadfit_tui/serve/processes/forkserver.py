"""The process that sessions are forked from: it loads the program, renders a first picture, and waits for requests.

A request is one byte with two descriptors: the terminal of a session, and a socket from which the child reads its
options, folder and environment, and to which its process number and later its exit code are written, a line each.
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

_DEFAULT_HANDLERS: dict[int, Any] = {  # of a Python that has just started
    signal.SIGINT: signal.default_int_handler,
    signal.SIGPIPE: signal.SIG_IGN,
    signal.SIGXFSZ: signal.SIG_IGN,
}


class Request(NamedTuple):
    """The options, the folder and the environment of a session."""

    options: list[str]
    folder: str
    environ: dict[str, str]


def load() -> None:
    """Imports the whole program and fills its caches, so that children share them."""
    program: Any = importlib.import_module("quadfit_tui.main")
    for module in pkgutil.walk_packages(sys.modules["quadfit_tui"].__path__, "quadfit_tui."):
        with suppress(ImportError):  # an optional package is not installed
            importlib.import_module(module.name)
    program.warm_up()
    gc.collect()
    gc.freeze()  # otherwise a child's first garbage collection would write to every page of memory


def wait_for_requests(requests: socket.socket) -> tuple[int, socket.socket]:
    """Forks a child for each request and reports its exit code; returns in the child, with its terminal and socket.

    A child stays unreaped, so that its number is not used again, until the other end of its socket is closed.
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
                terminal, control = descriptors[0], socket.socket(fileno=descriptors[1])
                child = os.fork()
                if not child:
                    return terminal, control
                os.close(terminal)
                with suppress(BrokenPipeError, ConnectionResetError):
                    control.send(b"%d\n" % child)
                running[child] = control
            elif descriptor == woken:
                os.read(woken, 4096)
                for child in [*running]:
                    if (code := _exit_code(child)) is not None:
                        control = running.pop(child)
                        with suppress(BrokenPipeError, ConnectionResetError):
                            control.send(b"%d\n" % code)
                        ended[control.fileno()] = child, control
                        waiting.register(control, select.POLLIN)
            else:
                child, control = ended.pop(descriptor)
                os.waitpid(child, 0)
                waiting.unregister(descriptor)
                control.close()


def _exit_code(child: int) -> int | None:
    """Returns the exit code of a child, or minus the signal that killed it, without reaping it; None if it runs."""
    how = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if how is None:
        return None
    return how.si_status if how.si_code == os.CLD_EXITED else -how.si_status


def become_session(terminal: int, control: socket.socket) -> None:
    """Gives a forked child the state of a newly started process: signals, session, environment, no open files."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, _DEFAULT_HANDLERS.get(number, signal.SIG_DFL))
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard in range(3):
        os.dup2(terminal, standard)
    with control.makefile("rb") as lines:
        request = Request(**json.loads(lines.readline()))
    control.detach()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(request.environ)
    os.chdir(request.folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST_FILE, LONGEST_FILE))  # the page could not download longer ones
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(line_buffering=True)  # Python's default on a terminal
    sys.argv = ["quadfit-tui", *request.options]
    gc.enable()


def main() -> None:
    """Loads the program, waits for requests, and runs the program in each forked child."""
    gc.disable()
    # The program sets these, too, but NumPy and Textual read them when they are imported.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "TEXTUAL_FPS": "120"}
    load()
    become_session(*wait_for_requests(socket.socket(fileno=int(sys.argv[1]))))
    program: Any = importlib.import_module("quadfit_tui.__main__")
    program.main()


if __name__ == "__main__":
    main()
