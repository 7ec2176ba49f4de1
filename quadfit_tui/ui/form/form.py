"""Form: the parameter form, with a field for each row of PARAMETERS, the most important ones first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, MouseDown
from textual.widget import Widget
from textual.widgets import Input, Label

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import PARAMETERS, USED_BY, ConfigError, RunConfig, unused
from quadfit_tui.core.config.presets import with_own_data
from quadfit_tui.core.explain.glossary import meaning
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.fields.text_field import TextField, overlong, typed_within
from quadfit_tui.ui.form.folded_form import FoldedForm
from quadfit_tui.ui.form.form_field import Field, Fields, line_of
from quadfit_tui.ui.form.more_row import MoreRow
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.fitted_text import FittedText
from quadfit_tui.ui.toolkit.screen_classes import set_class

# Classes of the screen: a field of the form has the focus; none has, and the form is folded if it can be.
EDITING, FOLDED = "-editing", "-folded"
_MOST_TOLD = 3  # maximum number of notices about invalid presets at once
# The order of the rows: the most important ones, and the rest, for which the row `more` stands. A parameter that
# belongs to a choice follows that one; parameters that are not named here come last.
_FIRST = ("lr", "optimizer", "batch", "schedule", "init", "noise", "data", "columns")
_REST = (
    *("epochs", "tol", "stop_on", "round_epochs", "shuffle", "gradient", "scale_features"),
    *("true", "samples", "x_min", "x_max", "encoding", "skip", "seed"),
)
_PLACES = {name: place for place, name in enumerate((*_FIRST, *_REST))}


def _place(name: str) -> int:
    """Returns the position of a parameter among the rows."""
    return _PLACES.get(USED_BY[name].choice if name in USED_BY else name, len(_PLACES))


class Form(Vertical):
    """The form with all parameters of a run. Enter applies them; if one is wrong, it is marked and none is applied.

    On narrow screens the form is beside the chart while it has the focus or is unfolded (`is_folded`); otherwise the
    row `folded` replaces it. The rest, less needed settings, is hidden until it is opened or differs from the preset.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "turn_rest",
            N_("Show or hide"),
            tooltip=N_("show the settings that are needed less often, or hide them (on their row)"),
            priority=True,
        ),
        Binding(
            "enter",
            "app.apply",
            N_("Apply and restart"),
            tooltip=N_("apply all fields and restart"),
            priority=True,
        ),
        Binding("escape", "leave", N_("Cancel"), tooltip=N_("close the form and discard changes"), priority=True),
        Binding("up,shift+tab", "move(-1)", N_("go to another field"), key_display="↑ ↓", show=False, priority=True),
        Binding(
            "down,tab",
            "move(1)",
            N_("Next field"),
            key_display="tab",
            tooltip=N_("go to another field"),
            priority=True,
        ),
    ]

    def __init__(self, config: RunConfig, presets: PresetCatalog, show_notice: Callable[[str], None]) -> None:
        super().__init__()
        self._show_notice = show_notice
        self._config = config
        self._presets = presets
        self._reported_faults: list[str] = []  # faults of the user's presets that were shown as notices
        self._base = presets.nearest(config)
        title = self._base.title
        self.is_folded = True
        self.folded = FoldedForm(config, self._base)
        self.border_title = _("Settings · {preset}").format(preset=title)
        self._preset = ChoiceField(tuple(presets.summaries), title, id="input-preset")
        self._help = FittedText(id="field-help")
        names = sorted(PARAMETERS, key=_place)
        self._fields = {name: Field(PARAMETERS[name], config, self._go_to_field) for name in names}
        self._rest = frozenset(name for name in names if _place(name) >= len(_FIRST))
        self._more = MoreRow(self.action_turn_rest)
        self._is_open = False  # whether the user has opened the rest
        self._show_used()

    def compose(self) -> ComposeResult:
        with Horizontal(id="field-preset"):
            label = Label(_("preset"))
            label.tooltip = meaning("preset")
            yield label
            yield self._preset
        with Fields():
            yield from (field for name, field in self._fields.items() if name not in self._rest)
            yield self._more
            yield from (field for name, field in self._fields.items() if name in self._rest)
        yield self._help

    def control(self, name: str) -> Input | ChoiceField:
        """Returns the input or choice field of a parameter, or of the preset, creating it if necessary."""
        if name == "preset":
            return self._preset
        field = self._fields[name]
        if field.control is None and any(users.choice == name for users in USED_BY.values()):
            # By a watcher and not by a message, so that the next key already finds the fields that a choice adds.
            self.watch(field.ready_control(), "value", self._show_used, init=False)
        return field.ready_control()

    def _show_used(self) -> None:
        """Shows the fields that the choices in the form use, those of the rest only if it is open; hides the others."""
        idle = self._idle
        hidden = frozenset() if self._is_open or self._keeps_open else self._rest - idle
        for name, field in self._fields.items():
            field.show_used(name not in idle | hidden)
        self._more.show(len(hidden))

    @property
    def _idle(self) -> frozenset[str]:
        """The names of parameters that make no difference to a run with the choices in the form."""
        return unused({name: field.text for name, field in self._fields.items()})

    @property
    def _keeps_open(self) -> bool:
        """Whether the rest must stay open, since a field of it is wrong or differs from the preset."""
        return any(not self._fields[name].is_as(self._base.preset) for name in self._rest - self._idle)

    def show(self, config: RunConfig) -> None:
        """Shows the configuration of the current run; drops what was typed."""
        self._config = config
        self._base = self._presets.nearest(config)
        title = self._base.title
        self.border_title = _("Settings · {preset}").format(preset=title)
        self.folded.show(config, self._base)
        for field in self._fields.values():
            field.fill(config, applied=True)
        self._show_used()
        self._preset.value = title

    def propose(self, config: RunConfig) -> None:
        """Shows a configuration that is not applied yet; fields that differ from the current run are marked."""
        self._base = self._presets.nearest(config)
        for field in self._fields.values():
            field.fill(config, applied=False)
        self._show_used()

    def refuse(self, error: ConfigError) -> None:
        """Marks the fields that an error names, and focuses the first; called when a configuration is refused."""
        self._show_used()
        self.edit(error.names[0])
        for name in error.names:
            self.control(name)
            self._fields[name].refuse(error)
        self._show_used()  # again, to show wrong fields of the rest

    def edit(self, name: str) -> None:
        """Moves the focus to the field of a parameter, or of the preset; called by commands."""
        self._set_layout_classes(in_use=True)
        self._go_to(name)

    def fold(self, folded: bool) -> None:
        """Folds or unfolds the form, on screens where it can be folded."""
        self.is_folded = folded
        self._set_layout_classes(self.has_focus_within)

    def _set_layout_classes(self, in_use: bool) -> None:
        """Sets the classes of the screen by which the style sheet lays out the form."""
        set_class(self.screen, in_use, EDITING)
        set_class(self.screen, self.is_folded and not in_use, FOLDED)

    def _read_presets(self) -> None:
        """Reads the presets again for the options of the preset field; shows new faults of their files as notices."""
        self._presets.read()
        self._preset.options = tuple(self._presets.summaries)
        if self._presets.faults != self._reported_faults:
            self._reported_faults = self._presets.faults
            for fault in self._reported_faults[:_MOST_TOLD]:
                self._show_notice(fault)

    def _go_to(self, name: str) -> None:
        """Moves the focus to a row by its name, opening the rest if it is there."""
        if name in self._rest:
            self._open()
        control = self._more if name == "more" else self.control(name)
        if control is self._preset:
            self._read_presets()
        # Not by focus(), which acts a message later: a key typed ahead would be lost.
        self.screen.set_focus(control, scroll_visible=False)
        self.call_after_refresh(self._bring_into_sight, control)

    def _bring_into_sight(self, control: Widget) -> None:
        """Scrolls to the row of a focused control, as Textual would to the control, which has no position yet."""
        if not self.is_attached:
            return  # the app exits
        if self.screen.focused is control and not self.screen.can_view_entire(line := line_of(control)):
            self.screen.scroll_to_center(line, origin_visible=True, immediate=True)

    async def action_leave(self) -> None:
        """Leaves the form, and shows the values of the current run again."""
        await typed_within(self)
        self.show(self._config)
        self.screen.set_focus(None)

    async def action_move(self, by: int) -> None:
        """Moves the focus to the next row (`by` 1) or the previous one (-1), after typed keys have taken effect.

        Moving down from the row `more` opens the rest.
        """
        await typed_within(self)
        focused = self.screen.focused
        if focused is self._more and by > 0:
            self._open()
        # In the order of the rows: Textual's focus chain goes by positions, which a new field does not have yet.
        visible = [name for name, field in self._fields.items() if field.display]
        rest = [name for name in visible if name in self._rest]
        names = ["preset", *visible[: len(visible) - len(rest)], "more", *rest]
        name = next((name for name in names if focused is not None and focused.id == f"input-{name}"), None)
        if name is not None:
            self._go_to(names[(names.index(name) + by) % len(names)])

    def _open(self) -> None:
        """Shows the rest."""
        self._is_open = True
        self._show_used()

    def action_turn_rest(self) -> None:
        """Shows or hides the rest; notifies the user if it must stay visible."""
        if self._more.hidden:
            self._open()
        elif self._keeps_open:
            template = _("These settings stay in sight: one of them is not as in the preset {preset}.")
            self._show_notice(template.format(preset=self._base.name))
        else:
            if any(self._fields[name].has_focus_within for name in self._rest):
                self._go_to("more")
            self._is_open = False
            self._show_used()
        if self.screen.focused is self._more:
            self._show_help(self._more)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Whether an action is possible now: Enter turns the rest only on the row `more`, and applies elsewhere."""
        return action != "turn_rest" or self.screen.focused is self._more

    async def read(self) -> RunConfig | None:
        """Returns the configuration of the form; None if something is wrong, which is then marked and focused."""
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
        except ConfigError as error:
            self.refuse(error)
            return None

    @on(Input.Changed)
    @on(ChoiceField.Changed)
    def _changed(self, event: Input.Changed | ChoiceField.Changed) -> None:
        """Checks a changed field, or fills the form with a chosen preset."""
        event.stop()
        control = event.input if isinstance(event, Input.Changed) else event.choice
        if control is self._preset:
            if self._preset.value not in self._presets.summaries:
                return  # a later key has already made the form show the current run again
            self.propose(self._presets.config_for(self._preset.value, self._config))
        else:
            self._field_of(control).check_typed()
        if isinstance(control, ChoiceField):  # each value has a help of its own
            self._show_help(control)

    @on(TextField.Overlong)
    def _overlong(self, event: TextField.Overlong) -> None:
        event.stop()
        self._field_of(event.input).mark(overlong())

    def _go_to_field(self, field: Field, column: int | None) -> None:
        """Moves the focus to a clicked field; `column`: that of the click within its value, or None."""
        # By a message: messages that a control posts while its parent handles an event would stop at the parent.
        if column is None:
            self.call_later(self.edit, field.parameter.name)
        else:
            self.call_later(self._open_at, field, column)

    def _open_at(self, field: Field, column: int) -> None:
        """Creates a field's control, focuses it, and does what the click on it would have done: a choice turns."""
        control = self.control(field.parameter.name)
        self.screen.set_focus(control, scroll_visible=False)
        if isinstance(control, ChoiceField):
            control.turn_at(column)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Moves the focus to the preset field when its name is clicked; other fields handle that themselves."""
        if isinstance(event.widget, Label) and event.widget.parent is self._preset.parent:
            self.edit("preset")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._set_layout_classes(in_use=True)
        if event.widget is self._preset:  # also by a click
            self._read_presets()
        self._show_help(event.widget)
        self.call_after_refresh(self.query_one(Fields).keep_in_sight)

    def on_descendant_blur(self) -> None:
        self._set_layout_classes(self.has_focus_within)
        self.query_one(Fields).keep_in_sight()

    def _show_help(self, control: Widget) -> None:
        """Shows the help for a control below the fields."""
        if control is self._preset:
            summary = self._presets.summaries.get(self._preset.value, _("custom settings"))
            template = _("{summary} (←/→ to choose, Enter to apply)")
            wordings: tuple[str, ...] = (template.format(summary=summary), summary)
        elif control is self._more:
            wordings = (self._more.help,)
        else:
            wordings = self._field_of(control).help_wordings
        self._help.set_texts(*(transliterate_for(self.app, wording) for wording in wordings))

    def _field_of(self, control: Widget) -> Field:
        return next(field for field in self._fields.values() if field.control is control)
