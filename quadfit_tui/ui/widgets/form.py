"""The parameter form: a field for each row of the parameter table, grouped as there."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus, MouseDown
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from quadfit_tui.core.config.parameters import (
    PARAMETERS,
    USERS,
    ConfigError,
    Parameter,
    RunConfig,
    unused,
)
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES, preset_for, preset_name, with_own_data
from quadfit_tui.core.config.value_types import FilePath
from quadfit_tui.ui.fields.choice_field import ChoiceField, choice_text
from quadfit_tui.ui.fields.text_field import OVERLONG, FileSuggester, TextField, typed_within
from quadfit_tui.ui.terminal.terminal_app import spelled

NAME_WIDTH = 14  # columns of the names beside the fields, of those that fit into it
OWN = "custom"  # what the preset field says of a configuration that is no preset
# What is changed most often comes first: the groups, and then these of theirs.
_GROUPS = ("training", "stopping", "start", "data")
_FIRST = ("lr", "optimizer", "batch", "schedule", "epochs")


def _in_order() -> list[Parameter]:
    """The parameters as they stand in the form: each one that belongs to a choice follows on it."""
    rows = list(PARAMETERS.values())
    rows.sort(key=lambda row: (_GROUPS.index(row.group), _place(row)))
    return rows


def _place(row: Parameter) -> int:
    """A parameter's place in its group; Python's sort keeps the order of the table for what has the same one."""
    name = USERS[row.name].choice if row.name in USERS else row.name
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


class FieldError(Static):
    """What is wrong with a field, on the lines below it."""

    def on_resize(self) -> None:
        """Keeps the field in use in sight, which it may have moved."""
        if isinstance(self.parent, Fields):  # else the program ends
            self.parent.keep_in_sight()


class Field(Widget):
    """One parameter: its name, and what was typed; below it, where something is wrong with that, what.

    It is hidden, with its line below, while the choices in the form do not use the parameter. Until it is used its
    value is painted only: thirty inputs take longer to make than all else that is seen at the start.
    """

    def __init__(self, parameter: Parameter, config: RunConfig) -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter
        self._applied = getattr(config, parameter.name)
        self._error: FieldError | None = None
        self._text = parameter.show(self._applied)
        self._options: tuple[str, ...] = getattr(parameter.value_type, "options", ())
        self.indent = max(NAME_WIDTH, len(parameter.label) + 2)
        self.control: Input | ChoiceField | None = None

    def ready_control(self) -> Input | ChoiceField:
        """The widget that takes keys, made when it is first asked for."""
        if self.control is None:
            id = f"input-{self.parameter.name}"
            options, text = self._options, self._text
            suggester = FileSuggester() if isinstance(self.parameter.value_type, FilePath) else None
            control = ChoiceField(options, text, id=id) if options else TextField(text, id=id, suggester=suggester)
            self.control = control
            self.control.styles.margin = (0, 0, 0, self.indent)
            if self.is_attached:  # else the program ends
                self.mount(self.control)
        return self.control

    def render(self) -> Content:
        room = max(0, self.content_size.width - self.indent)
        name = f" {self.parameter.label}".ljust(self.indent)
        if self._options:
            value = Content(choice_text(self.text, room)).truncate(room, ellipsis=True)
            return Content(name) + value.stylize("$foreground not bold not italic")
        return Content(name) + Content(self.text).truncate(room, pad=True).stylize(
            "$foreground on $boost not bold not italic"
        )

    def on_mouse_down(self, event: MouseDown) -> None:
        """Goes to the field; where the value is clicked on and not used yet, does what the click would do to it."""
        if not self.is_attached:
            return
        form = self.query_ancestor(Form)
        # By a message: what a control tells while its parent acts stops at the parent, as one of its own.
        if event.x < self.indent:
            form.call_later(form.edit, self.parameter.name)
        elif self.control is None:
            form.call_later(form.open_at, self, event.x - self.indent)

    @property
    def help(self) -> str:
        """What the parameter is for, and its bound."""
        unit = f", in {self.parameter.unit}" if self.parameter.unit else ""
        return f"{self.parameter.help}{unit} ({self.parameter.value_type.allowed})"

    @property
    def place(self) -> Region:
        """Where it is in the form, with what is wrong with it and the room for the fields that it may bring."""
        below = self._error
        place = self.virtual_region.grow((0, 0, self.room, 0))
        return place.union(below.virtual_region) if below is not None and below.display and below.size else place

    @property
    def room(self) -> int:
        """How many fields a choice of this one brings, at most."""
        used = Counter(word for users in USERS.values() if users.choice == self.parameter.name for word in users.words)
        return max(used.values(), default=0)

    @property
    def value(self) -> object:
        """What the form reads: what was typed, or the running value where that is wrong and the field hidden."""
        return self._applied if self.has_class("-wrong") and not self.display else self.text

    @property
    def text(self) -> str:
        """What was typed, or is shown."""
        return self._text if self.control is None else self.control.value

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
        self.mark(f"{refused.reason}; allowed: {refused.allowed}" if refused.allowed else refused.reason)

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


def _line_of(control: Widget) -> Widget:
    """The row of the form that a control is in."""
    line = control.parent
    assert isinstance(line, Widget)
    return line


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The scrolling part of the form."""

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
            line = _line_of(focused)
            self.scroll_to_region(line.place if isinstance(line, Field) else line.virtual_region, animate=False)


