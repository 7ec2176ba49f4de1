"""The panes with the views in sight: the active one, chosen last, and on wide terminals one or two beside it."""

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
_FIRST = ("fit", "surface")  # views that are in sight from the start, if there is room; the first one stays
_LEGEND = 2  # rows of a legend, at the top of a chart, at most
_PAGE = 2  # how many charts have the room of a page of text


class Panes(Horizontal):
    """The widget that shows a Scene in the chosen views, with the words chosen for their options."""

    def __init__(
        self,
        views: Mapping[str, Mapping[str, str]],
        capabilities: Capabilities,
        bar: ViewBar,
        maps: MapWorker,
    ) -> None:
        """Creates panes for these views, the active one first, each with the words of its options."""
        super().__init__()
        self._chosen = _in_order(views)  # the newest choice first
        self._words: dict[str, dict[str, str]] = {}  # of the views that were seen so far, by name and option
        self._defaults: dict[str, dict[str, str]] = {}
        self._first = {**views}
        self._scene: Scene | None = None
        self._drawn: list[str] = []
        self._titles: list[str] = []
        self._bar = bar
        self._maps = maps
        self._map_seen: object = None  # all that the picture of the map in sight depends on
        positions: dict[str, PagePosition] = {}  # shared, so that a page keeps its position in another pane
        self._panes = [ChartView(id, capabilities, positions) for id in ("first", "second", "third")]

    def on_mount(self) -> None:
        self._place()

    def refresh_charset(self, capabilities: Capabilities) -> None:
        """Redraws with other characters and colors; called once the terminal has reported what it can show."""
        for pane in self._panes:
            pane.refresh_charset(capabilities)

    @property
    def view(self) -> str:
        """The name of the active view."""
        return self._chosen[0]

    @property
    def view_arguments(self) -> list[str]:
        """The arguments of --view that begin with the views in sight, the active one first: `loss:recent`.

        Each has the words that differ from those a run begins with. Views that would be in sight anyway are left out.
        """
        if self._scene is None:
            return []
        names = self._active_first
        arguments = [":".join(filter(None, (name, ",".join(self._changed_words(name, self._scene))))) for name in names]
        while names and arguments[-1] == names[-1] and self._begins_as_now(names[:-1]):
            names, arguments = names[:-1], arguments[:-1]
        return arguments

    def _changed_words(self, name: str, scene: Scene) -> list[str]:
        """Returns the words of a view's options that differ from those a run begins with."""
        initial = VIEWS[name].initial_options(scene.snapshot)
        return [word for option, word in self._words_of(name, scene).items() if word != initial[option]]

    def _begins_as_now(self, views: Sequence[str]) -> bool:
        """Checks whether the app would begin with the same views in sight, and the same one active, given these."""
        order = _in_order(views)
        return order[0] == self.view and self._in_sight(order) == self._drawn

    @property
    def words(self) -> Mapping[str, str]:
        """The words chosen for the options of the active view."""
        return {} if self._scene is None else self._words_of(self.view, self._scene)

    @property
    def unseen_title(self) -> str:
        """The title of the active view if its pane has no border that shows it, else ""."""
        pane = next(pane for pane in self._panes if pane.display and pane.view == self.view)
        return "" if pane.styles.border_top[0] else pane_title(self.view, self.words)

    @property
    def views_in_sight(self) -> list[str]:
        """The names of the views that are seen, in the order of their table: the last chosen ones that fit."""
        return self._in_sight(self._chosen)

    def _in_sight(self, chosen: Sequence[str]) -> list[str]:
        """Returns which of the views fit on the screen, in the order of their table; earlier ones of `chosen` first."""
        room = next(count for columns, count in _ROOM if self.app.size.width >= columns)
        seen: list[str] = []
        for name in chosen:
            wants = _PAGE if VIEWS[name].is_page else 1
            if wants <= room or not seen:
                seen.append(name)
                room -= wants
        return [name for name in VIEWS if name in seen]

    def _place(self) -> None:
        """Assigns the views in sight to panes, and marks the active one; called when views or size change."""
        self._drawn = self.views_in_sight
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
        """Shows a scene."""
        self._scene = scene
        self._draw()

    def show_findings(self, settles: Array | None, withheld: Set[str]) -> None:
        """Shows what is known of the run by now: where it settles, what a lesson withholds no more, and the map."""
        scene = self._scene
        if scene is not None and (scene.settles is not settles or scene.withheld != withheld):
            self.show(replace(scene, settles=settles, withheld=withheld))
        else:
            self.show_map()

    def show_drawing(self, drawing: Drawing | None) -> None:
        """Shows the curve that the user has drawn so far, in the view *loss*; None removes it."""
        if self._scene is not None and self._scene.drawing is not drawing:
            self._scene = replace(self._scene, drawing=drawing)
            self._draw(("loss",))

    async def on_chart_view_drawn(self, event: ChartView.Drawn) -> None:
        """Passes a point that the mouse drew to the app."""
        await self.run_action(f"app.draw_at({event.x!r}, {event.y!r}, {event.beside!r}, {event.is_drag})")

    def show_map(self) -> None:
        """Redraws the map, if it is in sight, as far as it is computed by now, with its cursor."""
        self._draw(("map",))

    @property
    def has_cursor(self) -> bool:
        """Whether keys move the cursor of the map: it is the active view, in sight, and not withheld by a lesson."""
        in_sight = self.view == "map" and all(node.display for node in self.ancestors_with_self)
        return in_sight and not self._maps.why_none

    def with_map(self, scene: Scene) -> Scene:
        """Returns the scene with the map of its task, as far as it is computed, and the cursor; starts its worker.

        If the map is not in sight, it cancels the worker and returns the scene as it is.
        """
        if "map" not in self._drawn:
            self._maps.cancel()
            return scene
        rate_map = self._maps.get_or_start(scene.snapshot.task, **self._words_of("map", scene))
        cell = self._maps.cell if self.view == "map" else None  # no cursor, unless keys move it
        return replace(scene, rate_map=rate_map, cell=cell, no_map=self._maps.why_none)

    def _words_of(self, name: str, scene: Scene) -> dict[str, str]:
        """Returns the words of a view's options; resets them if the defaults change, as with other data."""
        defaults, left_out = VIEWS[name].initial_options(scene.snapshot), VIEWS[name].left_out(scene.snapshot)
        if defaults != self._defaults.get(name) or not left_out.isdisjoint(self._words[name].values()):
            self._defaults[name] = defaults
            self._words[name] = VIEWS[name].initial_options(scene.snapshot, self._first.pop(name, {}))
        return self._words[name]

    def choose(self, name: str) -> None:
        """Makes a view the active one; if it is not in sight, it replaces another one, but not Fit."""
        if name != self.view:
            self._chosen = [*dict.fromkeys([name, _FIRST[0], *self._chosen])]
            self._place()
            self._draw()

    def put_last(self, name: str) -> None:
        """Moves a view out of sight until it is chosen, unless there is room for all or it is active."""
        if name != self.view:
            self._chosen = [*(other for other in self._chosen if other != name), name]
            self._place()
            self._draw()

    def choose_next(self) -> None:
        """Makes the next view of the table the active one, after the last one the first."""
        names = list(VIEWS)
        self.choose(names[(names.index(self.view) + 1) % len(names)])

    def switch_option(self, option: str) -> bool:
        """Switches an option to its next word; returns whether it did.

        It switches that of the active view, else that of another one in sight, which becomes active.
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
        """Returns the option that a key switches, of the active view, else of another one in sight, or None."""
        options = (option for name in self._active_first for option in VIEWS[name].options)
        return next((option for option in options if OPTIONS[option].key == key), None)

    @property
    def _active_first(self) -> list[str]:
        return [name for name in self._chosen if name in self._drawn]

    @property
    def can_move(self) -> bool:
        """Whether a page is in sight that is longer than its pane, so that it can be scrolled."""
        return any(pane.display and pane.can_scroll for pane in self._panes)

    def move(self, where: str) -> bool:
        """Scrolls a page in sight that is longer than its pane; returns whether there is one.

        `where` is up, down, page_up or page_down.
        """
        for pane in self._panes:
            if pane.display and pane.can_scroll:
                pane.move(where)
                return True
        return False

    def step_on_map(self, cell: tuple[int, int], up: int, across: int) -> tuple[int, int]:
        """Returns the cell of the map that is so many characters of the chart up and across from another one."""
        rate_map = self._maps.map
        pane = next((pane for pane in self._panes if pane.display and pane.view == "map"), None)
        if pane is None or rate_map is None:
            return cell
        return pane.step_on_grid(rate_map.rates, rate_map.levels, cell, (up, across))

    async def on_click(self, event: events.Click) -> None:
        """Makes the view that was clicked active, moves the cursor of the map there, or runs a legend entry's command.

        If a field is in use, the click only leaves that.
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
        if self.views_in_sight != self._drawn:  # else each pane redraws itself for its own size
            self._place()
            self._draw()

    def _draw(self, names: Collection[str] = VIEWS) -> None:
        """Draws the views in sight, or only those of `names`, and updates their titles."""
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
        if titles != self._titles:  # setting equal titles would repaint each pane as a whole
            self._titles = titles
            for pane, title in zip(self._panes, titles, strict=False):
                pane.border_title = Content(title)

    def _draw_map(self, pane: ChartView, words: Mapping[str, str]) -> None:
        """Draws the map if anything that its picture depends on has changed: while a run plays, nothing does."""
        assert self._scene is not None
        scene = self.with_map(self._scene)
        runs = scene.snapshot.task, tuple(run.number for run in scene.earlier)
        seen = pane, scene.rate_map, scene.cell, scene.no_map, runs, dict(words)
        if seen != self._map_seen or pane.view != "map":
            self._map_seen = seen
            pane.show(VIEWS["map"].draw(scene, words), "map")


def _in_order(first: Iterable[str]) -> list[str]:
    """Returns the names of all views, those chosen `first` before the others."""
    return list(dict.fromkeys([*first, *_FIRST, *VIEWS]))


def pane_title(name: str, words: Mapping[str, str]) -> str:
    """Formats the title of a view: its number, its name, and the words of its options except "hidden".

    In English the words are written as --view takes them. The longest title has room beside another view.
    """
    title = f"{list(VIEWS).index(name) + 1} {view_name(name)}"
    options = statements([word_name(word) for word in words.values() if word != "hidden"])
    return labeled(title, options) if options else title
