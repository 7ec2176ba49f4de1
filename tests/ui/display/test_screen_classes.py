"""What a class of the screen changes is styled anew, though not all of the screen is."""

from quadfit_tui.ui.form.form import EDITING, FOLDED
from quadfit_tui.ui.widgets.panes import READING


def rules(app):
    return {widget: widget.styles.base.get_rules() for widget in app.screen.walk_children()}


async def test_class_change_equals_full_restyle(make_app):
    app = make_app()
    async with app.run_test(size=(50, 20)) as pilot:
        for size in ((50, 20), (80, 24), (100, 24), (130, 40)):
            await pilot.resize_terminal(*size)
            for key, has in (
                ("l", {EDITING}),
                ("escape", {FOLDED}),
                ("5", {READING, FOLDED}),
                ("l", {EDITING, READING}),
            ):
                await pilot.press(key)
                assert app.screen.classes & {EDITING, READING, FOLDED} == has
                by_class = rules(app)
                app.stylesheet.update(app.screen)
                assert [widget for widget, then in rules(app).items() if by_class[widget] != then] == [], (size, key)
            await pilot.press("escape", "1")
