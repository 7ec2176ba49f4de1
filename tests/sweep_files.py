"""Sweeps whose rows are made up, and what of rows is compared: all bits."""

import os
from contextlib import ExitStack

import numpy as np

from quadfit_tui import RunConfig
from quadfit_tui.core.sweep.formats import opened_files, write_files
from quadfit_tui.core.sweep.head import Head
from quadfit_tui.core.sweep.journal import Journal
from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.core.sweep.space import Space

NUMBERS = (0.0, -0.0, 5e-324, 1e308, 0.1, -1 / 3, 1e-5, 123456789.0, 2.0**70)


def small_space():
    """Cells of which some have no momentum, with numbers and words among the batches."""
    base = RunConfig(samples=6, epochs=4, noise=0.2)
    axes = {"lr": [0.1, 1 / 3, 1e6], "optimizer": ["sgd", "momentum"], "momentum": [0.5, 0.9]}
    return Space(base, axes | {"batch": [1, "full"], "init": ["random", (1, -1 / 3, 0)], "seed": range(3)})


def made_up_rows(cells, seed=0):
    """Rows of all kinds, with numbers of all sizes, and failures whose words have all signs."""
    rng, rows, errors = np.random.default_rng(seed), Rows.empty(len(cells)), {}
    rows.cell[:] = cells
    rows.status[:] = rng.integers(0, len(STATUSES), len(cells))
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
                errors[cell] = ["a, \"b\" #c 'd'", "x\ny", "é 中 \\", "3", "=1"][cell % 5]
    return Rows(**{**vars(rows), "errors": errors})


HEAD = Head.of(small_space())
CELLS = HEAD.chosen
ROWS = made_up_rows(CELLS)
FILE, JOURNAL = "s.csv", "s.csv.journal"


def opened(**how):
    """The journal of the made-up sweep, in the folder of the test."""
    return Journal(FILE, HEAD, **how)


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def part(first, last):
    """Some of the rows of the made-up sweep."""
    return ROWS.part(slice(first, last))


def undisturbed(head=HEAD, rows=ROWS):
    """The bytes of the file of a sweep that nothing happened to."""
    journal = Journal("undisturbed.csv", head)
    journal.add(rows)
    journal.finish("csv")
    journal.close()
    content = read("undisturbed.csv")
    os.unlink("undisturbed.csv")
    return content


def bits(rows):
    """All that rows hold, to the last bit."""
    columns = {name: column for name, column in vars(rows).items() if isinstance(column, np.ndarray)}
    assert len(columns) == 8
    return {name: (column.dtype, column.shape, column.tobytes()) for name, column in columns.items()}, dict(rows.errors)


def write_sweep(path, style, head, rows, *, overwrites=False):
    """Writes the file of a sweep, and that of its curves, as a journal does at its end."""
    in_order = rows.part(np.argsort(rows.cell, kind="stable"))
    with ExitStack() as opened:
        files = opened_files(opened, path, head.curves, overwrites)
        write_files(files, style, head, in_order, os.path.dirname(path), lambda: in_order.curves.items())
