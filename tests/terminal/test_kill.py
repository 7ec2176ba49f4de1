"""What a file of epochs holds after the program was killed: every epoch that was ever shown; a last line may be cut."""

import csv
import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

FULL_SPEED = "--lr 1e-4 --schedule constant --stop-on never --epochs 1000000 --speed max --no-mouse"
AT_ONCE, TRAINEES = 3, 44


def epochs(path: Path) -> list[int]:
    """The epochs in a file, all of whose lines must be what they ought to, but for a last one that has no end."""
    lines = path.read_text().rpartition("\n")[0].splitlines()
    if path.suffix == ".csv":
        rows = list(csv.DictReader(lines))
        assert all(None not in row and None not in row.values() for row in rows)
        found = [row["epoch"] for row in rows if [float(value) for value in row.values()][-1] == 1]
    elif path.suffix == ".jsonl":
        found = [json.loads(line)["epoch"] for line in lines]
    else:
        assert len({len(line) for line in lines[1:] if len(line.split()[0]) <= 5}) == 1
        found = [line.split()[0] for line in lines[1:] if [float(number) for number in line.split()]]
    return [int(epoch) for epoch in found]


def check(files: dict[Path, int]) -> None:
    """Each file has all epochs up to the one that was shown, in order and in whole lines."""
    for path, shown in files.items():
        found = epochs(path)
        assert found == list(range(len(found))), path
        assert len(found) >= shown > 0, path


def test_the_app_is_killed_while_it_trains_as_fast_as_it_goes(terminal, tmp_path):
    moments, files = random.Random(6), {}
    for first in range(0, 2 * AT_ONCE, AT_ONCE):
        paths = [tmp_path / f"{first + each}{suffix}" for each, suffix in enumerate((".csv", ".jsonl", ".txt"))]
        apps = [terminal(*FULL_SPEED.split(), "--output", str(path), answers=True) for path in paths]
        for app in apps:
            app.until("l Rate")
        for app in apps:
            app.send(" ")
        for path, app in zip(paths, apps, strict=True):
            while not re.search(r"[1-9]\d* of 1,000,000 epochs", app.text):
                app.read(0.01)
            end = time.monotonic() + moments.uniform(0, 0.4)
            while (left := end - time.monotonic()) > 0:
                app.read(left)
            app.signal(signal.SIGKILL)
            assert app.end() == -signal.SIGKILL
            files[path] = int(re.search(r"(\d+) of 1,000,000 epochs", app.text)[1])
    assert len(files) == 2 * AT_ONCE
    check(files)


def test_training_is_killed_amid_its_writing(tmp_path):
    script = Path(__file__).with_name("trainees.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path, str(TRAINEES), "1"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    files = dict(map(json.loads, done.stdout.splitlines()))
    assert len(files) == TRAINEES
    check({Path(path): shown for path, shown in files.items()})
