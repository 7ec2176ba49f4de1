"""The parameter form: a field for each row of the parameter table, grouped as there."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from quadfit_tui.core.config import GROUPS, PARAMETERS, USERS, ConfigError, Parameter, RunConfig, unused
from quadfit_tui.core.presets import PRESETS, SUMMARIES, matching
from quadfit_tui.ui.choice import Choice
from quadfit_tui.ui.plain_input import PlainInput, typed_within

OWN = "own"  # what the preset field says of a configuration that is no preset


class Field(Horizontal):
    """One parameter: its name, and what was typed; below it, where something is wrong with that, what.

    It is hidden, with its line below, while the choices in the form do not use the parameter.
    """

    def __init__(self, parameter: Parameter, config: RunConfig) -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter
        self._applied = getattr(config, parameter.name)
        self._problem: Static | None = None
        self.control = self._make_control(parameter.show(self._applied))

    def _make_control(self, text: str) -> Input | Choice:
        options: tuple[str, ...] = getattr(self.parameter.kind, "options", ())
        id = f"input-{self.parameter.name}"
        return Choice(options, text, id=id) if options else PlainInput(text, id=id)

    def compose(self) -> ComposeResult:
        yield Label(self.parameter.label)
        yield self.control

    @property
    def help(self) -> str:
        """What the parameter is for, and its bound."""
        unit = f", in {self.parameter.unit}" if self.parameter.unit else ""
        return f"{self.parameter.help}{unit} ({self.parameter.kind.allowed})"

    @property
    def room(self) -> int:
        """How many fields a choice of this one brings, at most."""
        used = Counter(word for users in USERS.values() if users.choice == self.parameter.name for word in users.words)
        return max(used.values(), default=0)

    @property
    def value(self) -> object:
        """What the form reads here: what was typed, or what runs where that is wrong and out of sight."""
        return self._applied if self.has_class("-wrong") and not self.display else self.control.value

    def use(self, used: bool) -> None:
        """Shows the field or hides it, as the run uses the parameter or not."""
        self.display = used
        self._show_problem()

    def fill(self, config: RunConfig, applied: bool) -> None:
        """Shows the value of `config`; with `applied` it is also the running one."""
        value = getattr(config, self.parameter.name)
        if applied:
            self._applied = value
        with self.control.prevent(Input.Changed, Choice.Changed):
            self.control.value = self.parameter.show(value)
        self.check()

    def check(self) -> None:
        """Marks the field by what is typed in it: wrong, changed but not applied, or as it runs."""
        try:
            value = self.parameter.parse(self.control.value)
        except ConfigError as refused:
            self.refuse(refused)
        else:
            self._mark("")
            self.set_class(value != self._applied, "-changed")

    def refuse(self, refused: ConfigError) -> None:
        """Marks the field as wrong and says why in plain words."""
        self._mark(f"{refused.reason}; allowed: {refused.allowed}" if refused.allowed else refused.reason)

    def _mark(self, problem: str) -> None:
        self.set_class(bool(problem), "-wrong")
        if problem and self._problem is None and isinstance(self.parent, Widget):
            self._problem = Static(id=f"problem-{self.parameter.name}", classes="problem", markup=False)
            self.parent.mount(self._problem, after=self)
        if self._problem is not None:
            self._problem.update(problem)
            self._show_problem()
            if problem and self.screen.focused is self.control:
                self.call_after_refresh(self._problem.scroll_visible, animate=False)

    def _show_problem(self) -> None:
        if self._problem is not None:
            self._problem.display = self.display and self.has_class("-wrong")


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The scrolling part of the form."""

    def on_resize(self) -> None:
        """Makes good what the help of the field in use, for one, took of the room."""
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """Keeps the field in use in sight, with room below for what its choices bring: nothing is to jump then."""
        focused = self.screen.focused
        field = focused.parent if focused is not None and self.has_focus_within else None
        if isinstance(field, Widget):
            room = field.room if isinstance(field, Field) else 0
            self.scroll_to_region(field.virtual_region.grow((0, 0, room, 0)), animate=False)


