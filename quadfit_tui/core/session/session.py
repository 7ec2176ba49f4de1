"""Session: the play state machine around a Timeline. All that a front end shows comes from its Snapshots.

ready → running ⇄ paused → converged | finished | diverged; from any state: restart, back, seek. Nothing happens between
calls of `advance`, and only `advance` trains. Runs that are left are kept, and can be shown again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
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

# Epochs that one call of `advance` may give: each takes some memory until its record has been looked at.
MOST_RECORDS = 16_384


class RunSession:
    """One run at a time: played, paused, stepped, visited at any of its updates, and restarted.

    It begins with the run of a configuration, or of a FitTask, whose samples are there already. `clock` gives
    seconds and `rng` the order of the samples; both are there for tests to own.
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
        self._timeline = Timeline(task, self._rng() if self._rng else None)
        self._run = self._earlier.next_number
        self._snapshot: Snapshot | None = None
        self._status = Status.READY
        self._goal: Position | None = None
        self._back_to: Position | None = None  # from the goal
        self._plays_on = False
        self._steps = False  # to the goal
        self._pacer.reset()

    @property
    def config(self) -> RunConfig:
        """The configuration of the present run."""
        return self._timeline.task.config

    @property
    def status(self) -> Status:
        """Where the present run stands."""
        return self._status

    @property
    def timeline(self) -> Timeline:
        """The present run with all its past; to be looked at only."""
        return self._timeline

    @property
    def run(self) -> Run:
        """The present run, and what it has come to."""
        return Run.of(self._run, self._timeline)

    @property
    def earlier(self) -> tuple[Run, ...]:
        """The runs that were left, the one that was left first first; at most MOST_EARLIER."""
        return self._earlier.runs

    @property
    def runs(self) -> list[Run]:
        """All runs in the order in which they were begun; the present one is RUNNING while it is played."""
        present = self.run
        if self.status is Status.RUNNING and not present.status.ended:
            present = replace(present, status=Status.RUNNING)
        return sorted([*self.earlier, present], key=lambda run: run.number)

    @property
    def is_busy(self) -> bool:
        """Whether `advance` has, or will have, something to do."""
        return self._status is Status.RUNNING

    @property
    def _bound_for(self) -> Position:
        """Where a further command starts from: commands may come faster than their work is done."""
        return self._back_to or self._goal or self._timeline.position

    @property
    def plays(self) -> bool:
        """Whether it runs by itself, and not to a goal."""
        return self._status is Status.RUNNING and self._goal is None

    @property
    def speed(self) -> int | None:
        """Units a second, or None for as fast as it goes; raises ValueError for what is neither."""
        return self._pacer.speed

    @speed.setter
    def speed(self, speed: int | None) -> None:
        self._pacer.speed = checked_speed(speed)
        self._changed()
        self._pacer.reset()

    @property
    def unit(self) -> Unit:
        """What it plays by: epochs, or single updates."""
        return self._unit

    @unit.setter
    def unit(self, unit: Unit) -> None:
        self._unit = Unit(unit)  # which a word may name
        self._changed()
        self._pacer.reset()

    # Commands

    def play(self) -> None:
        """Starts, or goes on from where the run is visited; at its end it stays."""
        if not self._status.ended and not self.plays:
            self._goal, self._back_to, self._plays_on = None, None, False
            self._become(Status.RUNNING)
            self._pacer.reset()

    def pause(self) -> None:
        """Stops the clock of a running run, and what is on its way."""
        if self._status is Status.RUNNING:
            self._rest()

    def toggle(self) -> None:
        """Pauses what runs, plays what does not."""
        if self.plays:
            self.pause()
        else:
            self.play()

    def step(self, unit: Unit) -> None:
        """Goes on to the end of one update, or of the epoch in progress, and pauses there; `advance` does the work."""
        if not self._status.ended:
            position = self._bound_for
            self._go(self._timeline.after(position) if Unit(unit) is Unit.UPDATE else Position(position.epoch + 1, 0))
            self._steps = True

    def back(self, unit: Unit) -> None:
        """Goes back to before the last update, or to the start of the epoch in progress or else of the one before."""
        position = self._bound_for
        if Unit(unit) is Unit.UPDATE:
            self._go(self._timeline.before(position))
        else:
            self._go(Position(position.epoch, 0) if position.update else Position(max(0, position.epoch - 1), 0))

    def seek(self, epoch: SupportsIndex, update: SupportsIndex = 0) -> None:
        """Goes to a position and pauses there; what was never trained on the way is trained now.

        Updates of an epoch after the last one mean the end of the last one. Raises ValueError where the run has no such
        position.
        """
        self.head_for(Position(index(epoch), index(update)))

    def head_for(self, position: Position) -> None:
        """Goes to a position that a caller has as one, and pauses there; raises ValueError as `seek` does."""
        self._go(self._checked(*position))

    def revisit(self, position: Position, newest: Position) -> None:
        """Goes to a position as to one in the past of a run that was trained up to `newest`, and pauses there.

        Raises ValueError where the run has no such positions.
        """
        position, newest = self._checked(*position), self._checked(*newest)
        if newest <= self._timeline.newest:
            self._go(position)
        else:
            self._go(newest)
            self._back_to = position

    def _checked(self, epoch: int, update: int) -> Position:
        per_epoch = self._timeline.task.updates_per_epoch
        if not (0 <= epoch <= self.config.epochs and 0 <= update <= per_epoch):
            raise ValueError(f"epoch {epoch}, update {update} is no position of this run")
        if update == per_epoch:
            epoch, update = epoch + 1, 0
        return min(Position(epoch, update), Position(self.config.epochs, 0))

    def jump(self, epochs: int) -> None:
        """Goes so many epochs on, or back if it is less than 0, as far as there are any."""
        epoch = self._bound_for.epoch + epochs
        self.head_for(Position(max(0, min(epoch, self.config.epochs)), 0))

    def first(self) -> None:
        """Goes to the start of the run."""
        self._go(START)

    def last(self) -> None:
        """Goes to the newest position; where that is visited already, nothing changes."""
        if self._timeline.position != self._timeline.newest:
            self._go(self._timeline.newest)

    @property
    def problems(self) -> tuple[Dataset, ...]:
        """The samples of all runs, the present one's first: what is known need not be read again."""
        return self._timeline.task.problem, *(run.problem for run in self.earlier)

    def restart(self, config: RunConfig | FitTask | None = None, least: int = 0) -> None:
        """Begins a new run, with another configuration if one is given, or with a FitTask, whose samples are there
        already; it plays on if the old run was playing.

        That one is kept, if anything of it was trained, at least `least` epochs, and it is not the same. Raises
        ConfigError, and leaves the old run as it is, where the configuration cannot be used.
        """
        task = config if isinstance(config, FitTask) else make_task(config or self.config, *self.problems)
        playing = self.plays or self._plays_on
        self._earlier.put_for(self.run, task, least)
        self._start_run(task)
        if playing:
            self.play()

    def carry_on(self) -> None:
        """Begins a new run from the w of the visited point, of the same samples, though their file may have changed;
        the rate, and what an optimizer remembers, begin anew.

        Raises ConfigError where this w cannot be a start.
        """
        self.restart(self._timeline.task.replace(init=tuple(self._timeline.trainer.w.tolist())))

    def twin(self, name: str) -> None:
        """Begins the run that differs in one choice, a row of TWINS, and goes to the newest point of this one.

        It has the same samples, though their file may have changed. There it plays on if this one was playing. Raises
        ConfigError where it would be the same run.
        """
        task, goal = self._timeline.task, self._timeline.newest
        self.restart(FitTask(twin(task, name), task.problem))
        self._go(goal, plays_on=self.plays)

    def show(self, number: int) -> None:
        """Shows an earlier run again, at rest where it was left. Raises ValueError where there is none."""
        if number != self._run:
            run = self._earlier.pop(number)
            self._earlier.put(self.run)
            self._run, self._timeline = run.number, run.timeline
            self._rest()

    def forget(self, number: int) -> None:
        """Forgets an earlier run. Raises ValueError where there is none of this number."""
        self._earlier.pop(number)
        self._changed()

    def again(self) -> RunSession:
        """The present run in another session, which trains it from the start to the newest position of this one.

        It has the same earlier runs.
        """
        again = RunSession(self._timeline.task, speed=None, clock=self._clock, rng=self._rng)
        again._run, again._earlier.runs = self._run, self._earlier.runs
        if self._timeline.end is None:
            again.seek(*self._timeline.newest)
        else:
            again.play()  # that it diverges is known only by the update after the newest position
        return again

    # Training

    def advance(self, budget: float, most: int | None = None) -> RecordLog:
        """Does what is due, for about `budget` seconds and `most` records at most, and returns those to be logged.

        These are one for each epoch that ended, and one for each update of a single step or of playing by updates; none
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
        """A piece of work on the way to the goal, or of playing; at most so many epochs beyond the newest point."""
        timeline, newest = self._timeline, self._timeline.newest
        goal = self._goal or self._next()
        timeline.approach(min(goal, Position(newest.epoch + most, 0)), records)
        position, record = timeline.position, timeline.trainer.last
        self._changed()
        if record is not None and newest < position and position.update and self._tells_updates():
            records.add(record)
        if self._unit is Unit.UPDATE or position.update == 0:
            self._pacer.consume()
        if timeline.at_end or position == self._goal:
            back_to = self._back_to
            self._rest(self._plays_on)
            if back_to is not None:
                self._go(back_to)

    def _next(self) -> Position:
        """Where playing leads."""
        position = self._timeline.position
        if self._unit is Unit.UPDATE:
            return self._timeline.after(position)
        return Position(self.config.epochs if self.speed is None else position.epoch + 1, 0)

    def _tells_updates(self) -> bool:
        """Whether the update just done gets a line of its own: a step led to it, or it is played by updates."""
        if self._goal is None:
            return self._unit is Unit.UPDATE
        return self._steps and self._goal == self._timeline.position

    def _go(self, goal: Position, plays_on: bool = False) -> None:
        """Leaves for a position, from which on it may play on; `advance` does the work."""
        if goal == self._timeline.position and self._status is not Status.RUNNING:
            return
        self._goal, self._back_to, self._plays_on, self._steps = goal, None, plays_on, False
        self._become(Status.RUNNING)

    def _rest(self, plays_on: bool = False) -> None:
        """Stands still where the run is visited, if it is not to play on from there."""
        end = self._timeline.end if self._timeline.at_end else None
        self._goal, self._back_to, self._plays_on = None, None, False
        self._become(Status.PAUSED if end is None else end.status)
        if plays_on:
            self.play()

    def _become(self, status: Status) -> None:
        self._status = status
        self._changed()

    # What a front end sees

    def _changed(self) -> None:
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """Where the session stands; the same object as long as nothing has changed."""
        if self._snapshot is None:
            trainer, record = self._timeline.trainer, self._timeline.trainer.last
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
