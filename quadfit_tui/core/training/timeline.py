"""Timeline: one run, any update of which can be visited again, the same to the last bit; and how the run ends.

A run is a function of its FitTask: from a TrainerState it goes on by many epochs at once if the algebra holds, else
update by update. Which of the two an epoch takes depends on the run alone, never on how it is visited. So some
checkpoints are enough to reproduce any position to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.checkpoints import Checkpoint, Checkpoints, RunCursor
from quadfit_tui.core.training.curves import CurveHistory
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record import Record, TrainerState, generator_of
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status, status_after_all_epochs
from quadfit_tui.core.training.trainer import Trainer

# The limits of an epoch whose path can be followed in some milliseconds, once a frame.
PATH_UPDATES = 256  # with more updates, the path shows only every second, fourth … one
MOST_UPDATES = 20_000  # maximum number of updates
MOST_CHUNKS = 5  # the same in chunks, for updates that take longer
MOST_SAMPLES = 200_000  # maximum number of samples of an epoch of more than one update


class End(NamedTuple):
    """The end of a run: its position and status."""

    position: Position
    status: Status


class Timeline:
    """One run, of which one position is visited; `newest` is the latest position to which it was trained.

    `newest_w` is w at `newest`, as trained. `end` is set once the run is known to end there. `history` collects its
    losses and parameters for curves.
    """

    def __init__(self, task: FitTask, rng: np.random.Generator | None = None) -> None:
        self.task = task
        trainer = Trainer(task, rng)
        self._fast_forward = FastForward(task)
        self._checkpoints = Checkpoints(Checkpoint(trainer.state, None))
        self._visited = self._cursor(trainer)
        self._reader: RunCursor | None = None
        self._epoch_path: EpochPath | None = None
        self._newest_path: tuple[Position, int, Array] | None = None  # the result of the last epoch_path
        self.newest = START
        self.newest_w = trainer.trained_w
        self.end: End | None = None
        self.history = CurveHistory(trainer.trained_w, task.trained.drawn_losses, task.to_x)

    def _cursor(self, trainer: Trainer) -> RunCursor:
        """Makes a cursor that moves this trainer along the run, from its start."""
        trainer.restore(self._checkpoints.before(START).state)
        return RunCursor(trainer, self._fast_forward, self._checkpoints)

    def release_memory(self) -> None:
        """Frees caches that can be computed again. Called for a run that is not shown; it can still be used."""
        self._reader = self._epoch_path = self._newest_path = None
        self._fast_forward.release_memory()
        self._visited.trainer.release_memory()

    @property
    def position(self) -> Position:
        """The position that is visited."""
        return self._visited.position

    @property
    def trainer(self) -> Trainer:
        """The trainer at the visited position, with its w, lr and last record."""
        return self._visited.trainer

    @property
    def at_end(self) -> bool:
        """Whether the visited position is the end of the run."""
        return self.end is not None and self.position == self.end.position

    def after(self, position: Position) -> Position:
        """Returns the position one update later."""
        per_epoch = self.task.updates_per_epoch
        return Position.after(position.updates(per_epoch) + 1, per_epoch)

    def before(self, position: Position) -> Position:
        """Returns the position one update earlier; for the start, the start."""
        per_epoch = self.task.updates_per_epoch
        return Position.after(max(0, position.updates(per_epoch) - 1), per_epoch)

    def approach(self, goal: Position, records: RecordLog) -> None:
        """Moves the visited position one step of work toward `goal`, or to the end of the run if that comes first.

        Adds the records of epochs that are trained for the first time. Called repeatedly until `position` is `goal`.
        """
        goal = goal if self.end is None else min(goal, self.end.position)
        if goal != self.position:
            self._visited.approach(goal)
            self._extend(records)

    def _extend(self, records: RecordLog) -> None:
        """Adds epochs trained for the first time to the records and the history; sets `end` if the run ends there."""
        position, trainer, first = self.position, self.trainer, self.newest.epoch
        if self.end is not None or position < self.newest:
            return
        self.newest = position
        self.newest_w = trainer.trained_w
        stops = False
        if position.epoch > first:
            span = self._visited.span
            if span is None:
                stops = self._add_epoch(records)
            else:
                rows = slice(first - span.start.epoch, position.epoch - span.start.epoch)
                records.add(span, first, position.epoch)
                self.history.add(first, span.loss[rows], span.trained_w[rows])
                stops = span.stops and position.epoch == span.end
        if trainer.overflowed:
            self.end = End(position, Status.DIVERGED)
        elif stops:
            self.end = End(position, Status.CONVERGED)
        elif position.epoch >= self.task.config.epochs:
            known = None if trainer.last is None else trainer.last.mean_loss  # cached in the record of an epoch
            self.end = End(position, status_after_all_epochs(self.task, trainer.mean_loss if known is None else known))

    def _add_epoch(self, records: RecordLog) -> bool:
        """Adds an epoch that was trained update by update; returns whether the stopping rule stops the run after it."""
        record = self.trainer.last
        assert record is not None  # the trainer has just made it
        mean_loss = record.mean_loss or 0.0
        records.add(record)
        self.history.add(record.epoch, np.array([record.loss]), record.trained_w[np.newaxis])
        config = self.task.config
        judged = STOP_RULES[config.stop_on].select_loss
        return judged is not None and bool(judged(record.loss, mean_loss) < config.tol)

    def _another_trainer(self) -> Trainer:
        """Makes a second trainer of the run, which may draw its sample orders from a restored generator."""
        order = self.trainer.state.order
        return Trainer(self.task, None if order is None else generator_of(order))

    def epoch_path(self, most: int = PATH_UPDATES) -> Array:
        """Returns the path of w, in coordinates of x, through the updates of the visited epoch, or the one just ended.

        Shape (m, 3), from the start of the epoch up to the visited position, computed update by update. With more than
        `most` updates it has only every second, fourth … one, so that m is at most most + 1. Shape (0, 3) at the start
        of the run, and if an epoch has too many updates to be followed once a frame. Callers must not change the array,
        which is cached while the position stays the same.
        """
        position, began = self.position, self._visited.began
        if began is None or not has_epoch_path(self.trainer):
            return np.empty((0, 3))
        if self._newest_path is None or self._newest_path[:2] != (position, most):
            if self._epoch_path is None:
                self._epoch_path = EpochPath(self._another_trainer())
            updates = position.update or self.task.updates_per_epoch
            points = self._epoch_path.points(began, updates, self.trainer.trained_w, most)
            self._newest_path = position, most, self.task.to_x(points)
        return self._newest_path[2]

    def records(self, first: int, stop: int) -> list[Record]:
        """Computes the records of epochs again, from `first` to before `stop`, as far as they have been trained."""
        if self._reader is None:
            self._reader = self._cursor(self._another_trainer())
        records = []
        for epoch in range(max(0, first), min(stop, self.newest.epoch)):
            goal = Position(epoch + 1, 0)
            while self._reader.position != goal:
                self._reader.approach(goal)
            record = self._reader.trainer.last
            assert record is not None
            records.append(record)
        return records

    @property
    def epochs_per_page(self) -> int:
        """The number of epochs that `records` computes without a noticeable delay."""
        if self._fast_forward.possible:
            return max(4, min(512, 100_000 // len(self.task.problem.x)))
        # Trained one by one, these take about a tenth of a second.
        return max(1, min(512, 100 * self.trainer.chunk // self.task.updates_per_epoch))


def has_epoch_path(trainer: Trainer) -> bool:
    """Whether an epoch of this run is short enough that its path can be computed once a frame."""
    updates = trainer.task.updates_per_epoch
    few = updates <= min(MOST_UPDATES, MOST_CHUNKS * trainer.chunk) and len(trainer.task.trained.x) <= MOST_SAMPLES
    return few or updates == 1  # the path of a single update needs no training


class EpochPath:
    """The path of w through one epoch, computed by a trainer of its own and continued as the epoch goes on."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._epoch = -1
        self._passed = np.empty((0, 3))  # w every `apart` updates, from the start of the epoch on
        self._apart = 1

    def points(self, start: TrainerState, update: int, w: Array, most: int) -> Array:
        """Computes w before and after the first `update` updates of the epoch that begins with `start`, shape (m, 3).

        All are as trained; `w`, which the caller knows, comes last. With more than `most` updates, the path has only
        every second, fourth … one, so that m is at most most + 1.
        """
        trainer = self._trainer
        apart = 1
        while update > most * apart:
            apart *= 2
        if start.epoch != self._epoch or update <= trainer.update or apart < self._apart:
            trainer.restore(start)
            self._epoch = start.epoch
            self._passed = start.w[np.newaxis]
            self._apart = apart
        self._passed = self._passed[:: apart // self._apart]
        self._apart = apart
        missing = range(len(self._passed) * apart, update, apart)
        if missing:
            self._passed = np.concatenate([self._passed, trainer.advance_tracing(missing)])
        return np.concatenate([self._passed, w[np.newaxis]])
