"""Session: the play state machine around a Timeline. All that a front end shows comes from its Snapshots.

ready → running ⇄ paused → converged | finished | diverged; from any state: restart, back, seek. Nothing happens between
calls of `advance`, and only `advance` trains. Earlier runs are kept, and can be shown again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import index
from typing import SupportsIndex

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.session.playback import DEFAULT_SPEED, Pacer, Unit, checked_speed
from quadfit_tui.core.session.runs import Run, RunHistory
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.twins import twin
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

# Maximum number of epochs in one call of `advance`: each needs memory until the caller has read its record.
MOST_RECORDS = 16_384


class RunSession:
    """A session with one present run: played, paused, stepped, visited at any of its updates, and restarted.

    It begins with the run of a configuration, or of a FitTask, which has its samples already. `clock` returns seconds
    and `rng` a generator for the order of the samples; tests replace both.
    """

    def __init__(
        self,
        config: RunConfig | FitTask,
        *,
        speed: int | None = DEFAULT_SPEED,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], np.random.Generator] | None = None,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._pacer = Pacer(clock, checked_speed(speed))
        self._unit = Unit.EPOCH
        self._earlier = RunHistory()
        self._start_run(config if isinstance(config, FitTask) else make_task(config))

    def _start_run(self, task: FitTask) -> None:
        """Makes a new run of a task the present one, at its start."""
        self._timeline = Timeline(task, self._rng() if self._rng else None)
        self._run = self._earlier.next_number
        self._snapshot: Snapshot | None = None
        self._status = Status.READY
        self._goal: Position | None = None
        self._back_to: Position | None = None  # the position to return to from the goal
        self._plays_on = False
        self._steps = False  # whether a step leads to the goal
        self._pacer.reset()

    @property
    def config(self) -> RunConfig:
        """The configuration of the current run."""
        return self._timeline.task.config

    @property
    def status(self) -> Status:
        """The status of the current run at the visited moment."""
        return self._status

    @property
    def timeline(self) -> Timeline:
        """The current run with all its past; read-only."""
        return self._timeline

    @property
    def run(self) -> Run:
        """The current run at its newest point."""
        return Run.of(self._run, self._timeline)

    @property
    def earlier(self) -> tuple[Run, ...]:
        """The earlier runs, at most MOST_EARLIER, the one that was left first at the front."""
        return self._earlier.runs

    @property
    def runs(self) -> list[Run]:
        """All runs in the order of their starts; the present one is RUNNING while it is played."""
        present = self.run
        if self.status is Status.RUNNING and not present.status.ended:
            present = replace(present, status=Status.RUNNING)
        return sorted([*self.earlier, present], key=lambda run: run.number)

    @property
    def is_busy(self) -> bool:
        """Whether `advance` has, or will have, work to do."""
        return self._status is Status.RUNNING

    @property
    def _destination(self) -> Position:
        """The position at which the next command starts: commands may come faster than their work is done."""
        return self._back_to or self._goal or self._timeline.position

    @property
    def plays(self) -> bool:
        """Whether the run is playing freely, and not on its way to a goal."""
        return self._status is Status.RUNNING and self._goal is None

    @property
    def speed(self) -> int | None:
        """Units a second, or None for as fast as possible; setting it raises ValueError if it is neither."""
        return self._pacer.speed

    @speed.setter
    def speed(self, speed: int | None) -> None:
        self._pacer.speed = checked_speed(speed)
        self._discard_snapshot()
        self._pacer.reset()

    @property
    def unit(self) -> Unit:
        """The unit of playback: epochs, or single updates."""
        return self._unit

    @unit.setter
    def unit(self, unit: Unit) -> None:
        self._unit = Unit(unit)  # accepts its name, too
        self._discard_snapshot()
        self._pacer.reset()

    # Commands

    def play(self) -> None:
        """Starts playing from the visited moment; does nothing at the end of the run."""
        if not self._status.ended and not self.plays:
            self._goal, self._back_to, self._plays_on = None, None, False
            self._set_status(Status.RUNNING)
            self._pacer.reset()

    def pause(self) -> None:
        """Pauses a running run, and cancels a step or jump that is on its way."""
        if self._status is Status.RUNNING:
            self._rest()

    def toggle(self) -> None:
        """Pauses the run if it plays, else plays it."""
        if self.plays:
            self.pause()
        else:
            self.play()

    def step(self, unit: Unit) -> None:
        """Starts a step to the end of one update, or of the epoch in progress, where the run pauses."""
        if not self._status.ended:
            position = self._destination
            self._go(self._timeline.after(position) if Unit(unit) is Unit.UPDATE else Position(position.epoch + 1, 0))
            self._steps = True

    def back(self, unit: Unit) -> None:
        """Starts a step back: to before the last update, or to the start of the present or the previous epoch."""
        position = self._destination
        if Unit(unit) is Unit.UPDATE:
            self._go(self._timeline.before(position))
        else:
            self._go(Position(position.epoch, 0) if position.update else Position(max(0, position.epoch - 1), 0))

    def seek(self, epoch: SupportsIndex, update: SupportsIndex = 0) -> None:
        """Starts a jump to a position, and a pause there; `advance` trains what was never trained on the way.

        Updates of an epoch after the last one mean the end of the last one. Raises ValueError if the run has no such
        position.
        """
        self.go_to(Position(index(epoch), index(update)))

    def go_to(self, position: Position) -> None:
        """Starts a jump to a Position, and a pause there; raises ValueError as `seek` does."""
        self._go(self._checked(*position))

    def revisit(self, position: Position, newest: Position) -> None:
        """Starts a jump to a position in the past of a run that was trained up to `newest`, and a pause there.

        It trains the run up to `newest` first, if necessary. Raises ValueError if the run has no such positions.
        """
        position, newest = self._checked(*position), self._checked(*newest)
        if newest <= self._timeline.newest:
            self._go(position)
        else:
            self._go(newest)
            self._back_to = position

    def _checked(self, epoch: int, update: int) -> Position:
        """Returns a position of this run, with a full epoch as the start of the next one; raises ValueError."""
        per_epoch = self._timeline.task.updates_per_epoch
        if not (0 <= epoch <= self.config.epochs and 0 <= update <= per_epoch):
            raise ValueError(f"epoch {epoch}, update {update} is no position of this run")
        if update == per_epoch:
            epoch, update = epoch + 1, 0
        return min(Position(epoch, update), Position(self.config.epochs, 0))

    def jump(self, epochs: int) -> None:
        """Starts a jump by so many epochs, back if below 0, within the epochs of the run."""
        epoch = self._destination.epoch + epochs
        self.go_to(Position(max(0, min(epoch, self.config.epochs)), 0))

    def first(self) -> None:
        """Starts a jump to the start of the run."""
        self._go(START)

    def last(self) -> None:
        """Starts a jump to the newest position; does nothing if that is visited already."""
        if self._timeline.position != self._timeline.newest:
            self._go(self._timeline.newest)

    @property
    def problems(self) -> tuple[Dataset, ...]:
        """The samples of all runs, the present one's first, so that known files need not be read again."""
        return self._timeline.task.problem, *(run.problem for run in self.earlier)

    def restart(self, config: RunConfig | FitTask | None = None, least: int = 0) -> None:
        """Starts a new run, with another configuration or FitTask if given; it plays on if the old run was playing.

        A FitTask has its samples already. The old run is kept if anything of it was trained, at least `least` epochs,
        and it is not the same. Raises ConfigError, and leaves the old run as it is, if the configuration cannot be
        used.
        """
        task = config if isinstance(config, FitTask) else make_task(config or self.config, *self.problems)
        playing = self.plays or self._plays_on
        self._earlier.add_replaced(self.run, task, least)
        self._start_run(task)
        if playing:
            self.play()

    def carry_on(self) -> None:
        """Starts a new run from the w of the visited moment, with the same samples even if their file has changed.

        The rate, and the memory of the optimizer, start anew. Raises ConfigError if this w cannot be a start.
        """
        self.restart(self._timeline.task.replace(init=tuple(self._timeline.trainer.w.tolist())))

    def twin(self, name: str) -> None:
        """Starts the run that differs in one choice, a row of TWINS, and a jump to the newest point of this one.

        It has the same samples, even if their file has changed. It plays on from there if this one was playing. Raises
        ConfigError if it would be the same run.
        """
        task, goal = self._timeline.task, self._timeline.newest
        self.restart(FitTask(twin(task, name), task.problem))
        self._go(goal, plays_on=self.plays)

    def show(self, number: int) -> None:
        """Shows an earlier run again, stopped where it was left. Raises ValueError if there is none."""
        if number != self._run:
            run = self._earlier.pop(number)
            self._earlier.add(self.run)
            self._run, self._timeline = run.number, run.timeline
            self._rest()

    def forget(self, number: int) -> None:
        """Deletes an earlier run. Raises ValueError if none has this number."""
        self._earlier.pop(number)
        self._discard_snapshot()

    def put_back(self, runs: Sequence[Run]) -> None:
        """Keeps these runs as the earlier ones, in the place of those that are kept now; not the current run twice."""
        self._earlier.put_back([run for run in runs if run.timeline is not self._timeline])
        self._discard_snapshot()

    def retraining_copy(self) -> RunSession:
        """Returns a new session that trains the current run from its start to the newest position of this one.

        It has the same earlier runs. Used to write a run to a file while this session goes on.
        """
        again = RunSession(self._timeline.task, speed=None, clock=self._clock, rng=self._rng)
        again._run, again._earlier.runs = self._run, self._earlier.runs
        if self._timeline.end is None:
            again.seek(*self._timeline.newest)
        else:
            again.play()  # only the update after the newest position shows that it diverges
        return again

    # Training

    def advance(self, budget: float, most: int | None = None) -> RecordLog:
        """Does the work that is due, for about `budget` seconds and `most` records at most; returns the records to log.

        There is one for each epoch that ended, and one for each update of a single step or of playing by updates; none
        for what had been trained before.
        """
        if self.plays:
            self._pacer.refill()
        deadline, most = self._clock() + budget, MOST_RECORDS if most is None else most
        records = RecordLog()
        while self._status is Status.RUNNING and (self._goal is not None or self._pacer.is_due):
            self._work(records, most - len(records))
            if self._clock() >= deadline or len(records) >= most:
                break
        return records

    def _work(self, records: RecordLog, most: int) -> None:
        """Does a piece of work: trains toward the goal, or plays; at most `most` epochs beyond the newest point."""
        timeline, newest = self._timeline, self._timeline.newest
        goal = self._goal or self._next()
        timeline.approach(min(goal, Position(newest.epoch + most, 0)), records)
        position, record = timeline.position, timeline.trainer.last
        self._discard_snapshot()
        if record is not None and newest < position and position.update and self._records_update():
            records.add(record)
        if self._unit is Unit.UPDATE or position.update == 0:
            self._pacer.consume()
        if timeline.at_end or position == self._goal:
            back_to = self._back_to
            self._rest(self._plays_on)
            if back_to is not None:
                self._go(back_to)

    def _next(self) -> Position:
        """Returns the position that playing leads to next."""
        position = self._timeline.position
        if self._unit is Unit.UPDATE:
            return self._timeline.after(position)
        return Position(self.config.epochs if self.speed is None else position.epoch + 1, 0)

    def _records_update(self) -> bool:
        """Returns whether the update just done gets a record: a step led to it, or the run plays by updates."""
        if self._goal is None:
            return self._unit is Unit.UPDATE
        return self._steps and self._goal == self._timeline.position

    def _go(self, goal: Position, plays_on: bool = False) -> None:
        """Sets a goal, from which the run may play on; `advance` does the work."""
        if goal == self._timeline.position and self._status is not Status.RUNNING:
            return
        self._goal, self._back_to, self._plays_on, self._steps = goal, None, plays_on, False
        self._set_status(Status.RUNNING)

    def _rest(self, plays_on: bool = False) -> None:
        """Stops at the visited moment, unless the run plays on from there."""
        end = self._timeline.end if self._timeline.at_end else None
        self._goal, self._back_to, self._plays_on = None, None, False
        self._set_status(Status.PAUSED if end is None else end.status)
        if plays_on:
            self.play()

    def _set_status(self, status: Status) -> None:
        self._status = status
        self._discard_snapshot()

    # What a front end sees

    def _discard_snapshot(self) -> None:
        """Discards the snapshot after a change, so that the next call makes a new one."""
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """Returns the state of the session; the same object as long as nothing has changed."""
        if self._snapshot is None:
            trainer, record = self._timeline.trainer, self._timeline.trainer.last
            trainer.trained_w.flags.writeable = False  # no update is in place; and it may be the start of the run
            self._snapshot = Snapshot(
                number=self._run,
                task=trainer.task,
                status=self._status,
                position=trainer.position,
                trained_w=trainer.trained_w,
                lr=record.lr if record is not None and self._status.ended else trainer.lr,
                newest=self._timeline.newest,
                goal=self._goal,
                record=record,
                unit=self._unit,
                speed=self.speed,
            )
        return self._snapshot
