"""The app: puts the widgets together, turns keys into commands to the RunSession, and Snapshots into what is seen."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import isawaitable
from types import MappingProxyType
from typing import Any

from textual import events, on
from textual.actions import ActionParseResult, parse
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Container, Vertical
from textual.dom import DOMNode
from textual.geometry import Offset
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Input

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _
from quadfit_tui.core.training.record import Record
from quadfit_tui.ui.commands.map_commands import OF_THE_MAP, MapCommands
from quadfit_tui.ui.commands.playback_commands import PlaybackCommands
from quadfit_tui.ui.commands.run_commands import OF_RUNS, RunCommands
from quadfit_tui.ui.commands.saving_commands import SavingCommands
from quadfit_tui.ui.commands.view_commands import ViewCommands
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.form.form import FOLDED, Form
from quadfit_tui.ui.keymap import KEYS, PALETTE, footer_keys, footer_label
from quadfit_tui.ui.messages import MessageContext
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState, DiagnosisWorker, JobThread, Runner
from quadfit_tui.ui.tasks.narration import Narration
from quadfit_tui.ui.tasks.training_loop import TrainingLoop
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, transliterate_for
from quadfit_tui.ui.themes import DARK, LIGHT, with_readable_text
from quadfit_tui.ui.toolkit.textual_internals import PartialScreen, bindings_of
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.log import WAITING, LogLines, LogView
from quadfit_tui.ui.widgets.message_row import MessageRow
from quadfit_tui.ui.widgets.panes import Panes
from quadfit_tui.ui.widgets.run_list import RunList
from quadfit_tui.ui.widgets.scrubber import ScrubBar, Scrubber
from quadfit_tui.ui.widgets.view_bar import ViewBar

# The table of runs is imported by the action that needs it: it would take 2 % of the time until the first picture.

_ONWARD = ("play_pause", "step")  # what leads on, as long as the run has not ended
_ENDS_MESSAGE = (events.Key, events.Paste, events.MouseDown)  # what was told is gone with them
# What keeps the training off for a moment.
_USER_INPUT = (events.Key, events.Paste, events.MouseDown, events.MouseScrollUp, events.MouseScrollDown)


class QuadfitApp(TerminalApp):
    """Shows one RunSession, and turns keys and clicks into its commands."""

    TITLE = "quadfit-tui"
    CSS_PATH = "quadfit.tcss"
    AUTO_FOCUS = None
    # Textual declares these two as class variables or nothing, which leaves no annotation that both tools accept.
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-narrow"), (100, "-broad"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (24, "-tall"), (30, "-high"), (42, "-higher")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False  # Textual's; there is another one

    # A variable, since a reactive of the app would repaint the whole screen.
    snapshot: var[Snapshot | None] = var(None, init=False)

    def __init__(
        self,
        session: RunSession,
        *,
        fps: int = 10,
        views: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        capabilities: Capabilities = Capabilities(),  # noqa: B008  it cannot be changed
        runner: Runner | None = None,
        map_runner: Runner | None = None,
        presets: PresetCatalog | None = None,
        teaching: Callable[[QuadfitApp], Teaching] = Teaching,
    ) -> None:
        super().__init__(capabilities)
        self.session = session
        self.presets = presets or PresetCatalog()
        self.changed_settings: dict[str, str] = {}  # by the user, by their names: to be kept for another time
        self.training = TrainingLoop(session, self._publish, fps, ready=lambda: self.is_ready)
        self.teaching = teaching(self)
        self._keys = self.teaching.keys(KEYS)
        parts = self, session, self.training, self.presets, self.teaching, self.record_setting, self.show_anew
        self.playback, self.saving, self.runs = PlaybackCommands(*parts), SavingCommands(*parts), RunCommands(*parts)
        self.views = ViewCommands(*parts, self._keys, self._state_of)
        self.maps = MapCommands(*parts, self.runs, map_runner)
        commands = self.playback, self.views, self.saving, self.runs, self.maps
        self._actions = {name: act for each in commands for name, act in each.actions.items()}
        bindings_of(self).key_to_bindings.update(BindingsMap([*self._keys, PALETTE]).key_to_bindings)
        self._first_task = session.timeline.task
        self.base = ""  # the preset that the run began from where none was named
        self.notices: list[str] = []  # to be told once it has begun
        self._untold = ""  # what was told before this key, where there was no room for all of it
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        if self.theme in (DARK.name, LIGHT.name):  # its variables are Textual's own until now
            self.stylesheet.set_variables(self.get_css_variables())
        self.animation_level = "none"  # smooth scrolling would send every step of the way
        self.runner = runner or JobThread()
        self.diagnosis = DiagnosisWorker(self.runner, self._show_diagnosis, lambda: self.teaching.withheld)
        self._own_actions = {binding.action.partition("(")[0] for binding in self._keys}
        self._first_views = views
        self.narration = Narration(lambda: not self.teaching.asks_first)
        self._form = Form(session.config, self.presets, partial(self.show_notice, stays=True))

    def get_default_screen(self) -> Screen[None]:
        """The screen of the app; it has the classes of its size from its first frame on, which is whole by that."""
        screen = PartialScreen(id="_default")
        screen.set_class(self._form.is_folded, FOLDED)
        screen.set_size_classes(self.size)
        return screen

    def get_css_variables(self) -> dict[str, str]:
        """The variables of the style sheet, as the theme has them, but with text that can be read."""
        self.theme_variables = with_readable_text(super().get_css_variables())
        return self.theme_variables

    def compose(self) -> ComposeResult:
        yield Header(has_numerals=self.teaching.is_projected and self.capabilities.has_frames)
        yield self._form.folded
        with Container(id="panes"):
            with Vertical(id="settings"):
                yield self._form
                yield RunList(bool(self.capabilities.colors))
            with Vertical(id="view"):
                bar = ViewBar(self.capabilities.signs)
                yield bar
                yield Panes(self._first_views, self.capabilities, bar, self.maps.worker)
                yield Scrubber()
                yield MessageRow()
                yield FilePrompt(partial(transliterate_for, self))
            yield LogView(self.session)
            yield from self.teaching.compose()
        yield KeyBar(label=footer_label)

    def on_mount(self) -> None:
        self.screen.set_focus(None)
        self.training.publish()
        self.run_worker(self.training.run(), name="training", group="training", exclusive=True)

    def on_ready(self) -> None:
        self.call_after_refresh(self._finish_start)

    def _finish_start(self) -> None:
        """Does what can wait until the first picture is there."""
        if not gc.isenabled():  # the command line has put it off: a sixth of the time until the first picture
            gc.collect()
            gc.enable()
        gc.freeze()  # to look for garbage in all that is there by now would hold up keys by 45 ms, time and again
        if isinstance(self.runner, JobThread):
            self.runner.start()
        more = [_("… and {n} more of these.").format(n=len(self.notices) - 1)] * bool(self.notices[1:])
        for each in (*self.runs.news_of_samples(), *self.notices[:1], *more):
            self.show_notice(each, stays=True)
        self.teaching.on_app_ready()
        if self.runs.table is not None:
            self.call_later(self.run_action, "sweep")

    def use_narrow_charset(self) -> None:
        """Shows in other words what is shown by now, since the terminal may tell of it late."""
        super().use_narrow_charset()
        if self.screen_stack:
            for header in self.query(Header):
                header.refresh_charset()
            for panes in self.query(Panes):
                panes.refresh_charset(self.capabilities)

    def on_unmount(self) -> None:
        gc.unfreeze()

    def run(self, **options: Any) -> Any:
        """Runs until it ends, and the diagnosis with it; raises what ended it, if it was an exception."""
        try:
            return super().run(**options)
        finally:
            if isinstance(self.runner, JobThread):
                self.runner.stop()
            self.teaching.stop()

    async def on_event(self, event: events.Event) -> None:
        """After each input of the user nothing is trained for a moment, in which it is done and painted."""
        if isinstance(event, _USER_INPUT):
            self.training.pause_for_key()
        is_taken = not self.is_leaving and bool(self.screen_stack)  # what is typed behind `q` says nothing more
        if ends_message := is_taken and isinstance(event, _ENDS_MESSAGE):
            self._end_message()
        await super().on_event(event)
        if ends_message:
            self.show_message()

    @property
    def cursor(self) -> Offset | None:
        """Where on the screen somebody types or reads: in what is in use, in a lesson, or what is told."""
        row = self.screen.query_one_optional(MessageRow) if self.screen_stack else None
        message = None if row is None else row.cursor_offset
        if row is not None and row.is_told and not isinstance(self.focused, Input):
            return message
        return super().cursor or (self.teaching.cursor_offset if self._is_on_main_screen else None) or message

    @property
    def shows_cursor(self) -> bool:
        """Whether a question has the keys."""
        return self._is_on_main_screen and self.teaching.is_typing

    @property
    def _is_on_main_screen(self) -> bool:
        return not self.is_leaving and len(self.screen_stack) == 1

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """Ends in order; where a signal ends it, as of a connection that breaks, that is nobody's wish to leave."""
        if self.exit_code is None:
            self.teaching.leave()
        super().exit(result, return_code, message)

    def record_setting(self, setting: str, value: str) -> None:
        """Notes a setting that the user has changed."""
        if self.teaching.keeps(setting):
            self.changed_settings[setting] = value

    def _publish(self, records: Sequence[Record]) -> None:
        """Shows the present moment, and what was trained since the one before."""
        if not self.is_running:  # on the way out the widgets go before the worker does
            return
        self.narration.pause_at_rest(self.session, self.diagnosis.known)
        snapshot, before = self.session.snapshot(), self.snapshot
        if before is not None and (before.status != snapshot.status or before.task is not snapshot.task):
            self.message_queue.pass_state()
        self.query_one(LogView).show(snapshot, records)
        self.snapshot = snapshot
        if before is None or before.status.ended != snapshot.status.ended or before.task is not snapshot.task:
            self.refresh_bindings()

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Passes the present moment down to the widgets."""
        self.query_one(Scrubber).show(snapshot)
        lesson = self.teaching
        settles = None if lesson.waits_for else self.diagnosis.known(snapshot).settles
        self.query_one(Panes).show(scene_of(self.session, settles, lesson.withheld, lesson.is_open, lesson.drawing))
        if isinstance(self.screen, Dialog):
            self.screen.show_progress()
        self.query_one(RunList).show(self.session.runs, snapshot.number)
        self._show_diagnosis()
        self.teaching.watch(snapshot)

    def show_anew(self) -> None:
        """Shows all that depends on more than the present moment."""
        self.screen_stack[0].set_class(bool(self.teaching.waits_for), WAITING)
        self._show_diagnosis()

    def _show_diagnosis(self) -> None:
        """Shows what is known of the run beforehand; again, when there is more."""
        if self.snapshot is None or not self.is_running:
            return
        page = self.screen if isinstance(self.screen, DiagnosisPage) else None
        asks = not self.teaching.waits_for
        findings = self.diagnosis.get_or_start(self.snapshot, page is not None) if asks else DiagnosisState()
        self.query_one(Header).show(self.snapshot, self.narration.with_rest(findings, self.session, self.snapshot))
        self.show_message()
        self.query_one(Panes).show_findings(findings.settles, self.teaching.withheld)
        if page is not None:
            page.show(self.snapshot, findings, self.narration.sentences(self.session, self.snapshot, findings))

    def _end_message(self) -> None:
        """Forgets what a key ends, before that has its effect: what it tells takes the place, in one go."""
        row = self.screen.query_one_optional(MessageRow)
        self._untold = "" if row is None else row.untold
        self.message_queue.pass_key(row is not None and row.is_painted)

    def show_message(self) -> None:
        """Shows the message and the keys of the present moment; on a page that is open, what was told."""
        if self.snapshot is None or not self.is_running or not self.screen_stack:
            return
        findings = self.narration.with_rest(self.diagnosis.known(self.snapshot), self.session, self.snapshot)
        main, teaching, maps = self.screen_stack[0], self.teaching, self.maps
        situation = MessageContext(
            self.snapshot,
            findings,
            *self.narration.at(self.session, self.snapshot, findings),
            told=self.message_queue.shown,
            reading=() if self.runs.reading is None else self.runs.reading.told,
            waits_for=teaching.waits_for,
            cell=maps.map_sentences,
            base=self.base if self.snapshot.task is self._first_task else "",
            is_taught=teaching.is_open,
            beside=self.runs.difference,
            earlier=next(reversed(self.session.earlier), None),
            run=self.session.run,
        )
        main.query_one(MessageRow).show(situation)
        keys = footer_keys(self.snapshot, teaching.is_open, maps.has_cursor, teaching.has_pen, self.views.is_enlarged)
        main.query_one(KeyBar).show(keys)
        if isinstance(self.screen, Dialog):
            self.screen.show_message(situation)

    # Commands

    async def action_diagnose(self) -> None:
        """Shows the diagnosis in full; or else what was told, where there was no room for all of it."""
        if self._untold:
            await self.push_screen(TextScreen(_("Message"), self._untold, keys="i,space"))
        elif self.snapshot is not None:
            findings = self.diagnosis.get_or_start(self.snapshot, True)
            sentences = self.narration.sentences(self.session, self.snapshot, findings)
            await self.push_screen(DiagnosisPage(self.snapshot, findings, sentences), self.runs.retry)
            self._show_diagnosis()

    # What can be done now

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Does what a key, the mouse or the palette asks for; says why where that is not possible now.

        At once: what is told of a key that comes next would otherwise be taken away by it.
        """
        destination, name, parameters = parse(action) if isinstance(action, str) else action
        if destination == "app" or (not destination and default_namespace in (None, self)):
            allowed = self.check_action(name, parameters)
            if allowed is None:
                if not self.teaching.explain(name, parameters):
                    self.playback.tell_end()
                return True
            if allowed and name in self._own_actions:
                self.teaching.before(name)
            act = self._actions.get(name) or self.teaching.action(name)
            if allowed and act is not None:
                if isawaitable(done := act(*parameters)):
                    await done
                return True
        return await super().run_action(action, default_namespace, namespaces)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves the keys to a field or a page that is in use; Textual's own actions are not concerned."""
        has_page = len(self.screen_stack) > 1
        if action in self._own_actions and (has_page or (self._is_typing and action != "manual")):
            return False
        return self._state_of(action, parameters)

    def _state_of(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done now, whatever has the keys: False: there is nothing to do, None: not now."""
        state = self.teaching.state_of(action, parameters)
        if state is not True:
            return state  # None is dimmed in the footer, too
        if action == "turn":
            return self.views.can_turn(*map(str, parameters))
        if action == "shrink":
            return self.views.is_enlarged
        if action in OF_THE_MAP:
            return self.maps.state_of(action)
        if action == "palette":
            return not isinstance(self.screen, ListScreen)  # which has a key of its own to be left by
        if action in OF_RUNS:
            return self.runs.state_of(action)
        if action in _ONWARD and self.session.status.ended:
            return None  # dimmed in the footer: only a restart leads on
        if action == "help_quit":
            return not isinstance(self.focused, Input)  # which copies what is marked in it
        return True

    @property
    def _is_typing(self) -> bool:
        return self.screen_stack[0].focused is not None

    # What widgets tell

    @on(Scrubber.Sought)
    @on(LogLines.Picked)
    async def _visit(self, event: Scrubber.Sought | LogLines.Picked) -> None:
        await self.run_action(f"visit({event.position.epoch}, {event.position.update})")

    @on(FilePrompt.Stopped)
    def _stop_writing(self) -> None:
        self.saving.stop()

    async def on_click(self, event: events.Click) -> None:
        """A click on what is not a field leaves the form."""
        others = ChartView | ScrubBar | LogLines | Header | MessageRow | ViewBar
        if self._is_typing and isinstance(event.widget, others):
            await self.query_one(Form).action_leave()
