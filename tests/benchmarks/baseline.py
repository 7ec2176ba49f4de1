"""What the program is compared with: the least that a Textual app with a chart, a log and an input has to load."""

import asyncio

import numpy as np
import plotext
from rich.text import Text
from textual.app import App
from textual.widgets import Input, RichLog, Static

X = np.linspace(-50, 50, 160)


class Chart(Static):
    def on_resize(self, event):
        if event.size.width and event.size.height:
            figure = plotext.figure
            figure.clear()
            figure.plot_size(*event.size)
            figure.draw(figure.signal(X.tolist(), (2 * X * X - 4 * X + 3).tolist(), marker="braille").lines())
            self.update(Text.from_ansi(figure.build().string()))


class Baseline(App):
    CSS = "Chart {height: 1fr} RichLog {height: 1fr} Input {dock: bottom}"

    def compose(self):
        yield Chart()
        yield RichLog(max_lines=1000)
        yield Input(placeholder="ready>")

    def on_mount(self):
        self.query_one(Input).focus()
        self.run_worker(self.feed())

    async def feed(self):
        log = self.query_one(RichLog)
        for number in range(50):
            log.write(f"step {number:07d} loss {1 / (number + 1):.6f}")
            await asyncio.sleep(0.02)


Baseline().run()
