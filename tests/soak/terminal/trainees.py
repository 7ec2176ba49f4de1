"""Trains with a file as fast as it goes and is killed, again and again: `trainees.py FOLDER COUNT SEED`.

A fork of a process that has everything loaded is quicker than the app, and amid its work for more of the time. Prints
for each one the name of its file and the number of epochs that it would have shown.
"""

import json
import os
import random
import select
import signal
import sys
import time

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.formats import EXPORTERS, formats_of, writer_of
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.files.line_file import LineFile
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.tasks.training_loop import SLICE

CONFIG = RunConfig(epochs=10**6, stop_on="never", schedule="constant", lr=1e-4)


def train(path: str, style: str, told: int) -> None:
    """Trains without end; tells what a frame would show after each slice."""
    session = RunSession(CONFIG, speed=None)
    lines = RunLines(LineFile(path).write, writer_of(style)(CONFIG))
    lines.write_header()
    session.play()
    while True:
        records = session.advance(SLICE)
        lines.write_records(session.snapshot(), records)
        os.write(told, f"{session.snapshot().epoch}\n".encode())


def killed(path: str, style: str, seconds: float) -> int:
    """What one showed that was killed so many seconds after its first frame."""
    reader, told = os.pipe()
    child = os.fork()
    if not child:
        try:
            train(path, style, told)
        finally:
            os._exit(1)
    os.close(told)
    select.select([reader], [], [], 10)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with open(reader, encoding="ascii") as lines:
        return int(lines.read().splitlines()[-1])


def main(folder: str, count: str, seed: str) -> None:
    # Each with a line for each epoch, which `spoken` has not: it tells what happened.
    moments, styles = random.Random(seed), [style for style in formats_of("writer") if style != "spoken"]
    for number in range(int(count)):
        style = styles[number % len(styles)]
        path = os.path.join(folder, f"{number}{EXPORTERS[style].suffix}")
        print(json.dumps([path, killed(path, style, moments.uniform(0, 0.06))]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
