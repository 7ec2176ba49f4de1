"""What a lesson links to is there: views and keys of the app, commands of the dialogue."""

import re

from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.teaching.dialogue.commands import COMMANDS
from quadfit_tui.teaching.notation.lesson import Face, Link, render_link
from quadfit_tui.teaching.notation.places import LINK_TARGETS
from quadfit_tui.ui.keymap import KEYS


def test_places_exist_in_app():
    keys = {key for binding in KEYS for key in binding.key.split(",")}
    found = {"view": set(), "key": set()}
    for place in LINK_TARGETS.values():
        for kind, name in re.findall(r"\b(view|key) (\w+)", place.on_screen):
            found[kind].add(name)
    assert found["view"] <= {str(number) for number in range(1, len(VIEW_NAMES) + 1)}
    assert found["key"] <= keys
    assert "space" in keys
    assert min(map(len, found.values())) > 4


def test_typed_places_are_commands():
    typed = [place.spoken.split()[1].rstrip(",") for place in LINK_TARGETS.values() if place.spoken.startswith("type ")]
    assert {*typed} <= {*COMMANDS}
    assert [name for name, place in LINK_TARGETS.items() if not place.spoken.startswith("type ")] == ["map"]


def test_a_link_is_said_for_each_face():
    link = Link("the mean loss", "loss")
    assert render_link(link, Face.SCREEN) == "the mean loss (view 2)"
    assert render_link(link, Face.SPOKEN) == "the mean loss (type where)"
