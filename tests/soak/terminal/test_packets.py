"""Packets of keys and pastes of a megabyte: the program lives on, and ends in order."""

PACKETS = ["\x10the\x1b[5~\x1b[6~", "\x1b", "l0.3\x1bOP", "\x1b", "\x1b", "t\r "]


PASTE = "\x1b[200~{}\x1b[201~"


def test_packets_and_pastes_of_a_megabyte(terminal):
    app = terminal("--samples", "5", "--epochs", "3", answers=True)
    app.until("READY")
    for packet in PACKETS:
        app.send(packet)
        app.quiet(0.1)
        assert app.is_alive, app.text
    app.send("\x1b")
    app.until("? Keys")  # as far as the app came with the packets: before the run, or behind its three epochs
    app.send("l")
    app.until("how far each update moves")
    for text in ("\u0301\u0323" * 50_000, "x" * 1_000_000, "q\x1b\x1bq" * 1000):
        app.send(PASTE.format(text))
        app.until("nothing was added")
        app.send("1")
        app.until(" 1 ")
    app.send("\x11")
    assert app.end() == 0
    assert app.left() == []
