"""Prints how many bytes of memory a Python of its own holds after 1,000 and after 1,000,000 epochs of one run."""

import os
import subprocess
from pathlib import Path

from quadfit_tui.cli.output import SLICE
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import Session


def held():
    """The resident memory of this process in bytes."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 1024 * int(subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True).stdout)


def main():
    """Trains as `quadfit-tui run` does."""
    config = PRESETS["article"].replace(schedule="constant", epochs=1_000_000, stop_on="never")
    session = Session(config, speed=None)
    session.seek(1000)
    for _ in range(2):
        while session.is_busy:
            session.advance(SLICE)
        print(session.snapshot().epoch, held())
        session.play()


main()
