"""STOP_RULES: which loss is compared with tol after an epoch; a run converges once it is below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from quadfit_tui.core.text.language import N_


class StopRule(NamedTuple):
    """One row of the table.

    `judged(loss, mean_loss)` returns the one that is compared with tol: the loss of the epoch's last update (the
    article's choice, step 5) or the mean loss of the data set, numbers or arrays; None: no run is stopped. `name`, in
    English, is the loss's name in sentences; empty for the mean loss of the data set, which cannot mislead.
    """

    select_loss: Callable[[Any, Any], Any] | None
    name: str


STOP_RULES: dict[str, StopRule] = {
    "dataset": StopRule(lambda loss, mean_loss: mean_loss, ""),  # noqa: ARG005  every rule has one signature
    "last-update": StopRule(lambda loss, mean_loss: loss, N_("the loss of the last update")),  # noqa: ARG005
    "never": StopRule(None, ""),
}
