"""A curve that is drawn before its run is shown: the pen by keys and mouse, the axes, the run over it, in a class."""

import json

from accounts import name_users, own_files
from app_helpers import message, until
from hypothesis import given
from hypothesis import strategies as st
from lesson_helpers import library, says, shown
from textual import events
from trials import trials

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.teaching.classroom.classroom import Classroom
from quadfit_tui.teaching.classroom.transcript_reader import FILE_NAME
from quadfit_tui.teaching.classroom.vote import Vote
from quadfit_tui.teaching.course.curve_comparison import run_curve
from quadfit_tui.teaching.course.drawn_curve import FIRST, MOST_POINTS, DrawnCurve
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.reading.notation import read_lesson
from quadfit_tui.teaching.ui.curve_pen import CurvePen
from quadfit_tui.teaching.ui.drawings import class_chart, drawing_of
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import Role
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.view_table import VIEWS
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.panes import Panes

TEXT = """\
+++
format = 1
id = "drawn"
title = "Drawn"
[runs.slow]
samples = 20
batch = "full"
schedule = "constant"
lr = 0.2
epochs = 400
[runs.fast]
from = "slow"
lr = 0.5
[runs.far]
from = "slow"
lr = 3
+++

## Read {#read .say view=fit}
Read.

## Draw {#draw .draw run=fast}
Draw the mean loss.

## Draw it too {#far .draw run=far}
Draw this one, too.

## End {#end .say run=fast}
So.
"""
LESSON = read_lesson(TEXT, "drawn.md")
FACTS = Facts(LESSON)


def drawn_library(path=None):
    return library("drawn", path, (LESSON,))


def chart(app):
    return next(pane for pane in app.query(ChartView) if pane.display and pane.view == "loss")


def labels(app):
    return [series.label for series in chart(app)._spec.series if series.label]


async def go_to_draw(pilot):
    await says(pilot, "step 1 of 4")
    await pilot.press("enter")
    await says(pilot, "Arrows, Tab, mouse or finger: draw")


# The pen


def test_pen_extends_and_follows_line():
    pen = CurvePen()
    assert pen.curve is None
    pen.move(0, -1)  # the start stays
    assert (pen.points, pen.across, pen.up) == ((FIRST, (5, 75)), 5, 75)
    pen.move(1, 0)
    pen.move_tenth(1)
    pen.move(0, -3)
    assert pen.points == (FIRST, (5, 75), (10, 75), (20, 60))
    pen.move(-1, 0)
    assert (pen.across, pen.up, len(pen.points)) == (15, 68, 4)  # between two points, of which it makes none
    pen.move(0, 1)
    assert pen.points[3:] == ((15, 73), (20, 60))
    pen.move_tenth(-1)
    pen.move_tenth(-1)
    assert (pen.across, pen.up) == (0, 80)
    pen.move(-1, 0)
    assert pen.across == 0


def test_drag_replaces_points_click_keeps_them():
    pen = CurvePen((FIRST, (20, 50), (40, 30), (60, 20)))
    pen.point(61, 5, False)
    assert pen.points == (FIRST, (20, 50), (40, 30), (60, 5))
    pen.point(9, 70.4, False)
    pen.point(52, 44, True)
    assert pen.points == (FIRST, (10, 70), (50, 44), (60, 5))
    pen.point(-20, 300, True)
    assert pen.points == (FIRST, (5, 100), (50, 44), (60, 5))


MOVES = st.one_of(
    st.tuples(st.just("move"), st.integers(-1, 1), st.integers(-1, 1)),
    st.tuples(st.just("move_tenth"), st.sampled_from((1, -1))),
    st.tuples(st.just("point"), st.floats(-50, 150), st.floats(-50, 150), st.booleans()),
)


@trials(200)
@given(st.lists(MOVES, max_size=150))
def test_whatever_is_drawn_is_a_curve(moves):
    pen = CurvePen()
    for name, *given_to in moves:
        getattr(pen, name)(*given_to)
        assert 0 <= pen.across <= 100
    assert len(pen.points) <= MOST_POINTS
    assert pen.curve is None or DrawnCurve.read(pen.curve.as_text) == pen.curve
    assert pen.curve is None or not pen.curve.is_from_words


# The chart


def test_axes_depend_on_start_tol_epochs():
    found = []
    for name in ("slow", "fast", "far"):
        axes = FACTS.axes(name)
        session = RunSession(LESSON.runs[name], speed=None)
        session.play()
        while session.is_busy:
            session.advance(1)  # even if it was trained already
        scene = scene_of(session, drawing=drawing_of(axes, [(FIRST, (50, 20))], "your drawing", True, (50, 20)))
        spec = VIEWS["loss"].draw(scene, {"window": "all"})
        assert (spec.x_range, spec.y_range) == ((0, axes.epochs), axes.range)
        assert {series.role for series in spec.series} == {Role.TOL, Role.DRAWN, Role.HERE}
        found.append([row.text for row in draw(spec, 70, 12)])
    assert found[0] == found[1] == found[2]


