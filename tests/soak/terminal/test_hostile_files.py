"""Hostile files that are typed into the form: the app answers keys meanwhile, takes little memory, and lives on."""

import re
import signal
from pathlib import Path

import pytest
from hostile_files import HOSTILE
from trials import FOR_RELEASE

MOST = 300  # megabytes
FEW = ("packed next lines", "rows that NumPy cannot read")


def peak(terminal):
    """The most memory that the program has taken, in megabytes."""
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def speed(terminal):
    return re.search(r"\S+ epochs/s", terminal.text)[0]


def answered(terminal, key, name):
    """Waits until a key has changed the speed, unless the file is read by then: the key is typed into the field."""
    before = speed(terminal)
    terminal.send(key)
    terminal.wait(lambda: speed(terminal) != before or "Reading it.csv" not in terminal.text, name)


@pytest.mark.timeout(900)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much memory was taken")
def test_hostile_files_in_form_are_harmless(terminal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "it.csv"
    app = terminal("--no-settings", size=(24, 100), answers=True, anew=True)
    app.until("space Play")
    for name in HOSTILE if FOR_RELEASE else FEW:
        path.write_bytes(HOSTILE[name]())
        app.send("\x10field file")
        app.until("go to the field file")
        app.send("\rit.csv\r")
        app.wait(lambda: "Reading it.csv" in app.text or "allowed: " in app.text, name)
        if "Reading it.csv" in app.text:
            for key in "+-":
                answered(app, key, name)
            app.send("\x1b")
            app.wait(lambda: "Reading it.csv" not in app.text, name)
        assert peak(app) < MOST, name
        app.send("\x1b")
    app.send("q")
    assert app.end() == 0


def test_ctrl_c_stops_reading_before_start(terminal, tmp_path):
    path = tmp_path / "slow.csv"
    path.write_bytes(HOSTILE["rows that NumPy cannot read"]())
    app = terminal("--no-settings", "--data", str(path))
    app.until("Reading slow.csv: ")
    app.until(" %; press ctrl+c to stop.")
    app.send("\x03")
    assert app.end() == -signal.SIGINT
    assert "Traceback" not in app.text
    assert app.left() == []
