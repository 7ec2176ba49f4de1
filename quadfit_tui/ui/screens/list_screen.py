"""A list in which words find rows: the commands of the palette, presets, files of samples, the manual."""

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

_WIDEST, _AROUND = 78, 5  # columns of the box, and of them those of its frame and the scrollbar
_LEAST = 20  # columns of words beside what leads them; with fewer these follow on it


class ListRow(NamedTuple):
    """One row: what it is, what leads that, such as a key or a name, and what it gives; nothing is only to be read.

    The words of `also` find it, too.
    """

    words: str
    lead: str
    result: str
    also: str = ""


def find_rows(rows: Iterable[ListRow], text: str) -> list[ListRow]:
    """The rows that contain every word of a text: first those that it means, then those in which its words begin."""
    typed = text.casefold().split()

    def rank(row: ListRow) -> int | None:
        """The first of the ways in which it may be found; None for none."""
        shown, also = f"{row.lead} {row.words}".casefold(), row.also.casefold().split()
        ways = (
            bool(typed) and {*typed} <= {*also},
            *(
                all(any(each.startswith(word) for each in words) for word in typed)
                for words in (shown.split(), [*shown.split(), *also])
            ),
            all(word in shown for word in typed),
        )
        return ways.index(True) if True in ways else None

    ranks = [(rank(row), row) for row in rows]
    return [row for way in range(4) for place, row in ranks if place == way]


def row_text(row: ListRow, width: int, room: int) -> Content:
    """A row of `room` columns, its words beside what leads them, which takes `width`; behind it where that is much.

    A note, which nothing leads and which gives nothing, begins on the left.
    """
    lead, words = row.lead, row.words
    if (lead or row.result) and room - width - 2 >= _LEAST:
        lead, words = ljust(lead, width), f"\n{' ' * (width + 2)}".join(wrapped(words, room - width - 2))
    return Content.assemble((lead, "bold $accent"), "  " if lead else "", words)


class ListScreen(Dialog[str]):
    """Lists the rows in which what is typed occurs; gives the result of the one that was chosen.

    It begins at the row that gives `first`, and tells `on_mark` what the marked row gives.
    """

    AUTO_FOCUS = "Input"
    # Before the field sees them: what is typed next is for the list, or for what lies below.
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
        """`asks` says in the empty field what can be typed there; `find` finds other rows than those."""
        super().__init__(name=title)
        self._title = title
        self._rows = [*rows]
        self._find_rows = find or partial(find_rows, self._rows)
        self._first = first
        self._on_mark = on_mark
        self._found: list[ListRow] = []
        self._text: str | None = None  # which the list was made for
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
        """Has the list show what is to be found, if something else was typed."""
        if self._text == self._field.value:
            return
        self._text = self._field.value
        self._found = self._find_rows(self._text)
        self._list.clear_options()
        none = Option(_("nothing like this is here"), disabled=True)
        self._list.add_options(map(self._option, self._found) if self._found else [none])
        results = [row.result for row in self._found]
        wanted = filter(None, (*[self._first] * (not self._text), *results))
        first = next((result for result in wanted if result in results), None)
        self._list.highlighted = None if first is None else results.index(first)

    def _option(self, row: ListRow) -> Option:
        width = max(cell_width(each.lead) for each in self._rows or self._found)
        text = row_text(row, width, min(_WIDEST, self.app.size.width) - _AROUND)
        return Option(text, disabled=not row.result)

    async def _after_typing(self) -> None:
        await typed_within(self)
        self._find()

    async def action_move(self, how: str) -> None:
        """Goes through the list of what was typed before this key."""
        await self._after_typing()
        getattr(self._list, f"action_{how}")()

    async def action_take(self) -> None:
        """Takes the row that is marked."""
        await self._after_typing()
        self._take(self._list.highlighted)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def _take(self, index: int | None) -> None:
        if index is not None and index < len(self._found):
            self._choose(self._found[index].result)

    def _choose(self, result: str) -> None:
        """Does what the row that was taken gives."""
        self.dismiss(result)

    def _list_anew(self, title: str, rows: Iterable[ListRow], asks: str, first: str) -> None:
        """Lists other rows from now on, all of them, and begins at the one that gives `first`."""
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
