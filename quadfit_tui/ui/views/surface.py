"""The view *surface*: contours of the mean loss over two of the parameters, and the path of w over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, Pair, Surface, SurfaceWindow, surface_of
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, pgettext
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.ui.charts.contours import contours_of
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Role, Series
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.surface_window import LEAST_WINDOW, steady_height, window_around, window_of_run
from quadfit_tui.ui.views.time_series import run_series, w_by_epoch
from quadfit_tui.ui.views.view import OptionValues, View

PAIRS: dict[str, Pair] = {"a c": (0, 2), "b c": (1, 2), "a b": (0, 1)}
MARKED_EPOCHS = 12  # on a path, about
APART = 0.02  # share of the window: closer points are the same place on a screen
PATH_PLACES = 200  # points of a path that notes keep clear of, about
MANY_TIMES = 1e4  # from here on the width of a window has few digits, so that it has room beside another view


class Path(NamedTuple):
    """The path of w, arrays of shape (n, 3) each.

    `past` leads up to the visited point, `epochs` are the ends of epochs on it, and `ahead` leads on from there.
    `before` is how many points of the past lie before the visited epoch. `moments` are the points up to the visited one
    that have a moment of their own: ends of epochs, or if the visit is within an epoch all of the past.
    """

    past: Array
    epochs: Array
    ahead: Array
    before: int
    moments: Array


def path_of(scene: Scene) -> Path:
    """Computes the path of a run: epoch by epoch, and update by update within the visited epoch."""
    epochs, points = scene.curves.epochs, w_by_epoch(scene.curves)
    snapshot, within = scene.snapshot, scene.epoch_path
    last = np.stack([before_update(snapshot), snapshot.w])
    done = snapshot.epoch - (snapshot.update == 0) if len(within) else snapshot.epoch
    before, after = points[epochs <= done], points[epochs > snapshot.epoch]
    past, ahead = np.concatenate([before, within[:-1], last]), np.concatenate([last[1:], after])
    ends = points[epochs <= snapshot.epoch]
    moments = past if snapshot.update else np.concatenate([ends, last[1:]])
    return Path(past, ends, ahead, len(before), moments)


def before_update(snapshot: Snapshot) -> Array:
    """Returns the w before the last update, shape (3,), or the present w at the start of a run."""
    return snapshot.w if snapshot.record is None else snapshot.task.to_x(snapshot.record.before)


def draw(scene: Scene, words: OptionValues) -> ChartSpec:
    """Draws the loss surface over the chosen pair of parameters, and the paths of w on it."""
    pair = PAIRS[words["pair"]]
    snapshot, surface, path = scene.snapshot, surface_of(scene.snapshot.problem), path_of(scene)
    at_best = words["third"] == "third at best"
    section = surface.minimized_over_third(pair) if at_best else surface.at(snapshot.w, pair)
    past = path.past[:, pair]
    settles = None if scene.settles is None else scene.settles[[*pair]]
    if words["window"] == "near":
        window, times = _near(scene, surface, path, section, at_best, pair), 1.0
    else:
        window, times = window_of_run(surface, snapshot.task.scale, path.moments, pair, at_best)
    contours = contours_of(section, window)
    notes = contours.notes(past[:: -(-len(past) // PATH_PLACES)], window)
    earlier, numbers = _earlier_paths(scene, pair, window)
    marks = _marks(scene, surface, section, past, pair, window)
    start = _entry(pgettext("of a path", "start"), Role.PATH, mark="s")
    series = [*contours.lines, start, *earlier]
    if not section.is_flat:  # else the marks have the entry of the mean loss
        series.append(_entry(_("mean loss"), Role.CONTOUR, line=True, short_label=_("loss")))
    series += [*_path(path, pair), *marks]
    if settles is not None and _is_distinct(settles, surface.optimum[[*pair]], window):
        series.insert(
            -1, _series(Role.OPTIMUM, settles[np.newaxis], label=_("settles"), short_label=_("settles"), mark="x")
        )
    x_name = _("{parameter} ({third} at its best)") if at_best else "{parameter} ({third} = {value})"
    third = 3 - sum(pair)
    return ChartSpec(
        *window,
        tuple(series),
        x_name=x_name.format(
            parameter=PARAMETER_NAMES[pair[0]],
            third=PARAMETER_NAMES[third],
            value=format_short(float(snapshot.w[third])),
        ),
        y_name=PARAMETER_NAMES[pair[1]],
        notes=(*numbers, *notes),
        ground=contours.ground,
        caption=_width_caption(times),
    )


def _near(
    scene: Scene, surface: Surface, path: Path, section: LossContours, at_best: bool, pair: Pair
) -> SurfaceWindow:
    """Computes the window `near`, which has room for all points of the path as low as the last epochs."""
    with np.errstate(all="ignore"):
        heights = surface.heights(path.past) if at_best else section.losses(path.past[:, pair]) - section.least
    newest = heights[path.before :].max() if scene.snapshot.update else heights[-1]  # within an epoch it does not fall
    height = steady_height(np.append(heights[: path.before], newest))
    points = [surface.optimum[np.newaxis], scene.snapshot.w[np.newaxis], path.past[heights <= height]]
    if scene.settles is not None:
        points.append(scene.settles[np.newaxis])
    return window_around(np.concatenate(points)[:, pair], section, height, LEAST_WINDOW)


def _width_caption(times: float) -> str:
    """Formats the caption about a window that is `times` as wide as at the start of the run; nothing if that is 1."""
    if times == 1:
        return ""
    if times == 2:
        return _("Twice as wide: w left the window.")
    factor = f"{times:.0f}" if times < MANY_TIMES else f"{times:.1e}"
    return _("{times} × as wide: w left the window.").format(times=factor)


def _earlier_paths(scene: Scene, pair: Pair, window: SurfaceWindow) -> tuple[list[Series], list[Note]]:
    """Returns the paths of earlier runs on the same surface, and notes with their numbers beside these paths.

    On a ground of bands a path is only some of its epochs, as the digit of the run: lines of digits would cover a lot.
    """
    earlier: list[Series] = []
    numbers = []
    for run in scene.earlier:
        if run.problem.source == scene.snapshot.problem.source:
            path = run_series(run).w[:, pair]
            role, sign = scene.roles[run.number], str(run.number)[-1]
            name = f"#{run.number}"
            low, high = np.array(window).T
            visible = path[((path >= low) & (path <= high)).all(axis=1)]
            earlier.append(_series(role, path, line=True, sign=sign, lasting=True, bare=True))
            earlier.append(_series(role, _few(visible), label=name, short_label=name, sign=sign))
            epochs = np.linspace(0, len(path) - 1, max(len(path), PATH_PLACES))  # fractions lie between two epochs
            x, y = (np.interp(epochs, np.arange(len(path)), values) for values in path.T)
            numbers.append(Note(role, name, x, y))
    return earlier, numbers


def _series(role: Role, points: Array, **options: Any) -> Series:
    """Makes a series of points, shape (n, 2)."""
    return Series(role, points[:, 0], points[:, 1], **options)


def _entry(label: str, role: Role, **options: Any) -> Series:
    """Makes a series without points, for an entry that stands elsewhere in the legend than its points would put it."""
    return _series(role, np.empty((0, 2)), label=label, **options)


def _path(path: Path, pair: Pair) -> list[Series]:
    """Returns the series of this run's path: up to the visited point, and on from there."""
    past, ahead = path.past[:, pair], path.ahead[:, pair]
    series = []
    if len(ahead) > 1:
        series = [
            _series(Role.AHEAD, ahead, line=True, label=_("later")),
            _series(Role.AHEAD, _few(ahead), sign=","),
        ]
    return [
        *series,
        _series(Role.PATH, past, line=True, label=_("path"), short_label=_("path")),
        _series(Role.PATH, _few(path.epochs[:, pair]), sign="o"),
    ]


