"""Writes which keys are typed to a file, a name a line: as the driver asks for them, and the parser reads them.

`typed.py FILE`; ends with F12.
"""

import os
import select
import sys
import termios
import tty

from quadfit_tui.ui.terminal.key_parser import KeyParser
from quadfit_tui.ui.terminal.modes import Modes


def main(file):
    before = termios.tcgetattr(0)
    tty.setraw(0)
    modes, parser, key = Modes(extras=True, mouse=False), KeyParser(), ""
    os.write(1, modes.enter().encode())
    with open(file, "w", buffering=1) as names:
        print("ready", file=names)
        while key != "f12":
            timeout = parser.timeout
            is_typed = select.select([0], [], [], timeout)[0]
            for message in [*parser.feed(os.read(0, 4096).decode())] if is_typed else [*parser.tick()]:
                if key := getattr(message, "key", ""):  # else it is the window that is in use now
                    print(key, file=names)
    os.write(1, modes.leave().encode())
    termios.tcsetattr(0, termios.TCSANOW, before)


if __name__ == "__main__":
    main(sys.argv[1])
