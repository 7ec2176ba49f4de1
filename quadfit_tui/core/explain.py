"""The worked update: the formulas of one change of w, with the numbers of this very update put into them.

The numbers come from the record of the update: w before it, what its optimiser remembered, its samples. The lines are
plain text of at most 78 columns, also where `in_ascii` spells them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quadfit_tui.core import quadratic
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.figures import figure
from quadfit_tui.core.formulas import FORMULAS, ascii_of, gradient_formula
from quadfit_tui.core.optimizers import OPTIMIZERS, Slots
from quadfit_tui.core.problem import Problem, trained
from quadfit_tui.core.quadratic import Array
from quadfit_tui.core.rules import CONVENTIONS
from quadfit_tui.core.scaling import Scale
from quadfit_tui.core.trainer import Record, batch_size

WIDTH = 78
FEW = 4  # samples of a batch that are shown
NAMES = "abc"
MISSING = ("The samples of this update are not kept:", "go back one update and on again to see its numbers.")


class Part(NamedTuple):
    """A piece of arithmetic: `name = numbers = value`; `numbers` are the formula with numbers in the place of names."""

    name: str
    numbers: str
    value: float


@dataclass(frozen=True, eq=False)
class Worked:
    """One update taken apart.

    `update` counts from 1 in the epoch of `updates`, `count` from 1 in the run. `before` is w, shape (3,), `x`, `y`,
    `y_out` and `residuals` are of the batch, shape (n,); `first` is the number of its first sample, from 1, None where
    they were taken in a new order. `gradient` is the batch's, `whole_gradient` that of the whole data set, both at
    `before`; `angle` is the one between them in degrees, None where one of them is zero or not finite. `loss` is the
    batch's, `mean_losses` those of the whole data set before the update and after it and any rounding. `parts` is the
    optimiser's arithmetic, of a, b and c. `after` is w after the update, `rounded` what the epoch's rounding makes of
    it, None without rounding. `w_of_x` is what the update came to, any rounding included, in coordinates of x.

    Where the features are scaled, `scale` is how, and all but `w_of_x` is as trained: x is z, `before` is w of z; x as
    the data have it is `x_as_given`.
    """

    epoch: int
    update: int
    updates: int
    count: int
    lr: float
    before: Array
    x: Array
    y: Array
    first: int | None
    y_out: Array
    residuals: Array
    loss: float
    gradient: Array
    whole_gradient: Array
    angle: float | None
    mean_losses: tuple[float, float]
    parts: tuple[tuple[Part, ...], ...]
    after: Array
    rounded: Array | None
    w_of_x: Array
    x_as_given: Array
    scale: Scale | None

    @property
    def feature(self) -> str:
        """What the features are made of: x, or z where they are scaled."""
        return "x" if self.scale is None else "z"


def worked(record: Record, config: RunConfig, problem: Problem) -> Worked | None:
    """The update of a record of this run, taken apart; None where the record does not have all that it takes."""
    problem = trained(config, problem)
    size = batch_size(config, problem)
    updates = len(problem.x) // size
    first = (record.update - 1) * size
    everything = size == len(problem.x)
    batch = record.batch
    if batch is None and not config.shuffle:
        batch = problem.x_as_given[first : first + size], problem.y[first : first + size]
    before, count = record.before, record.epoch * updates + record.update
    if batch is None or before is None:
        return None
    given, y = batch
    x = given if problem.scale is None else problem.scale.standardised(given)
    with np.errstate(all="ignore"):
        y_out = quadratic.predict(before, x)
        loss, gradient, after, rounded = record.loss, record.gradient, record.trained_w, None
        if config.round_epochs is not None and record.ends_epoch:
            loss, gradient = quadratic.loss(before, x, y), quadratic.gradient(before, x, y, config.gradient)
            after, rounded = _after(config, before, gradient, record.slots, record.lr, count), after
        whole = gradient if everything else quadratic.gradient(before, problem.x, problem.y, config.gradient)
        parts = _PARTS[config.optimizer]
        kept = record.slots or ((),) * 3
        of_each = zip(NAMES, before.tolist(), gradient.tolist(), kept, after.tolist(), strict=True)
        return Worked(
            epoch=record.epoch,
            update=record.update,
            updates=updates,
            count=count,
            lr=record.lr,
            before=before,
            x=x,
            y=y,
            first=None if config.shuffle else first + 1,
            y_out=y_out,
            residuals=y_out - y,
            loss=loss,
            gradient=gradient,
            whole_gradient=whole,
            angle=angle(gradient, whole),
            mean_losses=(problem.mean_loss(before), problem.mean_loss(record.trained_w)),
            parts=tuple(parts(config, Of(*values, record.lr, count)) for values in of_each),
            after=after,
            rounded=rounded,
            w_of_x=record.w,
            x_as_given=given,
            scale=problem.scale,
        )


def _after(config: RunConfig, before: Array, gradient: Array, slots: tuple[Slots, ...], lr: float, count: int) -> Array:
    """w after the update by the optimiser's own rule, before any rounding."""
    rule = OPTIMIZERS[config.optimizer].rule(config)
    each = zip(gradient.tolist(), slots, strict=True)
    after: Array = before + np.array([rule(g, kept, lr, count)[0] for g, kept in each])
    return after


