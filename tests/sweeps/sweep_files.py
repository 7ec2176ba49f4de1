"""Sweeps whose rows are made up, and what of rows is compared: all bits."""

from contextlib import closing
from pathlib import Path

import numpy as np

from quadfit_tui import RunConfig
from quadfit_tui.sweeps.head import SweepHeader
from quadfit_tui.sweeps.rows import STATUSES, VERDICTS, ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.sweep_file import SweepFile

NUMBERS = (0.0, -0.0, 5e-324, 1e308, 0.1, -1 / 3, 1e-5, 123456789.0, 2.0**70)
FILE, TOML = "s.csv", "s.csv.toml"


def small_space():
    """Cells of which some have no momentum, with numbers and words among the batches."""
    base = RunConfig(samples=6, epochs=4, noise=0.2)
    axes = {"lr": [0.1, 1 / 3, 1e6], "optimizer": ["sgd", "momentum"], "momentum": [0.5, 0.9]}
    return Space(base, axes | {"batch": [1, "full"], "init": ["random", (1, -1 / 3, 0)], "seed": range(3)})


def made_up_rows(cells, seed=0):
    """Rows of all kinds, with numbers of all sizes, and failures whose words have all signs."""
    rng, rows, errors = np.random.default_rng(seed), ResultRows.empty(len(cells)), {}
    rows.cell[:] = cells
    rows.status[:] = rng.integers(0, len(STATUSES), len(cells))
    rows.verdict[:] = rng.integers(0, len(VERDICTS), len(cells))
    rows.epochs[:] = rng.integers(0, 10**9, len(cells))
    rows.updates[:] = rng.integers(0, 10**15, len(cells))
    for numbers in (rows.mean_loss, rows.least, rows.w):
        numbers[:] = rng.choice([*NUMBERS, *rng.normal(size=20)], numbers.shape)
    for at, cell in enumerate(rows.cell.tolist()):
        match STATUSES[rows.status[at]]:
            case "diverged":
                rows.mean_loss[at], rows.w[at] = np.inf, np.nan
            case "failed":
                rows.mean_loss[at], rows.least[at], rows.w[at] = np.nan, np.nan, np.nan
                errors[cell] = ["a, \"b\" #c 'd'", "x y", "é 中 \\", "3", "=1"][cell % 5]
    return ResultRows(**{**vars(rows), "errors": errors})


HEAD = SweepHeader.of(small_space())
CELLS = HEAD.chosen
ROWS = made_up_rows(CELLS)


def opened(**how):
    """The file of the made-up sweep, in the folder of the test."""
    return SweepFile(FILE, HEAD, **how)


def read(path):
    return Path(path).read_bytes()


def put(path, content):
    Path(path).write_bytes(content)


def part(first, last):
    """Some of the rows of the made-up sweep."""
    return ROWS.part(slice(first, last))


def undisturbed(head=HEAD, rows=ROWS):
    """The bytes of the file of a sweep that nothing happened to."""
    write_sweep("undisturbed.csv", head, rows)
    content = read("undisturbed.csv")
    for name in ("undisturbed.csv", "undisturbed.csv.toml"):
        Path(name).unlink()
    return content


def bits(rows):
    """All that rows hold, to the last bit."""
    columns = {name: column for name, column in vars(rows).items() if isinstance(column, np.ndarray)}
    assert len(columns) == 8
    return {name: (column.dtype, column.shape, column.tobytes()) for name, column in columns.items()}, dict(rows.errors)


def write_sweep(path, head, rows, *, overwrites=False):
    """Writes the file of a sweep."""
    with closing(SweepFile(path, head, overwrites=overwrites)) as file:
        file.add(rows)
        file.finish()
