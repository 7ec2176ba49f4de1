"""Hyperparameters: the interface of a configuration that the optimizers and the schedules use."""

from __future__ import annotations

from typing import Protocol


class Hyperparameters(Protocol):
    """The parameters of a run that optimizers and schedules read, as plain numbers; RunConfig has them."""

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
