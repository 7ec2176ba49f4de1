"""The program on a real pseudo-terminal: what a person sees, and what the terminal is left with."""

import re


def test_a_session_from_start_to_quit(terminal):
    app = terminal(
        "-p", "article", "--speed", "5", answers=True, anew=True
    )  # slow enough to read every line on the way
    app.until("of the limit")
    app.quiet(0.2)
    screen = app.text
    assert "READY" in screen
    assert "⠤ ⠤ true" in screen
    assert "space Play" in screen
    forked = terminal("-p", "article", "--speed", "5", answers=True)
    forked.wait(lambda: forked.text == screen, "what the fork server starts looks otherwise")

    app.send(" ")
    app.until("RUNNING")
    app.until("   3      0.5 -0.45939")  # the log
    app.send(" ")
    screen = app.until("PAUSED")
    epoch = int(re.search(r"(\d+) of 100 epochs", screen)[1])

    app.send("nn")
    app.until("update 2 of 800")
    app.send("e")
    app.until(f"{epoch + 1:>3} of 100 epochs")
    app.quiet()
    assert app.read(0.7) == b""  # nothing changes, nothing is sent

    app.send("l0.1\r")  # in one go, as over a slow link
    app.until("lr 0.1 ")
    app.until("READY")
    app.send(" ")
    app.wait(lambda: re.search(r"[1-9]\d* of 100 epochs", app.text))
    app.send("q")

    assert app.end() == 0
    assert app.left() == []
    assert re.search(rb"y = [^\r\n]+x\xc2\xb2 [^\r\n]+\r\n$", app.output)  # the fitted parabola stays
    assert re.findall(rb"\x1b\[\?1049([hl])", app.output) == [b"h", b"l"]
    assert re.findall(rb"\x1b\[\?25([hl])", app.output)[-1] == b"h"
    assert b"Traceback" not in app.output


def test_split_utf8_and_escape_in_one_packet(terminal):
    app = terminal("-p", "article")  # no answer may come between
    app.until("space Play")
    app.send("l")
    app.until("Next field")
    app.send(b"\xc3")
    app.read(0.2)
    app.send(b"\xa9")
    app.send("7")
    app.until("lr             é7")
    app.send("\x7f\x7f0.25\x1bn")
    app.until("update 1 of 800")
    assert "lr 0.5 " in app.text  # Esc takes nothing over
