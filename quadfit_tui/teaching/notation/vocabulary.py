"""The words of expressions: what each fact of a run or a moment is, and each function, with a line about it, noted.

What they come to is worked out by core/judging/trained_run.py and expression.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text.language import _, noted


class Function(NamedTuple):
    """What is written for it, what it gives, and how many numbers it takes; None where it takes names of runs."""

    example: str
    about: str
    numbers: int | None = None


# Of a run at its end, or of the one on the screen.
OUTCOME: Mapping[str, str] = {
    "status": noted('how it ended: "converged", "finished" (all epochs done) or "diverged"'),
    "epochs": noted("epochs that were done"),
    "updates": noted("updates that were done"),
    "updates_per_epoch": noted("updates of each epoch"),
    "updates_to_tol": noted("updates after which the mean loss was first below tol, also amid an epoch"),
    "misled": noted("whether it stopped though the mean loss is above tol: true or false"),
    "mean_loss": noted("mean squared error of all samples at the end"),
    "loss": noted("the same of the samples of the last update, before it"),
    "gap": noted("mean_loss divided by loss"),
    "start": noted("mean loss at the start"),
    "start_a": noted("a at the start"),
    "start_b": noted("b at the start"),
    "start_c": noted("c at the start"),
    "last_lr": noted("learning rate of the last update"),
    "distance": noted("distance from w to the best w"),
    "a": noted("a at the end"),
    "b": noted("b at the end"),
    "c": noted("c at the end"),
    "best_a": noted("a of the best parabola"),
    "best_b": noted("b of the best parabola"),
    "best_c": noted("c of the best parabola"),
}
DIAGNOSIS: Mapping[str, str] = {
    "limit": noted("learning rate below which it converges; above it, it may not"),
    "ground": noted('what the limit rests on: "exact", "rounding", "safe" or "none"'),
    "share": noted("learning rate divided by the limit"),
    "condition": noted("condition number of the samples as they are trained, scaled or not"),
    "other_condition": noted(
        "condition number with scaled features where they are not scaled, and the other way round"
    ),
    "steepest": noted("largest eigenvalue of the curvature, in the direction in which the loss is steepest"),
    "least": noted("mean loss of the best parabola"),
    "truth_loss": noted("mean loss of the parabola that the samples were made from"),
    "needed": noted("epochs that it takes to converge, or to diverge, however many it may do"),
    "left": noted("share of the distance that an epoch leaves, in the long run"),
}
# What cannot be a value of an expression is left out.
SETTINGS: Mapping[str, str] = {
    name: row.help
    for name, row in PARAMETERS.items()
    if name not in (*OUTCOME, "true", "init", "data", "columns", "round_epochs")
}
RUN_FACTS: Mapping[str, str] = {**OUTCOME, **DIAGNOSIS, **SETTINGS}

_OF_PARAMETERS = {
    "g": noted("gradient for {parameter}, of the samples of the update"),
    "whole": noted("gradient for {parameter}, of all samples"),
    "step": noted("how much the update changed {parameter}"),
    "before": noted("{parameter} before the update"),
}
# Of a moment; from x on, of the update that led there.
MOMENT_FACTS: Mapping[str, str] = {
    **dict.fromkeys(("a", "b", "c"), noted("{parameter} at that moment")),
    "mean_loss": noted("mean squared error of all samples"),
    "distance": noted("distance from w to the best w"),
    "lr": noted("learning rate"),
    "x": noted("x of the sample of the update, where it has one sample; so y, y_out and r"),
    "y": noted("y of the sample"),
    "y_out": noted("the parabola at x, before the update"),
    "r": noted("residual, y_out − y"),
    "loss": noted("mean squared error of the samples of the update, before it"),
    "mean_before": noted("mean loss before the update"),
    "angle": noted("degrees between the gradient and that of all samples"),
    "aim": noted("degrees between the negative gradient and the way to the best w"),
    "length": noted("length of the gradient"),
    **{f"{name}_{of}": about for name, about in _OF_PARAMETERS.items() for of in ("a", "b", "c")},
}


def told(facts: Mapping[str, str]) -> dict[str, str]:
    """What some facts are, by their names; some are of a parameter, whose name is at the end of theirs."""
    return {name: _(about).format(parameter=name.rpartition("_")[2]) for name, about in facts.items()}


CONDITIONS = ("misled", "shuffle", "scale_features")  # facts that are true or false

FUNCTIONS: Mapping[str, Function] = {
    "near": Function(
        "near(x, y, 0.05)", noted("whether two numbers differ by at most that share of the larger one"), 3
    ),
    "same": Function("same(x, y)", noted("whether two numbers are the same to the last bit"), 2),
    "zero": Function("zero(x)", noted("whether a number is 0"), 1),
    "way": Function("way(x, y)", noted('from x to y: "up", "down" or "same"'), 2),
    "abs": Function("abs(x)", noted("a number without its sign"), 1),
    "sqrt": Function("sqrt(x)", noted("square root"), 1),
    "log10": Function("log10(x)", noted("logarithm to the base 10"), 1),
    "rises": Function("rises(slow, 0)", noted("how many updates of that epoch of the run raise the mean loss")),
    "first": Function("first(slow, fast)", noted("the run that converges in the fewest epochs, by its name in quotes")),
    "least": Function("least(slow, fast)", noted("the run that ends with the least mean loss, by its name in quotes")),
}
