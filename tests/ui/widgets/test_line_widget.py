"""What is kept of what was drawn: it looks as if nothing were."""

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.log import LogLines


def seen(app):
    """Every cell of the screen, with its style."""
    return [[(segment.text, segment.style) for segment in strip] for strip in app.screen._compositor.render_strips()]


async def play(pilot, epochs):
    """Shows a picture after each of so many epochs."""
    for _ in range(epochs):
        pilot.app.playback.action_step(Unit.EPOCH)
        await pilot.pause()


def looks(strips):
    """Text and colors of lines, whatever they are made of."""
    return [
        [(char, segment.style.color, segment.style.bgcolor, segment.style.bold, segment.style.reverse)
         for segment in strip for char in segment.text]
        for strip in strips
    ]  # fmt: skip


async def test_another_theme_colors_everything_anew(make_app):
    light, changing, wanted = make_app(), make_app(), {}
    light.theme = "textual-light"
    async with light.run_test() as pilot:
        await play(pilot, 3)
        await pilot.press("left_square_bracket", "e")
        for view in "15":
            await pilot.press(view)
            wanted[view] = seen(light)
    async with changing.run_test() as pilot:
        await play(pilot, 3)
        await pilot.press("left_square_bracket", "e")
        for view, look in wanted.items():
            await pilot.press(view)
            assert seen(changing) != look
            changing.theme = "textual-light"
            await pilot.pause()
            assert seen(changing) == look
            if view == "1":
                changing.theme = "textual-dark"
                await pilot.pause()


async def test_cached_log_lines_equal_repainted(make_app):
    app = make_app()
    async with app.run_test() as pilot:
        lines = app.query_one(LogLines)
        await play(pilot, 2 * lines.size.height)
        assert 0 < len(lines._strips) <= lines.size.height
        for keys in ([], ["b"], ["left_square_bracket"], ["e"], ["end"], ["another run"], ["e"]):
            if keys == ["another run"]:
                app.runs.restart(app.session.config.replace(lr=0.1))
                await play(pilot, 1)
            else:
                await pilot.press(*keys)
            kept = [lines.render_line(y) for y in range(lines.size.height)]
            lines.forget_styles()
            assert kept == [lines.render_line(y) for y in range(lines.size.height)], keys


async def test_header_lines_match_textual_rendering(make_app):
    app = make_app("ill-conditioned-scaled")
    async with app.run_test(size=(140, 24)) as pilot:
        header, lines = app.query_one(Header), app.query_one(LogLines)
        await play(pilot, 3)
        style = lines.style_of("w")
        await play(pilot, 2)
        assert lines.style_of("w") is style  # kept as long as nothing changes
        ours = [header.render_line(y) for y in range(2)]
        header._render_content()
        assert looks(ours) == looks(header._render_cache.lines)
        await pilot.mouse_down(Header, offset=(2, 0))
        await pilot.hover(Header, offset=(8, 1))
        await pilot.mouse_up(Header, offset=(8, 1))
        first, second = app.screen.get_selected_text().splitlines()  # also of lines that are kept
        assert header._rows[0].plain.endswith(first)
        assert len(first) > 40
        assert header._rows[1].plain.startswith(second)
        chosen = header.render_line(0)
        await pilot.press("ctrl+c")
        assert app.clipboard.splitlines() == [first, second]
        app.screen.clear_selection()
        assert looks([chosen]) != looks([header.render_line(0)])
