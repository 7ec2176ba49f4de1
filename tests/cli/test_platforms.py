"""Where there is no POSIX, as on Windows: all but the app works, and the app says where it does.

This is no Windows: what that system's Python does not have is taken away from this one. NumPy, click, platformdirs and
plotext are loaded before, since they would take what only Windows has.
"""

import json
import subprocess
import sys

import pytest

# Python's documentation, "Availability: Unix" of the modules and of os and signal (3.11 to 3.13).
PRELUDE = """
import importlib.util, os, platform, signal, subprocess, sys, tempfile
import numpy, click, platformdirs, plotext

GONE = {"fcntl", "grp", "pty", "pwd", "resource", "spwd", "syslog", "termios", "tty", "readline", "curses", "_curses"}

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in GONE & {*sys.modules}:
    del sys.modules[name]
sys.meta_path.insert(0, Refusing())
found = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in GONE else found(name)
POSIX = '''O_NONBLOCK O_NOCTTY O_CLOEXEC O_NOFOLLOW O_DIRECTORY O_DSYNC O_SYNC fchmod fchown chown lchown fork forkpty
openpty posix_spawn posix_spawnp getuid geteuid getgid getegid getgroups getpgrp getpgid setsid getsid killpg ttyname
tcgetpgrp tcsetpgrp pread pwrite mkfifo mknod nice wait3 wait4 waitid uname statvfs fstatvfs sysconf confstr
set_blocking get_blocking ctermid register_at_fork'''
for name in POSIX.split():
    if hasattr(os, name):
        delattr(os, name)
KEPT = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}
for name in dir(signal):
    if name.startswith("SIG") and name not in KEPT or name.startswith(("pthread", "sigwait", "sigtimed", "setitimer")):
        delattr(signal, name)
os.supports_dir_fd, os.O_BINARY = set(), 0
sys.platform = "win32"
"""
# Many commands in one process: to start each of them takes longer than what it does.
EACH = """
import contextlib, io, json
from quadfit_tui.__main__ import main

found = {}
for line in sys.argv[1:]:
    sys.argv[1:], out, err = line.split(), io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            found[line] = end.code, out.getvalue(), err.getvalue()
print(json.dumps(found))
"""
pytestmark = pytest.mark.xdist_group("platforms")  # one process without POSIX for all of them
WORKS = {
    "--help": "Usage: quadfit-tui",
    "run --help": "Usage: quadfit-tui run",
    "presets": "article",
    "explain": "gradient",
    "run --epochs 3 --format jsonl": '"status"',
    "run --epochs 3 --plot": "fitted",
    "run --explain 0:1": "residual",
    "run --config own.toml --output run.csv": "finished",
}
REFUSED = {
    "": "'quadfit-tui run' to train without the app",
    "--play": "WSL",
    "run --confined": "no password database",
    "run --data absent.csv": "No such file",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the program is started."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "own.csv").write_text("0,1\n1,2\n2,5\n")
    (folder / "own.toml").write_text('epochs = 3\ndata = "own.csv"\nlr = 0.01\n')
    return folder


@pytest.fixture(scope="module")
def outcomes(folder):
    """The exit code, standard output and standard error of each command, on a system without POSIX."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + EACH, *WORKS, *REFUSED],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_without_posix_all_but_the_app_works(outcomes):
    for args, said in WORKS.items():
        code, out, err = outcomes[args]
        assert (code, err) == (0, ""), args
        assert said in out


@pytest.mark.usefixtures("outcomes")
def test_without_posix_files_are_read_and_written(folder):
    assert (folder / "run.csv").read_bytes().count(b"\n") == 4


def test_without_posix_refusals_are_one_line(outcomes):
    for args, said in REFUSED.items():
        code, out, err = outcomes[args]
        assert (code, out) == (2, ""), args
        assert err.count("\n") == 1
        assert said in err
