"""SCHEDULES: the learning rate of each epoch, and what follows from it; a schedule is added here, in one row.

Epochs are counted from 0. A rate is a pure function of the configuration and the epoch, so that any epoch of a run can
be visited again, in any order.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

FOREVER = 10**9  # the most epochs that a run can have


class Hyperparameters(Protocol):
    """The fields of a configuration that schedules read; RunConfig has them, so that this module need not import it."""

    @property
    def lr(self) -> float: ...

    @property
    def epochs(self) -> int: ...

    @property
    def schedule(self) -> str: ...

    @property
    def decay_every(self) -> int: ...

    @property
    def decay_rate(self) -> float: ...


class Schedule(NamedTuple):
    """One row of the table.

    `rate(config, epoch)` returns the learning rate of an epoch. `plateau_epochs(config, epoch)` returns for how many
    epochs, this one included, the rate certainly stays the same, to the last bit. `parameters` names the rows of the
    parameter table that not every schedule uses. No rate is above that of the epoch before: what is said and computed
    of a run's rates builds on that. `formula` is the rate in readable mathematics, lr0 being `lr`, with
    − (U+2212) and · for minus and times.
    """

    rate: Callable[[Hyperparameters, int], float]
    plateau_epochs: Callable[[Hyperparameters, int], int]
    parameters: tuple[str, ...]
    formula: str

    def stretches(self, config: Hyperparameters, factor: float) -> Iterator[tuple[float, int]]:
        """Yields approximate rates of a run with the number of epochs of each, for sums that need not be exact.

        Stretches get longer and longer: each ends at twice its first epoch at the latest, and before the rate falls to
        less than 1/`factor` of its first. Its rate is that of its middle epoch.
        """
        epoch = 0

        def is_low(later: int) -> bool:
            return self.rate(config, later) < self.rate(config, epoch) / factor

        while epoch < config.epochs:
            end = bisect_left(range(min(config.epochs, 2 * epoch or 1)), True, epoch + 1, key=is_low)
            yield self.rate(config, (epoch + end) // 2), end - epoch
            epoch = end


def _once(config: Hyperparameters, epoch: int) -> int:  # noqa: ARG001  every row has one signature
    return 1


def _halve(config: Hyperparameters, epoch: int) -> float:
    """Halves the rate every `decay_every` epochs: lr / 2^⌊(epoch + 1) / decay_every⌋.

    The article's schedule. With decay_every = 10 epochs 0–8 run at lr, epochs 9–18 at half of it.
    """
    return math.ldexp(config.lr, -((epoch + 1) // config.decay_every))


def _halve_plateau(config: Hyperparameters, epoch: int) -> int:
    return config.decay_every - (epoch + 1) % config.decay_every


def _constant(config: Hyperparameters, epoch: int) -> float:  # noqa: ARG001  every row has one signature
    """Keeps the rate at lr.

    That is enough for batches of all samples; with smaller ones, w keeps moving around the optimum (Bottou, Curtis &
    Nocedal 2018, Optimization methods for large-scale machine learning, section 4).
    """
    return config.lr


def _constant_plateau(config: Hyperparameters, epoch: int) -> int:  # noqa: ARG001  every row has one signature
    return FOREVER


def _exponential(config: Hyperparameters, epoch: int) -> float:
    """Multiplies the rate by `decay_rate` in the course of `decay_every` epochs: lr · decay_rate^(epoch / decay_every).

    The formula is that of Keras's `ExponentialDecay` without staircase, which counts updates instead of epochs.
    """
    return config.lr * math.pow(config.decay_rate, epoch / config.decay_every)


def _exponential_plateau(config: Hyperparameters, epoch: int) -> int:
    return FOREVER if config.decay_rate == 1 else _once(config, epoch)


def _inverse_time(config: Hyperparameters, epoch: int) -> float:
    """Lowers the rate as 1/epoch in the long run: lr / (1 + decay_rate · epoch / decay_every).

    The formula is that of Keras's `InverseTimeDecay`; with rates of this order, stochastic approximation is proven to
    converge (Robbins & Monro 1951, A stochastic approximation method).
    """
    return config.lr / (1 + config.decay_rate * epoch / config.decay_every)


def _cosine(config: Hyperparameters, epoch: int) -> float:
    """Lowers the rate along half a cosine wave to 0 at the end of the run: lr · ½(1 + cos(π · epoch / epochs)).

    The source is Loshchilov & Hutter 2017, SGDR, equation 5, without restarts and with a lowest rate of 0. It is
    computed as the square of a sine of the epochs left, which does not round to 0 before the end of a long run.
    """
    left = max(config.epochs - epoch, 0)
    wave = math.sin(math.pi / 2 * left / config.epochs)
    return config.lr * wave * wave


SCHEDULES: dict[str, Schedule] = {
    "halve": Schedule(
        _halve,
        _halve_plateau,
        ("decay_every",),
        "lr0 / 2^⌊(epoch + 1) / decay_every⌋",
    ),
    "constant": Schedule(_constant, _constant_plateau, (), "lr0"),
    "exponential": Schedule(
        _exponential,
        _exponential_plateau,
        ("decay_every", "decay_rate"),
        "lr0·decay_rate^(epoch / decay_every)",
    ),
    "cosine": Schedule(
        _cosine,
        _once,
        (),
        "lr0·½·(1 + cos(π·epoch / epochs))",
    ),
    "inverse-time": Schedule(
        _inverse_time,
        _once,
        ("decay_every", "decay_rate"),
        "lr0 / (1 + decay_rate·epoch / decay_every)",
    ),
}


def first_rate(config: Hyperparameters) -> float:
    """Returns the rate of the first epoch, which is the highest of the run."""
    return SCHEDULES[config.schedule].rate(config, 0)


def is_constant(config: Hyperparameters) -> bool:
    """Whether the rate stays the same forever."""
    return SCHEDULES[config.schedule].plateau_epochs(config, 0) >= FOREVER


def epoch_of_rate_below(config: Hyperparameters, bound: float, end: int) -> int | None:
    """Returns the first epoch before `end`, from 0, whose rate is below a bound; None if there is none."""
    rate = SCHEDULES[config.schedule].rate
    first = bisect_left(range(end), True, key=lambda epoch: rate(config, epoch) < bound)  # rates never rise again
    return first if first < end else None


def rates_before(config: Hyperparameters, end: int, most: int) -> list[tuple[float, int]] | None:
    """Returns the rates before epoch `end`, each with its number of epochs; None if there are more than `most`."""
    schedule, epoch, rates = SCHEDULES[config.schedule], 0, list[tuple[float, int]]()
    while epoch < end and len(rates) < most:
        count = min(schedule.plateau_epochs(config, epoch), end - epoch)
        rates.append((schedule.rate(config, epoch), count))
        epoch += count
    return rates if epoch == end else None
