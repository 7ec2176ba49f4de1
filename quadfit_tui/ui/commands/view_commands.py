"""The app's commands of what is seen: views and how they are shown, pages over the main screen, the palette."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from textual.actions import parse
from textual.binding import Binding

from quadfit_tui.core.text.language import LANGUAGES, N_, _, paragraph
from quadfit_tui.ui.commands.command_list import commands
from quadfit_tui.ui.commands.commands import Action, Commands
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.keymap import KEYS, PALETTE, SECTIONS, help_text
from quadfit_tui.ui.screens.help import Blocks, HelpScreen
from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.terminal.terminal_app import TerminalApp
from quadfit_tui.ui.views.update import copy
from quadfit_tui.ui.views.view_table import OPTIONS, VIEWS, views_with
from quadfit_tui.ui.widgets.header import LARGE, Header
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.panes import READING, Panes
from quadfit_tui.ui.widgets.scrubber import Scrubber


@dataclass
class ViewCommands(Commands):
    """Chooses, turns, copies and scrolls what is seen of the run; opens pages, and runs what the palette gives.

    `keys` are those of the main screen; `state_of` is as that of Teaching; `saves_settings` tells whether what is
    changed in the app is there at the next start.
    """

    keys: Sequence[Binding] = KEYS
    state_of: Callable[[str, tuple[object, ...]], bool | None] = lambda *_: True
    saves_settings: bool = True

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            "view": self.action_view,
            "next_view": self.action_next_view,
            "enlarge": self.action_enlarge,
            "shrink": self.action_enlarge,
            "turn": self.action_turn,
            "copy": self.action_copy,
            "edit": self.action_edit,
            "settings": self.action_settings,
            "theme": self.action_theme,
            "language": self.action_language,
            "end": self.action_end,
            "help_quit": self.action_help_quit,
            "scroll": self.action_scroll,
            "help": self.action_help,
            "manual": self.action_manual,
            "palette": self.action_palette,
        }

    def action_view(self, name: str) -> None:
        """Shows another view of the run."""
        self.training.publish()
        self.app.query_one(Panes).choose(name)
        self.show_anew()

    def action_next_view(self) -> None:
        """Shows the view that follows."""
        self.training.publish()
        self.app.query_one(Panes).choose_next()
        self.show_anew()

    def action_enlarge(self) -> None:
        """Enlarges the chart, or brings back what stands around it."""
        self.app.screen.toggle_class(LARGE)
        for header in self.app.query(Header):
            header.refresh(layout=True)
        self.show_anew()
        self.app.refresh_bindings()

    @property
    def is_enlarged(self) -> bool:
        """Whether the chart is enlarged."""
        return self.app.screen_stack[0].has_class(LARGE)

    def action_turn(self, option: str) -> None:
        """Takes the next word of an option of the views in sight."""
        self.training.publish()
        if option in self.teaching.withheld:  # the optimum
            from quadfit_tui.core.explain.diagnosis_page import HELD_BACK  # only lessons do

            self.app.show_notice(_(HELD_BACK[option]))
            return
        panes = self.app.query_one(Panes)
        if not panes.turn(option):
            key = OPTIONS[option].key
            views = views_with(*(name for name in OPTIONS if OPTIONS[name].key == key))
            told = _("{key} works only in {views}.").format(key=key, views=views)
            self.app.show_notice(paragraph([told, self.teaching.meant(key)]))
            return
        self.show_anew()
        if title := panes.unseen_title:
            self.app.show_notice(title, warns=False)

    def can_turn(self, option: str) -> bool:
        """Whether the key of an option turns that one now, and not another one that shares the key."""
        panes = self.app.screen_stack[0].query_one_optional(Panes)  # none yet as the first screen is made
        return panes is None or panes.option_of(OPTIONS[option].key) in (None, option)

    def action_copy(self) -> None:
        """Copies the arithmetic of the update before the visited point, if there is one, and says so."""
        text, said = copy(self.session.snapshot(), has_clipboard=self.app.capabilities.extras)
        if text:
            self.app.copy_to_clipboard(text)
        self.app.show_notice(said, warns=False)

    def action_edit(self, name: str) -> None:
        """Goes to a field of the form."""
        self.app.query_one(Form).edit(name)

    def action_settings(self) -> None:
        """Unfolds the form beside the chart, or folds it; where it stands always or has no place there, goes to it.

        Where there is one setting to change, it goes there.
        """
        form, screen = self.app.query_one(Form), self.app.screen
        if name := self.teaching.first_setting:
            form.edit(name)
        elif screen.has_class("-narrow") or screen.has_class("-broad", READING):
            form.fold(not form.is_folded)
            if not form.is_folded:
                self.app.show_notice(_("Tab goes into the settings; s folds them."), warns=False)
        else:
            form.edit("preset")

    def action_theme(self, name: str) -> None:
        """Shows all in another theme."""
        self.app.theme, self.app.follows_background = name, False
        self.record_setting("theme", name)

    def action_language(self, code: str) -> None:
        """Keeps another language for the next start: what is on the screen is in this one."""
        self.record_setting("language", code)
        told = _("The language is {name} from the next start on.")
        if not self.saves_settings:
            told = _("Your settings are not saved: for {name}, start with --lang {code}.")
        self.app.show_notice(told.format(name=LANGUAGES[code], code=code), warns=False)

    def action_end(self) -> None:
        """Ends the program; not Textual's `quit`, since ctrl+q is to work in a field and on a page, too."""
        self.app.exit()

    def action_help_quit(self) -> None:
        """What ctrl+c does outside a field: it copies what is marked by the mouse, or else tells the way out."""
        if marked := self.app.screen.get_selected_text():
            self.app.copy_to_clipboard(marked)
            return
        self.app.show_notice(_("Press q to quit (ctrl+q inside a field)."), warns=False)

    def action_scroll(self, where: str) -> None:
        """Scrolls what is too long for its place, from wherever the keys are.

        The arrows a lesson, the others a page of text; or else the log.
        """
        panes = self.app.query_one(Panes)
        if not self.teaching.scroll(where, panes.can_move) and not panes.move(where):
            self.app.query_one(LogView).lines.move(where)

    # Pages

    async def action_help(self) -> None:
        """Shows the help page."""
        view = self.app.query_one(Panes).view
        turns = {f"turn('{option}')" for option in VIEWS[view].options}
        turns |= {key.action for key in SECTIONS["Map"]} if view == "map" else set()
        of_page = {"y", "up", "down", "pageup", "pagedown"} if VIEWS[view].is_page else set()
        own = [key for key in KEYS if key.action in turns or key.key in of_page]
        sections = {heading: [key for key in keys if key not in own] for heading, keys in SECTIONS.items()}
        blocks: Blocks = {
            N_("This view"): {VIEWS[view].summary: own},
            N_("On the main screen"): {**sections, **self.teaching.sections},
            N_("In a field"): {
                N_("In the form"): (*Form.BINDINGS, *ChoiceField.BINDINGS),
                N_("When g asks for a moment"): Scrubber.BINDINGS,
                N_("When w asks for a file"): FilePrompt.BINDINGS,
                **self.teaching.fields,
            },
            N_("Everywhere"): {"": (*TerminalApp.BINDINGS, PALETTE)},
        }
        await self.app.push_screen(HelpScreen(self.app, blocks, help_text))

    async def action_manual(self, *topic: str) -> None:
        """Shows the manual, how it works first, or the page of a topic."""
        from quadfit_tui.ui.screens.manual import ManualScreen  # with its reader of Markdown, when it is asked for

        await self.app.push_screen(ManualScreen(*topic))

    async def action_palette(self) -> None:
        """Shows the command palette; not Textual's, which lists no keys, and fails at keys typed ahead."""
        self.presets.read()
        used = [key for key in self.keys if self.state_of(*parse(key.action)[1:]) is not False]
        rows = commands(self.app, self.session.config.unused, used, self.presets.summaries)
        theme = self.app.theme
        asks, shows = _("type what you want to do, such as theme"), partial(self._show_theme, theme)
        screen = ListScreen(_("Commands"), rows, asks, on_mark=shows)
        await self.app.push_screen(screen, partial(self._run_command, theme))

    def _show_theme(self, theme: str, action: str) -> None:
        """Shows what an action would, where it is to choose a theme; else the theme as it was, or is to be by now."""
        name, parameters = parse(action)[1:]
        usual = self.app.background_theme if self.app.follows_background else theme
        shown = str(parameters[0]) if name == "theme" else usual
        if shown != self.app.theme:
            self.app.theme = shown

    async def _run_command(self, theme: str, action: str | None) -> None:
        """Runs what was chosen in the palette: what a key of the main screen does, there, once all else is closed."""
        self._show_theme(theme, action or "")
        if action is None:
            return
        if parse(action)[1] in {parse(key.action)[1] for key in self.keys}:
            for page in reversed(self.app.screen_stack[1:]):
                page.dismiss()
            if field := self.app.screen_stack[0].focused:
                for node in field.ancestors_with_self:
                    if await self.app.run_action("leave", node):
                        break
        await self.app.run_action(action)
