"""ARITHMETIC: what an optimiser does to one parameter, as text with its numbers and as the values they come to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.optimizers import Slots
from quadfit_tui.core.text.numbers import given, operand, without_exponent


class Part(NamedTuple):
    """A piece of arithmetic: `name = numbers = value`; `numbers` are the formula with numbers in the place of names."""

    name: str
    numbers: str
    value: float


class Of(NamedTuple):
    """One parameter of an update: its name, what the update found, its new value; `number` counts the updates."""

    name: str
    old: float
    gradient: float
    kept: Slots
    new: float
    lr: float
    number: int


def _sgd(config: RunConfig, of: Of) -> tuple[Part, ...]:  # noqa: ARG001  all have one signature
    return (Part(of.name, f"{without_exponent(of.old)} − {given(of.lr)} × {operand(of.gradient)}", of.new),)


def _velocity(config: RunConfig, of: Of) -> tuple[str, float]:
    """What is kept of the velocity, as text, and the new one."""
    # With a momentum of 0 nothing is kept, and an old velocity makes no difference; not every record has one.
    kept, value = (
        ("0", 0.0) if not config.momentum else (f"{given(config.momentum)} × {operand(of.kept[0])}", of.kept[0])
    )
    return kept, config.momentum * value - of.lr * of.gradient


def _momentum(config: RunConfig, of: Of) -> tuple[Part, ...]:
    kept, velocity = _velocity(config, of)
    return (
        Part(f"v_{of.name}", f"{kept} − {given(of.lr)} × {operand(of.gradient)}", velocity),
        Part(of.name, f"{without_exponent(of.old)} + {operand(velocity)}", of.new),
    )


def _nesterov(config: RunConfig, of: Of) -> tuple[Part, ...]:
    kept, velocity = _velocity(config, of)
    push = of.lr * of.gradient
    step = config.momentum * velocity - push
    numbers = f"{given(config.momentum)} × {operand(velocity)} − {given(of.lr)} × {operand(of.gradient)}"
    return (
        Part(f"v_{of.name}", f"{kept} − {given(of.lr)} × {operand(of.gradient)}", velocity),
        Part(f"step_{of.name}", numbers, step),
        Part(of.name, f"{without_exponent(of.old)} + {operand(step)}", of.new),
    )


def _scaled(config: RunConfig, of: Of, top: float, squares: float) -> tuple[Part, ...]:
    """The step of a rate that is divided by a root, and the update by it."""
    step = -of.lr * top / (math.sqrt(squares) + config.epsilon)
    numbers = f"-{given(of.lr)} × {operand(top)} / (√{without_exponent(squares)} + {given(config.epsilon)})"
    return (
        Part(f"step_{of.name}", numbers, step),
        Part(of.name, f"{without_exponent(of.old)} + {operand(step)}", of.new),
    )


def _adagrad(config: RunConfig, of: Of) -> tuple[Part, ...]:
    squares = of.kept[0] + of.gradient * of.gradient
    part = Part(f"s_{of.name}", f"{without_exponent(of.kept[0])} + {operand(of.gradient)}²", squares)
    return (part, *_scaled(config, of, of.gradient, squares))


def _mean_square(share: float, old: float, of: Of) -> Part:
    value = share * old + (1 - share) * of.gradient * of.gradient
    numbers = f"{given(share)} × {operand(old)} + (1 − {given(share)}) × {operand(of.gradient)}²"
    return Part(f"s_{of.name}", numbers, value)


def _rmsprop(config: RunConfig, of: Of) -> tuple[Part, ...]:
    square = _mean_square(config.rho, of.kept[0], of)
    return (square, *_scaled(config, of, of.gradient, square.value))


def _adam(config: RunConfig, of: Of) -> tuple[Part, ...]:
    beta1, beta2 = config.beta1, config.beta2
    mean = beta1 * of.kept[0] + (1 - beta1) * of.gradient
    numbers = f"{given(beta1)} × {operand(of.kept[0])} + (1 − {given(beta1)}) × {operand(of.gradient)}"
    square = _mean_square(beta2, of.kept[1], of)
    parts = [Part(f"m_{of.name}", numbers, mean), square]
    for name, share, value in (("m", beta1, mean), ("s", beta2, square.value)):
        freed = value / (1 - share**of.number)
        parts.append(Part(f"{name}'_{of.name}", f"{without_exponent(value)} / (1 − {given(share)}^{of.number})", freed))
    return (*parts, *_scaled(config, of, parts[2].value, parts[3].value))


OPTIMIZER_STEPS: dict[str, Callable[[RunConfig, Of], tuple[Part, ...]]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
}
