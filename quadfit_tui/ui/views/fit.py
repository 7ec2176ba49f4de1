"""The view *fit*: the true and the fitted parabola, that of the run before, and the samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES, predict
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, pgettext
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.ui.charts.axes import FARTHEST, nice_steps, widest_window
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Range, Role, Series, Window
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.time_series import earlier_label
from quadfit_tui.ui.views.view import OptionValues, View

CURVE_POINTS = 401  # as many as a chart of 200 columns can tell apart
SIGN_EVERY = 20  # points of a curve from one sign to the next
DOT_EVERY = 6  # points of a curve from one dot to the next
BESIDE = 15  # samples that are drawn over the curves, too: without noise the curves would hide them
MARKED_SAMPLES = 60  # so many have a mark each; of more, dots show how they lie
SHOWN_SAMPLES = 200
SHOWN_RESIDUALS = 30
NARROW = 0.05  # share of a window's width: if the samples take less of it, brackets on the axis enclose them
NEAR = 0.05  # share of the data's height: a curve that goes less far beyond the data moves no window
MARGIN = 0.08  # share of the range of the samples
EDGE = 0.05  # share of a window's height: more than an axis may cut off


def _article_window(snapshot: Snapshot) -> Window:  # noqa: ARG001  every window has one signature
    return (-50.0, 50.0), (-500.0, 500.0)


def _data_window(snapshot: Snapshot) -> Window:
    return _around(snapshot.problem.x), _around(snapshot.problem.y)


def _following_window(snapshot: Snapshot) -> Window:
    """Computes a window with room for the data and for the fitted curve over them, now and before the last update.

    Its distance beyond the data is rounded up to 1, 2 or 5 times a power of ten. So the window seldom changes while the
    curve moves, even if each update throws the curve to the other side, and depends on the moment alone.
    """
    problem, record = snapshot.problem, snapshot.record
    x_range, (low, high) = _data_window(snapshot)
    x = np.linspace(problem.x.min(), problem.x.max(), CURVE_POINTS)
    points = [snapshot.w] if record is None else [record.task.to_x(record.before), snapshot.w]
    y = np.concatenate([_curve(w, x) for w in points])
    if not (np.abs(y) < FARTHEST / 10).all():
        return x_range, (low, high)
    room = high - low
    below, above = _reach(low - float(y.min()), room), _reach(float(y.max()) - high, room)
    # If the window is much higher than the data, data at its edge need a share of its height as a margin, or their row
    # is cut off.
    margin = next(nice_steps(EDGE * (below + above))) if below or above else 0.0
    return x_range, (low - max(below, margin), high + max(above, margin))


def _reach(distance: float, room: float) -> float:
    """Rounds up how far a curve goes beyond data of the height `room`; 0 if it is near enough to move no window."""
    return next(nice_steps(distance)) if distance > NEAR * room else 0.0


def _around(values: Array) -> Range:
    """Computes the range of values with a margin, for a window; it is never empty."""
    low, high = float(values.min()), float(values.max())
    largest = max(1.0, abs(low), abs(high))
    margin = MARGIN * (high - low) if high - low > 1e-9 * largest else 0.5 * largest
    return low - margin, high + margin


WINDOWS: dict[str, Callable[[Snapshot], Window]] = {
    "article": _article_window,
    "data": _data_window,
    "follow": _following_window,
}


def defaults(snapshot: Snapshot) -> Mapping[str, str]:
    """Returns the options to begin a run with: the article's window for runs on its samples, else one that follows."""
    config, article = snapshot.config, PRESETS["article"]
    data_names = (name for name, parameter in PARAMETERS.items() if parameter.group == "data")
    has_its_samples = all(getattr(config, name) == getattr(article, name) for name in data_names)
    return {} if has_its_samples else {"window": "follow"}


def left_out(snapshot: Snapshot) -> frozenset[str]:
    """Returns the windows that mean nothing for a run: the article's if the samples are the user's own."""
    return frozenset({"article"} if snapshot.config.data else ())


