"""The actions of the app stand in tables, and none is left out."""

import pytest


@pytest.mark.parametrize("kind", ["playback", "views", "saving", "runs", "maps"])
def test_every_action_method_is_listed(make_app, kind):
    commands = getattr(make_app(), kind)
    known = {action.__func__ for action in commands.actions.values()}
    methods = {name: getattr(commands, name) for name in dir(type(commands)) if name.startswith("action_")}
    assert {action.__func__ for action in methods.values()} == known  # two names may do one thing
