"""The names of the facts that lessons speak of: RUN_FACTS of a run, MOMENT_FACTS of a moment; computed by facts.py."""

from __future__ import annotations

from quadfit_tui.core.config.parameters import PARAMETERS

_W = ("a", "b", "c")


def _of_each(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{parameter}" for name in names for parameter in _W)


# Of a run at its end, or of the one on the screen.
_OUTCOME = (
    *("status", "epochs", "updates", "updates_per_epoch", "misled", "mean_loss", "loss", "gap", "start", "last_lr"),
    *("distance", *_W, *_of_each("best")),
)
_DIAGNOSIS = (
    *("limit", "ground", "share", "condition", "other_condition", "steepest", "least", "truth_loss"),
    *("needed", "left"),
)
# What cannot be a value of an expression is left out.
_SETTINGS = tuple(name for name in PARAMETERS if name not in (*_OUTCOME, "true", "init", "data", "round_epochs"))
RUN_FACTS = frozenset((*_OUTCOME, *_DIAGNOSIS, *_SETTINGS))

# Of a moment; from the second line on, of the update that led there.
MOMENT_FACTS = frozenset(
    (
        *(*_W, "mean_loss", "distance", "lr"),
        *("x", "y", "y_out", "r", "loss", "mean_before", "angle", "aim", "length"),
        *_of_each("g", "whole", "step", "before"),
    )
)
