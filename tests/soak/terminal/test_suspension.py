"""Job control: stopped, continued and in the background the program leaves the terminal to the shell, or goes on."""

import os
import random
import signal
import sys
import time

import pytest
from harness import FULL_SPEED
from job_control import CTRL_Z, ctrl_d_with_fg_ends_nothing, ends_by_signal_in_background, shell_with_app

LEFT, ENTERED = b"\x1b[?1049l", b"\x1b[?1049h"
ORDERS = [(20, (0, 0.002)), (50, (0.0005, 0.005, 0.01))]


@pytest.mark.parametrize(("count", "pauses"), ORDERS, ids=["usual", "others"])
def test_stop_and_continue_restore_terminal(terminal, count, pauses):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    app.signal(signal.SIGTSTP)
    _until_stopped(app)
    app.read(0.1)
    assert app.left() == []
    _until_shown_anew(app)
    _continued_before_the_stop_it_does_not_stop(app, pauses)
    _until_shown_anew(app)
    _stop_in_any_order_at_any_rate(app, count)
    _until_shown_anew(app)
    assert len(os.listdir(f"/proc/{app.pid}/task")) <= 5  # no thread was left by a stop
    _ctrl_z_where_there_is_no_shell_changes_nothing(app)
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


def _until_shown_anew(app):
    app.display.reset()
    app.signal(signal.SIGCONT)
    app.until("RUNNING")
    app.until("space ")  # a key that comes while the terminal is left would be the shell's


def _continued_before_the_stop_it_does_not_stop(app, pauses):
    """It is continued once it has left the terminal: two signals sent at once may reach a busy process in any order."""
    for pause in 3 * pauses:
        _until_sent(app, LEFT, lambda: app.signal(signal.SIGTSTP))
        time.sleep(pause)
        _until_sent(app, ENTERED, lambda: app.signal(signal.SIGCONT))


def _until_sent(app, sequence, act):
    times, end = app.output.count(sequence), time.monotonic() + 10
    act()
    while app.output.count(sequence) == times:
        app.read(0.001)
        assert time.monotonic() < end, f"it is not sent, in the state {app.state}"


def _stop_in_any_order_at_any_rate(app, count):
    rng = random.Random(5)
    for _ in range(count):
        kind = rng.choice(["TSTP", "STOP", "CONT"])
        if kind != "CONT":
            app.signal(getattr(signal, f"SIG{kind}"))
            _until_stopped(app)
        app.signal(signal.SIGCONT)
        app.read(rng.uniform(0.005, 0.05))  # two signals sent at once may reach it in any order


def _ctrl_z_where_there_is_no_shell_changes_nothing(app):
    # A key behind it would be the shell's while the terminal is left, which a signal before may have it taken anew.
    _until_sent(app, ENTERED, lambda: _until_sent(app, LEFT, lambda: app.send(CTRL_Z)))
    app.until("space ")
    app.until("RUNNING")
    assert app.state != "T"


@pytest.mark.parametrize("stop", ["ctrl_z", "STOP"])
def test_in_the_background_a_signal_ends_it(terminal, stop):
    shell, app = shell_with_app(terminal)
    ends_by_signal_in_background(shell, app, stop)


def test_ctrl_d_with_fg_ends_nothing(terminal):
    shell, app = shell_with_app(terminal)
    ctrl_d_with_fg_ends_nothing(shell, app, "STOP")
    shell.send("q")
    shell.until("shell>")
    assert shell.left() == []


TAKES_TERMINAL = """
import os, select, signal, sys, time

def take(*_):
    os.tcsetpgrp(0, os.getpgrp())
    print("taken", flush=True)
    select.select([0], [], [])
    time.sleep(0.2)  # in which the app could take it, too
    key = os.read(0, 1)
    print("got", key, flush=True)
    os.waitpid(app, os.WUNTRACED)
    os.tcsetpgrp(0, app)
    os.kill(app, signal.SIGCONT)

app = os.fork()
if not app:
    os.setpgid(0, 0)
    from quadfit_tui.main import main
    main()
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, take)
os.setpgid(app, app)
os.tcsetpgrp(0, app)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(app, 0)[1]))
"""


def test_stolen_terminal_is_left_alone(terminal):
    app = terminal(*FULL_SPEED, command=[sys.executable, "-c", TAKES_TERMINAL])  # an answer would be a key, too
    app.until("RUNNING")
    app.signal(signal.SIGUSR1)
    app.wait(lambda: b"taken" in app.output)
    before = len(app.output)
    app.read(0.3)
    assert app.output[before:].strip() == b""
    app.send("n")
    app.wait(lambda: b"got b'n'" in app.output)
    app.display.reset()
    app.until("space ")
    app.until("RUNNING")  # n has done nothing
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


def _until_stopped(app):
    end = time.monotonic() + 10
    while app.state != "T":
        app.read(0.005)
        assert time.monotonic() < end
