"""OPTIMIZERS: the rule of each, as a function that trains and as the lines of arithmetic that people read.

A rule is for one parameter at a time, in plain floats or arrays: w is the parameter, g its gradient, lr the learning
rate and t the number of the update, from 1. The numbers that an optimizer remembers between updates begin at 0. An
overflow returns inf or nan and never raises, so that a diverging run is recognized as such. Formulas and worked updates
are made from the lines, training from the function; `test_written_rules.py` checks that both give the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.methods.arithmetic import evaluate_lines, to_math_notation
from quadfit_tui.core.text.language import N_
from quadfit_tui.core.text.numbers import in_numbers

Slots = tuple[float, ...]
# rule(g, slots, lr, t) returns the change to add to the parameter, and the new slots. The arguments are the gradient of
# one parameter, its slots, the learning rate, and the number of the update, from 1 over the whole run.
Rule = Callable[[float, Slots, float, int], tuple[float, Slots]]


class Functions(NamedTuple):
    """The functions that rules call: those of floats, or those of arrays, with the same bits for each element."""

    sqrt: Callable[[Any], Any]
    power: Callable[[Any, int], Any]


FLOATS = Functions(math.sqrt, pow)


class Momentum(NamedTuple):
    """An optimizer whose update is an affine map of the parameter and one velocity v, so that updates compose.

    w' = w + velocity_gain·v − gradient_gain·η·g and v' = velocity_decay·v − η·g, both with the v before the update.
    """

    velocity_decay: float
    velocity_gain: float
    gradient_gain: float


class Calculation(NamedTuple):
    """A line of worked arithmetic: `name = numbers = value`; `numbers` is the formula with numbers for the names."""

    name: str
    numbers: str
    value: float


def _added(step: str) -> str:
    """Formats w with its change, `step`: `w − lr·g` for `-lr·g`."""
    return f"w − {step[1:]}" if step.startswith("-") else f"w + {step}"


class Optimizer(NamedTuple):
    """One row of the table.

    `make` returns the rule for Functions and the `parameters`, which name the rows of the parameter table that not all
    optimizers use. `lines` are the same rule as assignments in Python, in order, the last one of `step`, the change to
    add to w; a name m_ is shown as m', and a remark follows #. `memory` names the slots, the numbers remembered per
    parameter. `is_affine`: whether w and the slots after an update are an affine map of those before it. `source` is
    the publication of the rule.
    """

    make: Callable[..., Callable[..., Any]]
    lines: tuple[str, ...]
    memory: tuple[str, ...]
    parameters: tuple[str, ...]
    is_affine: bool
    source: str

    @property
    def slots(self) -> int:
        """The number of slots: numbers remembered per parameter."""
        return len(self.memory)

    @property
    def remarked(self) -> tuple[tuple[str, str], ...]:
        """The rule in readable mathematics, in order: each formula with its remark, in English, or an empty text."""
        formulas = []
        for name, formula, remark in map(to_math_notation, self.lines):
            sign = "←" if name in self.memory else "="
            formulas.append((f"w ← {_added(formula)}" if name == "step" else f"{name} {sign} {formula}", remark))
        return tuple(formulas)

    def rule(self, config: object) -> Rule:
        """Returns the rule with a configuration's hyperparameters, for floats; called once, before a run's updates."""
        return self.make(FLOATS, **self._hyperparameters(config))

    def rule_of_runs(self, hyperparameters: Mapping[str, Any]) -> Callable[..., Any]:
        """Returns the rule for many runs at once: all but t, also the hyperparameters, may be arrays over the runs.

        Each element has the same bits as `rule` returns for its run.
        """
        import numpy as np

        def power(base: Any, exponent: int) -> Any:
            # NumPy's own powers differ from those of Python's floats in the last bits.
            return np.array([number**exponent for number in base.tolist()]) if np.ndim(base) else base**exponent

        return np.errstate(all="ignore")(self.make(Functions(np.sqrt, power), **hyperparameters))

    def calculations(
        self, config: object, name: str, w: float, g: float, slots: Slots, lr: float, t: int
    ) -> tuple[Calculation, ...]:
        """Computes the worked arithmetic of an update of the parameter `name`; the last line is its new value."""
        lines, known = [to_math_notation(line) for line in self.lines], self._hyperparameters(config)
        known |= {**dict(zip(self.memory, slots, strict=True)), "w": w, "g": g, "lr": lr, "t": t}
        values = evaluate_lines(self.lines, known)
        calculations = []
        for line, value in zip(lines, values, strict=True):
            formula = line.formula
            if known.get("momentum") == 0 and line.name == "v":
                # The old velocity then makes no difference, and not every record has it.
                formula = formula.replace("momentum·v", "0")
            calculations.append(Calculation(f"{line.name}_{name}", in_numbers(formula, known), value))
            known[line.name] = value
        new_w = "w + step"
        if len(lines) == 1 or formula in known:  # the step is so short that the line of w can include it
            new_w = _added(formula)
            calculations.pop()
        return *calculations, Calculation(name, in_numbers(new_w, known), w + values[-1])

    def affine(self, config: object) -> Momentum | None:
        """Returns the rule of a configuration as a Momentum; None if its update is not affine."""
        if not self.is_affine:
            return None
        # Two values determine the linear map: that of a velocity without gradient, and the other way around.
        rule = self.rule(config)
        velocity_gain, new_slots = rule(0.0, (1.0,) * self.slots, 1.0, 1)
        change, _slots = rule(1.0, (0.0,) * self.slots, 1.0, 1)
        return Momentum(sum(new_slots, 0.0), velocity_gain, -change)

    def _hyperparameters(self, config: object) -> dict[str, float]:
        return {name: getattr(config, name) for name in self.parameters}


def _sgd(_functions: Functions) -> Rule:
    def rule(g: float, _slots: Slots, lr: float, _t: int) -> tuple[float, Slots]:
        return -lr * g, ()

    return rule


def _momentum(_functions: Functions, momentum: float) -> Rule:
    def rule(g: float, slots: Slots, lr: float, _t: int) -> tuple[float, Slots]:
        (v,) = slots
        v = momentum * v - lr * g
        return v, (v,)

    return rule


def _nesterov(_functions: Functions, momentum: float) -> Rule:
    def rule(g: float, slots: Slots, lr: float, _t: int) -> tuple[float, Slots]:
        (v,) = slots
        push = lr * g
        v = momentum * v - push
        return momentum * v - push, (v,)

    return rule


def _adagrad(functions: Functions, epsilon: float) -> Rule:
    sqrt = functions.sqrt

    def rule(g: float, slots: Slots, lr: float, _t: int) -> tuple[float, Slots]:
        (s,) = slots
        s = s + g * g
        return -lr * g / (sqrt(s) + epsilon), (s,)

    return rule


def _rmsprop(functions: Functions, rho: float, epsilon: float) -> Rule:
    sqrt, new = functions.sqrt, 1 - rho

    def rule(g: float, slots: Slots, lr: float, _t: int) -> tuple[float, Slots]:
        (s,) = slots
        s = rho * s + new * g * g
        return -lr * g / (sqrt(s) + epsilon), (s,)

    return rule


def _adam(functions: Functions, beta1: float, beta2: float, epsilon: float) -> Rule:
    (sqrt, power), new1, new2 = functions, 1 - beta1, 1 - beta2

    def rule(g: float, slots: Slots, lr: float, t: int) -> tuple[float, Slots]:
        m, s = slots
        m = beta1 * m + new1 * g
        s = beta2 * s + new2 * g * g
        return -lr * (m / (1 - power(beta1, t))) / (sqrt(s / (1 - power(beta2, t))) + epsilon), (m, s)

    return rule


_VELOCITY = "v = momentum * v - lr * g"
_OF_NEW_V, _OF_T = N_("with the new v"), N_("t counts the updates")
_DIVIDED = "step = -lr * g / (sqrt(s) + epsilon)"

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(
        _sgd,
        ("step = -lr * g",),
        (),
        (),
        True,
        "Robbins & Monro 1951, A stochastic approximation method; the article's update.",
    ),
    "momentum": Optimizer(
        _momentum,
        (_VELOCITY, "step = v"),
        ("v",),
        ("momentum",),
        True,
        "Polyak 1964, Some methods of speeding up the convergence of iteration methods; in the form of Sutskever, "
        "Martens, Dahl & Hinton 2013, On the importance of initialization and momentum in deep learning, equations 1 "
        "and 2.",
    ),
    "nesterov": Optimizer(
        _nesterov,
        (_VELOCITY, f"step = momentum * v - lr * g  # {_OF_NEW_V}"),
        ("v",),
        ("momentum",),
        True,
        "Nesterov 1983, A method of solving a convex programming problem with convergence rate O(1/k²); in the form of "
        "Bengio, Boulanger-Lewandowski & Pascanu 2013, Advances in optimizing recurrent networks, section 3.5, and of "
        "Keras, with the gradient taken at w.",
    ),
    "adagrad": Optimizer(
        _adagrad,
        ("s = s + g * g", _DIVIDED),
        ("s",),
        ("epsilon",),
        False,
        "Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization: the "
        "diagonal form, with epsilon beside the root.",
    ),
    "rmsprop": Optimizer(
        _rmsprop,
        ("s = rho * s + (1 - rho) * g * g", _DIVIDED),
        ("s",),
        ("rho", "epsilon"),
        False,
        "Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6e, there with rho = 0.9; with epsilon "
        "beside the root.",
    ),
    "adam": Optimizer(
        _adam,
        (
            "m = beta1 * m + (1 - beta1) * g",
            "s = beta2 * s + (1 - beta2) * g * g",
            "m_ = m / (1 - beta1 ** t)",
            f"s_ = s / (1 - beta2 ** t)  # {_OF_T}",
            "step = -lr * m_ / (sqrt(s_) + epsilon)",
        ),
        ("m", "s"),
        ("beta1", "beta2", "epsilon"),
        False,
        "Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1.",
    ),
}