def test_drawn_curve_extends_chart_beside_run():
    session = RunSession(LESSON.runs["fast"], speed=None)
    session.play()
    while session.is_busy:
        session.advance(1)
    axes, end = FACTS.axes("fast"), session.snapshot().epoch
    assert session.snapshot().status == "converged"
    for points, until_epoch in ([((FIRST, (50, 10), (100, 10))), 200], [(FIRST, (100, 70)), 400]):
        scene = scene_of(session, drawing=drawing_of(axes, [points], "your drawing", False))
        spec = VIEWS["loss"].draw(scene, {"window": "all"})
        assert spec.x_range[1] == max(end, until_epoch)
        assert "your drawing" in [series.label for series in spec.series]
        recent = VIEWS["loss"].draw(scene, {"window": "recent"})
        assert "your drawing" not in [series.label for series in recent.series]


def test_no_earlier_runs_beside_drawing():
    session = RunSession(LESSON.runs["far"], speed=None)
    session.play()
    session.advance(1)
    session.restart(LESSON.runs["fast"])
    drawing = drawing_of(FACTS.axes("fast"), [(FIRST, (100, 70))], "your drawing", False)
    notes = [VIEWS["loss"].draw(scene_of(session, drawing=each), {"window": "all"}).notes for each in (None, drawing)]
    assert [len(each) for each in notes] == [1, 0]


def test_class_curves_anonymous_below_the_run():
    curves = [(FIRST, (100, 10)), (FIRST, (50, 20)), (FIRST, (100, 100))]
    run = run_curve(FACTS, LESSON.by_id["far"])  # beyond the axes, and at the end no number
    for over in (None, run):
        spec = class_chart(run.axes, curves, over)
        assert not spec.takes_drawing
        roles = [series.role for series in spec.series]
        assert roles == [Role.TOL, *[Role.DRAWN] * 3, *[Role.FITTED] * (over is not None)]
        text = "\n".join(row.text for row in draw(spec, 70, 14))
        assert "3 curves of the class" in text
        assert ("mean loss" in text) is (over is not None)


# In the app


