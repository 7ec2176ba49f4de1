"""Job control: stopped, continued and in the background the program leaves the terminal to the shell, or goes on."""

import os
import random
import re
import signal
import sys
import time

import pytest
from harness import APP, FULL_SPEED, QUESTION

CTRL_Z = "\x1a"


LEFT, ENTERED = b"\x1b[?1049l", b"\x1b[?1049h"
ORDERS = [(20, (0, 0.002)), (50, (0.0005, 0.005, 0.01))]


@pytest.mark.system
@pytest.mark.parametrize(("count", "pauses"), ORDERS, ids=["usual", "others"])
def test_stopped_and_continued_it_gives_the_terminal_back_and_takes_it_again(terminal, count, pauses):
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


def test_of_the_terminal_of_a_shell_it_has_what_the_shell_gives_it(terminal):
    shell = _shell(terminal, *FULL_SPEED[1:])
    shell.until("READY")
    _ctrl_z_leads_to_the_shell_and_fg_back(shell)
    shell.send("\x1b")
    shell.until("space ")
    shell.send(" ")
    shell.until("RUNNING")
    (app,) = _children(shell.pid)
    _continued_in_the_background_it_leaves_the_terminal_to_the_shell(shell, app)
    _ctrl_d_that_comes_with_fg_ends_nothing(shell, app, "ctrl_z")
    _in_the_background_a_signal_ends_it(shell, app, "bg")


@pytest.mark.system
@pytest.mark.parametrize("stop", ["ctrl_z", "STOP"])
def test_in_the_background_a_signal_ends_it(terminal, stop):
    shell, app = _shell_with_app(terminal)
    _in_the_background_a_signal_ends_it(shell, app, stop)


@pytest.mark.system
def test_ctrl_d_that_comes_with_fg_ends_nothing(terminal):
    shell, app = _shell_with_app(terminal)
    _ctrl_d_that_comes_with_fg_ends_nothing(shell, app, "STOP")
    shell.send("q")
    shell.until("shell>")
    assert shell.left() == []


def _shell(terminal, *args):
    """A shell with job control, in which the app is started."""
    shell = terminal("--norc", "--noediting", "-i", command=["/bin/bash"], env={"PS1": "shell> "}, answers=True)
    shell.until("shell>")
    shell.send(" ".join((*APP, *args)) + "\n")
    return shell


def _shell_with_app(terminal):
    """Such a shell, and the process of the app at full speed in it."""
    shell = _shell(terminal, *FULL_SPEED)
    shell.until("RUNNING")
    shell.read(0.2)
    (app,) = _children(shell.pid)
    return shell, app


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


def _ctrl_z_leads_to_the_shell_and_fg_back(shell):
    shell.send("l" + CTRL_Z)  # in a field, too
    shell.until("Stopped")
    assert shell.left() == []
    _takes_commands(shell)
    assert not re.search(r"\d;\d+R", shell.text)  # no answer to a question lands in the shell
    shell.resize(30, 100)  # of which only the shell is told
    shell.send("fg\n")
    shell.until("READY")
    shell.until("lr             0.")
    shell.wait(lambda: shell.text.splitlines()[29].startswith(" ⏎ Apply and restart"))


def _continued_in_the_background_it_leaves_the_terminal_to_the_shell(shell, app):
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
    _takes_commands(shell)
    shell.send("fg\n")
    shell.display.reset()
    shell.until("RUNNING")
    shell.until("space ")


def _ctrl_d_that_comes_with_fg_ends_nothing(shell, app, stop):
    """It is read while the terminal is still the shell's, for which it is the end of a file."""
    _stop(shell, app, stop)
    shell.send("fg\n")
    while _state(app) == "T":
        pass
    shell.send("\x04")
    shell.display.reset()
    shell.until("space ")


def _in_the_background_a_signal_ends_it(shell, app, stop):
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
    _takes_commands(shell)
    assert shell.left() == []


def _takes_commands(shell):
    """The terminal is as the shell wants it."""
    shell.send("echo [$((6 * 7))]\n")
    shell.until("[42]")


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


@pytest.mark.system
def test_who_takes_the_terminal_without_a_word_has_it_alone(terminal):
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
