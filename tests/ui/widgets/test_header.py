"""The rows of the header as text."""

import re
from types import SimpleNamespace as Namespace

import numpy as np
from app_helpers import at_once, go, repaints, train, until
from languages import speaking
from pseudo_locale import cells
from rich.style import Style
from tables import table
from textual.renderables.digits import Digits

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.quantity import UNNAMED
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.ascii import ascii_character
from quadfit_tui.core.training.status import Status
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState, DiagnosisWorker
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.widgets.header import (
    Header,
    big_figure,
    formulas_line,
    gauge,
    one_line,
    progress_line,
    typical_miss,
)

UNKNOWN = DiagnosisState()


def paused(preset, *units):
    session = RunSession(PRESETS[preset])
    for unit in units:
        session.step(unit)
        session.advance(1e9)
    return session.snapshot()


def findings(snapshot):
    worker = DiagnosisWorker(at_once, lambda: None)
    worker.get_or_start(snapshot)
    return worker.known(snapshot)


def test_progress_line_contents():
    line = progress_line(paused("article-minibatch", *[Unit.EPOCH] * 9, Unit.UPDATE), UNKNOWN, 100).plain
    assert line.split() == [
        "PAUSED", "9", "of", "100", "epochs",
        "update", "1", "of", "50", "learning", "rate", "0.25", "10", "epochs/s",
    ]  # fmt: skip
    assert len(line) == 100
    assert (
        "0 of 1 epoch " in progress_line(RunSession(PRESETS["article"].replace(epochs=1)).snapshot(), UNKNOWN, 78).plain
    )


def test_full_gauge_until_run_is_played():
    ready = RunSession(PRESETS["playground"]).snapshot()
    known = findings(ready)
    first = "learning rate 0.2 ▕███░░░▏ 39 % of the limit 0.511"
    row = progress_line(ready, known, 78).plain
    assert row.startswith(f" READY     0 of 500 epochs  {first}")
    assert progress_line(ready, known, 100).plain.endswith(" 10 epochs/s")
    playing = RunSession(PRESETS["playground"])
    playing.play()
    for width, told in ((78, "lr 0.2 ▕███░░░▏ 39 %"), (100, first), (58, "lr 0.2")):
        row = progress_line(playing.snapshot(), known, width).plain
        assert f"epochs  {told}" in row
        assert row.endswith(" 10 epochs/s")


@table(
    ("lr", "bar", "share"),
    [
        (0.001, "▕█░░░░░▏", "0.2 % of the limit 0.511"),  # some of it is always seen
        (0.4, "▕█████░▏", "78 % of the limit 0.511"),
        (0.51, "▕█████░▏", "99 % of the limit 0.511"),  # full only from the limit on
        (1.0, "▕██████▏", "195 % of the limit 0.511"),
        (100.0, "▕██████▏", "195.3 times the limit 0.511"),
    ],
)
def test_gauge_bar_and_share_of_limit(lr, bar, share):
    snapshot = RunSession(PRESETS["playground"].replace(lr=lr)).snapshot()
    told = gauge(snapshot, findings(snapshot))[0]
    assert (told.bar.strip(), told.share) == (bar, share)


def test_gauge_without_limit_shows_rate():
    adam = RunSession(PRESETS["adam"]).snapshot()
    for known in (UNKNOWN, findings(adam)):
        assert ["".join(each) for each in gauge(adam, known)] == ["learning rate 30", "lr 30"]


def test_diverging_shown_before_overflow():
    session = RunSession(PRESETS["playground"].replace(lr=1.0))
    known = findings(session.snapshot())
    assert progress_line(session.snapshot(), known, 78).plain.split()[0] == "READY"
    line = progress_line(go(session, (10,)).snapshot(), known, 78)
    assert line.plain.split()[0] == "DIVERGING"
    assert "$text-warning" in str(line.spans[0].style)


def test_update_mode_position_is_stable():
    session = RunSession(PRESETS["article-minibatch"])
    session.unit = Unit.UPDATE
    lengths = set()
    for updates in (1, 25, 49, 50):
        session.seek(0, updates)
        session.advance(1e9)
        line = progress_line(session.snapshot(), UNKNOWN, 78).plain
        assert f"update {updates % 50} of 50" in line
        assert line.endswith("10 updates/s")
        lengths.add(line.index("rate"))
    assert len(lengths) == 1


@table("preset", PRESETS)
def test_playing_speed_visible_at_80_columns(preset):
    for speed, said in ((None, "max"), (30, "30")):
        for unit in Unit:
            session = RunSession(PRESETS[preset].replace(epochs=10**9), speed=speed)
            session.unit = unit
            session.play()
            assert progress_line(session.snapshot(), UNKNOWN, 78).plain.endswith(f"{said} {unit}s/s")


