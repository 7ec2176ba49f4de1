"""Maps of runs at random, and whether cells of them say what the runs do: for a few in the tests, for hundreds by hand.

`python tests/rate_maps.py SEED` counts, for new cases with each seed, how many of hundreds are off.
"""

import math
import sys
from typing import NamedTuple

import numpy as np

from quadfit_tui import RunConfig, train
from quadfit_tui.core.diagnosis.stability import decrement
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map.pieces import whole_map
from quadfit_tui.core.rate_map.rate_map import CellOutcome, Figure, least_shown
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.training.trainer import Trainer

SIZE = 17, 6  # of the maps: each gives some cells
MOST_EPOCHS = 400  # of two runs that tell on which side of a border they are
ENOUGH = 0.02  # how far the logarithm of a factor is from 0, so that so many epochs tell
OFF = 1e-6  # of a factor


class Case(NamedTuple):
    """A cell of a map."""

    found: object
    row: int
    column: int

    @property
    def config(self):
        return self.found.config(self.row, self.column)

    @property
    def outcome(self):
        return CellOutcome(int(self.found.outcomes[self.row, self.column]))

    @property
    def value(self):
        return float(self.found.values[self.row, self.column])

    @property
    def epochs(self):
        return int(self.found.epochs[self.row, self.column])

    @property
    def factor(self):
        return float(self.found.factors[self.row, self.column])


def made(rng, **changes):
    """A configuration of a few samples."""
    samples = int(rng.choice([3, 6, 12, 24, 40]))
    low = float(rng.choice([-1, -1.7, 0.0, 1.0]))
    values = {
        "samples": samples,
        "x_min": low,
        "x_max": low + float(rng.choice([1, 2, 2.6])),
        "noise": float(rng.choice([0, 0.3])),
        "true": tuple(rng.normal(0, 3, 3).tolist()),
        "init": tuple(rng.normal(0, 10, 3).tolist()),
        "seed": int(rng.integers(99)),
        "optimizer": str(rng.choice(["sgd", "momentum", "nesterov"])),
        "momentum": float(rng.uniform(0, 0.95)),
        "batch": [1, 2, min(5, samples), "full"][int(rng.integers(4))],
        "gradient": str(rng.choice(["half", "full"])),
        "scale_features": bool(rng.integers(2)),
        "schedule": "constant",
        "epochs": int(rng.choice([20, 60])),
        "tol": float(rng.choice([1e-5, 1e-2, 1.0])),
        "stop_on": str(rng.choice(["dataset", "never", "last-update"])),
    }
    return RunConfig(**{**values, **changes})


def cells(rng, config, figure, count, converging=False):
    """Some cells of the map of a run, or of those that converge."""
    found = whole_map(make_task(config), None, figure, SIZE)
    places = np.argwhere((found.outcomes == CellOutcome.CONVERGES) | (not converging))
    return [Case(found, *places[at].tolist()) for at in rng.integers(len(places), size=count if len(places) else 0)]


def growth(config, factor):
    """The logarithm of what an epoch leaves of the distance between two runs that began apart: by doing them."""
    start = np.array(config.init)
    task = make_task(config.replace(epochs=10**9, stop_on="never", schedule="constant"))
    runs = Trainer(task.replace(init=start + 1e6)), Trainer(task.replace(init=start - 1e6))
    # At the samples that are trained on, which may leave other directions of w open.
    used = np.vander(task.trained.x[: None if config.shuffle else task.updates_per_epoch * task.batch], 3)
    epochs = int(np.clip(8 / abs(math.log(factor)), 5, MOST_EPOCHS)) if 0 < factor < math.inf else 20
    apart = []
    for goal in (epochs, 2 * epochs):
        for run in runs:
            while run.epoch < goal and not run.overflowed:
                run.advance(4096)
        if any(run.overflowed for run in runs):
            return math.inf
        apart.append(float(np.abs(used @ (runs[0].trained_w - runs[1].trained_w)).max()))
    return math.log(apart[1] / apart[0]) / epochs if min(apart) > 0 else -math.inf


def factor_is_off(case):
    """Whether the factor is another one than that of core/diagnosis; None where that says nothing."""
    known = decrement(make_task(case.config), case.config.lr)
    if known is None or not math.isfinite(known.share):
        return None
    return abs(case.factor - (1 - known.share)) > OFF * max(1, case.factor)


def side_is_off(case):
    """Whether two runs part that are said to come together, or the other way around; None where nothing is claimed."""
    if case.outcome is CellOutcome.UNCERTAIN or not abs(math.log(case.factor)) > ENOUGH:
        return None
    return (growth(case.config, case.factor) < 0) is not (case.outcome is CellOutcome.CONVERGES)