def angle(first: Array, second: Array) -> float | None:
    """The angle between two vectors of shape (3,) in degrees, 0 to 180; None where one is zero or not finite.

    By the lengths of the sum and the difference of the unit vectors, which is accurate for all angles: Kahan 2006, How
    futile are mindless assessments of roundoff in floating-point computation?, section 12.
    """
    largest = [float(np.abs(vector).max()) for vector in (first, second)]
    if not all(0 < size < math.inf for size in largest):
        return None
    u, v = (vector / size for vector, size in zip((first, second), largest, strict=True))
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    return math.degrees(2 * math.atan2(float(np.linalg.norm(u - v)), float(np.linalg.norm(u + v))))


# The arithmetic of the optimisers, for one parameter


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
    return (Part(of.name, f"{_first(of.old)} − {_given(of.lr)} × {_then(of.gradient)}", of.new),)


def _velocity(config: RunConfig, of: Of) -> tuple[str, float]:
    """What is kept of the velocity, as text, and the new one."""
    # With a momentum of 0 nothing is kept, and an old velocity makes no difference; not every record has one.
    kept, value = (
        ("0", 0.0) if not config.momentum else (f"{_given(config.momentum)} × {_then(of.kept[0])}", of.kept[0])
    )
    return kept, config.momentum * value - of.lr * of.gradient


def _momentum(config: RunConfig, of: Of) -> tuple[Part, ...]:
    kept, velocity = _velocity(config, of)
    return (
        Part(f"v_{of.name}", f"{kept} − {_given(of.lr)} × {_then(of.gradient)}", velocity),
        Part(of.name, f"{_first(of.old)} + {_then(velocity)}", of.new),
    )


def _nesterov(config: RunConfig, of: Of) -> tuple[Part, ...]:
    kept, velocity = _velocity(config, of)
    push = of.lr * of.gradient
    step = config.momentum * velocity - push
    numbers = f"{_given(config.momentum)} × {_then(velocity)} − {_given(of.lr)} × {_then(of.gradient)}"
    return (
        Part(f"v_{of.name}", f"{kept} − {_given(of.lr)} × {_then(of.gradient)}", velocity),
        Part(f"step_{of.name}", numbers, step),
        Part(of.name, f"{_first(of.old)} + {_then(step)}", of.new),
    )


def _scaled(config: RunConfig, of: Of, top: float, squares: float) -> tuple[Part, ...]:
    """The step of a rate that is divided by a root, and the update by it."""
    step = -of.lr * top / (math.sqrt(squares) + config.epsilon)
    numbers = f"-{_given(of.lr)} × {_then(top)} / (√{_first(squares)} + {_given(config.epsilon)})"
    return (Part(f"step_{of.name}", numbers, step), Part(of.name, f"{_first(of.old)} + {_then(step)}", of.new))


def _adagrad(config: RunConfig, of: Of) -> tuple[Part, ...]:
    squares = of.kept[0] + of.gradient * of.gradient
    part = Part(f"s_{of.name}", f"{_first(of.kept[0])} + {_then(of.gradient)}²", squares)
    return (part, *_scaled(config, of, of.gradient, squares))


def _mean_square(share: float, old: float, of: Of) -> Part:
    value = share * old + (1 - share) * of.gradient * of.gradient
    numbers = f"{_given(share)} × {_then(old)} + (1 − {_given(share)}) × {_then(of.gradient)}²"
    return Part(f"s_{of.name}", numbers, value)


