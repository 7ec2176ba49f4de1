"""A field of the form: a parameter's name and value, what is wrong with it; and the part of the form that scrolls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import MouseDown
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input, Static

from quadfit_tui.core.config.parameters import USED_BY, ConfigError, Parameter, RunConfig
from quadfit_tui.core.config.value_types import FilePath
from quadfit_tui.core.explain.glossary import meaning_of_setting
from quadfit_tui.core.text.language import _, pgettext, with_remark
from quadfit_tui.core.text.quoting import with_allowed
from quadfit_tui.core.text.width import ljust, shortened
from quadfit_tui.ui.fields.choice_field import ChoiceField, choice_text
from quadfit_tui.ui.fields.text_field import FileSuggester, TextField, cut_text
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.explained import Explained

_AROUND = 8  # rows of the screen that the scrolling part never has
NAME_WIDTH = 15  # columns of the names beside the fields: the values stand below each other


class FieldError(Static):
    """What is wrong with a field, on the lines below it."""

    def on_resize(self) -> None:
        """Keeps the field in use in sight, which it may have moved."""
        if isinstance(self.parent, Fields):  # else the program ends
            self.parent.keep_in_sight()


class Field(Explained):
    """One parameter: its name, and what was typed; below it, where something is wrong with that, what.

    It is hidden, with its line below, while the choices in the form do not use the parameter. Until it is used its
    value is painted only: thirty inputs take longer to make than all else that is seen at the start. `go_to` is told
    of a click on it, and at which column of the value, None where that is not for it to do.
    """

    def __init__(self, parameter: Parameter, config: RunConfig, go_to: Callable[[Field, int | None], None]) -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter
        self._go_to = go_to
        self._applied = getattr(config, parameter.name)
        self._error: FieldError | None = None
        self._text = parameter.show(self._applied)
        self._options: tuple[str, ...] = getattr(parameter.value_type, "options", ())
        self.control: Input | ChoiceField | None = None

    def ready_control(self) -> Input | ChoiceField:
        """The widget that takes keys, made when it is first asked for."""
        if self.control is None:
            id = f"input-{self.parameter.name}"
            options, text = self._options, self._text
            suggester = FileSuggester() if isinstance(self.parameter.value_type, FilePath) else None
            control = ChoiceField(options, text, id=id) if options else TextField(text, id=id, suggester=suggester)
            self.control = control
            self.control.styles.margin = (0, 0, 0, NAME_WIDTH)
            if self.is_attached:  # else the program ends
                self.mount(self.control)
        return self.control

    def render(self) -> Content:
        room = max(0, self.content_size.width - NAME_WIDTH)
        name = ljust(shortened(self.parameter.label, NAME_WIDTH - 1), NAME_WIDTH)
        if self._options:
            value = Content(choice_text(self.text, room)).truncate(room, ellipsis=True)
            return Content(name) + value.stylize("$foreground not bold not italic")
        return Content(name) + cut_text(self.text, room).stylize("$foreground on $boost not bold not italic")

    def on_mouse_down(self, event: MouseDown) -> None:
        """Goes to the field; where the value is clicked on and not used yet, does what the click would do to it."""
        if not self.is_attached:
            return  # the program ends
        if event.x < NAME_WIDTH:
            self._go_to(self, None)
        elif self.control is None:
            self._go_to(self, event.x - NAME_WIDTH)

    def meaning_at(self, x: int, y: int) -> str:  # noqa: ARG002  there is one row
        """Returns what the parameter is for, at its name."""
        return transliterate_for(self.app, self.meaning) if x < NAME_WIDTH else ""

    @property
    def meaning(self) -> str:
        """What the parameter is for; of a choice, what the present value does."""
        return meaning_of_setting(self.parameter.name, self.text) or _(self.parameter.help)

    @property
    def ways(self) -> tuple[str, str]:
        """What the parameter is for with what is allowed, and alone: the ways to tell it."""
        row, about = self.parameter, self.meaning
        allowed = row.value_type.allowed
        if not row.unit:
            return with_remark(about, allowed), about
        unit = pgettext("unit", row.unit)
        return _("{help}, in {unit} ({allowed})").format(help=about, unit=unit, allowed=allowed), about

    @property
    def place(self) -> Region:
        """Where it is in the form, with what is wrong with it and the room for the fields that it may bring."""
        below = self._error
        place = self.virtual_region.grow((0, 0, self.room, 0))
        return place.union(below.virtual_region) if below is not None and below.display and below.size else place

    @property
    def room(self) -> int:
        """How many fields a choice of this one brings, at most."""
        used = Counter(
            word for users in USED_BY.values() if users.choice == self.parameter.name for word in users.words
        )
        return max(used.values(), default=0)

    @property
    def value(self) -> object:
        """What the form reads: what was typed, or the running value where that is wrong and the field hidden."""
        return self._applied if self.has_class("-wrong") and not self.display else self.text

    @property
    def text(self) -> str:
        """What was typed, or is shown."""
        return self._text if self.control is None else self.control.value

    def is_as(self, config: RunConfig) -> bool:
        """Whether it has the value that a configuration has, and nothing is wrong with it."""
        if self.has_class("-wrong"):
            return False
        try:
            return bool(self.parameter.parse(self.text) == getattr(config, self.parameter.name))
        except ConfigError:
            return False

    def show_used(self, used: bool) -> None:
        """Shows the field or hides it, as the run uses the parameter or not."""
        self.display = used
        self._show_error()

    def fill(self, config: RunConfig, applied: bool) -> None:
        """Shows the value of `config`; with `applied` it is also the running one."""
        value = getattr(config, self.parameter.name)
        if applied:
            self._applied = value
        self._text = self.parameter.show(value)
        if self.control is None:
            self.refresh()
        else:
            with self.control.prevent(Input.Changed, ChoiceField.Changed):
                self.control.value = self._text
        self.check()

    def check_typed(self) -> None:
        """Checks what was typed, if it is something new: a new input tells of what it begins with, too."""
        if self.text != self._text:
            self._text = self.text
            self.check()

    def check(self) -> None:
        """Marks the field by what is typed in it: wrong, changed but not applied, or as it runs."""
        try:
            value = self.parameter.parse(self.text)
        except ConfigError as refused:
            self.refuse(refused)
        else:
            self.mark("")
            self.set_class(value != self._applied, "-changed")

    def refuse(self, refused: ConfigError) -> None:
        """Marks the field as wrong and says why in plain words."""
        self.mark(with_allowed(refused.reason, refused.allowed) if refused.allowed else refused.reason)

    def mark(self, problem: str) -> None:
        """Says what is wrong with the field, until something else is typed; nothing is, where that is empty."""
        self.set_class(bool(problem), "-wrong")
        fields = self.parent
        if not isinstance(fields, Fields):
            return  # the program ends
        if problem and self._error is None and self.is_attached:
            self._error = FieldError(id=f"problem-{self.parameter.name}", classes="problem", markup=False)
            fields.mount(self._error, after=self)
        if self._error is not None:
            self._error.update(problem)
            self._show_error()
            if problem:
                self.call_after_refresh(fields.keep_in_sight)

    def _show_error(self) -> None:
        if self._error is not None:
            self._error.display = self.display and self.has_class("-wrong")


def line_of(control: Widget) -> Widget:
    """The row of the form that a control is in, or is."""
    line = control if isinstance(control.parent, Fields) else control.parent
    assert isinstance(line, Widget)
    return line


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The scrolling part of the form."""

    def on_mount(self) -> None:
        """Foresees whether it will have a scrollbar: else all is laid out anew when that turns out."""
        rows = sum(child.display for child in self.children)
        is_seen = not self.screen.has_class("-slim")
        self.set_reactive(Fields.show_vertical_scrollbar, is_seen and rows > self.app.size.height - _AROUND)

    def on_resize(self) -> None:
        """Keeps the field in use in sight, also when its help takes some of the room."""
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """Keeps the field in use in sight, with room below for what its choices bring: nothing is to jump then.

        Where none of them is in use, that is the beginning.
        """
        focused = self.screen.focused
        if focused is None or not self.has_focus_within:
            self.scroll_home(animate=False)
        else:
            line = line_of(focused)
            place = line.place if isinstance(line, Field) else line.virtual_region
            self.scroll_to_region(place.crop_size(self.size), animate=False)  # first of all the line itself
