"""Borders on a grid: of shapes whose outlines are known."""

import numpy as np
import pytest

from quadfit_tui.core.rate_map.borders import border_lines


def of(excess, x=None, y=None, **options):
    excess = np.asarray(excess, dtype=float)
    x = np.arange(excess.shape[1], dtype=float) if x is None else x
    y = np.arange(excess.shape[0], dtype=float) if y is None else y
    return border_lines(excess < 0, excess, x, y, **options)


def test_circle_is_one_closed_line():
    x, y = np.linspace(-2, 2, 41), np.linspace(-2, 2, 31)
    (line,) = of(np.hypot(x, y[:, np.newaxis]) - 1.3, x, y)
    assert np.hypot(*line.T) == pytest.approx(1.3, abs=0.01)
    assert line[0].tolist() == line[-1].tolist()
    turned = np.unwrap(np.arctan2(line[:, 1], line[:, 0]))
    assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi)


def test_every_crossing_is_used_once():
    rng = np.random.default_rng(3)
    good = rng.random((12, 17)) < 0.5
    lines = border_lines(good, np.where(good, -1.0, 1.0), np.arange(17.0), np.arange(12.0))
    points = np.concatenate([line[:-1] if (line[0] == line[-1]).all() and len(line) > 2 else line for line in lines])
    across = {(row, at + 0.5) for row, at in np.argwhere(good[:, 1:] != good[:, :-1])}
    up = {(row + 0.5, at) for row, at in np.argwhere(good[1:] != good[:-1])}
    assert sorted((y, x) for x, y in points.tolist()) == sorted(across | up)
    for line in lines:
        assert np.abs(np.diff(line, axis=0)).max() <= 1


def test_two_borders_in_one_row():
    assert sorted(line[:, 0].tolist() for line in of([[-1, 3, 1, -1], [-1, 3, 1, -1]])) == [[0.25] * 2, [2.5] * 2]


def test_saddle_connects_good_cells():
    first, second = of([[-1, 1], [1, -1]]), of([[1, -1], [-1, 1]])
    assert sorted(sorted(map(tuple, line.tolist())) for line in first) == [[(0, 0.5), (0.5, 1)], [(0.5, 0), (1, 0.5)]]
    assert sorted(sorted(map(tuple, line.tolist())) for line in second) == [[(0, 0.5), (0.5, 0)], [(0.5, 1), (1, 0.5)]]


def test_rows_apart_have_lines_of_their_own():
    lines = of([[-1, 1, 1], [-1, -1, 3]], apart=True)
    assert [line.tolist() for line in lines] == [[[0.5, -0.5], [0.5, 0.5]], [[1.25, 0.5], [1.25, 1.5]]]
    assert [line.tolist() for line in of([[-1, np.inf]])] == [[[0.5, -0.5], [0.5, 0.5]]]


def test_without_a_border_there_is_no_line():
    assert of(np.full((3, 4), -1.0)) == of(np.full((3, 4), 2.0)) == []
