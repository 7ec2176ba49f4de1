"""Tests of the app as the manual shows them, word for word, in real time; and what `app_at` leaves out of sight."""

import asyncio
import re
import threading
from pathlib import Path

import pytest
from documents import MANUAL
from locales import catalogue
from textual.app import App
from textual.events import Key

from quadfit_tui import PRESETS, RunConfig
from quadfit_tui.core.text import language
from quadfit_tui.testing import app_at, screen_text, settled
from quadfit_tui.ui.views.view_table import VIEWS


def test_fit_after_ten_epochs(snap_compare, quadfit_app):
    app = quadfit_app(RunConfig(lr=0.1), "9")
    assert snap_compare(app)


def test_path_over_the_surface(snap_compare, quadfit_app):
    shown = {"size": (140, 45), "view": "surface", "theme": "textual-light"}
    app = quadfit_app(PRESETS["noisy"], "2:7", **shown)
    assert snap_compare(app)


def test_a_rate_being_typed(snap_compare, quadfit_app):
    app = quadfit_app(PRESETS["momentum"], "5", view="loss")
    assert snap_compare(app, press=["n", "y", "l", *"0.3"])


async def test_e_trains_an_epoch(quadfit_app):
    app = quadfit_app(RunConfig(), "3")
    async with app.run_test() as pilot:
        await pilot.press("e")
        assert app.session.snapshot().epoch == 5


async def test_a_jump_of_ten_epochs(quadfit_app, snapshot):
    app = quadfit_app(RunConfig(), "3", size=(100, 30))
    async with app.run_test() as pilot:
        await pilot.press("right_square_bracket")
        await settled(pilot)
        assert "14 of 100 epochs" in screen_text(app)
        assert screen_text(app) == snapshot


def test_these_are_the_tests_of_the_manual():
    blocks = re.findall(
        r"<!-- tests/test_app_at.py (?:is|has) the next block -->\n```python\n(.+?)```", MANUAL["library"], re.DOTALL
    )
    own = Path(__file__).read_text(encoding="utf-8")
    tests = [test.strip() for block in blocks for test in re.split(r"\n{3}", block) if "def test" in test]
    assert len(tests) == 5
    assert [test for test in tests if test not in own] == []


async def test_pictures_ignore_time_and_environment(monkeypatch):
    async def picture():
        app = app_at(PRESETS["noisy"], "2:7", size=(100, 30))
        async with app.run_test() as pilot:
            await pilot.press("y")
            await pilot.pause()
            assert (app.size, app.session.status) == ((100, 30), "paused")
            assert [record.epoch for record in app.query_one("LogLines").lines.records] == [0, 1, 2]
            assert threading.active_count() == threads
            assert app.message_queue.shown.text.startswith("Copied update 2:7")
            svg = app.export_screenshot()
            app.post_message(Key("space", " "))  # Pilot would wait for the processor to idle
            await asyncio.sleep(0.2)  # in which two epochs would be due
            assert app.session.snapshot().epoch == 3
        return re.sub(r"terminal-\d+", "terminal", svg)

    threads = threading.active_count()
    plain = await picture()
    for name, value in {"NO_COLOR": "1", "COLUMNS": "33", "LINES": "7", "TERM": "dumb", "COLORTERM": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(App.theme, "_default", "textual-light")  # as TEXTUAL_THEME does, which is read once
    assert await picture() == plain


async def test_map_is_complete_and_repeatable():
    pictures = []
    for _ in range(2):
        app = app_at(PRESETS["momentum"], "5", view="map")
        async with app.run_test() as pilot:
            await pilot.pause()
            pictures.append(screen_text(app))
            assert "epochs/digit" in pictures[-1]
    assert pictures[0] == pictures[1]


async def test_size_defaults_to_run_test_size():
    async with app_at(RunConfig()).run_test(size=(90, 20)) as pilot:
        assert pilot.app.size == (90, 20)
        assert pilot.app.session.status == "ready"


async def test_end_moment_shows_outcome():
    for preset, status in (("article", "converged"), ("full-batch", "finished"), ("too-fast", "diverged")):
        app = app_at(PRESETS[preset], "end", size=(100, 30))
        assert app.session.status == status
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "DIVERGED" in screen_text(app)


async def test_view_option_changes_picture():
    name, words = next((name, words) for name, view in VIEWS.items() for words in view.options.values() if words)
    pictures = set()
    for word in words[:2]:
        async with app_at(PRESETS["noisy"], 5, view=f"{name}:{word}").run_test() as pilot:
            await pilot.pause()
            pictures.add(screen_text(pilot.app))
    assert len(pictures) == 2


async def test_removed_view_is_read_with_a_warning():
    with pytest.warns(DeprecationWarning, match="view words is gone, fit is shown"):
        app = app_at(RunConfig(), 5, view="words")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.query_one("Panes").view == "fit"


async def test_a_diagnosis_is_worked_out_at_once():
    for diagnosis in (False, True):
        app = app_at(PRESETS["too-fast"], 2, size=(120, 30), diagnosis=diagnosis)
        async with app.run_test() as pilot:
            await pilot.pause()
            shown = screen_text(app)
            assert ("limit 1.03" in shown, "working it out" in shown) == (diagnosis, False)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"moment": "0:801"}, "allowed: start, 0 to 99, or 0:1 to 99:800"),
        ({"moment": "60"}, "'60' is past the end of the run; converged"),
        (
            {"view": "pie"},
            "view: 'pie' is not one of the choices; allowed: one of fit, loss, parameters, surface, update, map",
        ),
        ({"view": "fit:neat"}, "'neat' is not one of the choices"),
        ({"theme": "neon"}, "theme: 'neon' is not one of the choices; allowed: one of .*textual-dark"),
    ],
)
def test_another_moment_or_view_is_refused(options, why):
    with pytest.raises(ValueError, match=why):
        app_at(RunConfig(), **options)


async def test_language_option_defaults_to_english(monkeypatch, tmp_path):
    folder = tmp_path / "zh_CN/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "quadfit_tui.mo").write_bytes(catalogue(**{"Next field": "下一项"}))
    monkeypatch.setattr(language, "FOLDER", str(tmp_path))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    try:
        for lang, title in (("zh_CN", "下一项"), ("en", "Next field")):
            app = app_at(RunConfig(), "3", lang=lang)
            async with app.run_test() as pilot:
                await pilot.press("n", "y", "l")
                assert title in screen_text(app)
        app_at(RunConfig(), lang="zh_CN")
        app_at(RunConfig())
        assert language.current_language() == "en"
        with pytest.raises(ValueError, match="lang: 'xx' is not one of the choices; allowed: one of en, zh_CN"):
            app_at(RunConfig(), lang="xx")
    finally:
        language.set_language("en")
