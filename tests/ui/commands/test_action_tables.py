"""The actions of the app stand in tables, and none is left out."""

import pytest


@pytest.mark.parametrize("kind", ["playback", "views", "saving", "runs", "maps"])
def test_every_action_method_is_listed(make_app, kind):
    commands = getattr(make_app(), kind)
    methods = {name: getattr(commands, name) for name in dir(type(commands)) if name.startswith("action_")}
    assert {f"action_{name}": action for name, action in commands.actions.items()} == methods
