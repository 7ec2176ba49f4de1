"""Stops, and what takes their place."""

import asyncio
import os
import signal

import pytest

from quadfit_tui.ui.terminal.job_control import JobControl


@pytest.mark.parametrize("is_ending", [False, True])
@pytest.mark.parametrize("by_key", [False, True])
async def test_no_suspend_while_ending(monkeypatch, by_key, is_ending):
    sent, did = [], []
    monkeypatch.setattr(os, "kill", lambda process, number: sent.append((process, number)))
    ending = False
    jobs = JobControl(
        asyncio.get_running_loop(),
        leave=lambda: did.append("leave"),
        enter=lambda: did.append("enter"),
        is_ours=lambda: True,
        is_ending=lambda: ending,
    )
    jobs.begin()
    try:
        jobs.suspend(by_key)
        ending = is_ending  # it was asked to end after it had been asked to stop
        await asyncio.sleep(0.1)
    finally:
        jobs.end()
    stop = (0, signal.SIGTSTP) if by_key else (os.getpid(), signal.SIGSTOP)
    assert sent == ([] if is_ending else [stop])
    assert did == (["enter", "leave"] if is_ending else ["enter", "leave", "enter"])
