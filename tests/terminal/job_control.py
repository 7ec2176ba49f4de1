"""A shell with job control in which the app is stopped, continued and ended, as people do."""

import os
import signal

from harness import APP, FULL_SPEED

CTRL_Z = "\x1a"


def shell_on(terminal, *args):
    """A shell with job control, in which the app is started."""
    shell = terminal("--norc", "--noediting", "-i", command=["/bin/bash"], env={"PS1": "shell> "}, answers=True)
    shell.until("shell>")
    shell.send(" ".join((*APP, *args)) + "\n")
    return shell


def shell_with_app(terminal):
    """Such a shell, and the process of the app at full speed in it."""
    shell = shell_on(terminal, *FULL_SPEED)
    shell.until("RUNNING")
    shell.read(0.2)
    (app,) = children(shell.pid)
    return shell, app


def stop_app(shell, app, how):
    """Stops the app in its shell, by ctrl+z or by a signal that it cannot see."""
    if how == "STOP":
        os.kill(app, signal.SIGSTOP)
    else:
        shell.send(CTRL_Z)
    shell.until("Stopped")
    shell.read(0.1)
    shell.send("\n")  # the answer to a question that was under way, which nothing can keep from the shell


def children(process):
    with open(f"/proc/{process}/task/{process}/children") as children:
        return [int(number) for number in children.read().split()]


def state(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def ctrl_d_with_fg_ends_nothing(shell, app, stop):
    """It is read while the terminal is still the shell's, for which it is the end of a file."""
    stop_app(shell, app, stop)
    shell.send("fg\n")
    while state(app) == "T":
        pass
    shell.send("\x04")
    shell.display.reset()
    shell.until("space ")


def ends_by_signal_in_background(shell, app, stop):
    stop_app(shell, app, stop)
    if stop == "bg":
        told = shell.output.count(b"Stopped")
        shell.send("bg\n")

        def is_told_again():
            shell.send("\n")  # at the next prompt
            shell.read(0.1)
            return shell.output.count(b"Stopped") > told

        shell.wait(is_told_again, "for the shell it is not stopped, and it is not continued to take a signal")
    shell.send("kill %1\n")
    shell.wait(lambda: state(app) == "", "it goes on")
    shell.send("\n")
    shell.until("Exit 143")
    takes_commands(shell)
    assert shell.left() == []


def takes_commands(shell):
    """The terminal is as the shell wants it."""
    shell.send("echo [$((6 * 7))]\n")
    shell.until("[42]")
