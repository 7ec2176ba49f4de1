"""The app through Pilot: keys and mouse in, state and screen out."""

import gc

from app_helpers import at_once, burst, field, log, message, records, repaints, told, train, until
from textual import events
from textual.widgets import Input, OptionList, Static

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.commands.playback_commands import AT_AN_END, AT_THE_START, DIVERGED
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.keymap import KEYS, PALETTE, help_text
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.tasks.training_loop import MAX_LINES
from quadfit_tui.ui.toolkit.textual_internals import screen_strips
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.key_bar import KeyBar


def test_actions_belong_to_one_command_object(make_app):
    assert sum(each.__module__.startswith("quadfit_tui.") for each in QuadfitApp.__mro__) <= 3
    app = make_app()
    commands = app.playback, app.views, app.saving, app.runs, app.maps
    found = [name for each in commands for name in each.actions]
    assert len(found) == len({*found})  # each action is one's
    others = dir(QuadfitApp)
    actions = {binding.action.partition("(")[0] for binding in (*app.teaching.keys(KEYS), PALETTE)}
    assert [
        name for name in actions if not (name in found or f"action_{name}" in others or app.teaching.action(name))
    ] == []


async def test_idle_app_does_nothing(make_app, monkeypatch):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("e")
        calls = []
        monkeypatch.setattr(app.session, "advance", calls.append)
        snapshot = app.snapshot
        await pilot.pause(0.3)
        assert not calls
        assert app.snapshot is snapshot
        assert gc.get_freeze_count() > 10_000, "a search for garbage would hold up the keys"
    assert gc.get_freeze_count() == 0


async def test_in_ascii_keys_and_differences_are_words(make_app):
    """`v` and `>` would be read as what they are elsewhere."""
    app = make_app(capabilities=Capabilities(ascii=True))
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("n", "k")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        dialog = app.screen.query_one(OptionList)
        assert screen_text(app).splitlines()[-1].strip().startswith("Enter Start  esc Close  ")
        assert "halve -> constant" in " ".join(str(option.prompt) for option in dialog.options)
        await pilot.press("escape", "l", "0", ".", "3", "enter", "n", "t", "up")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        assert "lr 0.3 -> 0.5" in " ".join(str(note.render()) for note in app.screen.query(Static))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.runs.difference == "run 2 vs. run 1: lr 0.5 -> 0.3"


