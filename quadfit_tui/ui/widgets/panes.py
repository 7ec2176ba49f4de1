"""The views in sight: the active one, which was chosen last, and on wide terminals one or two beside it, Fit first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from textual import events
from textual.containers import Horizontal
from textual.content import Content

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.language import labeled, statements
from quadfit_tui.ui.charts.spec import RUN_ROLES, Role
from quadfit_tui.ui.charts.text_page import PagePosition
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.late import mount_late
from quadfit_tui.ui.tasks.map_worker import MapWorker
from quadfit_tui.ui.toolkit.screen_classes import set_class
from quadfit_tui.ui.views.scene import Drawing, Scene
from quadfit_tui.ui.views.view_table import OPTIONS, VIEWS, view_name, word_name
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.view_bar import ViewBar

READING = "-reading"  # the class of a pane, and of a screen, on which a page of text is seen
ACTIVE = "-active"  # the class of the pane that keys act on
_ROOM = ((180, 3), (120, 2), (0, 1))  # columns of the screen, and how many charts fit beside each other
_FIRST = ("fit", "surface")  # in sight from the start, where there is room; the first one stays
_LEGEND = 2  # rows at the top of a chart, at most
_PAGE = 2  # charts that have the room of a page


class Panes(Horizontal):
    """Shows a Scene by the chosen views, with the words chosen for their options."""

    def __init__(
        self,
        views: Mapping[str, Mapping[str, str]],
        capabilities: Capabilities,
        bar: ViewBar,
        maps: MapWorker,
    ) -> None:
        """Begins with these views, the active one first, and with these words of the options of each."""
        super().__init__()
        self._chosen = _in_order(views)  # the newest choice first
        self._words: dict[str, dict[str, str]] = {}  # of the views that were seen
        self._defaults: dict[str, dict[str, str]] = {}
        self._first = {**views}
        self._scene: Scene | None = None
        self._drawn: list[str] = []
        self._titles: list[str] = []
        self._bar = bar
        self._maps = maps
        self._map_seen: object = None  # what the picture of the map that is in sight depends on
        positions: dict[str, PagePosition] = {}  # a page keeps its place, also in another pane
        self._panes = [ChartView(id, capabilities, positions) for id in ("first", "second", "third")]

    def on_mount(self) -> None:
        self._place()

    def refresh_charset(self, capabilities: Capabilities) -> None:
        """Shows views in other words and cells, where the terminal has told what it can show."""
        for pane in self._panes:
            pane.refresh_charset(capabilities)

    @property
    def view(self) -> str:
        """The name of the active view."""
        return self._chosen[0]

    @property
    def chosen(self) -> list[str]:
        """What --view takes to begin with the views in sight: each with the words that a run does not begin with.

        The active one first, and none that would be in sight anyway.
        """
        if self._scene is None:
            return []
        told = self._active_first
        texts = [":".join(filter(None, (name, ",".join(self._changed_words(name, self._scene))))) for name in told]
        while told and texts[-1] == told[-1] and self._begins_as_now(told[:-1]):
            told, texts = told[:-1], texts[:-1]
        return texts

    def _changed_words(self, name: str, scene: Scene) -> list[str]:
        begun = VIEWS[name].initial_options(scene.snapshot)
        return [word for option, word in self._words_of(name, scene).items() if word != begun[option]]

    def _begins_as_now(self, views: Sequence[str]) -> bool:
        """Whether the same would be in sight, and the same one active, with these views chosen first."""
        order = _in_order(views)
        return order[0] == self.view and self._in_sight(order) == self._drawn

    @property
    def words(self) -> Mapping[str, str]:
        """The words chosen for the options of the active view."""
        return {} if self._scene is None else self._words_of(self.view, self._scene)

    @property
    def unseen_title(self) -> str:
        """The title of the active view, where there is no border that shows it."""
        pane = next(pane for pane in self._panes if pane.display and pane.view == self.view)
        return "" if pane.styles.border_top[0] else pane_title(self.view, self.words)

    @property
    def shown(self) -> list[str]:
        """The names of the views that are seen, in the order of their table: the last chosen ones that fit."""
        return self._in_sight(self._chosen)

    def _in_sight(self, chosen: Sequence[str]) -> list[str]:
        room = next(count for columns, count in _ROOM if self.app.size.width >= columns)
        seen: list[str] = []
        for name in chosen:
            wants = _PAGE if VIEWS[name].is_page else 1
            if wants <= room or not seen:
                seen.append(name)
                room -= wants
        return [name for name in VIEWS if name in seen]

    def _place(self) -> None:
        """Gives each view that is to be seen its pane."""
        self._drawn = self.shown
        for number, pane in enumerate(self._panes):
            name = self._drawn[number] if number < len(self._drawn) else ""
            pane.display = bool(name)
            if name:
                mount_late(self, pane)
            pane.set_class(name == self.view, ACTIVE)
            pane.set_class(bool(name) and VIEWS[name].is_page, READING)
        reading = any(VIEWS[name].is_page for name in self._drawn)
        set_class(self.screen, reading, READING)
        self._bar.show(self.view, self._drawn)

    def show(self, scene: Scene) -> None:
        """Shows `scene` from now on."""
        self._scene = scene
        self._draw()

    def show_findings(self, settles: Array | None, held: Set[str]) -> None:
        """Shows where the run settles, when that becomes known, the map when it may be, and what is not `withheld` any
        more."""
        seen = self._scene
        if seen is not None and (seen.settles is not settles or seen.withheld != held):
            self.show(replace(seen, settles=settles, withheld=held))
        else:
            self.show_map()

    def show_drawing(self, drawing: Drawing | None) -> None:
        """Shows what is drawn of the run by now."""
        if self._scene is not None and self._scene.drawing is not drawing:
            self._scene = replace(self._scene, drawing=drawing)
            self._draw(("loss",))

    async def on_chart_view_drawn(self, event: ChartView.Drawn) -> None:
        """Has the mouse draw."""
        await self.run_action(f"app.draw_at({event.x!r}, {event.y!r}, {event.beside!r}, {event.is_drag})")

    def show_map(self) -> None:
        """Shows what is known of the map by now, and where its cursor is, if it is in sight."""
        self._draw(("map",))

    @property
    def has_cursor(self) -> bool:
        """Whether keys move the cursor of the map: that is the active view, and neither held back nor out of sight."""
        in_sight = self.view == "map" and all(node.display for node in self.ancestors_with_self)
        return in_sight and not self._maps.why_none

    def with_map(self, scene: Scene) -> Scene:
        """A scene with the map of its task, as far as that is worked out, and its cursor."""
        if "map" not in self._drawn:
            self._maps.cancel()
            return scene
        found = self._maps.get_or_start(scene.snapshot.task, **self._words_of("map", scene))
        cell = self._maps.cell if self.view == "map" else None  # else no keys move it
        return replace(scene, rate_map=found, cell=cell, no_map=self._maps.why_none)

    def _words_of(self, name: str, scene: Scene) -> dict[str, str]:
        """The words of a view's options. Of other data, they begin with other words."""
        defaults, left_out = VIEWS[name].initial_options(scene.snapshot), VIEWS[name].left_out(scene.snapshot)
        if defaults != self._defaults.get(name) or not left_out.isdisjoint(self._words[name].values()):
            self._defaults[name] = defaults
            self._words[name] = VIEWS[name].initial_options(scene.snapshot, self._first.pop(name, {}))
        return self._words[name]

    def choose(self, name: str) -> None:
        """Makes a view the active one; where it is not seen yet, it takes the place of another one, but not of Fit."""
        if name != self.view:
            self._chosen = [*dict.fromkeys([name, _FIRST[0], *self._chosen])]
            self._place()
            self._draw()

    def withdraw(self, name: str) -> None:
        """Has a view stand beside another one only once it is chosen; the active one stays."""
        if name != self.view:
            self._chosen = [*(other for other in self._chosen if other != name), name]
            self._place()
            self._draw()

    def choose_next(self) -> None:
        """Shows the view that follows in the table."""
        names = list(VIEWS)
        self.choose(names[(names.index(self.view) + 1) % len(names)])

    def turn(self, option: str) -> bool:
        """Takes the next word of an option of the active view, or else of another one in sight, active from now on.

        Tells whether one of them has it.
        """
        name = next((name for name in self._active_first if option in VIEWS[name].options), None)
        if name is None or self._scene is None:
            return False
        chosen, left_out = self._words_of(name, self._scene), VIEWS[name].left_out(self._scene.snapshot)
        words = [word for word in VIEWS[name].options[option] if word not in left_out]
        chosen[option] = words[(words.index(chosen[option]) + 1) % len(words)]
        self.choose(name)
        self._draw()
        return True

    def option_of(self, key: str) -> str | None:
        """The option that a key turns: of the active view, or else of another one in sight; None where none has it."""
        options = (option for name in self._active_first for option in VIEWS[name].options)
        return next((option for option in options if OPTIONS[option].key == key), None)

    @property
    def _active_first(self) -> list[str]:
        return [name for name in self._chosen if name in self._drawn]

    @property
    def can_move(self) -> bool:
        """Whether a page is in sight that is longer than there is room for."""
        return any(pane.display and pane.can_scroll for pane in self._panes)

    def move(self, where: str) -> bool:
        """Scrolls the page that is in sight, if it is longer than there is room for; tells whether there is one."""
        for pane in self._panes:
            if pane.display and pane.can_scroll:
                pane.move(where)
                return True
        return False

    def beside_on_map(self, cell: tuple[int, int], up: int, across: int) -> tuple[int, int]:
        """The cell of the map that is seen so many characters up and across from another one."""
        found = self._maps.map
        pane = next((pane for pane in self._panes if pane.display and pane.view == "map"), None)
        return cell if pane is None or found is None else pane.beside(found.rates, found.levels, cell, (up, across))

    async def on_click(self, event: events.Click) -> None:
        """Makes the view that is clicked on active, and does what its entry in the legend is about.

        Where a field is in use, a click leaves it, and that is all.
        """
        pane = event.widget
        if not isinstance(pane, ChartView) or not pane.display or self.screen.focused is not None:
            return
        await self.run_action(f"app.view('{pane.view}')")
        inside = event.screen_offset - pane.content_region.offset
        if self.has_cursor and self._maps.map is not None:
            if cell := pane.nearest(*inside, self._maps.map.rates, self._maps.map.levels):
                await self.run_action(f"app.point_at{cell}")
            return
        role = pane.role_at(*inside) if inside.y < _LEGEND else ""
        if role in RUN_ROLES:
            await self.run_action("app.runs")
        elif role == Role.OPTIMUM and "optimum" in VIEWS[self.view].options:
            await self.run_action("app.turn('optimum')")

    def on_resize(self) -> None:
        if self.shown != self._drawn:  # else each pane sees to its size itself
            self._place()
            self._draw()

    def _draw(self, names: Collection[str] = VIEWS) -> None:
        """Draws the views in sight, or those of them that have such names."""
        if self._scene is None:
            return
        if "map" not in self._drawn:
            self._maps.cancel()
        titles = []
        for pane, name in zip(self._panes, self._drawn, strict=False):
            words = self._words_of(name, self._scene)
            if name == "map":
                self._draw_map(pane, words)
            elif name in names:
                pane.show(VIEWS[name].draw(self._scene, words), name)
            titles.append(pane_title(name, words))
        if titles != self._titles:  # else each would be painted whole
            self._titles = titles
            for pane, title in zip(self._panes, titles, strict=False):
                pane.border_title = Content(title)

    def _draw_map(self, pane: ChartView, words: Mapping[str, str]) -> None:
        """Draws the map where it is another than the one in sight: while a run plays, nothing of it changes."""
        assert self._scene is not None
        scene = self.with_map(self._scene)
        runs = scene.snapshot.task, tuple(run.number for run in scene.earlier)
        seen = pane, scene.rate_map, scene.cell, scene.no_map, runs, dict(words)
        if seen != self._map_seen or pane.view != "map":
            self._map_seen = seen
            pane.show(VIEWS["map"].draw(scene, words), "map")


def _in_order(first: Iterable[str]) -> list[str]:
    """All views, those chosen `first` before the others."""
    return list(dict.fromkeys([*first, *_FIRST, *VIEWS]))


def pane_title(name: str, words: Mapping[str, str]) -> str:
    """The title of a view: its number, its name, and the words of its options but for what is hidden.

    In English these are written as --view takes them; the longest title has room beside another view.
    """
    title = f"{list(VIEWS).index(name) + 1} {view_name(name)}"
    told = statements([word_name(word) for word in words.values() if word != "hidden"])
    return labeled(title, told) if told else title
