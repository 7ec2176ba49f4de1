"""The views in sight: the one that was chosen and, on wide terminals, beside it the one chosen before it."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.spec import TextPage
from quadfit_tui.ui.charts.text_page import PagePosition
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.views import VIEWS
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.widgets.chart_view import ChartView

READING = "-reading"  # the class of a screen on which a page of text has the place of the form


class Panes(Horizontal):
    """Shows a Scene by the chosen views, with the words chosen for their options."""

    def __init__(self, view: str, capabilities: Capabilities) -> None:
        super().__init__()
        others = (name for name in VIEWS if name != view)
        self._chosen = [view, *others][:2]  # the newest choice first; only where there is room the other one, too
        self._words: dict[str, dict[str, str]] = {}  # of the views that were seen
        self._defaults: dict[str, dict[str, str]] = {}
        self._scene: Scene | None = None
        self._drawn: list[str] = []
        positions: dict[str, PagePosition] = {}  # a page keeps its place, also in the other pane
        self._panes = ChartView("first", capabilities, positions), ChartView("second", capabilities, positions)

    def compose(self) -> ComposeResult:
        yield from self._panes

    @property
    def view(self) -> str:
        """The name of the view that was chosen."""
        return self._chosen[0]

    @property
    def shown(self) -> list[str]:
        """The names of the views that are seen, in the order of their table."""
        room = self._chosen if self._panes[1].display else self._chosen[:1]
        return [name for name in VIEWS if name in room]

    def show(self, scene: Scene) -> None:
        """Shows `scene` from now on."""
        self._scene = scene
        self._draw()

    def show_settling(self, settles: Array | None) -> None:
        """Shows where the run settles, when that becomes known."""
        if self._scene is not None and self._scene.settles is not settles:
            self.show(replace(self._scene, settles=settles))

    def _words_of(self, name: str, scene: Scene) -> dict[str, str]:
        """The words of a view's options. Of other data, they begin with other words."""
        defaults = VIEWS[name].words(scene.snapshot)
        if defaults != self._defaults.get(name):
            self._defaults[name], self._words[name] = defaults, dict(defaults)
        return self._words[name]

    def choose(self, name: str) -> None:
        """Shows another view, in the place of the one that was chosen longer ago."""
        if name != self.view:
            self._chosen = [name, self._chosen[0]]
            self._draw()

    def choose_next(self) -> None:
        """Shows the view that follows in the table."""
        names = list(VIEWS)
        self.choose(names[(names.index(self.view) + 1) % len(names)])

    def turn(self, option: str) -> None:
        """Takes the next word of an option, for each view in sight that has it."""
        if self._scene is None:
            return
        for name in self.shown:
            words = VIEWS[name].options.get(option, ())
            if words:
                chosen = self._words_of(name, self._scene)
                chosen[option] = words[(words.index(chosen[option]) + 1) % len(words)]
        self._draw()

    def move(self, where: str) -> bool:
        """Scrolls the page that is in sight, if it is longer than there is room for; tells whether there is one."""
        for pane in self._panes:
            if pane.display and pane.can_scroll:
                pane.move(where)
                return True
        return False

    def on_resize(self) -> None:
        if self.shown != self._drawn:  # else each pane sees to its size itself
            self._draw()

    def _draw(self) -> None:
        if self._scene is None:
            return
        reading, self._drawn = False, self.shown
        for pane, name in zip(self._panes, self._drawn, strict=False):
            spec = VIEWS[name].draw(self._scene, self._words_of(name, self._scene))
            reading |= isinstance(spec, TextPage)
            pane.set_class(isinstance(spec, TextPage), READING)
            pane.show(spec, name)
        self.screen.set_class(reading, READING)
