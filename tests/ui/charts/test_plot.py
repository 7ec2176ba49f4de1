"""Charts by plotext: thinning loses no dot, and nothing reaches plotext on which it would abort the process."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.ui.charts import plot
from quadfit_tui.ui.charts.axes import Ruler
from quadfit_tui.ui.charts.clip import clip_polyline, joined
from quadfit_tui.ui.charts.spec import Drawn, Role, Scale

RULERS = Ruler(Scale.LINEAR, (-50.0, 50.0), 6), Ruler(Scale.LINEAR, (-500.0, 500.0), 4)
FAR = st.floats(-100, 100), st.floats(-1000, 1000)


@trials(50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([Role.FITTED, Role.TRUE, Role.GHOST]),
            st.lists(st.tuples(*FAR), max_size=60),
            st.booleans(),
            st.sampled_from(["", "o", "x"]),
        )
    ),
    st.sampled_from([(20, 6), (53, 13), (150, 40)]),
)
def test_thinned_series_come_to_the_same_picture(found, size):
    drawn = [
        Drawn(role, *np.array(points).reshape(-1, 2).T, line=line or not sign, sign=sign)
        for role, points, line, sign in found
    ]
    thinned = plot.plot(*size, *RULERS, drawn)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plot, "visible_line", lambda x, y, window, *_: joined(*clip_polyline(x, y, *window)))
        patched.setattr(plot, "_merged", lambda series: series)
        assert plot.plot(*size, *RULERS, drawn) == thinned


@pytest.mark.parametrize("far", [1e9, 1e12, 1e300, np.inf, np.nan])
def test_what_would_abort_plotext_does_not_reach_it(far):
    x, y = np.arange(-50.0, 51), np.where(np.arange(101) % 2, 0.0, far)
    script = (
        "import numpy as np; from quadfit_tui.ui.charts.plot import plot; from quadfit_tui.ui.charts.axes import Ruler;"
        "from quadfit_tui.ui.charts.spec import Drawn, Role, Scale;"
        f"x, y = np.array({x.tolist()}), np.array([float(v) for v in {[str(v) for v in y.tolist()]}]);"
        "r = [Ruler(Scale.LINEAR, w, 4) for w in ((-50.0, 50.0), (-500.0, 500.0))];"
        "print(len(plot(48, 10, *r, [Drawn(Role.FITTED, x, y, True, '')])))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == "10", done.stderr
