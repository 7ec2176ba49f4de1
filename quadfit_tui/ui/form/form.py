"""The parameter form: a field for each row of the parameter table, those that matter most first."""

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
from quadfit_tui.core.text.width import cut
from quadfit_tui.ui.fields.choice_field import ChoiceField
from quadfit_tui.ui.fields.text_field import TextField, overlong, typed_within
from quadfit_tui.ui.form.folded_form import FoldedForm
from quadfit_tui.ui.form.form_field import Field, Fields, line_of
from quadfit_tui.ui.form.more_row import MoreRow
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.fitted_text import FittedText
from quadfit_tui.ui.toolkit.screen_classes import set_class

# Classes of a screen: a field of the form is in use; none is, and the form is folded where it does not stand always.
EDITING, FOLDED = "-editing", "-folded"
_MOST_TOLD = 3  # faults of presets at once
# The rows in their order: those that matter most, and the rest, which `more` stands for. A parameter that belongs to a
# choice follows on that one; what no row names comes last.
_FIRST = ("lr", "optimizer", "batch", "schedule", "init", "noise", "data", "columns")
_REST = (
    *("epochs", "tol", "stop_on", "round_epochs", "shuffle", "gradient", "scale_features"),
    *("true", "samples", "x_min", "x_max", "encoding", "skip", "seed"),
)
_PLACES = {name: place for place, name in enumerate((*_FIRST, *_REST))}


def _place(name: str) -> int:
    """Returns the place of a parameter among the rows."""
    return _PLACES.get(USED_BY[name].choice if name in USED_BY else name, len(_PLACES))


