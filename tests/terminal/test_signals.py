"""Signals, job control, hang-ups: the program ends in order or goes on, and the terminal is left as it was."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from harness import APP

FULL_SPEED = ("--play", "--speed", "max", "--epochs", "1000000000", "--stop-on", "never", "--shuffle", "--noise", "9")
CTRL_Z = "\x1a"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_ends_it_in_order(terminal, number):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    app.signal(number)
    assert app.end() == 128 + number
    assert app.left() == []
    assert "Traceback" not in app.text


STUCK = """
import signal, sys, time
from quadfit_tui.ui.terminal.signals import ending_by_signals
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with ending_by_signals(lambda code: print("asked to end with", code, flush=True), lambda: print("gave up", flush=True)):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_what_does_not_end_in_order_is_ended_all_the_same_and_what_was_ignored_still_is():
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as stuck:
        assert stuck.stdout.readline() == "ready\n"
        stuck.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            stuck.wait(0.2)
        stuck.send_signal(signal.SIGTERM)
        assert stuck.wait(10) == 143
        assert stuck.stdout.read() == "asked to end with 143\ngave up\n"


def test_nobody_waits_for_a_signal_before_the_app_is_there(terminal):
    app = terminal()
    time.sleep(0.05)  # it is still being loaded
    app.signal(signal.SIGTERM)
    assert app.end() in (143, -signal.SIGTERM)
    assert app.left() == []


def test_stopped_and_continued_it_gives_the_terminal_back_and_takes_it_again(terminal):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    app.signal(signal.SIGTSTP)
    _until_stopped(app)
    app.read(0.1)
    assert app.left() == []
    app.display.reset()
    app.signal(signal.SIGCONT)
    app.until("RUNNING")
    app.until("q Quit")
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


def test_stops_in_any_order_at_any_rate(terminal):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    rng = random.Random(5)
    for _ in range(50):
        kind = rng.choice(["TSTP", "STOP", "CONT"])
        if kind != "CONT":
            app.signal(getattr(signal, f"SIG{kind}"))
            _until_stopped(app)
        app.signal(signal.SIGCONT)
        app.read(rng.random() * 0.05)
    app.display.reset()
    app.signal(signal.SIGCONT)
    app.until("q Quit")
    threads = len(os.listdir(f"/proc/{app.child.pid}/task"))
    assert threads <= 5  # none was left by a stop
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


def test_ctrl_z_leads_to_the_shell_and_fg_back(terminal):
    shell = terminal("--norc", "--noediting", "-i", command=["/bin/bash"], env={"PS1": "shell> "}, answers=True)
    shell.until("shell>")
    shell.send(" ".join(APP) + "\n")
    shell.until("READY")
    shell.send("l" + CTRL_Z)  # in a field, too
    shell.until("Stopped")
    assert shell.left() == []
    shell.send("echo $((6 * 7))\n")
    shell.until("42")
    shell.send("fg\n")
    shell.until("READY")
    shell.until("lr           0.5")
    shell.send("\x11")
    shell.until("shell>")
    shell.send("echo code $?\n")
    shell.until("code 0")
    assert shell.left() == []
    assert "R" not in shell.text.replace("READY", "")  # no answer to a question lands in the shell


def test_ctrl_z_where_there_is_no_shell_changes_nothing(terminal):
    app = terminal(answers=True)
    app.until("READY")
    app.send(CTRL_Z)
    app.read(0.3)
    assert app.state != "T"
    app.until("READY")
    app.send(" ")
    app.until("RUNNING")


IGNORES_HANG_UPS = (
    "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); from quadfit_tui.cli import main; main()"
)


@pytest.mark.parametrize("args", [(), FULL_SPEED], ids=["at_rest", "at_full_speed"])
def test_it_ends_when_the_terminal_goes_away_though_hang_ups_are_ignored(terminal, args):
    app = terminal(*args, command=[sys.executable, "-c", IGNORES_HANG_UPS])
    app.until("q Quit")
    app.hang_up()
    end = time.monotonic() + 10
    while app.child.isalive() and time.monotonic() < end:
        time.sleep(0.01)
    assert app.child.exitstatus == 129


def _until_stopped(app):
    end = time.monotonic() + 10
    while app.state != "T":
        app.read(0.005)
        assert time.monotonic() < end
