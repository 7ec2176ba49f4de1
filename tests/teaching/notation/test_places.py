"""What a lesson links to is there: views and keys of the app, commands of the dialogue."""

import re

from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.teaching.dialogue.commands import COMMANDS
from quadfit_tui.teaching.notation.lesson import Face, Link, said
from quadfit_tui.teaching.notation.places import PLACES
from quadfit_tui.ui.keymap import KEYS


def test_places_exist_in_app():
    keys = {key for binding in KEYS for key in binding.key.split(",")}
    found = {"view": set(), "key": set()}
    for place in PLACES.values():
        for kind, name in re.findall(r"\b(view|key) (\w+)", place.on_screen):
            found[kind].add(name)
    assert found["view"] <= {str(number) for number in range(1, len(VIEW_NAMES) + 1)}
    assert found["key"] <= keys
    assert "space" in keys
    assert min(map(len, found.values())) > 4


def test_typed_places_are_commands():
    typed = [place.spoken.split()[1].rstrip(",") for place in PLACES.values() if place.spoken.startswith("type ")]
    assert {*typed} <= {*COMMANDS}
    assert [name for name, place in PLACES.items() if not place.spoken.startswith("type ")] == ["map"]


def test_a_link_is_said_for_each_face():
    link = Link("the mean loss", "loss")
    assert said(link, Face.SCREEN) == "the mean loss (view 2)"
    assert said(link, Face.SPOKEN) == "the mean loss (type where)"
