"""QuadfitApp: the app that composes the widgets, turns keys into commands to the RunSession, and shows Snapshots."""

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

_ONWARD = ("play_pause", "step")  # actions that continue a run which has not ended
_ENDS_MESSAGE = (events.Key, events.Paste, events.MouseDown)  # events that end the shown message
# Events that pause the training for a moment.
_USER_INPUT = (events.Key, events.Paste, events.MouseDown, events.MouseScrollUp, events.MouseScrollDown)


class QuadfitApp(TerminalApp):
    """The app on a terminal, which shows one RunSession and turns keys and clicks into commands to it."""

    TITLE = "quadfit-tui"
    CSS_PATH = "quadfit.tcss"
    AUTO_FOCUS = None
    # Textual declares these two as class variables or nothing, which leaves no annotation that both tools accept.
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-narrow"), (100, "-broad"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (24, "-tall"), (30, "-high"), (42, "-higher")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False  # Textual's; the app has its own

    # No reactive, since that would repaint the whole screen.
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
        self.changed_settings: dict[str, str] = {}  # settings by name that the user has changed, for the caller to save
        self.training = TrainingLoop(session, self._publish, fps, ready=lambda: self.is_ready)
        self.teaching = teaching(self)
        self._keys = self.teaching.keys(KEYS)
        parts = self, session, self.training, self.presets, self.teaching, self.record_setting, self.refresh_all
        self.playback, self.saving, self.runs = PlaybackCommands(*parts), SavingCommands(*parts), RunCommands(*parts)
        self.views = ViewCommands(*parts, self._keys, self._state_of)
        self.maps = MapCommands(*parts, self.runs, map_runner)
        commands = self.playback, self.views, self.saving, self.runs, self.maps
        self._actions = {name: act for group in commands for name, act in group.actions.items()}
        bindings_of(self).key_to_bindings.update(BindingsMap([*self._keys, PALETTE]).key_to_bindings)
        self._first_task = session.timeline.task
        self.base = ""  # the preset of the first run if the user named none
        self.notices: list[str] = []  # messages to show after the first frame
        self._cut_message = ""  # the full text of the message before this key if the row cut it; else empty
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        if self.theme in (DARK.name, LIGHT.name):  # until now, the style sheet has Textual's variables for these
            self.stylesheet.set_variables(self.get_css_variables())
        self.animation_level = "none"  # smooth scrolling would send a frame for every step
        self.runner = runner or JobThread()
        self.diagnosis = DiagnosisWorker(self.runner, self._show_diagnosis, lambda: self.teaching.withheld)
        self._own_actions = {binding.action.partition("(")[0] for binding in self._keys}
        self._first_views = views
        self.narration = Narration(lambda: not self.teaching.delays_playback)
        self._form = Form(session.config, self.presets, partial(self.show_notice, stays=True))

    def get_default_screen(self) -> Screen[None]:
        """Returns the app's screen, with the classes of its size already set, so that the first frame is complete."""
        screen = PartialScreen(id="_default")
        screen.set_class(self._form.is_folded, FOLDED)
        screen.set_size_classes(self.size)
        return screen

    def get_css_variables(self) -> dict[str, str]:
        """Returns the theme's variables for the style sheet, with the text colors adjusted for contrast."""
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
        """Starts the threads, shows notices and enables garbage collection; called after the first frame."""
        if not gc.isenabled():  # disabled by the command line, to save a sixth of the time until the first frame
            gc.collect()
            gc.enable()
        gc.freeze()  # a full collection over all objects of the start would delay keys by 45 ms each time
        if isinstance(self.runner, JobThread):
            self.runner.start()
        notices = [*self.runs.new_data_notices(), *self.notices[:1]]
        if self.notices[1:]:
            notices.append(_("… and {n} more of these.").format(n=len(self.notices) - 1))
        for notice in notices:
            self.show_notice(notice, stays=True)
        self.teaching.on_app_ready()
        if self.runs.table is not None:
            self.call_later(self.run_action, "sweep")

    def use_narrow_charset(self) -> None:
        """Avoids characters of ambiguous width, and repaints the widgets that were drawn with some."""
        super().use_narrow_charset()
        if self.screen_stack:
            for header in self.query(Header):
                header.refresh_charset()
            for panes in self.query(Panes):
                panes.refresh_charset(self.capabilities)

    def on_unmount(self) -> None:
        gc.unfreeze()

    def run(self, **options: Any) -> Any:
        """Runs the app until it exits, then stops its threads; raises the exception that ended it, if any."""
        try:
            return super().run(**options)
        finally:
            if isinstance(self.runner, JobThread):
                self.runner.stop()
            self.teaching.stop()

    async def on_event(self, event: events.Event) -> None:
        """Handles an event; input of the user pauses the training for a moment, and ends the shown message."""
        if isinstance(event, _USER_INPUT):
            self.training.pause_for_key()
        is_handled = not self.is_leaving and bool(self.screen_stack)  # keys after `q` are dropped
        if ends_message := is_handled and isinstance(event, _ENDS_MESSAGE):
            self._end_message()
        await super().on_event(event)
        if ends_message:
            self.show_message()

    @property
    def cursor(self) -> Offset | None:
        """The screen position where the user types or reads: in a new message, a focused widget or a lesson."""
        row = self.screen.query_one_optional(MessageRow) if self.screen_stack else None
        message = None if row is None else row.cursor_offset
        if row is not None and row.shows_notice and not isinstance(self.focused, Input):
            return message
        return super().cursor or (self.teaching.cursor_offset if self._is_on_main_screen else None) or message

    @property
    def shows_cursor(self) -> bool:
        """Whether the terminal's cursor is visible: while the user types an answer to a question of a lesson."""
        return self._is_on_main_screen and self.teaching.is_typing

    @property
    def _is_on_main_screen(self) -> bool:
        return not self.is_leaving and len(self.screen_stack) == 1

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """Exits in order; tells the teaching that the user leaves, unless a signal or a hang-up ends the app."""
        if self.exit_code is None:
            self.teaching.leave()
        super().exit(result, return_code, message)

    def record_setting(self, setting: str, value: str) -> None:
        """Notes a setting that the user has changed, unless a lesson changed it."""
        if self.teaching.saves_setting(setting):
            self.changed_settings[setting] = value

    def _publish(self, records: Sequence[Record]) -> None:
        """Shows the present moment and the records since the last one; called by the TrainingLoop for each frame."""
        if not self.is_running:  # on exit, the widgets are removed before the worker ends
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
        """Passes a new moment to the widgets; called by Textual when `snapshot` changes."""
        self.query_one(Scrubber).show(snapshot)
        lesson = self.teaching
        settles = None if lesson.waiting_message else self.diagnosis.known(snapshot).rest_w
        self.query_one(Panes).show(scene_of(self.session, settles, lesson.withheld, lesson.is_open, lesson.drawing))
        if isinstance(self.screen, Dialog):
            self.screen.show_progress()
        self.query_one(RunList).show(self.session.runs, snapshot.number)
        self._show_diagnosis()
        self.teaching.on_snapshot(snapshot)

    def refresh_all(self) -> None:
        """Refreshes what depends on more than the moment, as on the active view or on what a lesson withholds."""
        self.screen_stack[0].set_class(bool(self.teaching.waiting_message), WAITING)
        self._show_diagnosis()

    def _show_diagnosis(self) -> None:
        """Shows the diagnosis as far as it is known, and starts its next part; called again when a result arrives."""
        if self.snapshot is None or not self.is_running:
            return
        page = self.screen if isinstance(self.screen, DiagnosisPage) else None
        asks = not self.teaching.waiting_message
        findings = self.diagnosis.get_or_start(self.snapshot, page is not None) if asks else DiagnosisState()
        self.query_one(Header).show(self.snapshot, self.narration.with_rest(findings, self.session, self.snapshot))
        self.show_message()
        self.query_one(Panes).show_findings(findings.rest_w, self.teaching.withheld)
        if page is not None:
            page.show(self.snapshot, findings, self.narration.sentences(self.session, self.snapshot, findings))

    def _end_message(self) -> None:
        """Drops the message that a key ends before the key takes effect: one frame then shows the key's own message."""
        row = self.screen.query_one_optional(MessageRow)
        self._cut_message = "" if row is None else row.full_notice
        self.message_queue.pass_key(row is not None and row.is_painted)

    def show_message(self) -> None:
        """Shows the most important message and the keys of the footer; on an open page, only a notice."""
        if self.snapshot is None or not self.is_running or not self.screen_stack:
            return
        findings = self.narration.with_rest(self.diagnosis.known(self.snapshot), self.session, self.snapshot)
        main, teaching, maps = self.screen_stack[0], self.teaching, self.maps
        situation = MessageContext(
            self.snapshot,
            findings,
            *self.narration.current_sentence(self.session, self.snapshot, findings),
            notice=self.message_queue.shown,
            reading=() if self.runs.reading is None else self.runs.reading.progress_message,
            waits_for=teaching.waiting_message,
            cell=maps.cell_messages,
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
        """Opens the page of the diagnosis, or the full text of the last message if the row cut it."""
        if self._cut_message:
            await self.push_screen(TextScreen(_("Message"), self._cut_message, keys="i,space"))
        elif self.snapshot is not None:
            findings = self.diagnosis.get_or_start(self.snapshot, True)
            sentences = self.narration.sentences(self.session, self.snapshot, findings)
            await self.push_screen(DiagnosisPage(self.snapshot, findings, sentences), self.runs.retry)
            self._show_diagnosis()

    # Actions, and whether each is possible now

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Runs the action of a key, the mouse or the palette; explains to the user why if it is not possible now."""
        destination, name, parameters = parse(action) if isinstance(action, str) else action
        if destination == "app" or (not destination and default_namespace in (None, self)):
            allowed = self.check_action(name, parameters)
            if allowed is None:
                if not self.teaching.explain(name, parameters):
                    self.playback.show_end_notice()
                return True
            if allowed and name in self._own_actions:
                self.teaching.before_action(name)
            act = self._actions.get(name) or self.teaching.action(name)
            if allowed and act is not None:
                if isawaitable(result := act(*parameters)):
                    await result  # not in a task: the next key would end a message that this action shows late
                return True
        return await super().run_action(action, default_namespace, namespaces)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible now; the app's own are not while a field or a page has the keys."""
        has_page = len(self.screen_stack) > 1
        if action in self._own_actions and (has_page or (self._is_typing and action != "manual")):
            return False
        return self._state_of(action, parameters)

    def _state_of(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible now, whatever has the keys; False: nothing to do; None: not at this moment."""
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
            return not isinstance(self.screen, ListScreen)  # it has a key of its own to close it
        if action in OF_RUNS:
            return self.runs.state_of(action)
        if action in _ONWARD and self.session.status.ended:
            return None  # dimmed in the footer: only a restart continues
        if action == "help_quit":
            return not isinstance(self.focused, Input)  # it copies its selected text
        return True

    @property
    def _is_typing(self) -> bool:
        return self.screen_stack[0].focused is not None

    # Messages of widgets

    @on(Scrubber.Sought)
    @on(LogLines.Picked)
    async def _visit(self, event: Scrubber.Sought | LogLines.Picked) -> None:
        await self.run_action(f"visit({event.position.epoch}, {event.position.update})")

    @on(FilePrompt.Stopped)
    def _stop_writing(self) -> None:
        self.saving.stop()

    async def on_click(self, event: events.Click) -> None:
        """Leaves the form when the user clicks on a widget outside of it."""
        others = ChartView | ScrubBar | LogLines | Header | MessageRow | ViewBar
        if self._is_typing and isinstance(event.widget, others):
            await self.query_one(Form).action_leave()
