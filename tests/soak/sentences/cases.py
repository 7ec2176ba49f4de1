"""Random configurations, each by a seed and its number; and the command that gives it again."""

import math
import shlex

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.files.virtual_files import register_virtual
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.task import make_task


def case(seed, index, most_samples=1000, most_epochs=3000):
    """The configuration of a number. All of a seed differ, and each is the same whatever is done with the others."""
    rng = np.random.default_rng([seed, index])
    while True:
        try:
            return _drawn(rng, most_samples, most_epochs)
        except ConfigError:  # a rate above what is allowed, or a range without a length
            continue


def command(config, *options):
    """The words that give this run on the command line."""
    words = ["quadfit-tui", "run"]
    for name, row in PARAMETERS.items():
        if getattr(config, name) != row.default:
            words += row.as_argv(getattr(config, name))
    return shlex.join([*words, *options])


def _drawn(rng, most_samples, most_epochs):
    def one_of(*choices):
        return choices[rng.integers(len(choices))]

    def chance(share):
        return rng.random() < share

    def power(low, high, digits=3):
        """A number of any size, with the few digits that people type."""
        return float(f"{10 ** rng.uniform(low, high):.{digits}g}")

    samples = min(most_samples, one_of(1, 2, 3, int(rng.integers(4, 17)), int(rng.integers(17, 65)), _many(rng)))
    low, high = _range(rng, one_of, chance, power)
    optimizer = one_of("sgd", "sgd", "sgd", "momentum", "nesterov", one_of("adagrad", "rmsprop", "adam"))
    schedule = one_of("constant", "constant", *SCHEDULES)
    epochs = int(min(most_epochs, 10 ** rng.uniform(0, 3.5 if chance(0.1) else 2.5)))
    chosen = {
        "true": one_of((2, -4, 3), (0, 0, 0), tuple(float(f"{v:.3g}") for v in rng.normal(0, 5, 3))),
        "samples": samples,
        "x_min": low,
        "x_max": high,
        "noise": one_of(0, 0, power(-6, 1.5, 1)),
        "seed": int(rng.integers(0, 1000)),
        "init": one_of((-1, 10, 26), (0, 0, 0), (-11 / 6, -395 / 3, -2400), "random", (power(0, 6), -power(0, 6), 1)),
        "optimizer": optimizer,
        "schedule": schedule,
        "batch": one_of(1, 1, "full", int(rng.integers(1, samples + 1))),
        "shuffle": chance(0.2),
        "epochs": epochs,
        "gradient": one_of("half", "half", "full"),
        "scale_features": chance(0.25),
        "tol": one_of(1e-5, 1e-5, 1e-5, 0, power(-12, 3, 2)),
        "stop_on": one_of("dataset", "last-update", "never"),
        "round_epochs": one_of(None, None, None, None, None, int(rng.integers(0, 13))),
    }
    if "momentum" in OPTIMIZERS[optimizer].parameters:
        chosen["momentum"] = one_of(0.9, 0.5, 0, 0.99, float(f"{rng.random():.3f}"))
    if "decay_every" in SCHEDULES[schedule].parameters:
        chosen["decay_every"] = max(1, int(10 ** rng.uniform(0, math.log10(epochs + 1))))
    if "decay_rate" in SCHEDULES[schedule].parameters:
        chosen["decay_rate"] = one_of(0.5, 0.9, float(f"{rng.uniform(0.01, 1):.2g}"))
    if chance(0.3):  # other units of y
        unit = power(-6, 6, 1)
        chosen["true"] = tuple(float(f"{unit * each:.3g}") for each in chosen["true"])
        chosen["noise"] *= unit
        if chance(0.5):
            chosen["init"] = (0, 0, 0)
        if chance(0.5) and samples > 3:
            chosen |= {"data": own_data(rng, chosen), "samples": 800, "x_min": -1, "x_max": 1, "noise": 0}
    config = RunConfig(**chosen)
    make_task(config)  # raises ConfigError if the samples are too large
    return config.replace(lr=_rate(config, chance, power, rng))


def own_data(rng, chosen):
    """The name under which a file of samples about a parabola is read: no file, but what `read` gives for it."""
    x = np.sort(rng.uniform(chosen["x_min"], chosen["x_max"], chosen["samples"]))
    y = np.polyval(chosen["true"], x) + chosen["noise"] * rng.normal(size=len(x))
    name = f"own-{rng.integers(10**9)}.csv"
    register_virtual(
        name, "".join(f"{one!r},{other!r}\n" for one, other in zip(x.tolist(), y.tolist(), strict=True)).encode()
    )
    return name


def _many(rng):
    return 1000 if rng.random() < 0.1 else int(rng.integers(4, 33))


def _range(rng, one_of, chance, power):
    """x near 0; or far from it, as years, times of Unix, or whatever else is measured."""
    if chance(0.2):
        low, length = one_of((1990, 34), (1.7e9, power(3, 7)), (power(1, 4), power(-1, 2)), (-power(1, 3), power(0, 1)))
        return low, low + length
    if chance(0.4):
        return -1, 1
    low = float(f"{rng.normal(0, 2):.2g}")
    return low, low + power(-1.5, 1)


def _rate(config, chance, power, rng):
    """A learning rate from 1e-8 of about the limit to three times it; half of them near it, where more can happen."""
    if not OPTIMIZERS[config.optimizer].is_affine:
        return power(-5, 1.5)
    task = make_task(config)
    rows = np.stack([task.trained.x**2, task.trained.x, np.ones_like(task.trained.x)], axis=-1)
    squares = (rows**2).sum(axis=1)
    size = squares.mean() if task.is_full_batch or chance(0.5) else squares.max()
    limit = 2 / (size * (2 if config.gradient == "full" else 1))
    share = rng.uniform(0.05, 3) if chance(0.6) else 10 ** rng.uniform(-8, math.log10(3))
    return float(f"{min(1e6, limit * share):.3g}")
