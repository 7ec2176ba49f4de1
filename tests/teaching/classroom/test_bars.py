"""Rows of bars: each as long as its count, none longer than there is room for."""

from quadfit_tui.teaching.classroom.bars import bar_rows


def test_bar_lengths_and_column_alignment():
    counts = [(10, 0), (7, 3), (0, 5)]
    assert bar_rows(["yes", "no", "a long answer"], counts, room=6, length=4, most=10) == [
        "yes     10 ████   0",
        "no       7 ███    3 █",
        "a lon…   0        5 ██",
    ]
    assert bar_rows(["one", "two"], [(0,), (3,)], room=3, length=12, most=12, none="") == ["one", "two  3 ███"]


def test_there_are_rows_where_nobody_is():
    assert bar_rows(["一", "b"], [(0,), (0,)], room=3, length=4, most=0) == ["一   0", "b    0"]
    assert bar_rows([], [], room=3, length=4, most=0) == []
