"""train and explain: train a run to its end, and write out one of its updates with its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from numpy.typing import ArrayLike

from quadfit_tui.core.config.own_values import format_typed_value
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.visit import advance_until_idle
from quadfit_tui.core.text.numbers import format_count
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.moments import Moment, visit
from quadfit_tui.library.results import TrainedRun
from quadfit_tui.library.samples import task_of

_SLICE = 0.1  # seconds between two calls of `progress`


class Interrupted(KeyboardInterrupt):
    """Ctrl+C while a run was trained; `run` is the TrainedRun so far, whose `status` is "paused"."""

    def __init__(self, run: TrainedRun) -> None:
        super().__init__(run)
        self.run = run

    def __str__(self) -> str:
        return f"interrupted after {format_count(len(self.run.epoch), 'epoch')}"


def train(
    config: RunConfig,
    *,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    missing: Missing = None,
    progress: Callable[[Snapshot], object] | None = None,
) -> TrainedRun:
    """Trains a run until it converges, has done all of its epochs, or overflows; needs some 200 bytes for each epoch.

    `x` and `y` are samples of your own, such as arrays, lists or the columns of a frame: numbers, shape (n,), without
    units; x may be dates, which are seconds since the first. `missing="drop"` leaves out samples without a number, such
    as nan. They are copied; the run's configuration then names them, by their SHA-256, in the place of a file.
    `progress` is called about ten times a second, and at the end, with a snapshot: its `epoch` is how many epochs are
    done, its `lr`, `w` and `mean_loss` are those of then. If it returns True the run stops, and is returned so far:
    its `status` is "paused". Raises ConfigError if its samples, or its batch size for them, cannot be used,
    Interrupted, with the run so far, on Ctrl+C. Warns of what was assumed or left out when a file was read.
    """
    session = RunSession(task_of(config, x, y, missing), speed=None)
    end, logs = None, list[RecordLog]()
    session.play()
    try:
        for log in advance_until_idle(session, _SLICE):
            logs.append(log)
            end = session.snapshot()
            if progress is not None and progress(end) is True and not end.status.ended:
                return TrainedRun.of(session, replace(end, status=Status.PAUSED), logs)
    except KeyboardInterrupt:
        end = end or RunSession(session.timeline.task).snapshot()  # of the start
        raise Interrupted(TrainedRun.of(session, replace(end, status=Status.PAUSED), logs)) from None
    assert end is not None  # a run has an end
    return TrainedRun.of(session, end, logs)


def explain(run: TrainedRun, moment: Moment) -> str:
    """Formats one update of a run with its numbers in the formulas, as lines of text: what `run --explain` writes.

    `moment` names the update: 14 or "14" the last one of epoch 14, "15:3" the third one of epoch 15; epochs count from
    0, updates from 1. Raises ValueError if the run has no such update.
    """
    if not isinstance(run, TrainedRun):
        raise TypeError(f"run must be a TrainedRun, which train gives, got {format_typed_value(run)}")
    session = run._session
    for _ in visit(session, moment, after_update=True):
        pass
    record = session.snapshot().record
    assert record is not None  # at least one update is done
    return "\n".join(worked_update(record))
