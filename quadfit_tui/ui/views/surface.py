"""The view *surface*: contours of the mean loss over two of the parameters, and the path of w over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, Pair, Surface, Window, surface_of
from quadfit_tui.core.model.parabola import EPSILON, PARAMETER_NAMES
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, in_context, noted
from quadfit_tui.core.text.numbers import short
from quadfit_tui.ui.charts.axes import CUT
from quadfit_tui.ui.charts.contours import contours_of
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Role, Series
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.surface_window import ALONE, LEAST_WINDOW, steady_height, window_around
from quadfit_tui.ui.views.time_series import run_series, w_by_epoch
from quadfit_tui.ui.views.view import View, Words

PAIRS: dict[str, Pair] = {"a c": (0, 2), "b c": (1, 2), "a b": (0, 1)}
MARKED_EPOCHS = 12  # of a path
ARROW = 0.2  # of the window
APART = 0.02  # of the window: what is nearer is the same place on a screen
PATH_PLACES = 200


class Path(NamedTuple):
    """Where w went, arrays of shape (n, 3): up to the visited point, the ends of epochs of that, and from there on.

    `before`: how many places of the past lie before the epoch that is visited.
    """

    past: Array
    epochs: Array
    ahead: Array
    before: int


def path_of(scene: Scene) -> Path:
    """The path of a run: epoch by epoch, and update by update within the one that is visited."""
    epochs, points = scene.curves.epochs, w_by_epoch(scene.curves)
    snapshot, within = scene.snapshot, scene.epoch_path
    last = np.stack([before_update(snapshot), snapshot.w])
    done = snapshot.epoch - (snapshot.update == 0) if len(within) else snapshot.epoch
    before, after = points[epochs <= done], points[epochs > snapshot.epoch]
    past, ahead = np.concatenate([before, within[:-1], last]), np.concatenate([last[1:], after])
    return Path(past, points[epochs <= snapshot.epoch], ahead, len(before))


def before_update(snapshot: Snapshot) -> Array:
    """The w from which the last update led to the present one, shape (3,); at the start of a run the present one."""
    return snapshot.w if snapshot.record is None else snapshot.task.to_x(snapshot.record.before)


def draw(scene: Scene, words: Words) -> ChartSpec:
    """The surface over the chosen pair of parameters, and what happens on it."""
    pair = PAIRS[words["pair"]]
    snapshot, surface, path = scene.snapshot, surface_of(scene.snapshot.problem), path_of(scene)
    at_best = words["third"] == "third at best"
    section = surface.at_best(pair) if at_best else surface.at(snapshot.w, pair)
    past = path.past[:, pair]
    with np.errstate(all="ignore"):
        heights = surface.heights(path.past) if at_best else section.losses(past) - section.least
    newest = heights[path.before :].max() if snapshot.update else heights[-1]  # within an epoch it does not fall
    height = steady_height(np.append(heights[: path.before], newest))
    is_near = words["window"] == "near"
    seen = [path.past[heights <= height]] if is_near else [path.past, path.ahead]
    settles = None if scene.settles is None else scene.settles[[*pair]]
    if scene.settles is not None:
        seen.append(scene.settles[np.newaxis])
    points = np.concatenate([surface.optimum[np.newaxis], snapshot.w[np.newaxis], *seen])[:, pair]
    window = window_around(points, section, height, LEAST_WINDOW if is_near else ALONE)
    contours = contours_of(section, window)
    notes = contours.notes(past[:: -(-len(past) // PATH_PLACES)], window)
    earlier, numbers = _earlier_paths(scene, pair, window)
    marks = _marks(scene, surface, section, past, pair, window)
    start, level = (
        _entry(in_context("of a path", "start"), Role.PATH, mark="s"),
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
    )


def _earlier_paths(scene: Scene, pair: Pair, window: Window) -> tuple[list[Series], list[Note]]:
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
    scene: Scene, surface: Surface, section: LossContours, past: Array, pair: Pair, window: Window
) -> list[Series]:
    """The lowest place of the surface, the way down, where the path, shape (n, 2), begins, the optimum and w."""
    snapshot, tells_optimum = scene.snapshot, "optimum" not in scene.held
    best, before = surface.optimum[np.newaxis, pair], before_update(snapshot)
    found = []
    if tells_optimum and _tells(section.center, best[0], window):
        found.append(
            _series(
                Role.CONTOUR, section.center[np.newaxis], label=_("lowest on this slice"), brief=_("lowest"), mark="+"
            )
        )
    ends = None if "gradient" in scene.held else arrow(surface, before, snapshot.w, pair, window)
    if ends is not None and snapshot.problem.mean_loss(before) > surface.least * (1 + 8 * EPSILON):  # else no way down
        found.append(
            _entry(_("−gradient"), Role.ARROW, brief=_("−grad"))
        )  # not with the sign that tells it from the path
        found.append(_series(Role.ARROW, ends, line=True, head=True, sign=":"))
    if section.is_flat:  # in the legend, this matters more than what the arrow is
        ways = _("mean loss {loss} everywhere"), _("loss {loss} everywhere")
        label, brief = (way.format(loss=short(section.least)) for way in ways)
        found.append(_entry(label, Role.CONTOUR, line=True, brief=brief))
    return [
        *found,
        _series(Role.PATH, past[:1], mark="s"),
        *[_series(Role.OPTIMUM, best, label=_("optimum"), brief=_("opt"), mark="*")] * tells_optimum,
        _series(Role.HERE, past[-1:], label="w"),
    ]


def _tells(center: Array, best: Array, window: Window) -> bool:
    """Whether the lowest point of the surface that is shown is in the window, and is seen to be another than w*."""
    inside = all(low <= at <= high for at, (low, high) in zip(center, window, strict=True))
    apart = [abs(gap) > APART * (high - low) for gap, (low, high) in zip(center - best, window, strict=True)]
    return inside and any(apart)


def arrow(surface: Surface, before: Array, after: Array, pair: Pair, window: Window) -> Array | None:
    """An arrow at the w before an update, against the gradient of the mean loss there: where it begins and where its
    tip is, shape (2, 2). None where there is no gradient, or w was outside the window.

    Its length says nothing: it is ARROW of the window, less where it would leave it, or would have its tip at the w
    after the update.
    """
    low, high = np.array(window).T
    size = high - low
    low, high = low + CUT * size, high - CUT * size  # what is seen in any case
    with np.errstate(all="ignore"):
        slope = surface.slope(before)[[*pair]]
        largest = np.abs(slope).max()
        start = before[[*pair]]
        if not (largest > 0 and np.isfinite(largest) and ((low <= start) & (start <= high)).all()):
            return None
        way = -slope / largest / size
        way = way / np.hypot(*way) * size
        room = np.where(way > 0, high - start, low - start) / way  # how often it goes into that; nan or inf if never
        update = np.hypot(*((after - before)[[*pair]] / size))
        length = min(ARROW, update / 2) if update > ARROW / 2 else ARROW
    return np.stack([start, start + np.nanmin([length, *room[room >= 0]]) * way])


def defaults(snapshot: Snapshot) -> Mapping[str, str]:
    """The pair to begin with: the two parameters that the flattest direction of the surface is made of."""
    ways = np.linalg.svd(surface_of(snapshot.problem).root)[2]
    third = int(np.abs(ways[-1]).argmin())
    return {"pair": next(name for name, pair in PAIRS.items() if third not in pair)}


VIEW = View(
    draw,
    summary=noted("the surface of the mean loss and the path of w"),
    reading=noted(
        "The mean loss over two of the parameters, in bands of color: each number is the mean loss at the edge at "
        "which it stands. Where there are no colors for bands, contours are drawn along some of their edges. The "
        "third parameter is at its best value at each point, or fixed at its current value; in that case the lowest "
        "point shown may differ from the optimum. The window has room for the path and for all points with the "
        "present mean loss, unless these reach too far for the path to be seen; press z to see only what is as low as "
        "the last epochs. The path starts at s and runs epoch by epoch, in the epoch you view update by update, to @, "
        "the current w; an o on it is the end of an epoch. At the optimum, @ covers the star. "
        "If the run leads w to a point away from the optimum, x marks that point. The arrow begins at the w before "
        "the last update, or at s if there was none, and shows the direction of the negative gradient of the mean "
        "loss there, not its length; the last piece of the path, from there to @, is that update. If both axes had "
        "the same scale and the third parameter were fixed, the arrow would cross the edges at right angles. The "
        "update does not have to follow the arrow: single samples and batches follow their own gradients, momentum "
        "and Adam remember earlier ones, and scaled features use the gradient in other coordinates. Earlier runs on "
        "the same samples have their numbers beside their paths. In a long, narrow valley the gradient points across "
        "it and hardly along it: a large rate makes the path jump from side to side, a small one lets it crawl."
    ),
    options={"window": ("path", "near"), "pair": tuple(PAIRS), "third": ("third at best", "third fixed")},
    defaults=defaults,
)
