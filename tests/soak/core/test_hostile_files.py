"""Files that were made to take time or memory: they are read or refused, in a bounded amount of it."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hostile_files import HOSTILE
from trials import FOR_RELEASE

from quadfit_tui.core.files import access
from quadfit_tui.core.model.samples import reader
from quadfit_tui.core.model.samples.reader import columns_in
from quadfit_tui.core.model.samples.sample_text import SampleFileError

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


def counted(monkeypatch, module, name):
    """The sizes of the blocks that a generator of a module yields from now on."""
    blocks, sizes = getattr(module, name), []

    def counting(*args, **options):
        for block in blocks(*args, **options):
            sizes.append(len(block))
            yield block

    monkeypatch.setattr(module, name, counting)
    return sizes


@pytest.mark.parametrize("name", [*HOSTILE] if FOR_RELEASE else [*HOSTILE][::4])
def test_hostile_files_give_bounded_names(tmp_path, monkeypatch, name):
    path, names = tmp_path / "it.csv", []
    path.write_bytes(HOSTILE[name]())
    read, unpacked = counted(monkeypatch, access, "blocks"), counted(monkeypatch, reader, "unpack")
    with suppress(SampleFileError):
        names = columns_in(path)
    assert all(len(each) < 200 for each in names)
    assert 0 < sum(read) < 100_000
    assert sum(unpacked) < 1_000_000
