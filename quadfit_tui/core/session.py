"""Session: the play state machine around a Trainer. Everything that a face shows comes from its Snapshots.

ready → running ⇄ paused → converged | finished | diverged; from any state: restart. Nothing happens between calls of
`advance`, and only `advance` trains.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.problem import Problem, make_problem
from quadfit_tui.core.quadratic import Array
from quadfit_tui.core.rules import STOP_RULES
from quadfit_tui.core.states import DEFAULT_SPEED, Status, Unit
from quadfit_tui.core.trainer import Record, Trainer

# What a stall (a suspended program, a slow machine) may leave to catch up with, in seconds.
_MOST_LAG = 0.25


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is to be known of a run at one moment.

    `run` counts restarts; `epoch` is the number of whole epochs done, `update` the updates done since, `updates` all of
    them. `lr` belongs to the epoch in progress, or to the last one of a run that has ended. `gradient` and `loss` are
    those of the newest update, None before the first. `w` is always finite.
    """

    run: int
    status: Status
    config: RunConfig
    problem: Problem
    epoch: int
    update: int
    updates_per_epoch: int
    updates: int
    lr: float
    gradient: Array | None
    loss: float | None
    w: Array
    mean_loss: float
    speed: int | None


class Session:
    """One run at a time, played, paused, stepped and restarted.

    `clock` gives seconds and `rng` the order of the samples; both are there for tests to own.
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        speed: int | None = DEFAULT_SPEED,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], np.random.Generator] | None = None,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._speed = speed
        self._run = 0
        self._begin(config, make_problem(config))

    def _begin(self, config: RunConfig, problem: Problem) -> None:
        self._trainer = Trainer(config, problem, self._rng() if self._rng else None)
        self._run += 1
        self._snapshot: Snapshot | None = None
        self._status = Status.READY
        self._step: Unit | None = None
        self._wind()

    @property
    def config(self) -> RunConfig:
        """The configuration of the present run."""
        return self._trainer.config

    @property
    def status(self) -> Status:
        """Where the present run stands."""
        return self._status

    @property
    def is_busy(self) -> bool:
        """Whether `advance` has, or will have, something to do."""
        return self._status is Status.RUNNING

    @property
    def _plays(self) -> bool:
        """Whether it runs by itself, and not to the end of a step."""
        return self._status is Status.RUNNING and self._step is None

    @property
    def speed(self) -> int | None:
        """Epochs a second, or None for as fast as it goes."""
        return self._speed

    @speed.setter
    def speed(self, speed: int | None) -> None:
        self._speed = speed
        self._changed()
        self._wind()

    # Commands

    def play(self) -> None:
        """Starts, or goes on; a run that has ended stays so."""
        if not self._status.ended and not self._plays:
            self._step = None
            self._become(Status.RUNNING)
            self._wind()

    def pause(self) -> None:
        """Stops the clock of a running run."""
        if self._status is Status.RUNNING:
            self._step = None
            self._become(Status.PAUSED)

    def toggle(self) -> None:
        """Pauses what runs, plays what does not."""
        if self._plays:
            self.pause()
        else:
            self.play()

    def step(self, unit: Unit) -> None:
        """Goes on to the end of one update, or of the epoch in progress, and pauses there; `advance` does the work."""
        if not self._status.ended:
            self._step = unit
            self._become(Status.RUNNING)

    def restart(self, config: RunConfig | None = None) -> None:
        """Begins a new run, with another configuration if one is given; it plays on if the old run was playing.

        Raises ConfigError, and leaves the old run as it is, where the configuration cannot be used.
        """
        config = config or self.config
        problem, playing = make_problem(config, self._trainer.problem), self._plays
        self._begin(config, problem)
        if playing:
            self.play()

    # Training

    def advance(self, budget: float) -> list[Record]:
        """Does what is due, for about `budget` seconds at most, and returns the records to be logged.

        These are one for each epoch that ended, and one for the update of a single step.
        """
        now = self._clock()
        self._earn(now)
        deadline = now + budget
        records: list[Record] = []
        while self._status is Status.RUNNING and self._is_due():
            records += self._train()
            if self._clock() >= deadline:
                break
        return records

    def _wind(self) -> None:
        """One epoch is due at once, the next one after 1/speed seconds."""
        self._credit = 1.0
        self._earned_at = self._clock()

    def _earn(self, now: float) -> None:
        """Turns the time that has passed into epochs that are due."""
        if self._speed is not None and self._plays:
            earned = self._credit + (now - self._earned_at) * self._speed
            self._credit = min(earned, 1 + self._speed * _MOST_LAG)
            self._earned_at = now

    def _is_due(self) -> bool:
        return self._step is not None or self._speed is None or self._credit > 1 - 1e-6

    def _train(self) -> list[Record]:
        trainer = self._trainer
        record = trainer.advance(1 if self._step is Unit.UPDATE else trainer.chunk)
        self._changed()
        if trainer.diverged:
            self._become(Status.DIVERGED)
            return []
        if record is None or not (record.ends_epoch or self._step is Unit.UPDATE):
            return []
        self._credit -= 1
        if self._step is not None:
            self._step = None
            self._become(Status.PAUSED)
        if record.ends_epoch:
            self._check_end(record)
        return [record]

    def _check_end(self, record: Record) -> None:
        """The stopping rules, after each epoch."""
        config = self.config
        judged = STOP_RULES[config.stop_on].judged
        if judged is not None and judged(record.loss, record.mean_loss or 0.0) < config.tol:
            self._become(Status.CONVERGED)
        elif self._trainer.epoch >= config.epochs:
            self._become(Status.FINISHED)

    def _become(self, status: Status) -> None:
        self._status = status
        self._changed()

    # What a face sees

    def _changed(self) -> None:
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """The present moment; the same object as long as nothing has changed."""
        if self._snapshot is None:
            trainer, last = self._trainer, self._trainer.last
            known = last.mean_loss if last is not None and last.w is trainer.w else None
            self._snapshot = Snapshot(
                run=self._run,
                status=self._status,
                config=trainer.config,
                problem=trainer.problem,
                epoch=trainer.epoch,
                update=trainer.update,
                updates_per_epoch=trainer.updates_per_epoch,
                updates=trainer.epoch * trainer.updates_per_epoch + trainer.update,
                lr=last.lr if last is not None and self._status.ended else trainer.lr,
                gradient=None if last is None else last.gradient,
                loss=None if last is None else last.loss,
                w=trainer.w,
                mean_loss=trainer.problem.mean_loss(trainer.w) if known is None else known,
                speed=self._speed,
            )
        return self._snapshot
