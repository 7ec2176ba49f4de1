"""The app's commands that open pages: the keys, the principle, the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.actions import parse
from textual.binding import Binding

from quadfit_tui.core.config.own_presets import Presets
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.command_list import commands
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.keymap import PALETTE, SECTIONS
from quadfit_tui.ui.screens.command_palette import CommandPalette
from quadfit_tui.ui.screens.help import Blocks, help_page
from quadfit_tui.ui.screens.principle import principle_page
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, spelled
from quadfit_tui.ui.widgets.form import Form
from quadfit_tui.ui.widgets.scrubber import Scrubber


class PageCommands:
    """Opens pages over the main screen; runs there what was chosen in the palette."""

    def __init__(
        self,
        app: TerminalApp,
        session: Session,
        presets: Presets,
        teaching: Teaching,
        keys: Sequence[Binding],
        state_of: Callable[[str, tuple[object, ...]], bool | None],
    ) -> None:
        """`keys` are those of the main screen; `state_of` tells what can be done now, as of Teaching."""
        self._app = app
        self._session = session
        self._presets = presets
        self._teaching = teaching
        self._keys = keys
        self._state_of = state_of

    async def action_help(self) -> None:
        """Shows the help page."""
        blocks: Blocks = {
            "On the main screen": {**SECTIONS, **self._teaching.sections},
            "In a field": {
                "In the form": (*Form.BINDINGS, *ChoiceField.BINDINGS),
                "When g asks for a moment": Scrubber.BINDINGS,
                "When w asks for a file": FilePrompt.BINDINGS,
                **self._teaching.fields,
            },
            "Everywhere": {"": (*TerminalApp.BINDINGS, PALETTE)},
        }
        await self._app.push_screen(help_page(self._app, blocks))

    async def action_principle(self) -> None:
        """Shows the page of the principle."""
        await self._app.push_screen(principle_page(partial(spelled, self._app)))

    async def action_palette(self) -> None:
        """Shows the command palette; not Textual's, which lists no keys, and fails at keys typed ahead."""
        self._presets.read()
        used = [key for key in self._keys if self._state_of(*parse(key.action)[1:]) is not False]
        listed = commands(self._app, self._session.config.unused, used, self._presets.summaries)
        await self._app.push_screen(CommandPalette(listed), self._run_command)

    async def _run_command(self, action: str | None) -> None:
        """Runs what was chosen in the palette: what a key of the main screen does, there, once all else is closed."""
        if action is None:
            return
        if parse(action)[1] in {parse(key.action)[1] for key in self._keys}:
            for page in reversed(self._app.screen_stack[1:]):
                page.dismiss()
            if field := self._app.screen_stack[0].focused:
                for node in field.ancestors_with_self:
                    if await self._app.run_action("leave", node):
                        break
        await self._app.run_action(action)
