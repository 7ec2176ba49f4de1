"""Texts inside a chart: where they have room, and where that is on axes that are not linear."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pseudo_locale import cells
from trials import trials

from quadfit_tui.ui.charts.labels import write_notes
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Note, Role, StyledRow


@trials(200)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=12),
    st.lists(st.tuples(st.integers(-2, 11), st.integers(-1, 4)), max_size=6),
    st.sampled_from(["n", "nn", "nnn", "nnnn", "学", "学习", "a学", "e\u0301学"]),
)
def test_note_takes_first_free_place(taken, places, text):
    before = [StyledRow("".join("o" if (at, line) in taken else " " for at in range(10)), "") for line in range(4)]
    before = [StyledRow(text, text.replace("o", Role.PATH)) for text, _ in before]
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    notes = (Note(Role.CONTOUR, text, x, y), Note(Role.CONTOUR, "m", x, y))
    rows = write_notes(before, notes, ((0.0, 9.0), (0.0, 3.0)))
    expected = [list(text) for text, _ in before]
    for signs in (cells(text), ["m"]):
        long = len(signs)
        for column, height in places:
            first, line = column - long // 2, 3 - height
            inside = 0 <= first <= 10 - long and 0 <= line < 4
            if inside and not any((at, line) in taken for at in range(first - 1, first + long + 1)):
                expected[line][first : first + long] = signs
                taken += [(at, line) for at in range(first - 1, first + long + 1)]
                break
    assert [text for text, _ in rows] == ["".join(row) for row in expected]
    assert all(len(text) == len(roles) for text, roles in rows)


def test_note_position_follows_scale():
    note = Note(Role.CONTOUR, "here", np.array([50.0]), np.array([1e-3]))
    rows = draw(ChartSpec((0.0, 100.0), (1e-6, 1.0), (), y_scale=AxisScale.LOG, notes=(note,)), 60, 14)
    inside = rows[1:-2]
    (at,) = [at for at, row in enumerate(inside) if Role.CONTOUR in row.roles]
    assert at == len(inside) // 2
    assert inside[at].text[inside[at].roles.index(Role.CONTOUR) :].startswith("here")


def test_wide_note_keeps_columns():
    before = [StyledRow("a" + "." * 38 + "b", Role.CONTOUR * 40)]
    notes = [Note(Role.TRUE, text, np.array([at]), np.zeros(1)) for text, at in (("损失0.5", 10.0), ("0.9975", 30.0))]
    ((text, roles),) = write_notes(before, notes, ((0.0, 39.0), (0.0, 1.0)))
    assert text == "a......损失0.5.............0.9975......b"
    assert cells(text)[27:33] == [*"0.9975"]
    assert len(cells(text)) == 40
    assert roles.count(Role.TRUE) == 5 + 6


def test_a_note_covers_no_sample():
    note = Note(Role.FITTED, "fitted", np.array([10.0, 30.0]), np.zeros(2))
    before = [StyledRow(" " * 10 + "●" + " " * 29, Role.BLANK * 10 + Role.SAMPLES + Role.BLANK * 29)]
    ((text, _),) = write_notes(before, [note], ((0.0, 39.0), (0.0, 1.0)))
    assert text.split() == ["●", "fitted"]
