"""What a file of epochs holds after the program was killed: every epoch that was ever shown; a last line may be cut."""

import csv
import json
import subprocess
import sys
from pathlib import Path

TRAINEES = 50


def epochs(path: Path) -> list[int]:
    """The epochs in a file, all of whose lines must be what they ought to, but for a last one that has no end."""
    lines = path.read_text().rpartition("\n")[0].splitlines()
    if path.suffix == ".csv":
        rows = list(csv.DictReader(lines))
        assert all(None not in row and None not in row.values() for row in rows)
        found = [row["epoch"] for row in rows if [float(value) for value in row.values()]]
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
