"""The app: puts the widgets together, turns keys into commands to the Session, and Snapshots into what is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Footer

from quadfit_tui.core.config import ConfigError, RunConfig
from quadfit_tui.core.presets import PRESETS, SUMMARIES
from quadfit_tui.core.session import Session, Snapshot
from quadfit_tui.core.states import SPEEDS, Unit
from quadfit_tui.core.trainer import Record
from quadfit_tui.ui.chart_view import ChartView
from quadfit_tui.ui.choice import Choice
from quadfit_tui.ui.form import Form
from quadfit_tui.ui.help import HelpScreen
from quadfit_tui.ui.log import LogLines, LogView
from quadfit_tui.ui.transport import Transport
from quadfit_tui.ui.views import VIEWS

MOST_BUDGET = 0.03  # seconds of training in one go: what a key may have to wait


_SPEED = Binding.Group("Speed", compact=True)


def _key(keys: str, action: str, label: str, tooltip: str, **options: Any) -> Binding:
    """A key of the app: in the footer if it has a label there, on the help page by its tooltip.

    It is taken before anything else sees it (unless a field is in use, see `check_action`). Otherwise Textual would
    pass it around first, and keys that were typed ahead would overtake it: of `l0.1` the number would be lost.
    """
    return Binding(keys, action, label or tooltip, show=bool(label), tooltip=tooltip, priority=True, **options)


class QuadfitApp(App[None]):
    """Watches and steers one Session."""

    TITLE = "quadfit-tui"
    CSS_PATH = "quadfit.tcss"
    AUTO_FOCUS = None
    # Textual declares these two as class variables or nothing, which leaves no annotation that both tools accept.
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (24, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("space", "play_pause", "Play", "play or pause"),
        _key("n", "step('update')", "Update", "do the next update and pause"),
        _key("e", "step('epoch')", "Epoch", "go to the end of the epoch and pause"),
        _key("r", "restart", "Restart", "start again with the same parameters"),
        _key("l", "edit('lr')", "Rate", "type another learning rate; Enter restarts with it"),
        _key("p", "edit('preset')", "", "choose a preset with ← and →; Enter starts it"),
        _key("z", "zoom", "Zoom", "change between the article's window and that of the data"),
        _key("plus,equals_sign", "speed(1)", "Faster", "play faster, slower", key_display="+", group=_SPEED),
        _key("minus", "speed(-1)", "Slower", "play faster, slower", key_display="-", group=_SPEED),
        _key("up", "scroll_log('up')", "", "scroll the log", key_display="↑"),
        _key("down", "scroll_log('down')", "", "scroll the log", key_display="↓"),
        _key("pageup", "scroll_log('page_up')", "", "scroll the log by a page", key_display="PgUp"),
        _key("pagedown", "scroll_log('page_down')", "", "scroll the log by a page", key_display="PgDn"),
        _key("home", "scroll_log('home')", "", "go to the start of the log", key_display="Home"),
        _key("end", "scroll_log('end')", "", "go to the end of the log and follow it", key_display="End"),
        _key("question_mark", "help", "Help", "show this page", key_display="?"),
        _key("q", "end", "Quit", "end the program"),
    ]

    # Variables, since a reactive of the app would repaint the whole screen.
    snapshot: var[Snapshot | None] = var(None, init=False)
    window: var[str] = var("article", init=False)

    def __init__(self, session: Session, *, fps: int = 10) -> None:
        super().__init__()
        self.animation_level = "none"  # smooth scrolling would send every step of the way
        self.session = session
        self._frame = 1 / fps
        self._busy = asyncio.Event()
        self._own_actions = {
            binding.action.partition("(")[0] for binding in self.BINDINGS if isinstance(binding, Binding)
        }
        self._view = VIEWS["fit"]
        self.set_reactive(QuadfitApp.window, self._view.default_window(session.snapshot()))

    def compose(self) -> ComposeResult:
        yield Transport()
        with Container(id="panes"):
            yield Form(self.session.config)
            yield ChartView()
            yield LogView()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.screen.set_focus(None)
        self._publish([])
        self.run_worker(self._train(), name="training", group="training", exclusive=True)

    # Training

    async def _train(self) -> None:
        """Advances the session once a frame; sleeps while there is nothing to do."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._busy.wait()
            if not self.is_running:  # on the way out the widgets go before the workers do
                return
            started = clock()
            self._advance()
            await asyncio.sleep(max(self._frame / 4, self._frame - (clock() - started)))

    def _advance(self) -> None:
        self._publish(self.session.advance(min(MOST_BUDGET, self._frame / 2)))

    def _publish(self, records: list[Record]) -> None:
        """Shows the present moment, and lets the worker sleep or wakes it."""
        snapshot, before = self.session.snapshot(), self.snapshot
        self.query_one(LogView).show(snapshot, records)
        self.snapshot = snapshot
        if before is None or before.status.ended != snapshot.status.ended:
            self.refresh_bindings()
        if self.session.is_busy:
            self._busy.set()
        else:
            self._busy.clear()

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Passes the present moment down to the widgets."""
        self.query_one(Transport).show(snapshot)
        self._show_chart()

    def watch_window(self) -> None:
        """Shows the other window."""
        self._show_chart()

    def _show_chart(self) -> None:
        if self.snapshot is not None:
            self.query_one(ChartView).show(self._view.draw(self.snapshot, self.window))

    # Commands

    def action_play_pause(self) -> None:
        """Plays or pauses."""
        self.session.toggle()
        self._publish([])

    def action_step(self, unit: str) -> None:
        """Does one update or the rest of an epoch; what takes longer than a frame goes on in the worker."""
        self.session.step(Unit(unit))
        self._advance()

    def action_restart(self) -> None:
        """Begins a new run of the same configuration."""
        self._restart(self.session.config)

    def action_speed(self, by: int) -> None:
        """Takes the next or the previous speed."""
        speeds = list(SPEEDS.values())
        index = speeds.index(self.session.speed) + by
        self.session.speed = speeds[max(0, min(index, len(speeds) - 1))]
        self._publish([])

    def action_zoom(self) -> None:
        """Takes the next of the chart's windows."""
        names = self._view.windows
        self.window = names[(names.index(self.window) + 1) % len(names)]

    def action_edit(self, name: str) -> None:
        """Goes to a field of the form."""
        self.query_one(Form).edit(name)

    def action_scroll_log(self, where: str) -> None:
        """Scrolls the log, from wherever the keys are."""
        self.query_one(LogView).lines.move(where)

    def action_end(self) -> None:
        """Ends the program; not Textual's `quit`, since ctrl+q is to work in a field and on a page, too."""
        self.exit()

    def action_help_quit(self) -> None:
        """What ctrl+c does outside a field: it tells the way out."""
        self.clear_notifications()
        self.notify("q quits, in a field ctrl+q", timeout=3)

    def action_help(self) -> None:
        """Shows the help page."""
        self.push_screen(HelpScreen(self._keys()))

    def _keys(self) -> list[tuple[str, str]]:
        """Every key with what it does; keys that follow each other and do the same share a line."""
        rows: list[tuple[str, str]] = []
        for binding in (*self.BINDINGS, *Form.BINDINGS, *Choice.BINDINGS, *App.BINDINGS):
            if isinstance(binding, Binding) and not binding.system:
                keys, what = (
                    binding.key_display or self.get_key_display(binding),
                    binding.tooltip or binding.description,
                )
                if rows and rows[-1][1] == what:
                    keys = f"{rows.pop()[0]} {keys}"
                rows.append((keys, what))
        return rows

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leaves the keys to a field or a page that is in use; Textual's own actions are not concerned."""
        if action in ("play_pause", "step") and self.session.status.ended:
            return None  # dimmed in the footer: only a restart leads on
        return action not in self._own_actions or not (self._is_typing or len(self.screen_stack) > 1)

    @property
    def _is_typing(self) -> bool:
        return self.query_one(Form).has_focus_within

    # The form

    async def action_apply(self) -> None:
        """Restarts with what is in the form, if all of it is right, and gives the keys back to the transport."""
        config = await self.query_one(Form).read()
        if config is not None:
            self._restart(config)

    def on_click(self, event: events.Click) -> None:
        """A click on what is not a field leaves the form."""
        if isinstance(event.widget, ChartView | LogLines | Transport) and self._is_typing:
            self.query_one(Form).action_leave()

    def _restart(self, config: RunConfig) -> None:
        form = self.query_one(Form)
        before = self._view.default_window(self.session.snapshot())
        try:
            self.session.restart(config)
        except ConfigError as refused:
            form.refuse(refused)
            return
        form.show(config)
        self.screen.set_focus(None)
        self._publish([])
        after = self._view.default_window(self.session.snapshot())
        if before != after:  # other data, such as somebody's own
            self.window = after

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette has the presets too."""
        yield from super().get_system_commands(screen)
        for name, config in PRESETS.items():
            yield SystemCommand(f"Preset {name}", SUMMARIES[name], lambda config=config: self._restart(config))
