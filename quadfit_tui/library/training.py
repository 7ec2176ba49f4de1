"""train, and explain: a run done to its end, and one of its updates with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from operator import index
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.verdict import verdict
from quadfit_tui.core.session.visit import PastEndError, trained
from quadfit_tui.core.session.visit import visit as visited
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.library.results import TrainedRun, kept
from quadfit_tui.library.samples import task_of

Moment = str | SupportsIndex  # "start", "15:3", or an epoch by its number


def train(config: RunConfig, *, x: ArrayLike | None = None, y: ArrayLike | None = None) -> TrainedRun:
    """Trains a run until it converges, has done all of its epochs, or diverges; takes some 100 bytes for each epoch.

    `x` and `y` are samples of your own, such as arrays, lists or the columns of a frame: numbers, shape (n,), without
    units. They are copied; the run's configuration then names them, by their SHA-256, in the place of a file. Raises
    ConfigError where its samples, or its batch size for them, cannot be used.
    """
    session = Session(task_of(config, x, y), speed=None)
    session.play()
    logs = list(trained(session))
    w = np.concatenate([log.column("trained_w") for log in logs])
    return TrainedRun(
        config=session.config,
        status=str(session.status),
        epoch=kept(np.arange(len(w), dtype=np.int64)),
        lr=kept(np.concatenate([log.column("lr") for log in logs])),
        loss=kept(np.concatenate([log.column("loss") for log in logs])),
        w=kept(session.timeline.task.to_x(w)),
        _trained_w=w,
        _session=session,
    )


def visit(session: Session, moment: Moment, *, after_update: bool = False) -> Iterator[RecordLog]:
    """Takes a session to a moment of its run, such as "start", 14 or "15:3", and pauses there; gives what is trained.

    Raises ValueError where the run has no such moment, or ends before it, TypeError for what is no moment.
    """
    try:
        asked = moment if isinstance(moment, str) else str(index(moment))
    except TypeError:
        raise TypeError(f"{moment!r} is not a moment; allowed: a text such as '15:3', or a whole number") from None
    try:
        yield from visited(session, asked, after_update=after_update)
    except PastEndError as past:
        raise ValueError(f"{past}; {verdict(session.snapshot())}") from None


def explain(run: TrainedRun, moment: Moment) -> str:
    """One update of a run with its own numbers in the formulas, as lines of text: what `run --explain` writes.

    `moment` names the update: 14 or "14" the last one of epoch 14, "15:3" the third one of epoch 15; epochs count from
    0, updates from 1. Raises ValueError where the run has no such update.
    """
    session = run._session
    for _ in visit(session, moment, after_update=True):
        pass
    record = session.snapshot().record
    assert record is not None  # at least one update is done
    return "\n".join(worked_update(record))
