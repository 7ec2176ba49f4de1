"""The list of the steps of the open lesson, from which a teacher goes to any of them (key G)."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.teaching.classroom.pace import step_rows
from quadfit_tui.teaching.notation.lesson import Lesson, Step
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.terminal.terminal_app import transliterate_for


class StepsScreen(Dialog[Step]):
    """A dialog with the steps of a lesson (key G of a teacher); its result is the chosen step."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,G", "dismiss", N_("Close"), priority=True),
        Binding("enter", "take", N_("Go to the step"), priority=True),
    ]

    def __init__(self, lesson: Lesson, present: Step | None) -> None:
        """`present` is the current step, which is highlighted first."""
        super().__init__()
        self._lesson = lesson
        self._present = lesson.steps.index(present) if present in lesson.steps else 0
        self._list = OptionsList()

    def compose(self) -> ComposeResult:
        with Vertical() as page:
            page.border_title = transliterate_for(self.app, _("Steps: {title}").format(title=self._lesson.title))
            yield self._list

    def on_mount(self) -> None:
        self._list.add_options(Option(Content(transliterate_for(self.app, row))) for row in step_rows(self._lesson))
        self._list.highlighted = self._present

    async def action_take(self) -> None:
        """Closes the list with the highlighted step as its result, once the keys before this one took effect."""
        await typed_within(self)
        if self._list.highlighted is not None:
            self.dismiss(self._lesson.steps[self._list.highlighted])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._lesson.steps[event.option_index])
