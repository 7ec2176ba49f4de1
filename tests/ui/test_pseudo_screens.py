"""In the language of tests, at several sizes: nothing is in English, and what is cut says so."""

import pkgutil
from importlib import import_module

import pytest
from all_screens import LAST, PRESET, SIZES, STATES, begun, commanded, english, hidden, texts, viewed
from app_helpers import at_once
from marked import is_whole, marked, pseudo_page
from textual.widgets import Input
from trials import AT_LENGTH, FOR_RELEASE

from quadfit_tui.core.explain import manual
from quadfit_tui.ui import screens
from quadfit_tui.ui.screens.dialog import Dialog

PAGES = {name: pseudo_page(text) for name, text in manual._files("en").items()}


@pytest.fixture(autouse=True)
def _marked(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("1,2\n2,3\n3,5\n")
    monkeypatch.setattr(manual, "_files", lambda _language: PAGES)
    with marked():
        yield


def faults(app):
    """What is in English, what is cut without an ellipsis, what is out of sight."""
    found = [f"{widget} is out of sight" for widget in hidden(app)]
    for widget, text in texts(app):
        if not is_whole(text):
            found.append(f"{widget} is cut:\n{text}")
        is_typed = isinstance(widget, Input) and widget.value
        found += [f"{word} in {widget}" for word in english(app, text) if not is_typed]
    return found


def everything():
    """The kinds of pages and lists that there are, but for the bases of others."""
    for module in pkgutil.iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")
    found = [Dialog]
    for kind in found:
        found += kind.__subclasses__()
    return {kind for kind in found if kind.__module__.startswith(screens.__name__) and not kind.__subclasses__()}


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_views(make_app, size):
    app = make_app(PRESET, runner=at_once)
    async with app.run_test(size=size) as pilot:
        for state in STATES:
            await begun(pilot, state)
            async for done in viewed(pilot, turns_options=AT_LENGTH or state == LAST):
                assert faults(app) == [], (state, done)


@pytest.mark.parametrize("state", STATES if FOR_RELEASE else [LAST])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_commands_and_what_they_open(make_app, size, state):
    app = make_app(PRESET, runner=at_once)
    seen = set()
    async with app.run_test(size=size) as pilot:
        for each in [*STATES][: [*STATES].index(state) + 1]:
            await begun(pilot, each)
        async for done in commanded(pilot, state):
            assert faults(app) == [], done
            seen.add(type(app.screen))
    assert state != LAST or everything() - seen == set()
