"""One update in sentences for screen readers, with three digits: run --explain with --format spoken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quadfit_tui.core.explain.worked_update import WorkedUpdate, optimizer_on_samples, work_out
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.text.language import _, full_stop, ngettext, ngettext_noop
from quadfit_tui.core.text.pronunciation import (
    in_sentences,
    in_words,
    shortest_fitting_wording,
    speak_input,
    speak_result,
)
from quadfit_tui.core.training.record import Record


def spoken_update(record: Record) -> list[str]:
    """Returns the update of a record in sentences: its samples, its gradient, and the changes of a, b and c."""
    update = work_out(record)
    places = {"epoch": record.epoch, "update": record.update, "updates": record.task.updates_per_epoch}
    lines = [
        _("Epoch {epoch}, update {update} of {updates}.").format(**places),
        full_stop(optimizer_on_samples(update)),
        *_of_scaling(record),
        *_of_batch(update),
        *in_sentences(_("Gradient: {things}."), _named(update.gradient.tolist())),
        *_beside_the_whole(update),
        _rate(record),
        *_memory(update),
        *_changes(update),
        *_mean_losses(update),
    ]
    return [*map(in_words, lines)]


def _of_scaling(record: Record) -> list[str]:
    """Returns the sentence that a, b and c are of scaled samples, without which other sentences seem to contradict."""
    return [] if record.task.scale is None else [_("x is scaled to z: a, b and c are here those of z.")]


def _of_batch(update: WorkedUpdate) -> list[str]:
    """Returns sentences on the samples of the batch and their loss."""
    loss = speak_result(update.loss)
    if update.record.task.batch > 1:
        return [_("Loss {loss}, the mean of the squared residuals.").format(loss=loss)]
    x, y, y_out, r = (float(values[0]) for values in (update.x, update.y, update.y_out, update.residuals))
    parabola = _("The parabola gives {y}").format(y=speak_result(y_out))
    return [
        *in_sentences("", [f"{update.feature} {speak_input(x)}", f"y {speak_input(y)}"]),
        *in_sentences("", [parabola, _("the residual is {residual}").format(residual=speak_result(r))]),
        _("Loss {loss}, the residual squared.").format(loss=loss),
    ]


def _beside_the_whole(update: WorkedUpdate) -> list[str]:
    """Returns sentences that compare the gradient of the batch with that of all samples."""
    if update.record.task.is_full_batch:
        return []
    gradient = in_sentences(_("Gradient of all samples: {things}."), _named(update.whole_gradient.tolist()))
    if update.angle is None:
        return gradient
    return [*gradient, _("The angle between them is {angle} degrees.").format(angle=speak_result(update.angle))]


def _rate(record: Record) -> str:
    """Returns the sentence on the learning rate."""
    if record.task.config.optimizer == "sgd":
        template = _("Each changes by minus {rate} times its gradient.")
    else:
        template = _("Learning rate {rate}.")
    return template.format(rate=speak_input(record.lr))


def _memory(update: WorkedUpdate) -> Iterator[str]:
    """Yields sentences on what the optimizer remembers for a, b and c, such as the v of momentum."""
    slots = OPTIMIZERS[update.record.task.config.optimizer].memory
    by_parameter = [[line.value for line in lines[: len(slots)]] for lines in update.calculations]
    for name, values in zip(slots, zip(*by_parameter, strict=True), strict=True):
        template = _("{name} of the optimizer: {things}.").format(name=name, things="{things}")
        yield from in_sentences(template, _named(values))


def _changes(update: WorkedUpdate) -> list[str]:
    """Returns sentences on the changes of a, b and c."""
    record, decimals = update.record, update.record.task.config.round_epochs or 0
    after = record.trained_w.tolist()
    lines = [_change(*row) for row in zip(PARAMETER_NAMES, record.before.tolist(), after, strict=True)]
    if update.rounded is None:
        return lines
    counts = ngettext_noop("They are rounded to {n} decimal.", "They are rounded to {n} decimals.")
    return [*lines, ngettext(*counts, decimals)]


def _change(name: str, old: float, new: float) -> str:
    """Returns the sentence on the change of one parameter."""
    places = {
        "name": name,
        "old": speak_result(old),
        "new": speak_result(new),
        "difference": speak_result(abs(new - old)),
    }
    if places["old"] != places["new"]:
        ways = _("{name} goes from {old} to {new}."), _("{name} becomes {new}.")
        return shortest_fitting_wording(*(way.format(**places) for way in ways))
    if old == new:
        template = _("{name} stays {new}.")
    elif new > old:
        template = _("{name} goes up by {difference} to {new}.")
    else:
        template = _("{name} goes down by {difference} to {new}.")
    return template.format(**places)


def _mean_losses(update: WorkedUpdate) -> list[str]:
    """Returns the sentence on the mean loss before and after the update."""
    before, after = map(speak_result, update.mean_losses)
    ways = _("Mean loss of all samples: {before} before, {after} after."), _("Mean loss {after} after it.")
    return [shortest_fitting_wording(*(way.format(before=before, after=after) for way in ways))]


def _named(values: Iterable[float]) -> list[str]:
    """Formats a, b and c with their names."""
    return [f"{name} {speak_result(value)}" for name, value in zip(PARAMETER_NAMES, values, strict=True)]