def _title(config: RunConfig) -> str:
    return f"Settings · {preset_name(config) or OWN}"


class Form(Vertical):
    """All parameters of a run. Enter applies them; what is wrong is marked and nothing is applied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.apply", "Apply and restart", tooltip="apply all fields and restart", priority=True),
        Binding("escape", "leave", "Cancel", tooltip="close the form and discard changes", priority=True),
        Binding("up,shift+tab", "move(-1)", "go to another field", key_display="↑ ↓", show=False, priority=True),
        Binding("down,tab", "move(1)", "Next field", key_display="tab", tooltip="go to another field", priority=True),
    ]

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self._config = config
        self.border_title = _title(config)
        self._preset = ChoiceField(tuple(PRESETS), preset_name(config) or OWN, id="input-preset")
        self._help = Static(id="field-help", markup=False)
        self._fields = {parameter.name: Field(parameter, config) for parameter in _in_order()}
        self._show_used()

    def compose(self) -> ComposeResult:
        with Horizontal(id="field-preset"):
            yield Label("preset")
            yield self._preset
        with Fields():
            for group, fields in groupby(self._fields.values(), lambda field: field.parameter.group):
                yield Label(group, classes="group")
                yield from fields
        yield self._help

    def control(self, name: str) -> Input | ChoiceField:
        """The widget that takes the keys of a parameter's field, or of the preset field."""
        if name == "preset":
            return self._preset
        field = self._fields[name]
        if field.control is None and any(users.choice == name for users in USERS.values()):
            # Not by a message: the next key is to find the fields that a choice brought.
            self.watch(field.ready_control(), "value", self._show_used, init=False)
        return field.ready_control()

    def _show_used(self) -> None:
        """Shows the fields that the choices made in the form use, and hides the others."""
        hidden = unused({name: field.text for name, field in self._fields.items()})
        for name, field in self._fields.items():
            field.show_used(name not in hidden)

    def show(self, config: RunConfig) -> None:
        """Shows the configuration that runs."""
        self._config = config
        self.border_title = _title(config)
        for field in self._fields.values():
            field.fill(config, applied=True)
        self._show_used()
        self._preset.value = preset_name(config) or OWN

    def refuse(self, refused: ConfigError) -> None:
        """Marks the fields that a refusal is about, and goes to the first of them; a file may need others beside it."""
        self._show_used()
        self.edit(refused.names[0])
        for name in refused.names:
            self.control(name)
            self._fields[name].refuse(refused)

    def edit(self, name: str) -> None:
        """Goes to the field of a parameter, or to the preset field."""
        self.screen.add_class("-editing")  # shows the form where there is no room for it beside the chart
        self._go_to(name)

    def _go_to(self, name: str) -> None:
        control = self.control(name)
        # At once: focus() comes a message later, and a key typed ahead would be lost.
        self.screen.set_focus(control, scroll_visible=False)
        self.call_after_refresh(self._bring_into_sight, control)

    def _bring_into_sight(self, control: Widget) -> None:
        """Does what Textual does for a focused widget for the line that it is in: that has a place already."""
        if not self.is_attached:
            return  # the program ends
        if self.screen.focused is control and not self.screen.can_view_entire(line := _line_of(control)):
            self.screen.scroll_to_center(line, origin_visible=True, immediate=True)

    async def action_leave(self) -> None:
        """Gives the keys back to the rest of the screen, and shows again what runs; what was typed is forgotten."""
        await typed_within(self)
        self.show(self._config)
        self.screen.set_focus(None)

    async def action_move(self, by: int) -> None:
        """Goes to the next or the previous field, of those that there are once what was typed before has its effect."""
        await typed_within(self)
        # In their own order: Textual's own goes by where fields are, which a new one has yet to be told.
        names = ["preset", *(name for name, field in self._fields.items() if field.display)]
        focused = self.screen.focused
        at = next((at for at, name in enumerate(names) if focused is not None and focused.id == f"input-{name}"), None)
        if at is not None:
            self._go_to(names[(at + by) % len(names)])

    async def read(self) -> RunConfig | None:
        """The configuration in the fields; None, and the fields at fault are marked, if there is something wrong."""
        await typed_within(self)
        for field in self._fields.values():
            field.check()
        wrong = next((field for field in self._fields.values() if field.display and field.has_class("-wrong")), None)
        if wrong is not None:
            self._go_to(wrong.parameter.name)
            return None
        try:
            config = RunConfig(**{name: field.value for name, field in self._fields.items()})  # type: ignore[arg-type]
            return with_own_data(config, self._config)
        except ConfigError as refused:
            self.refuse(refused)
            return None

    @on(Input.Changed)
    @on(ChoiceField.Changed)
    def _changed(self, event: Input.Changed | ChoiceField.Changed) -> None:
        event.stop()
        control = event.input if isinstance(event, Input.Changed) else event.choice
        if control is self._preset:
            if self._preset.value not in PRESETS:
                return  # a key typed after it has had the form show what runs, meanwhile
            config = preset_for(self._preset.value, self._config)
            for field in self._fields.values():
                field.fill(config, applied=False)
            self._show_used()
            self._show_help(control)
        else:
            self._field_of(control).check_typed()

    @on(TextField.Overlong)
    def _overlong(self, event: TextField.Overlong) -> None:
        event.stop()
        self._field_of(event.input).mark(OVERLONG)

    def open_at(self, field: Field, column: int) -> None:
        """Makes the control of a field and does what a click on it, at a column of the value, would do."""
        control = self.control(field.parameter.name)
        self.screen.set_focus(control, scroll_visible=False)
        if isinstance(control, ChoiceField):
            control.turn_at(column)
        else:
            # Once it has the focus, for that selects all of it.
            control.call_later(setattr, control, "cursor_position", min(column, len(control.value)))

    def on_mouse_down(self, event: MouseDown) -> None:
        """Goes to the preset field where its name is clicked on; the other names see to that themselves."""
        if isinstance(event.widget, Label) and event.widget.parent is self._preset.parent:
            self.edit("preset")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.screen.add_class("-editing")
        self._show_help(event.widget)
        self.call_after_refresh(self.query_one(Fields).keep_in_sight)

    def on_descendant_blur(self) -> None:
        self.screen.set_class(self.has_focus_within, "-editing")
        self.query_one(Fields).keep_in_sight()

    def _show_help(self, control: Widget) -> None:
        if control is self._preset:
            summary = SUMMARIES.get(self._preset.value, "custom settings")
            self._help.update(spelled(self.app, f"{summary} (←/→ to choose, Enter to apply)"))
        else:
            self._help.update(self._field_of(control).help)

    def _field_of(self, control: Widget) -> Field:
        return next(field for field in self._fields.values() if field.control is control)
