"""The worked update: the formulas of one change of w, with its own numbers put into them, for view 5 and --explain.

The numbers come from the record of the update: w before it, the memory of its optimizer, its samples. The lines are
plain text of at most LINE_WIDTH columns, also in ASCII.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, starmap

import numpy as np

from quadfit_tui.core.explain.formulas import FORMULAS, gradient_formula
from quadfit_tui.core.explain.section import Continuation, Formula, Part, TextSection, TextSentence, TextTable
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS, Calculation
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.text.language import N_, _, join_and, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import format_in_width, format_trimmed, in_numbers, operand
from quadfit_tui.core.text.width import cell_width, ljust, rjust
from quadfit_tui.core.training.record import Record

FEW = 4  # maximum number of samples of a batch that are shown
NO_UPDATE_YET = (
    N_("Start of the run"),
    N_("No update has been made yet. Press n to make one and see its arithmetic."),
)


@dataclass(frozen=True, eq=False)
class WorkedUpdate:
    """The numbers of one update, computed from its `record`; as trained, so that x is z if the features are scaled.

    `number` counts the updates of the run from 1. `first` is the number of the first sample of the batch, from 1, or
    None if they come in a new order. `x`, `y`, `y_out` and `residuals` are of at most FEW samples of the batch;
    `x_as_given` is x as in the data. `loss` and `gradient` are those of the batch before the update, `whole_gradient`
    is that of the whole data set, shape (3,) each; `angle` is the one between the two gradients in degrees, None if one
    of them is zero or not finite. `mean_losses` are those of the whole data set before the update, and after it and any
    rounding. `calculations` are those of the optimizer, for a, b and c. `after` is w after the update, by these
    numbers; `rounded` is w after the rounding of the epoch, None without rounding. `added_up` is w as the run has it,
    None if that is the same: the run adds up many epochs at once in another way, which shows in numbers next to 0.
    """

    record: Record
    number: int
    first: int | None
    x: Array
    y: Array
    y_out: Array
    residuals: Array
    x_as_given: Array
    loss: float
    gradient: Array
    whole_gradient: Array
    angle: float | None
    mean_losses: tuple[float, float]
    calculations: tuple[tuple[Calculation, ...], ...]
    after: Array
    rounded: Array | None
    added_up: Array | None

    @property
    def feature(self) -> str:
        """The name of the feature: x, or z if the features are scaled."""
        return "x" if self.record.task.scale is None else "z"


def work_out(record: Record) -> WorkedUpdate:
    """Computes the numbers of the update of a record, for the worked update and its table."""
    task, before, batch = record.task, record.before, record.batch
    config, problem = task.config, task.trained
    number = record.position.updates(task.updates_per_epoch)
    with np.errstate(all="ignore"):
        # The record may have them rounded, or from sums over all samples, which lack the rounding of the residuals.
        samples = batch[0] if task.scale is None else task.scale.standardized(batch[0]), batch[1]
        loss, gradient = parabola.loss(before, *samples), parabola.gradient(before, *samples, config.gradient)
        optimizer = OPTIMIZERS[config.optimizer]
        slots = record.slots or ((0.0,) * optimizer.slots,) * 3
        parameters = zip(PARAMETER_NAMES, before.tolist(), gradient.tolist(), slots, strict=True)
        calculations = tuple(
            optimizer.calculations(config, name, w, g, memory, record.lr, number) for name, w, g, memory in parameters
        )
        after = np.array([lines[-1].value for lines in calculations])
        rounded = added_up = None
        if config.round_epochs is not None and record.ends_epoch:
            rounded = record.trained_w
        elif _named(after) != _named(record.trained_w):
            added_up = record.trained_w
        whole = gradient if task.is_full_batch else problem.gradient(before, config.gradient)
        x, y = (values[:FEW] for values in samples)
        y_out = parabola.predict(before, x)
        return WorkedUpdate(
            record=record,
            number=number,
            first=None if config.shuffle else (record.update - 1) * task.batch + 1,
            x=x,
            y=y,
            y_out=y_out,
            residuals=y_out - y,
            x_as_given=batch[0][:FEW],
            loss=loss,
            gradient=gradient,
            whole_gradient=whole,
            angle=angle(gradient, whole),
            mean_losses=(problem.mean_loss(before), problem.mean_loss(record.trained_w)),
            calculations=calculations,
            after=after,
            rounded=rounded,
            added_up=added_up,
        )


def angle(first: Array, second: Array) -> float | None:
    """Computes the angle between two vectors of shape (3,) in degrees, 0 to 180; None if one is zero or not finite.

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