class Form(Vertical):
    """All parameters of a run. Enter applies them; what is wrong is marked and nothing is applied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.apply", "Apply and restart", tooltip="apply all fields and start again", priority=True),
        Binding("escape", "leave", "Leave the form", tooltip="leave the form and forget its changes", priority=True),
        Binding("up,shift+tab", "move(-1)", "go to another field", key_display="↑", show=False, priority=True),
        Binding("down,tab", "move(1)", "Next field", key_display="tab", tooltip="go to another field", priority=True),
    ]

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self._config = config
        self._preset = Choice(tuple(PRESETS), matching(config) or OWN, id="input-preset")
        self._help = Static(id="field-help", markup=False)
        self._fields = {name: Field(parameter, config) for name, parameter in PARAMETERS.items()}
        self._show_used()

    def compose(self) -> ComposeResult:
        with Fields():
            with Horizontal(id="field-preset"):
                yield Label("preset")
                yield self._preset
            for group in GROUPS:
                yield Label(group, classes="group")
                yield from (field for field in self._fields.values() if field.parameter.group == group)
        yield self._help

    def on_mount(self) -> None:
        # Not by a message: the next key is to find the fields that a choice brought.
        for name in {users.choice for users in USERS.values()}:
            self.watch(self._fields[name].control, "value", self._show_used, init=False)

    def _show_used(self) -> None:
        """Shows the fields that the choices made in the form use, and hides the others."""
        hidden = unused({name: field.control.value for name, field in self._fields.items()})
        for name, field in self._fields.items():
            field.use(name not in hidden)

    def show(self, config: RunConfig) -> None:
        """Shows the configuration that runs."""
        self._config = config
        for field in self._fields.values():
            field.fill(config, applied=True)
        self._preset.value = matching(config) or OWN

    def refuse(self, refused: ConfigError) -> None:
        """Marks the fields that a refusal is about, and goes to the first of them."""
        self.edit(refused.names[0])
        for name in refused.names:
            self._fields[name].refuse(refused)

    def edit(self, name: str) -> None:
        """Goes to the field of a parameter, or to that of the presets."""
        control = self._preset if name == "preset" else self._fields[name].control
        self.screen.add_class("-editing")  # shows the form where there is no room for it beside the chart
        self.screen.set_focus(control)  # at once: focus() comes a message later, and a key typed ahead would be lost

    async def action_leave(self) -> None:
        """Gives the keys back to the rest of the screen, and shows again what runs; what was typed is forgotten."""
        await typed_within(self)
        self.show(self._config)
        self.screen.set_focus(None)

    async def action_move(self, by: int) -> None:
        """Goes to the next or the previous field, of those that there are once what was typed before has its effect."""
        await typed_within(self)
        # In the order of the table: Textual's own goes by where fields are, which a new one has yet to be told.
        controls: list[Widget] = [self._preset, *(field.control for field in self._fields.values() if field.display)]
        focused = self.screen.focused
        if focused in controls:
            self.screen.set_focus(controls[(controls.index(focused) + by) % len(controls)])

    async def read(self) -> RunConfig | None:
        """The configuration in the fields; None, and the fields at fault are marked, if there is something wrong."""
        await typed_within(self)
        for field in self._fields.values():
            field.check()
        wrong = next((field for field in self._fields.values() if field.display and field.has_class("-wrong")), None)
        if wrong is not None:
            self.screen.set_focus(wrong.control)
            return None
        try:
            return RunConfig(**{name: field.value for name, field in self._fields.items()})  # type: ignore[arg-type]
        except ConfigError as refused:
            self.refuse(refused)
            return None

    @on(Input.Changed)
    @on(Choice.Changed)
    def _changed(self, event: Input.Changed | Choice.Changed) -> None:
        event.stop()
        control = event.input if isinstance(event, Input.Changed) else event.choice
        if control is self._preset:
            for field in self._fields.values():
                field.fill(PRESETS[self._preset.value], applied=False)
            self._show_help(control)
        else:
            self._field_of(control).check()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.screen.add_class("-editing")
        self._show_help(event.widget)
        self.call_after_refresh(self.query_one(Fields).keep_in_sight)

    def on_descendant_blur(self) -> None:
        self.screen.set_class(self.has_focus_within, "-editing")

    def _show_help(self, control: Widget) -> None:
        if control is self._preset:
            self._help.update(
                f"{SUMMARIES.get(self._preset.value, 'your own configuration')} (← → choose, Enter applies)"
            )
        else:
            self._help.update(self._field_of(control).help)

    def _field_of(self, control: Widget) -> Field:
        return next(field for field in self._fields.values() if field.control is control)
