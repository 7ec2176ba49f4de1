"""OPTIMIZERS: what each one makes of a gradient, and the same with its numbers as text, for the worked update.

All are pure functions of plain floats, for one parameter at a time. In the docstrings w is the parameter, g its
gradient, η the learning rate and t the number of the update, from 1; whatever an optimizer remembers between updates
begins at 0. An overflow gives inf or nan and never raises, so that a run that diverges is told as one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

from quadfit_tui.core.methods.hyperparameters import Hyperparameters
from quadfit_tui.core.text.numbers import operand, trimmed

Slots = tuple[float, ...]
# From the gradient of one parameter, its slots, the learning rate and the number of this update, counted from 1 over
# the whole run: the change to be added to the parameter, and the new slots.
Rule = Callable[[float, Slots, float, int], tuple[float, Slots]]


class Momentum(NamedTuple):
    """An optimizer whose update is an affine map of the parameter and one velocity v, so that updates compose.

    w' = w + carry·v − push·η·g and v' = keep·v − η·g, both of the v before the update.
    """

    keep: float
    carry: float
    push: float


class ParameterUpdate(NamedTuple):
    """The numbers of one parameter's update.

    `name` is a, b or c. `before` and `slots` are what the update found; `change` and `new_slots` are what the rule made
    of them; `after` is what the training came to, before any rounding. `number` counts the updates of the run from 1.
    """

    name: str
    before: float
    gradient: float
    slots: Slots
    lr: float
    number: int
    change: float
    new_slots: Slots
    after: float


class Calculation(NamedTuple):
    """A line of arithmetic: `name = numbers = value`; `numbers` are the formula with numbers in the place of names."""

    name: str
    numbers: str
    value: float


class Optimizer(NamedTuple):
    """One row of the table.

    `rule` binds the hyperparameters of a configuration, once a run; the updates call what it gives. `calculations`
    write down what the rule did in one update, line by line; the last one is the parameter itself. `memory` names the
    numbers that are remembered per parameter, its slots. `parameters` names the rows of the parameter table that not
    every optimizer uses. `affine` tells the same rule as a Momentum, None where it is none. `idea` says in words what
    it does, `formulas` the rule in the order in which it is worked out; what follows a comma there is a remark.
    """

    rule: Callable[[Hyperparameters], Rule]
    calculations: Callable[[Hyperparameters, ParameterUpdate], tuple[Calculation, ...]]
    memory: tuple[str, ...]
    parameters: tuple[str, ...]
    affine: Callable[[Hyperparameters], Momentum] | None
    idea: str
    formulas: tuple[str, ...]

    @property
    def slots(self) -> int:
        """How many numbers are remembered per parameter."""
        return len(self.memory)


def _product(share: float, value: float) -> str:
    return f"{trimmed(share)} × {operand(value)}"


def _moved(update: ParameterUpdate) -> Calculation:
    """The parameter, once its change is known."""
    return Calculation(update.name, f"{trimmed(update.before)} + {operand(update.change)}", update.after)


def _sgd(config: Hyperparameters) -> Rule:  # noqa: ARG001  every row has one signature
    """Plain gradient descent: w ← w − η·g.

    Robbins & Monro 1951, A stochastic approximation method; the article's update.
    """

    def rule(gradient: float, slots: Slots, lr: float, update: int) -> tuple[float, Slots]:  # noqa: ARG001
        return -lr * gradient, slots

    return rule


def _sgd_calculations(config: Hyperparameters, update: ParameterUpdate) -> tuple[Calculation, ...]:  # noqa: ARG001
    numbers = f"{trimmed(update.before)} − {_product(update.lr, update.gradient)}"
    return (Calculation(update.name, numbers, update.after),)


def _plain(config: Hyperparameters) -> Momentum:  # noqa: ARG001  every row has one signature
    return Momentum(0.0, 0.0, 1.0)


def _momentum(config: Hyperparameters) -> Rule:
    """The heavy ball: v ← μ·v − η·g; w ← w + v, where μ is `momentum`.

    Polyak 1964, Some methods of speeding up the convergence of iteration methods; in the form of Sutskever, Martens,
    Dahl & Hinton 2013, On the importance of initialization and momentum in deep learning, equations 1 and 2.
    """
    momentum = config.momentum

    def rule(gradient: float, slots: Slots, lr: float, update: int) -> tuple[float, Slots]:  # noqa: ARG001
        velocity = momentum * slots[0] - lr * gradient
        return velocity, (velocity,)

    return rule


def _velocity(config: Hyperparameters, update: ParameterUpdate) -> Calculation:
    # With a momentum of 0 nothing is kept, and an old velocity makes no difference; not every record has one.
    kept = _product(config.momentum, update.slots[0]) if config.momentum else "0"
    return Calculation(f"v_{update.name}", f"{kept} − {_product(update.lr, update.gradient)}", update.new_slots[0])


def _momentum_calculations(config: Hyperparameters, update: ParameterUpdate) -> tuple[Calculation, ...]:
    return _velocity(config, update), _moved(update)


def _heavy_ball(config: Hyperparameters) -> Momentum:
    return Momentum(config.momentum, config.momentum, 1.0)


def _nesterov(config: Hyperparameters) -> Rule:
    """Nesterov's momentum, with the gradient taken at w: v ← μ·v − η·g; w ← w + μ·v − η·g, with the new v.

    Nesterov 1983, A method of solving a convex programming problem with convergence rate O(1/k²); in the form of
    Bengio, Boulanger-Lewandowski & Pascanu 2013, Advances in optimizing recurrent networks, section 3.5, and of Keras.
    """
    momentum = config.momentum

    def rule(gradient: float, slots: Slots, lr: float, update: int) -> tuple[float, Slots]:  # noqa: ARG001
        push = lr * gradient
        velocity = momentum * slots[0] - push
        return momentum * velocity - push, (velocity,)

    return rule


def _nesterov_calculations(config: Hyperparameters, update: ParameterUpdate) -> tuple[Calculation, ...]:
    velocity = _velocity(config, update)
    numbers = f"{_product(config.momentum, velocity.value)} − {_product(update.lr, update.gradient)}"
    return velocity, Calculation(f"step_{update.name}", numbers, update.change), _moved(update)


def _looking_ahead(config: Hyperparameters) -> Momentum:
    return Momentum(config.momentum, config.momentum * config.momentum, 1 + config.momentum)


def _adagrad(config: Hyperparameters) -> Rule:
    """A rate of each parameter's own, less with every gradient seen: s ← s + g²; w ← w − η·g / (√s + ε).

    Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization: the
    diagonal form, with ε (`epsilon`) beside the root.
    """
    epsilon = config.epsilon

    def rule(gradient: float, slots: Slots, lr: float, update: int) -> tuple[float, Slots]:  # noqa: ARG001
        squares = slots[0] + gradient * gradient
        return -lr * gradient / (sqrt(squares) + epsilon), (squares,)

    return rule


def _divided(config: Hyperparameters, update: ParameterUpdate, top: float, squares: float) -> tuple[Calculation, ...]:
    """The change by a rate that is divided by a root, and the parameter."""
    root = f"(√{trimmed(squares)} + {trimmed(config.epsilon)})"
    step = Calculation(f"step_{update.name}", f"-{_product(update.lr, top)} / {root}", update.change)
    return step, _moved(update)


def _adagrad_calculations(config: Hyperparameters, update: ParameterUpdate) -> tuple[Calculation, ...]:
    (old,), (new,) = update.slots, update.new_slots
    squares = Calculation(f"s_{update.name}", f"{trimmed(old)} + {operand(update.gradient)}²", new)
    return squares, *_divided(config, update, update.gradient, new)


def _rmsprop(config: Hyperparameters) -> Rule:
    """A gradient divided by its own recent size: s ← ρ·s + (1 − ρ)·g²; w ← w − η·g / (√s + ε), where ρ is `rho`.

    Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6e, there with ρ = 0.9; with ε (`epsilon`)
    beside the root.
    """
    rho, epsilon = config.rho, config.epsilon
    rest = 1 - rho

    def rule(gradient: float, slots: Slots, lr: float, update: int) -> tuple[float, Slots]:  # noqa: ARG001
        square = rho * slots[0] + rest * gradient * gradient
        return -lr * gradient / (sqrt(square) + epsilon), (square,)

    return rule


def _mean(name: str, share: float, old: float, seen: str, new: float) -> Calculation:
    """A mean that forgets, of what was `seen`."""
    return Calculation(name, f"{_product(share, old)} + (1 − {trimmed(share)}) × {seen}", new)


def _rmsprop_calculations(config: Hyperparameters, update: ParameterUpdate) -> tuple[Calculation, ...]:
    (old,), (new,) = update.slots, update.new_slots
    square = _mean(f"s_{update.name}", config.rho, old, f"{operand(update.gradient)}²", new)
    return square, *_divided(config, update, update.gradient, new)


def _adam(config: Hyperparameters) -> Rule:
    """Recent means of the gradient and of its square, both freed of their bias towards the 0 that they began at.

    m ← β₁·m + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²; w ← w − η·(m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε), where β₁, β₂ and
    ε are `beta1`, `beta2` and `epsilon`. Kingma & Ba 2015, Adam: a method for stochastic optimization, algorithm 1.
    """
    beta1, beta2, epsilon = config.beta1, config.beta2, config.epsilon
    rest1, rest2 = 1 - beta1, 1 - beta2

    def rule(gradient: float, slots: Slots, lr: float, update: int) -> tuple[float, Slots]:
        mean = beta1 * slots[0] + rest1 * gradient
        square = beta2 * slots[1] + rest2 * gradient * gradient
        step = -lr * (mean / (1 - beta1**update))
        return step / (sqrt(square / (1 - beta2**update)) + epsilon), (mean, square)

    return rule


def _adam_calculations(config: Hyperparameters, update: ParameterUpdate) -> tuple[Calculation, ...]:
    seen = operand(update.gradient)
    rows = zip("ms", (config.beta1, config.beta2), update.slots, update.new_slots, (seen, f"{seen}²"), strict=True)
    means, freed = [], []
    for name, share, old, new, what in rows:
        means.append(_mean(f"{name}_{update.name}", share, old, what, new))
        bias = f"(1 − {trimmed(share)}^{update.number})"
        value = new / (1 - share**update.number)
        freed.append(Calculation(f"{name}'_{update.name}", f"{trimmed(new)} / {bias}", value))
    return *means, *freed, *_divided(config, update, freed[0].value, freed[1].value)


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(
        _sgd,
        _sgd_calculations,
        (),
        (),
        _plain,
        "Plain gradient descent, as in the article.",
        ("w ← w − lr·g",),
    ),
    "momentum": Optimizer(
        _momentum,
        _momentum_calculations,
        ("v",),
        ("momentum",),
        _heavy_ball,
        "A velocity v retains part of itself, like a heavy rolling ball: components on which the gradients agree add "
        "up, components that keep changing sign cancel out.",
        ("v ← momentum·v − lr·g", "w ← w + v"),
    ),
    "nesterov": Optimizer(
        _nesterov,
        _nesterov_calculations,
        ("v",),
        ("momentum",),
        _looking_ahead,
        "The same, looking ahead: w also moves by the part of the new velocity that the next update will keep.",
        ("v ← momentum·v − lr·g", "w ← w + momentum·v − lr·g, with the new v"),
    ),
    "adagrad": Optimizer(
        _adagrad,
        _adagrad_calculations,
        ("s",),
        ("epsilon",),
        None,
        "Each parameter has a rate of its own, which falls with every gradient it has seen: s is the sum of the "
        "squared gradients.",
        ("s ← s + g²", "w ← w − lr·g / (√s + epsilon)"),
    ),
    "rmsprop": Optimizer(
        _rmsprop,
        _rmsprop_calculations,
        ("s",),
        ("rho", "epsilon"),
        None,
        "The same with a mean of the squares that forgets old ones: the gradient is divided by its own recent size.",
        ("s ← rho·s + (1 − rho)·g²", "w ← w − lr·g / (√s + epsilon)"),
    ),
    "adam": Optimizer(
        _adam,
        _adam_calculations,
        ("m", "s"),
        ("beta1", "beta2", "epsilon"),
        None,
        "A recent mean m of the gradient, divided by its recent size. Both means start at 0 and are therefore too "
        "small at first; m' and s' correct for this.",
        (
            "m ← beta1·m + (1 − beta1)·g",
            "s ← beta2·s + (1 − beta2)·g²",
            "m' = m / (1 − beta1^t)",
            "s' = s / (1 − beta2^t), t counts the updates",
            "w ← w − lr·m' / (√s' + epsilon)",
        ),
    ),
}
