"""The actions of the app stand in tables: none is left out, and whatever a key asks for is there."""

import pytest

from quadfit_tui.ui.keymap import KEYS


@pytest.mark.parametrize("kind", ["playback", "views", "saving", "runs", "maps"])
def test_each_action_of_the_commands_has_its_row(make_app, kind):
    commands = getattr(make_app(), kind)
    methods = {name: getattr(commands, name) for name in dir(type(commands)) if name.startswith("action_")}
    assert {f"action_{name}": action for name, action in commands.actions.items()} == methods


def test_each_key_has_an_action(make_app):
    app = make_app()
    for key in KEYS:
        name = key.action.partition("(")[0]
        assert name in app._actions or any(hasattr(each, f"action_{name}") for each in (app, app.teaching)), name
