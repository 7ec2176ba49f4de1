"""The facts below the form of large screens: what they are, and of which runs."""

import re

from app_helpers import at_once, go, screen_text, train
from pseudo_locale import cells
from tables import table

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.messages import Situation, message
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisWorker
from quadfit_tui.ui.widgets import facts
from quadfit_tui.ui.widgets.facts import Facts, Line, briefly, fact_lines
from quadfit_tui.ui.widgets.log import EMPTY


def told(app):
    """The rows of the widget, without the blanks in them."""
    region = app.query_one(Facts).content_region
    rows = screen_text(app).splitlines()[region.y : region.bottom]
    return [" ".join("".join(cells(row)[region.x : region.right]).split()) for row in rows]


async def test_the_facts_are_those_of_the_run_and_of_the_runs_so_far_where_there_is_room_for_them(make_app):
    jobs = []
    app = make_app("full-batch", runner=lambda *job: jobs.append(job))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.query_one(Facts).display
        await pilot.resize_terminal(140, 45)  # while nothing is trained
        await pilot.pause()
        assert told(app)[1:5] == ["limit of lr …", "condition number …", "optimum …", "its mean loss …"]
        # Of a million samples it takes longer than a key may wait: it comes with the rest, from the other thread.
        assert "optimum" not in vars(app.session.snapshot().problem)
        ((job, done),) = jobs
        done(job())
        await pilot.pause()
        # The samples are the integers from −400 to 399, over 400: the limit and the condition are known from elsewhere.
        assert told(app)[:5] == [
            "samples 800", "limit of lr 1.78", "condition number 14.13", "optimum 2, -4, 3", "its mean loss 0",
        ]  # fmt: skip
        assert told(app)[6].startswith("> 1 ")
        assert EMPTY in screen_text(app)
        train(app, 20)
        await pilot.pause()
        assert EMPTY not in screen_text(app)
        app.runs.action_twin_of("schedule")
        await pilot.pause()
        await pilot.pause()
        assert [row.split()[0] for row in told(app)[6:]] == [">", "1"]
        assert [row.split()[-1] for row in told(app)[6:]] == ["paused", "paused"]
        app.session.play()
        app.training.publish()
        await pilot.pause()
        assert told(app)[6].endswith("running")
        await pilot.resize_terminal(140, 40)
        await pilot.pause()
        assert not app.query_one(Facts).display


@table(
    ("preset", "changes", "fact", "line"),
    [
        ("full-batch", {"lr": 1.784}, "limit of lr 1.7846", "just below the limit 1.7846;"),
        ("ill-conditioned", {}, "limit of lr 1.59e-06", "of the limit 1.59e-06;"),
        ("noisy", {}, "safe rate 0.666", "is safe: below 0.666 it cannot diverge;"),
        ("noisy", {"lr": 0.7, "tol": 1.0}, "safe rate 0.666", "above the safe rate 0.666;"),
        ("adam", {}, "limit of lr none", "limit"),
        (
            "article",
            {"samples": 3, "x_min": -1.7, "x_max": 0.9, "lr": 0.6},
            "first limit of lr 0.21",
            "lr 0.6 is stable again",
        ),
        ("momentum", {"batch": 1, "shuffle": True}, "limit of lr not known", "no learning-rate limit is known"),
    ],
)
def test_the_limit_is_the_one_that_the_line_of_the_diagnosis_names(preset, changes, fact, line):
    snapshot, worker = Session(PRESETS[preset].replace(**changes)).snapshot(), DiagnosisWorker(at_once, lambda: None)
    worker.consult(snapshot)
    findings = worker.consult(snapshot)
    assert " ".join(fact_lines(snapshot, findings)[1][:2]) == fact
    assert line in message(Situation(snapshot, findings), 138).lines[0]


async def test_of_a_wide_name_as_much_is_told_as_its_number_leaves_room_for(make_app, monkeypatch):
    lines = [Line("条件数", "14.13"), Line("数据的条件数（越大越难训练，一到一百）", "14.12")]
    monkeypatch.setattr(facts, "fact_lines", lambda *_: lines)
    app = make_app()
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        assert told(app)[0] == "条件数 14.13"
        assert re.fullmatch(r"数据的条件数（越.*… 14.12", told(app)[1])


async def test_all_seven_runs_are_seen_and_the_optimum_is_in_line_with_the_other_facts(make_app):
    app = make_app("noisy", runner=at_once)
    async with app.run_test(size=(140, 45)) as pilot:
        for rate in range(1, 8):
            go(app.session, (1,)).restart(app.session.config.replace(lr=rate / 100))
        await pilot.press("e")
        await pilot.pause()
        region = app.query_one(Facts).content_region
        rows = [row[region.x : region.right] for row in screen_text(app).splitlines()[region.y : region.bottom]]
        assert [int(row.replace(">", " ").split()[0]) for row in rows[6:]] == [8, 7, 6, 5, 4, 3, 2]
        assert all(row.rstrip() == row for row in rows[:5])  # at the right end, however long it is
        assert len(rows[3].split(", ")) == 3


@table(
    ("w", "text"),
    [
        ((2.0, -4.0, 3.0), "2, -4, 3"),
        ((2.0151, -4.0132, 2.9823), "2.015, -4.013, 2.982"),
        ((-123456.0, 1234.56, -0.000123456), "-1.2e+05,1.2e+03,-0.00012"),
        ((-1.5e99, -1.5e99, -1.5e99), "-1.5e+99,-1.5e+99,-1.5e+99"),
    ],
)
def test_an_optimum_of_long_numbers_is_told_in_fewer_digits(w, text):
    assert briefly(w) == text
