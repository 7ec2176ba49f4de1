"""ListScreen: a list that users search by words: the commands of the palette, presets, data files, the manual."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.width import cell_width, ljust, wrapped
from quadfit_tui.ui.fields.text_field import TextField, typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList

_WIDEST, _AROUND = 78, 5  # maximum width of the box; width of its frame and scrollbar
_LEAST = 20  # minimum width of the words beside the lead; with less they follow it without alignment


class ListRow(NamedTuple):
    """A row of a list: its words, and the lead before them, such as a key or a name.

    `result`: the value of the row if it is chosen; a row without one cannot be chosen. `also`: more words by which it
    is found.
    """

    words: str
    lead: str
    result: str
    also: str = ""


def find_rows(rows: Iterable[ListRow], text: str) -> list[ListRow]:
    """Returns the rows that match every word of a text, the best matches first.

    The order: all words are among `also`; words of the row begin with them; words of the row or of `also` do; the row
    contains them anywhere.
    """
    searched = text.casefold().split()

    def rank(row: ListRow) -> int | None:
        """Returns the index of the first of these matches, or None if there is none."""
        visible, also = f"{row.lead} {row.words}".casefold(), row.also.casefold().split()
        matches = (
            bool(searched) and {*searched} <= {*also},
            *(
                all(any(candidate.startswith(word) for candidate in words) for word in searched)
                for words in (visible.split(), [*visible.split(), *also])
            ),
            all(word in visible for word in searched),
        )
        return matches.index(True) if True in matches else None

    ranks = [(rank(row), row) for row in rows]
    return [row for wanted in range(4) for rank_of_row, row in ranks if rank_of_row == wanted]


def row_text(row: ListRow, width: int, room: int) -> Content:
    """Lays out a row in `room` columns: the lead in `width` columns, and the wrapped words beside it.

    In a narrow room the words follow the lead directly. A row without lead and result is a note, and begins on the
    left.
    """
    lead, words = row.lead, row.words
    if (lead or row.result) and room - width - 2 >= _LEAST:
        lead, words = ljust(lead, width), f"\n{' ' * (width + 2)}".join(wrapped(words, room - width - 2))
    return Content.assemble((lead, "bold $accent"), "  " if lead else "", words)


class ListScreen(Dialog[str]):
    """A list of the rows that match the typed words; its result is that of the chosen row.

    The row with the result `first` is marked at the start; `on_mark` is called with the result of each marked row.
    """

    AUTO_FOCUS = "Input"
    # With priority over the field, so that the keys typed next are for the list, or for the screen below it.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "dismiss", N_("Close"), priority=True),
        Binding("enter", "take", N_("Choose"), priority=True),
        Binding("up,shift+tab", "move('cursor_up')", N_("Up"), priority=True),
        Binding("down,tab", "move('cursor_down')", N_("Down"), show=False, priority=True),
        Binding("pageup", "move('page_up')", N_("Page up"), show=False, priority=True),
        Binding("pagedown", "move('page_down')", N_("Page down"), show=False, priority=True),
        Binding("ctrl+home", "move('first')", N_("First"), show=False, priority=True),
        Binding("ctrl+end", "move('last')", N_("Last"), show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        rows: Iterable[ListRow],
        asks: str,
        *,
        first: str = "",
        on_mark: Callable[[str], None] = lambda result: None,  # noqa: ARG005
        find: Callable[[str], list[ListRow]] | None = None,
    ) -> None:
        """`asks`: the placeholder of the field; `find`: returns the matching rows, by default those of `rows`."""
        super().__init__(name=title)
        self._title = title
        self._rows = [*rows]
        self._find_rows = find or partial(find_rows, self._rows)
        self._first = first
        self._on_mark = on_mark
        self._found: list[ListRow] = []
        self._text: str | None = None  # the typed text of the present list
        self._field = TextField(placeholder=asks)
        self._list = OptionsList()
        self._list.can_focus = False  # the field has the keys

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield self._field
            yield self._list

    def on_mount(self) -> None:
        self._find()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._find()

    def _find(self) -> None:
        """Lists the rows that match the typed text, if that has changed."""
        if self._text == self._field.value:
            return
        self._text = self._field.value
        self._found = self._find_rows(self._text)
        self._list.clear_options()
        none = Option(_("nothing like this is here"), disabled=True)
        self._list.add_options(map(self._option, self._found) if self._found else [none])
        results = [row.result for row in self._found]
        if not self._text and self._first and self._first in results:
            first: str | None = self._first
        else:
            first = next((result for result in results if result), None)
        self._list.highlighted = None if first is None else results.index(first)

    def _option(self, row: ListRow) -> Option:
        """Returns the option of a row, disabled if it has no result."""
        width = max(cell_width(other.lead) for other in self._rows or self._found)
        text = row_text(row, width, min(_WIDEST, self.app.size.width) - _AROUND)
        return Option(text, disabled=not row.result)

    async def _after_typing(self) -> None:
        """Waits until typed keys are in the field, and updates the list."""
        await typed_within(self)
        self._find()

    async def action_move(self, how: str) -> None:
        """Moves the mark, after the keys typed before have taken effect."""
        await self._after_typing()
        getattr(self._list, f"action_{how}")()

    async def action_take(self) -> None:
        """Chooses the marked row."""
        await self._after_typing()
        self._take(self._list.highlighted)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def _take(self, index: int | None) -> None:
        """Chooses a row by its index in the list."""
        if index is not None and index < len(self._found):
            self._choose(self._found[index].result)

    def _choose(self, result: str) -> None:
        """Closes the list with the result of the chosen row; subclasses may do something else."""
        self.dismiss(result)

    def _list_anew(self, title: str, rows: Iterable[ListRow], asks: str, first: str) -> None:
        """Replaces the title, the rows and the placeholder, and marks the row with the result `first`."""
        self._rows, self._first, self._text = [*rows], first, None
        self._find_rows = partial(find_rows, self._rows)
        self.query_one(Vertical).border_title = title
        self._field.placeholder, self._field.value = asks, ""
        self._find()

    @on(OptionList.OptionHighlighted)
    def _marked(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        index = self._list.highlighted
        if self._is_on_top and index is not None and index < len(self._found):
            self._on_mark(self._found[index].result)
