"""Disks that are full, and what a killed server has left: told, and cleared by the next one."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

import pytest
from command_line import PROGRAM
from notices import is_to_root
from pages import Server

from quadfit_tui.serve.patience import PATIENCE


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("progress", ["auto", "jsonl"])
def test_full_disk_is_reported_during_lesson(place, progress):
    (place / "class.csv").write_text("name\nAnna\n")
    (place / "records").mkdir(mode=0o700)
    small = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", place / "records"]
    if subprocess.run(small, capture_output=True, check=False).returncode:
        pytest.skip("mounts nothing")
    command = [*PROGRAM, "serve", "--port", "0", "--progress", progress, "--names", "class.csv", "--records", "records"]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environ, "cwd": place}
    try:
        with subprocess.Popen(command, **options) as server:
            server.stdout.readline()
            with suppress(OSError), (place / "records" / "filling").open("wb", 0) as filling:
                while True:
                    filling.write(bytes(1024))
            told = next(line for line in server.stderr if "pages" not in line and not is_to_root(line))
            server.terminate()
    finally:
        subprocess.run(["umount", place / "records"], check=True)
    if progress == "jsonl":
        told = json.loads(told)["notice"]
    expected = f"quadfit-tui: answers are not recorded: '{place}/records' cannot be written: No space left on device"
    assert told.strip() == expected


async def test_next_server_clears_leftovers(place):
    command = [*PROGRAM, "serve", "--port", "0", "--progress", "none"]
    environ = os.environ | {"TMPDIR": str(place), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environ}
    with subprocess.Popen(command, **options) as killed:
        port = int(killed.stdout.readline().strip().rpartition(":")[2].rstrip("/"))
        async with Server(port, None, None).page(None) as page:
            await page.sees(b"\x1b[?1049h")
            killed.kill()
    assert len(os.listdir(place)) == 1
    with subprocess.Popen(command, **options) as following:
        following.stdout.readline()
        deadline = time.monotonic() + 2 * PATIENCE.look
        while os.listdir(place) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert os.listdir(place) == []
        following.send_signal(signal.SIGTERM)
        assert following.communicate(timeout=30) == ("", "")
