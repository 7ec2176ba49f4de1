"""Signals and hang-ups: the program ends in order, and the terminal is left as it was."""

import signal
import subprocess
import sys
import time

import pytest
from harness import ALL_ANSWERS, FULL_SPEED, IGNORES_HANG_UPS_APP
from trials import variants


@pytest.mark.parametrize("name", variants({name: name for name in ("HUP", "XCPU", "TERM", "QUIT", "INT")}, 1))
def test_a_signal_ends_it_in_order(terminal, name):
    number = getattr(signal, f"SIG{name}")
    app = terminal(*FULL_SPEED, answers=True)
    app.until("RUNNING")
    app.signal(number)
    assert app.end() == 128 + number
    assert app.left() == []
    assert "Traceback" not in app.text


@pytest.mark.parametrize("how", variants({"HUP": signal.SIGHUP, "TERM": signal.SIGTERM}, 1))
def test_signal_during_synchronized_frame_ends_it(terminal, how):
    app = terminal(answers=ALL_ANSWERS)
    app.until("? Keys")
    app.rest()
    app.set_size(200, 400)  # a frame of more than the line takes, of which nobody reads but the begin
    app.wait_for_part(b"\x1b[?2026h")
    app.signal(how)
    assert app.gone() == 128 + how
    app.read(0.2)
    assert app.left() == []


STUCK = """
import signal, sys, time
from quadfit_tui.ui.terminal import signals
from quadfit_tui.ui.terminal.signals import ending_by_signals
signals.END_TIMEOUT = 0.4
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with ending_by_signals(lambda code: print("asked to end with", code, flush=True), lambda: print("gave up", flush=True)):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_stuck_program_is_ended_after_timeout():
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as stuck:
        assert stuck.stdout.readline() == "ready\n"
        stuck.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            stuck.wait(0.2)
        stuck.send_signal(signal.SIGTERM)
        assert stuck.wait(10) == 143
        assert stuck.stdout.read() == "asked to end with 143\ngave up\n"


AMID = {"TERM": ("TERM", 0.02, False), "hang_up": ("hang_up", 0.0, False)}
AMID |= {f"{how}_after_{pause}": (how, pause, True) for how in AMID for pause in (0.0, 0.02, 0.08)}


@pytest.mark.parametrize(("how", "pause", "anew"), variants(AMID, 1))
def test_signal_during_start_ends_in_order(terminal, tmp_path, how, pause, anew):
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    app = terminal(command=IGNORES_HANG_UPS_APP, env=state, anew=anew)
    app.wait_for_part(b"\x1b")
    time.sleep(pause)
    if how == "TERM":
        app.signal(signal.SIGTERM)
        assert app.end() == 143
        assert app.left() == []
    else:
        app.hang_up()
        assert app.gone() == 129
    assert not (tmp_path / "state").exists()  # no failure was reported


FOREIGN = """
import sys, threading, time
from quadfit_tui.ui.terminal.signals import ending_by_signals
for _ in range(8):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
asked = threading.Event()
with ending_by_signals(lambda code: asked.set(), lambda: None):
    print("ready", flush=True)
    while not asked.is_set():
        time.sleep(0.001)
print("in order", flush=True)
sys.exit(9)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_existing_threads_take_no_signal(number):
    with subprocess.Popen([sys.executable, "-c", FOREIGN], stdout=subprocess.PIPE, text=True) as foreign:
        assert foreign.stdout.readline() == "ready\n"
        foreign.send_signal(number)
        assert foreign.wait(10) == 9
        assert foreign.stdout.read() == "in order\n"


def test_blocked_exit_is_forced_after_signal():
    with subprocess.Popen([sys.executable, "-c", HANGS], stdout=subprocess.PIPE, text=True) as hanging:
        assert hanging.stdout.readline() == "ready\n"
        hanging.send_signal(signal.SIGTERM)
        assert hanging.wait(10) == 143


AFTERWARDS = """
import os, signal
from quadfit_tui.ui.terminal.signals import ENDING, ending_by_signals
before = [signal.getsignal(number) for number in ENDING]
with ending_by_signals(print, print):
    assert [signal.getsignal(number) for number in ENDING] != before
assert [signal.getsignal(number) for number in ENDING] == before
assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_signal_handlers_are_restored():
    assert subprocess.run([sys.executable, "-c", AFTERWARDS], check=False, timeout=20).returncode == -signal.SIGTERM


HANGS = """
import threading, time
from quadfit_tui.ui.terminal import signals
from quadfit_tui.ui.terminal.signals import ending_by_signals
signals.END_TIMEOUT = 0.1
asked = threading.Event()
with ending_by_signals(lambda code: asked.set(), lambda: None):
    print("ready", flush=True)
    asked.wait()
time.sleep(60)
"""


def test_signal_during_loading_ends_at_once(terminal):
    app = terminal(anew=True)
    time.sleep(0.05)  # it is still being loaded
    app.signal(signal.SIGTERM)
    assert app.end() in (143, -signal.SIGTERM)
    assert app.left() == []
