"""Notes in a chart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.ui.charts.labels import with_notes
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Role, Row


@trials(200)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=12),
    st.lists(st.tuples(st.integers(-2, 11), st.integers(-1, 4)), max_size=6),
    st.integers(1, 4),
)
def test_a_note_is_written_at_the_first_place_where_it_touches_nothing(taken, places, length):
    before = [Row("".join("o" if (at, line) in taken else " " for at in range(10)), "") for line in range(4)]
    before = [Row(text, text.replace("o", Role.PATH)) for text, _ in before]
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    notes = (Note(Role.CONTOUR, "n" * length, x, y), Note(Role.CONTOUR, "m", x, y))
    rows = with_notes([*before], ChartSpec((0.0, 9.0), (0.0, 3.0), (), notes=notes))
    expected = [list(text) for text, _ in before]
    for sign, long in (("n", length), ("m", 1)):
        for column, height in places:
            first, line = column - long // 2, 3 - height
            inside = 0 <= first <= 10 - long and 0 <= line < 4
            if inside and not any((at, line) in taken for at in range(first - 1, first + long + 1)):
                expected[line][first : first + long] = sign * long
                taken += [(at, line) for at in range(first - 1, first + long + 1)]
                break
    assert [text for text, _ in rows] == ["".join(row) for row in expected]
