"""TwinScreen: the list of twins, runs that differ from the present one in one choice."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.twins import TWINS, twin
from quadfit_tui.core.text.language import N_, _, comma_separated
from quadfit_tui.core.text.width import cell_width, ljust
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.terminal.terminal_app import transliterate_for


def _key(name: str) -> str:
    """Returns the key of a twin: the first letter of its name."""
    return name[0]


class TwinScreen(Dialog[str]):
    """The list of a run's twins with what each changes; its result is the name of the chosen one."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,k", "dismiss", N_("Close"), priority=True),  # as on a TextScreen
        Binding("enter", "take", N_("Start"), priority=True),
        *(Binding(_key(name), f"choose('{name}')", row.words, priority=True) for name, row in TWINS.items()),
    ]

    def __init__(self, task: FitTask) -> None:
        super().__init__()
        self._idle = {name: row.idle(task) for name, row in TWINS.items()}
        self._descriptions = {
            name: _("would change nothing: {why}").format(why=why)
            if why
            else comma_separated(differences(task.config, twin(task, name)))
            for name, why in self._idle.items()
        }
        self._list = OptionsList()

    def compose(self) -> ComposeResult:
        page = self._list
        page.border_title = _("Twin run: change one setting")
        yield page

    def on_mount(self) -> None:
        self._list.add_options(map(self._option, TWINS))
        self._list.action_first()

    def _option(self, name: str) -> Option:
        """Returns the option of a twin, disabled if it would change nothing."""
        width = max(cell_width(_(row.words)) for row in TWINS.values())
        description = transliterate_for(self.app, self._descriptions[name])
        text = Content.assemble((_key(name), "bold $accent"), f"  {ljust(_(TWINS[name].words), width)}  {description}")
        return Option(text, id=name, disabled=bool(self._idle[name]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    async def action_take(self) -> None:
        """Chooses the marked twin, after the keys typed before have taken effect."""
        await typed_within(self)
        marked = self._list.highlighted_option
        if marked is not None and marked.id is not None:
            self.action_choose(marked.id)

    def action_choose(self, name: str) -> None:
        """Closes the list with a twin by its name, unless that would change nothing."""
        if not self._idle[name]:
            self.dismiss(name)
