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
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Ground, Note, Range, Role, Series, StyledRow, TextPage
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import OptionValues, View

# Of the bands where there are no colors, the best first: none of them is the sign of a run, of a border or of the best.
SIGNS = "M#%&=~-:."
_SCALES = {Up.BATCH: AxisScale.LOG, Up.SCALED: AxisScale.FLAG}
_NOWHERE = np.empty(0)
NUMBERS = 8  # columns by which the numbers of two sentences about cells may differ
LONG = 0.2  # of the width: stretches in which a text has room
LABELED = 0.35  # of the height: where the numbers of edges stand, if there is room


class FigureWords(NamedTuple):
    """What the colors tell of a figure, in full and in short, and what its best run is."""

    label: str
    brief: str
    best: str


FIGURES = {
    Figure.SPEED: FigureWords(N_("epochs for one more digit"), N_("epochs/digit"), N_("fastest")),
    Figure.SETTLES: FigureWords(N_("mean loss at the end / least"), N_("loss/least"), N_("best")),
    Figure.ENDS: FigureWords(N_("epochs until below tol"), N_("epochs"), N_("fastest")),
}


def draw(scene: Scene, words: OptionValues) -> ChartSpec | TextPage:  # noqa: ARG001  the map is that of the words
    """The map as far as it is worked out, with the runs that lie on it; else why there is none."""
    found = scene.rate_map
    if found is None or found.refusal or scene.no_map:
        text = scene.no_map or (_("computing the map …") if found is None else found.refusal)
        offers = found is not None and scene.cell is not None and scene.snapshot.config.batch != "full"
        rows = [text, *[_("Press Enter to start a run with batch full.")] * offers]
        return TextPage(tuple(StyledRow(row, Role.TEXT * len(row)) for row in rows))
    bands = found.bands()
    best, cell = found.fastest(), scene.cell
    scale = _SCALES.get(found.up, AxisScale.LINEAR)
    return ChartSpec(
        axis_window(found.rates, AxisScale.LOG),
        axis_window(found.levels, scale),
        tuple(_marks(scene, found)),
        x_name=_("learning rate"),
        y_name=PARAMETERS[found.up].label,
        x_scale=AxisScale.LOG,
        y_scale=scale,
        notes=(
            *edge_notes(
                bands, found.edges, (found.rates, found.levels), AxisScale.LOG, in_strips=found.up is Up.SCALED
            ),
            *outcome_notes(found.outcomes, (found.rates, found.levels), _unfinished(found)),
        ),
        ground=ground_of(found.rates, found.levels, bands, len(found.edges), FIGURES[found.figure]),
        cursor=None if cell is None else (float(found.rates[cell[1]]), float(found.levels[cell[0]])),
        caption=found.sentence(*cell) if scene.is_saved and cell is not None else "",
        caption_columns=0 if best is None else cell_width(found.sentence(*best)) + NUMBERS,
    )


def with_map(scene: Scene, words: OptionValues) -> Scene:
    """The scene with the whole map of its run, which is worked out here and now, and the cursor where the run is."""
    from quadfit_tui.core.rate_map.pieces import whole_map  # most scenes need none

    task, chosen = scene.snapshot.task, VIEW.initial_options(scene.snapshot, words)
    found = whole_map(task, Up(chosen["up"]), Figure(chosen["figure"]))
    return replace(scene, rate_map=found, cell=found.cell_of(task.config))


