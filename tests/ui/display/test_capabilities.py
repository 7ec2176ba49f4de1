"""What may be sent to which terminal."""

import fcntl
import os
import pty
import struct
import termios

from tables import table

from quadfit_tui.ui.display.capabilities import Capabilities, capabilities_of, is_dumb, window_size

XTERM = {"TERM": "xterm-256color"}


@table(
    ("environ", "encoding", "ascii"),
    [
        (XTERM, "utf-8", False),
        ({**XTERM, "LANG": "en_US.UTF-8"}, "utf-8", False),
        ({**XTERM, "LANG": "C.utf8"}, "UTF-8", False),
        ({**XTERM, "LANG": "en_US"}, "utf-8", False),
        ({**XTERM, "LANG": "en_US.UTF-8@euro"}, "utf-8", False),
        (XTERM, "iso-8859-1", True),
        (XTERM, "ascii", True),
        (XTERM, None, True),
        (XTERM, "no such encoding", True),
        ({**XTERM, "LC_ALL": "en_US.ISO-8859-1"}, "utf-8", True),
        ({**XTERM, "LANG": "en_US.ISO-8859-1", "LC_ALL": "C.UTF-8"}, "utf-8", False),
        ({**XTERM, "LC_CTYPE": "de_DE.iso885915@euro"}, "utf-8", True),
        ({**XTERM, "LC_ALL": "en_US.\udcff"}, "utf-8", True),
        (XTERM, "gb18030", True),
        ({**XTERM, "LC_ALL": "zh_CN.GB18030"}, "utf-8", True),
        ({"TERM": "linux"}, "utf-8", True),
        ({"TERM": "vt100"}, "utf-8", True),
        ({"TERM": "vt220"}, "utf-8", True),
        ({"TERM": ""}, "utf-8", True),
        ({}, "utf-8", True),
        ({"TERM": "screen"}, "utf-8", False),
        ({"TERM": "tmux-256color"}, "utf-8", False),
    ],
)
def test_ascii_where_nothing_else_can_be_shown(environ, encoding, ascii):
    assert capabilities_of(environ, encoding).ascii is ascii
    assert capabilities_of(environ, encoding, ascii=True).ascii


@table(
    ("environ", "colors"),
    [
        (XTERM, "256"),
        ({**XTERM, "COLORTERM": "truecolor"}, "truecolor"),
        ({**XTERM, "COLORTERM": "24bit"}, "truecolor"),
        ({**XTERM, "COLORTERM": "truecolor", "NO_COLOR": "1"}, ""),
        ({**XTERM, "NO_COLOR": ""}, "256"),
        ({"TERM": "xterm"}, "standard"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "alacritty"}, "truecolor"),
        ({"TERM": "foot-extra"}, "truecolor"),
        ({"TERM": "xterm-ghostty"}, "truecolor"),
        ({"TERM": "wezterm"}, "truecolor"),
        ({"TERM": "konsole-256color"}, "truecolor"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({**XTERM, "KONSOLE_VERSION": "230804"}, "truecolor"),
        ({"TERM": "xterm", "WEZTERM_PANE": "0"}, "truecolor"),
        ({"TERM": "screen-256color", "KITTY_WINDOW_ID": "1"}, "256"),
        ({"TERM": "rxvt-unicode-256color", "KONSOLE_VERSION": "230804"}, "256"),
        ({"TERM": "tmux-256color"}, "truecolor"),
        ({"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0"}, "truecolor"),
        ({"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0", "STY": "1.pts-0"}, "standard"),
        ({"TERM": "screen-256color"}, "256"),
        ({"TERM": "vt100"}, ""),
        ({}, ""),
    ],
)
def test_colors_are_those_that_the_terminal_shows(environ, colors):
    kind = capabilities_of(environ, "utf-8")
    assert kind.colors == colors
    assert kind.signs is (not colors or kind.ascii)


@table("term", ["linux", "vt100", ""])
def test_plain_terminals_are_asked_for_nothing(term):
    assert not capabilities_of({"TERM": term}, "utf-8").extras
    assert not capabilities_of({"TERM": term}, "utf-8").erases


@table("term", ["eterm", "eterm-color"])
def test_emacs_uses_absolute_moves_only(term):
    kind = capabilities_of({"TERM": term}, "utf-8")
    assert kind == Capabilities(colors="standard", extras=False, erases=False, relative=False)


def test_screen_erases_in_no_color():
    assert capabilities_of({"TERM": "screen-256color"}, "utf-8")._replace(erases=True) == capabilities_of(
        XTERM, "utf-8"
    )


def test_dumb():
    assert is_dumb({"TERM": "dumb"})
    assert not is_dumb(XTERM)
    assert not is_dumb({})


@table(
    ("size", "environ", "expected"),
    [
        ((100, 30), {"COLUMNS": "40", "LINES": "10"}, (100, 30)),
        ((0, 0), {"COLUMNS": "40", "LINES": "10"}, (40, 10)),
        ((0, 0), {}, (80, 24)),
        ((0, 0), {"COLUMNS": "-3", "LINES": "²"}, (80, 24)),
        ((0, 0), {"COLUMNS": "99999999", "LINES": "ten"}, (80, 24)),
        ((1000, 1000), {}, (1000, 100)),
        ((500, 600), {}, (500, 200)),
        ((65535, 24), {}, (1000, 24)),
        ((80, 65535), {}, (80, 300)),
    ],
)
def test_real_window_size_beats_environment(size, environ, expected):
    ours, terminal = pty.openpty()
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        assert window_size(terminal, environ) == expected
    finally:
        os.close(ours)
        os.close(terminal)


def test_no_window_at_all():
    with open(os.devnull) as null:
        assert window_size(null.fileno(), {}) == (80, 24)


def test_common_terminal_has_default_capabilities():
    assert capabilities_of({**XTERM, "COLORTERM": "truecolor"}, "utf-8") == Capabilities()
