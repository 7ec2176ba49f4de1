"""All screens at several sizes, in the language of tests and in Chinese: nothing in English, cut or out of place."""

import pkgutil
import re
import tempfile
from importlib import import_module

import pytest
from all_screens import LAST, PRESET, SIZES, SOME, STATES, english, hidden, texts, walk
from app_helpers import at_once, train
from both_languages import speaking
from pseudo_locale import cells, columns, is_whole, pseudo_locale, pseudo_page
from textual.widgets import Input
from trials import FOR_RELEASE

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.explain import manual
from quadfit_tui.core.text.language import NAMED
from quadfit_tui.testing import screen_text
from quadfit_tui.ui import screens
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.manual import ManualScreen
from quadfit_tui.ui.toolkit.textual_internals import screen_strips
from quadfit_tui.ui.widgets.key_bar import KeyBar

PAGES = {name: pseudo_page(text) for name, text in manual._files("en").items()}
_NOT_FIRST = tuple("，。、；：！？）”")
_FRAME = re.compile("[│▐▕▏]")
_STRAY = re.compile(r"[，。；：！？] (?=[^\s│─╮╯▁-█▐])")
_HALF = re.compile(r"[\u4e00-\u9fff][,;:!?](?:\s|$)")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """In which there is a file of samples; that of screenshots has a path that no line is too short for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("1,2\n2,3\n3,5\n")
    with tempfile.TemporaryDirectory(dir="/tmp") as downloads:
        monkeypatch.setenv("XDG_DOWNLOAD_DIR", downloads)
        yield


def narrow_rows(app):
    return [strip.text for strip in screen_strips(app) if columns(strip.text) != app.size.width]


def faults(app):
    """What is in English, what is cut without an ellipsis, what is out of sight, rows that do not fill the screen."""
    found = [*narrow_rows(app), *(f"{widget} is out of sight" for widget in hidden(app))]
    for widget, text in texts(app):
        if not is_whole(text):
            found.append(f"{widget} is cut:\n{text}")
        is_typed = isinstance(widget, Input) and widget.value
        found += [f"{word} in {widget}" for word in english(app, text) if not is_typed]
    return found


def faults_of_chinese(app):
    """What is in English, rows that do not fill the screen, punctuation that Chinese has not or at another place."""
    found, rows = narrow_rows(app), screen_text(app).splitlines()
    if len(app.screen_stack) > 1:
        region = app.screen.children[0].region
        rows = ["".join(cells(row)[region.x : region.right]) for row in rows[region.y : region.bottom]]
    for row in rows:
        found += [part for part in _FRAME.split(row) if part.strip().startswith(_NOT_FIRST)]
        found += [row] * bool(_STRAY.search(row) or _HALF.search(row.replace(f"{NAMED}:", "")))  # that is in each
        found += [] if isinstance(app.screen, ManualScreen) else english(app, row)  # which has code
    return found


def everything():
    """The kinds of pages and lists that there are, but for the bases of others."""
    for module in pkgutil.iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")
    found = [Dialog]
    for kind in found:
        found += kind.__subclasses__()
    return {kind for kind in found if kind.__module__.startswith(screens.__name__) and not kind.__subclasses__()}


@pytest.mark.parametrize("last", STATES if FOR_RELEASE else [LAST])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_in_the_language_of_tests(make_app, size, last, monkeypatch):
    monkeypatch.setattr(manual, "_files", lambda _language: PAGES)
    with pseudo_locale():
        app, seen = make_app(PRESET, runner=at_once), set()
        async with app.run_test(size=size) as pilot:
            actions = None if FOR_RELEASE or size == SIZES[0] else SOME  # where there is least room, all of them
            async for done in walk(pilot, last, STATES if FOR_RELEASE else [] if actions else [LAST], actions):
                assert faults(app) == [], done
                seen.add(type(app.screen))
    assert last != LAST or actions or everything() - seen == set()


@pytest.mark.parametrize("size", SIZES if FOR_RELEASE else SIZES[:1], ids=str)
async def test_in_chinese(make_app, size):
    with speaking("zh_CN"):
        app = make_app(PRESET, runner=at_once)
        async with app.run_test(size=size) as pilot:
            async for done in walk(pilot, turns=[], actions=None if FOR_RELEASE else SOME):
                assert faults_of_chinese(app) == [], done


async def test_ambiguous_words_translated_by_context(make_app):
    with speaking("zh_CN"):
        app = make_app("article-minibatch", runner=at_once)
        async with app.run_test(size=(140, 45)) as pilot:
            train(app, 3)
            await pilot.press("u", "b", "2")
            assert {"后退", "起点"} <= {key.label for key in app.query_one(KeyBar).keys}
            assert re.search(" 本批 .* 样本 .* 批损失 ", screen_text(app))
            assert PARAMETERS["samples"].label == "样本数"
            await pilot.press("k")
            await pilot.pause()
            assert "开始" in [key.label for key in app.screen.query_one(KeyBar).keys]
            await pilot.press("escape", "f1")
            await pilot.pause()
            assert "返回" in [key.label for key in app.screen.query_one(KeyBar).keys]
