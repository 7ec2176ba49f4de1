"""The app in Chinese, at several sizes: rows as wide as the screen, parted as Chinese is, and nothing in English."""

import re

import pytest
from all_screens import LAST, PRESET, SIZES, STATES, begun, commanded, english, viewed
from app_helpers import at_once, screen_text
from pseudo_locale import cells, columns
from trials import AT_LENGTH

from quadfit_tui.core.text import language
from quadfit_tui.core.text.language import NAMED
from quadfit_tui.ui.screens.manual import ManualScreen

_NOT_FIRST = tuple("，。、；：！？）”")
_FRAME = re.compile("[│▐▕▏]")
_STRAY = re.compile(r"[，。；：！？] (?=[^\s│─╮╯▁-█▐])")
_HALF = re.compile(r"[\u4e00-\u9fff][,;:!?](?:\s|$)")


@pytest.fixture(autouse=True)
def _chinese():
    language.load("zh_CN")
    yield
    language.use(None)


def shown(app):
    """The rows of the screen, or of the page that is open over it."""
    rows = screen_text(app).splitlines()
    if len(app.screen_stack) == 1:
        return rows
    region = app.screen.children[0].region
    return ["".join(cells(row)[region.x : region.right]) for row in rows[region.y : region.bottom]]


def faults(app):
    """What is wrong on the screen."""
    found = [row for row in screen_text(app).splitlines() if columns(row) != app.size.width]
    rows = shown(app)
    for row in rows:
        found += [part for part in _FRAME.split(row) if part.strip().startswith(_NOT_FIRST)]
        found += [row] * bool(_STRAY.search(row) or _HALF.search(row.replace(f"{NAMED}:", "")))  # that is in each
        found += [] if isinstance(app.screen, ManualScreen) else english(app, row)  # which has code
    return found


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_views(make_app, size):
    app = make_app(PRESET, runner=at_once)
    async with app.run_test(size=size) as pilot:
        for state in STATES:
            await begun(pilot, state)
            async for done in viewed(pilot, turns_options=False):
                assert faults(app) == [], (state, done)


@pytest.mark.parametrize("size", SIZES if AT_LENGTH else SIZES[:1], ids=str)
async def test_commands_and_what_they_open(make_app, size, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = make_app(PRESET, runner=at_once)
    async with app.run_test(size=size) as pilot:
        for state in STATES:
            await begun(pilot, state)
        async for done in commanded(pilot, LAST):
            assert faults(app) == [], done
