"""The command `serve`: what it refuses in a line, what it tells, and how it ends."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace

import pytest
from command_line import PROGRAM, called, one_line
from pages import children

from quadfit_tui.cli.parsing.option_types import Duration
from quadfit_tui.serve import trial
from quadfit_tui.serve.cli import serve_command as serve
from quadfit_tui.serve.command import SessionCommand
from quadfit_tui.serve.processes.forks import ForkServer
from quadfit_tui.serve.server import bind, names_of, read_origin, url_of

REFUSED = [
    (["--port", "70000"], "'--port': '70000' is too large; allowed: a whole number from 0 to 65535"),
    (["--most", "0"], "'--most': '0' is too small; allowed: a whole number from 1 to 1000"),
    (["--idle", "15"], "'--idle': '15' is not a time; allowed: a number of seconds, minutes or hours, such as 90s"),
    (["--idle", "0m"], "'--idle': '0m' is too small"),
    (
        ["--origin", "fit.example.edu"],
        "'--origin': 'fit.example.edu' is not the address of a server; allowed: https://",
    ),
    (["--origin", "https://a.edu/x"], "'--origin': 'https://a.edu/x' is not"),
    (["--progress", "yes"], "'--progress': 'yes' is not one of the choices; allowed: one of auto, jsonl, none"),
    (["--assets", "/nowhere"], "--assets /nowhere has none of the files that it may have"),
    (["--file", "/nowhere.csv"], "'--file': '/nowhere.csv' cannot be read: No such file or directory; allowed: a file"),
    (["--lesson", "/nowhere.md"], "'--lesson': '/nowhere.md' cannot be read"),
    (["--lr", "0.1"], "--lr only applies to the app"),
]
OF_APP = [
    (["--", "--lr", "abc"], "'--lr': 'abc' is not a number; allowed: above 0, up to 1e6"),
    (["--", "--junk"], "no such option '--junk'"),
    (["--", "--help"], "'--help' after -- does not start the app; allowed: options of the app"),
    (["--", "--data", "/etc/passwd"], "'/etc/passwd' cannot be read: it is outside"),
    (
        ["--", "--data", "own.csv"],
        "'own.csv' cannot be read: No such file or directory; "
        "allowed: a CSV file in the directory of a page, where --file FILE puts it",
    ),
    (
        ["--host", "300.1.1.1"],
        "'--host': '300.1.1.1' is no address or name of this machine; allowed: such as 127.0.0.1",
    ),
]

NEEDED = "'serve' takes websockets 17.4 or newer (pip install '.[web]' in a clone of the repository)"
NO_ORIGINS = "a.edu //a.edu ftp://a.edu https:// https://a.edu/b https://u@a.edu https://a.edu:x https://a.edu?b"
NO_ORIGINS += " https://a.edu#b https://[::1 javascript:alert(1) https://a.edu:99999 https://m\u00fcnchen.de"


@pytest.mark.parametrize(("args", "why"), REFUSED)
def test_bad_options_are_refused(args, why):
    done = called("serve", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in one_line(done.stderr)


def test_files_are_given_to_each_page(tmp_path):
    command = SessionCommand(("--data", "a.csv"), {"a.csv": b"x,y\n1,2\n2,3\n3,7\n"}, {})
    with ForkServer() as start:
        assert trial.output_of(start, command, "en") is None
        assert "a.csv cannot be read" in trial.output_of(start, replace(command, contents={}), "en").replace("'", "")
    assert command(tmp_path, "zh_CN", "")[-2:] == ["--data", "a.csv"]
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == command.contents


def test_refused_start_makes_no_records(tmp_path):
    (tmp_path / "names.csv").write_text("name\nanna\n")
    words = ("--port", "0", "--names", tmp_path / "names.csv", "--records", tmp_path / "records", "--", "--junk")
    done = called("serve", *map(str, words))
    assert (done.returncode, "no such option '--junk'" in one_line(done.stderr)) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["names.csv"]


@pytest.mark.parametrize(("args", "why"), OF_APP)
def test_app_refusals_are_passed_on(args, why):
    done = called("serve", "--port", "0", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in one_line(done.stderr)


def test_port_in_use_is_refused():
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = called("serve", "--port", port)
    assert done.returncode == 2
    assert f"'--port': '{port}' is in use; allowed: another one; 0 is any that is free" in one_line(done.stderr)


def test_missing_websockets_names_install_command():
    script = """
