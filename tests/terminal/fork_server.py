"""Starts programs on pseudo-terminals: ours by a fork of a process that has all of it imported, in a third of the time.

What a start reads once, such as variables of the environment that Python or Textual look up as they are imported, is
what it was for that process: a command that is to begin otherwise has to be started as people do.
"""

import asyncio
import atexit
import contextlib
import fcntl
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import socket
import subprocess
import sys
import termios

# Variables of the environment that are read when they are needed, and only by the program itself.
_READ_LATER = {"TERM", "HOME", "TMPDIR", "COLORFGBG", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}
_READ_LATER |= {"PYTEST_CURRENT_TEST", "PYTEST_VERSION"}
UNHURRIED = 60  # seconds that a fork of the program has for an end in order, or a new layout, instead of one at most
_FPS = "120"  # what the program sets before it imports Textual
_MOST = 1 << 18  # bytes of a request


def _differs(env):
    """The variables that are others than the server's own."""
    own = _server()[1]
    env = {"TEXTUAL_THEME": "textual-dark"} | env  # which is what Textual takes where there is none
    return {name for name in own.keys() | env.keys() if own.get(name) != env.get(name)}


@functools.cache
def _server():
    """The socket to the server of this process, and its environment."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST)
    from harness import environment

    env = environment(TEXTUAL_THEME="textual-dark")
    server = subprocess.Popen(
        [sys.executable, __file__, str(its.fileno())],
        pass_fds=[its.fileno()],
        stdin=subprocess.DEVNULL,
        env=env | {"OPENBLAS_NUM_THREADS": "1", "TEXTUAL_FPS": _FPS},
        start_new_session=True,  # ctrl+c is for the tests
    )
    its.close()

    def end():
        ours.close()
        server.wait(60)

    atexit.register(end)
    return ours, env


def is_forked(command, env, anew=False):
    """Whether a command is forked: where that makes no difference, and is not forbidden by `anew`."""
    is_ours = command[0] == sys.executable and command[1] in ("-m", "-c")
    return is_ours and not anew and _differs(env) <= _READ_LATER


def start(command, env, cwd, anew, terminal):
    """Starts a command on a terminal; gives a descriptor from which to read, each in a line, its number and its end."""
    told, tell = os.pipe()
    command = [*map(str, command)]
    request = {"command": command, "forked": is_forked(command, env, anew), "env": env, "cwd": cwd or os.getcwd()}
    socket.send_fds(_server()[0], [json.dumps(request).encode()], [terminal, tell])
    os.close(tell)
    return told


def serve(requests):
    """Forks a child for each request, and tells how it ended; returns in the child, with its request.

    The number of its process stays that child's until nobody is to be told any more.
    """
    go_on, ended = {}, {}  # children by the descriptor that tells of their end, and by the one that it is told to
    waiting = select.poll()
    waiting.register(requests, select.POLLIN)
    while True:
        for fd, _ in waiting.poll():
            if fd == requests.fileno():
                data, descriptors, _, _ = socket.recv_fds(requests, _MOST, 2)
                if not data:
                    os._exit(0)
                terminal, told = descriptors
                pid = os.fork()
                if not pid:
                    return json.loads(data), terminal, told
                os.close(terminal)
                end = os.pidfd_open(pid)
                go_on[end] = pid, told
                waiting.register(end, select.POLLIN)
                continue
            waiting.unregister(fd)
            if fd in go_on:
                pid, told = go_on.pop(fd)
                end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
                with contextlib.suppress(BrokenPipeError):
                    os.write(told, b"%d\n" % (end.si_status if end.si_code == os.CLD_EXITED else -end.si_status))
                ended[told] = pid
                waiting.register(told, 0)  # which the poll tells of when nobody reads there any more
            else:
                os.waitpid(ended.pop(fd), 0)
            os.close(fd)


def take_place(request, terminal, told):
    """Tells the number of this process, and makes it what a fresh one would be, or becomes one."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for standard in range(3):
        os.dup2(terminal, standard)
    os.write(told, b"%d\n" % os.getpid())
    os.closerange(3, 1024)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    command = request["command"]
    if not request["forked"]:
        os.execvp(command[0], command)
    unbuffered = sys.stdout.write_through  # by PYTHONUNBUFFERED
    for standard, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        mode = "w" if standard else "r"
        new = open(standard, mode, encoding=old.encoding, errors=old.errors, closefd=False)  # noqa: SIM115
        new.reconfigure(line_buffering=not unbuffered, write_through=unbuffered and standard > 0)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    _, kind, what, *args = command
    sys.argv = [kind if kind == "-c" else what, *args]


def load():
    """Imports all of the program, and shows its first picture to nobody: much is worked out once in a process."""
    import quadfit_tui

    for module in pkgutil.walk_packages(quadfit_tui.__path__, "quadfit_tui."):
        importlib.import_module(module.name)
    asyncio.run(_show())
    gc.collect()
    gc.freeze()


async def _show():
    from quadfit_tui.core.config.presets import PRESETS
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.app import QuadfitApp

    async with QuadfitApp(RunSession(PRESETS["article"]), runner=lambda job, done: done(job())).run_test():
        pass


if __name__ == "__main__":
    sys.path[0] = ""
    load()
    request, *descriptors = serve(socket.socket(fileno=int(sys.argv[1])))
    take_place(request, *descriptors)
    if request["command"][1] == "-m":
        from quadfit_tui.ui.terminal import driver, signals, terminal_app

        # What comes within the patience of a test came in order, however busy the machine is.
        terminal_app.END_TIMEOUT = signals.END_TIMEOUT = driver.SETTLE_TIMEOUT = UNHURRIED
        importlib.import_module(f"{request['command'][2]}.__main__").main()
    else:
        exec(request["command"][2], {"__name__": "__main__"})
