"""What happens between the program and its terminal in moments that come by chance, brought about on purpose."""

import sys

STEALS = """
import asyncio, os, select
from quadfit_tui.ui.app import QuadfitApp
begun = QuadfitApp.on_ready

def on_ready(self):
    loop = asyncio.get_running_loop()

    def wait():  # so that the loop knows of it only when somebody else is about to read it
        os.write(1, b"\\x1b]2;waits\\x07")
        select.select([0], [], [])
        loop.call_soon(steal)

    def steal():
        os.read(0, 100)
        loop.call_later(0.1, lambda: self.exit(return_code=7))

    begun(self)
    loop.call_later(0.1, wait)

QuadfitApp.on_ready = on_ready
from quadfit_tui import main as cli
cli.main([])
"""


def test_input_read_by_another_is_not_awaited(terminal):
    app = terminal(command=[sys.executable, "-c", STEALS], answers=True)
    app.wait(lambda: b"waits" in app.output)
    app.send("x")
    assert app.end() == 7
    assert app.left() == []
