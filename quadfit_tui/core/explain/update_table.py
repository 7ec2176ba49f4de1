"""The worked update at a glance: a table of a, b and c, before, gradient, step, after, for the top of view 5.

Plain text of at most LINE_WIDTH columns, also in ASCII. The arithmetic of each number is in worked_update.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quadfit_tui.core.explain.formulas import MEAN
from quadfit_tui.core.explain.section import TextSection, TextTable, in_text
from quadfit_tui.core.explain.worked_update import (
    WorkedUpdate,
    losses_in_words,
    of_all_samples,
    samples_in_words,
    title,
    work_out,
)
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.text.language import _, ngettext, statements
from quadfit_tui.core.text.numbers import format_in_width, format_trimmed
from quadfit_tui.core.text.width import cell_width, ljust, rjust
from quadfit_tui.core.training.record import Record

_WIDTH = 14  # width of a column, which fits `2·mean of r·x²`
_DIGITS = 12  # width of a number in a column

_UpdateRow = tuple[str, Iterable[str | float]]


def update_table(record: Record) -> TextSection:
    """Returns the update of a record for one screen: samples, residuals, the table, and the angle to the full g."""
    update = work_out(record)
    config = record.task.config
    rows: list[_UpdateRow] = [
        ("", PARAMETER_NAMES),
        (_("before"), record.before.tolist()),
        (_("gradient g"), _gradient_formulas(update)),
        ("", update.gradient.tolist()),
        *_steps(update),
        (_("after"), update.after.tolist()),
    ]
    if update.rounded is not None:
        rounded = ngettext("rounded to {n} decimal", "rounded to {n} decimals", config.round_epochs or 0)
        rows.append((rounded, update.rounded.tolist()))
    if update.added_up is not None:
        rows.append((_("as the run adds it up"), update.added_up.tolist()))
    if record.task.scale is not None:
        rows.append((_("the same in x"), record.w.tolist()))
    width = max(cell_width(label) for label, cells in rows)
    table = TextTable(tuple((ljust(label, width), *map(_cell, cells)) for label, cells in rows))
    heading = _("{optimizer} with learning rate {rate} on {samples}").format(
        optimizer=config.optimizer, rate=format_trimmed(record.lr), samples=samples_in_words(update)
    )
    below = [] if update.angle is None else [_angle(update)]
    return TextSection(title(update), (heading, *_residuals(update), table, *below, losses_in_words(update)))


def _gradient_formulas(update: WorkedUpdate) -> tuple[str, ...]:
    """Formats the formulas of the gradient for a, b and c."""
    factor = CONVENTIONS[update.record.task.config.gradient]
    times, terms = "" if factor == 1 else f"{factor:g}·", (f"r·{update.feature}²", f"r·{update.feature}", "r")
    if update.record.task.batch > 1:
        times += f"{MEAN} "
    return tuple(in_text(f"{times}{term}") for term in terms)


def _steps(update: WorkedUpdate) -> Iterator[_UpdateRow]:
    """Yields the values that the optimizer computes between the gradient and w, line by line, without remarks."""
    record = update.record
    optimizer = OPTIMIZERS[record.task.config.optimizer]
    *memory, last = (formula for formula, remark in optimizer.remarked)
    values = [[line.value for line in lines[:-1]] for lines in update.calculations]
    yield from zip(memory, zip(*values, strict=True), strict=False)
    if not memory:
        yield last.removeprefix("w ← w "), (-record.lr * update.gradient).tolist()
    elif len(values[0]) > len(memory):  # otherwise the last line of the memory is the step
        yield last.removeprefix("w ← w "), [steps[-1] for steps in values]


def _residuals(update: WorkedUpdate) -> tuple[str, ...]:
    """Formats the sample and its residual, or for a batch the formula of its loss."""
    if update.record.task.batch > 1:
        loss = in_text(f"loss = {MEAN} r² = {format_trimmed(update.loss)}")
        return (_("{loss}, where r = y_out − y").format(loss=loss),)

    def first(values: Array) -> str:
        return format_trimmed(float(values[0]))

    sample = [f"x = {first(update.x_as_given)}"]
    if update.record.task.scale is not None:
        sample.append(f"z = {first(update.x)}")
    sample.append(f"y = {first(update.y)}")
    residual = [f"y_out = {first(update.y_out)}", f"r = y_out − y = {first(update.residuals)}"]
    return _("sample {sample}").format(sample=statements(sample)), statements(residual)


def _angle(update: WorkedUpdate) -> str:
    """Formats the angle between the gradient of the batch and that of all samples."""
    if update.record.task.is_full_batch:
        return of_all_samples(update.record.task.config.gradient)
    return _("the angle between g and the gradient of all samples is {angle}°").format(angle=f"{update.angle:.2f}")


def _cell(value: str | float) -> str:
    """Formats a cell of the table, a text or a number, aligned to the right."""
    return rjust(value if isinstance(value, str) else format_in_width(value, _DIGITS), _WIDTH)
