"""The command palette: a list of all commands, found by words of what they do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from quadfit_tui.core.text.width import columns, right, wrapped
from quadfit_tui.ui.fields.text_field import TextField, typed_within
from quadfit_tui.ui.screens.dialog import Dialog
from quadfit_tui.ui.screens.options_list import OptionsList
from quadfit_tui.ui.terminal.terminal_app import spelled

_WIDEST, _AROUND = 78, 5  # columns of the box, and of them those of its frame and the scrollbar
_KEYS_FROM = 40  # columns of the screen in which there is room for the keys beside the words


class Command(NamedTuple):
    """One row: what it does, the key that does the same, the action of the app."""

    words: str
    key: str
    action: str


def find_commands(commands: Iterable[Command], text: str) -> list[Command]:
    """The commands that contain every word of a text; first those in which these begin words."""
    typed = text.casefold().split()

    def is_found(command: Command) -> bool:
        return all(word in command.words.casefold() for word in typed)

    def is_begun(command: Command) -> bool:
        words = command.words.casefold().split()
        return all(any(other.startswith(word) for other in words) for word in typed)

    return sorted(filter(is_found, commands), key=is_begun, reverse=True)


class CommandPalette(Dialog[str]):
    """Lists the commands in which what is typed occurs; gives the action of the one that was chosen."""

    AUTO_FOCUS = "Input"
    # Before the field sees them: what is typed next is for the list, or for what lies below.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "dismiss", "Close", priority=True),
        Binding("enter", "take", "Run", priority=True),
        Binding("up,shift+tab", "move('cursor_up')", "Up", priority=True),
        Binding("down,tab", "move('cursor_down')", "Down", priority=True),
        Binding("pageup", "move('page_up')", "Page up", priority=True),
        Binding("pagedown", "move('page_down')", "Page down", priority=True),
        Binding("ctrl+home", "move('first')", "First", priority=True),
        Binding("ctrl+end", "move('last')", "Last", priority=True),
    ]

    def __init__(self, commands: Iterable[Command]) -> None:
        super().__init__(name="palette")
        self._commands = [*commands]
        self._found: list[Command] = []
        self._text: str | None = None  # which the list was made for
        self._field = TextField(placeholder="type what you want to do, such as theme")
        self._list = OptionsList()
        self._list.can_focus = False  # the field has the keys

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Commands"
            box.border_subtitle = spelled(self.app, "↑ ↓: select, Enter: run, Esc: close")
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
        self._found = find_commands(self._commands, self._text)
        self._list.clear_options()
        none = Option("no such command", disabled=True)
        self._list.add_options(map(self._option, self._found) if self._found else [none])
        self._list.highlighted = 0 if self._found else None

    def _option(self, command: Command) -> Option:
        if self.app.size.width < _KEYS_FROM:
            return Option(Content(command.words))
        width = max(columns(each.key) for each in self._commands)
        room = min(_WIDEST, self.app.size.width) - _AROUND - width - 2
        words = f"\n{' ' * (width + 2)}".join(wrapped(command.words, room))
        return Option(Content.assemble((right(command.key, width), "bold $accent"), f"  {words}"))

    async def _after_typing(self) -> None:
        await typed_within(self)
        self._find()

    async def action_move(self, how: str) -> None:
        """Goes through the list of what was typed before this key."""
        await self._after_typing()
        getattr(self._list, f"action_{how}")()

    async def action_take(self) -> None:
        """Takes the command that is marked."""
        await self._after_typing()
        self._take(self._list.highlighted)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def _take(self, index: int | None) -> None:
        if index is not None and index < len(self._found):
            self.dismiss(self._found[index].action)