def worked_update(record: Record) -> list[str]:
    """Returns the update of a record as lines of text: its arithmetic, then its formulas."""
    text = sections(record, record.task)
    return [line for section in text for line in ("", section.title, *section.lines)][1:]


def sections(record: Record | None, task: FitTask) -> list[TextSection]:
    """Returns a worked update in sections; at the start of a run (None), only a note and the formulas."""
    if record is None:
        title_of_start, *sentences = map(_, NO_UPDATE_YET)
        return [TextSection(title_of_start, tuple(sentences)), formulas(task)]
    update = work_out(record)
    gradients = _of_sample(update) if task.batch == 1 else _of_batch(update)
    return [
        TextSection(title(update), (optimizer_on_samples(update),)),
        TextSection(_("Gradient"), (TextSentence(_("w before: {w}"), {"w": _named(update.record.before)}), *gradients)),
        TextSection(_("Gradient of all samples"), _beside_the_whole(update)),
        TextSection(_("Update"), (_rate(update), *chain(*update.calculations))),
        TextSection(_("Result"), _result(update)),
        formulas(task),
    ]


def title(update: WorkedUpdate) -> str:
    """Formats which update it is: `Epoch 0, update 3 of 800 (update 3 of the run)`."""
    record, updates = update.record, update.record.task.updates_per_epoch
    template = _("Epoch {epoch}, its only update (update {number} of the run)")
    if updates > 1:
        template = _("Epoch {epoch}, update {update} of {updates} (update {number} of the run)")
    return template.format(epoch=record.epoch, update=record.update, updates=updates, number=update.number)


def optimizer_on_samples(update: WorkedUpdate) -> str:
    """Formats the optimizer and the samples of an update: `sgd on sample 1 of 800`."""
    optimizer = update.record.task.config.optimizer
    return _("{optimizer} on {samples}").format(optimizer=optimizer, samples=samples_in_words(update))


def samples_in_words(update: WorkedUpdate) -> str:
    """Formats the samples of the batch: `sample 1 of 800`, `all 800 samples`."""
    size, count = update.record.task.batch, len(update.record.task.problem.x)
    places = {"size": str(size), "count": str(count)}
    if size == count:
        return ngettext("the single sample", "all {count} samples", count, **places)
    if update.first is None:
        counts = ngettext_noop("{size} sample of {count}, in a new order", "{size} samples of {count}, in a new order")
        return ngettext(*counts, size, **places)
    template = _("samples {first} to {last} of {count}") if size > 1 else _("sample {last} of {count}")
    return template.format(first=update.first, last=update.first + size - 1, **places)


def formulas(task: FitTask) -> TextSection:
    """Returns the section with the formulas of the updates of a task, and of its scaling, if any."""
    config, optimizer = task.config, OPTIMIZERS[task.config.optimizer]
    model = [
        *((formula, "") for formula in FORMULAS["model"]),
        *((formula, N_("the residual")) for formula in FORMULAS["residual"]),
    ]
    model += [(formula, "") for formula in (*FORMULAS["loss"], gradient_formula(config.gradient))]
    if task.scale is not None:
        model = [(formula.replace("x", "z"), remark) for formula, remark in model]
    convention = _("g is half the loss's gradient, as in the article (setting: gradient = half)")
    if CONVENTIONS[config.gradient] == 2:
        convention = _("g is the exact gradient of the loss (setting: gradient = full)")
    parts = [*_of_scaling(task), *starmap(_remarked, model), Formula(convention, {})]
    parts += starmap(_remarked, optimizer.remarked)
    if optimizer.memory:
        text = _("for each parameter separately, with {names} starting at 0")
        parts.append(Formula(text.format(names=join_and(optimizer.memory)), {}))
    if config.schedule != "constant":
        text = _("{formula}, with lr0 = {rate}").format(formula="{formula}", rate=format_trimmed(config.lr))
        parts.append(Formula(text, {"formula": (f"lr = {SCHEDULES[config.schedule].formula}",)}))
    return TextSection(_("Formulas"), tuple(parts))


