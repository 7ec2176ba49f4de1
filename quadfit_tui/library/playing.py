"""Session: the one of the core, with samples of one's own."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session import session
from quadfit_tui.core.session.playback import DEFAULT_SPEED
from quadfit_tui.library.samples import Samples, task_of


class Session(session.Session):
    """A run to be played: paused, stepped, visited at any of its updates, and restarted.

    `x` and `y` are samples of your own, as `train` takes them. `speed` are epochs a second by `clock`, None: as fast as
    it goes. Raises ConfigError where its samples, or its batch size for them, cannot be used.
    """

    def __init__(
        self,
        config: RunConfig | Task,
        *,
        x: ArrayLike | None = None,
        y: ArrayLike | None = None,
        speed: int | None = DEFAULT_SPEED,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], np.random.Generator] | None = None,
    ) -> None:
        task = config if isinstance(config, Task) else task_of(config, x, y)
        super().__init__(task, speed=speed, clock=clock, rng=rng)

    @property
    def samples(self) -> Samples:
        """The samples of the present run, also those of a file, or made."""
        problem = self.timeline.task.problem
        return Samples(problem.x, problem.y)