async def test_drawing_by_keys_then_run_shown(make_app, tmp_path):
    path = tmp_path / "transcript.jsonl"
    app = make_app(library=drawn_library(path), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to_draw(pilot)
        assert app.query_one(Panes).view == "loss"
        assert screen_text(app).splitlines()[-1].split()[:5] == ["⏎", "Done", "arrows", "Draw", "Tab"]
        await pilot.press("enter")
        assert message(app) == "Nothing is drawn yet: the arrows draw, the mouse, or a finger."
        await pilot.press("tab", "down", "down", "right", "up")
        await until(pilot, lambda: "@ epoch 60: mean loss" in screen_text(app))
        assert app.snapshot.updates == 0
        assert "mean loss" not in [series.label for series in chart(app)._spec.series]
        await pilot.press("space", "n", "e", "i")  # which would give it away
        assert (app.snapshot.updates, len(app.screen_stack)) == (0, 1)
        await pilot.press("enter")
        await says(pilot, "our curve ")
        assert app.snapshot.status == "converged"
        assert labels(app)[0] == "your drawing"
        assert "mean loss" in labels(app)
        given = [entry for entry in map(json.loads, path.read_text().splitlines()) if entry["event"] == "answer"]
        assert [entry["points"] for entry in given] == [[[0, 80], [10, 70], [15, 75]]]
        # Left and come back to, the run is shown with what was drawn.
        await pilot.press("L", "L", "enter")
        await says(pilot, "our curve ")
        await until(pilot, lambda: "your drawing" in labels(app))
        await pilot.press("enter")
        await says(pilot, "step 3 of 4")
        assert "@ epoch 0: mean loss" in screen_text(app)  # another one, and nothing is drawn yet
        assert labels(app) == [
            "tol 1e-05",
            "your drawing",
            f"epoch 0: mean loss {format_short(FACTS.axes('far').start)}",
        ]


async def test_pen_focus_and_drawing_lifetime(make_app):
    app = make_app(library=drawn_library(), passing=True, fps=5)

    async def put_anew():  # as a teacher does
        app.teaching.lesson.go_to(LESSON.steps[1])
        await says(pilot, "Arrows, Tab, mouse or finger: draw")
        assert app.teaching.drawn.pen.points == (FIRST,)

    async with app.run_test(size=(80, 24)) as pilot:
        await go_to_draw(pilot)
        await pilot.press("tab", "down", "escape")
        await says(pilot, "Enter: draw")
        before = app.teaching.drawn.pen.points
        await pilot.press("1", "down", "tab", "escape")
        assert app.query_one(Panes).view == "fit"
        assert app.teaching.drawn.pen.points == before
        app.screen.set_focus(None)
        await pilot.press("enter", "down")
        assert app.query_one(Panes).view == "loss"
        assert app.teaching.drawn.pen.points != before
        await pilot.press("delete", "S", "S")
        await says(pilot, "The run is below tol after")
        await put_anew()
        await pilot.press("escape")
        await drag(pilot, (0, 0), (10, 1), (40, 2))
        await until(pilot, lambda: len(app.teaching.drawn.pen.points) == 4)
        heights = [up for _, up in app.teaching.drawn.pen.points[1:]]
        assert heights == sorted(heights, reverse=True)
        assert app.mouse_captured is None
        await until(pilot, lambda: app.teaching.has_pen)
        await pilot.press("enter")
        await says(pilot, "our curve ")
        await put_anew()
        await pilot.press("tab", "down", "escape")
        assert "your drawing" in labels(app)
        await pilot.press("L")
        await pilot.pause()
        assert "your drawing" not in labels(app)


async def drag(pilot, *places):
    """Drags the mouse from place to place in the chart: columns and rows from near its upper left."""
    corner = chart(pilot.app).content_region.offset
    x, y = corner.x + 20, corner.y + 3
    kinds = [events.MouseDown, *[events.MouseMove] * (len(places) - 1), events.MouseUp]
    for kind, (across, down) in zip(kinds, [*places, places[-1]], strict=True):
        pilot.app.post_message(kind(None, x + across, y + down, 0, 0, 1, False, False, False, x + across, y + down))


async def test_mouse_in_the_row_of_the_start_stays_level(make_app):
    app = make_app(library=drawn_library(), passing=True, fps=5)
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to_draw(pilot)
        row = next(y for y, text in enumerate(screen_text(app).splitlines()) if "│@" in text)
        down = row - chart(app).content_region.y - 3
        await drag(pilot, (0, down), (20, down), (40, down))
        await until(pilot, lambda: len(app.teaching.drawn.pen.points) == 4)
        assert {up for _, up in app.teaching.drawn.pen.points} == {FIRST[1]}


async def test_small_screen_question_then_chart(make_app):
    app = make_app(library=drawn_library(), passing=True, fps=5)
    async with app.run_test(size=(60, 20)) as pilot:
        await says(pilot, "step 1 of 4")
        await pilot.press("enter")
        await says(pilot, "Enter: draw")
        await pilot.press("down")
        assert len(app.teaching.drawn.pen.points) == 1
        await pilot.press("enter", "tab", "down", "escape")
        await says(pilot, "Enter: draw")  # the question, to be read again
        await pilot.press("enter")
        await until(pilot, lambda: "@ epoch 40: mean loss" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.snapshot.status == "converged")
        await says(pilot, "our curve ")
        assert any("Enter: next step" in row for row in shown(app))


async def test_class_draws_and_sees_anonymous_curves(make_app, tmp_path, monkeypatch):
    folders = [tmp_path / f"student{number}" for number in range(3)]
    owners = {str(path): 70000 + number for number, path in enumerate(folders)}
    own_files(monkeypatch, owners.__getitem__)
    name_users(monkeypatch, lambda user: f"student{user - 70000}")
    for path in (*folders, tmp_path / "class"):
        path.mkdir()
    found = drawn_library(tmp_path / "teacher.jsonl")
    found.students = [*owners]
    app = make_app(library=found, room=Classroom(str(tmp_path / "class")), passing=True, fps=5)

    async def page_says(text):
        await until(pilot, lambda: text in " ".join(screen_text(app).replace("│", " ").split()), every=0.2)

    async with app.run_test(size=(80, 24)) as pilot:
        await go_to_draw(pilot)
        await pilot.press("V")
        await page_says("The answer is a curve. 3 students. No vote is open yet.")
        await pilot.press("o")
        await page_says("0 of 3 have answered.")
        for path, drawn in zip(folders, ("0:80 50:10", "d", "0:80 100:60"), strict=True):
            vote = Vote(
                LESSON,
                app.teaching.votes.room.question,
                FACTS,
                Transcript(TranscriptLocation(str(path / FILE_NAME), 0o640)),
            )
            vote.start()
            vote.answer(drawn)
        await page_says("3 of 3 have answered.")
        await pilot.press("b")
        assert "of the class" not in screen_text(app)  # while it is open
        await pilot.press("c", "b")
        await page_says("3 curves of the class")
        await pilot.resize_terminal(80, 18)
        await page_says("epochs done")  # all of the chart, beneath the bars
        await pilot.resize_terminal(80, 24)
        assert "falls evenly" in screen_text(app)
        assert "mean loss" not in screen_text(app).replace("Draw the mean loss.", "")
        await pilot.press("enter")
        await says(pilot, "The run is below tol after")
        await until(pilot, lambda: "3 curves of the class" in labels(app))
        assert "mean loss" in labels(app)
        await pilot.press("V", "b")
        await page_says("3 curves of the class")
        assert " mean loss " in screen_text(app)
        assert "student" not in screen_text(app).replace("students", "")
        await pilot.press("escape", "enter")
        await says(pilot, "step 3 of 4")
        assert "3 curves of the class" not in labels(app)