def _remarked(formula: str, remark: str) -> Formula:
    """Returns a formula with its remark, a text for translation, which may be empty."""
    template = _("{formula}, {remark}").format(formula="{formula}", remark=_(remark)) if remark else "{formula}"
    return Formula(template, {"formula": (formula,)})


def _of_scaling(task: FitTask) -> list[Formula]:
    """Returns the formulas that replace x by z, if the features are scaled."""
    if task.scale is None:
        return []
    mean, deviation = map(format_trimmed, task.scale)
    replaced = Formula(_("{z} replaces x; here a, b, c are those of z"), {"z": FORMULAS["scaling"]})
    places = {"mean": (f"μ = {mean}",), "deviation": (f"σ = {deviation}",)}
    if task.scale.deviation == 1 and (np.abs(task.trained.x) < 0.5).all():  # with that deviation some |z| would reach 1
        in_place = Formula(_("{deviation} in place of its standard deviation, which is 0"), places)
        return [replaced, Formula(_("{mean}, the mean of x"), places), in_place]
    return [replaced, Formula(_("{mean}, the mean of x; {deviation}, its standard deviation"), places)]


def _of_sample(update: WorkedUpdate) -> list[Part]:
    """Explains y_out, residual, loss and gradient of a batch of one sample."""
    a, b, c = update.record.before.tolist()
    x, y, r = float(update.x[0]), float(update.y[0]), float(update.residuals[0])
    given_x, of = float(update.x_as_given[0]), update.feature
    word = "2·" if CONVENTIONS[update.record.task.config.gradient] == 2 else ""
    by_a, by_b, by_c = update.gradient.tolist()
    values = {"a": a, "b": b, "c": c, of: x, "y": y, "y_out": float(update.y_out[0]), "r": r}

    def line(formula: str, value: float) -> Calculation:
        return Calculation(formula, in_numbers(formula.rpartition(" = ")[2], values), value)

    sample = (f"x = {format_trimmed(given_x)}", f"y = {format_trimmed(y)}")
    parts: list[Part] = [TextSentence(_("sample: {sample}"), {"sample": sample})]
    if update.record.task.scale is not None:
        scaled = dict(zip(("x", "μ", "σ"), (given_x, *update.record.task.scale), strict=True))
        parts.append(Calculation("z", in_numbers("(x − μ) / σ", scaled), x))
    parts += [
        line(f"a·{of}²", a * x * x),
        line(f"b·{of}", b * x),
        Calculation("y_out", f"{format_trimmed(a * x * x)} + {operand(b * x)} + {operand(c)}", values["y_out"]),
        Calculation("r", in_numbers("y_out − y", values), r),
        line("loss = r²", update.loss),
        line(f"g_a = {word}r·{of}²", by_a),
        line(f"g_b = {word}r·{of}", by_b),
        line(f"g_c = {word}r", by_c) if word else Calculation("g_c", "r", by_c),
    ]
    return parts


def _of_batch(update: WorkedUpdate) -> list[Part]:
    """Explains a batch of several samples; the first FEW have a line each."""
    size = update.record.task.batch
    x, r, of = update.x, update.residuals, update.feature
    values = {of: x, "y": update.y, "y_out": update.y_out, "r": r, f"r·{of}²": r * x * x, f"r·{of}": r * x}
    rows = [tuple(format_in_width(value, 12) for value in row) for row in np.column_stack([*values.values()]).tolist()]
    more = size - len(rows)
    parts: list[Part] = [TextTable((tuple(rjust(name, 12) for name in values), *rows))]
    if more:
        parts.append(rjust("", 11) + _("… and {n} more").format(n=more))
    factor = CONVENTIONS[update.record.task.config.gradient]
    word, times = ("2·", "2 × ") if factor == 2 else ("", "")
    parts.append(_mean("loss = mean of r²", "", update.loss, size))
    for name, term, value in zip(PARAMETER_NAMES, (f"r·{of}²", f"r·{of}", "r"), update.gradient.tolist(), strict=True):
        parts.append(_mean(f"g_{name} = {word}mean of {term}", times, value / factor, size)._replace(value=value))
    return parts


