"""The program in real terminal emulators, which are stricter than a model of one."""

import os
import random
import signal
import sys
from pathlib import Path

import pytest
from emulators import TWO_COLUMNS, Desktop, Emulator, differing, emulator_names, hands, rows_of
from textual.app import App
from trials import AT_LENGTH, FOR_RELEASE, drawn

from quadfit_tui.teaching.ui.lesson_keys import IN_LESSON, VOTE
from quadfit_tui.ui.keymap import KEYS

COUNT = 200 if FOR_RELEASE else 100 if AT_LENGTH else 40
OF_A_LETTER = 10  # bytes of a photograph, far fewer than another letter makes: a shade of the letter beside it
NAMES = drawn([*emulator_names()], 1)
SIZES = [(80, 24), (120, 34)] if FOR_RELEASE else [(80, 24)]


@pytest.fixture
def emulator(tmp_path):
    opened = []

    def start(name, folder=tmp_path, **options):
        folder.mkdir(exist_ok=True)
        opened.append(Desktop(folder))
        opened.append(Emulator(name, opened[-1], folder, **options))
        return opened[-1]

    yield start
    for each in reversed(opened):
        each.close()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", [*NAMES, *emulator_names([TWO_COLUMNS])])
def test_screen_after_input_equals_redraw(emulator, name, size, tmp_path):
    terminal = emulator(name, columns=size[0], rows=size[1], args=["--speed", "30", "--epochs", "20"])
    terminal.start()
    terminal.do(hands(terminal, random.Random(f"{name} {size}"), COUNT))
    # Back to the app, and a step back: a run that plays by single updates would do so for minutes.
    terminal.do([*[["key", "Escape"]] * 3, ["key", "b"]])
    before = terminal.still(App.NOTIFICATION_TIMEOUT + 1)  # a message that goes away later would be missing afterwards
    assert terminal.end == ""
    terminal.scribble()
    scribbled = terminal.still_other_than(before)
    terminal.redraw()
    after = terminal.still_other_than(scribbled)
    (tmp_path / "before.ppm").write_bytes(before)
    (tmp_path / "after.ppm").write_bytes(after)
    found = differing(before, after)  # and not the photographs in the message
    assert found < OF_A_LETTER


@pytest.mark.parametrize("name", emulator_names([TWO_COLUMNS]))
def test_numbers_match_with_two_column_characters(emulator, name, tmp_path):
    """Also beside a field in which somebody types."""
    seen = []
    for each in ("xterm", name):
        terminal = emulator(each, tmp_path / str(len(seen)), args=["--preset", "article", "--at", "24"])
        terminal.start()
        first = terminal.still()
        terminal.do([["key", "l"], ["key", "7"]])
        seen.append((first, terminal.still_other_than(first)))
    for message, one, other in zip((3, 2), *seen, strict=True):  # the form is folded to a row, then in use
        for rows in ((message, message + 1), (17, 23)):  # and the log: nothing but ASCII in both
            assert differing(*(rows_of(each, *rows, 24) for each in (one, other))) < OF_A_LETTER


@pytest.mark.parametrize("name", NAMES)
def test_shell_is_usable_after_kill(emulator, name):
    terminal = emulator(name)
    terminal.start()
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.type("reset")
    terminal.still()
    terminal.type("touch used")
    terminal.wait_for("used")


# Of the keys of the app and its pages those that X calls otherwise than Textual does, and what is typed into fields.
NAMES_IN_X = {
    "left_square_bracket": "bracketleft",
    "right_square_bracket": "bracketright",
    "equals_sign": "equal",
    "question_mark": "question",
    "less_than_sign": "less",
    "greater_than_sign": "greater",
    "escape": "Escape",
    "enter": "Return",
    "backspace": "BackSpace",
    "pageup": "Prior",
    "pagedown": "Next",
    "shift+tab": "shift+Tab",
    "full_stop": "period",
    "home": "Home",
    "end": "End",
    "left": "Left",
    "right": "Right",
    "up": "Up",
    "down": "Down",
    "tab": "Tab",
    "delete": "Delete",
    "f1": "F1",
    "ctrl+left": "ctrl+Left",
    "ctrl+right": "ctrl+Right",
    "shift+left": "shift+Left",
    "shift+home": "shift+Home",
    "ä": "adiaeresis",
    "ß": "ssharp",
    "É": "Eacute",
}
TYPED = [*"0123456789", "full_stop", "comma", "slash", "ä", "ß", "É", "Z", "backspace", "delete"]
TYPED += ["shift+left", "shift+home", "enter", "tab", "shift+tab", "ctrl+left", "ctrl+right", "escape"]
TYPED += [f"ctrl+{letter}" for letter in "acdefkpquvwxz"]


@pytest.mark.parametrize("name", NAMES)
def test_all_keys_are_distinguished(emulator, name, tmp_path):
    bound = [key for binding in (*KEYS, *IN_LESSON, VOTE) for key in binding.key.split(",")]
    bound.remove("ideographic_full_stop")  # which comes from an input method, by no key
    expected = [*dict.fromkeys(bound + TYPED)]
    terminal = emulator(name, command=[sys.executable, str(Path(__file__).with_name("typed.py")), "names"])
    terminal.start(shows=False)
    terminal.wait_for("names")
    terminal.do([["key", NAMES_IN_X.get(key, key)] for key in [*expected, "F12"]])
    terminal.wait_for("status")
    assert (tmp_path / "names").read_text().split() == ["ready", *expected, "f12"]