async def test_message_is_replaced_and_cleared_by_key(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for keys, text in (
            (["y"] * 5, "No update has been made yet. Press n to make one and see its arithmetic."),
            (["plus"] * 12, "This is the highest speed."),
            (["b", "x"], "x works only in views 4 and 6."),
        ):
            burst(app, keys)
            await until(pilot, lambda text=text: told(app) == [text])
            assert message(app) == text
            assert text in screen_text(app)
        await pilot.press("up")
        assert told(app) == []
        assert "x works only" not in screen_text(app)


async def test_ctrl_c_hints_ctrl_q_quits(make_app, monkeypatch):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        ended = []
        monkeypatch.setattr(app, "exit", lambda: ended.append(key))
        for key in ("n", "question_mark", "f1", "i", "t", "k"):
            await pilot.press(key)
            assert len(app.screen_stack) == (1 if key == "n" else 2), key
            await pilot.press("ctrl+c")
            said = told(app)
            assert said == ["Press q to quit (ctrl+q inside a field)."], key
            await pilot.press("ctrl+q", *["escape"] * (key != "n"))
        for key in ("ctrl+p", "g", "l"):
            await pilot.press(key, "ctrl+q")
            assert not any(input.cursor_blink for input in app.query(Input))
            await pilot.press("escape")
        assert ended == ["n", "question_mark", "f1", "i", "t", "k", "ctrl+p", "g", "l"]
        monkeypatch.undo()
        await pilot.press("q")
        assert app._exit
    assert app.return_code in (0, None)


async def test_zoom_goes_round_the_windows(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        assert "500┤" in screen_text(app)
        await pilot.press("z")
        assert "500┤" not in screen_text(app)
        assert "↓ below" in screen_text(app)  # the start is far under the samples
        await pilot.press("r")
        assert "500┤" not in screen_text(app)
        await pilot.press("z")
        assert "↓ below" not in screen_text(app)  # the window that follows has it
        await pilot.press("z")
        assert "500┤" in screen_text(app)


async def test_any_size_works_and_comes_back(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        for size in [(1, 1), (30, 8), (59, 17)]:
            await pilot.resize_terminal(*size)
            app.views.action_turn("window")
            await pilot.press("e", "l", "escape", "question_mark", "escape")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        chart = app.query_one("#first", ChartView)
        assert len(chart._rows) == chart.size.height
        assert {len(row.text) for row in chart._rows} == {chart.size.width}
        assert "fitted" in screen_text(app)


async def test_footer_key_hover_tooltip_and_click(make_app):
    app = make_app()

    def behind():
        return {segment.text.strip(): segment.style.bgcolor for segment in screen_strips(app)[-1]}

    async with app.run_test(tooltips=True) as pilot:
        await pilot.pause()
        bar, before = app.query_one(KeyBar), behind()
        footer = screen_text(app).splitlines()[-1]
        await pilot.hover(KeyBar, offset=(footer.index("Step"), 0))
        await pilot.pause()
        assert {text for text, color in behind().items() if color != before[text]} == {"n", "Step"}
        assert (bar.tooltip, bar.styles.pointer) == ("make one update, then pause (also →)", "pointer")
        await pilot.hover(KeyBar, offset=(footer.index("Step") + len("Step"), 0))  # between two keys
        await pilot.pause()
        assert (behind(), bar.tooltip, bar.styles.pointer) == (before, None, "default")
        await pilot.hover(KeyBar, offset=(0, 0))
        await pilot.hover(Header)
        await pilot.pause()
        assert behind() == before
        await pilot.click(KeyBar, offset=(footer.index("Step"), 0))
        await pilot.pause()
        assert app.snapshot.updates == 1


async def test_footer_keys_are_never_cut(make_app):
    app = make_app()
    whole = " space Play n Step < Halve > Double f Large L Lessons s Settings"
    async with app.run_test(size=(80, 24)) as pilot:
        for width in (23, 78, 40, 75, 80):  # by turns narrower and wider
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            footer = screen_text(app).splitlines()[-1].rstrip()
            footer, pinned = footer.removesuffix(" ? Keys"), footer[-7:]
            assert pinned == " ? Keys"
            assert whole.startswith(footer), width
            assert whole[len(footer) : len(footer) + 1] in ("", " "), width
        assert footer == whole
        app.screen.add_class("-wide", update=False)  # as from a size before: the screen is told of a new one later
        assert app.query_one(KeyBar).render_line(0).text.rstrip() == f"{whole} ? Keys"


async def test_log_follows_until_scrolled(make_app):
    app = make_app("full-batch")
    async with app.run_test() as pilot:
        train(app, 40)
        await pilot.pause()
        lines = log(app)
        end = lines.end
        assert lines.top == end > 0
        wheel = dict.fromkeys(("x", "y", "delta_x", "delta_y", "button", "shift", "meta", "ctrl"), 0)
        seen = []
        for event in (events.MouseScrollUp, events.MouseScrollDown):
            lines.post_message(event(lines, **wheel))
            await pilot.pause()
            seen.append(lines.top)
        assert seen == [end - 3, end]
        seen = []
        for key in ("up", "pageup", "down", "pagedown", "up", "end", "down", "pageup"):
            await pilot.press(key)
            seen.append(lines.top)
        there = end - (lines.size.height - 1)
        assert seen == [end - 1, there - 1, there, end, end - 1, end, end, there]
        assert "▐" in screen_text(app)
        rendered = repaints(lines)
        app.playback.action_step("epoch")
        await pilot.press("e")
        assert lines.top == there
        assert len(rendered) <= 1  # at most the scrollbar moved: new lines below are not seen
        del lines.refresh
        await pilot.press("end", "e")
        await pilot.pause()
        assert lines.top == lines.end
        await pilot.resize_terminal(80, 20)
        await pilot.press("e")
        await pilot.pause()
        assert lines.top == lines.end


async def test_bounded_log_keeps_reading_position(make_app):
    app = make_app(RunConfig(samples=1, init=(1, 1, 1), lr=1e-3, stop_on="never", epochs=10**6), passing=True)
    async with app.run_test() as pilot:
        app.session.speed = None
        app.session.seek(MAX_LINES)
        await until(pilot, lambda: len(records(app)) == MAX_LINES or app.training.advance())
        lines = log(app)
        await pilot.press("pageup")
        await pilot.pause()
        read = records(app)[lines.top].epoch
        app.session.seek(MAX_LINES + 30)
        await until(pilot, lambda: records(app)[-1].epoch == MAX_LINES + 29 or app.training.advance())
        assert len(records(app)) == MAX_LINES
        assert records(app)[lines.top].epoch == read
        await pilot.press("end", "e")
        await pilot.pause()
        assert f" {MAX_LINES + 30} " in screen_text(app)  # a full log that is followed moves on


async def test_help_page_lists_every_key(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = " ".join(" ".join(str(part.content) for part in app.screen.query(Static)).split())
        for binding in (*app.teaching.keys(KEYS), PALETTE, *QuadfitApp.BINDINGS, *Form.BINDINGS, *ChoiceField.BINDINGS):
            assert help_text(binding) in text
        await pilot.press("escape", "n")
        assert app.snapshot.update == 1


async def test_inapplicable_key_gives_reason(make_app):
    app = make_app("article")
    async with app.run_test() as pilot:

        async def answers(*keys):
            for key in keys:
                await pilot.press(key)
                for text in told(app):
                    yield text

        said = [text async for text in answers("b", "home", "left_square_bracket", "x")]
        assert said == [*[AT_THE_START] * 3, "x works only in views 4 and 6."]
        assert [text async for text in answers(*["plus"] * 3)] == ["This is the highest speed."]
        assert app.session.speed is None
        assert "max epochs/s" in screen_text(app)
        assert [text async for text in answers(*["minus"] * 6)] == ["This is the lowest speed."]
        assert app.session.speed == 1
        await pilot.press("equals_sign")
        assert app.session.speed == 2
        train(app, 25)
        assert [text async for text in answers("space", "n", "e", "right")] == [AT_AN_END] * 4
        burst(app, ["n", "y"])
        await pilot.pause()
        assert told(app)[0].startswith("Copied update 24"), "the key before took it away"
        app.runs.restart(PRESETS["too-fast"])
        train(app, 7)
        assert [text async for text in answers("n")] == [DIVERGED]


async def test_header_clicks_control_playback_and_fields(make_app):
    app = make_app("article", runner=at_once)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()

        async def click(words):
            rows = screen_text(app).splitlines()
            y = next(y for y, row in enumerate(rows) if words in row)
            await pilot.click(offset=(rows[y].index(words) + 1, y))
            await pilot.pause()

        await click("READY")
        assert app.session.status is Status.RUNNING
        await click("RUNNING")
        assert app.session.status is Status.PAUSED
        await click("10 epochs/s")
        assert app.session.speed == 30
        await click("30 epochs/s")
        await click("max epochs/s")
        assert app.session.speed == 1
        await click("of the limit")
        assert isinstance(app.screen, DiagnosisPage)
        await pilot.press("escape")
        await click("lr 0.5 ")
        assert app.focused is field(app, "lr")
        await pilot.click(Header, offset=(3, 0))  # leaves the field, and that is all
        await until(pilot, lambda: app.focused is None)
        assert app.session.status is Status.PAUSED