def _mean(name: str, times: str, mean: float, count: int) -> Calculation:
    """Returns the calculation of a mean: the sum of all samples divided by their number."""
    total = mean * count
    return Calculation(name, f"{times}{operand(total) if times else format_trimmed(total)} / {count}", mean)


def of_all_samples(convention: str) -> str:
    """Says what the gradient g of a batch of all samples is, by the name of a row of CONVENTIONS."""
    if CONVENTIONS[convention] == 1:
        return _("g is half the gradient of the loss of all samples (gradient = half)")
    return _("g is the gradient of the loss of all samples")


def _beside_the_whole(update: WorkedUpdate) -> tuple[Part, ...]:
    """Compares the gradient of the batch with that of all samples, in a table."""
    if update.record.task.is_full_batch:
        return (of_all_samples(update.record.task.config.gradient),)
    rows = {
        "": PARAMETER_NAMES,
        _("g of the sample") if update.record.task.batch == 1 else _("g of the batch"): update.gradient.tolist(),
        _("g of all samples"): update.whole_gradient.tolist(),
    }
    width = max(map(cell_width, rows))
    table = TextTable(tuple((ljust(name, width), *(_cell(value) for value in row)) for name, row in rows.items()))
    if update.angle is None:
        return (table,)
    return table, _("the angle between them is {angle}°").format(angle=f"{update.angle:.2f}")


def _cell(value: float | str) -> str:
    return rjust(f"g_{value}", 12) if isinstance(value, str) else format_in_width(value, 12)


def _rate(update: WorkedUpdate) -> Calculation:
    """Returns the calculation of the learning rate by its schedule, with the numbers of this epoch."""
    config, record = update.record.task.config, update.record
    schedule = SCHEDULES[config.schedule]
    values = {name: getattr(config, name) for name in schedule.parameters}
    values |= {"lr0": config.lr, "epoch": record.epoch, "epochs": config.epochs}
    return Calculation("lr", in_numbers(schedule.formula, values), record.lr)


def _result(update: WorkedUpdate) -> tuple[Part, ...]:
    """Returns w after the update, after any rounding, and in x, with the mean losses."""
    task = update.record.task
    parts: list[Part] = [TextSentence(_("w after: {w}"), {"w": _named(update.after)})]
    if update.rounded is not None:
        counts = ngettext_noop("rounded to {n} decimal: {w}", "rounded to {n} decimals: {w}")
        text = ngettext(*counts, task.config.round_epochs or 0, w="{w}")
        parts.append(TextSentence(text, {"w": _named(update.rounded)}))
    if update.added_up is not None:
        parts.append(TextSentence(_("as the run adds it up: {w}"), {"w": _named(update.added_up)}))
    if task.scale is not None:
        of_x = ", ".join(formula.partition(" = ")[2] for formula in FORMULAS["in x"])
        same = TextSentence(_("the same in x: {w}"), {"w": (f"({of_x})",)})
        values = ", ".join(map(format_trimmed, update.record.w.tolist()))
        parts += [same, Continuation(f"({values})", cell_width(same.text.format(w="")))]
    return (*parts, losses_in_words(update))


def losses_in_words(update: WorkedUpdate) -> str:
    """Formats the mean loss before and after the update."""
    (before, after), count = map(format_trimmed, update.mean_losses), len(update.record.task.problem.x)
    return ngettext(
        "loss of the single sample: {before} before, {after} after",
        "mean loss of all {count} samples: {before} before, {after} after",
        count,
        count=count,
        before=before,
        after=after,
    )


def _named(w: Array) -> tuple[str, ...]:
    """Formats a, b and c as equations: `a = 1`."""
    return tuple(f"{name} = {format_trimmed(value)}" for name, value in zip(PARAMETER_NAMES, w.tolist(), strict=True))
