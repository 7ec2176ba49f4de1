"""The view *map*: which learning rates, beside another parameter, a run converges at, and how fast."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.rate_map.rate_map import CellOutcome, Figure, RateMap, Up, figures_of, level_of, ups_of
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, ngettext, pgettext
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Ground, Note, Range, Role, Series, StyledRow, TextPage
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import OptionValues, View

# Signs of the bands on terminals without colors, the best first. None of them marks a run, a border or the best run.
SIGNS = "M#%&=~-:."
_SCALES = {Up.BATCH: AxisScale.LOG, Up.SCALED: AxisScale.FLAG}
_NOWHERE = np.empty(0)  # points of series that are only in the legend
NUMBERS = 8  # columns by which the numbers of two sentences about cells may differ
LONG = 0.2  # share of the width from which on a stretch of cells has room for a text
LABELED = 0.35  # share of the height at which the numbers of edges stand, if there is room


class FigureWords(NamedTuple):
    """The texts about a figure: the label of its colors, in full and in brief, and the name of its best run."""

    label: str
    brief: str
    best: str


FIGURES = {
    Figure.SPEED: FigureWords(N_("epochs for one more digit"), N_("epochs/digit"), N_("fastest")),
    Figure.SETTLES: FigureWords(N_("mean loss at the end / least"), N_("loss/least"), N_("best")),
    Figure.ENDS: FigureWords(N_("epochs until below tol"), N_("epochs"), N_("fastest")),
}


def draw(scene: Scene, words: OptionValues) -> ChartSpec | TextPage:  # noqa: ARG001  the map is that of the words
    """Draws the map as far as it is computed, with the runs that lie on it, or a page that says why there is none."""
    rate_map = scene.rate_map
    if rate_map is None or rate_map.refusal or scene.no_map:
        return TextPage(tuple(StyledRow(line, Role.TEXT * len(line)) for line in _why_no_map(scene)))
    bands = rate_map.bands()
    best, cell = rate_map.fastest(), scene.cell
    scale = _SCALES.get(rate_map.up, AxisScale.LINEAR)
    places = rate_map.rates, rate_map.levels
    in_strips = rate_map.up is Up.SCALED
    return ChartSpec(
        axis_window(rate_map.rates, AxisScale.LOG),
        axis_window(rate_map.levels, scale),
        tuple(_marks(scene, rate_map)),
        x_name=_("learning rate"),
        y_name=PARAMETERS[rate_map.up].label,
        x_scale=AxisScale.LOG,
        y_scale=scale,
        notes=(
            *edge_notes(bands, rate_map.edges, places, AxisScale.LOG, in_strips=in_strips),
            *outcome_notes(rate_map.outcomes, places, _unfinished(rate_map)),
        ),
        ground=ground_of(rate_map.rates, rate_map.levels, bands, len(rate_map.edges), FIGURES[rate_map.figure]),
        cursor=None if cell is None else (float(rate_map.rates[cell[1]]), float(rate_map.levels[cell[0]])),
        caption=rate_map.sentence(*cell) if scene.is_saved and cell is not None else "",
        caption_columns=0 if best is None else cell_width(rate_map.sentence(*best)) + NUMBERS,
    )


def _why_no_map(scene: Scene) -> list[str]:
    """Returns the lines that are shown instead of a map: why there is none, or not yet, and a key that may help."""
    if scene.no_map:
        text = scene.no_map
    elif scene.rate_map is None:
        text = _("computing the map …")
    else:
        text = scene.rate_map.refusal
    lines = [text]
    if scene.rate_map is not None and scene.cell is not None and scene.snapshot.config.batch != "full":
        lines.append(_("Press Enter to start a run with batch full."))
    return lines


def with_map(scene: Scene, words: OptionValues) -> Scene:
    """Computes the whole map of a scene's run and returns the scene with it, the cursor at the run.

    It takes time. The command line uses this; in the app, the map worker computes the map piece by piece.
    """
    from quadfit_tui.core.rate_map.pieces import whole_map  # most scenes need none

    task, chosen = scene.snapshot.task, VIEW.initial_options(scene.snapshot, words)
    rate_map = whole_map(task, Up(chosen["up"]), Figure(chosen["figure"]))
    return replace(scene, rate_map=rate_map, cell=rate_map.cell_of(task.config))


def ground_of(x: Array, y: Array, bands: NDArray[np.int8], edges: int, figure: FigureWords) -> Ground:
    """Makes the ground of a map, given its bands, shape (len(y), len(x)), and the number of edges between these."""
    count = edges + 1
    signs = "".join(SIGNS[band * (len(SIGNS) - 1) // max(1, count - 1)] for band in range(count))
    return Ground(x, y, bands, count, signs, _(figure.label), _(figure.brief))


def axis_window(values: Array, scale: AxisScale) -> Range:
    """Computes the range of an axis whose cells have these values: from half a cell below the first to above the last.

    For a flag it is less, so that a few rows are enough for both values; its strips go as far as the axis.
    """
    places = np.log(values) if scale is AxisScale.LOG else values
    gaps = np.diff(places) if len(places) > 1 else np.ones(1)
    beyond = 0.3 if scale is AxisScale.FLAG else 0.5
    low, high = places[0] - beyond * gaps[0], places[-1] + beyond * gaps[-1]
    return (float(np.exp(low)), float(np.exp(high))) if scale is AxisScale.LOG else (float(low), float(high))


def _marks(scene: Scene, rate_map: RateMap) -> list[Series]:
    """Returns the series of a map: its borders, uncertain cells, the best run, and the runs that have a cell on it."""
    borders = [_series(Role.RATE, *line.T, line=True) for line in rate_map.borders()]
    if borders:
        borders[0] = replace(borders[0], label=_("limit of convergence"), short_label=pgettext("on the map", "limit"))
    uncertain, best = np.argwhere(rate_map.outcomes == CellOutcome.UNCERTAIN), rate_map.fastest()
    marks = []
    if rate_map.share < 1:
        percent = _("{percent} %").format(percent=math.floor(100 * rate_map.share))
        marks.append(_series(Role.CONTOUR, label=_("computed"), mark=percent))
    if len(uncertain):
        x, y = _places(rate_map, uncertain)
        marks.append(_series(Role.CONTOUR, x, y, label=_("not certain"), short_label=_("unsure"), mark="?"))
    if best is not None:
        label = _(FIGURES[rate_map.figure].best)
        marks.append(_series(Role.OPTIMUM, *_places(rate_map, [best]), label=label, short_label=label, mark="*"))
    earlier = [run for run in scene.earlier if rate_map.cell_of(run.config) is not None]
    if earlier:
        signs = " ".join(str(run.number)[-1] for run in earlier)
        brief = _("{signs} earlier").format(signs=signs)  # includes the signs: brief entries of runs have no sample
        marks.append(_series(scene.roles[earlier[0].number], label=_("earlier runs"), short_label=brief, mark=signs))
    marks += [_run_mark(rate_map, run.config, scene.roles[run.number], str(run.number)[-1]) for run in earlier]
    return [*borders, *marks, _run_mark(rate_map, scene.snapshot.config, Role.HERE, "@", _("this run"))]


def _run_mark(rate_map: RateMap, config: RunConfig, role: Role, mark: str, label: str = "") -> Series:
    """Returns the mark of a run, in the middle of its cell: else the brackets of the cursor might hide it."""
    cell = rate_map.cell_of(config)
    if cell is None:
        level = level_of(config, rate_map.up, len(rate_map.task.problem.x))
        x, y = np.array([config.lr]), np.array([level])
    else:
        x, y = _places(rate_map, [cell])
    return _series(role, x, y, label=label, short_label=label, mark=mark)


def _series(role: Role, x: Array = _NOWHERE, y: Array = _NOWHERE, **options: Any) -> Series:
    return Series(role, x, y, **options)


def _places(rate_map: RateMap, cells: ArrayLike) -> tuple[Array, Array]:
    """Returns the rates and the levels of cells, each cell a (row, column)."""
    rows, columns = np.asarray(cells).T
    return rate_map.rates[columns], rate_map.levels[rows]


# Notes on the map


def edge_notes(
    bands: NDArray[np.int8], edges: Sequence[float], places: tuple[Array, Array], scale: AxisScale, *, in_strips: bool
) -> Iterator[Note]:
    """Yields a note with the number of each edge between bands, somewhere on the edge, all in one row if there is room.

    `bands` has shape (n, m). `places` are the values of its columns, shape (m,), spread by `scale`, and of its rows,
    shape (n,). With `in_strips` each row is a strip with edges of its own.
    """
    across, up = places
    low, high = np.minimum(bands[:, :-1], bands[:, 1:]), np.maximum(bands[:, :-1], bands[:, 1:])
    middles = np.sqrt(across[:-1] * across[1:]) if scale is AxisScale.LOG else (across[:-1] + across[1:]) / 2
    for band, edge in enumerate(edges):
        crossed = np.argwhere((low >= 0) & (low <= band) & (band < high))
        crossed = crossed[np.argsort(np.abs(crossed[:, 0] - LABELED * (len(bands) - 1)), kind="stable")]
        strips = [crossed[crossed[:, 0] == row] for row in range(len(bands))] if in_strips else [crossed]
        for strip in strips:
            rows, columns = strip.T
            yield Note(Role.TEXT, format_short(edge), middles[columns], up[rows])


def _unfinished(rate_map: RateMap) -> str:
    """Returns the name of the part of a map whose runs do not reach what its figure measures."""
    if rate_map.figure is Figure.SETTLES:
        return _("worse than at the start")
    return ngettext("not within {n} epoch", "not within {n} epochs", rate_map.task.config.epochs)


def outcome_notes(outcomes: NDArray[np.int8], places: tuple[Array, Array], unfinished: str) -> Iterator[Note]:
    """Yields notes that name the parts of a map that are not painted, such as what diverges.

    `places` are the values of its columns and of its rows, `unfinished` is the name of CellOutcome.UNFINISHED.
    """
    names = {
        CellOutcome.DIVERGES: _("diverges"),
        CellOutcome.STOPS_EARLY: _("stops early"),
        CellOutcome.UNFINISHED: unfinished,
    }
    for outcome, text in names.items():
        middles = _middles(outcomes == outcome)
        if len(middles):
            rows, columns = middles.T
            yield Note(Role.TEXT, text, places[0][columns], places[1][rows])


def _middles(cells: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Returns the middles of the stretches of true cells in each row, shape (n, 2): (row, column), the best first.

    Long stretches come first, of these the ones in the middle rows.
    """
    bounds = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(bounds > 0)
    ends = np.nonzero(bounds < 0)[1]
    lengths = np.minimum(ends - begins, LONG * cells.shape[1])
    longest = rows[lengths == lengths.max(initial=0)]
    order = np.lexsort([np.abs(rows - np.median(longest)) if len(rows) else rows, -lengths])
    middles: NDArray[np.intp] = np.column_stack([rows, (begins + ends) // 2])[order]
    return middles


def _left_out(snapshot: Snapshot) -> frozenset[str]:
    """Returns the option words that mean nothing for a run: parameters of the y axis, and figures of the colors."""
    ups = ups_of(snapshot.config)
    figures = {figure for up in ups for figure in figures_of(snapshot.config, up)}
    return frozenset([*set(Up) - set(ups), *set(Figure) - figures])


def _defaults(snapshot: Snapshot) -> OptionValues:
    """Returns the options to begin a run with: its first parameter for the y axis, and the first figure for that."""
    up, *_ = ups_of(snapshot.config)
    return {"up": up.value, "figure": figures_of(snapshot.config, up)[0].value}


VIEW = View(
    draw,
    summary=N_("the map of what converges, and how fast"),
    reading=N_(
        "Each cell of the map is a run of its own, with the settings of this one but for two: the learning rate, which "
        "grows to the right, and the one that the legend begins with, such as momentum or the batch size, which grows "
        "upwards; press x to choose another. Colors tell how fast it converges, each number is the value at the edge "
        "at which it stands, and what diverges has no color. Press z to choose what colors tell. speed: the epochs "
        "until a tenth of the distance to the place where w settles is left, in the long run, which is one more digit; "
        "an epoch of small batches has more updates. settles: the mean loss at the end, as a multiple of the least "
        "one. ends: the epochs until the mean loss is below tol; a run that its rule stops above tol stops early, and "
        "has no color either. Lines are the "
        "limits of convergence, of which there may be several: a rate may converge though a lower one does not. @ is "
        "the run you view, * the best one of the map, numbers are earlier runs that differ from this one in nothing "
        "else, and ? marks runs that rounding, or the order of the samples, lets converge or diverge. Brackets "
        "enclose the cursor, which arrows and the mouse move; the row below the chart is about its cell, and Enter "
        "plays that run."
    ),
    options={"up": tuple(Up), "figure": tuple(Figure)},
    defaults=_defaults,
    left_out=_left_out,
)
