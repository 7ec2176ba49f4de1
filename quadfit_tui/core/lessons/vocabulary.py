"""The words of expressions: what each fact of a run or a moment is, and each function, with a line about it.

What they come to is worked out by core/judging/trained_run.py and expression.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS


class Function(NamedTuple):
    """What is written for it, what it gives, and how many numbers it takes; None where it takes names of runs."""

    example: str
    about: str
    numbers: int | None = None


# Of a run at its end, or of the one on the screen.
OUTCOME: Mapping[str, str] = {
    "status": 'how it ended: "converged", "finished" (all epochs done) or "diverged"',
    "epochs": "epochs that were done",
    "updates": "updates that were done",
    "updates_per_epoch": "updates of each epoch",
    "updates_to_tol": "updates after which the mean loss was first below tol, also amid an epoch",
    "misled": "whether it stopped though the mean loss is above tol: true or false",
    "mean_loss": "mean squared error of all samples at the end",
    "loss": "the same of the samples of the last update, before it",
    "gap": "mean_loss divided by loss",
    "start": "mean loss at the start",
    "last_lr": "learning rate of the last update",
    "distance": "distance from w to the best w",
    "a": "a at the end",
    "b": "b at the end",
    "c": "c at the end",
    "best_a": "a of the best parabola",
    "best_b": "b of the best parabola",
    "best_c": "c of the best parabola",
}
DIAGNOSIS: Mapping[str, str] = {
    "limit": "learning rate below which it converges; above it, it may not",
    "ground": 'what the limit rests on: "exact", "rounding", "safe" or "none"',
    "share": "learning rate divided by the limit",
    "condition": "condition number of the samples as they are trained, scaled or not",
    "other_condition": "condition number with scaled features where they are not scaled, and the other way round",
    "steepest": "largest eigenvalue of the curvature, in the direction in which the loss is steepest",
    "least": "mean loss of the best parabola",
    "truth_loss": "mean loss of the parabola that the samples were made from",
    "needed": "epochs that it takes to converge, or to diverge, however many it may do",
    "left": "share of the distance that an epoch leaves, in the long run",
}
# What cannot be a value of an expression is left out.
SETTINGS: Mapping[str, str] = {
    name: row.help
    for name, row in PARAMETERS.items()
    if name not in (*OUTCOME, "true", "init", "data", "columns", "round_epochs")
}
RUN_FACTS: Mapping[str, str] = {**OUTCOME, **DIAGNOSIS, **SETTINGS}

_OF_PARAMETERS = {
    "g": "gradient for {}, of the samples of the update",
    "whole": "gradient for {}, of all samples",
    "step": "how much the update changed {}",
    "before": "{} before the update",
}
# Of a moment; from x on, of the update that led there.
MOMENT_FACTS: Mapping[str, str] = {
    **{name: f"{name} at that moment" for name in ("a", "b", "c")},
    "mean_loss": "mean squared error of all samples",
    "distance": "distance from w to the best w",
    "lr": "learning rate",
    "x": "x of the sample of the update, where it has one sample; so y, y_out and r",
    "y": "y of the sample",
    "y_out": "the parabola at x, before the update",
    "r": "residual, y_out − y",
    "loss": "mean squared error of the samples of the update, before it",
    "mean_before": "mean loss before the update",
    "angle": "degrees between the gradient and that of all samples",
    "aim": "degrees between the negative gradient and the way to the best w",
    "length": "length of the gradient",
    **{f"{name}_{of}": about.format(of) for name, about in _OF_PARAMETERS.items() for of in ("a", "b", "c")},
}
CONDITIONS = ("misled", "shuffle", "scale_features")  # facts that are true or false

FUNCTIONS: Mapping[str, Function] = {
    "near": Function("near(x, y, 0.05)", "whether two numbers differ by at most that share of the larger one", 3),
    "same": Function("same(x, y)", "whether two numbers are the same to the last bit", 2),
    "zero": Function("zero(x)", "whether a number is 0", 1),
    "way": Function("way(x, y)", 'from x to y: "up", "down" or "same"', 2),
    "abs": Function("abs(x)", "a number without its sign", 1),
    "sqrt": Function("sqrt(x)", "square root", 1),
    "log10": Function("log10(x)", "logarithm to the base 10", 1),
    "rises": Function("rises(slow, 0)", "how many updates of that epoch of the run raise the mean loss"),
    "first": Function("first(slow, fast)", "the run that converges in the fewest epochs, by its name in quotes"),
    "least": Function("least(slow, fast)", "the run that ends with the least mean loss, by its name in quotes"),
}
