"""The app's commands of the display: views and their options, pages over the main screen, the palette."""

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
    """The commands of views, the log, the form, themes and pages, and of the command palette.

    `keys`: the bindings of the main screen; `state_of`: whether an action is possible now, as of Teaching;
    `saves_settings`: whether settings changed in the app are still there at the next start.
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
        """Shows a view of the run by its name."""
        self.training.publish()
        self.app.query_one(Panes).choose(name)
        self.refresh_all()

    def action_next_view(self) -> None:
        """Shows the next view in the order of the view bar."""
        self.training.publish()
        self.app.query_one(Panes).choose_next()
        self.refresh_all()

    def action_enlarge(self) -> None:
        """Enlarges the chart to the whole screen, or shows the other widgets again."""
        self.app.screen.toggle_class(LARGE)
        for header in self.app.query(Header):
            header.refresh(layout=True)
        self.refresh_all()
        self.app.refresh_bindings()

    @property
    def is_enlarged(self) -> bool:
        """Whether the chart is enlarged."""
        return self.app.screen_stack[0].has_class(LARGE)

    def action_turn(self, option: str) -> None:
        """Switches an option of the visible views to its next value; notifies the user if no visible view has it."""
        self.training.publish()
        if option in self.teaching.withheld:  # the optimum
            from quadfit_tui.core.explain.diagnosis_page import WITHHELD_NOTICES  # imported late: only lessons need it

            self.app.show_notice(_(WITHHELD_NOTICES[option]))
            return
        panes = self.app.query_one(Panes)
        if not panes.switch_option(option):
            key = OPTIONS[option].key
            views = views_with(*(name for name in OPTIONS if OPTIONS[name].key == key))
            message = _("{key} works only in {views}.").format(key=key, views=views)
            self.app.show_notice(paragraph([message, self.teaching.hint_for_key(key)]))
            return
        self.refresh_all()
        if title := panes.unseen_title:
            self.app.show_notice(title, warns=False)

    def can_turn(self, option: str) -> bool:
        """Whether the key of an option switches that one now, and not another option that shares the key."""
        panes = self.app.screen_stack[0].query_one_optional(Panes)  # None while the first screen is composed
        return panes is None or panes.option_of(OPTIONS[option].key) in (None, option)

    def action_copy(self) -> None:
        """Copies the arithmetic of the last update before the present moment, and notifies the user."""
        text, message = copy(self.session.snapshot(), has_clipboard=self.app.capabilities.extras)
        if text:
            self.app.copy_to_clipboard(text)
        self.app.show_notice(message, warns=False)

    def action_edit(self, name: str) -> None:
        """Moves the focus to a field of the form by its name."""
        self.app.query_one(Form).edit(name)

    def action_settings(self) -> None:
        """Folds or unfolds the form beside the chart; moves the focus into it if its layout has no folded form.

        If a lesson has one setting to change, the focus moves to that field.
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
        """Sets the theme by its name, and records it as a setting."""
        self.app.theme, self.app.follows_background = name, False
        self.record_setting("theme", name)

    def action_language(self, code: str) -> None:
        """Records another language for the next start; the present texts keep theirs."""
        self.record_setting("language", code)
        template = _("The language is {name} from the next start on.")
        if not self.saves_settings:
            template = _("Your settings are not saved: for {name}, start with --lang {code}.")
        self.app.show_notice(template.format(name=LANGUAGES[code], code=code), warns=False)

    def action_end(self) -> None:
        """Exits the app; `q` has this action, while Textual's `quit` (ctrl+q) also works in a field and on a page."""
        self.app.exit()

    def action_help_quit(self) -> None:
        """Copies the text selected by the mouse or, if there is none, shows how to quit; ctrl+c outside a field."""
        if selected := self.app.screen.get_selected_text():
            self.app.copy_to_clipboard(selected)
            return
        self.app.show_notice(_("Press q to quit (ctrl+q inside a field)."), warns=False)

    def action_scroll(self, where: str) -> None:
        """Scrolls the lesson's text, the active view if it is a page of text, or else the log.

        The lesson decides first whether a key is for its text.
        """
        panes = self.app.query_one(Panes)
        if not self.teaching.scroll(where, panes.can_move) and not panes.move(where):
            self.app.query_one(LogView).lines.move(where)

    # Pages

    async def action_help(self) -> None:
        """Opens the help page, with the keys of the active view first."""
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
        """Opens the manual at its first page, or at the page of a topic."""
        from quadfit_tui.ui.screens.manual import ManualScreen  # imported late, with its parser of Markdown

        await self.app.push_screen(ManualScreen(*topic))

    async def action_palette(self) -> None:
        """Opens the command palette; Textual's own lists no keys, and fails if the user types ahead."""
        self.presets.read()
        possible = [key for key in self.keys if self.state_of(*parse(key.action)[1:]) is not False]
        rows = commands(self.app, self.session.config.unused, possible, self.presets.summaries)
        theme = self.app.theme
        prompt, preview = _("type what you want to do, such as theme"), partial(self._show_theme, theme)
        screen = ListScreen(_("Commands"), rows, prompt, on_mark=preview)
        await self.app.push_screen(screen, partial(self._run_command, theme))

    def _show_theme(self, theme: str, action: str) -> None:
        """Previews the theme that an action of the palette would set; for other actions shows the usual theme again."""
        name, parameters = parse(action)[1:]
        usual = self.app.background_theme if self.app.follows_background else theme
        previewed = str(parameters[0]) if name == "theme" else usual
        if previewed != self.app.theme:
            self.app.theme = previewed

    async def _run_command(self, theme: str, action: str | None) -> None:
        """Runs the action chosen in the palette; closes pages and fields before one that belongs to the main screen."""
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
