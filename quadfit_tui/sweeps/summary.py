"""The summary of a sweep in sentences: how its runs ended, the best one and its command, and why runs failed."""

from __future__ import annotations

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.session.reproduction import NotReproducibleError, app_command
from quadfit_tui.core.text.language import _, comma_separated, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.training.position import Position
from quadfit_tui.sweeps.rows import CONVERGED, FINISHED, STATUSES, VERDICTS, ResultRows, best_of
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.work import SweepJob

# By status: how many runs ended so, and the number of epochs of one that did.
_COUNTS = {
    "converged": ngettext_noop("{n} converged", "{n} converged"),
    "finished": ngettext_noop("{n} finished", "{n} finished"),
    "diverged": ngettext_noop("{n} diverged", "{n} diverged"),
    "failed": ngettext_noop("{n} failed", "{n} failed"),
}
_ENDS = {
    "converged": ngettext_noop("converged after {n} epoch", "converged after {n} epochs"),
    "finished": ngettext_noop("finished after {n} epoch", "finished after {n} epochs"),
    "diverged": ngettext_noop("diverged after {n} epoch", "diverged after {n} epochs"),
}


def summary(work: SweepJob, rows: ResultRows) -> list[str]:
    """Returns the lines printed after a sweep: how its runs ended, the best one, and the command that opens it."""
    counts = np.bincount(rows.status, minlength=len(STATUSES)).tolist()
    endings = [ngettext(*_COUNTS[status], count) for status, count in zip(STATUSES, counts, strict=True)]
    lines = [ngettext("{n} run: {ended}.", "{n} runs: {ended}.", len(rows), ended=comma_separated(endings))]
    lines += _of_the_finished(rows)
    best = best_of(rows.status, rows.mean_loss, rows.least, rows.cell)
    if best is None:
        return [*lines, _("All of them diverged or failed, so none is the best.")]
    cell, epochs = int(rows.cell[best]), int(rows.epochs[best])
    loss, least = format_short(float(rows.mean_loss[best])), format_short(float(rows.least[best]))
    ending = ngettext(*_ENDS[STATUSES[rows.status[best]]], epochs)
    template = _("The best is {cell}: mean loss {loss}, where the least is {least}; {end}.")
    lines.append(template.format(cell=cell_label(work.space, cell), loss=loss, least=least, end=ending))
    fastest = _fastest(rows, best)
    if fastest is not None:
        ending = ngettext(*_ENDS["converged"], int(rows.epochs[fastest]))
        label = cell_label(work.space, int(rows.cell[fastest]))
        lines.append(_("The fastest is {cell}: {end}.").format(cell=label, end=ending))
    try:
        command = app_command(work.task(cell), Position(epochs, 0))
    except NotReproducibleError as reason:
        return [*lines, str(reason)]
    return [*lines, _("This opens it in the app:"), command]


def _of_the_finished(rows: ResultRows) -> list[str]:
    """Returns how many of the runs that finished have come close to the optimum, which their status does not tell."""
    finished = rows.status == FINISHED
    if not finished.any():
        return []
    close = int((finished & (rows.verdict == VERDICTS.index("optimum"))).sum())
    return [
        ngettext(
            "Of those that finished, {n} is close to the optimum.",
            "Of those that finished, {n} are close to the optimum.",
            close,
        )
    ]


def _fastest(rows: ResultRows, best: int) -> int | None:
    """Returns the row of the run that converged after the fewest epochs, the first of equals; None if that is `best`.

    Where runs stop as soon as they are below tol, the least mean loss is a matter of chance.
    """
    converged = np.flatnonzero(rows.status == CONVERGED)
    if not len(converged):
        return None
    order = np.lexsort((rows.cell[converged], rows.epochs[converged]))
    fastest = int(converged[order[0]])
    return None if rows.epochs[fastest] == rows.epochs[best] else fastest


def failure_message(rows: ResultRows) -> str:
    """Returns the message about failed runs: how many, and why the first one failed; empty if none did."""
    if not rows.errors:
        return ""
    first = min(rows.errors)
    return ngettext(
        "{n} run failed; the first is cell {cell}: {problem}",
        "{n} runs failed; the first is cell {cell}: {problem}",
        len(rows.errors),
        cell=first,
        problem=rows.errors[first],
    )


def cell_label(space: Space, cell: int) -> str:
    """Formats a cell with its values of the parameters that vary and have an effect: `cell 7 (lr 0.1, seed 2)`."""
    values = {name: column[0] for name, column in space.columns([cell]).items()}
    words = []
    for name, value in values.items():
        if value is not None:
            text = format_short(value) if isinstance(value, float) else PARAMETERS[name].show(value)
            words.append(_("{parameter} {value}").format(parameter=PARAMETERS[name].label, value=text))
    if not words:
        return _("cell {cell}").format(cell=cell)
    return _("cell {cell} ({values})").format(cell=cell, values=comma_separated(words))
