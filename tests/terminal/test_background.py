"""Light on a light terminal: for which it is asked, without waiting for it, and again when it has turned."""

import signal
from collections import Counter

import pytest
from command_line import started

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal import background
from quadfit_tui.ui.terminal.background import SchemeReport, is_light_by, report_of
from quadfit_tui.ui.terminal.key_parser import KeyParser

ASKED = background.QUESTION.encode()
LIGHT, DARK = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b]11;rgb:0000/0000/0000\x1b\\"
TURNED = "\x1b[?997;1n"


@pytest.mark.parametrize(
    ("color", "is_light"),
    [
        ("rgb:ffff/ffff/ffff", True),
        ("rgb:0000/0000/0000", False),
        ("rgb:f/f/f", True),
        ("rgb:ff/fb/f0", True),
        ("rgb:fff/fff/dddd", True),
        ("rgba:ffff/ffff/ffff/0000", True),
        ("rgba:1e1e/1e1e/1e1e/ffff", False),
        ("rgb:0000/0000/ffff", False),  # blue is dark, green is light
        ("rgb:0000/ffff/0000", True),
        ("rgb:7676/7676/7676", False),  # the gray that is half as light as white has 0x77
        ("rgb:7878/7878/7878", True),
        ("rgb:fffff/ffff/ffff", None),
        ("rgb:ffff/ffff", None),
        ("rgb:", None),
        ("white", None),
        ("", None),
        ("?", None),
    ],
)
@pytest.mark.parametrize("end", ["\x07", "\x1b\\"])
def test_the_answers_of_terminals(color, is_light, end):
    report = report_of(f"\x1b]11;{color}{end}")
    assert report is not None
    assert report.is_light is is_light


@pytest.mark.parametrize(
    "sequence", ["\x1b]10;rgb:ffff/ffff/ffff\x07", "\x1b]11;rgb:ffff/ffff/ffff", "\x1b[A", "a", ""]
)
def test_what_is_no_answer(sequence):
    assert report_of(sequence) is None


@pytest.mark.parametrize("report", [TURNED, "\x1b[?997;2n"])
def test_a_report_that_it_has_turned_is_no_key_however_it_arrives(report):
    for cut in range(len(report)):
        parser = KeyParser()
        found = [*parser.feed(report[:cut]), *parser.feed(report[cut:])]
        assert [type(message) for message in found] == [SchemeReport]
        assert parser.timeout is None


@pytest.mark.parametrize(
    ("told", "is_light"),
    [("0;15", True), ("0;default;15", True), ("0;7", True), ("15;0", False), ("7;8", False), ("15;default", False)],
)
def test_what_rxvt_and_konsole_tell_by_the_environment(told, is_light):
    assert is_light_by({"COLORFGBG": told}) is is_light
    assert not is_light_by({})


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


@pytest.mark.system
def test_it_is_light_on_a_light_terminal(shown):
    light, app = shown("--theme", "textual-light")
    assert ASKED not in app.output
    assert is_light(light)
    assert shown(told=LIGHT)[0] == light


@pytest.mark.system
def test_what_is_chosen_goes_before_what_is_told_and_that_before_the_environment(shown):
    light, dark = shown("--theme", "textual-light")[0], shown()[0]
    assert shown(COLORFGBG="0;15")[0] == light
    assert shown(told=DARK, COLORFGBG="0;15")[0] == dark  # the terminal knows better
    assert shown("--theme", "textual-dark", told=LIGHT, COLORFGBG="0;15")[0] == dark


def followed(kind, **environ):
    """Whether the app asks, and the theme that it begins with."""
    app = QuadfitApp(Session(PRESETS["article"], speed=10), capabilities=kind)
    app.follow_background(environ)
    return app.follows_background, app.theme


def test_where_it_makes_no_difference_nothing_is_asked():
    assert followed(Capabilities(), COLORFGBG="0;15") == (True, "textual-light")
    assert followed(Capabilities(colors="256"), COLORFGBG="15;0") == (True, "textual-dark")
    for colors in ("standard", ""):
        assert followed(Capabilities(colors=colors), COLORFGBG="0;15") == (False, "textual-dark")


def test_a_theme_of_the_environment_is_a_choice(monkeypatch):
    monkeypatch.delenv("TEXTUAL_THEME")
    assert started().follows_background
    monkeypatch.setenv("TEXTUAL_THEME", "nord")
    assert not started().follows_background


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


@pytest.mark.system
def test_an_answer_that_comes_late_counts_and_types_nothing(dark):
    for answer in (LIGHT, "\x1b]11;rgba:ffff/ffff/ffff/ffff\x07", "\x1b]11;quit\x07"):
        dark.send(answer * 3)
        first = 4 if answer is LIGHT else len(answer) - 1  # in two packets
        dark.send(answer[:first])
        dark.read(0.15)  # longer than the time after which Esc is a key
        dark.send(answer[first:])
    dark.wait(lambda: is_light(look(dark)))
    assert ended(dark)


@pytest.mark.system
def test_a_terminal_that_turns_is_asked_anew_and_what_it_answers_counts(dark):
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


@pytest.mark.system
def test_who_comes_back_to_it_is_asked_anew(dark):
    dark.signal(signal.SIGCONT)
    dark.wait(lambda: dark.output.count(ASKED) == 2)
    dark.send(LIGHT)
    dark.wait(lambda: is_light(look(dark)))
    assert ended(dark)


@pytest.mark.system
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


@pytest.mark.system
@pytest.mark.parametrize("term", ["xterm", "linux", "xterm-256color"])
def test_nothing_is_written_on_a_background_that_is_not_known(terminal, term):
    app = terminal("-p", "article", env={"TEXTUAL_THEME": None, "TERM": term}, answers=True)
    app.until("of the limit")
    for keys, seen in [("", "fitted"), ("4", "path"), ("lx", "not a number"), ("\x1b\x1bi", "Epochs")]:
        app.send(keys)
        app.until(seen)
        app.read(0.1)
        cells = [cell for row in look(app) for cell in row if cell[0].strip()]
        assert len(cells) > 100
        assert [cell for cell in cells if "default" in cell[1:]] == []
