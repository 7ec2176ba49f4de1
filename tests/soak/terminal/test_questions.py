"""Answers of a far terminal that come while the program stops or ends: none is left to the shell."""

import os
import signal
from collections import deque

from harness import ALL_ANSWERS, GONE, QUESTION, ROUND_TRIP


def test_stop_and_signal_leave_no_answers(terminal):
    app = terminal("--play", answers=ALL_ANSWERS, delay=ROUND_TRIP)
    line = app.line()
    app.until("RUNNING")
    app.signal(signal.SIGTSTP)
    app.wait(lambda: app.state == "T")
    assert app.unread(line) == b""
    app.signal(signal.SIGCONT)
    app.until("RUNNING")
    app.until("? Keys")
    app.signal(signal.SIGTERM)
    assert app.end() == 143
    assert app.unread(line) == b""
    os.close(line)


# Reports of the mouse and of the window in use, and what no terminal would send.
ON_THE_WAY_OUT = {
    "reports": ("\x1b[<35;10;5M" * 20 + "\x1b[I" + "\x1b[<35;10;5", "M"),
    "unreadable": ("\x1b[1114112u\x1b[97;1;1114112u\x1b[97;1:3u",),
}


def test_late_input_is_discarded_at_exit(terminal):
    app = terminal(answers=ALL_ANSWERS, delay=ROUND_TRIP)
    line = app.line()
    app.until("? Keys")
    app.quiet()
    app.wait(lambda: not app.due)
    app.quiet()  # all is answered, and the program knows
    app.send("q")
    app.wait(lambda: QUESTION in app.output.partition(GONE)[2], "nothing is asked at the end", 5)
    answers, app.due = app.due, deque()
    app.read(0.1)
    for pieces in ON_THE_WAY_OUT.values():
        for piece in pieces:
            app.send(piece)
    app.due = answers
    assert app.end() == 0
    assert app.left() == []
    assert app.unread(line) == b""
    os.close(line)
