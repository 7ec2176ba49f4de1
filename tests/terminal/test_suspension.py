"""Job control: stopped, continued and in the background the program leaves the terminal to the shell, or goes on."""

import os
import random
import signal
import sys
import time

import pytest
from harness import APP, FULL_SPEED, QUESTION
from trials import AT_LENGTH, rounds, variants

CTRL_Z = "\x1a"


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


@pytest.mark.parametrize("pause", rounds([0, 0.002, 0.0005, 0.005, 0.015]))
def test_who_is_continued_before_the_stop_does_not_stop(terminal, pause):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    for _ in range(3):
        app.signal(signal.SIGTSTP)
        time.sleep(pause)
        app.signal(signal.SIGCONT)
        app.read(0.1)
        assert app.state != "T"
    app.display.reset()
    app.signal(signal.SIGCONT)
    app.until("q Quit")  # a key that comes while the terminal is left would be the shell's
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


def test_stops_in_any_order_at_any_rate(terminal):
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    rng = random.Random(5)
    for _ in range(50 if AT_LENGTH else 20):
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
    shell.resize(30, 100)  # of which only the shell is told
    shell.send("fg\n")
    shell.until("READY")
    shell.until("lr           0.5")
    shell.wait(lambda: shell.text.splitlines()[29].startswith("tab Next field"))
    shell.send("\x11")
    shell.until("shell>")
    shell.send("echo code $?\n")
    shell.until("code 0")
    assert shell.left() == []
    assert "R" not in shell.text.replace("READY", "")  # no answer to a question lands in the shell


def _shell_with_app(terminal):
    """A shell with job control, and the app at full speed in it; what names its process."""
    shell = terminal("--norc", "--noediting", "-i", command=["/bin/bash"], env={"PS1": "shell> "}, answers=True)
    shell.until("shell>")
    shell.send(" ".join((*APP, *FULL_SPEED)) + "\n")
    shell.until("RUNNING")
    shell.read(0.2)
    (child,) = _children(shell.child.pid)
    return shell, child


def _stop(shell, app, how):
    """Stops the app in its shell, by ctrl+z or by a signal that it cannot see."""
    if how == "STOP":
        os.kill(app, signal.SIGSTOP)
    else:
        shell.send(CTRL_Z)
    shell.until("Stopped")
    shell.read(0.1)
    shell.send("\n")  # the answer to a question that was under way, which nothing can keep from the shell


def _children(process):
    with open(f"/proc/{process}/task/{process}/children") as children:
        return [int(number) for number in children.read().split()]


def _state(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_continued_in_the_background_it_leaves_the_terminal_to_the_shell(terminal):
    shell, app = _shell_with_app(terminal)
    _stop(shell, app, "STOP")
    for turn in range(3):
        os.kill(app, signal.SIGCONT)
        shell.wait(lambda: _state(app) == "T", "it is not stopped again")
        if turn == 0:  # STOP may have come amid the sending of a frame, which then ends
            shell.read(0.2)
            before = len(shell.output)
    shell.read(0.2)
    assert QUESTION not in shell.output[before:]
    assert b"\x1b[?1049" not in shell.output[before:]
    shell.send("echo $((6 * 7))\n")  # the terminal is as the shell wants it
    shell.until("42")
    shell.send("fg\n")
    shell.display.reset()
    shell.until("RUNNING")
    shell.until("q Quit")
    shell.send("q")
    shell.until("shell>")
    assert shell.left() == []


TAKES_TERMINAL = """
import os, select, signal, subprocess, sys, time

def begin():
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)

def take(*_):
    os.tcsetpgrp(0, os.getpgrp())
    print("taken", flush=True)
    select.select([0], [], [])
    time.sleep(0.2)  # in which the app could take it, too
    key = os.read(0, 1)
    print("got", key, flush=True)
    os.waitpid(app.pid, os.WUNTRACED)
    os.tcsetpgrp(0, app.pid)
    os.kill(app.pid, signal.SIGCONT)

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGUSR1, take)
app = subprocess.Popen(sys.argv[1:], preexec_fn=begin)
os.tcsetpgrp(0, app.pid)
sys.exit(app.wait())
"""


def test_who_takes_the_terminal_without_a_word_has_it_alone(terminal):
    app = terminal(*APP, *FULL_SPEED, command=[sys.executable, "-c", TAKES_TERMINAL])  # an answer would be a key, too
    app.until("RUNNING")
    app.signal(signal.SIGUSR1)
    app.wait(lambda: b"taken" in app.output)
    before = len(app.output)
    app.read(0.3)
    assert app.output[before:].strip() == b""
    app.send("n")
    app.wait(lambda: b"got b'n'" in app.output)
    app.display.reset()
    app.until("q Quit")
    app.until("RUNNING")  # n has done nothing
    app.send("q")
    assert app.end() == 0
    assert app.left() == []


@pytest.mark.parametrize("stop", variants({"bg": "bg", "ctrl_z": "ctrl_z", "STOP": "STOP"}, 1))
def test_in_the_background_a_signal_ends_it(terminal, stop):
    shell, app = _shell_with_app(terminal)
    _stop(shell, app, stop)
    if stop == "bg":
        told = shell.output.count(b"Stopped")
        shell.send("bg\n")

        def is_told_again():
            shell.send("\n")  # at the next prompt
            shell.read(0.1)
            return shell.output.count(b"Stopped") > told

        shell.wait(is_told_again, "for the shell it is not stopped, and it is not continued to take a signal")
    shell.send("kill %1\n")
    shell.wait(lambda: _state(app) == "", "it goes on")
    shell.send("\n")
    shell.until("Exit 143")
    shell.send("echo $((6 * 7))\n")
    shell.until("42")
    assert shell.left() == []


@pytest.mark.parametrize("stop", variants({"ctrl_z": "ctrl_z", "STOP": "STOP"}, 1))
def test_ctrl_d_that_comes_with_fg_ends_nothing(terminal, stop):
    """It is read while the terminal is still the shell's, for which it is the end of a file."""
    shell, app = _shell_with_app(terminal)
    _stop(shell, app, stop)
    shell.send("fg\n")
    while _state(app) == "T":
        pass
    shell.send("\x04")
    shell.display.reset()
    shell.until("q Quit")
    shell.send("q")
    shell.until("shell>")
    assert shell.left() == []


def test_ctrl_z_where_there_is_no_shell_changes_nothing(terminal):
    app = terminal(answers=True)
    app.until("READY")
    app.send(CTRL_Z)
    app.read(0.3)
    assert app.state != "T"
    app.until("READY")
    app.send(" ")
    app.until("RUNNING")


def _until_stopped(app):
    end = time.monotonic() + 10
    while app.state != "T":
        app.read(0.005)
        assert time.monotonic() < end
