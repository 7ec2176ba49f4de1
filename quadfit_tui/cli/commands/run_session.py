"""Makes the session of a run, for the app, `run` and `sweep`, and loads its samples with a line of progress."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from quadfit_tui.cli.parsing.options import as_usage_errors, check_samples
from quadfit_tui.cli.status_line import SILENCE, StatusLine
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.ui.terminal.signals import block_ending_signals

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.model.task import FitTask
    from quadfit_tui.core.session.session import RunSession

_REFRESH = 0.1  # seconds of reading between two lines of progress


def make_session(config: RunConfig, speed: int | None, tells: bool = False) -> RunSession:
    """Makes the session of a run, loading its samples; raises a usage error if they cannot be used.

    `tells`: a terminal shows the progress of a file that takes long to load, as nothing else is on the screen yet.
    """
    with block_ending_signals():  # in the threads that NumPy starts for its BLAS
        from quadfit_tui.core.session.session import RunSession

    with as_usage_errors():
        if tells and config.data is not None:
            session = RunSession(load_with_progress(config), speed=speed)
        else:
            session = RunSession(config, speed=speed)
    check_samples(session.timeline.task.problem)
    return session


def load_with_progress(config: RunConfig) -> FitTask:
    """Loads the samples of a configuration and returns its task, showing progress on a terminal if it takes long."""
    from quadfit_tui.core.model.incremental_job import IncrementalJob
    from quadfit_tui.core.model.task import task_steps

    work, status = IncrementalJob(task_steps(config)), StatusLine()
    name = shown_name(os.path.basename(config.data or ""))
    try:
        work.advance(SILENCE)
        while work.is_busy and status.is_seen:
            template = _("Reading {file}: {percent} %; press ctrl+c to stop.")
            status.show(template.format(file=name, percent=work.percent))
            work.advance(_REFRESH)
        work.advance(math.inf)
    finally:
        work.cancel()
        status.clear()
    assert work.result is not None
    return work.result