def _rmsprop(config: RunConfig, of: Of) -> tuple[Part, ...]:
    square = _mean_square(config.rho, of.kept[0], of)
    return (square, *_scaled(config, of, of.gradient, square.value))


def _adam(config: RunConfig, of: Of) -> tuple[Part, ...]:
    beta1, beta2 = config.beta1, config.beta2
    mean = beta1 * of.kept[0] + (1 - beta1) * of.gradient
    numbers = f"{_given(beta1)} × {_then(of.kept[0])} + (1 − {_given(beta1)}) × {_then(of.gradient)}"
    square = _mean_square(beta2, of.kept[1], of)
    parts = [Part(f"m_{of.name}", numbers, mean), square]
    for name, share, value in (("m", beta1, mean), ("s", beta2, square.value)):
        freed = value / (1 - share**of.number)
        parts.append(Part(f"{name}'_{of.name}", f"{_first(value)} / (1 − {_given(share)}^{of.number})", freed))
    return (*parts, *_scaled(config, of, parts[2].value, parts[3].value))


_PARTS: dict[str, Callable[[RunConfig, Of], tuple[Part, ...]]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
}


# The lines


def worked_update(record: Record, config: RunConfig, problem: Problem) -> list[str]:
    """The update of a record of this run as lines of text: formulas, then its numbers put into them."""
    update = worked(record, config, problem)
    return [*MISSING] if update is None else lines(update, config, problem)


def expected_update(config: RunConfig) -> list[str]:
    """The formulas of an update of this configuration as lines of text, for when none has been done yet."""
    return _formulas(config)


def lines(update: Worked, config: RunConfig, problem: Problem) -> list[str]:
    """The same of what has been taken apart."""
    samples = _samples(update, len(problem.x))
    of_run = f"update {update.update} of {update.updates}" if update.updates > 1 else "its only update"
    return [
        f"Epoch {update.epoch}, {of_run}, number {update.count} of the run",
        f"{config.optimizer} on {samples}; lr = {_given(update.lr)}",
        "",
        *_formulas(config, update.scale),
        "",
        "w before: " + _named(update.before),
        *(_of_sample(update, config) if len(update.x) == 1 else _of_batch(update, config)),
        "",
        *_beside_the_whole(update, len(problem.x)),
        "",
        *(line for parts in update.parts for part in parts for line in _folded(part)),
        *_ending(update, config, len(problem.x)),
    ]


def _samples(update: Worked, count: int) -> str:
    size = len(update.x)
    if size == count:
        return f"all {count} samples" if count > 1 else "the only sample"
    if update.first is None:
        return f"{size} samples of {count}, in a new order" if size > 1 else f"1 sample of {count}, in a new order"
    last = update.first + size - 1
    return f"samples {update.first} to {last} of {count}" if size > 1 else f"sample {last} of {count}"


def _formulas(config: RunConfig, scale: Scale | None = None) -> list[str]:
    optimizer = OPTIMIZERS[config.optimizer]
    said = [*optimizer.formulas]
    if optimizer.memory:
        said.append(f"for each parameter by itself, with {' and '.join(optimizer.memory)} from 0 on")
    of_samples = [*FORMULAS["model"], *FORMULAS["residual"], gradient_formula(config.gradient)]
    if config.scale_features:
        mean, deviation = ("", "") if scale is None else (f" = {_first(number)}," for number in scale)
        said.append("z = (x − μ) / σ takes the place of x; here a, b, c are those of z")
        said.append(f"μ{mean or ' is'} the mean of x; σ{deviation or ' is'} its standard deviation")
        of_samples = [line.replace("x", "z") for line in of_samples]
    said += of_samples
    said.append(
        "g is the exact gradient of the loss, the mean of r² (gradient = full)"
        if CONVENTIONS[config.gradient] == 2
        else "g is half the gradient of the loss, the mean of r² (gradient = half)"
    )
    return [f"  {line}" for line in said]


