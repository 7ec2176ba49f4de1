"""G of a teacher: the steps of the lesson that is open, to go to any of them; of a class how many are at each.

It may be projected: who is where is not shown.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from quadfit_tui.core.text.language import _, noted
from quadfit_tui.teaching.classroom.classroom import INTERVAL
from quadfit_tui.teaching.classroom.pace import Pace, step_rows
from quadfit_tui.teaching.notation.lesson import Lesson, Step
from quadfit_tui.ui.fields.text_field import typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.terminal.terminal_app import spelled

_WIDEST, _AROUND = 78, 5  # columns of the box, and of them those of its frame and the scrollbar


class StepsScreen(Dialog[Step]):
    """Lists the steps of a lesson, beside them the pace of the class; gives the one that is chosen."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,G", "dismiss", noted("Close"), priority=True),
        Binding("enter", "take", noted("Go to the step"), priority=True),
    ]

    def __init__(self, lesson: Lesson, present: Step | None, pace: Pace | None) -> None:
        """The list begins at the `present` step."""
        super().__init__()
        self._lesson, self._pace = lesson, pace
        self._present = lesson.steps.index(present) if present in lesson.steps else 0
        self._list = OptionsList()
        self._others = Static(markup=False)
        self._rows: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical() as page:
            page.border_title = spelled(self.app, _("Steps: {title}").format(title=self._lesson.title))
            yield self._list
            yield self._others

    def on_mount(self) -> None:
        self._others.display = self._pace is not None
        self._look()
        self._show()
        self._list.highlighted = self._present
        if self._pace is not None:
            self.set_interval(INTERVAL, self._look)

    def on_resize(self) -> None:
        self._show()

    def _look(self) -> None:
        if self._pace is not None and self._pace.look():
            self._show()

    def _show(self) -> None:
        """Shows the rows that are not what they were."""
        places = None if self._pace is None else self._pace.places(self._lesson)
        room = max(20, min(_WIDEST, self.app.size.width) - _AROUND)
        rows = [spelled(self.app, row) for row in step_rows(self._lesson, places, room)]
        if not self._rows:
            self._list.add_options(Option(Content(row)) for row in rows)
        for at, (row, before) in enumerate(zip(rows, self._rows, strict=False)):
            if row != before:
                self._list.replace_option_prompt_at_index(at, Content(row))
        self._rows = rows
        if places is not None:
            self._others.update(places.others)

    async def action_take(self) -> None:
        """Takes the marked step, once the keys before this one have had their effect."""
        await typed_within(self)
        if self._list.highlighted is not None:
            self.dismiss(self._lesson.steps[self._list.highlighted])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._lesson.steps[event.option_index])
