"""The view *parameters*: a, b and c over time, and where they would fit best."""

from __future__ import annotations

import numpy as np

from quadfit_tui.core.figures import short
from quadfit_tui.ui.axes import AXES
from quadfit_tui.ui.chartspec import Array, ChartSpec, Range, Role, Scale, Series, View, Words
from quadfit_tui.ui.course import HUGE, newest_time, thinned, time_of, whole_time
from quadfit_tui.ui.scene import Scene

NAMES = {"a": Role.A, "b": Role.B, "c": Role.C}
WINDOWS = ("all", "near")
MARKS = 8  # along each line
DOTS = 100  # of the line of an optimum


def draw(scene: Scene, words: Words) -> ChartSpec:
    """The chart of the parameters up to the newest epoch, with the visited moment marked."""
    snapshot, optimum = scene.snapshot, scene.snapshot.problem.optimum
    window = whole_time(snapshot)
    epochs, w = _parameters(scene)
    near = words["window"] == "near"
    y_range = _near(optimum) if near else _symlog_range(np.append(w.ravel(), optimum))
    here = np.array([time_of(snapshot)])
    series = []
    for at, (name, role) in enumerate(NAMES.items()):
        label = f"{short(snapshot.w[at])} → {short(optimum[at])}"
        places = np.linspace(*window, DOTS)
        series.append(Series(role, places, np.full(DOTS, optimum[at]), mark="·"))
        series.append(Series(role, *thinned(epochs, w[:, at], window), line=True, label=label, mark=name))
        series.append(_marks(role, name, epochs, w[:, at], at))
    series += [Series(Role.HERE, here, snapshot.w[at : at + 1]) for at in range(3)]
    scale = Scale.LINEAR if near else Scale.SYMLOG
    return ChartSpec(window, y_range, tuple(series), x_name="epochs", y_name="", y_scale=scale)


def _parameters(scene: Scene) -> tuple[Array, Array]:
    """The epochs done, shape (n,), and w then, (n, 3); within an epoch in progress the present one comes last."""
    snapshot, curves = scene.snapshot, scene.curves
    epochs, w = curves.epochs.astype(float), np.column_stack([curves.values[name] for name in NAMES])
    if snapshot.position == snapshot.newest and snapshot.update:
        return np.append(epochs, newest_time(snapshot)), np.vstack([w, snapshot.w])
    return epochs, w


def _near(optimum: Array) -> Range:
    """The optima with room around them."""
    low, high = float(optimum.min()), float(optimum.max())
    margin = max(0.5 * (high - low), 0.1 * max(abs(low), abs(high)), 1e-3)
    return low - margin, high + margin


def _symlog_range(values: Array) -> Range:
    """A window on a symmetric logarithmic axis that has all values in it, with a margin."""
    places = AXES[Scale.SYMLOG].place(np.clip(values, -HUGE, HUGE))
    low, high = float(places.min()), float(places.max())
    margin = max(0.05 * (high - low), 0.1)

    def value(place: float) -> float:
        return float(np.sign(place)) * min(10 ** min(abs(place), 306.0) - 1, HUGE)

    return value(low - margin), value(high + margin)


def _marks(role: Role, name: str, epochs: Array, values: Array, shift: int) -> Series:
    """Letters along a line, apart from those of the other lines."""
    step = max(1, len(epochs) // MARKS)
    at = slice(shift * step // 3, None, step)
    return Series(role, epochs[at], values[at], mark=name)


VIEW = View(
    draw,
    summary="a, b and c over time",
    reading=(
        "a, b and c after each epoch, each with a dotted line where it would fit best; in the legend each one's "
        "present value and where it is to go."
    ),
    options={"window": WINDOWS},
)
