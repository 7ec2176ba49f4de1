"""Field: a row of the form with a parameter's name, value and error; Fields: the scrolling part of the form."""

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
from quadfit_tui.core.text.width import ellipsize, ljust
from quadfit_tui.ui.fields.choice_field import ChoiceField, choice_text
from quadfit_tui.ui.fields.text_field import FileSuggester, TextField, cut_text
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.explained import Explained

_AROUND = 8  # rows of the screen around the scrolling part, at least
NAME_WIDTH = 15  # columns of the names beside the fields, so that the values are aligned


class FieldError(Static):
    """The error of a field, on the lines below it."""

    def on_resize(self) -> None:
        """Scrolls to the focused field, which the error may have moved."""
        if isinstance(self.parent, Fields):  # else the app exits
            self.parent.keep_in_sight()


class Field(Explained):
    """A row of the form for one parameter: its name, its value, and below it an error, if there is one.

    It is hidden while the choices in the form do not use the parameter. Its `control`, an input or a choice field, is
    created when it is first used, since thirty inputs would take longer to create than the rest of the first frame;
    until then, the row paints the value itself. `go_to` is called with the field when it is clicked, and with the
    column of the click within the value, or None for a click on the name.
    """

    def __init__(self, parameter: Parameter, config: RunConfig, go_to: Callable[[Field, int | None], None]) -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter
        self._go_to = go_to
        self._applied = getattr(config, parameter.name)  # the value of the current run
        self._error: FieldError | None = None
        self._text = parameter.show(self._applied)
        self._options: tuple[str, ...] = getattr(parameter.value_type, "options", ())
        self.control: Input | ChoiceField | None = None

    def ready_control(self) -> Input | ChoiceField:
        """Returns the input or choice field of the row, which is created and mounted at the first call."""
        if self.control is None:
            id = f"input-{self.parameter.name}"
            options, text = self._options, self._text
            suggester = FileSuggester() if isinstance(self.parameter.value_type, FilePath) else None
            control = ChoiceField(options, text, id=id) if options else TextField(text, id=id, suggester=suggester)
            self.control = control
            self.control.styles.margin = (0, 0, 0, NAME_WIDTH)
            if self.is_attached:  # else the app exits
                self.mount(self.control)
        return self.control

    def render(self) -> Content:
        room = max(0, self.content_size.width - NAME_WIDTH)
        name = ljust(ellipsize(self.parameter.label, NAME_WIDTH - 1), NAME_WIDTH)
        if self._options:
            value = Content(choice_text(self.text, room)).truncate(room, ellipsis=True)
            return Content(name) + value.stylize("$foreground not bold not italic")
        return Content(name) + cut_text(self.text, room).stylize("$foreground on $boost not bold not italic")

    def on_mouse_down(self, event: MouseDown) -> None:
        """Reports a click on the name, or on a value that has no control yet, to `go_to`."""
        if not self.is_attached:
            return  # the app exits
        if event.x < NAME_WIDTH:
            self._go_to(self, None)
        elif self.control is None:
            self._go_to(self, event.x - NAME_WIDTH)

    def meaning_at(self, x: int, y: int) -> str:  # noqa: ARG002  there is one row
        """Returns the meaning of the parameter for the tooltip of its name."""
        return transliterate_for(self.app, self.meaning) if x < NAME_WIDTH else ""

    @property
    def meaning(self) -> str:
        """The meaning of the parameter or, for a choice, of its present value."""
        return meaning_of_setting(self.parameter.name, self.text) or _(self.parameter.help)

    @property
    def help_wordings(self) -> tuple[str, str]:
        """The help for the parameter in two wordings: with the allowed values, and without."""
        parameter, meaning = self.parameter, self.meaning
        allowed = parameter.value_type.allowed
        if not parameter.unit:
            return with_remark(meaning, allowed), meaning
        unit = pgettext("unit", parameter.unit)
        return _("{help}, in {unit} ({allowed})").format(help=meaning, unit=unit, allowed=allowed), meaning

    @property
    def region_to_show(self) -> Region:
        """The region of the field, its error, and the fields that a choice of it may add, within the form."""
        error = self._error
        region = self.virtual_region.grow((0, 0, self.most_dependents, 0))
        return region.union(error.virtual_region) if error is not None and error.display and error.size else region

    @property
    def most_dependents(self) -> int:
        """The maximum number of fields that a choice of this one shows below it."""
        dependents = Counter(
            word for users in USED_BY.values() if users.choice == self.parameter.name for word in users.words
        )
        return max(dependents.values(), default=0)

    @property
    def value(self) -> object:
        """The value for the form to read: the typed text or, if that is wrong but hidden, the current run's value."""
        return self._applied if self.has_class("-wrong") and not self.display else self.text

    @property
    def text(self) -> str:
        """The text of the value, as typed or painted."""
        return self._text if self.control is None else self.control.value

    def is_as(self, config: RunConfig) -> bool:
        """Whether the field is valid and has the value of a configuration."""
        if self.has_class("-wrong"):
            return False
        try:
            return bool(self.parameter.parse(self.text) == getattr(config, self.parameter.name))
        except ConfigError:
            return False

    def show_used(self, used: bool) -> None:
        """Shows or hides the field and its error; called with whether the choices in the form use the parameter."""
        self.display = used
        self._show_error()

    def fill(self, config: RunConfig, applied: bool) -> None:
        """Shows the value of a configuration; `applied`: it is that of the current run."""
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
        """Checks the value if the text has changed; a new input reports its first text as a change, too."""
        if self.text != self._text:
            self._text = self.text
            self.check()

    def check(self) -> None:
        """Parses the text, and marks the field as wrong, as changed, or as equal to the current run's value."""
        try:
            value = self.parameter.parse(self.text)
        except ConfigError as error:
            self.refuse(error)
        else:
            self.mark("")
            self.set_class(value != self._applied, "-changed")

    def refuse(self, error: ConfigError) -> None:
        """Marks the field as wrong, with the error and the allowed values below it."""
        self.mark(with_allowed(error.reason, error.allowed) if error.allowed else error.reason)

    def mark(self, problem: str) -> None:
        """Shows an error below the field until something else is typed; an empty text removes it."""
        self.set_class(bool(problem), "-wrong")
        fields = self.parent
        if not isinstance(fields, Fields):
            return  # the app exits
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
    """Returns the row of the form that contains a control, or the control itself if it is a row."""
    line = control if isinstance(control.parent, Fields) else control.parent
    assert isinstance(line, Widget)
    return line


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The scrolling part of the form, with its fields."""

    def on_mount(self) -> None:
        """Shows the scrollbar in advance if the fields will need it, so that the form is laid out only once."""
        rows = sum(child.display for child in self.children)
        is_seen = not self.screen.has_class("-slim")
        self.set_reactive(Fields.show_vertical_scrollbar, is_seen and rows > self.app.size.height - _AROUND)

    def on_resize(self) -> None:
        """Scrolls to the focused field, also when its help reduces the height."""
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """Scrolls to the focused field, with space below for the fields that its choices add, or else to the top."""
        focused = self.screen.focused
        if focused is None or not self.has_focus_within:
            self.scroll_home(animate=False)
        else:
            line = line_of(focused)
            region = line.region_to_show if isinstance(line, Field) else line.virtual_region
            self.scroll_to_region(region.crop_size(self.size), animate=False)  # cropped, so that the line is visible
