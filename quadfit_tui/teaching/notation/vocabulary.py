"""The vocabulary of expressions: facts of runs and moments, and functions, each with a line for the reference.

The lines are marked for translation. Facts are computed by teaching/judging/trained_run.py, functions by expression.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.text.language import N_, _


class Function(NamedTuple):
    """A function of expressions: an example, a line about its result, and its number of arguments.

    `numbers` is None if the arguments are names of runs.
    """

    example: str
    about: str
    numbers: int | None = None


# These facts belong to a run at its end, or to the one on the screen.
OUTCOME: Mapping[str, str] = {
    "status": N_('how it ended: "converged", "finished" (all epochs done) or "diverged"'),
    "epochs": N_("epochs that were done"),
    "updates": N_("updates that were done"),
    "updates_per_epoch": N_("updates of each epoch"),
    "updates_to_tol": N_("updates after which the mean loss was first below tol, also amid an epoch"),
    "misled": N_("whether it stopped though the mean loss is above tol: true or false"),
    "mean_loss": N_("mean squared error of all samples at the end"),
    "loss": N_("the same of the samples of the last update, before it"),
    "gap": N_("mean_loss divided by loss"),
    "start": N_("mean loss at the start"),
    "start_a": N_("a at the start"),
    "start_b": N_("b at the start"),
    "start_c": N_("c at the start"),
    "last_lr": N_("learning rate of the last update"),
    "distance": N_("distance from w to the best w"),
    "a": N_("a at the end"),
    "b": N_("b at the end"),
    "c": N_("c at the end"),
    "best_a": N_("a of the best parabola"),
    "best_b": N_("b of the best parabola"),
    "best_c": N_("c of the best parabola"),
}
DIAGNOSIS: Mapping[str, str] = {
    "limit": N_("learning rate below which it converges; above it, it may not"),
    "ground": N_('what the limit rests on: "exact", "rounding", "safe" or "none"'),
    "share": N_("learning rate divided by the limit"),
    "condition": N_("condition number of the samples as they are trained, scaled or not"),
    "other_condition": N_("condition number with scaled features where they are not scaled, and the other way round"),
    "steepest": N_("largest eigenvalue of the curvature, in the direction in which the loss is steepest"),
    "least": N_("mean loss of the best parabola"),
    "truth_loss": N_("mean loss of the parabola that the samples were made from"),
    "needed": N_("epochs that it takes to converge, or to diverge, however many it may do"),
    "left": N_("share of the distance that an epoch leaves, in the long run"),
}
# Parameters without a number or word as value are left out.
SETTINGS: Mapping[str, str] = {
    name: row.help
    for name, row in PARAMETERS.items()
    if name not in (*OUTCOME, "true", "init", "data", "columns", "round_epochs")
}
RUN_FACTS: Mapping[str, str] = {**OUTCOME, **DIAGNOSIS, **SETTINGS}

_PER_PARAMETER = {
    "g": N_("gradient for {parameter}, of the samples of the update"),
    "whole": N_("gradient for {parameter}, of all samples"),
    "step": N_("how much the update changed {parameter}"),
    "before": N_("{parameter} before the update"),
}
# These facts belong to a moment; those from x on, to the update that led there.
MOMENT_FACTS: Mapping[str, str] = {
    **dict.fromkeys(("a", "b", "c"), N_("{parameter} at that moment")),
    "mean_loss": N_("mean squared error of all samples"),
    "distance": N_("distance from w to the best w"),
    "lr": N_("learning rate"),
    "x": N_("x of the sample of the update, where it has one sample; so y, y_out and r"),
    "y": N_("y of the sample"),
    "y_out": N_("the parabola at x, before the update"),
    "r": N_("residual, y_out − y"),
    "loss": N_("mean squared error of the samples of the update, before it"),
    "mean_before": N_("mean loss before the update"),
    "angle": N_("degrees between the gradient and that of all samples"),
    "aim": N_("degrees between the negative gradient and the way to the best w"),
    "length": N_("length of the gradient"),
    **{f"{name}_{parameter}": about for name, about in _PER_PARAMETER.items() for parameter in ("a", "b", "c")},
}


def describe_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Returns the translated description of each fact by name, for the reference of facts.

    Names such as `g_a` end in the parameter, which is inserted.
    """
    return {name: _(about).format(parameter=name.rpartition("_")[2]) for name, about in facts.items()}


CONDITIONS = ("misled", "shuffle", "scale_features")  # facts that are true or false

FUNCTIONS: Mapping[str, Function] = {
    "near": Function("near(x, y, 0.05)", N_("whether two numbers differ by at most that share of the larger one"), 3),
    "same": Function("same(x, y)", N_("whether two numbers are the same to the last bit"), 2),
    "zero": Function("zero(x)", N_("whether a number is 0"), 1),
    "way": Function("way(x, y)", N_('from x to y: "up", "down" or "same"'), 2),
    "abs": Function("abs(x)", N_("a number without its sign"), 1),
    "sqrt": Function("sqrt(x)", N_("square root"), 1),
    "log10": Function("log10(x)", N_("logarithm to the base 10"), 1),
    "rises": Function("rises(slow, 0)", N_("how many updates of that epoch of the run raise the mean loss")),
    "first": Function("first(slow, fast)", N_("the run that converges in the fewest epochs, by its name in quotes")),
    "least": Function("least(slow, fast)", N_("the run that ends with the least mean loss, by its name in quotes")),
}
