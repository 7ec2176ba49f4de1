"""STOP_RULES: which loss is compared with tol after an epoch; a run converges once it is below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from quadfit_tui.core.text.language import N_


class StopRule(NamedTuple):
    """One row of the table.

    `judged` chooses between the loss of the epoch's last update (the article's choice, step 5) and the mean loss of the
    data set, numbers or arrays of them; None: no run is stopped. `name`, which is noted, is what a sentence calls it;
    empty for the mean loss of the data set, which cannot mislead.
    """

    judged: Callable[[Any, Any], Any] | None
    name: str


STOP_RULES: dict[str, StopRule] = {
    "dataset": StopRule(lambda loss, mean_loss: mean_loss, ""),  # noqa: ARG005  every rule has one signature
    "last-update": StopRule(lambda loss, mean_loss: loss, N_("the loss of the last update")),  # noqa: ARG005
    "never": StopRule(None, ""),
}
