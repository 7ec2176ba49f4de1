"""What the terminal and the environment say of the background, and when the app asks for it."""

import pytest
from command_line import started

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.background import SchemeReport, is_light_by, report_of
from quadfit_tui.ui.terminal.key_parser import KeyParser

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
def test_scheme_report_is_no_key(report):
    for cut in range(len(report)):
        parser = KeyParser()
        found = [*parser.feed(report[:cut]), *parser.feed(report[cut:])]
        assert [type(message) for message in found] == [SchemeReport]
        assert parser.timeout is None


@pytest.mark.parametrize(
    ("told", "is_light"),
    [("0;15", True), ("0;default;15", True), ("0;7", True), ("15;0", False), ("7;8", False), ("15;default", False)],
)
def test_light_background_from_colorfgbg(told, is_light):
    assert is_light_by({"COLORFGBG": told}) is is_light
    assert not is_light_by({})


def followed(kind, **environ):
    """Whether the app asks, and the theme that it begins with."""
    app = QuadfitApp(RunSession(PRESETS["article"], speed=10), capabilities=kind)
    app.follow_background(environ)
    return app.follows_background, app.theme


def test_background_ignored_with_few_colors():
    assert followed(Capabilities(), COLORFGBG="0;15") == (True, "textual-light")
    assert followed(Capabilities(colors="256"), COLORFGBG="15;0") == (True, "textual-dark")
    for colors in ("standard", ""):
        assert followed(Capabilities(colors=colors), COLORFGBG="0;15") == (False, "textual-dark")


def test_textual_theme_variable_disables_following(monkeypatch):
    monkeypatch.delenv("TEXTUAL_THEME")
    assert started().follows_background
    monkeypatch.setenv("TEXTUAL_THEME", "nord")
    assert not started().follows_background
