"""The worked update: the formulas of one change of w, with the numbers of this very update put into them.

The numbers come from the record of the update: w before it, what its optimiser remembered, its samples. The lines are
plain text of at most 78 columns, also where `in_ascii` spells them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.formulas import FORMULAS, gradient_formula
from quadfit_tui.core.explain.optimizer_steps import OPTIMIZER_STEPS, Of, Part
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Slots
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.parabola import Array
from quadfit_tui.core.model.problem import Problem, trained
from quadfit_tui.core.model.scaling import Scale
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.numbers import figure, given, operand, without_exponent
from quadfit_tui.core.training.record import Record
from quadfit_tui.core.training.trainer import batch_size

WIDTH = 78
FEW = 4  # samples of a batch that are shown
NAMES = "abc"
NO_UPDATE_YET = ("The start of the run", "No update leads here: n does the first one, and shows its numbers.")
MISSING = ("On the way to another point:", "the numbers of its update are shown as soon as it is reached.")


class Section(NamedTuple):
    """A part of the text: its title, and the lines below it."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Worked:
    """One update taken apart.

    `update` counts from 1 in the epoch of `updates`, `count` from 1 in the run. `before` is w, shape (3,). `size` is
    how many samples the batch has, `first` the number of the first one, from 1, None where they were taken in a new
    order; `x`, `y`, `y_out` and `residuals` are of at most FEW of them. `gradient` is the batch's, `whole_gradient`
    that of the whole data set, both at `before`; `angle` is the one between them in degrees, None where one of them is
    zero or not finite. `loss` is the batch's, `mean_losses` those of the whole data set before the update and after it
    and any rounding. `parts` is the optimiser's arithmetic, of a, b and c. `after` is w after the update, `rounded`
    what the epoch's rounding makes of it, None without rounding. `w_of_x` is what the update came to, any rounding
    included, in coordinates of x.

    Where the features are scaled, `scale` is how, and all but `w_of_x` is as trained: x is z, `before` is w of z; x as
    the data have it is `x_as_given`.
    """

    epoch: int
    update: int
    updates: int
    count: int
    lr: float
    before: Array
    size: int
    first: int | None
    x: Array
    y: Array
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
    given_x, y = (values[:FEW] for values in batch)
    with np.errstate(all="ignore"):
        # The record may have them rounded, or from sums over all samples, that know nothing of the residuals' rounding.
        samples = _standardised(problem, batch[0]), batch[1]
        loss, gradient = parabola.loss(before, *samples), parabola.gradient(before, *samples, config.gradient)
        after, rounded = record.trained_w, None
        if config.round_epochs is not None and record.ends_epoch:
            after, rounded = _after(config, before, gradient, record.slots, record.lr, count), after
        whole = gradient if everything else problem.gradient(before, config.gradient)
        arithmetic = OPTIMIZER_STEPS[config.optimizer]
        kept = record.slots or ((),) * 3
        of_each = zip(NAMES, before.tolist(), gradient.tolist(), kept, after.tolist(), strict=True)
        x = _standardised(problem, given_x)
        y_out = parabola.predict(before, x)
        return Worked(
            epoch=record.epoch,
            update=record.update,
            updates=updates,
            count=count,
            lr=record.lr,
            before=before,
            size=size,
            first=None if config.shuffle else first + 1,
            x=x,
            y=y,
            y_out=y_out,
            residuals=y_out - y,
            loss=loss,
            gradient=gradient,
            whole_gradient=whole,
            angle=angle(gradient, whole),
            mean_losses=(problem.mean_loss(before), problem.mean_loss(record.trained_w)),
            parts=tuple(arithmetic(config, Of(*values, record.lr, count)) for values in of_each),
            after=after,
            rounded=rounded,
            w_of_x=record.w,
            x_as_given=given_x,
            scale=problem.scale,
        )


def _standardised(problem: Problem, x: Array) -> Array:
    """x as the data have it, in the coordinates in which the problem is trained."""
    return x if problem.scale is None else problem.scale.standardised(x)


def _after(config: RunConfig, before: Array, gradient: Array, slots: tuple[Slots, ...], lr: float, count: int) -> Array:
    """w after the update by the optimiser's own rule, before any rounding."""
    rule = OPTIMIZERS[config.optimizer].rule(config)
    each = zip(gradient.tolist(), slots or ((),) * 3, strict=True)
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


# The text


def worked_update(record: Record, config: RunConfig, problem: Problem) -> list[str]:
    """The update of a record of this run as lines of text: formulas, then its numbers put into them."""
    return as_lines(sections(record, config, problem))


