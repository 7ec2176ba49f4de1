"""Task: a configuration together with the samples that it is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps, run_job
from quadfit_tui.core.model.problem import Dataset, Stream, generator, problem_pieces
from quadfit_tui.core.model.scaling import Standardization

RANDOM_START = 10.0  # each of a, b, c is drawn from ±this


@dataclass(frozen=True)
class FitTask:
    """What a run does: its configuration, and its samples, `problem`, as they were made or read.

    Tasks are equal where their configurations are and their samples are the same object.
    """

    config: RunConfig
    problem: Dataset

    @cached_property
    def trained(self) -> Dataset:
        """The samples as they are trained on: with x in z where the features are scaled."""
        return self.problem.standardized if self.config.scale_features else self.problem

    @property
    def scale(self) -> Standardization | None:
        """How x becomes z; None where the features are not scaled."""
        return self.problem.scale if self.config.scale_features else None

    def to_x(self, w: Array) -> Array:
        """w in coordinates of x, as everybody is shown it, from a w as trained; shape (3,) or (m, 3)."""
        return w if self.scale is None else self.scale.to_x(w)

    def from_x(self, w: Array) -> Array:
        """w as trained from a w in coordinates of x; shape (3,) or (m, 3)."""
        return w if self.scale is None else self.scale.to_z(w)

    @cached_property
    def batch(self) -> int:
        """How many samples an update takes."""
        return len(self.problem.x) if self.config.batch == "full" else int(self.config.batch)

    @property
    def is_full_batch(self) -> bool:
        """Whether every update takes all samples."""
        return self.batch == len(self.problem.x)

    @cached_property
    def updates_per_epoch(self) -> int:
        """How many whole batches there are: samples that are left over are in none."""
        return len(self.problem.x) // self.batch

    @property
    def start(self) -> Array:
        """w before the first update, as trained, shape (3,)."""
        if self.config.init == "random":
            drawn = generator(self.config.seed, Stream.START).uniform(-RANDOM_START, RANDOM_START, 3)
            return self.from_x(drawn)
        return self.from_x(np.array(self.config.init, dtype=np.float64))

    @cached_property
    def loss_at_start(self) -> float:
        """The mean loss before the first update."""
        return self.trained.mean_loss(self.start)

    def find_sums(self) -> JobSteps[None]:
        """Finds out piece by piece what all samples have to be looked at for, so that nobody waits for it later."""
        yield from self.problem.find_sums()
        if self.trained is not self.problem:
            yield 1.0
            _ = self.trained.quadratic_loss

    def replace(self, **changes: object) -> FitTask:
        """Returns a task on these samples with some values of the configuration changed; raises ConfigError."""
        return FitTask(self.config.with_values(changes), self.problem)


def make_task(config: RunConfig, *known: Dataset) -> FitTask:
    """The task of a configuration, with the samples of a `known` problem if they are the same.

    Raises ConfigError where its file or its batch size cannot be used.
    """
    return run_job(task_pieces(config, *known))


def task_pieces(config: RunConfig, *known: Dataset) -> JobSteps[FitTask]:
    """What `make_task` gives, made piece by piece: to read a file may take a second."""
    return FitTask(config, (yield from problem_pieces(config, *known)))
