"""A small sweep for tests of its page."""

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

BASE = RunConfig(samples=12, epochs=40, schedule="constant", tol=0.5, init="random", noise=0.1)
AXES = {
    "optimizer": ["sgd", "momentum"],
    "momentum": [0.5, 0.9],
    "lr": [1.0, 0.01, 20.0, 0.1],
    "batch": [3, "full"],
    "seed": range(3),
}
SPACE = Space(BASE, AXES)
ROWS = SweepJob(SPACE).train(range(len(SPACE)))


def order(sweep):
    """The cells of an open sweep in the order of its table."""
    return sweep.rows.cell[sweep.order].tolist()
