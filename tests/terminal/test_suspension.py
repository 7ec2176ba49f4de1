"""Stopped, continued and in the background of a shell, the app leaves the terminal to that shell."""

import os
import re
import signal

from harness import FULL_SPEED, QUESTION
from job_control import (
    CTRL_Z,
    children,
    ctrl_d_with_fg_ends_nothing,
    ends_by_signal_in_background,
    shell_on,
    state,
    stop_app,
    takes_commands,
)


def test_shell_job_control(terminal):
    shell = shell_on(terminal, *FULL_SPEED[1:])
    shell.until("READY")
    _ctrl_z_leads_to_the_shell_and_fg_back(shell)
    shell.send("\x1b")
    shell.until("space ")
    shell.send(" ")
    shell.until("RUNNING")
    (app,) = children(shell.pid)
    _continued_in_the_background_it_leaves_the_terminal_to_the_shell(shell, app)
    ctrl_d_with_fg_ends_nothing(shell, app, "ctrl_z")
    ends_by_signal_in_background(shell, app, "bg")


def _ctrl_z_leads_to_the_shell_and_fg_back(shell):
    shell.send("l" + CTRL_Z)  # in a field, too
    shell.until("Stopped")
    assert shell.left() == []
    takes_commands(shell)
    assert not re.search(r"\d;\d+R", shell.text)  # no answer to a question lands in the shell
    shell.resize(30, 100)  # of which only the shell is told
    shell.send("fg\n")
    shell.until("READY")
    shell.until("lr             0.")
    shell.wait(lambda: shell.text.splitlines()[29].startswith(" ⏎ Apply and restart"))


def _continued_in_the_background_it_leaves_the_terminal_to_the_shell(shell, app):
    stop_app(shell, app, "STOP")
    for turn in range(3):
        os.kill(app, signal.SIGCONT)
        shell.wait(lambda: state(app) == "T", "it is not stopped again")
        if turn == 0:  # STOP may have come amid the sending of a frame, which then ends
            shell.read(0.2)
            before = len(shell.output)
    shell.read(0.2)
    assert QUESTION not in shell.output[before:]
    assert b"\x1b[?1049" not in shell.output[before:]
    takes_commands(shell)
    shell.send("fg\n")
    shell.display.reset()
    shell.until("RUNNING")
    shell.until("space ")
