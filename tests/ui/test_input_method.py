"""The app with a Chinese input method: its keys act as those of ASCII, and fields keep what was typed."""

from app_helpers import field, problem, train, until

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.terminal.key_parser import KeyParser
from quadfit_tui.ui.widgets.panes import Panes


async def typed(pilot, text):
    """Types as a terminal sends it."""
    for key in KeyParser().feed(text):
        pilot.app.post_message(key)
    await pilot.pause()


async def test_keys_act_as_those_of_ascii(make_app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "图.txt").write_text("older")
    app = make_app("noisy")
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, "ｎ")
        assert (app.snapshot.epoch, app.snapshot.update) == (0, 1)
        train(app, 30)
        await typed(pilot, "【")
        assert app.snapshot.epoch == 20
        await typed(pilot, "】")
        assert app.snapshot.epoch == 30
        await typed(pilot, "【「］Ｂ")
        assert app.snapshot.epoch == 19
        speed = app.session.speed
        await typed(pilot, "＋")
        assert app.session.speed != speed
        await typed(pilot, "－")
        assert app.session.speed == speed
        await typed(pilot, "２")
        assert app.query_one(Panes).view == "loss"
        await typed(pilot, "？")
        assert isinstance(app.screen, TextScreen)
        await typed(pilot, "ｑ")
        assert not isinstance(app.screen, TextScreen)
        await typed(pilot, "\u3000")
        assert app.session.is_busy
        await typed(pilot, "\u3000")
        await typed(pilot, "我。")  # are no keys
        assert app.focused is None
        await typed(pilot, "ｗ")
        await pilot.press("ctrl+u")
        await typed(pilot, "图.txt\r")
        assert app.query_one(FilePrompt).display
        assert (tmp_path / "图.txt").read_text() == "older"
        await typed(pilot, "ｙ")  # yes
        await until(pilot, lambda: (tmp_path / "图.txt").read_text(encoding="utf-8") != "older")


async def test_fields_keep_and_parse_fullwidth_text(make_app, tmp_path):
    (tmp_path / "我的预设.toml").write_text("lr = 0.2\n")
    app = make_app(presets=PresetCatalog(lambda: str(tmp_path)))
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("l", "ctrl+u")
        await typed(pilot, "０。２５？ｑ")
        assert field(app, "lr").value == "０。２５？ｑ"
        assert problem(app, "lr").startswith("is not a number")
        await pilot.press("backspace", "backspace")
        field(app, "true").focus()
        await pilot.press("ctrl+u")
        await typed(pilot, "2、\u3000-4、3")
        assert field(app, "true").value == "2、 -4、3"
        await pilot.press("enter")
        await pilot.pause()
        assert (app.session.config.lr, app.session.config.true) == (0.25, (2.0, -4.0, 3.0))
        await pilot.press("l", "up")
        await typed(pilot, "ｍ")
        assert field(app, "preset").value == "momentum"
        await typed(pilot, "我\r")
        assert app.session.config.lr == 0.2