def test_formulas_with_mean_loss_and_styles():
    line = formulas_line(RunSession(PRESETS["playground"]).snapshot(), 78)
    fitted, true, loss = map(str.strip, re.split("(?=true|mean)", line.plain))
    assert (fitted, true, loss) == ("fitted y = -x² - 2x + 8", "true y = 2x² + x - 3", "mean loss 73.3692")
    styles = {line.plain[span.start : span.end].strip(): span.style for span in line.spans}
    assert styles[fitted] != styles[true]


@table(
    ("width", "told"),
    [
        (138, "fitted y = 1176.95x² - 1583.19x + 408.574  true y = 2x² - 4x + 3"),
        (78, "fitted y = 1177x² - 1583x + 408.6  true y = 2x² - 4x + 3"),
        (58, "fitted y = 1177x² - 1583.3x + 408.62"),
        (38, "fitted y = 1177x² - 1583.33x + 408.616"),
        (30, "y = 1177x² - 1583.3x + 408.62"),
    ],
)
def test_formulas_shrink_with_width(width, told):
    snapshot = paused("article", Unit.EPOCH)
    line = formulas_line(snapshot, width).plain
    a, b, c = snapshot.w
    told = told.replace("1176.95", f"{a:.6g}").replace("1583.19", f"{-b:.6g}").replace("408.574", f"{c:.6g}")
    assert " ".join(line.split()).startswith(" ".join(told.split()))
    assert len(line) <= width
    assert ("mean loss" in line) is (width >= 58)


def test_formula_columns_do_not_move():
    session, places = RunSession(PRESETS["playground"]), set()
    for epoch in range(0, 102, 3):
        line = formulas_line(go(session, (epoch,)).snapshot(), 78).plain
        places.add((line.index("true"), line.index("mean loss"), len(line)))
    assert len(places) == 1


