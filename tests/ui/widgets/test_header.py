"""The lines of the header as text."""

from itertools import pairwise

import pytest
from app_helpers import screen_text, train
from pseudo_locale import cells
from rich.style import Style
from tables import table
from textual.renderables.digits import Digits

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.widgets import header
from quadfit_tui.ui.widgets.header import Header, big_figure, numbers_line, progress_line


def paused(preset, *units):
    session = Session(PRESETS[preset])
    for unit in units:
        session.step(unit)
        session.advance(1e9)
    return session.snapshot()


def test_the_progress_line_tells_state_progress_rate_and_speed():
    line = progress_line(paused("article-minibatch", *[Unit.EPOCH] * 9, Unit.UPDATE), 100).plain
    assert line.split() == [
        "PAUSED", "9", "of", "100", "epochs", "done",
        "update", "1", "of", "50", "lr", "0.25", "10", "epochs/s",
    ]  # fmt: skip
    assert len(line) == 100
    assert "0 of 1 epoch done" in progress_line(Session(PRESETS["article"].replace(epochs=1)).snapshot(), 78).plain


def test_in_update_mode_the_update_is_told_always_and_nothing_moves():
    session = Session(PRESETS["article-minibatch"])
    session.unit = Unit.UPDATE
    lengths = set()
    for updates in (1, 25, 49, 50):
        session.seek(0, updates)
        session.advance(1e9)
        line = progress_line(session.snapshot(), 78).plain
        assert f"update {updates % 50} of 50" in line
        assert line.endswith("10 updates/s")
        lengths.add(line.index("lr"))
    assert len(lengths) == 1


@table("preset", PRESETS)
def test_the_speed_is_told_at_80_columns_always(preset):
    for speed, said in ((None, "max"), (30, "30")):
        for unit in Unit:
            session = Session(PRESETS[preset].replace(epochs=10**9), speed=speed)
            session.unit = unit
            assert progress_line(session.snapshot(), 78).plain.endswith(f"{said} {unit}s/s")


@table(("width", "told"), [(138, ["x", "z"]), (121, ["x", "z"]), (120, ["x"]), (78, ["x"]), (77, [])])
def test_the_numbers_line_tells_w_of_scaled_features_in_both_coordinates_where_there_is_room(width, told):
    snapshot = paused("ill-conditioned-scaled", Unit.EPOCH)
    words = numbers_line(snapshot, width).plain.split()
    assert [after for word, after in pairwise(words) if word == "in"] == told
    numbers = [float(after) for word, after in pairwise(words) if word in ("a", "b", "c")]
    both = [*snapshot.w, *snapshot.trained_w]
    assert numbers == pytest.approx(both[: len(numbers)], rel=1e-3)
    assert len(numbers) == 3 * max(1, len(told))
    assert len(" ".join(words)) <= width


def test_the_numbers_line_tells_w_and_both_losses():
    text = numbers_line(paused("article", Unit.EPOCH), 78).plain.split()
    assert text[:7] == ["w", "a", "1176.998", "b", "-1583.328", "c", "408.6163"]
    assert text[7:] == ["loss", "1.65334", "mean", "loss", "1596054"]
    assert "–" in numbers_line(Session(PRESETS["article"]).snapshot(), 78).plain
    brief = numbers_line(paused("article", Unit.EPOCH), 58).plain.split()  # at 60 columns one row is enough
    assert brief == [*text[:7], "mean", "loss", "1596054"]


def test_a_line_fits_80_columns_in_every_state():
    for preset in PRESETS:
        for units in ([], [Unit.UPDATE], [Unit.EPOCH] * 3):
            snapshot = paused(preset, *units)
            for width in (78, 60, 48, 40):
                assert len(progress_line(snapshot, width).plain) == width
            assert len(numbers_line(snapshot, 78).plain) <= 78


async def test_only_lines_that_change_are_painted_and_words_that_wrap_whole(make_app, monkeypatch):
    app = make_app("too-fast")
    async with app.run_test() as pilot:
        app.playback.action_step("epoch")
        await pilot.pause()
        painted = []

        def refresh(*regions, layout=False):
            painted.append("layout" if layout else [region.y for region in regions])

        with monkeypatch.context() as patched:
            patched.setattr(app.query_one(Header), "refresh", refresh)
            app.playback.action_step("epoch")
            app.playback.action_step_back("update")
            app.playback.action_speed(1)
            app.playback.action_play_pause()
            app.playback.action_play_pause()
            assert painted == [[0, 1], [0, 1], [0], [0], [0]]
            for _ in range(6):
                app.playback.action_step("epoch")
            assert app.snapshot.status is Status.DIVERGED
            assert painted[-1] == [0, 1]
        app.runs.restart(PRESETS["article"])
        app.playback.action_step("epoch")
        await pilot.resize_terminal(50, 24)
        await pilot.pause()
        painted.clear()
        monkeypatch.setattr(app.query_one(Header), "refresh", refresh)
        app.playback.action_step("epoch")
        assert painted == [[]]


@table(
    ("value", "text"),
    [(0, "0"), (8.7449, "8.74"), (999.7, "1000"), (16698.03, "16698"), (1596054, "1.6E6"), (7.63e-6, "7.6E-6")],
)
def test_the_large_mean_loss_has_few_digits(value, text):
    assert big_figure(value) == text


async def rows_at(pilot, size):
    """The rows of the screen at a size."""
    await pilot.resize_terminal(*size)
    await pilot.pause()
    return screen_text(pilot.app).splitlines()


async def test_epochs_and_mean_loss_are_large_on_large_screens_and_at_40_by_12_still_seen(make_app):
    app = make_app("article")
    async with app.run_test(size=(140, 45)) as pilot:
        train(app, 10)
        await pilot.pause()
        rows = screen_text(app).splitlines()[:3]
        assert "epochs done" in rows[2]
        large = rows[0].split()[-1]
        for y, row in enumerate(rows):
            for digits in ("10", "8.74"):
                drawn = "".join(part.text for part in Digits(digits).render(Style(bold=True))).splitlines()[y]
                assert drawn.rstrip() in row
        for size in ((130, 45), (140, 16)):
            assert large not in "\n".join(await rows_at(pilot, size))
        train(app, 7)
        shown = await rows_at(pilot, (40, 12))
        assert shown[0].split() == ["PAUSED", "mean", "loss", "2111.99", "lr", "0.5"]
        assert shown[1].split()[::2] == ["w", "-39.60825", "53.08446", "-12.51981"]
        assert "epoch 6" in shown[10]
        train(app, 25)
        await pilot.pause()
        assert screen_text(app).split()[:4] == ["CONVERGED", "mean", "loss", "4.1e-06"]
        shown = await rows_at(pilot, (60, 12))
        assert shown[0].split()[:6] == ["CONVERGED", "25", "of", "100", "epochs", "done"]
        assert shown[1].split()[-3:-1] == ["mean", "loss"]


async def test_a_click_on_the_right_half_of_a_wide_character_counts(make_app, monkeypatch):
    monkeypatch.setattr(header, "speed_text", lambda _: "十轮每秒")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        row = cells(screen_text(app).splitlines()[0])
        begin, end = row.index("十"), row.index("秒") + 1
        for x, speed in ((begin - 1, 10), (begin, 30), (end, None), (end + 1, None)):
            await pilot.click(offset=(x, 0))
            await pilot.pause()
            assert app.session.speed == speed, x
