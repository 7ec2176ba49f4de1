"""The log's lines: every column in its place, from 1e-12 to 1e+12."""

from types import SimpleNamespace

import numpy as np
import pytest
from app_helpers import records
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from textual.geometry import Size
from trials import trials

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.training.record import Record
from quadfit_tui.testing import screen_text
from quadfit_tui.ui.widgets.log import (
    EMPTY,
    LogLines,
    LogView,
    format_cells,
    format_heading,
    label_width,
    mark_visited,
    number_width,
)

NUMBERS = st.floats(1e-12, 1e12) | st.floats(-1e12, -1e-12) | st.just(0.0)
ANY = st.floats(allow_nan=False, allow_infinity=False)


def record(values, epoch=7, update=3, ends_epoch=False):
    lr, a, b, c, loss, wa, wb, wc = values
    w = np.array([wa, wb, wc])
    task = SimpleNamespace(to_x=lambda w: w, trained=SimpleNamespace(mean_loss=lambda w: float(w.sum())))
    return Record(task, epoch, update, lr, np.array([a, b, c]), loss, w, w, ends_epoch=ends_epoch)


@trials(200)
@given(st.lists(NUMBERS, min_size=8, max_size=8), st.sampled_from([79, 88, 89, 98, 99, 139, 200]))
def test_columns_are_aligned_and_right(values, width):
    number = number_width(width, 6)
    texts = format_cells(record(values), width, 6)
    assert texts[0] == "   7:3"
    widths = [number + 1] * 8
    if width >= 89:
        widths.insert(5, max(number + 1, 11))  # two blanks before "mean loss", else it would read on from "loss"
    assert [len(text) for text in texts[1:]] == widths
    assert sum(map(len, texts)) <= width
    if width >= 89:
        assert texts.pop(6).strip() == "–"  # the mean loss after an update is not known
    for value, text in zip(values, texts[1:], strict=True):
        assert float(text) == pytest.approx(value, rel=0.05, abs=0)
        assert text.startswith(" ")


@trials(200)
@given(st.lists(ANY, min_size=8, max_size=8))
def test_no_number_bursts_its_column(values):
    assert {len(text) for text in format_cells(record(values), 79, 6)[1:]} == {9}


def test_an_epochs_line_names_the_epoch_alone():
    assert format_cells(record([1.0] * 8, epoch=12, ends_epoch=True), 79, 6)[0] == "    12"


def test_mean_loss_column_from_width_89():
    for width, known in ((79, False), (88, False), (89, True), (98, True), (139, True)):  # 89 of a screen of 90
        names, texts = (
            format_heading(width, 6),
            format_cells(record([0.5, 1, 2, 3, 4, 5, 6, 7], ends_epoch=True), width, 6),
        )
        assert ("mean loss" in names) is known
        assert "loss mean" not in names  # no two headings can be read together
        assert [float(text) for text in texts[1:]] == [0.5, 1, 2, 3, 4, *([18] if known else []), 5, 6, 7]


@table("width", [79, 100, 139])
def test_the_heading_stands_over_its_columns(width):
    number = number_width(width, 6)
    line = "".join(format_cells(record([1.5] * 8), width, 6))
    text, at = format_heading(width, 6), 6
    assert len(text) == len(line) <= width
    for name in ["lr", "grad a", "grad b", "grad c", "loss", *(["mean loss"] if width >= 89 else []), "a", "b", "c"]:
        end = at + (max(number + 1, 11) if name == "mean loss" else number + 1)
        assert text[at:end].strip() == name
        at = end


def test_narrow_log_cuts_no_number():
    for width in range(16, 80):
        texts = format_cells(record([12345.5] * 8), width, 6)
        assert sum(map(len, texts)) <= width
        assert sum(map(len, mark_visited(texts))) <= width
        assert {float(text) for text in texts[1:]} == {12345.5}
        assert len(format_heading(width, 6)) <= width


@table("width", [79, 100, 139])
def test_scaled_heading_names_z_gradients(width):
    text = format_heading(width, 6, scaled=True)
    assert len(text) == len(format_heading(width, 6))
    losses = ["loss", "mean", "loss"] if width >= 89 else ["loss"]
    assert text.split() == ["epoch", "lr", *(word for name in "abc" for word in ("grad", f"{name}_z")), *losses, *"abc"]


