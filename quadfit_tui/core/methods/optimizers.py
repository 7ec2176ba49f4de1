"""OPTIMIZERS: the rule of each, as a function that trains and as the lines of arithmetic that people read.

For one parameter at a time, in plain floats or in arrays of them: w is the parameter, g its gradient, lr the learning
rate and t the number of the update, from 1; whatever an optimizer remembers between updates begins at 0. An overflow
gives inf or nan and never raises, so that a run that diverges is told as one. Formulas and worked updates are made of
the lines, epochs as maps of the function; `test_written_rules.py` works out the lines and finds the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from quadfit_tui.core.methods.arithmetic import worked_out, written
from quadfit_tui.core.text.language import N_
from quadfit_tui.core.text.numbers import in_numbers

Slots = tuple[float, ...]
# From the gradient of one parameter, its slots, the learning rate and the number of this update, counted from 1 over
# the whole run: the change to be added to the parameter, and the new slots.
Rule = Callable[[float, Slots, float, int], tuple[float, Slots]]


class Functions(NamedTuple):
    """The functions that rules are made with: of floats, or of arrays, whose elements come out to the same last bit."""

    sqrt: Callable[[Any], Any]
    power: Callable[[Any, int], Any]


FLOATS = Functions(math.sqrt, pow)


class Momentum(NamedTuple):
    """An optimizer whose update is an affine map of the parameter and one velocity v, so that updates compose.

    w' = w + carry·v − push·η·g and v' = keep·v − η·g, both of the v before the update.
    """

    velocity_decay: float
    velocity_gain: float
    gradient_gain: float


class Calculation(NamedTuple):
    """A line of arithmetic: `name = numbers = value`; `numbers` are the formula with numbers in the place of names."""

    name: str
    numbers: str
    value: float


def _added(step: str) -> str:
    """w and its change."""
    return f"w − {step[1:]}" if step.startswith("-") else f"w + {step}"


class Optimizer(NamedTuple):
    """One row of the table.

    `make` makes the rule from Functions and the `parameters`, which name the rows of the parameter table that not every
    optimizer uses. `lines` are the same rule as assignments in Python, in their order, the last one of `step`, which is
    the change to be added to w; a name m_ is written m', and what follows # is a remark. `memory` names the numbers
    that are remembered per parameter, its slots. `is_affine` tells whether w and the slots after an update are an
    affine map of those before it. `source` is where the rule was published.
    """

    make: Callable[..., Callable[..., Any]]
    lines: tuple[str, ...]
    memory: tuple[str, ...]
    parameters: tuple[str, ...]
    is_affine: bool
    source: str

    @property
    def slots(self) -> int:
        """How many numbers are remembered per parameter."""
        return len(self.memory)

    @property
    def remarked(self) -> tuple[tuple[str, str], ...]:
        """The rule in readable mathematics, in the order in which it is worked out; each formula with the remark on it,
        noted, or nothing.
        """
        found = []
        for name, formula, remark in map(written, self.lines):
            sign = "←" if name in self.memory else "="
            found.append((f"w ← {_added(formula)}" if name == "step" else f"{name} {sign} {formula}", remark))
        return tuple(found)

    def rule(self, config: object) -> Rule:
        """The rule with the hyperparameters of a configuration, in floats: made once a run, called by the updates."""
        return self.make(FLOATS, **self._hyperparameters(config))

    def rule_of_runs(self, hyperparameters: Mapping[str, Any]) -> Callable[..., Any]:
        """The rule of many runs at once: all but t may be arrays with an element for each run, the hyperparameters too.

        Each element is to the last bit what `rule` gives of its run.
        """
        import numpy as np

        def power(base: Any, exponent: int) -> Any:
            # NumPy's own powers differ from those of floats in their last bits.
            return np.array([each**exponent for each in base.tolist()]) if np.ndim(base) else base**exponent

        return np.errstate(all="ignore")(self.make(Functions(np.sqrt, power), **hyperparameters))

    def calculations(
        self, config: object, name: str, w: float, g: float, slots: Slots, lr: float, t: int
    ) -> tuple[Calculation, ...]:
        """What the rule does in an update of the parameter `name`, line by line; the last line is the parameter."""
        lines, known = [written(line) for line in self.lines], self._hyperparameters(config)
        known |= {**dict(zip(self.memory, slots, strict=True)), "w": w, "g": g, "lr": lr, "t": t}
        values = worked_out(self.lines, known)
        found = []
        for line, value in zip(lines, values, strict=True):
            formula = line.formula
            if known.get("momentum") == 0 and line.name == "v":
                # An old velocity then makes no difference, and not every record has it.
                formula = formula.replace("momentum·v", "0")
            found.append(Calculation(f"{line.name}_{name}", in_numbers(formula, known), value))
            known[line.name] = value
        moved = "w + step"
        if len(lines) == 1 or formula in known:  # so short that the parameter's own line has it
            moved = _added(formula)
            found.pop()
        return *found, Calculation(name, in_numbers(moved, known), w + values[-1])

    def affine(self, config: object) -> Momentum | None:
        """The rule of a configuration as a Momentum; None where it is none."""
        if not self.is_affine:
            return None
        # All of a linear map is told by what it makes of a velocity without a gradient, and the other way around.
        rule = self.rule(config)
        carry, keep = rule(0.0, (1.0,) * self.slots, 1.0, 1)
        push, _slots = rule(1.0, (0.0,) * self.slots, 1.0, 1)
        return Momentum(sum(keep, 0.0), carry, -push)

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
