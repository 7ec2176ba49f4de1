"""Hostile files that are typed into the form: the app answers keys meanwhile, takes little memory, and lives on."""

import re
import signal
from pathlib import Path

import pytest
from harness import Terminal
from hostile_files import HOSTILE
from trials import FOR_RELEASE

pytestmark = pytest.mark.system

MOST = 300  # megabytes
FEW = ("packed next lines", "rows that NumPy cannot read")


def peak(terminal):
    """The most memory that the program has taken, in megabytes."""
    status = Path(f"/proc/{terminal.child.pid}/status").read_text()
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
def test_files_of_any_kind_typed_into_the_form_neither_end_nor_fill_nor_block_the_app(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "it.csv"
    terminal = Terminal("--no-settings", size=(24, 100), answers=True, anew=True)
    try:
        terminal.until("Space: play")
        for name in HOSTILE if FOR_RELEASE else FEW:
            path.write_bytes(HOSTILE[name]())
            terminal.send("\x10field file")
            terminal.until("go to the field file")
            terminal.send("\rit.csv\r")
            terminal.wait(lambda: "Reading it.csv" in terminal.text or "allowed: " in terminal.text, name)
            if "Reading it.csv" in terminal.text:
                for key in "+-":
                    answered(terminal, key, name)
                terminal.send("\x1b")
                terminal.wait(lambda: "Reading it.csv" not in terminal.text, name)
            assert peak(terminal) < MOST, name
            terminal.send("\x1b")
        terminal.send("q")
        assert terminal.end() == 0
    finally:
        terminal.close()


def test_before_the_app_is_there_it_is_told_how_far_a_file_is_read_and_ctrl_c_stops_it(tmp_path):
    path = tmp_path / "slow.csv"
    path.write_bytes(HOSTILE["rows that NumPy cannot read"]())
    terminal = Terminal("--no-settings", "--data", str(path))
    try:
        terminal.until("Reading slow.csv: ")
        terminal.until(" %; press ctrl+c to stop.")
        terminal.send("\x03")
        assert terminal.end() == -signal.SIGINT
        assert "Traceback" not in terminal.text
        assert terminal.left() == []
    finally:
        terminal.close()
