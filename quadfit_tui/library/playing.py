"""Session: the one of the core, with samples of one's own."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from quadfit_tui.core.config.own_values import format_typed_value
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session import session
from quadfit_tui.core.session.playback import DEFAULT_SPEED
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.position import format_moment as moment_of
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.moments import Moment, visit
from quadfit_tui.library.samples import Samples, task_of


class Session(session.RunSession):
    """A run to be played: paused, stepped, visited at any of its updates, and restarted.

    Promised are `go`, `play`, `pause`, `restart`, `advance`, `is_busy`, `status`, `speed`, `samples`, `config` (of the
    current run: `session.restart(session.config.replace(lr=0.1))` keeps the samples) and `snapshot()`, whose `epoch` is
    how many epochs are done, 15 after `go(14)`, and whose `lr` is that of the next update.

    `x`, `y` and `missing` are as `train` takes them. `speed` are epochs a second by `clock`, None: as fast as
    it goes. Raises ConfigError if its samples, or its batch size for them, cannot be used.
    """

    def __init__(
        self,
        config: RunConfig | FitTask,
        *,
        x: ArrayLike | None = None,
        y: ArrayLike | None = None,
        missing: Missing = None,
        speed: int | None = DEFAULT_SPEED,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], np.random.Generator] | None = None,
    ) -> None:
        task = config if isinstance(config, FitTask) else task_of(config, x, y, missing)
        super().__init__(task, speed=speed, clock=clock, rng=rng)

    def go(self, moment: Moment) -> Snapshot:
        """Moves to a moment and pauses there, training what was not trained yet; returns the snapshot of it.

        `moment` is "start", 14 (after the last update of epoch 14), "15:3" (three updates of epoch 15 later) or "end".
        Raises ValueError if the run has no such moment, or ends before it.
        """
        for _ in visit(self, moment):
            pass
        return self.snapshot()

    def restart(self, config: RunConfig | FitTask | None = None, least: int = 0) -> None:
        """Starts a new run, with another configuration if given; raises ConfigError if that cannot be used."""
        if not isinstance(config, RunConfig | FitTask | None):
            raise TypeError(f"config must be a RunConfig, or None for the same one, got {format_typed_value(config)}")
        super().restart(config, least)

    def __repr__(self) -> str:
        return f"<Session: {self.status} at {moment_of(self.timeline.position)}, {self.config!r}>"

    @property
    def samples(self) -> Samples:
        """The samples of the current run: the caller's, those of a file, or generated ones."""
        return Samples.of(self.timeline.task.problem)
