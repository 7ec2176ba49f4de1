"""Tasks in the app: each try is answered in the pane, and stands in the table of one's own runs."""

import pytest
from app_helpers import until
from drops import OWN, TRIES, epochs, lesson
from lesson_helpers import library, says, shown
from tables import table

from quadfit_tui.core.text.width import cell_width
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import StepParagraph
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.ui.pane.lesson_page import table_rows, text_lines
from quadfit_tui.teaching.ui.pane.lesson_text import StepText
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.form.form import Form

TABLE = "lr\t0.5\t1\t1.4\t1.7\t1.9\nepochs\t277\t136\t96\t136\tgrew"


def test_a_table_is_in_columns():
    assert table_rows(TABLE, 76) == [
        "lr       0.5   1     1.4   1.7   1.9",
        "epochs   277   136   96    136   grew",
    ]
    assert table_rows("学习率\t0.5\t1\n轮\t277\t136", 76) == ["学习率   0.5   1", "轮       277   136"]


def test_columns_without_room_are_below_the_others():
    assert table_rows(TABLE, 26) == [
        "lr       0.5   1     1.4",
        "epochs   277   136   96",
        "lr       1.7   1.9",
        "epochs   136   grew",
    ]
    for width in range(1, 60):
        rows = table_rows(TABLE, width)
        values, results = ([cell for row in rows[at::2] for cell in row.split()[1:]] for at in (0, 1))
        assert values == ["0.5", "1", "1.4", "1.7", "1.9"]
        assert results == ["277", "136", "96", "136", "grew"]
        assert width < 16 or max(map(cell_width, rows)) <= width


def test_a_table_is_folded_with_the_text():
    lines = text_lines(
        (StepParagraph("Find one."), StepParagraph(TABLE, "table"), StepParagraph("Not yet.", "said")), 76, 4
    )
    assert [(line.text, line.part, line.begins) for line in lines] == [
        ("Find one.", "text", 0),
        ("lr       0.5   1     1.4   1.7   1.9", "table", 1),
        ("epochs   277   136   96    136   grew", "table", None),
        ("Not yet.", "said", 2),
    ]


def opened(make_app, *steps):
    made = lesson(*steps)
    return make_app(library=library(made.id, lessons=(made,)), passing=True, fps=5)


def rows(app):
    return [" ".join(row.split()) for row in shown(app)]


async def test_tries_by_keys(make_app):
    app = opened(make_app, OWN)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Converge in fewer than 5 epochs.")
        assert "l: rate · H: hint · S: skip · R: again" in shown(app)[-1]
        await pilot.press("enter")
        assert "No run of this task has ended yet: space plays it." in shown(app)
        await pilot.press("h")
        await until(pilot, lambda: "h works only in view 4. H: hint." in screen_text(app))
        await pilot.press("l", *"0.5", "enter")
        await says(pilot, f"Not yet: {epochs(0.5)} epochs, and fewer than 5 are asked.")
        assert ["lr 0.5", f"epochs {epochs(0.5)}"] == rows(app)[-4:-2]
        await pilot.press("enter")  # says it again, where the keys stand
        assert shown(app)[-1] == shown(app)[-2]
        await pilot.press("l", *"2.5", "enter")
        await says(pilot, "Not yet: it diverged. Beyond 2 the error grows.")
        assert ["lr 0.5 2.5", f"epochs {epochs(0.5)} grew"] == rows(app)[-4:-2]
        assert "H shows a hint" in shown(app)[-1]
        await pilot.press("H")
        await says(pilot, "Hint: Below 1.")
        await pilot.press("l", *"0.9", "enter")
        await says(pilot, "✓ Done. The update takes nearly all of the error.")
        assert not any("You said" in row for row in shown(app))
        assert "Enter: next step" in shown(app)[-1]
        await pilot.press("s")  # another value is tried as before
        assert app.focused is app.query_one(Form).control("lr")
        await pilot.press(*"0.8", "enter")
        await until(pilot, lambda: app.session.config.lr == 0.8 and app.snapshot.status == "converged")
        assert "Enter: next step" in shown(app)[-1]


async def test_what_may_not_change_is_refused_by_name(make_app):
    app = opened(make_app, OWN)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Converge in fewer than 5 epochs.")
        await pilot.press("s")
        assert app.focused is app.query_one(Form).control("lr")
        await pilot.press("escape")
        app.runs.restart(app.session.config.replace(tol=1e12))
        await says(pilot, "Only lr may change here: tol 1e-05 → 1000000000000. R: again.")
        assert app.snapshot.epoch == 0
        await pilot.press("R")
        await pilot.pause()
        assert not any("may change" in row for row in shown(app))
        assert app.session.config.tol == 1e-5


async def test_what_may_not_change_is_refused_as_it_begins_to_play(make_app):
    app = opened(make_app, OWN)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Converge in fewer than 5 epochs.")
        app.session.speed = 1
        app.runs.restart(app.session.config.replace(tol=1e-9), plays=app.runs.plays_changed)
        await says(pilot, "Only lr may change here: tol 1e-05 → 1e-09. R: again.")
        assert app.session.is_busy


async def test_exploring_by_keys(make_app):
    app = opened(make_app, TRIES)
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Try three rates.")
        await pilot.press("space")
        await says(pilot, "1 of 3 different runs so far.")
        await pilot.press("l", *"0.5", "enter")
        await says(pilot, "2 of 3 different runs so far.")
        await pilot.press("l", *"0.7", "enter")
        await says(pilot, "✓ Done. Nearer to 1 it takes fewer epochs.")
        assert rows(app)[-4:-2] == ["lr 0.1 0.5 0.7", f"epochs >50 {epochs(0.5)} {epochs(0.7)}"]


@pytest.mark.parametrize("size", [(40, 20), (60, 20)])
async def test_a_small_screen_shows_the_answer(make_app, size):
    app = opened(make_app, OWN)
    async with app.run_test(size=size) as pilot:
        await says(pilot, "Land")
        await pilot.press("escape", "l", *"0.5", "enter")
        await says(pilot, "Not yet")
        assert any(row.startswith("epochs") for row in shown(app))


@table(
    ("only", "prompt"),
    [("lr", "l: rate · H"), ("momentum,lr", "s: settings · H"), ("data,lr", "s: settings · d: data · H")],
)
def test_prompt_names_the_way_to_what_may_change(only, prompt):
    made = lesson(OWN.replace("only=lr", f"only={only}"))
    course = Course(made, Facts(made), Transcript(None))
    course.start()
    assert StepText(course).page().prompt.startswith(prompt)