def ground_of(x: Array, y: Array, bands: NDArray[np.int8], edges: int, figure: FigureWords) -> Ground:
    """The ground of a map with so many edges between its bands."""
    count = edges + 1
    signs = "".join(SIGNS[at * (len(SIGNS) - 1) // max(1, count - 1)] for at in range(count))
    return Ground(x, y, bands, count, signs, _(figure.label), _(figure.brief))


def axis_window(values: Array, scale: AxisScale) -> Range:
    """The range of an axis: from half a cell below the first value to half a cell beyond the last one.

    Of a flag it is less, so that few rows have both values; strips go as far as the axis.
    """
    places = np.log(values) if scale is AxisScale.LOG else values
    gaps = np.diff(places) if len(places) > 1 else np.ones(1)
    beyond = 0.3 if scale is AxisScale.FLAG else 0.5
    low, high = places[0] - beyond * gaps[0], places[-1] + beyond * gaps[-1]
    return (float(np.exp(low)), float(np.exp(high))) if scale is AxisScale.LOG else (float(low), float(high))


def _marks(scene: Scene, found: RateMap) -> list[Series]:
    """The borders, and the runs that have a place on the map."""
    borders = [_series(Role.RATE, *line.T, line=True) for line in found.borders()]
    if borders:
        borders[0] = replace(borders[0], label=_("limit of convergence"), brief=pgettext("on the map", "limit"))
    doubtful, best = np.argwhere(found.outcomes == CellOutcome.UNCERTAIN), found.fastest()
    share = _("{percent} %").format(percent=math.floor(100 * found.share))
    marks = [_series(Role.CONTOUR, label=_("computed"), mark=share)] * (found.share < 1)
    if len(doubtful):
        marks.append(
            _series(Role.CONTOUR, *_places(found, doubtful), label=_("not certain"), brief=_("unsure"), mark="?")
        )
    if best is not None:
        label = _(FIGURES[found.figure].best)
        marks.append(_series(Role.OPTIMUM, *_places(found, [best]), label=label, brief=label, mark="*"))
    earlier = [run for run in scene.earlier if found.cell_of(run.config) is not None]
    if earlier:
        signs = " ".join(str(run.number)[-1] for run in earlier)
        brief = _("{signs} earlier").format(signs=signs)  # of earlier runs, the legend has no sample then
        marks.append(_series(scene.roles[earlier[0].number], label=_("earlier runs"), brief=brief, mark=signs))
    marks += [_run_mark(found, run.config, scene.roles[run.number], str(run.number)[-1]) for run in earlier]
    return [*borders, *marks, _run_mark(found, scene.snapshot.config, Role.HERE, "@", _("this run"))]


def _run_mark(found: RateMap, config: RunConfig, role: Role, mark: str, label: str = "") -> Series:
    cell = found.cell_of(config)  # in the middle of which it is marked: else the brackets of the cursor might hide it
    level = level_of(config, found.up, len(found.task.problem.x))
    places = (np.array([config.lr]), np.array([level])) if cell is None else _places(found, [cell])
    return _series(role, *places, label=label, brief=label, mark=mark)


def _series(role: Role, x: Array = _NOWHERE, y: Array = _NOWHERE, **options: Any) -> Series:
    return Series(role, x, y, **options)


def _places(found: RateMap, cells: ArrayLike) -> tuple[Array, Array]:
    """The rates and the levels of cells, which are (row, column) each."""
    rows, columns = np.asarray(cells).T
    return found.rates[columns], found.levels[rows]


# What is written upon it


def edge_notes(
    bands: NDArray[np.int8], edges: Sequence[float], places: tuple[Array, Array], scale: AxisScale, *, in_strips: bool
) -> Iterator[Note]:
    """The numbers of the edges between bands, each somewhere on its edge, in one row if there is room.

    `places` are those of the cells across, as `scale` has them, and up; each of the rows that are strips has its own.
    """
    across, up = places
    low, high = np.minimum(bands[:, :-1], bands[:, 1:]), np.maximum(bands[:, :-1], bands[:, 1:])
    middles = np.sqrt(across[:-1] * across[1:]) if scale is AxisScale.LOG else (across[:-1] + across[1:]) / 2
    for band, edge in enumerate(edges):
        crossed = np.argwhere((low >= 0) & (low <= band) & (band < high))
        crossed = crossed[np.argsort(np.abs(crossed[:, 0] - LABELED * (len(bands) - 1)), kind="stable")]
        strips = [crossed[crossed[:, 0] == row] for row in range(len(bands))] if in_strips else [crossed]
        for row, at in (strip.T for strip in strips):
            yield Note(Role.TEXT, short(edge), middles[at], up[row])


def _unfinished(found: RateMap) -> str:
    if found.figure is Figure.SETTLES:
        return _("worse than at the start")
    return ngettext("not within {n} epoch", "not within {n} epochs", found.task.config.epochs)


def outcome_notes(outcomes: NDArray[np.int8], places: tuple[Array, Array], unfinished: str) -> Iterator[Note]:
    """Yields names for the parts that are not painted."""
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
    """The middles of the stretches of cells in each row, (row, column) each: of long ones in the middle first."""
    bounds = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(bounds > 0)
    ends = np.nonzero(bounds < 0)[1]
    lengths = np.minimum(ends - begins, LONG * cells.shape[1])
    longest = rows[lengths == lengths.max(initial=0)]
    order = np.lexsort([np.abs(rows - np.median(longest)) if len(rows) else rows, -lengths])
    middles: NDArray[np.intp] = np.column_stack([rows, (begins + ends) // 2])[order]
    return middles


def _left_out(snapshot: Snapshot) -> frozenset[str]:
    """What cannot go up in the map of a run, and what its colors cannot tell."""
    ups = ups_of(snapshot.config)
    figures = {figure for up in ups for figure in figures_of(snapshot.config, up)}
    return frozenset([*set(Up) - set(ups), *set(Figure) - figures])


def _defaults(snapshot: Snapshot) -> OptionValues:
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