def as_lines(text: Iterable[Section]) -> list[str]:
    """Sections as lines, with an empty one between them."""
    return [line for section in text for line in ("", section.title, *section.lines)][1:]


def sections(record: Record | None, config: RunConfig, problem: Problem) -> list[Section]:
    """The same in sections; where no update leads (None), what the first one will be like."""
    if record is None:
        return [Section(NO_UPDATE_YET[0], NO_UPDATE_YET[1:]), formulas(config, trained(config, problem).scale)]
    update = worked(record, config, problem)
    if update is None:
        return [Section(MISSING[0], MISSING[1:])]
    of_run = f"update {update.update} of {update.updates}" if update.updates > 1 else "its only update"
    samples, count = _samples(update, len(problem.x)), len(problem.x)
    return [
        Section(
            f"Epoch {update.epoch}, {of_run}, number {update.count} of the run",
            (f"{config.optimizer} on {samples}",),
        ),
        formulas(config, update.scale),
        Section("Gradient", ("w before: " + _named(update.before), *_measured(update, config))),
        Section("Gradient of all samples", _beside_the_whole(update, count)),
        Section("Update", (*_rate(update, config), *(line for parts in update.parts for line in _lines(parts)))),
        Section("Result", _result(update, config, count)),
    ]


def _samples(update: Worked, count: int) -> str:
    size = update.size
    if size == count:
        return f"all {count} samples" if count > 1 else "the only sample"
    if update.first is None:
        return f"{size} samples of {count}, in a new order" if size > 1 else f"1 sample of {count}, in a new order"
    last = update.first + size - 1
    return f"samples {update.first} to {last} of {count}" if size > 1 else f"sample {last} of {count}"


def formulas(config: RunConfig, scale: Scale | None = None) -> Section:
    """The formulas of the updates of a configuration, and how its features are scaled, if they are."""
    optimizer = OPTIMIZERS[config.optimizer]
    said = [*FORMULAS["model"], *(f"{line}, the residual" for line in FORMULAS["residual"]), *FORMULAS["loss"]]
    said.append(gradient_formula(config.gradient))
    if scale is not None:
        mean, deviation = map(without_exponent, scale)
        said = [
            f"{FORMULAS['scaling'][0]} takes the place of x; here a, b, c are those of z",
            f"μ = {mean}, the mean of x; σ = {deviation}, its standard deviation",
            *(line.replace("x", "z") for line in said),
        ]
    said.append(
        "g is the exact gradient of the loss (gradient = full)"
        if CONVENTIONS[config.gradient] == 2
        else "g is half the gradient of the loss, as in the article (gradient = half)"
    )
    said += optimizer.formulas
    if optimizer.memory:
        said.append(f"for each parameter by itself, with {' and '.join(optimizer.memory)} from 0 on")
    if config.schedule != "constant":
        said.append(f"lr = {SCHEDULES[config.schedule].formula}, with lr0 = {given(config.lr)}")
    return Section("Formulas", tuple(f"  {line}" for line in said))


def _measured(update: Worked, config: RunConfig) -> tuple[str, ...]:
    """What the samples of the batch give: y_out, residuals, loss and gradient."""
    return tuple(_of_sample(update, config) if update.size == 1 else _of_batch(update, config))


def _of_sample(update: Worked, config: RunConfig) -> list[str]:
    a, b, c = update.before.tolist()
    x, y, r = float(update.x[0]), float(update.y[0]), float(update.residuals[0])
    given_x, of = float(update.x_as_given[0]), update.feature
    twice = CONVENTIONS[config.gradient] == 2
    word, times = ("2·", "2 × ") if twice else ("", "")
    r_text = operand(r) if twice else without_exponent(r)
    by_a, by_b, by_c = update.gradient.tolist()
    parts = []
    if update.scale is not None:
        mean, deviation = update.scale
        parts.append(Part("z", f"({without_exponent(given_x)} − {operand(mean)}) / {without_exponent(deviation)}", x))
    parts += [
        Part(f"a·{of}²", f"{without_exponent(a)} × {operand(x)}²", a * x * x),
        Part(f"b·{of}", f"{without_exponent(b)} × {operand(x)}", b * x),
        Part("y_out", f"{without_exponent(a * x * x)} + {operand(b * x)} + {operand(c)}", float(update.y_out[0])),
        Part("r", f"{without_exponent(float(update.y_out[0]))} − {operand(y)}", r),
        Part("loss = r²", f"{operand(r)}²", update.loss),
        Part(f"g_a = {word}r·{of}²", f"{times}{r_text} × {operand(x)}²", by_a),
        Part(f"g_b = {word}r·{of}", f"{times}{r_text} × {operand(x)}", by_b),
        *([Part(f"g_c = {word}r", f"{times}{r_text}", by_c)] if twice else [Part("g_c", "r", by_c)]),
    ]
    return [f"sample: x = {without_exponent(given_x)}, y = {without_exponent(y)}", *_lines(parts)]


