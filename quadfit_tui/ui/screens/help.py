"""HelpScreen: the page with all keys, made from their bindings, in which users can search by words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from quadfit_tui.core.explain.glossary import GLOSSARY, meaning
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.ui.fields.text_field import TextField
from quadfit_tui.ui.screens.list_screen import ListRow, find_rows, row_text
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.terminal.terminal_app import transliterate_for

ABOUT = N_(
    "After each sample or batch, w = (a, b, c) moves against the gradient of the loss, scaled by the learning rate. "
    'The log has a line for the last update of each epoch: "loss" is the loss of that update\'s batch, "mean loss" the '
    "average over all samples. Going back loses nothing: played again, the run repeats exactly."
)
LEAVING = N_("Esc closes this page. On the main screen, q quits (ctrl+q from everywhere).")
_TWO_FROM = 100  # width of the screen from which on the keys are in two columns
_WIDEST, _AROUND, _BESIDE = 76, 4, 4  # maximum width of a text; width of the page's frame; of the gap between two


# The key bindings by places (such as "In a field") and by sections, whose headings may be empty.
Blocks = Mapping[str, Mapping[str, Iterable[BindingType]]]


class HelpScreen(TextScreen):
    """The page that lists keys with their actions, place by place, in characters that the terminal can show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("Back"), priority=True),
        Binding("slash", "ask", N_("Find"), priority=True),
        Binding("up", "scroll('up')", N_("Up"), priority=True),
        Binding("down", "scroll('down')", N_("Down"), priority=True, show=False),
        Binding("pageup", "scroll('page_up')", N_("Page up"), priority=True, show=False),
        Binding("pagedown", "scroll('page_down')", N_("Page down"), priority=True, show=False),
    ]

    def __init__(self, app: App[Any], blocks: Blocks, help_text: Callable[[Binding], str]) -> None:
        """`help_text` returns the text for a key."""
        super().__init__(_("Help"), "", keys="question_mark,enter,space,q", others={"f1": 'manual("words")'})
        self._places = {
            place: {heading: [*_rows(app, bindings, help_text)] for heading, bindings in sections.items()}
            for place, sections in blocks.items()
        }
        words = [ListRow(transliterate_for(app, meaning(word)), _(word), "") for word in GLOSSARY]
        words.append(ListRow(_("the manual's page of words: these and others"), "F1", ""))
        self._places = {N_("Words on the first screen"): {"": words}, **self._places}
        self._keys_width = max(cell_width(row.lead) for rows in self._sections for row in rows)
        self._second = Static(markup=False)
        self._field = TextField(placeholder=_("type words of what a key does"))
        self._field.display = False

    @property
    def _sections(self) -> Iterable[list[ListRow]]:
        """The rows of all sections."""
        return (rows for sections in self._places.values() for rows in sections.values())

    def compose(self) -> ComposeResult:
        with VerticalScroll() as page:
            page.border_title = self._heading
            yield self._field
            with Horizontal():
                yield self._body
                yield self._second

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self._show()

    @on(Input.Changed)
    def _show(self) -> None:
        """Shows the keys that match the typed words, in one column or two; called at each change of size or words."""
        has_two = self.app.size.width >= _TWO_FROM
        self.set_class(has_two, "-two")
        self._second.display = has_two
        room = self.app.size.width - _AROUND
        room = min(_WIDEST, (room - _BESIDE) // 2 if has_two else room)
        parts = self._parts(self._field.value, room)
        heights = [part.plain.count("\n") + 2 for part in parts]
        middle = len(parts)
        if has_two:
            middle = next((count for count in range(len(parts)) if 2 * sum(heights[:count]) >= sum(heights)), middle)
        gap = Content("\n\n")
        self._body.update(gap.join(parts[:middle]) if parts else Content(_("No key does that.")))
        self._second.update(gap.join(parts[middle:]))

    def _parts(self, words: str, room: int) -> list[Content]:
        """Returns the sections with rows that match some words; the first of each place names that."""
        parts = []
        for place, sections in self._places.items():
            title = [Content.styled(f" {_(place)} ", "bold reverse")]
            for heading, rows in sections.items():
                if matches := find_rows(rows, words) if words else rows:
                    name = [Content.styled(_(heading), "bold")] if heading else []
                    lines = [row_text(row, self._keys_width, room) for row in matches]
                    parts.append(Content("\n").join([*title, *name, *lines]))
                    title = []
        return parts if words else [Content(_(LEAVING)), *parts, Content(_(ABOUT))]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible now: keys of the page are not while they are typed into the field."""
        is_typed = action in ("dismiss", "ask") and self._field.has_focus
        return False if is_typed else super().check_action(action, parameters)

    def action_ask(self) -> None:
        """Opens the field for the words to search."""
        self._field.display = True
        self.set_focus(self._field)

    def action_back(self) -> None:
        """Closes the field and shows all keys again, or closes the page if the field is closed."""
        if not self._field.display:
            self.dismiss()
            return
        self._field.value = ""
        self._field.display = False
        self.set_focus(self.query_one(VerticalScroll))

    def action_scroll(self, how: str) -> None:
        """Scrolls the page, also while the field has the focus."""
        getattr(self.query_one(VerticalScroll), f"scroll_{how}")(animate=False)


def _rows(app: App[Any], bindings: Iterable[BindingType], help_text: Callable[[Binding], str]) -> Iterable[ListRow]:
    """Returns rows of keys and their texts; consecutive keys with the same text share a row."""
    rows: list[tuple[str, str]] = []
    for binding in bindings:
        if isinstance(binding, Binding) and not binding.system:
            keys, text = app.get_key_display(binding), help_text(binding)
            if rows and rows[-1][1] == text:
                keys = f"{rows.pop()[0]} {keys}"
            rows.append((keys, text))
    return (ListRow(transliterate_for(app, text), transliterate_for(app, keys), "") for keys, text in rows)
