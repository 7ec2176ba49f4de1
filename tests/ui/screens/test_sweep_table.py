"""The table of a sweep without an app: sorted by any column, what each run came to, the note about the marked one."""

import math
from itertools import pairwise

import numpy as np
import pytest
from sweep_helpers import AXES, ROWS, SPACE, order

from quadfit_tui.core.sweep.rows import STATUSES, Rows
from quadfit_tui.ui.screens.sweep import OpenSweep
from quadfit_tui.ui.screens.sweep_table import SweepList


def column(runs, name):
    return next(at for at, each in enumerate(runs.columns) if each.heading == name)


@pytest.mark.parametrize(
    "name", ["cell", "optimizer", "momentum", "lr", "batch", "seed", "status", "epochs", "mean loss", "b"]
)
def test_it_is_sorted_by_any_column_and_what_is_no_number_comes_last_either_way(name):
    runs = SweepList(SPACE, ROWS)
    where = {
        "optimizer": lambda cell: AXES["optimizer"].index(SPACE.config(cell).optimizer),
        "batch": lambda cell: AXES["batch"].index(SPACE.config(cell).batch),
        "momentum": lambda cell: math.nan if SPACE.config(cell).optimizer == "sgd" else SPACE.config(cell).momentum,
        "cell": lambda cell: cell,
        "status": lambda cell: int(ROWS.status[cell]),
        "epochs": lambda cell: int(ROWS.epochs[cell]),
        "mean loss": lambda cell: float(ROWS.mean_loss[cell]),
        "b": lambda cell: float(ROWS.w[cell, 1]),
    }
    value = where.get(name) or (lambda cell: getattr(SPACE.config(cell), name))
    if column(runs, name) != runs.sorted_by:
        runs.sort_by(column(runs, name))
    for sign in (1, -1):
        found = order(runs)
        assert sorted(found) == [*range(len(SPACE))]
        values = [sign * value(cell) for cell in found]
        known = [each for each in values if not math.isnan(each)]
        assert known == sorted(known)
        assert all(map(math.isnan, values[len(known) :]))
        equal = [(value(one), one, other) for one, other in pairwise(found) if value(one) == value(other)]
        assert all(one < other for _, one, other in equal)
        runs.sort_by(column(runs, name))


def test_each_row_tells_what_its_run_came_to():
    runs = SweepList(SPACE, ROWS)
    assert [each.heading for each in runs.columns] == [
        "cell", "optimizer", "momentum", "lr", "batch", "seed", "status", "epochs", "mean loss", "a", "b", "c",
    ]  # fmt: skip
    for row in runs.texts(0, len(runs)):
        cell = int(row[0])
        config = SPACE.config(cell)
        momentum = "–" if config.optimizer == "sgd" else f"{config.momentum:g}"
        assert row[1:6] == (config.optimizer, momentum, f"{config.lr:g}", str(config.batch), str(config.seed))
        assert row[6:8] == (STATUSES[ROWS.status[cell]], str(ROWS.epochs[cell]))
        if np.isinf(ROWS.mean_loss[cell]):
            assert row[8:] == ("inf", "–", "–", "–")
        else:
            assert [float(each) for each in row[8:]] == pytest.approx([ROWS.mean_loss[cell], *ROWS.w[cell]], rel=6e-3)


def test_the_best_run_is_the_first_one_and_the_note_tells_all_of_it():
    runs = SweepList(SPACE, ROWS)
    best = int(np.nanargmin(ROWS.mean_loss))
    assert runs.cell == best
    config = SPACE.config(best)
    assert runs.notes[0].startswith(f"cell {best}, optimizer {config.optimizer}, ")
    assert f", lr {config.lr:g}, batch {config.batch}, seed {config.seed}: " in runs.notes[0]
    runs.sort_by(column(runs, "status"))
    runs.mark(len(runs))
    assert ": diverged after " in runs.notes[0]


def test_a_run_that_failed_says_why():
    rows = Rows.joined([ROWS.part(slice(0, 3)), Rows.failed([3], "its worker died three times")])
    runs = SweepList(SPACE, rows)
    runs.mark(99)
    assert runs.notes[0].endswith("failed. its worker died three times")
    assert runs.texts(3, 4)[0][-6:] == ("failed", "0", "–", "–", "–", "–")


def test_a_sweep_without_runs_says_so():
    runs = SweepList(SPACE, ROWS.part(slice(0, 0)))
    assert (len(runs), runs.cell, runs.texts(0, 9), runs.notes) == (0, None, [], ["This sweep has no runs yet."])
    assert OpenSweep("x", SPACE, runs.rows).config == SPACE.base
