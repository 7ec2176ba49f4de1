"""Says in words how a run ended, and whether its stopping rule told the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quadfit_tui.core.figures import short, vector
from quadfit_tui.core.states import Status

if TYPE_CHECKING:
    from quadfit_tui.core.session import Snapshot


def verdict(snapshot: Snapshot) -> str:
    """One sentence or two about the end of a run; empty while it goes on."""
    match snapshot.status:
        case Status.CONVERGED:
            return _converged(snapshot)
        case Status.FINISHED:
            return _finished(snapshot)
        case Status.DIVERGED:
            return _diverged(snapshot)
        case _:
            return ""


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"


def _whole_data_set(snapshot: Snapshot) -> str:
    count = len(snapshot.problem.x)
    return f"the mean loss of all {count} samples" if count > 1 else "the loss of the only sample"


def _converged(snapshot: Snapshot) -> str:
    config = snapshot.config
    after, tol = _epochs(snapshot.epoch), short(config.tol)
    if config.stop_on == "dataset":
        return f"converged after {after}: {_whole_data_set(snapshot)}, {short(snapshot.mean_loss)}, is below tol {tol}."
    rounded = "" if config.round_epochs is None else f", rounded to {config.round_epochs} decimals,"
    loss = short(snapshot.loss or 0.0)
    said = f"stopped after {after}: the loss of the last update{rounded} is {loss}, below tol {tol}"
    if snapshot.mean_loss < config.tol:
        return f"{said}; so is {_whole_data_set(snapshot)}, {short(snapshot.mean_loss)}."
    return f"{said}. But {_whole_data_set(snapshot)} is {short(snapshot.mean_loss)}: {_distance(snapshot)}."


def _distance(snapshot: Snapshot) -> str:
    """Whether w is far from the optimum, judged by the loss that is left above the least possible one."""
    least = snapshot.problem.mean_loss(snapshot.problem.optimum)
    far = "far from" if snapshot.mean_loss - least > 100 * snapshot.config.tol else "near, but not at,"
    return f"w {vector(snapshot.w)} is {far} the optimum {vector(snapshot.problem.optimum)}"


def _finished(snapshot: Snapshot) -> str:
    config = snapshot.config
    done = "the only epoch is" if config.epochs == 1 else f"all {config.epochs} epochs are"
    said = f"finished: {done} done; {_whole_data_set(snapshot)} is {short(snapshot.mean_loss)}"
    if config.stop_on == "never":
        return f"{said}."
    judged = snapshot.mean_loss if config.stop_on == "dataset" else snapshot.loss or 0.0
    which = "" if config.stop_on == "dataset" else f"the loss of the last update, {short(judged)}, is "
    return f"{said}, {which}not below tol {short(config.tol)}."


def _diverged(snapshot: Snapshot) -> str:
    where = f"in epoch {snapshot.epoch}, after {snapshot.updates} update{'s' * (snapshot.updates != 1)}"
    return (
        f"diverged {where}: the numbers grew beyond what a double can hold; "
        f"the last finite w is {vector(snapshot.w)}. Try a learning rate below {short(snapshot.lr)}."
    )
