"""Hyperparameters: the interface of a configuration that the optimizers and the schedules use."""

from __future__ import annotations

from typing import Protocol


class Hyperparameters(Protocol):
    """The parameters of a run that schedules read, as plain numbers, beside those that the rows of optimizers name.

    RunConfig has them.
    """

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
