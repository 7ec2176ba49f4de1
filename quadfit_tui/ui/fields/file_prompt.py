"""Asks for the name of a file to write, in one line, and there again before another file is written over."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Label, Static

from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.ui.fields.text_field import OVERLONG, TextField, typed_within

KINDS = "settings: .toml; this view: .svg, .ansi, .txt; this update: .md; Esc: cancel"


class FileAnswer(NamedTuple):
    """The file that is to be written, and whether one that holds something may be written over."""

    path: str
    overwrites: bool


class FilePrompt(Vertical):
    """The line; it is seen only while it asks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.write_file", "Write", tooltip="write the file that you named", priority=True),
        Binding("escape", "leave", "Cancel", tooltip="cancel", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._question = Label(markup=False)
        self._input = TextField(id="write-to")
        self._problem = Static(classes="problem", markup=False)
        self._filled = ""  # the file about which it asks whether it may be written over
        self.display = False

    def compose(self) -> ComposeResult:
        yield Horizontal(self._question, self._input)
        yield self._problem

    def ask(self, path: str = "", problem: str = "") -> None:
        """Asks for a file, or once more after a problem with `path`."""
        self._filled = ""
        self._put("Save to", path, problem or KINDS)

    def ask_to_overwrite(self, path: str) -> None:
        """Asks whether a file that holds something may be written over."""
        self._filled = path
        self._put("Overwrite? y or n", "", f"{quoted(path)} already has content.")

    def _put(self, question: str, text: str, note: str) -> None:
        self._question.update(question)
        self._input.value = text
        self._input.cursor_position = len(text)
        self._problem.update(note)
        self.display = True
        self.screen.set_focus(self._input)  # at once: what is typed ahead is to arrive there

    async def read(self) -> FileAnswer | None:
        """What was answered; None where nothing is to be written, or not yet."""
        await typed_within(self)
        text, filled = self._input.value.strip(), self._filled
        if filled and text.lower() in ("y", "yes"):
            return FileAnswer(filled, overwrites=True)
        if filled:
            self.ask(filled)
        elif text:
            return FileAnswer(text, overwrites=False)
        else:
            self.leave()
        return None

    @on(TextField.Overlong)
    def _overlong(self) -> None:
        self._problem.update(OVERLONG)

    async def action_leave(self) -> None:
        """Writes nothing; what was typed is forgotten."""
        await typed_within(self)
        self.leave()

    def leave(self) -> None:
        """Gives the keys back."""
        self.display = False
        self.screen.set_focus(None)

    def on_descendant_focus(self) -> None:
        """It is there while it has the keys, also after a look at another window of the terminal's."""
        self.display = True

    def on_descendant_blur(self) -> None:
        self.display = self.screen.focused is self._input  # it may have asked again by now
