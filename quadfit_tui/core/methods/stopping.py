"""STOP_RULES: which loss ends a run that has come close enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class StopRule(NamedTuple):
    """Which loss is compared with tol after each epoch.

    `judged` takes it from the loss of the last update and the mean loss of the data set, numbers or arrays of them;
    None: no loss is. `name` is what a sentence calls it; empty: the mean loss of the data set, which cannot mislead.
    """

    judged: Callable[[Any, Any], Any] | None
    name: str


STOP_RULES: dict[str, StopRule] = {
    "dataset": StopRule(lambda loss, mean_loss: mean_loss, ""),  # noqa: ARG005  every rule has one signature
    "last-update": StopRule(lambda loss, mean_loss: loss, "the loss of the last update"),  # noqa: ARG005
    "never": StopRule(None, ""),
}
