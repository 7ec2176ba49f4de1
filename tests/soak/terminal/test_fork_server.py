"""What the fork server starts is what a Python of its own would be, but for what that has imported."""

import json
import signal
import sys

import pytest
from fork_server import is_forked
from harness import environment

PROBE = """
import json, locale, os, resource, signal, sys, threading
streams = (sys.stdin, sys.stdout, sys.stderr)
print("<" + json.dumps({
    "argv": sys.argv,
    "environment": {name: value for name, value in os.environ.items() if name not in ("_", "XDG_CONFIG_HOME")},
    "folder": os.getcwd(),
    "path": sys.path,
    "name": __name__,
    "process": open("/proc/self/cmdline").read(),
    "terminals": [os.isatty(fd) for fd in range(3)],
    "streams": [[each.isatty(), each.encoding, each.errors, each.line_buffering, each.fileno()] for each in streams],
    "kept streams": [sys.__stdin__ is sys.stdin, sys.__stdout__ is sys.stdout, sys.__stderr__ is sys.stderr],
    "size": [*os.get_terminal_size()],
    "descriptors": [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")],
    "leads": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid(), os.tcgetpgrp(0) == os.getpid()],
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "held back": [*map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))],
    "umask": os.umask(0o22),
    "limits": [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)],
    "threads": threading.active_count(),
    "locale": locale.setlocale(locale.LC_ALL),
    "tracing": [str(sys.gettrace()), str(sys.getprofile())],
}) + ">")
"""


@pytest.mark.parametrize("env", [{}, {"TERM": "linux", "HOME": "/nowhere", "PYTEST_VERSION": None}], ids=str)
def test_fork_equals_new_process(terminal, env):
    found = []
    for anew in (True, False):
        app = terminal("--a", "ü", command=[sys.executable, "-c", PROBE], size=(30, 90), env=env, anew=anew)
        assert app.end() == 0
        found.append(json.loads(app.output.partition(b"<")[2].rpartition(b">")[0]))
    assert ["fork_server.py" in each.pop("process") for each in found] == [False, True]
    assert found[0] == found[1]
    assert found[0]["argv"] == ["-c", "--a", "ü"]


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        ("", 0),
        ("raise SystemExit(7)", 7),
        ("import sys; sys.exit('no')", 1),
        ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 15)", -15),
    ],
)
def test_its_end_is_told(terminal, code, ends):
    app = terminal(command=[sys.executable, "-c", code])
    assert app.end() == ends
    assert (b"ZeroDivisionError" in app.output) is (code == "1 / 0")


def test_import_time_environment_needs_new_process():
    for env in ({"LC_ALL": "C"}, {"NO_COLOR": "1"}, {"TEXTUAL_THEME": "nord"}, {"OPENBLAS_NUM_THREADS": "4"}):
        assert not is_forked([sys.executable, "-c", ""], environment(**env))
    assert not is_forked(["/bin/sh", "-c", "true"], environment())


def test_it_is_gone_after_the_test(terminal):
    app = terminal(command=[sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"])
    app.until("here")
    app.close()
    assert app.code == -signal.SIGKILL
