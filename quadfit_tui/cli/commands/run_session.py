"""The session of a run, for the app, `run` and `sweep`: its samples read, or refused."""

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

_TOLD_AGAIN = 0.1  # seconds between two looks at how far a file is read


def make_session(config: RunConfig, speed: int | None, tells: bool = False) -> RunSession:
    """The session of a run; raises a usage error where its samples cannot be used.

    `tells`: it says on the terminal how far a file is that takes longer to read, for there is nothing else to see yet.
    """
    with block_ending_signals():  # of the threads that NumPy makes for its BLAS
        from quadfit_tui.core.session.session import RunSession

    with as_usage_errors():
        session = RunSession(load_with_progress(config) if tells and config.data is not None else config, speed=speed)
    check_samples(session.timeline.task.problem)
    return session


def load_with_progress(config: RunConfig) -> FitTask:
    """The task of a configuration, whose file may take long to read: a terminal is told how far it is."""
    from quadfit_tui.core.model.incremental_job import IncrementalJob
    from quadfit_tui.core.model.task import task_pieces

    work, status = IncrementalJob(task_pieces(config)), StatusLine()
    name = shown_name(os.path.basename(config.data or ""))
    try:
        work.advance(SILENCE)
        while work.is_busy and status.is_seen:
            told = _("Reading {file}: {percent} %; press ctrl+c to stop.")
            status.show(told.format(file=name, percent=work.percent))
            work.advance(_TOLD_AGAIN)
        work.advance(math.inf)
    finally:
        work.cancel()
        status.clear()
    assert work.result is not None
    return work.result
