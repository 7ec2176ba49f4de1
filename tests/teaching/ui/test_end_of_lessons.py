"""The end of a lesson in the app: what was predicted beside what happened, and the first wrong one once more."""

from lesson_helpers import go_on, library, said, says, shown, start

from quadfit_tui.testing import settled
from quadfit_tui.ui.widgets.panes import Panes


async def test_end_page_and_once_more(make_app):
    app = make_app(library=library(), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, 2)
        await pilot.press("4", "enter")
        await says(pilot, "You said 4.")
        await pilot.press("enter")
        for step in (4, 5, 6):
            await go_on(pilot, step)
        await pilot.press("escape", "S", "S", "enter")
        await says(pilot, "This is the end of the lesson.")
        assert "✗ A number: you said 4; it was 40." in shown(app)
        assert any(row.startswith("A moment: you skipped it; it was ") for row in shown(app))
        assert said(app).endswith("You did 2 of 6 steps without skipping.")
        assert "Enter: one of them once more" in shown(app)[-1]
        await pilot.press("1", "enter")
        await says(pilot, "A small lesson ─ once more ─ predict")
        await settled(pilot)
        assert (app.snapshot.epoch, app.query_one(Panes).view) == (0, "loss")  # as the steps before it had it
        await pilot.press("space")
        assert app.snapshot.epoch == 0  # it waits for the answer
        await pilot.press(*"40", "enter")
        await says(pilot, "✓ You said 40. Right: it is 40. It never stops.")
        assert (app.session.config.lr, app.snapshot.epoch) == (0.5, 40)
        await pilot.press("enter")
        await says(pilot, "This is the end of the lesson.")
        assert "✗ A number: you said 4; it was 40." in shown(app)
        assert "Enter: lessons, with your answers" in shown(app)[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert app.teaching.lesson is None