def _every(x: Array, y: Array, most: int) -> tuple[Array, Array]:
    """Selects at most `most` of the samples (x, y), evenly spread."""
    step = -(-len(x) // most)
    return x[step // 2 :: step], y[step // 2 :: step]


def _curve(w: Array, x: Array) -> Array:
    """Computes the parabola of w, shape (3,), at x."""
    with np.errstate(all="ignore"):  # a diverging w may leave the doubles here
        return predict(w, x)


def draw(scene: Scene, words: OptionValues) -> ChartSpec:
    """Draws the parabolas and the samples of a moment, in the window that the option chooses of WINDOWS."""
    snapshot, problem = scene.snapshot, scene.snapshot.problem
    x_range, y_range = WINDOWS[words["window"]](snapshot)
    x = np.linspace(*widest_window(x_range), CURVE_POINTS)
    fitted = _curve(snapshot.w, x)
    signs = slice(SIGN_EVERY // 2, None, SIGN_EVERY)
    # All curves but the fitted one have gaps, because at the end of a fit it lies on those that it has come to.
    fit = Series(Role.FITTED, x, fitted, line=True, label=_("fitted"), short_label=_("fit"))
    curves = [*_run_before(scene, x), fit]
    if problem.truth is not None:
        true = _curve(np.array(problem.truth), x)
        curves.append(Series(Role.TRUE, x, true, line=True, label=pgettext("curve", "true"), dash=1, lasting=True))
    if words["optimum"] == "least squares" and "optimum" not in scene.withheld:
        best = _curve(problem.optimum, x)
        curves.append(Series(Role.OPTIMUM, x, best, line=True, label=_("optimum"), dash=2, lasting=True))
    signed = Series(Role.FITTED, x[signs], fitted[signs], sign="o")
    name = pgettext("curve", "samples")
    if len(problem.x) <= MARKED_SAMPLES:
        samples = Series(Role.SAMPLES, problem.x, problem.y, label=name, mark="●", sign="+", lasting=True)
        series = [*curves, signed, samples]
    else:
        samples = Series(Role.SAMPLES, *_every(problem.x, problem.y, SHOWN_SAMPLES), label=name, lasting=True)
        beside = []
        if problem.truth is not None and not snapshot.config.noise:
            beside.append(Series(Role.SAMPLES, *_every(problem.x, problem.y, BESIDE), lasting=True))
        series = [samples, *curves, *beside, signed]
    if snapshot.unit is Unit.UPDATE and snapshot.record is not None:
        series += _batch(*snapshot.record.batch, snapshot.w)
    bracket = _bracket(problem, x_range) if words["window"] == "article" else None
    notes = () if bracket is None else (_bracket_note(bracket, (x_range, y_range)),)
    x_name, y_name = (quantity.label for quantity in problem.quantities)
    return ChartSpec(x_range, y_range, tuple(series), x_name, y_name, notes=notes, bracket=bracket)


def _run_before(scene: Scene, x: Array) -> list[Series]:
    """Draws the curve that the run before had after as many epochs, or its last one; none if its samples were others.

    It is drawn in dots: a second line that moves would take a fifth more bytes a frame.
    """
    run, snapshot = next(reversed(scene.earlier), None), scene.snapshot
    if run is None or run.problem.source != snapshot.problem.source:
        return []
    label, brief = (earlier_label(run, snapshot.config, scene.is_taught, is_brief) for is_brief in (False, True))
    x = x[DOT_EVERY // 2 :: DOT_EVERY]
    y, role, least = _curve(_w_after(run, snapshot.epoch), x), scene.roles[run.number], f"#{run.number}"
    return [Series(role, x, y, label=label, short_label=brief, shortest_label=least, dash=2)]


def _w_after(run: Run, epochs: int) -> Array:
    """Returns the w of a run after so many epochs, shape (3,); if thinned curves lack it, of the epoch before."""
    if epochs > run.position.epoch:
        return run.w
    index = int(run.curves.epochs.searchsorted(epochs, side="right")) - 1
    return np.array([run.curves.values[name][index] for name in PARAMETER_NAMES])


def _bracket(problem: Dataset, x_range: Range) -> Range | None:
    """Returns the range of the samples if they are hardly more than a point of the window, else None."""
    low, high = float(problem.x.min()), float(problem.x.max())
    left, right = x_range
    is_inside = left <= low <= high <= right
    return (low, high) if is_inside and high - low <= NARROW * (right - left) else None


def _bracket_note(bracket: Range, window: Window) -> Note:
    """Formats a note beside the bracket that names its ends."""
    (low, high), ((left, right), (bottom, top)) = bracket, window
    beside = (low + high) / 2 + (right - left) * np.array([0.12, 0.16, 0.2, 0.25, 0.3, -0.16, -0.2, -0.25])
    text = _("x from {low} to {high}").format(low=format_short(low), high=format_short(high))
    return Note(Role.SAMPLES, text, beside, np.full(len(beside), bottom + 0.1 * (top - bottom)))


def _batch(x: Array, y: Array, w: Array) -> list[Series]:
    """Draws the samples (x, y) of the last update, and a stem from each to the curve, its residual now.

    Of a large batch only as many are drawn as can be distinguished.
    """
    label = _("sample") if len(x) == 1 else pgettext("curve", "batch")
    x, y = _every(x, y, SHOWN_RESIDUALS)
    gap = np.full(len(x), np.nan)  # nothing joins one stem to the next
    stems = np.column_stack([y, _curve(w, x), gap])
    return [
        Series(Role.BATCH, np.repeat(x, 3), stems.ravel(), line=True),
        Series(Role.BATCH, x, y, label=label),
    ]


VIEW = View(
    draw,
    summary=N_("the true and the fitted parabola"),
    reading=N_(
        "The samples, the true parabola that they come from (dashed), and the fitted one, f(x) = a·x² + b·x + c with "
        "the current w. Training pulls the fitted one onto the samples. In the article's window, where the samples are "
        "hardly more than a point, brackets on the x axis enclose them. While single updates are played, the sample or "
        "batch of the last update is marked, and a line from each of its samples to the curve shows its residual. The "
        "least-squares parabola (press o; dotted) has the smallest mean loss of all: nothing fits better. Without "
        "noise it is the true one. The dotted curve with a number is that of the run before on the same samples, after "
        "as many epochs as you view, or the last one of a shorter run."
    ),
    options={"window": tuple(WINDOWS), "optimum": ("hidden", "least squares")},
    defaults=defaults,
    left_out=left_out,
)
