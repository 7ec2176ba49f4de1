"""FitTask: a configuration together with the samples that it is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps, run_job
from quadfit_tui.core.model.problem import Dataset, Stream, dataset_steps, generator
from quadfit_tui.core.model.scaling import Standardization

RANDOM_START = 10.0  # a random start draws each of a, b, c from ± this


@dataclass(frozen=True)
class FitTask:
    """The input of a run: its configuration, and its samples, `problem`, as they were generated or read.

    Tasks are equal if their configurations are equal and their samples are the same object.
    """

    config: RunConfig
    problem: Dataset

    @cached_property
    def trained(self) -> Dataset:
        """The samples that the trainer sees: with z for x if the features are scaled."""
        return self.problem.standardized if self.config.scale_features else self.problem

    @property
    def scale(self) -> Standardization | None:
        """The standardization of x to z, or None if the features are not scaled."""
        return self.problem.scale if self.config.scale_features else None

    def to_x(self, w: Array) -> Array:
        """Converts w as trained to coordinates of x, in which users see it; shape (3,) or (m, 3)."""
        return w if self.scale is None else self.scale.to_x(w)

    def from_x(self, w: Array) -> Array:
        """Converts w in coordinates of x to those that are trained; shape (3,) or (m, 3)."""
        return w if self.scale is None else self.scale.to_z(w)

    @cached_property
    def batch(self) -> int:
        """The number of samples in the batch of an update."""
        return len(self.problem.x) if self.config.batch == "full" else int(self.config.batch)

    @property
    def is_full_batch(self) -> bool:
        """Whether every update uses all samples."""
        return self.batch == len(self.problem.x)

    @cached_property
    def updates_per_epoch(self) -> int:
        """The number of updates in an epoch: whole batches only, so that samples left over are in none."""
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

    def precompute(self) -> JobSteps[None]:
        """Precomputes, step by step, the sums over all samples, so that no user waits for them later."""
        yield from self.problem.precompute()
        if self.trained is not self.problem:
            yield 1.0
            _ = self.trained.quadratic_loss

    def replace(self, **changes: object) -> FitTask:
        """Returns a task on these samples with some values of the configuration changed; raises ConfigError."""
        return FitTask(self.config.with_values(changes), self.problem)


def make_task(config: RunConfig, *known: Dataset) -> FitTask:
    """Makes the task of a configuration: reuses the samples of a `known` dataset, or else generates or reads them.

    Raises ConfigError if the file or the batch size cannot be used.
    """
    return run_job(task_steps(config, *known))


def task_steps(config: RunConfig, *known: Dataset) -> JobSteps[FitTask]:
    """Makes the task like `make_task`, step by step, since reading a file may take a second."""
    return FitTask(config, (yield from dataset_steps(config, *known)))