@table(
    ("width", "names", "values"),
    [
        (77, ["lr", "loss", "a", "b", "c"], [0.5, 4, 5, 6, 7]),
        (52, ["lr", "loss", "a", "b", "c"], [0.5, 4, 5, 6, 7]),
        (49, ["loss", "a", "b", "c"], [4, 5, 6, 7]),
    ],
)
def test_narrow_log_drops_gradient_then_rate(width, names, values):
    assert format_heading(width, 6).split() == ["epoch", *names]
    texts = format_cells(record([0.5, 1, 2, 3, 4, 5, 6, 7]), width, 6)
    assert [float(text) for text in texts[1:]] == values
    assert len("".join(texts)) == len(format_heading(width, 6)) <= width


def run(epochs, per_epoch):
    return SimpleNamespace(config=SimpleNamespace(epochs=epochs), updates_per_epoch=per_epoch)


@table(("epochs", "per_epoch", "width"), [(100, 800, 7), (99, 800, 6), (5, 1, 6), (10**6, 50, 10)])
def test_label_column_fits_longest_label(epochs, per_epoch, width):
    assert label_width(run(epochs, per_epoch)) == width
    last = record([1.0] * 8, epoch=epochs - 1, update=per_epoch)
    assert len(format_cells(last, 200, width)[0]) == width
    assert len(format_cells(last, 200, 0)[0]) <= width


@table(
    ("rate", "text"),
    [(0.5, "0.5"), (0.03125, "0.03125"), (20.0, "20"), (1e-7, "1.000000e-07"), (1 / 3, "0.3333333333")],
)
def test_rate_without_trailing_zeros(rate, text):
    assert format_cells(record([rate, *[0.5] * 7]), 160, 6)[1:3] == [text.rjust(14)[:14], "  0.5000000000"]


def test_visited_mark_moves_no_number():
    for epoch, update, text in [(14, 3, ">14:3"), (14, 799, "14:799")]:
        texts = format_cells(record([1.5] * 8, epoch=epoch, update=update), 79, 6)
        changed = mark_visited(texts)
        assert changed[0].replace(" ", "") == text
        assert list(map(len, changed)) == list(map(len, texts))
        assert changed[2:] == texts[2:]
    assert mark_visited(["14:799", "  1.5", " 2"]) == ["14:799", "< 1.5", " 2"]


async def test_empty_log_text_and_heading(make_app):
    app = make_app("ill-conditioned-scaled")
    async with app.run_test(size=(100, 24)) as pilot:
        assert "grad a_z" in str(app.query_one("LogView .heading").render())
        app.runs.restart(PRESETS["ill-conditioned"])
        for size in ((100, 24), (40, 20), (60, 20), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert EMPTY in screen_text(app)
            assert size[0] < 100 or "grad a " in str(app.query_one("LogView .heading").render())


async def test_resized_lines_match_heading_columns(
    make_app,
):
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("n", "n", "n")
        screen_text(app)
        lines = app.query_one(LogLines)
        for width in (90, 120, 61, 200):
            app.screen._refresh_layout(Size(width, 40))  # and no message to any widget is read
            room = lines.size.width - 1  # the last column is that of the scrollbar
            texts = [lines.render_line(y).text for y in range(3)]
            assert texts == [
                "".join(format_cells(record, room, lines.label)).ljust(room) + " " for record in records(app)
            ]
        await pilot.press("b")
        marked, after = (lines.render_line(y).crop(0, room) for y in (1, 2))
        assert all(part.style.reverse for part in marked)
        assert not any(part.style.reverse for part in after)


async def test_lines_added_while_hidden_appear(make_app):
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("n")
        log = app.query_one(LogView)
        log.display = False
        await pilot.pause()
        await pilot.press("n", "n")
        log.display = True
        await pilot.pause()
        assert [log.lines.render_line(y).text.split()[0] for y in range(3)] == ["0:1", "0:2", "0:3"]
