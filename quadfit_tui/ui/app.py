"""The app: puts the widgets together, turns keys into commands to the Session, and Snapshots into what is seen."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Footer

from quadfit_tui.core.config import ConfigError, RunConfig
from quadfit_tui.core.figures import vector
from quadfit_tui.core.presets import PRESETS, SUMMARIES
from quadfit_tui.core.runs import compared
from quadfit_tui.core.session import Session, Snapshot
from quadfit_tui.core.states import SPEEDS, Unit
from quadfit_tui.core.timeline import Position
from quadfit_tui.core.trainer import Record
from quadfit_tui.ui.adviser import Adviser, Runner, Thread
from quadfit_tui.ui.bindings import KEYS
from quadfit_tui.ui.chart_view import ChartView
from quadfit_tui.ui.choice import Choice
from quadfit_tui.ui.diagnosis import DiagnosisLine, DiagnosisPage
from quadfit_tui.ui.form import Form
from quadfit_tui.ui.help import help_page
from quadfit_tui.ui.log import LogLines, LogView
from quadfit_tui.ui.player import Player
from quadfit_tui.ui.principle import principle_page
from quadfit_tui.ui.runs import RunsScreen
from quadfit_tui.ui.scene import scene_of
from quadfit_tui.ui.scrubber import ScrubBar, Scrubber
from quadfit_tui.ui.stage import Stage
from quadfit_tui.ui.transport import Transport
from quadfit_tui.ui.twins import TwinScreen
from quadfit_tui.ui.views.update import copy

# What somebody's hands do.
_HANDS = (events.Key, events.Paste, events.MouseDown, events.MouseScrollUp, events.MouseScrollDown)


class QuadfitApp(App[None]):
    """Watches and steers one Session."""

    TITLE = "quadfit-tui"
    CSS_PATH = "quadfit.tcss"
    AUTO_FOCUS = None
    # Textual declares these two as class variables or nothing, which leaves no annotation that both tools accept.
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (24, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    # A variable, since a reactive of the app would repaint the whole screen.
    snapshot: var[Snapshot | None] = var(None, init=False)

    def __init__(self, session: Session, *, fps: int = 10, view: str = "fit", runner: Runner | None = None) -> None:
        super().__init__()
        self.animation_level = "none"  # smooth scrolling would send every step of the way
        self.session = session
        self._player = Player(session, self._publish, fps)
        self._adviser = Adviser(runner or Thread(), self._advise)
        self._own_actions = {binding.action.partition("(")[0] for binding in KEYS}
        self._first_view = view

    def compose(self) -> ComposeResult:
        yield Transport()
        yield DiagnosisLine()
        with Container(id="panes"):
            yield Form(self.session.config)
            with Vertical(id="view"):
                yield Stage(self._first_view)
                yield Scrubber()
            yield LogView(self.session)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.screen.set_focus(None)
        self._player.publish()
        self.run_worker(self._player.run(), name="training", group="training", exclusive=True)

    def on_ready(self) -> None:
        gc.freeze()  # to look for garbage in all that is there by now would hold up keys by 50 ms, time and again

    def on_unmount(self) -> None:
        gc.unfreeze()

    async def on_event(self, event: events.Event) -> None:
        """Whatever somebody does has a moment without training, in which to be done and painted."""
        if isinstance(event, _HANDS):
            self._player.hush()
        await super().on_event(event)

    def _publish(self, records: Sequence[Record]) -> None:
        """Shows the present moment, and what was trained since the one before."""
        if not self.is_running:  # on the way out the widgets go before the worker does
            return
        snapshot, before = self.session.snapshot(), self.snapshot
        self.query_one(LogView).show(snapshot, records)
        self.snapshot = snapshot
        if before is None or before.status.ended != snapshot.status.ended:
            self.refresh_bindings()

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Passes the present moment down to the widgets."""
        self.query_one(Transport).show(snapshot, self._beside())
        self.query_one(Scrubber).show(snapshot)
        self.query_one(Stage).show(scene_of(self.session))
        if isinstance(self.screen, RunsScreen):
            self.screen.refresh_runs()
        self._advise()

    def _beside(self) -> str:
        """What differs from the run that was left last."""
        if not self.session.earlier:
            return ""
        present, before = self.session.run, self.session.earlier[-1]
        return f"run {present.number} beside run {before.number}: {compared(before, present, most=2)}"

    def _advise(self) -> None:
        """Shows what is known of the run beforehand; again, when there is more."""
        if self.snapshot is None or not self.is_running:
            return
        page = self.screen if isinstance(self.screen, DiagnosisPage) else None
        advice = self._adviser.consult(self.snapshot, page is not None)
        self.query_one(DiagnosisLine).show(self.snapshot, advice)
        if page is not None:
            page.show(self.snapshot, advice)

    # Commands

    def action_play_pause(self) -> None:
        """Plays or pauses."""
        self.session.toggle()
        self._player.echo()

    def action_step(self, unit: str) -> None:
        """Does one update or the rest of an epoch; what takes longer than a slice goes on in the worker."""
        self.session.step(Unit(unit))
        self._player.now()

    def action_step_back(self, unit: str) -> None:
        """Goes back one update or epoch."""
        self.session.back(Unit(unit))
        self._player.now()

    def action_jump(self, epochs: int) -> None:
        """Goes some epochs forward, or back."""
        self.session.jump(epochs)
        self._player.now()

    def action_first(self) -> None:
        """Goes to the start of the run."""
        self.session.first()
        self._player.now()

    def action_last(self) -> None:
        """Goes to the newest point, and follows the log; a run that is there plays on."""
        self.query_one(LogView).lines.move("end")
        self.session.last()
        self._player.now()

    def action_ask(self) -> None:
        """Asks for a point to go to."""
        self.query_one(Scrubber).ask()

    async def action_go(self) -> None:
        """Goes to the point that was asked for; done here and now, so that keys typed ahead come after it."""
        point = await self.query_one(Scrubber).read()
        if point is not None:
            self._seek(point)

    @on(Scrubber.Sought)
    @on(LogLines.Picked)
    def _point_to(self, event: Scrubber.Sought | LogLines.Picked) -> None:
        self._seek(event.point)

    def _seek(self, point: Position) -> None:
        self.session.seek(*point)
        self._player.now()

    def action_unit(self) -> None:
        """Plays single updates instead of whole epochs, or the other way round."""
        self.session.unit = Unit.EPOCH if self.session.unit is Unit.UPDATE else Unit.UPDATE
        self._player.echo()

    def action_restart(self) -> None:
        """Begins a new run of the same configuration."""
        self._restart(self.session.config)

    def action_speed(self, by: int) -> None:
        """Takes the next or the previous speed."""
        speeds = list(SPEEDS.values())
        index = speeds.index(self.session.speed) + by
        self.session.speed = speeds[max(0, min(index, len(speeds) - 1))]
        self._player.echo()

    def action_view(self, name: str) -> None:
        """Shows another view of the run."""
        self.query_one(Stage).choose(name)

    def action_next_view(self) -> None:
        """Shows the view that follows."""
        self.query_one(Stage).choose_next()

    def action_turn(self, option: str) -> None:
        """Takes the next word of an option of the views in sight."""
        self.query_one(Stage).turn(option)

    def action_copy(self) -> None:
        """Copies the arithmetic of the update before the visited point, if there is one, and says so."""
        if self.snapshot is not None:
            copied = copy(self.snapshot)
            if copied.text:
                self.copy_to_clipboard(copied.text)
            self.clear_notifications()
            self.notify(copied.said, timeout=3)

    def action_edit(self, name: str) -> None:
        """Goes to a field of the form."""
        self.query_one(Form).edit(name)

    def action_scroll(self, where: str) -> None:
        """Scrolls a page of text that is too long for its place, or else the log, from wherever the keys are."""
        if not self.query_one(Stage).move(where):
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
        self.push_screen(help_page(self._keys()))

    def action_principle(self) -> None:
        """Shows the page of the principle."""
        self.push_screen(principle_page())

    async def action_diagnose(self) -> None:
        """Shows the diagnosis in full."""
        if self.snapshot is not None:
            await self.push_screen(DiagnosisPage(self.snapshot, self._adviser.consult(self.snapshot, True)))
            self._advise()

    @on(DiagnosisPage.Retry)
    def _retry(self, event: DiagnosisPage.Retry) -> None:
        self._restart(self.session.config.replace(lr=event.rate))

    def _keys(self) -> list[tuple[str, str]]:
        """Every key with what it does; keys that follow each other and do the same share a line."""
        rows: list[tuple[str, str]] = []
        for binding in (*KEYS, *Scrubber.BINDINGS, *Form.BINDINGS, *Choice.BINDINGS, *App.BINDINGS):
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
        if action in self._own_actions and (self._is_typing or len(self.screen_stack) > 1):
            return False
        if action in ("play_pause", "step") and self.session.status.ended:
            return None  # dimmed in the footer: only a restart leads on
        return True

    @property
    def _is_typing(self) -> bool:
        return self.screen_stack[0].focused is not None

    # The form

    async def action_apply(self) -> None:
        """Restarts with what is in the form, if all of it is right, and gives the keys back to the transport."""
        config = await self.query_one(Form).read()
        if config is not None:
            self._restart(config)

    def on_click(self, event: events.Click) -> None:
        """A click on what is not a field leaves the form."""
        if self._is_typing and isinstance(event.widget, ChartView | ScrubBar | LogLines | Transport):
            self.query_one(Form).action_leave()

    def _restart(self, config: RunConfig) -> None:
        self._player.flush()
        try:
            self.session.restart(config)
        except ConfigError as refused:
            self.query_one(Form).refuse(refused)
            return
        self._begun()

    def _begun(self) -> None:
        """Shows another run than before."""
        self.query_one(Form).show(self.session.config)
        self.screen.set_focus(None)
        self._player.publish()

    # More than one run

    def action_carry_on(self) -> None:
        """Begins a new run from the present w."""
        self._player.flush()
        w = self.session.snapshot().w
        try:
            self.session.carry_on()
        except ConfigError as refused:
            self._refuse(f"no run can begin from w {vector(w)}: it {refused.reason}; allowed: {refused.allowed}")
        else:
            self._begun()

    def action_runs(self) -> None:
        """Lists the runs, and shows the one that is chosen."""
        self._player.flush()
        self.push_screen(RunsScreen(self.session), self._show_run)

    def _show_run(self, number: int | None) -> None:
        if number is not None:
            self._player.flush()
            self.session.show(number)
            self._begun()
        else:
            self._player.publish()  # one may have been forgotten

    def action_twin(self) -> None:
        """Asks for the one choice that is to be otherwise, and begins the twin."""
        if self.session.run.updates:
            self.push_screen(TwinScreen(self.session.config, self.session.snapshot().problem), self._twin)
        else:
            self._refuse("there is nothing to compare a twin with yet: space plays, then k adds it")

    def _twin(self, name: str | None) -> None:
        if name is not None:
            self._player.flush()
            self.session.twin(name)
            self._begun()

    def _refuse(self, why: str) -> None:
        self.clear_notifications()
        self.notify(why, severity="warning")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette has the presets too."""
        yield from super().get_system_commands(screen)
        for name, config in PRESETS.items():
            yield SystemCommand(f"Preset {name}", SUMMARIES[name], lambda config=config: self._restart(config))
