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
from quadfit_tui.core.text.numbers import short
from quadfit_tui.ui.charts.contours import contours_of
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Role, Series
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.surface_window import LEAST_WINDOW, steady_height, window_around, window_of_run
from quadfit_tui.ui.views.time_series import run_series, w_by_epoch
from quadfit_tui.ui.views.view import OptionValues, View

PAIRS: dict[str, Pair] = {"a c": (0, 2), "b c": (1, 2), "a b": (0, 1)}
MARKED_EPOCHS = 12  # of a path
APART = 0.02  # of the window: what is nearer is the same place on a screen
PATH_PLACES = 200
MANY_TIMES = 1e4  # as wide: more in few digits, so that there is room for it beside another view


class Path(NamedTuple):
    """Where w went, arrays of shape (n, 3): up to the visited point, the ends of epochs of that, and from there on.

    `before`: how many places of the past lie before the epoch that is visited. `moments`: the ends of epochs, and
    within an epoch its updates, up to the visited point.
    """

    past: Array
    epochs: Array
    ahead: Array
    before: int
    moments: Array


def path_of(scene: Scene) -> Path:
    """The path of a run: epoch by epoch, and update by update within the one that is visited."""
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
    """The w from which the last update led to the present one, shape (3,); at the start of a run the present one."""
    return snapshot.w if snapshot.record is None else snapshot.task.to_x(snapshot.record.before)


def draw(scene: Scene, words: OptionValues) -> ChartSpec:
    """The surface over the chosen pair of parameters, and what happens on it."""
    pair = PAIRS[words["pair"]]
    snapshot, surface, path = scene.snapshot, surface_of(scene.snapshot.problem), path_of(scene)
    at_best = words["third"] == "third at best"
    section = surface.at_best(pair) if at_best else surface.at(snapshot.w, pair)
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
    start, level = (
        _entry(pgettext("of a path", "start"), Role.PATH, mark="s"),
        _entry(_("mean loss"), Role.CONTOUR, line=True, brief=_("loss")),
    )
    told = [] if section.is_flat else [level]  # else the marks have it
    series = [*contours.lines, start, *earlier, *told, *_path(path, pair), *marks]
    if settles is not None and _tells(settles, surface.optimum[[*pair]], window):
        series.insert(-1, _series(Role.OPTIMUM, settles[np.newaxis], label=_("settles"), brief=_("settles"), mark="x"))
    held = _("{parameter} ({third} at its best)") if at_best else "{parameter} ({third} = {value})"
    return ChartSpec(
        *window,
        tuple(series),
        x_name=held.format(
            parameter=PARAMETER_NAMES[pair[0]],
            third=PARAMETER_NAMES[3 - sum(pair)],
            value=short(float(snapshot.w[3 - sum(pair)])),
        ),
        y_name=PARAMETER_NAMES[pair[1]],
        notes=(*numbers, *notes),
        ground=contours.ground,
        caption=_wider(times),
    )


def _near(
    scene: Scene, surface: Surface, path: Path, section: LossContours, at_best: bool, pair: Pair
) -> SurfaceWindow:
    """The window that has room for what is as low as the last epochs."""
    with np.errstate(all="ignore"):
        heights = surface.heights(path.past) if at_best else section.losses(path.past[:, pair]) - section.least
    newest = heights[path.before :].max() if scene.snapshot.update else heights[-1]  # within an epoch it does not fall
    height = steady_height(np.append(heights[: path.before], newest))
    settles = [] if scene.settles is None else [scene.settles[np.newaxis]]
    here = [surface.optimum[np.newaxis], scene.snapshot.w[np.newaxis]]
    points = np.concatenate([*here, path.past[heights <= height], *settles])[:, pair]
    return window_around(points, section, height, LEAST_WINDOW)


def _wider(times: float) -> str:
    """What is said of a window that is so many times as wide as at the start."""
    if times == 1:
        return ""
    if times == 2:
        return _("Twice as wide: w left the window.")
    told = f"{times:.0f}" if times < MANY_TIMES else f"{times:.1e}"
    return _("{times} × as wide: w left the window.").format(times=told)


def _earlier_paths(scene: Scene, pair: Pair, window: SurfaceWindow) -> tuple[list[Series], list[Note]]:
    """The paths of the earlier runs on the same surface, and their numbers, beside places that they passed.

    Upon a ground of bands a path is some of its epochs, in the digit of the run: lines of digits would cover too much.
    """
    earlier: list[Series] = []
    numbers = []
    for run in scene.earlier:
        if run.problem.source == scene.snapshot.problem.source:
            path = run_series(run).w[:, pair]
            role, sign = scene.roles[run.number], str(run.number)[-1]
            name = f"#{run.number}"
            low, high = np.array(window).T
            seen = path[((path >= low) & (path <= high)).all(axis=1)]
            earlier.append(_series(role, path, line=True, sign=sign, lasting=True, bare=True))
            earlier.append(_series(role, _few(seen), label=name, brief=name, sign=sign))
            at = np.linspace(0, len(path) - 1, max(len(path), PATH_PLACES))  # also between epochs
            x, y = (np.interp(at, np.arange(len(path)), values) for values in path.T)
            numbers.append(Note(role, name, x, y))
    return earlier, numbers