def end_of(config, figure):
    """The outcome of a run by itself, and after how many epochs; 0 where it diverges."""
    run, task = train(config), make_task(config)
    losses, epochs, start = run.mean_loss, len(run.epoch), task.loss_at_start
    last, has_all = float(losses[-1]), epochs == config.epochs and not run._end.overflowed
    zero = float(np.mean(task.problem.y**2))
    grows = run.status != "converged" and (not has_all or (last > 1000 * start and last > zero))
    assert (run.status == "diverged") is grows
    if grows:
        return CellOutcome.DIVERGES, 0
    is_below = last < config.tol
    if run.status == "converged" and not is_below:
        return CellOutcome.STOPS_EARLY, epochs
    if figure is Figure.SETTLES:
        return (CellOutcome.CONVERGES if last <= max(start, task.trained.least) else CellOutcome.UNFINISHED), epochs
    if is_below and config.stop_on == "never":
        epochs = int(np.argmax(losses < config.tol)) + 1
    return (CellOutcome.CONVERGES if is_below else CellOutcome.UNFINISHED), epochs


def end_is_off(case):
    """Whether the run ends in another way than is said."""
    outcome, epochs = end_of(case.config, case.found.figure)
    if case.outcome is not outcome:
        return True
    if outcome is CellOutcome.CONVERGES and case.found.figure is Figure.ENDS and case.value != epochs:
        return True
    return outcome is not CellOutcome.DIVERGES and case.epochs != epochs


def reopened_is_off(case):
    """Whether the run of a cell has another figure than was shown, to the last digit."""
    config, figure = case.config, case.found.figure
    if case.outcome is not CellOutcome.CONVERGES:
        return None
    if figure is Figure.ENDS:
        return end_is_off(case)
    if figure is Figure.SPEED:
        known = decrement(make_task(config), config.lr)
        return (
            known is not None
            and known.is_known
            and format_short(math.log(10) / -math.log1p(-known.share)) != format_short(case.value)
        )
    if not case.factor < 0.99 or make_task(config).trained.is_fitted:
        return None
    run = train(config.replace(epochs=int(40 / -math.log(case.factor)) + 5, stop_on="never"))
    return format_short(float(run.mean_loss[-1]) / least_shown(make_task(config).trained)) != format_short(case.value)


def counts(rng, check, cases, most):
    """How many of `most` cells are off, how many of nothing is claimed, and what those are that are off."""
    found, unsure, off = 0, 0, []
    while found < most:
        for case in cases(rng):
            answer = check(case)
            if answer is None:
                unsure += 1
                continue
            found += 1
            if answer:
                off.append((case.config, case.outcome, case.value, case.factor))
    return found, unsure, off


def of(figure, count=10, converging=False, **fixed):
    """What gives cells of a new map each time."""

    def cases(rng):
        options = {name: choose(rng) if callable(choose) else choose for name, choose in fixed.items()}
        return cells(rng, made(rng, **options), figure, count, converging)

    return cases


def _one_of(*values):
    return lambda rng: values[int(rng.integers(len(values)))]


_MIXED = _one_of(False, True)
ADAPTIVE = {"optimizer": _one_of("adam", "rmsprop", "adagrad"), "schedule": _one_of("constant", "halve", "cosine")}
CHECKS = {
    "factors": (factor_is_off, of(Figure.SPEED), 600),
    "sides": (side_is_off, of(Figure.SPEED), 600),
    "ends, constant": (end_is_off, of(Figure.ENDS), 300),
    "ends, lowered": (
        end_is_off,
        of(Figure.ENDS, schedule=_one_of("halve", "cosine"), shuffle=_one_of(False, True)),
        300,
    ),
    "ends, adaptive": (end_is_off, of(Figure.ENDS, shuffle=_MIXED, **ADAPTIVE), 200),
    "sides, shuffled": (side_is_off, of(Figure.SPEED, 4, shuffle=True, batch=_one_of(1, 2)), 128),
    "reopened, speed": (reopened_is_off, of(Figure.SPEED, 4, True), 20),
    "reopened, settles": (reopened_is_off, of(Figure.SETTLES, 4, True, noise=0.3, batch=_one_of(1, 2)), 20),
    "reopened, ends": (reopened_is_off, of(Figure.ENDS, 4, True), 20),
}


def main(seed, wanted="", share=1.0):
    for name, (check, cases, most) in CHECKS.items():
        if wanted in name:
            found, unsure, off = counts(np.random.default_rng(seed), check, cases, int(most * share))
            print(f"{name}: {len(off)} of {found} are off; of {unsure} nothing is claimed", flush=True)
            for each in off[:5]:
                print("   ", *each)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:3], *map(float, sys.argv[3:]))
