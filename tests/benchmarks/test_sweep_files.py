"""A sweep of a million rows: the memory of writing and reading its file."""

import subprocess
import sys

MOST = 300  # MB
BEGIN = """
import sys
import numpy as np
from quadfit_tui import RunConfig
from quadfit_tui.sweeps.head import Head
from quadfit_tui.sweeps.rows import Rows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.sweep_file import SweepFile, read_sweep

path = sys.argv[1]
axes = {"lr": np.geomspace(0.01, 1, 500).tolist(), "momentum": np.linspace(0, 0.99, 20).tolist()}
head = Head.of(Space(RunConfig(), axes | {"optimizer": ["momentum", "nesterov"], "seed": range(50)}))
"""
STEPS = {
    "rows appended": """
file = SweepFile(path, head)
for first in range(0, 1_000_000, 2000):
    rng, rows = np.random.default_rng(first), Rows.empty(2000)
    rows.cell[:], rows.status[:] = range(first, first + 2000), rng.integers(0, 3, 2000)
    rows.mean_loss[:], rows.least[:], rows.w[:] = rng.random(2000), rng.random(2000), rng.random((2000, 3))
    file.add(rows)
""",
    "rows read": "file = SweepFile(path, head, resume=True)",
    "rows sorted": "file = SweepFile(path, head, resume=True); file.finish()",
    "file read": "assert len(read_sweep(path)[2]) == 1_000_000",
}
END = """
with open("/proc/self/status") as status:
    (peak,) = (int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(peak // 1024)
"""


def test_a_million_rows(benchmark, report, tmp_path):
    peaks = {}

    def all_steps():
        for name, step in STEPS.items():
            command = [sys.executable, "-c", BEGIN + step + END, str(tmp_path / "sweep.csv")]
            peaks[name] = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    benchmark.pedantic(all_steps)
    for name, peak in peaks.items():
        benchmark.extra_info[name] = report("memory of a sweep of a million rows", name, peak, [peak], MOST, "MB")
    assert max(peaks.values()) <= MOST