def _of_batch(update: Worked, config: RunConfig) -> list[str]:
    x, r, of = update.x, update.residuals, update.feature
    columns = {of: x, "y": update.y, "y_out": update.y_out, "r": r, f"r·{of}²": r * x * x, f"r·{of}": r * x}
    rows = [" ".join(figure(value, 12) for value in row) for row in np.column_stack([*columns.values()]).tolist()]
    more = update.size - len(rows)
    said = [" ".join(f"{name:>12}" for name in columns), *rows]
    if more:
        said.append(f"{'…':>12} and {more} more")
    factor = CONVENTIONS[config.gradient]
    word, times = ("2·", "2 × ") if factor == 2 else ("", "")
    parts = [_mean("loss = mean of r²", "", update.loss, update.size)]
    for name, term, value in zip(NAMES, (f"r·{of}²", f"r·{of}", "r"), update.gradient.tolist(), strict=True):
        parts.append(
            _mean(f"g_{name} = {word}mean of {term}", times, value / factor, update.size)._replace(value=value)
        )
    return [*said, *_lines(parts)]


def _mean(name: str, times: str, mean: float, count: int) -> Part:
    """A mean as the sum of all samples by their number."""
    total = mean * count
    return Part(name, f"{times}{operand(total) if times else without_exponent(total)} / {count}", mean)


def _beside_the_whole(update: Worked, count: int) -> tuple[str, ...]:
    if update.size == count:
        return ("all samples are in the batch: g is the gradient of the whole data set",)
    batch = "sample" if update.size == 1 else "batch"
    rows = {
        "": NAMES,
        f"g of the {batch}": update.gradient.tolist(),
        "g of all samples": update.whole_gradient.tolist(),
    }
    said = [" ".join((f"{name:<16}", *(_cell(value) for value in row))) for name, row in rows.items()]
    if update.angle is not None:
        said.append(f"the angle between them is {update.angle:.2f}°")
    return tuple(said)


def _cell(value: float | str) -> str:
    return f"{f'g_{value}':>12}" if isinstance(value, str) else figure(value, 12)


def _rate(update: Worked, config: RunConfig) -> list[str]:
    """The learning rate, with the numbers of this epoch in its schedule."""
    numbers = {"lr0": given(config.lr), "epoch": str(update.epoch), "epochs": str(config.epochs)}
    numbers |= {name: given(getattr(config, name)) for name in SCHEDULES[config.schedule].parameters}
    formula = SCHEDULES[config.schedule].formula
    arithmetic = re.sub("|".join(rf"\b{name}\b" for name in numbers), lambda name: numbers[name[0]], formula)
    return _line("lr", arithmetic.replace("·", " × "), given(update.lr))


def _result(update: Worked, config: RunConfig, count: int) -> tuple[str, ...]:
    said = ["w after: " + _named(update.after)]
    if update.rounded is not None:
        said.append(f"rounded to {config.round_epochs} decimals: {_named(update.rounded)}")
    if update.scale is not None:
        said.append(f"the same in x: ({', '.join(formula.partition(' = ')[2] for formula in FORMULAS['in x'])})")
        said.append("             = (" + ", ".join(without_exponent(value) for value in update.w_of_x.tolist()) + ")")
    before, after = update.mean_losses
    return (
        *said,
        f"mean loss of all {count} samples: {without_exponent(before)} before, {without_exponent(after)} after",
    )


def _lines(parts: Iterable[Part]) -> list[str]:
    return [line for part in parts for line in _line(part.name, part.numbers, without_exponent(part.value))]


def _line(name: str, numbers: str, value: str) -> list[str]:
    """A piece of arithmetic as a line, or two where one would be too long."""
    begun, ended = f"{name} = {numbers}", f"= {value}"
    if numbers == value:
        return [begun]
    if len(ascii_of(f"{begun} {ended}")) <= WIDTH:
        return [f"{begun} {ended}"]
    return [begun, f"{'':>{len(name.split()[0]) + 1}}{ended}"]


def _named(w: Array) -> str:
    return ", ".join(f"{name} = {without_exponent(value)}" for name, value in zip(NAMES, w.tolist(), strict=True))