def _series(role: Role, points: Array, **options: Any) -> Series:
    """A series of points, shape (n, 2)."""
    return Series(role, points[:, 0], points[:, 1], **options)


def _entry(label: str, role: Role, **options: Any) -> Series:
    """What is in the legend alone: its place there is another than that of what it is about in the chart."""
    return _series(role, np.empty((0, 2)), label=label, **options)


def _path(path: Path, pair: Pair) -> list[Series]:
    past, ahead = path.past[:, pair], path.ahead[:, pair]
    found = []
    if len(ahead) > 1:
        found = [
            _series(Role.AHEAD, ahead, line=True, label=_("later")),
            _series(Role.AHEAD, _few(ahead), sign=","),
        ]
    return [
        *found,
        _series(Role.PATH, past, line=True, label=_("path"), brief=_("path")),
        _series(Role.PATH, _few(path.epochs[:, pair]), sign="o"),
    ]


def _few(points: Array) -> Array:
    return points[:: max(1, -(-len(points) // MARKED_EPOCHS))]


def _marks(
    scene: Scene, surface: Surface, section: LossContours, past: Array, pair: Pair, window: SurfaceWindow
) -> list[Series]:
    """The lowest place of the surface, the step, where the path, shape (n, 2), begins, the optimum and w."""
    tells_optimum, best = "optimum" not in scene.withheld, surface.optimum[np.newaxis, pair]
    found = []
    if tells_optimum and _tells(section.center, best[0], window):
        found.append(
            _series(
                Role.CONTOUR, section.center[np.newaxis], label=_("lowest on this slice"), brief=_("lowest"), mark="+"
            )
        )
    found += [] if "gradient" in scene.withheld else _arrow(scene.snapshot, pair)
    if section.is_flat:  # in the legend, this matters more than what the arrow is
        ways = _("mean loss {loss} everywhere"), _("loss {loss} everywhere")
        label, brief = (way.format(loss=short(section.least)) for way in ways)
        found.append(_entry(label, Role.CONTOUR, line=True, brief=brief))
    return [
        *found,
        _series(Role.PATH, past[:1], mark="s"),
        *[_series(Role.OPTIMUM, best, label=_("optimum"), brief=_("opt"), mark="*")] * tells_optimum,
        _series(Role.HERE, past[-1:], label=pgettext("of a path", "now"), mark="●"),
    ]


def _tells(center: Array, best: Array, window: SurfaceWindow) -> bool:
    """Whether the lowest point of the surface that is shown is in the window, and is seen to be another than w*."""
    inside = all(low <= at <= high for at, (low, high) in zip(center, window, strict=True))
    apart = [abs(gap) > APART * (high - low) for gap, (low, high) in zip(center - best, window, strict=True)]
    return inside and any(apart)


def _arrow(snapshot: Snapshot, pair: Pair) -> list[Series]:
    """The arrow from w to where plain gradient descent with all samples would take it next, if that is elsewhere."""
    after = plain_step(snapshot)
    if not np.isfinite(after).all() or (after == snapshot.w).all():
        return []
    label, brief = _("lr × gradient"), _("grad")
    if is_next_step(snapshot):
        label, brief = _("next step"), pgettext("of a path", "next")
    ends = np.stack([snapshot.w, after])[:, pair]
    return [_series(Role.ARROW, ends, line=True, head=True, label=label, brief=brief, sign=":")]


def plain_step(snapshot: Snapshot) -> Array:
    """The w to which one update of plain gradient descent with all samples leads from the visited one, shape (3,)."""
    task, w = snapshot.task, snapshot.trained_w
    with np.errstate(all="ignore"):  # a diverging w may leave the doubles here
        return task.to_x(w - snapshot.lr * task.trained.gradient(w, task.config.gradient))


def is_next_step(snapshot: Snapshot) -> bool:
    """Whether the next update of the run is just that one."""
    task, config = snapshot.task, snapshot.config
    is_plain = config.optimizer == "sgd" and task.is_full_batch and config.round_epochs is None
    return is_plain and not snapshot.status.ended


def defaults(snapshot: Snapshot) -> Mapping[str, str]:
    """The pair to begin with: the two parameters that the flattest direction of the surface is made of."""
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
