"""What happens between the program and its terminal in moments that come by chance, brought about on purpose."""

import signal
import sys
import time

from harness import UNHURRIED

FLOODS = """
import sys
from quadfit_tui.ui.app import QuadfitApp
begun = QuadfitApp.on_ready

def on_ready(self):
    for _ in range(500):
        self.copy_to_clipboard("x" * 750)
    open(sys.argv[1], "w").close()
    sys.argv[1:] = []
    begun(self)

QuadfitApp.on_ready = on_ready
from quadfit_tui import main as cli
cli.main([])
"""


def test_clipboard_queue_is_bounded(terminal, tmp_path):
    app = terminal(str(tmp_path / "flooded"), command=[sys.executable, "-c", FLOODS])
    end = tmp_path / "flooded"
    while not end.exists():  # and nobody reads
        assert app.is_alive, app.read(1)
        time.sleep(0.01)
    app.until("space Play")
    app.quiet()
    assert 1000 < len(app.output) < 200_000  # of half a megabyte
    app.send("q")
    assert app.end() == 0


HURRIED = """
from quadfit_tui.ui.terminal import flow_control, terminal_app
terminal_app._CLOSING = terminal_app.END_TIMEOUT - 0.1  # seconds from a signal until the terminal is to be given back
flow_control.LEAST_TIMEOUT = flow_control.MOST_TIMEOUT = 60
flow_control.LOST = 600
from quadfit_tui.main import main; main()
"""


def test_signal_cuts_wait_for_last_answer(terminal):
    app = terminal(command=[sys.executable, "-c", UNHURRIED + HURRIED], answers=True)
    app.until("space Play")
    app.quiet()
    app.delay = 600
    app.send("q")
    app.wait(lambda: b"\x1b[?1049l" in app.output)
    app.signal(signal.SIGTERM)
    assert app.end() in (0, 128 + signal.SIGTERM)
    assert app.left() == []
