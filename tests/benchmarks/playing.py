"""Plays a run in the program itself, in the terminal that it is given, and writes the share of a core that it takes.

Arguments: the descriptor to write to, the seconds to begin with, the seconds to measure, then the program's own.
"""

import os
import signal
import sys
import threading
import time

from quadfit_tui.main import main


def measure(result, before, seconds):
    """Ends the program after that."""
    time.sleep(before)
    started, used = time.monotonic(), time.process_time()
    time.sleep(seconds)
    share = (time.process_time() - used) / (time.monotonic() - started)
    os.write(result, f"{share}".encode())
    os.kill(os.getpid(), signal.SIGTERM)


result, before, seconds, *arguments = sys.argv[1:]
threading.Thread(target=measure, args=(int(result), float(before), float(seconds)), daemon=True).start()
main(arguments)
