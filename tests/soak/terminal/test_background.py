"""Light on a light terminal: for which it is asked, without waiting for it, and again when it has turned."""

import signal
from collections import Counter

import pytest

from quadfit_tui.ui.terminal import background
from quadfit_tui.ui.terminal.background import report_of

ASKED = background.QUESTION.encode()
LIGHT, DARK = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b]11;rgb:0000/0000/0000\x1b\\"
TURNED = "\x1b[?997;1n"


def look(app):
    """What is seen, with the colors."""
    rows = range(app.display.lines)
    return [[(cell.data, cell.fg, cell.bg) for cell in map(app.display.buffer[y].get, rows) if cell] for y in rows]


def is_light(cells):
    """Whether most of what is seen is on a light background."""
    ((color, _),) = Counter(background for row in cells for _, _, background in row).most_common(1)
    return report_of(f"\x1b]11;rgb:{color[:2]}/{color[2:4]}/{color[4:]}\x07").is_light


@pytest.fixture
def shown(terminal):
    """What the app looks like in the end, where the answer to its question is there before it asks."""

    def shown(*args, told="", **env):
        app = terminal(*args, env={"TEXTUAL_THEME": None, **env}, answers=True)
        app.send(told)
        app.until("of the limit")
        app.read(0.1)
        return look(app), app

    return shown


def test_it_is_light_on_a_light_terminal(shown):
    light, app = shown("--theme", "textual-light")
    assert ASKED not in app.output
    assert is_light(light)
    assert shown(told=LIGHT)[0] == light


def test_theme_option_overrides_answer_overrides_environment(shown):
    light, dark = shown("--theme", "textual-light")[0], shown()[0]
    assert shown(COLORFGBG="0;15")[0] == light
    assert shown(told=DARK, COLORFGBG="0;15")[0] == dark  # the terminal knows better
    assert shown("--theme", "textual-dark", told=LIGHT, COLORFGBG="0;15")[0] == dark


@pytest.fixture
def dark(terminal):
    """The app on a terminal that has not said which background it has."""
    app = terminal("-p", "article", env={"TEXTUAL_THEME": None}, answers=True)
    app.until("of the limit")
    app.quiet()
    assert app.output.count(ASKED) == 1
    assert is_light(look(app)) is False
    return app


def ended(app):
    """Whether a key does what it did, and nothing else was typed before; and the app ends in order."""
    app.send("n")
    app.until("0:1")
    app.send("q")
    return (app.end(), app.left()) == (0, [])


def test_late_answer_applies_and_types_nothing(dark):
    for answer in (LIGHT, "\x1b]11;rgba:ffff/ffff/ffff/ffff\x07", "\x1b]11;quit\x07"):
        dark.send(answer * 3)
        first = 4 if answer is LIGHT else len(answer) - 1  # in two packets
        dark.send(answer[:first])
        dark.read(0.15)  # longer than the time after which Esc is a key
        dark.send(answer[first:])
    dark.wait(lambda: is_light(look(dark)))
    assert ended(dark)


def test_color_scheme_change_queries_background_again(dark):
    """The report says `dark`, as of the desktop; the terminal itself is light."""
    dark.send(TURNED[:6])
    dark.read(0.15)
    dark.send(TURNED[6:])
    dark.wait(lambda: dark.output.count(ASKED) == 2)
    dark.send(LIGHT)
    dark.wait(lambda: is_light(look(dark)))
    dark.quiet()
    before = len(dark.output)
    dark.send(TURNED + LIGHT)
    dark.quiet()
    assert dark.output[before:] == ASKED  # and nothing else, since nothing has changed
    assert ended(dark)


def test_resume_queries_background_again(dark):
    dark.signal(signal.SIGCONT)
    dark.wait(lambda: dark.output.count(ASKED) == 2)
    dark.send(LIGHT)
    dark.wait(lambda: is_light(look(dark)))
    assert ended(dark)


def test_a_theme_that_was_chosen_stays(dark):
    dark.send("\x10")
    dark.until("Commands")
    dark.send("theme textual-dark\r")
    dark.wait(lambda: "Commands" not in dark.text)
    dark.send(TURNED + LIGHT)
    dark.quiet()
    assert dark.output.count(ASKED) == 1
    assert is_light(look(dark)) is False
    assert ended(dark)


@pytest.mark.parametrize("term", ["xterm", "linux", "xterm-256color"])
def test_no_text_on_default_background(terminal, term):
    app = terminal("-p", "article", env={"TEXTUAL_THEME": None, "TERM": term}, answers=True)
    app.until("of the limit")
    for keys, seen in [("", "fitted"), ("4", "path"), ("lx", "not a number"), ("\x1b\x1bi", "Epochs")]:
        app.send(keys)
        app.until(seen)
        app.read(0.1)
        cells = [cell for row in look(app) for cell in row if cell[0].strip()]
        assert len(cells) > 100
        assert [cell for cell in cells if "default" in cell[1:]] == []
