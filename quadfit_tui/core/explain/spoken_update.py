"""One update in sentences for screen readers, with three digits: run --explain with --format spoken."""

from __future__ import annotations

from quadfit_tui.core.explain.worked_update import WorkedUpdate, samples_in_words, work_out
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.text.numbers import counted
from quadfit_tui.core.text.pronunciation import chosen, in_a_line, in_sentences, said
from quadfit_tui.core.training.record import Record


def spoken_update(record: Record) -> list[str]:
    """The update of a record: what it saw, its gradient, and what that changed."""
    update = work_out(record)
    of_epoch = f"Epoch {record.epoch}, update {record.update} of {record.task.updates_per_epoch}"
    return [
        f"{of_epoch}.",
        f"{record.task.config.optimizer} on {samples_in_words(update)}.",
        *_of_batch(update),
        *in_sentences("Gradient: ", _named(update.gradient)),
        *_beside_the_whole(update),
        _rate(record),
        *_changes(update),
        *_mean_losses(update),
    ]


def _of_batch(update: WorkedUpdate) -> list[str]:
    if update.record.task.batch > 1:
        return [f"Loss {said(update.loss)}, the mean of the squared residuals."]
    x, y, y_out, r = (float(values[0]) for values in (update.x, update.y, update.y_out, update.residuals))
    return [
        *in_sentences("", [f"{update.feature} {chosen(x)}", f"y {chosen(y)}"]),
        *in_sentences("", [f"The parabola gives {said(y_out)}", f"the residual is {said(r)}"]),
        f"Loss {said(update.loss)}, the residual squared.",
    ]


def _beside_the_whole(update: WorkedUpdate) -> list[str]:
    if update.record.task.is_full_batch:
        return []
    angle = [] if update.angle is None else [f"The angle between them is {said(update.angle)} degrees."]
    return [*in_sentences("Gradient of all samples: ", _named(update.whole_gradient)), *angle]


def _rate(record: Record) -> str:
    rate = chosen(record.lr)
    plain = record.task.config.optimizer == "sgd"
    return f"Each changes by minus {rate} times its gradient." if plain else f"Learning rate {rate}."


def _changes(update: WorkedUpdate) -> list[str]:
    """What a, b and c were and are."""
    record, decimals = update.record, counted(update.record.task.config.round_epochs or 0, "decimal")
    after = record.trained_w.tolist()
    lines = [_change(*row) for row in zip(PARAMETER_NAMES, record.before.tolist(), after, strict=True)]
    return [*lines, *([] if update.rounded is None else [f"They are rounded to {decimals}."])]


def _change(name: str, old: float, new: float) -> str:
    if said(old) != said(new):
        return in_a_line(f"{name} goes from {said(old)} to {said(new)}.", f"{name} becomes {said(new)}.")
    moved = "stays" if old == new else f"goes {'up' if new > old else 'down'} by {said(abs(new - old))} to"
    return f"{name} {moved} {said(new)}."


def _mean_losses(update: WorkedUpdate) -> list[str]:
    before, after = map(said, update.mean_losses)
    return [in_a_line(f"Mean loss of all samples: {before} before, {after} after.", f"Mean loss {after} after it.")]


def _named(values: Array) -> list[str]:
    return [f"{name} {said(value)}" for name, value in zip(PARAMETER_NAMES, values.tolist(), strict=True)]