class Form(Vertical):
    """All parameters of a run. Enter applies them; what is wrong is marked and nothing is applied.

    On narrow screens it stands beside the chart while it is in use or `is_folded` is not true, else the row `folded`
    stands for it. The rest, what is needed less often, is hidden until it is opened or differs from the preset.
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

    def __init__(self, config: RunConfig, presets: PresetCatalog, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell
        self._config = config
        self._presets = presets
        self._told: list[str] = []  # of what is wrong with the user's own presets
        self._base = presets.nearest(config)
        title = self._base.title
        self.is_folded = True
        self.folded = FoldedForm(config, title)
        self.border_title = _("Settings · {preset}").format(preset=title)
        self._preset = ChoiceField(tuple(presets.summaries), title, id="input-preset")
        self._help = FittedText(id="field-help")
        names = sorted(PARAMETERS, key=_place)
        self._fields = {name: Field(PARAMETERS[name], config, self._go_to_field) for name in names}
        self._rest = frozenset(name for name in names if _place(name) >= len(_FIRST))
        self._more = MoreRow(self.action_turn_rest)
        self._is_open = False  # whether the rest is shown, also where nothing of it differs from the preset
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
        """The widget that takes the keys of a parameter's field, or of the preset field."""
        if name == "preset":
            return self._preset
        field = self._fields[name]
        if field.control is None and any(users.choice == name for users in USED_BY.values()):
            # Not by a message: the next key is to find the fields that a choice brought.
            self.watch(field.ready_control(), "value", self._show_used, init=False)
        return field.ready_control()

    def _show_used(self) -> None:
        """Shows the fields that the choices made in the form use, of the rest if that is open, and hides the others."""
        idle = self._idle
        hidden = frozenset() if self._is_open or self._keeps_open else self._rest - idle
        for name, field in self._fields.items():
            field.show_used(name not in idle | hidden)
        self._more.show(len(hidden))

    @property
    def _idle(self) -> frozenset[str]:
        """The parameters that make no difference to a run with the choices made in the form."""
        return unused({name: field.text for name, field in self._fields.items()})

    @property
    def _keeps_open(self) -> bool:
        """Whether something of the rest is wrong or differs from the preset."""
        return any(not self._fields[name].is_as(self._base.preset) for name in self._rest - self._idle)

    def show(self, config: RunConfig) -> None:
        """Shows the configuration that runs."""
        self._config = config
        self._base = self._presets.nearest(config)
        title = self._base.title
        self.border_title = _("Settings · {preset}").format(preset=title)
        self.folded.show(config, title)
        for field in self._fields.values():
            field.fill(config, applied=True)
        self._show_used()
        self._preset.value = title

    def propose(self, config: RunConfig) -> None:
        """Shows a configuration that is to run, beside that which does."""
        self._base = self._presets.nearest(config)
        for field in self._fields.values():
            field.fill(config, applied=False)
        self._show_used()

    def refuse(self, refused: ConfigError) -> None:
        """Marks the fields that a refusal is about, and goes to the first of them; a file may need others beside it."""
        self._show_used()
        self.edit(refused.names[0])
        for name in refused.names:
            self.control(name)
            self._fields[name].refuse(refused)
        self._show_used()  # with what is wrong of the rest

    def edit(self, name: str) -> None:
        """Goes to the field of a parameter, or to the preset field."""
        self._take_place(in_use=True)
        self._go_to(name)

    def fold(self, folded: bool) -> None:
        """Folds the form where it does not stand always, or unfolds it."""
        self.is_folded = folded
        self._take_place(self.has_focus_within)

    def _take_place(self, in_use: bool) -> None:
        set_class(self.screen, in_use, EDITING)
        set_class(self.screen, self.is_folded and not in_use, FOLDED)

    def _read_presets(self) -> None:
        """Has the preset field take any of the presets that there are now; tells of files that are none, once."""
        self._presets.read()
        self._preset.options = tuple(self._presets.summaries)
        if self._presets.faults != self._told:
            self._told = self._presets.faults
            for fault in self._told[:_MOST_TOLD]:
                self._tell(fault)

    def _go_to(self, name: str) -> None:
        if name in self._rest:
            self._open()
        control = self._more if name == "more" else self.control(name)
        if control is self._preset:
            self._read_presets()
        # At once: focus() comes a message later, and a key typed ahead would be lost.
        self.screen.set_focus(control, scroll_visible=False)
        self.call_after_refresh(self._bring_into_sight, control)

    def _bring_into_sight(self, control: Widget) -> None:
        """Does what Textual does for a focused widget for the line that it is in: that has a place already."""
        if not self.is_attached:
            return  # the program ends
        if self.screen.focused is control and not self.screen.can_view_entire(line := line_of(control)):
            self.screen.scroll_to_center(line, origin_visible=True, immediate=True)

    async def action_leave(self) -> None:
        """Gives the keys back to the rest of the screen, and shows again what runs; what was typed is forgotten."""
        await typed_within(self)
        self.show(self._config)
        self.screen.set_focus(None)

    async def action_move(self, by: int) -> None:
        """Goes to the next or the previous row, of those that there are once what was typed before has its effect.

        Past the row `more` the rest opens.
        """
        await typed_within(self)
        focused = self.screen.focused
        if focused is self._more and by > 0:
            self._open()
        # In their own order: Textual's own goes by where fields are, which a new one has yet to be told.
        shown = [name for name, field in self._fields.items() if field.display]
        rest = [name for name in shown if name in self._rest]
        names = ["preset", *shown[: len(shown) - len(rest)], "more", *rest]
        at = next((at for at, name in enumerate(names) if focused is not None and focused.id == f"input-{name}"), None)
        if at is not None:
            self._go_to(names[(at + by) % len(names)])

    def _open(self) -> None:
        self._is_open = True
        self._show_used()

    def action_turn_rest(self) -> None:
        """Shows the settings that are needed less often, or hides them; says so where one of them is to be seen."""
        if self._more.hidden:
            self._open()
        elif self._keeps_open:
            told = _("These settings stay in sight: one of them is not as in the preset {preset}.")
            self._tell(told.format(preset=self._base.name))
        else:
            if any(self._fields[name].has_focus_within for name in self._rest):
                self._go_to("more")
            self._is_open = False
            self._show_used()
        if self.screen.focused is self._more:
            self._show_help(self._more)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's
        """Enter is for the row `more` only while that has the keys."""
        return action != "turn_rest" or self.screen.focused is self._more

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
            if self._preset.value not in self._presets.summaries:
                return  # a key typed after it has had the form show what runs, meanwhile
            self.propose(self._presets.config_for(self._preset.value, self._config))
        else:
            self._field_of(control).check_typed()
        if isinstance(control, ChoiceField):  # each value means something else
            self._show_help(control)

    @on(TextField.Overlong)
    def _overlong(self, event: TextField.Overlong) -> None:
        event.stop()
        self._field_of(event.input).mark(overlong())

    def _go_to_field(self, field: Field, column: int | None) -> None:
        """Goes to a field that was clicked on; at a column of its value does what a click there would do."""
        # By a message: what a control tells while its parent acts stops at the parent, as one of its own.
        if column is None:
            self.call_later(self.edit, field.parameter.name)
        else:
            self.call_later(self._open_at, field, column)

    def _open_at(self, field: Field, column: int) -> None:
        control = self.control(field.parameter.name)
        self.screen.set_focus(control, scroll_visible=False)
        if isinstance(control, ChoiceField):
            control.turn_at(column)
        else:
            # Once it has the focus, for that selects all of it.
            control.call_later(setattr, control, "cursor_position", len(cut(control.value, column)))

    def on_mouse_down(self, event: MouseDown) -> None:
        """Goes to the preset field where its name is clicked on; the other names see to that themselves."""
        if isinstance(event.widget, Label) and event.widget.parent is self._preset.parent:
            self.edit("preset")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._take_place(in_use=True)
        if event.widget is self._preset:  # by the mouse, too
            self._read_presets()
        self._show_help(event.widget)
        self.call_after_refresh(self.query_one(Fields).keep_in_sight)

    def on_descendant_blur(self) -> None:
        self._take_place(self.has_focus_within)
        self.query_one(Fields).keep_in_sight()

    def _show_help(self, control: Widget) -> None:
        if control is self._preset:
            summary = self._presets.summaries.get(self._preset.value, _("custom settings"))
            ways: tuple[str, ...] = (_("{summary} (←/→ to choose, Enter to apply)").format(summary=summary), summary)
        elif control is self._more:
            ways = (self._more.help,)
        else:
            ways = self._field_of(control).ways
        self._help.set_texts(*(transliterate_for(self.app, way) for way in ways))

    def _field_of(self, control: Widget) -> Field:
        return next(field for field in self._fields.values() if field.control is control)