def _few(points: Array) -> Array:
    """Selects every n-th point, so that about MARKED_EPOCHS are left."""
    return points[:: max(1, -(-len(points) // MARKED_EPOCHS))]


def _marks(
    scene: Scene, surface: Surface, section: LossContours, past: Array, pair: Pair, window: SurfaceWindow
) -> list[Series]:
    """Returns the marks on the surface: its lowest point, the arrow of the next step, the path's start, w*, and w.

    `past` is the path up to w, shape (n, 2). What a lesson withholds is left out.
    """
    tells_optimum, best = "optimum" not in scene.withheld, surface.optimum[np.newaxis, pair]
    marks = []
    if tells_optimum and _is_distinct(section.center, best[0], window):
        lowest = section.center[np.newaxis]
        label, brief = _("lowest on this slice"), _("lowest")
        marks.append(_series(Role.CONTOUR, lowest, label=label, short_label=brief, mark="+"))
    if "gradient" not in scene.withheld:
        marks += _arrow(scene.snapshot, pair)
    if section.is_flat:  # after the arrow, and so before it in the legend, because it matters more
        loss = format_short(section.least)
        label = _("mean loss {loss} everywhere").format(loss=loss)
        brief = _("loss {loss} everywhere").format(loss=loss)
        marks.append(_entry(label, Role.CONTOUR, line=True, short_label=brief))
    marks.append(_series(Role.PATH, past[:1], mark="s"))
    if tells_optimum:
        marks.append(_series(Role.OPTIMUM, best, label=_("optimum"), short_label=_("opt"), mark="*"))
    marks.append(_series(Role.HERE, past[-1:], label=pgettext("of a path", "now"), mark="●"))
    return marks


def _is_distinct(point: Array, best: Array, window: SurfaceWindow) -> bool:
    """Checks whether a point, shape (2,), is in the window and far enough from the optimum to be marked beside it."""
    is_inside = all(low <= value <= high for value, (low, high) in zip(point, window, strict=True))
    is_apart = [abs(gap) > APART * (high - low) for gap, (low, high) in zip(point - best, window, strict=True)]
    return is_inside and any(is_apart)


def _arrow(snapshot: Snapshot, pair: Pair) -> list[Series]:
    """Returns the arrow from w to its next place by plain gradient descent with all samples; none if it stays there."""
    after = plain_step(snapshot)
    if not np.isfinite(after).all() or (after == snapshot.w).all():
        return []
    label, brief = _("lr × gradient"), _("grad")
    if is_next_step(snapshot):
        label, brief = _("next step"), pgettext("of a path", "next")
    ends = np.stack([snapshot.w, after])[:, pair]
    return [_series(Role.ARROW, ends, line=True, head=True, label=label, short_label=brief, sign=":")]


def plain_step(snapshot: Snapshot) -> Array:
    """Computes one update of plain gradient descent with all samples from the visited w; returns the new w, (3,)."""
    task, w = snapshot.task, snapshot.trained_w
    with np.errstate(all="ignore"):  # a diverging w may leave the doubles here
        return task.to_x(w - snapshot.lr * task.trained.gradient(w, task.config.gradient))


def is_next_step(snapshot: Snapshot) -> bool:
    """Checks whether the next update of the run is a `plain_step`."""
    task, config = snapshot.task, snapshot.config
    is_plain = config.optimizer == "sgd" and task.is_full_batch and config.round_epochs is None
    return is_plain and not snapshot.status.ended


def defaults(snapshot: Snapshot) -> Mapping[str, str]:
    """Returns the options to begin a run with: the pair of parameters in the flattest direction of the surface."""
    ways = np.linalg.svd(surface_of(snapshot.problem).root)[2]
    third = int(np.abs(ways[-1]).argmin())
    return {"pair": next(name for name, pair in PAIRS.items() if third not in pair)}


VIEW = View(
    draw,
    summary=N_("the surface of the mean loss and the path of w"),
    reading=N_(
        "The mean loss over two of the parameters, in bands of color: each number is the mean loss at the edge at "
        "which it stands. Where there are no colors for bands, contours are drawn along some of their edges. The "
        "third parameter is at its best value at each point, or fixed at its current value; in that case the lowest "
        "point shown may differ from the optimum. The window stays the same during a run: it has room for the optimum "
        "and for all points with the mean loss of the start, unless these reach too far for the path to be seen. If w "
        "leaves it, it becomes twice as wide, as often as needed, and a line below the legend says so. Press z to see "
        "only what is as low as the last epochs. The path starts at s and runs epoch by epoch, in the epoch you view "
        "update by update, to ●, where w is now; an o on it is the end of an epoch. At the optimum, ● covers the star. "
        "If the run leads w to a point away from the optimum, x marks that point. The arrow is the next step: it ends "
        "where the next update takes w. Single samples, batches, momentum, Adam and the like may take w elsewhere; "
        "there, and at the end of a run, the arrow is lr × gradient, the step of plain gradient descent with all "
        "samples. An arrow shorter than a character is not drawn. If both axes had the same scale, the third parameter "
        "were fixed and the features were not scaled, the arrow would cross the edges at right angles. Earlier runs on "
        "the same samples have their numbers beside their paths. In a long, narrow valley the gradient points across "
        "it and hardly along it: a large rate makes the path jump from side to side, a small one lets it crawl."
    ),
    options={"window": ("path", "near"), "pair": tuple(PAIRS), "third": ("third at best", "third fixed")},
    defaults=defaults,
)
