"""Files that were made to take memory: whatever they are, they take a bounded amount of it, and are read or refused."""

import subprocess
import sys
from pathlib import Path

import pytest
from hostile_files import HOSTILE
from trials import FOR_RELEASE

MOST = 150  # megabytes of a program without a screen; the app takes 100 more
FEW = ("an endless line", "characters of four bytes")
READS = """
import sys
from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.model.problem import make_dataset

for path in sys.argv[1:]:
    try:
        told = f"{len(make_dataset(RunConfig(data=path)).x)} samples"
    except ConfigError as refused:
        told = str(refused)
    with open("/proc/self/status") as status:
        most = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    print(int(most) // 1024, told)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much memory was taken")
@pytest.mark.parametrize("names", [FEW, *([[name] for name in HOSTILE] if FOR_RELEASE else [])], ids=", ".join)
def test_memory_is_bounded(tmp_path, names):
    paths = [tmp_path / f"{at}.csv" for at in range(len(names))]
    for name, path in zip(names, paths, strict=True):
        path.write_bytes(HOSTILE[name]())
    read = subprocess.run([sys.executable, "-c", READS, *paths], capture_output=True, text=True, timeout=300)
    assert read.stderr == ""
    told = [line.split(" ", 1) for line in read.stdout.splitlines()]
    assert len(told) == len(paths), read.stdout
    assert max(int(megabytes) for megabytes, _ in told) < MOST, read.stdout
    assert all(text.endswith("samples") or "; allowed: " in text for _, text in told), read.stdout
