"""Where it cannot end in order: the terminal is given back whatever the main thread does."""

import os
import pty
import signal
import subprocess
import sys
import termios
from types import SimpleNamespace

from quadfit_tui.ui.terminal.driver import TerminalDriver
from quadfit_tui.ui.terminal.modes import Modes
from quadfit_tui.ui.terminal.tty import Tty

SLOW = """
import os, time
from quadfit_tui.ui.terminal import signals
from quadfit_tui.ui.terminal.signals import ending_by_signals

signals.END_TIMEOUT = 0.1

def give_back():
    time.sleep(0.3)
    os.write(1, b"given back")

with ending_by_signals(lambda code: None, give_back):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_terminal_restore_gets_extra_time():
    """It may have to wait for a main thread that keeps the interpreter's lock: it came too late, and left it raw."""
    with subprocess.Popen([sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True) as slow:
        assert slow.stdout.readline() == "ready\n"
        slow.send_signal(signal.SIGTERM)
        assert slow.wait(10) == 143
        assert slow.stdout.read() == "given back"


def test_hanging_terminal_restore_is_ended():
    hanging = SLOW.replace("time.sleep(0.3)", "time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", hanging], stdout=subprocess.PIPE, text=True) as hangs:
        assert hangs.stdout.readline() == "ready\n"
        hangs.send_signal(signal.SIGTERM)
        assert hangs.wait(10) == 143


def test_terminal_attributes_are_restored_first():
    """What follows may never come: each call may be the last that this thread has a turn for."""
    ours, terminal = pty.openpty()
    try:
        driver = object.__new__(TerminalDriver)
        driver._tty, driver._in_use, driver._modes = Tty(terminal), True, Modes(extras=False, mouse=False)
        before = termios.tcgetattr(terminal)
        driver._tty.make_raw()
        assert termios.tcgetattr(terminal) != before
        found = []
        driver._output = SimpleNamespace(end_with=lambda _: found.append(termios.tcgetattr(terminal)))
        driver.abandon()
        assert found == [before]
    finally:
        os.close(ours)
        os.close(terminal)
