"""The view *update*: its page against the text of `run --explain`, and its numbers worked out again."""

import re

import pytest
from app_helpers import told

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.update_table import update_table
from quadfit_tui.core.explain.worked_update import formulas, worked_update
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS


def after(config, epochs=0, updates=0):
    session = RunSession(config, speed=None)
    for unit in (*[Unit.EPOCH] * epochs, *[Unit.UPDATE] * updates):
        session.step(unit)
        session.advance(1e9)
    return session


def page(session):
    return VIEWS["update"].draw(scene_of(session), {})


@pytest.mark.parametrize("preset", ["article", "article-minibatch", "full-batch", "article-as-printed"])
@pytest.mark.parametrize("units", [(0, 1), (2, 0), (2, 3)])
def test_page_matches_explain_in_78_columns(preset, units):
    session = after(PRESETS[preset], *units)
    snapshot = session.snapshot()
    rows = page(session).rows
    table, explained = update_table(snapshot.record), worked_update(snapshot.record)
    above, below = 1 + len(table.lines), explained.index("")
    assert [row.text for row in rows[:above]] == [table.title, *table.lines]
    assert explained[0] == table.title
    assert [row.text for row in rows[above:]] == explained[below:]
    assert all(len(row.text) == len(row.roles) <= 78 for row in rows)


def test_formulas_and_key_before_first_update():
    config = RunConfig(optimizer="momentum", lr=0.1)
    texts = [row.text for row in page(after(config)).rows]
    assert re.search(r"No update has been made yet\. Press n to make one", texts[1])
    assert texts[3:] == ["Formulas", *formulas(make_task(config)).lines]
    assert "  v ← momentum·v − lr·g" in texts


async def test_y_copies_last_update_in_any_view(make_app):
    app = make_app("article-minibatch")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("y")
        assert app.clipboard == ""
        assert told(app) == ["No update has been made yet. Press n to make one and see its arithmetic."]
        await pilot.press("n", "n", "n", "b", "y")
        snapshot = app.session.snapshot()
        worked = worked_update(snapshot.record)
        assert worked[0].startswith("Epoch 0, update 2 of 50 (")
        assert app.clipboard == "\n".join(worked) + "\n"
        assert told(app) == ["Copied update 0:2 to the clipboard, if this terminal allows it."]


async def test_y_without_clipboard_suggests_explain(make_app):
    app = make_app("article-minibatch", capabilities=Capabilities(ascii=True, extras=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", "n", "y")
        assert app.clipboard == ""
        assert told(app) == ["This terminal has no clipboard; use: quadfit-tui run --explain 0:2"]