def test_own_samples_omit_true_parabola(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("0 1\n1 2\n2 4\n")
    line = formulas_line(RunSession(RunConfig(data=str(path), init=(1.0, 0.0, 0.0))).snapshot(), 138).plain
    assert line.split()[:3] == ["fitted", "y", "="]
    assert "true" not in line


def measured(tmp_path, heading="t (s),height (cm)", factor=1.0):
    """The session of a thrown ball: samples of a file with such a heading."""
    rows = (f"{t / 10},{factor * (120 + 48 * t - 4.9 * t * t + (-1) ** t)}" for t in range(10))
    (tmp_path / "own.csv").write_text("\n".join([heading, *rows]) + "\n")
    return RunSession(PRESETS["own-data"].replace(data=str(tmp_path / "own.csv")))


@table(
    ("heading", "begin", "unit"),
    [
        ("t (s),height (cm)", "height = ", "cm"),
        ("t (s),height", "height = ", ""),
        ("1,2", "fitted y = ", ""),
        ("t (s),height of it (cm)", "fitted y = ", "cm"),
        ("时间（秒）,高度（厘米）", "高度 = ", "厘米"),
    ],
)
def test_own_samples_have_names_and_typical_miss(tmp_path, heading, begin, unit):
    session = go(measured(tmp_path, heading), (300,))
    problem, w = session.snapshot().problem, session.snapshot().w
    miss = np.sqrt(np.mean((np.polyval(w, problem.x) - problem.y) ** 2))
    line = formulas_line(session.snapshot(), 120)
    assert line.plain.startswith(begin)
    assert f"  typical miss {miss:.2g} {unit}".rstrip() + " " in line.plain
    assert "mean loss" in line.plain
    colors = {line.plain[span.start : span.end].strip() for span in line.spans if span.style == "$true"}
    assert colors == set()  # which is that of a curve
    assert "typical miss" not in formulas_line(session.snapshot(), 50).plain
    assert "typical" not in formulas_line(RunSession(PRESETS["noisy"]).snapshot(), 138).plain


def test_own_formula_at_80_and_its_places(tmp_path):
    session, places = measured(tmp_path), set()
    for epoch in range(30, 301, 9):
        line = formulas_line(go(session, (epoch,)).snapshot(), 78).plain
        places.add((line.index("typical miss"), line.index("mean loss"), len(line)))
    assert len(places) == 1
    assert re.match(r"height = -\S{5}·t² \+ \S{5}·t \+ \S{5}  typical miss", line)


def test_formula_of_own_samples_is_beside_the_enlarged_chart(tmp_path):
    snapshot = go(measured(tmp_path), (120,)).snapshot()
    assert " 120 of 300 epochs  height = -490·t² + 479·t + 120  mean" in one_line(snapshot, UNKNOWN, 78).plain
    assert " 120/300  height = -490.0·t² + 479.4·t + 120.3  mean" in one_line(snapshot, UNKNOWN, 76).plain


@table(
    ("loss", "told"),
    [(2.33997, "1.5"), (0.01, "0.1"), (9900, "99"), (9910, "100"), (4e9, "63246"), (1e12, "1e+06"), (0, "0")],
)
def test_typical_miss_has_few_digits(loss, told):
    snapshot = Namespace(mean_loss=loss, problem=Namespace(quantities=UNNAMED))
    assert typical_miss(snapshot).split() == ["typical", "miss", told]


def test_rows_fit_width_in_every_state():
    for preset in PRESETS:
        for units in ([], [Unit.UPDATE], [Unit.EPOCH] * 3):
            snapshot = paused(preset, *units)
            for width in (138, 98, 78, 60, 48, 38):
                assert len(progress_line(snapshot, UNKNOWN, width).plain) == width
                assert len(formulas_line(snapshot, width).plain) <= width


async def test_only_rows_that_change_are_painted(make_app):
    app = make_app("too-fast")
    async with app.run_test() as pilot:
        app.playback.action_step("epoch")
        await pilot.pause()
        painted = repaints(app.query_one(Header))
        app.playback.action_step("epoch")
        app.playback.action_speed(1)
        app.playback.action_play_pause()
        app.training.publish()  # nothing is new
        assert [[region.y for region in regions] for regions in painted] == [[0, 1], [0], [0]]
        for _ in range(6):
            app.playback.action_step("epoch")
        assert app.snapshot.status is Status.DIVERGED


@table(
    ("value", "text"),
    [(0, "0"), (8.7449, "8.74"), (999.7, "1000"), (16698.03, "16698"), (1596054, "1.6e6"), (7.63e-6, "7.6e-6")],
)
def test_the_large_mean_loss_has_few_digits(value, text):
    assert big_figure(value) == text


async def rows_at(pilot, size):
    """The rows of the screen at a size."""
    await pilot.resize_terminal(*size)
    await pilot.pause()
    return screen_text(pilot.app).splitlines()


class Projected(Teaching):
    is_projected = True


async def test_large_digits_only_when_projected(make_app):
    """A teacher alone, who projects, has large digits; at 40 by 12 nothing is lost."""
    for teaching, rows in ((Projected, 3), (Teaching, 2)):
        app = make_app("article", teaching=teaching)
        async with app.run_test(size=(140, 45)) as pilot:
            train(app, 10)
            await pilot.pause()
            assert app.query_one(Header).size.height == rows
            shown = screen_text(app).splitlines()[:3]
            for y, row in enumerate(shown):
                for digits in ("10", "8.74"):
                    drawn = "".join(part.text for part in Digits(digits).render(Style(bold=True))).splitlines()[y]
                    assert (drawn.rstrip() in row) is (rows == 3)
            for size in ((130, 45), (140, 16)):
                await rows_at(pilot, size)
                assert app.query_one(Header).size.height == 2
            shown = await rows_at(pilot, (40, 12))
            assert shown[0].split() == ["PAUSED", "mean", "loss", "8.74498", "lr", "0.25"]
            assert shown[1].split() == ["fitted", "y", "=", "8.588x²", "-", "6.972x", "-", "0.5819"]
            train(app, 25)
            shown = await rows_at(pilot, (40, 12))
            assert shown[0].split()[:4] == ["CONVERGED", "mean", "loss", "4.1e-06"]
            shown = await rows_at(pilot, (60, 12))
            assert shown[0].split()[:5] == ["CONVERGED", "25", "of", "100", "epochs"]
            assert shown[1].split()[-3:-1] == ["mean", "loss"]


async def test_wide_character_right_half_is_clickable(make_app):
    with speaking():
        app = make_app()
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            row = cells(screen_text(app).splitlines()[0])
            begin, end = row.index("1", row.index("率")), row.index("秒") + 1
            for x, speed in ((begin - 1, 10), (begin, 30), (end, None), (end + 1, None)):
                await pilot.click(offset=(x, 0))
                await pilot.pause()
                assert app.session.speed == speed, x


async def test_header_clicks(make_app):
    app = make_app("playground", runner=at_once)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()

        async def click(words):
            await pilot.click(offset=(screen_text(app).splitlines()[0].index(words) + 1, 0))
            await pilot.pause()

        await click("READY")
        assert app.session.status is Status.RUNNING
        await click("RUNNING")
        assert app.session.status is Status.PAUSED
        await click("10 epochs/s")
        assert app.session.speed == 30
        for words in ("▕██", "% of the limit"):
            await click(words)
            assert isinstance(app.screen, DiagnosisPage)
            await pilot.press("escape")
        await click("learning rate")
        assert app.focused.id == "input-lr"
        await pilot.click(Header, offset=(3, 0))  # leaves the field, and that is all
        await until(pilot, lambda: app.focused is None)
        assert app.session.status is Status.PAUSED


def test_ascii_gauge_bar():
    snapshot = RunSession(PRESETS["playground"]).snapshot()
    row = progress_line(snapshot, findings(snapshot), 78).plain
    assert "|###...| 39 %" in "".join(map(ascii_character, row))
