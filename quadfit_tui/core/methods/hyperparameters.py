"""Hyperparameters: what the optimizers and the schedules read of a configuration."""

from __future__ import annotations

from typing import Protocol


class Hyperparameters(Protocol):
    """The settings of a run that optimizers and schedules use; RunConfig is one. All are plain numbers."""

    @property
    def lr(self) -> float: ...

    @property
    def epochs(self) -> int: ...

    @property
    def decay_every(self) -> int: ...

    @property
    def decay_rate(self) -> float: ...

    @property
    def momentum(self) -> float: ...

    @property
    def rho(self) -> float: ...

    @property
    def beta1(self) -> float: ...

    @property
    def beta2(self) -> float: ...

    @property
    def epsilon(self) -> float: ...
