"""RunValues: the types of a run's parameters for type checkers of programs in Python, and the names of the choices.

A test holds it against the table of parameters, which is their home.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypedDict

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    Real = float | Fraction | np.floating[Any] | np.integer[Any]
    Bool = bool | np.bool_
    ThreeNumbers = tuple[Real, Real, Real] | list[float] | list[int] | NDArray[Any]

Encoding = Literal["auto", "utf-8", "utf-16", "gb18030", "latin-1"]
OptimizerName = Literal["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"]
ScheduleName = Literal["halve", "constant", "exponential", "cosine", "inverse-time"]
Convention = Literal["half", "full"]
StopRuleName = Literal["dataset", "last-update", "never"]


class RunValues(TypedDict, total=False):
    """The keyword arguments of `RunConfig` and its `replace`."""

    true: ThreeNumbers
    samples: SupportsIndex
    x_min: Real
    x_max: Real
    noise: Real
    data: str | os.PathLike[str] | None
    columns: tuple[str | int, str | int] | list[str] | list[int] | None
    encoding: Encoding
    skip: SupportsIndex
    seed: SupportsIndex
    init: ThreeNumbers | Literal["random"]
    optimizer: OptimizerName
    momentum: Real
    rho: Real
    beta1: Real
    beta2: Real
    epsilon: Real
    lr: Real
    schedule: ScheduleName
    decay_every: SupportsIndex
    decay_rate: Real
    batch: SupportsIndex | Literal["full"]
    shuffle: Bool
    epochs: SupportsIndex
    gradient: Convention
    scale_features: Bool
    tol: Real
    stop_on: StopRuleName
    round_epochs: SupportsIndex | None


class SweepValues(TypedDict, total=False):
    """The keyword arguments of a sweep: for each parameter that varies, its values."""

    true: Iterable[ThreeNumbers]
    samples: Iterable[SupportsIndex]
    x_min: Iterable[Real]
    x_max: Iterable[Real]
    noise: Iterable[Real]
    data: Iterable[str | os.PathLike[str] | None]
    columns: Iterable[tuple[str | int, str | int] | list[str] | list[int] | None]
    encoding: Iterable[Encoding]
    skip: Iterable[SupportsIndex]
    seed: Iterable[SupportsIndex]
    init: Iterable[ThreeNumbers | Literal["random"]]
    optimizer: Iterable[OptimizerName]
    momentum: Iterable[Real]
    rho: Iterable[Real]
    beta1: Iterable[Real]
    beta2: Iterable[Real]
    epsilon: Iterable[Real]
    lr: Iterable[Real]
    schedule: Iterable[ScheduleName]
    decay_every: Iterable[SupportsIndex]
    decay_rate: Iterable[Real]
    batch: Iterable[SupportsIndex | Literal["full"]]
    shuffle: Iterable[Bool]
    epochs: Iterable[SupportsIndex]
    gradient: Iterable[Convention]
    scale_features: Iterable[Bool]
    tol: Iterable[Real]
    stop_on: Iterable[StopRuleName]
    round_epochs: Iterable[SupportsIndex | None]