import sys
import time

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name == "websockets":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nowhere())
from quadfit_tui.main import main
main(sys.argv[1:])
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run([*command, "serve"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert NEEDED in one_line(done.stderr)
    done = subprocess.run([*command, "run", "--quiet"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("version", ["15.0.1", "17.3"])
def test_old_websockets_names_install_command(version, monkeypatch):
    """Older versions put no bound to the number of fragments of a message."""
    monkeypatch.setattr(serve, "version", lambda _package: version)
    done = called("serve", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert NEEDED in one_line(done.stderr)


def start(*args):
    """The command, on any port, once it can be reached; and its address."""
    command = [*PROGRAM, "serve", "--port", "0", *args]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return server, server.stdout.readline().strip()


def end(server, number):
    """Its exit code, and what it has written since, once a signal has ended it."""
    server.send_signal(number)
    out, err = server.communicate(timeout=60)
    return server.returncode, out, err


def test_serves_page_and_ends_by_signal():
    server, url = start("--progress", "jsonl")
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
        with urllib.request.urlopen(url) as answer:
            assert b"<title>quadfit-tui</title>" in answer.read()
    finally:
        code, out, err = end(server, signal.SIGTERM)
    assert (code, out) == (128 + signal.SIGTERM, "")
    (line,) = err.splitlines()
    told = json.loads(line)
    assert {name: told[name] for name in ("pages", "waiting", "places", "sessions", "bytes_sent")} == {
        "pages": 0,
        "waiting": 0,
        "places": 40,
        "sessions": 0,
        "bytes_sent": 0,
    }
    assert not children(server.pid)


def test_public_host_needs_token_and_warns():
    server, url = start("--host", "0.0.0.0", "--progress", "none")
    code, _, err = end(server, signal.SIGINT)
    assert code == 130
    assert re.fullmatch(r"http://[^/]+:\d+/#[\w-]{22}", url)
    assert one_line(err) == (
        "quadfit-tui: what pages show and people type is not encrypted; for that, put a proxy with TLS in front"
    )


def test_works_with_sigchld_ignored():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # which a process has from the one that starts it
    try:
        server, url = start("--progress", "none", "--", "--preset", "noisy")
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert url.startswith("http://")
    assert end(server, signal.SIGTERM) == (143, "", "")


def test_signal_during_trial_leaves_no_files(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [*PROGRAM, "serve", "--port", "0", "--progress", "none", "--", "--preset", "noisy"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    latest = time.monotonic() + 60
    try:
        while not os.listdir(tmp_path):
            assert time.monotonic() < latest
            time.sleep(0.01)
        time.sleep(0.1)  # else the signal may come before the folder has an owner; the next server clears it then
    finally:
        ended = end(server, signal.SIGTERM)
    assert (ended, os.listdir(tmp_path)) == ((143, "", ""), [])


def test_jsonl_writes_one_object_per_line():
    server, _ = start("--host", "0.0.0.0", "--progress", "jsonl")
    *_, err = end(server, signal.SIGTERM)
    notice, *_records = map(json.loads, err.splitlines())
    assert "not encrypted" in notice["notice"]


@pytest.mark.parametrize(("user", "names", "warns"), [(0, 2, True), (0, 0, False), (54321, 2, False)])
def test_root_is_warned_about_teacher_commands(monkeypatch, user, names, warns):
    monkeypatch.setattr(serve.os, "geteuid", lambda: user)
    told = "'lessons report', 'lessons watch' and --teacher refuse root; serve under the account of the teacher"
    assert [*serve._warnings(True, names, 40)] == [told] * warns


def test_proxy_origin_is_address_with_token():
    server, url = start("--origin", "https://Fit.example.edu", "--progress", "none")
    assert end(server, signal.SIGHUP) == (129, "", "")
    assert re.fullmatch(r"https://fit\.example\.edu/#[\w-]{22}", url)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1 H", 3600)])
def test_times_are_read(text, seconds):
    assert Duration().parse(text) == seconds
    assert Duration().parse("never") == math.inf


@pytest.mark.parametrize("text", ["", "m", "15", "-1m", "1.5h", "1d", "9999999s", "infs"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is not a time"):
        Duration().parse(text)


@pytest.mark.parametrize("text", ["https://a.edu", "https://A.edu/", "http://a.edu:8000", "https://[::1]:1"])
def test_an_origin_is_read(text):
    assert read_origin(text) == text.lower().rstrip("/")


@pytest.mark.parametrize("text", ["https://a.edu:443", "http://a.edu:80/"])
def test_default_port_is_dropped_from_origin(text):
    assert read_origin(text) == text.lower().rpartition(":")[0]


@pytest.mark.parametrize("text", ["", *NO_ORIGINS.split()])
def test_what_is_no_origin_is_refused(text):
    assert read_origin(text) is None


def test_names_and_addresses_of_what_listens():
    with bind("0.0.0.0", 0) as listening:
        names = names_of(listening, "0.0.0.0", "https://a.edu")
        assert names.addresses
        assert names.origins("a.edu") == {"https://a.edu"}
        assert url_of(listening, "0.0.0.0", "https://a.edu", "x") == "https://a.edu/#x"
    try:
        listening = bind("::1", 0)
    except OSError:
        pytest.skip("needs IPv6")
    with listening:
        port = listening.getsockname()[1]
        assert url_of(listening, "::1", token="x") == f"http://[::1]:{port}/#x"
        assert names_of(listening, "::1").origins(f"[::1]:{port}") == {f"http://[::1]:{port}"}