def _of_sample(update: Worked, config: RunConfig) -> list[str]:
    a, b, c = update.before.tolist()
    x, y, r = float(update.x[0]), float(update.y[0]), float(update.residuals[0])
    given, of = float(update.x_as_given[0]), update.feature
    twice = "2 × " if CONVENTIONS[config.gradient] == 2 else ""
    r_text = _then(r) if twice else _first(r)
    by_a, by_b, by_c = update.gradient.tolist()
    parts = []
    if update.scale is not None:
        mean, deviation = update.scale
        parts.append(Part("z", f"({_first(given)} − {_then(mean)}) / {_first(deviation)}", x))
    parts += [
        Part(f"a·{of}²", f"{_first(a)} × {_then(x)}²", a * x * x),
        Part(f"b·{of}", f"{_first(b)} × {_then(x)}", b * x),
        Part("y_out", f"{_first(a * x * x)} + {_then(b * x)} + {_then(c)}", float(update.y_out[0])),
        Part("r", f"{_first(float(update.y_out[0]))} − {_then(y)}", r),
        Part("loss", f"{_then(r)}²", update.loss),
        Part("g_a", f"{twice}{r_text} × {_then(x)}²", by_a),
        Part("g_b", f"{twice}{r_text} × {_then(x)}", by_b),
        Part("g_c", f"{twice}{r_text}", by_c),
    ]
    return [f"sample: x = {_first(given)}, y = {_first(y)}", *(line for part in parts for line in _folded(part))]


def _of_batch(update: Worked, config: RunConfig) -> list[str]:
    x, r, of = update.x, update.residuals, update.feature
    columns = {of: x, "y": update.y, "y_out": update.y_out, "r": r, f"r·{of}²": r * x * x, f"r·{of}": r * x}
    shown = np.column_stack([values[:FEW] for values in columns.values()]).tolist()
    rows = [" ".join(figure(value, 12) for value in row) for row in shown]
    twice = CONVENTIONS[config.gradient] == 2
    more = len(x) - len(rows)
    said = [" ".join(f"{name:>12}" for name in columns), *rows]
    if more:
        said.append(f"{'…':>12} and {more} more")
    said.append(f"loss = mean of r² = {_first(update.loss)}")
    for name, term, value in zip(NAMES, (f"r·{of}²", f"r·{of}", "r"), update.gradient.tolist(), strict=True):
        doubled = f"2 × mean of {term} = 2 × {_then(value / 2)}" if twice else f"mean of {term}"
        said.append(f"g_{name} = {doubled} = {_first(value)}")
    return said


def _beside_the_whole(update: Worked, count: int) -> list[str]:
    if len(update.x) == count:
        return ["g is the gradient of the whole data set: all samples are in it."]
    said = [
        "g of the batch:     " + _bracketed(update.gradient),
        "g of the whole set: " + _bracketed(update.whole_gradient),
    ]
    if update.angle is not None:
        said.append(f"the angle between them: {update.angle:.2f}°")
    return said


def _ending(update: Worked, config: RunConfig, count: int) -> list[str]:
    said = [] if update.rounded is None else [f"rounded to {config.round_epochs} decimals: {_named(update.rounded)}"]
    if update.scale is not None:
        said += ["", "w in z: " + _named(update.after if update.rounded is None else update.rounded)]
        said.append("w in x: (a/σ², b/σ − 2·a·μ/σ², c − b·μ/σ + a·μ²/σ²)")
        said.append("      = " + _bracketed(update.w_of_x))
    before, after = update.mean_losses
    return [*said, "", f"mean loss of all {count} samples: {_first(before)} before, {_first(after)} after"]


def _folded(part: Part) -> list[str]:
    """A part as a line, or two where one would be too long."""
    begun, ended = f"{part.name} = {part.numbers}", f"= {_first(part.value)}"
    if len(ascii_of(f"{begun} {ended}")) <= WIDTH:
        return [f"{begun} {ended}"]
    return [begun, f"{'':>{len(part.name) + 1}}{ended}"]


def _given(value: float) -> str:
    """A number that somebody chose, or a schedule made of one."""
    return f"{value:.8g}"


def _first(value: float) -> str:
    """A number with as many digits as 12 characters hold, without zeros at its end."""
    text = figure(value, 12).strip()
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _then(value: float) -> str:
    """The same behind a sign of arithmetic: in brackets if it is negative."""
    text = _first(value)
    return f"({text})" if text.startswith("-") else text


def _named(w: Array) -> str:
    return ", ".join(f"{name} = {_first(value)}" for name, value in zip(NAMES, w.tolist(), strict=True))


def _bracketed(values: Array) -> str:
    return "(" + ", ".join(_first(value) for value in values.tolist()) + ")"
