"""Drawn curves: what may be one, words and points that are read, shapes, small curves; what a run has otherwise."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.teaching.course.curve_comparison import RunCurve
from quadfit_tui.teaching.course.drawn_curve import (
    FIRST,
    MOST_POINTS,
    SHAPES,
    STAYS,
    DrawnCurve,
    height_at,
    legs_of,
    points_of,
    sparkline,
)
from quadfit_tui.teaching.judging.loss_axes import AT_START, AT_TOL, LossAxes
from quadfit_tui.teaching.notation.catalog import Catalog

AXES = LossAxes(1e6, 1e-5, 200)
CURVES = st.dictionaries(st.integers(1, 100), st.integers(0, 100), min_size=1, max_size=MOST_POINTS - 1).map(
    lambda others: DrawnCurve((FIRST, *sorted(others.items())))
)
NONE = [
    None, "0:80", {}, [], [FIRST], [[0, 80], [0, 70]], [[0, 80], [50, 70], [40, 70]], [[0, 79], [100, 10]],
    [[1, 80], [100, 10]], [[0, 80], [101, 10]], [[0, 80], [100, -1]], [[0, 80], [100, 10.0]], [[0, 80], [True, 10]],
    [[0, 80], [100]], [[0, 80], [100, 10, 5]], [[0, 80], "ab"], [[0, 80], [10**30, 5]], [[0, 80], [math.nan, 5]],
    [[0, 80], *([at, 5] for at in range(1, MOST_POINTS + 1))],
]  # fmt: skip


@table("value", NONE)
def test_what_is_no_curve_is_refused(value):
    with pytest.raises(ValueError, match=r"a curve|a point"):
        points_of(value)


@trials(200)
@given(CURVES)
def test_curve_round_trip_and_shape(curve):
    assert points_of([list(point) for point in curve.points]) == curve.points
    assert DrawnCurve.read(curve.as_text) == curve
    assert curve.shape in (*SHAPES, STAYS)
    assert all(height_at(curve.points, across) == up for across, up in curve.points)
    for ascii in (False, True):
        row = sparkline(curve.places, 16, ascii)
        assert len(row) == 16
        assert row.isascii() is ascii


@table("shape", SHAPES)
def test_words_and_letters_name_shapes(shape):
    letter = "abcdef"[[*SHAPES].index(shape)]
    told = {
        DrawnCurve.read(text) for text in (shape, shape.upper(), f" {shape.replace(',', '')}. ", letter, letter + ")")
    }
    assert [(curve.shape, curve.is_from_words) for curve in told] == [(shape, True)]


@table(
    ("typed", "said"),
    [
        ("", "Type A, B, C, D, E or F, or the words."),
        ("g", "'g' is none of them. Type A, B, C, D, E or F, or the words."),
        ("raises", "'raises' is none of them (did you mean 'rises'?). Type A, B, C, D, E or F, or the words."),
        ("0:80", "Type A, B, C, D, E or F, or the words."),
        ("0:80 x:5", "Type A, B, C, D, E or F, or the words."),
        ("0:80 5_0:5", "Type A, B, C, D, E or F, or the words."),
        ("0:80 𝟓0:5", "Type A, B, C, D, E or F, or the words."),
        ("0:80 5:5:5", "Type A, B, C, D, E or F, or the words."),
        ("x" * 400, f"'{'x' * 40}' is none of them. Type A, B, C, D, E or F, or the words."),
    ],
)
def test_unreadable_input_lists_choices(typed, said):
    with pytest.raises(ValueError, match="Type A") as refused:
        DrawnCurve.read(typed)
    assert str(refused.value) == said


@table(
    ("points", "shape"),
    [
        ([(100, 80)], STAYS),
        ([(100, 83)], STAYS),
        ([(5, 10), (100, 10)], "falls evenly"),  # as steep as can be, and below tol a run ends
        ([(5, 20), (100, 20)], "falls fast, then flat"),
        ([(20, 20)], "falls fast, then flat"),  # it stays where it was left
        ([(90, 78), (100, 20)], "falls slowly, then fast"),
        ([(20, 90), (40, 30)], "swings"),
        ([(50, 20), (60, 50)], "falls, then rises"),
    ],
)
def test_the_shape_of_a_curve(points, shape):
    assert DrawnCurve((FIRST, *points)).shape == shape


@table(("run", "shape"), [("over", "falls fast, then flat"), ("slow", "falls evenly")])
def test_what_nothing_stops_goes_on_below_tol(run, shape):
    lesson = Catalog.packaged().find("rate")
    drawn = replace(lesson.by_id["over"], run=run)
    assert DrawnCurve((FIRST, (35, 8), (100, 8))).shape_in(lesson, drawn) == shape


def test_legs_ignore_smallest_wiggles():
    places = [(0, 80), (10, 50), (20, 50), (30, 52), (40, 49), (50, 60), (60, 58), (70, 20)]
    assert legs_of(places) == [(False, 0), (True, 40), (False, 50)]


def test_axes_from_start_tol_and_epochs():
    assert AXES.height(1e6) == AT_START
    assert AXES.height(1e-5) == pytest.approx(AT_TOL)
    assert [AXES.loss(height) for height in (AT_START, AT_TOL)] == [1e6, pytest.approx(1e-5)]
    low, high = AXES.range
    assert low < 1e-5 < 1e6 < high
    assert (AXES.height(0.0), AXES.height(math.inf), AXES.height(math.nan)) == (pytest.approx(-50), 150, 150)
    assert [AXES._replace(start=start).refusal == "" for start in (1e6, 0.0, math.inf, math.nan, 1e-5)] == [
        True,
        *[False] * 4,
    ]
    for tol in (None, 1e-300, 1e5):
        low, high = AXES._replace(tol=tol).range
        assert 0 < low < 1e6 < high < math.inf


def run(*points):
    """A run of so many epochs and the heights of its mean losses there."""
    return RunCurve(AXES, [epoch for epoch, _ in points], [AXES.loss(up) for _, up in points])


def straight(*ends):
    """A run with the mean loss of each epoch on straight lines between some."""
    places = [(float(epoch), float(up)) for epoch, up in ends]
    return run(*((epoch, height_at(places, epoch)) for epoch in range(ends[-1][0] + 1)))


CONVERGES = straight((0, 80), (60, 9.9))
FLAT = straight((0, 80), (40, 30), (200, 30))
SLOW = straight((0, 80), (40, 30), (200, 28))
FALLS = straight((0, 80), (200, 25))
DIVERGES = straight((0, 80), (20, 150))
SLOWLY_UP = straight((0, 80), (200, 80.4))
TURNS = straight((0, 80), (40, 40), (200, 90))
SWINGS = straight((0, 80), (40, 40), (60, 55), (200, 20))
SWINGS_ON = straight((0, 80), (20, 60), (40, 70), (60, 50), (80, 60), (100, 9))
DOWN, EVENLY, LEVEL, LOW = (100, 10), (100, 30), (100, 50), (50, 10)
RUN_FLAT = "The run is nearly flat from about epoch 38 on, at 0.01389"
RUN_SLOW = "From about epoch 40 on the run falls slowly, from 0.01389 to 0.006739"
SAID = [
    (DIVERGES, [DOWN], "The run rises from epoch 0 on; your curve never rises."),
    (SLOWLY_UP, [DOWN], "The run rises from epoch 0 on; your curve never rises."),
    (TURNS, [DOWN], "The run rises from epoch 40 on; your curve never rises."),
    (SWINGS, [DOWN], "The run rises from epoch 40 on and comes down again; your curve never rises."),
    (SWINGS_ON, [DOWN], "The run swings: it rises 2 times, first from epoch 20 on; your curve never rises."),
    (SWINGS_ON, [(20, 50), (30, 60), (50, 10)], "Both swing: the run rises 2 times, your curve 1 time."),
    (SWINGS_ON, [(20, 50), (30, 60)], "Both rise, but the run comes down again, and your curve does not."),
    (CONVERGES, [(50, 20), (100, 60)], "Your curve rises from about epoch 100 on; the run never rises."),
    (DIVERGES, [(20, 95), (50, 10)], "Both rise, but your curve comes down again, and the run does not."),
    (SWINGS, [(20, 95)], "Both rise, but the run comes down again, and your curve does not."),
    (TURNS, [(50, 20), (100, 60)], "Both rise: the run from epoch 40 on, your curve from about epoch 100 on."),
    (CONVERGES, [LOW], "Both get below tol: the run after 60 epochs, your curve after about 100 epochs."),
    (CONVERGES, [EVENLY], "The run is below tol after 60 epochs; your curve does not get there."),
    (FLAT, [LOW], f"{RUN_FLAT}; your curve gets below tol after about 100 epochs."),
    (FALLS, [LOW], "Your curve gets below tol after about 100 epochs; the run ends at 0.002276."),
    (FLAT, [(10, 50), LEVEL],
     "Both end nearly flat: the run from about epoch 38 on, at 0.01389, your curve from about epoch 18 on, at 19.31."),
    (FLAT, [EVENLY], f"{RUN_FLAT}; your curve goes on falling, to 0.01389."),
    (SLOW, [LOW], f"{RUN_SLOW}; your curve gets below tol after about 100 epochs."),
    (SLOW, [(10, 50), LEVEL], f"{RUN_SLOW}; your curve is nearly flat from about epoch 18 on, at 19.31."),
    (SLOW, [EVENLY], f"{RUN_SLOW}; your curve goes on falling, to 0.01389."),
    (FALLS, [(10, 50), LEVEL],
     "Your curve is nearly flat from about epoch 18 on, at 19.31; the run goes on falling, to 0.002276."),
    (FALLS, [EVENLY], "Both fall to the end: the run to 0.002276, your curve to 0.01389."),
]  # fmt: skip


@table(("it", "drawn", "said"), SAID)
def test_comparison_sentence_for_curve(it, drawn, said):
    assert it.compare(DrawnCurve((FIRST, *drawn))) == said


@table(
    ("it", "shape", "told"),
    [
        (CONVERGES, "falls evenly", "The run is below tol after 60 epochs."),
        (FLAT, "falls fast, then flat", "The run is nearly flat from about epoch 38 on, at a mean loss of 0.01389."),
        (SLOW, "falls fast, then flat", f"{RUN_SLOW}."),
        (FALLS, "falls evenly", "The run falls to its end, to a mean loss of 0.002276."),
        (DIVERGES, "rises", "The run rises from epoch 0 on."),
        (SLOWLY_UP, "rises", "The run rises from epoch 0 on."),
        (TURNS, "falls, then rises", "The run rises from epoch 40 on."),
        (SWINGS_ON, "swings", "The run swings: it rises 2 times, first from epoch 20 on."),
        (SWINGS, "swings", "The run rises from epoch 40 on, and comes down again."),
    ],
)
def test_comparison_sentence_for_words(it, shape, told):
    assert (it.shape, it.sentence) == (shape, told)
    for other in SHAPES:
        so = f"You said so: it {shape}." if other == shape else f"You said that it {other}; it {shape}."
        assert it.compare(DrawnCurve.read(other)) == f"{so} {told}"
