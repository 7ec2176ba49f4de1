"""Draws charts at random that nobody would make, on any size: hostile.py COUNT SEED. plotext may abort the process."""

import sys
from random import Random

import numpy as np

from quadfit_tui.ui.charts.axes import BELOW, inner_columns, ruler
from quadfit_tui.ui.charts.plot import plot
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import GROUND_ROLES, AxisScale, ChartSpec, Ground, Note, Role, Series, role_of

BOUNDS = [0.0, -50.0, 50.0, -1.0, 1.0, 1e-6, 1e12, -1e12, 1e300, -1e300, 8e307, -8e307, 1.7e308, -1.7e308, 5e-324]
BOUNDS += [1e-310, 1.0 + 2e-16, float("nan"), float("inf"), float("-inf")]
WIDTHS = [1e-323, 1e-310, 1e-300, 1e-16, 1e-12, 1e-6, 1.0, 1e3, 1e300]
OTHERS = (Role.BLANK, Role.AXIS, Role.TEXT, Role.TITLE, Role.RESULT, Role.SCROLLBAR, *GROUND_ROLES)
DRAWN = [role for role in Role if role not in OTHERS]


def window(random):
    """A window of one axis: usually one that can be shown, often none."""
    if random.random() < 0.9:
        low = random.choice([0.0, -50.0, 1.0, random.uniform(-1e3, 1e3), 10 ** random.uniform(-300, 300)])
        return low, low + random.choice([100.0, max(1.0, abs(low)), 1e3 + abs(low) / 10, random.choice(WIDTHS)])
    return random.choice(BOUNDS), random.choice(BOUNDS)


def values(random, count, axis):
    """So many values: in the window, around it, anywhere, or the ends of the doubles."""
    low, high = axis
    found = np.random.default_rng(random.getrandbits(32)).random(count)
    with np.errstate(all="ignore"):
        found = low + (high - low) * (found * random.choice([1, 3, 1e6, 1e12]) - random.choice([0, 1]))
        if random.random() < 0.3:
            found = np.sort(found)
    for _ in range(min(count, random.choice([0, 0, 1, count // 3, count]))):
        found[random.randrange(count)] = random.choice(BOUNDS)
    return found


def series(random, x_range, y_range):
    """A series of up to a few hundred points."""
    count = random.choice([0, 1, 2, 3, 10, 50, 400])
    return Series(
        random.choice(DRAWN),
        values(random, count, x_range),
        values(random, count, y_range),
        line=random.random() < 0.6,
        label=random.choice(["", "a label"]),
        mark=random.choice(["", "", "7", "→"]),
        sign=random.choice(["", "", "3"]),
        dash=random.choice([0, 0, 0, 1, 2]),
        head=count > 1 and random.random() < 0.2,
        lasting=random.random() < 0.3,
    )


def ground(random, x_range, y_range):
    """Bands at up to a few hundred places of the window."""
    count, places = random.randint(1, 9), [random.choice([1, 2, 5, 20]) for _ in range(2)]
    with np.errstate(all="ignore"):
        x, y = (np.linspace(*ends, each) for ends, each in zip((x_range, y_range), places, strict=True))
    bands = np.random.default_rng(random.getrandbits(32)).integers(-1, count, (len(y), len(x)))
    return Ground(x, y, bands.astype(np.int8), count, random.choice(["", "@%#*+-. "]))


def size(random):
    """Of a chart: tiny, usual, or as large as a terminal may be."""
    if random.random() < 0.01:
        return random.choice([(1000, 300), (300, 1000)])
    return random.randint(1, random.choice([20, 120, 300])), random.randint(1, random.choice([10, 40, 100]))


def main(count, seed):
    """Draws until so many series were drawn."""
    random, drawn, seen = Random(seed), 0, 0
    while drawn < count:
        x_range, y_range = window(random), window(random)
        found = tuple(series(random, x_range, y_range) for _ in range(random.randint(0, 6)))
        scales = random.choice([*AxisScale, AxisScale.LINEAR]), random.choice([*AxisScale, AxisScale.LINEAR])
        notes = (Note(Role.CONTOUR, "note", values(random, 9, x_range), values(random, 9, y_range)),)
        below = ground(random, x_range, y_range) if np.isfinite([*x_range, *y_range]).all() else None
        spec = ChartSpec(x_range, y_range, found, "x", "y", *scales, notes=random.choice([(), notes]), ground=below)
        width, height = size(random)
        signs = random.random() < 0.2
        pictures = [draw(spec, width, height, random.random() < 0.2, signs, random.choice([0, 1, 2]))]
        y = ruler(scales[1], y_range, max(1, height - BELOW))
        x = y and ruler(scales[0], x_range, inner_columns(width, y), across=True)
        if x and y:
            marked = [Series(each.role, each.x, each.y, each.line, mark=each.mark or "?" * signs) for each in found]
            pictures.append(plot(width, height, x, y, marked))
            seen += 1
        for rows in pictures:
            assert [len(row.text) for row in rows] == [width] * height, (width, height)
            assert [len(row.roles) for row in rows] == [width] * height
            assert {role_of(letter) for row in rows for letter in row.roles} <= set(Role)
        drawn += len(found)
    print(drawn, "series", seen, "charts with axes")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
