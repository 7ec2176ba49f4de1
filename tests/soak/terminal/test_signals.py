"""Signals amid heavy training, many at once, and a terminal that goes away: the program ends in order."""

import signal
import sys
import time

import pytest
from harness import APP, FULL_SPEED, IGNORES_HANG_UPS_APP, UNHURRIED_APP

MANY_THREADS = {f"{name}_NUM_THREADS": "4" for name in ("OPENBLAS", "OMP", "MKL")}


def test_cpu_limit_ends_in_order(terminal):
    limited = ["/bin/sh", "-c", 'ulimit -S -t 2; exec "$@"', "sh", *APP]  # its start may take one
    app = terminal(*FULL_SPEED, "--optimizer", "adam", command=limited, answers=True)
    assert app.end() == 128 + signal.SIGXCPU
    assert app.left() == []


TIMES = 3  # which thread gets a signal is up to the system


def test_signal_during_training_by_epochs(terminal):
    """Also where training goes on by whole epochs in NumPy, and from a thread that NumPy has made before."""
    for _ in range(TIMES):
        long = ("--play", "--speed", "max", "--samples", "100000", "--epochs", "1000000", "--stop-on", "never")
        app = terminal(*long, command=UNHURRIED_APP, env=MANY_THREADS, answers=True)
        app.until("RUNNING")
        app.signal(signal.SIGTERM)
        assert app.end() == 143
        assert app.left() == []


BUSY = """
import time
from quadfit_tui import main as cli

made = cli.make_session

def busy(*args):
    session = made(*args)  # which loads NumPy
    from quadfit_tui.ui.tasks.training_loop import TrainingLoop
    TrainingLoop._train = lambda self: time.sleep(60)
    return session

cli.make_session = busy
cli.main([])
"""


def test_busy_app_is_ended_and_terminal_restored(terminal):
    """Whichever thread gets the signal: NumPy has made some, and the main one has no time for any."""
    for _ in range(TIMES):
        app = terminal(command=[sys.executable, "-c", BUSY], env=MANY_THREADS, answers=True)
        app.until("? Keys")
        app.send(" ")
        app.read(0.3)
        began = time.monotonic()
        app.signal(signal.SIGTERM)
        assert app.end() == 143
        assert time.monotonic() - began > 0.5  # it was given up, and had its time before
        assert app.left() == []


@pytest.mark.parametrize("pause", [0, 0.003, 0.01])
def test_further_signals_change_nothing(terminal, pause):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    app.signal(signal.SIGTERM)
    end = time.monotonic() + 10
    while app.is_alive and time.monotonic() < end:  # as timeout, kill and a shell that ends may all do
        time.sleep(pause)
        app.signal(signal.SIGINT)
        app.signal(signal.SIGHUP)
        app.read(0.001)
    assert app.end() in (143, 130, 129)  # of what comes at once, the system gives the lowest number first
    assert app.left() == []


@pytest.mark.parametrize("args", [(), FULL_SPEED], ids=["at_rest", "at_full_speed"])
def test_lost_terminal_ends_app_despite_nohup(terminal, args):
    app = terminal(*args, command=IGNORES_HANG_UPS_APP)
    app.until("? Keys")
    app.hang_up()
    end = time.monotonic() + 10
    while app.is_alive and time.monotonic() < end:
        time.sleep(0.01)
    assert app.code == 129
