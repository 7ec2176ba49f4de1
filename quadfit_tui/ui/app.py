"""The app: puts the widgets together, turns keys into commands to the Session, and Snapshots into what is seen."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Input

from quadfit_tui.core.config.own_presets import Presets
from quadfit_tui.core.export.recorder import RunRecorder
from quadfit_tui.core.session.runs import compared
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.record import Record
from quadfit_tui.ui.command_list import commands
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.keymap import KEYS, PALETTE, SECTIONS
from quadfit_tui.ui.lessons.lesson_commands import ACTIONS as LESSON_ACTIONS
from quadfit_tui.ui.lessons.lesson_commands import Library
from quadfit_tui.ui.lessons.lesson_pane import LessonPane
from quadfit_tui.ui.lessons.vote_commands import VoteCommands
from quadfit_tui.ui.screens.command_palette import CommandPalette
from quadfit_tui.ui.screens.diagnosis import DiagnosisPage
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.help import Blocks, help_page
from quadfit_tui.ui.screens.principle import principle_page
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisWorker, JobThread, Runner
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, spelled
from quadfit_tui.ui.textual_internals import PartialScreen
from quadfit_tui.ui.themes import LIGHT, with_readable_text
from quadfit_tui.ui.views import OPTIONS, views_with
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.update import copy
from quadfit_tui.ui.widgets.chart_view import ChartView
from quadfit_tui.ui.widgets.diagnosis_line import DiagnosisLine
from quadfit_tui.ui.widgets.facts import Facts
from quadfit_tui.ui.widgets.form import Form
from quadfit_tui.ui.widgets.header import Header, LessonState
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.log import LogLines, LogView
from quadfit_tui.ui.widgets.panes import Panes
from quadfit_tui.ui.widgets.scrubber import ScrubBar, Scrubber
from quadfit_tui.ui.widgets.view_bar import ViewBar

# The table of runs is imported by the action that needs it: it would take 2 % of the time until the first picture.

_ONWARD = ("play_pause", "step")  # what leads on, as long as the run has not ended
# What keeps the training off for a moment.
_USER_INPUT = (events.Key, events.Paste, events.MouseDown, events.MouseScrollUp, events.MouseScrollDown)


class QuadfitApp(VoteCommands):
    """Shows one Session, and turns keys and clicks into its commands."""

    TITLE = "quadfit-tui"
    CSS_PATH = "quadfit.tcss"
    AUTO_FOCUS = None
    # Textual declares these two as class variables or nothing, which leaves no annotation that both tools accept.
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (60, "-narrow"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (24, "-tall"), (30, "-high"), (42, "-higher")]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False  # Textual's; there is another one
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS, PALETTE]

    # A variable, since a reactive of the app would repaint the whole screen.
    snapshot: var[Snapshot | None] = var(None, init=False)

    def __init__(
        self,
        session: Session,
        *,
        fps: int = 10,
        views: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        words: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        capabilities: Capabilities = Capabilities(),  # noqa: B008  it cannot be changed
        runner: Runner | None = None,
        output: RunRecorder | None = None,
        library: Library | None = None,
        lesson_runner: Runner | None = None,
        presets: Presets | None = None,
    ) -> None:
        super().__init__(session, fps, capabilities, output, library, lesson_runner)
        self.presets = presets or Presets()
        self.notices: list[str] = []  # to be told once it has begun
        self.register_theme(LIGHT)
        if self.theme == LIGHT.name:  # by TEXTUAL_THEME: its variables are Textual's own until now
            self.stylesheet.set_variables(self.get_css_variables())
        self.animation_level = "none"  # smooth scrolling would send every step of the way
        self._runner = runner or JobThread()
        self.diagnosis = DiagnosisWorker(self._runner, self._show_diagnosis)
        self._own_actions = {binding.action.partition("(")[0] for binding in KEYS}
        self._first_views, self._first_words = views, words

    def get_default_screen(self) -> Screen[None]:
        """The screen of the app; it has the classes of its size from its first frame on, which is whole by that."""
        screen = PartialScreen(id="_default")
        screen.take_classes(self.size)
        return screen

    def get_css_variables(self) -> dict[str, str]:
        """The variables of the style sheet, as the theme has them, but with text that can be read."""
        self.theme_variables = with_readable_text(super().get_css_variables())
        return self.theme_variables

    def compose(self) -> ComposeResult:
        yield Header(has_numerals=self.capabilities.has_frames)
        yield DiagnosisLine()
        with Container(id="panes"):
            with Vertical(id="settings"):
                yield Form(self.session.config, self.presets)
                yield Facts(bool(self.capabilities.colors))
            with Vertical(id="view"):
                bar = ViewBar(self.capabilities.signs)
                yield bar
                yield Panes(self._first_views, self._first_words, self.capabilities, bar)
                yield Scrubber()
                yield FilePrompt(partial(spelled, self))
            yield LogView(self.session)
            yield LessonPane()
        yield KeyBar()

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
        if isinstance(self._runner, JobThread):
            self._runner.start()
        more = [f"… and {len(self.notices) - 1} more of these."] * bool(self.notices[1:])
        if told := [*self._news_of_samples(), *self.notices[:1], *more]:
            self.notify(spelled(self, "\n".join(told)), severity="warning", timeout=15, markup=False)
        if self.library is not None and self.library.first is not None:
            self.open_lesson(self.library.first)
        self.join_class()

    def spell_narrow(self) -> None:
        """Shows in other words what is shown by now, since the terminal may tell of it late."""
        super().spell_narrow()
        if self.screen_stack:
            for header in self.query(Header):
                header.leave_numerals_out()
            for panes in self.query(Panes):
                panes.spell_anew()

    def on_unmount(self) -> None:
        gc.unfreeze()

    def run(self, **options: Any) -> Any:
        """Runs until it ends, and the diagnosis with it; raises what ended it, if it was an exception."""
        try:
            return super().run(**options)
        finally:
            if isinstance(self._runner, JobThread):
                self._runner.stop()
            self.stop_lesson_threads()

    async def on_event(self, event: events.Event) -> None:
        """After each input of the user nothing is trained for a moment, in which it is done and painted."""
        if isinstance(event, _USER_INPUT):
            self.training.pause_for_key()
        await super().on_event(event)

    def _publish(self, records: Sequence[Record]) -> None:
        """Shows the present moment, and what was trained since the one before."""
        if not self.is_running:  # on the way out the widgets go before the worker does
            return
        snapshot, before = self.session.snapshot(), self.snapshot
        self.query_one(LogView).show(snapshot, records)
        self.snapshot = snapshot
        self._tell_of_output()
        if before is None or before.status.ended != snapshot.status.ended:
            self.refresh_bindings()

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Passes the present moment down to the widgets."""
        self._show_header(snapshot)
        self.query_one(Scrubber).show(snapshot)
        settles = None if self.is_held_back else self.diagnosis.settles(snapshot)
        self.query_one(Panes).show(scene_of(self.session, settles))
        if isinstance(self.screen, Dialog):
            self.screen.show_progress()
        self._show_diagnosis()
        self._watch_lesson(snapshot)

    def _show_anew(self) -> None:
        if self.snapshot is not None:
            self._show_header(self.snapshot)
            self._show_diagnosis()

    def _show_header(self, snapshot: Snapshot) -> None:
        lesson = (
            LessonState.ASKS if self.is_held_back else LessonState.NONE if self.lesson is None else LessonState.OPEN
        )
        reading = () if self.reading is None else self.reading.told
        self.query_one(Header).show(snapshot, self._difference(), lesson, reading)

    def _difference(self) -> str:
        """What differs from the run that was left last."""
        if not self.session.earlier:
            return ""
        present, before = self.session.run, self.session.earlier[-1]
        differs = compared(before, present, most=2)
        return spelled(self, f"run {present.number} vs. run {before.number}: {differs}")

    def _show_diagnosis(self) -> None:
        """Shows what is known of the run beforehand; again, when there is more."""
        if self.snapshot is None or not self.is_running:
            return
        if self.is_held_back:
            self.query_one(DiagnosisLine).hide()
            return
        page = self.screen if isinstance(self.screen, DiagnosisPage) else None
        findings = self.diagnosis.consult(self.snapshot, page is not None)
        self.query_one(DiagnosisLine).show(self.snapshot, findings)
        self.query_one(Panes).show_settling(findings.settles)
        self.query_one(Header).show_rest(findings.rests_at(self.snapshot))
        self.query_one(Facts).show(self.snapshot, findings, self.session.runs)
        if page is not None:
            page.show(self.snapshot, findings)

    # Commands

    def action_view(self, name: str) -> None:
        """Shows another view of the run."""
        self._show_present()
        self.query_one(Panes).choose(name)
        self.keep("view", name)

    def action_next_view(self) -> None:
        """Shows the view that follows."""
        self._show_present()
        panes = self.query_one(Panes)
        panes.choose_next()
        self.keep("view", panes.view)

    def action_turn(self, option: str) -> None:
        """Takes the next word of an option of the views in sight."""
        self._show_present()
        panes = self.query_one(Panes)
        if not panes.turn(option):
            self.tell(f"{OPTIONS[option].key} works only in {views_with(option)}.")
            return
        self.keep("view", panes.view)
        self.keep(f"options.{panes.view}", ",".join(panes.changed_words))
        if title := panes.unseen_title:
            self.notify(spelled(self, title), timeout=3, markup=False)

    def _show_present(self) -> None:
        """Shows the present moment where that is not done yet, so that another view is drawn of it."""
        if self.session.snapshot() is not self.snapshot:
            self.training.publish()

    def action_copy(self) -> None:
        """Copies the arithmetic of the update before the visited point, if there is one, and says so."""
        if self.snapshot is not None:
            copied = copy(self.snapshot, has_clipboard=self.capabilities.extras)
            if copied.text:
                self.copy_to_clipboard(copied.text)
            self.notify(copied.said, timeout=3)

    def action_edit(self, name: str) -> None:
        """Goes to a field of the form."""
        self.query_one(Form).edit(name)

    def action_scroll(self, where: str) -> None:
        """Scrolls what is too long for its place, from wherever the keys are.

        The arrows a lesson, the others a page of text; or else the log.
        """
        lesson, panes = self.query_one(LessonPane), self.query_one(Panes)
        if lesson.can_scroll and (where in ("up", "down") or not panes.can_move):
            lesson.move(where)
        elif not panes.move(where):
            self.query_one(LogView).lines.move(where)

    def action_end(self) -> None:
        """Ends the program; not Textual's `quit`, since ctrl+q is to work in a field and on a page, too."""
        self.exit()

    def action_help_quit(self) -> None:
        """What ctrl+c does outside a field: it copies what is marked by the mouse, or else tells the way out."""
        if marked := self.screen.get_selected_text():
            self.copy_to_clipboard(marked)
            return
        self.notify("Press q to quit (ctrl+q inside a field).", timeout=3)

    async def action_help(self) -> None:
        """Shows the help page."""
        blocks: Blocks = {
            "On the main screen": SECTIONS,
            "In a field": {
                "In the form": (*Form.BINDINGS, *ChoiceField.BINDINGS),
                "When g asks for a moment": Scrubber.BINDINGS,
                "When w asks for a file": FilePrompt.BINDINGS,
                "In the question of a lesson": LessonPane.BINDINGS,
            },
            "Everywhere": {"": (*TerminalApp.BINDINGS, PALETTE)},
        }
        await self.push_screen(help_page(self, blocks))

    async def action_principle(self) -> None:
        """Shows the page of the principle."""
        await self.push_screen(principle_page(partial(spelled, self)))

    async def action_diagnose(self) -> None:
        """Shows the diagnosis in full."""
        if self.snapshot is not None:
            page = DiagnosisPage(self.snapshot, self.diagnosis.consult(self.snapshot, True))
            await self.push_screen(page, self._retry)
            self._show_diagnosis()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves the keys to a field or a page that is in use; Textual's own actions are not concerned."""
        has_page = len(self.screen_stack) > 1
        if action in self._own_actions and (has_page or (self._is_typing and action != "principle")):
            return False
        if action in LESSON_ACTIONS:
            return self.is_used(action)
        if self.is_held(action, parameters):
            return None  # dimmed in the footer, too
        if action == "palette":
            return self.screen.name != action  # which has a key of its own to be left by
        if action == "stop_reading":
            return self.reading is not None
        if action in _ONWARD and self.session.status.ended:
            return None  # dimmed in the footer: only a restart leads on
        if action == "help_quit":
            return not isinstance(self.focused, Input)  # which copies what is marked in it
        return True

    @property
    def _is_typing(self) -> bool:
        return self.screen_stack[0].focused is not None

    # The form

    async def on_click(self, event: events.Click) -> None:
        """A click on what is not a field leaves the form."""
        if self._is_typing and isinstance(
            event.widget, ChartView | ScrubBar | LogLines | Header | DiagnosisLine | ViewBar
        ):
            await self.query_one(Form).action_leave()

    # The palette

    async def action_palette(self) -> None:
        """Shows the command palette; not Textual's, which lists no keys, and fails at keys typed ahead."""
        self.presets.read()
        idle = self.idle_actions | ({"stop_reading"} if self.reading is None else set())
        listed = commands(self, self.session.config.unused, idle, self.presets.summaries)
        await self.push_screen(CommandPalette(listed), self._run_command)

    async def _run_command(self, action: str | None) -> None:
        """Runs what was chosen in the palette: what a key of the main screen does, there, once all else is closed."""
        if action is None:
            return
        if action.partition("(")[0] in self._own_actions:
            for page in reversed(self.screen_stack[1:]):
                page.dismiss()
            if self._is_typing:
                form, prompts = self.query_one(Form), (self.query_one(Scrubber), self.query_one(FilePrompt))
                fields = form, *prompts, self.query_one(LessonPane)
                await next(each for each in fields if each.has_focus_within).action_leave()
        await self.run_action(action)

    def action_theme(self, name: str) -> None:
        """Shows all in another theme."""
        self.theme = name
        self.keep("theme", name)
