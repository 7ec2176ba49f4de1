"""The runs of a sweep: a table of them, and beside it, or in its place, their map or bands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.piecewise import Piecewise
from quadfit_tui.core.sweep.pictures.loss_bands import LossBands, bands_axis, loss_bands
from quadfit_tui.core.sweep.pictures.picture_words import SEED, PictureWords
from quadfit_tui.core.sweep.pictures.sweep_map import SweepMap, map_axes, sweep_map
from quadfit_tui.core.sweep.rows import Rows
from quadfit_tui.core.sweep.space import Space
from quadfit_tui.core.text.language import _, counted_as, in_context, noted, noted_in
from quadfit_tui.ui.charts.spec import ChartSpec, Role, StyledRow, TextPage
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.sweep_table import SweepList, SweepTable
from quadfit_tui.ui.tasks.training_loop import SLICE
from quadfit_tui.ui.terminal.terminal_app import spelled
from quadfit_tui.ui.toolkit.fitted_text import FittedText
from quadfit_tui.ui.views.sweep_bands import bands_chart
from quadfit_tui.ui.views.sweep_map import map_chart
from quadfit_tui.ui.widgets.chart_view import ChartView

_BESIDE = 120  # columns from which on there is room for a picture beside the table
_PICTURES = {"map": noted_in("view", "map"), "bands": noted_in("view", "bands")}


@dataclass
class OpenSweep:
    """A sweep that is open in the app, with what was chosen on its page, which stays so.

    `picture` is the one beside the table; on narrow screens `hides_table` has it in the place of that. `axes` are the
    parameters that the pictures go over, where these are not those by default.
    """

    name: str
    space: Space
    rows: Rows
    picture: str = next(iter(_PICTURES))
    hides_table: bool = False

    def __post_init__(self) -> None:
        self.runs = SweepList(self.space, self.rows)
        self.axes: dict[str, tuple[str, ...]] = {}
        self.map: SweepMap | None = None  # as it was drawn last
        self.drawn: dict[tuple[str, tuple[str, ...]], ChartSpec | TextPage] = {}  # by the first two of their words

    @property
    def config(self) -> RunConfig:
        """The run that is marked; without runs, that which all of them are made from."""
        return self.space.base if self.runs.cell is None else self.space.config(self.runs.cell)

    @property
    def words(self) -> PictureWords:
        """The picture that is chosen."""
        return PictureWords(self.picture, self.axes.get(self.picture, ()))

    def turn(self) -> bool:
        """Takes the next parameter that goes up in the map, or has bands; whether there is one."""
        names = self.space.varied
        others: tuple[str, ...] = ()
        if self.picture == "bands":
            names, now = tuple(name for name in names if name != SEED), bands_axis(self.space, self.words)
        else:
            try:
                across, now = map_axes(self.space, self.words)
            except ValueError:
                return False
            names, others = tuple(name for name in names if name != across), (across,)
        if not {*names} - {now}:
            return False
        following = names.index(now) + 1 if now else 0
        self.axes[self.picture] = (*others, names[following % len(names)])
        return True


class SweepScreen(Dialog[int]):
    """Lists the runs of a sweep; gives the cell of the one that is to be opened."""

    AUTO_FOCUS = "SweepTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,T", "dismiss", noted("Close"), priority=True),  # as on a TextScreen
        Binding("enter", "take", noted("Open"), priority=True),
        Binding("up", "move('up')", noted("Up"), show=False, priority=True),
        Binding("down", "move('down')", noted("Down"), show=False, priority=True),
        Binding("pageup", "move('page_up')", noted("Page up"), show=False, priority=True),
        Binding("pagedown", "move('page_down')", noted("Page down"), show=False, priority=True),
        Binding("home", "move('first')", noted("First"), show=False, priority=True),
        Binding("end", "move('last')", noted("Last"), show=False, priority=True),
        Binding("left", "sort(-1)", noted("Sort by"), priority=True),
        Binding("right", "sort(1)", noted("Sort by"), show=False, priority=True),
        Binding("r", "sort(0)", noted("Reverse"), priority=True),
        Binding("v", "picture", noted("Picture"), priority=True),
        Binding("x", "turn", noted("Axis"), priority=True),
    ]

    def __init__(
        self, sweep: OpenSweep, capabilities: Capabilities, yield_to_keys: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._sweep = sweep
        self._yield_to_keys = yield_to_keys
        self._table = SweepTable(sweep.runs)
        self._chart = ChartView("sweep-picture", capabilities, {})
        self._note = FittedText()
        self._working: PictureWords | None = None  # the picture that is worked out

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            runs = counted_as("{n} run", "{n} runs", len(self._sweep.runs))
            box.border_title = f"{self._sweep.name} · {runs}"
            with Horizontal():
                yield self._table
                yield self._chart
            yield self._note

    def on_mount(self) -> None:
        self._arrange()
        self._tell()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Has the picture beside the table, or one of them where there is no room for both."""
        is_wide = self.app.size.width >= _BESIDE
        self._table.display = is_wide or not self._sweep.hides_table
        self._chart.display = is_wide or self._sweep.hides_table
        self._draw()

    @on(SweepTable.Moved)
    def _tell(self) -> None:
        """Tells of the marked run below the table, and where it is on the map."""
        self._note.tell(*(spelled(self.app, way) for way in self._sweep.runs.notes))
        self._draw()

    def _draw(self) -> None:
        sweep, words = self._sweep, self._sweep.words
        if not self._chart.display:
            return
        spec = sweep.drawn.get(words[:2])
        if spec is None:
            spec = self._map(words) if words.kind == "map" else self._begin(words)
        if isinstance(spec, ChartSpec) and words.kind == "map":
            spec = replace(spec, cursor=self._cursor)
        self._chart.border_title = in_context("view", _PICTURES[words.kind])
        self._chart.show(spec, words.kind)

    def _map(self, words: PictureWords) -> ChartSpec | TextPage:
        sweep = self._sweep
        try:
            sweep.map = sweep_map(sweep.space, sweep.rows, words)
        except ValueError as reason:
            return _page(str(reason))
        sweep.drawn = {each: spec for each, spec in sweep.drawn.items() if each[0] != "map"}
        found = sweep.drawn[words[:2]] = map_chart(sweep.map)
        return found

    @property
    def _cursor(self) -> tuple[float, float] | None:
        """The place of the marked run on the map."""
        found, cell = self._sweep.map, self._sweep.runs.cell
        place = None if found is None or cell is None else found.place_of(self._sweep.space, cell)
        if found is None or place is None:
            return None
        return float(found.across.values[place[1]]), float(found.up.values[place[0]])

    def _begin(self, words: PictureWords) -> TextPage:
        """Begins to train the runs of the bands, beside the keys."""
        if self._working != words:
            self._working = words
            pieces = loss_bands(self._sweep.space, self._sweep.rows, words)
            self.run_worker(self._train(words, Piecewise(pieces)), name="bands", group="bands", exclusive=True)
        return _page(_("computing the bands …"))

    async def _train(self, words: PictureWords, work: Piecewise[LossBands]) -> None:
        found: ChartSpec | TextPage | None = None
        try:
            while work.is_busy and self._sweep.words == words:
                await self._yield_to_keys()
                work.advance(SLICE)
            if work.result is not None:
                found = bands_chart(work.result)
        except ValueError as reason:  # ConfigError among them
            found = _page(str(reason))
        finally:
            work.give_up()
            self._working = None
        if found is not None:
            self._sweep.drawn[words[:2]] = found
        self._draw()

    def action_move(self, where: str) -> None:
        """Marks another run."""
        self._table.move(where)

    def action_sort(self, by: int) -> None:
        """Sorts by a column beside that of now, or by the same the other way round."""
        self._table.sort_by(self._sweep.runs.sorted_by + by)

    def action_picture(self) -> None:
        """Shows the other picture; where there is no room beside the table, also the table."""
        sweep = self._sweep
        names = [*_PICTURES]
        at, is_wide = names.index(sweep.picture), self.app.size.width >= _BESIDE
        if is_wide or sweep.hides_table:
            sweep.picture = names[(at + 1) % len(names)]
            sweep.hides_table = sweep.hides_table and at + 1 < len(names)
        else:
            sweep.hides_table = True
        self._arrange()

    def action_turn(self) -> None:
        """Has the picture go over another parameter."""
        if self._sweep.turn():
            self._draw()

    @on(SweepTable.Opened)
    def action_take(self) -> None:
        """Leaves for the marked run."""
        self.dismiss(self._sweep.runs.cell)


def _page(text: str) -> TextPage:
    return TextPage((StyledRow(text, Role.TEXT * len(text)),))
