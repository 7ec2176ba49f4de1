"""Asks what is to be saved, and the name of the file, in one line; there again before another file is written over."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Label, Static

from quadfit_tui.core.export.subjects import SUBJECTS, SaveKind, completed, parted
from quadfit_tui.core.files import refusals
from quadfit_tui.core.text.language import N_, _, comma_separated, either
from quadfit_tui.core.text.quoting import normalized, quoted
from quadfit_tui.ui.fields.late import mount_late
from quadfit_tui.ui.fields.text_field import FileSuggester, TextField, overlong, typed_within

_OTHER = N_("save something else: view, screen, animation, log, update or settings")


class FileAnswer(NamedTuple):
    """What is to be saved, the name of a row of SUBJECTS; the file; whether one that holds something may be lost.

    `moments`: of which to which one, where that was said.
    """

    subject: str
    path: str
    overwrites: bool
    moments: tuple[str, str] | None = None

    @property
    def typed(self) -> str:
        """The file and the moments, as they are typed."""
        return f"{self.path} {'-'.join(self.moments)}" if self.moments else self.path


class FilePrompt(Vertical):
    """The line; it is seen only while it asks, or tells how far a long file is written.

    `spell` puts a text into words that the terminal can show.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", N_("Write"), tooltip=N_("write the file that you named"), priority=True),
        Binding("y,Y", "overwrite", N_("Overwrite"), tooltip=N_("overwrite the file"), priority=True, key_display="y"),
        Binding(
            "n,N",
            "rename",
            N_("Rename"),
            tooltip=N_("give the file another name"),
            priority=True,
            key_display="n",
        ),
        Binding("up", "turn(-1)", N_("Another"), tooltip=_OTHER, priority=True, show=False, key_display="↑"),
        Binding("down", "turn(1)", N_("Another"), tooltip=_OTHER, priority=True, show=False, key_display="↓"),
        Binding("escape", "stop", N_("Cancel"), tooltip=N_("cancel; stop writing a long file"), priority=True),
    ]

    class Stopped(Message):
        """A file that is being written is not to be finished."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        super().__init__()
        self._spell = spell
        self._row = Horizontal()
        self._question = Label(markup=False)
        self._input = TextField(id="write-to", suggester=FileSuggester(saves=True))
        self._problem = Static(classes="problem", markup=False)
        self._chosen = next(iter(SUBJECTS))  # what is saved where the name may be of that
        self._stems: dict[str, str] = {}  # of the names that are proposed, by subjects
        self._filled: FileAnswer | None = None  # about which it asks whether it may be written over
        self._is_writing = False
        self._said = "", ""
        self.display = False

    @property
    def _subject(self) -> SaveKind:
        """What a file of the name that is typed would hold."""
        return parted(self._input.value.strip(), self._chosen)[0]

    # What it shows

    def ask(self, subject: str, view: str) -> None:
        """Asks for the file of a subject; `view` is the name of the view in sight."""
        self._stems = {name: row.stem for name, row in SUBJECTS.items()} | {"view": view}
        self._chosen = subject
        self._propose()

    def ask_again(self, answer: FileAnswer, problem: str = "") -> None:
        """Asks once more after a problem with a file."""
        self._chosen = answer.subject
        self._put(answer.typed)
        self._tell(problem)

    def ask_to_overwrite(self, answer: FileAnswer) -> None:
        """Asks whether a file that holds something may be written over."""
        self._put("")
        self._filled, self._input.takes_letters = answer, False
        self.refresh_bindings()
        self._say(_("Overwrite? y or n"), _("{file} already has content.").format(file=quoted(answer.path)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Whether a key means something now: a question whether a file may be written over has keys of its own."""
        asks = self._filled is not None
        return asks if action in ("overwrite", "rename") else not (asks and action in ("write", "turn"))

    def show_writing(self, path: str, note: str) -> None:
        """Tells how far a file is that is being written."""
        if not (self._is_writing and self.display):
            self._put(path)
            self._is_writing = True
        self._say(_("Saving to"), note)

    def _propose(self) -> None:
        """Asks for the file of what is chosen; what is typed takes the place of the name that is proposed."""
        self._put(self._proposed)
        self._input.action_select_all()
        self._tell()

    def _put(self, text: str) -> None:
        """Puts a text into the field, which has the keys from now on."""
        mount_late(self, self._row, self._problem)
        mount_late(self._row, self._question, self._input)
        self._filled, self._is_writing, self._input.takes_letters = None, False, True
        self.refresh_bindings()
        with self.prevent(TextField.Changed):
            self._input.value = text
        self._input.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self._input)  # at once: what is typed ahead is to arrive there

    @on(TextField.Changed)
    async def _typed(self) -> None:
        if self._filled is not None:  # an input method may have its own signs for the keys
            answer = normalized(self._input.value).lower()
            self._input.value = ""
            if answer in ("y", "n"):
                await self.run_action("overwrite" if answer == "y" else "rename")
        elif not self._is_writing:
            self._tell()

    def _tell(self, problem: str = "") -> None:
        """Says what is saved by this name, and below what else could be, or what is wrong."""
        subject = self._subject
        others = comma_separated([_(name) for name in SUBJECTS if name != subject.name])
        note = _("{about}: {suffixes}; ↑ ↓: {others}")
        note = note.format(about=_(subject.about), suffixes=either(subject.suffixes), others=others)
        self._say(_("Save the {subject} to").format(subject=_(subject.name)), problem or note)

    def _say(self, question: str, note: str) -> None:
        said = question, self._spell(note)
        if said != self._said:  # else each letter that is typed would lay out all of the screen anew
            self._said = said
            self._question.update(question)
            self._problem.update(said[1])

    @property
    def _proposed(self) -> str:
        return f"{self._stems[self._chosen]}{SUBJECTS[self._chosen].suffixes[0]}"

    # What is done by keys

    async def action_turn(self, by: int) -> None:
        """Offers to save something else; the name stays, but for a suffix that this does not have."""
        await typed_within(self)
        if self._filled is not None or self._is_writing:
            return
        was_proposed = self._input.value in ("", self._proposed)
        names = list(SUBJECTS)
        self._chosen = names[(names.index(self._subject.name) + by) % len(names)]
        subject = SUBJECTS[self._chosen]
        if was_proposed:
            self._propose()
            return
        if not subject.has(self._input.value):
            self._put(os.path.splitext(self._input.value)[0] + subject.suffixes[0])
        self._tell()

    async def action_write(self) -> None:
        """Has the file be written that was named."""
        await self.app.run_action("write_file")

    async def action_overwrite(self) -> None:
        """Has the file be written though it holds something."""
        await self.app.run_action("write_file")

    def action_rename(self) -> None:
        """Asks for another name than that of a file that holds something."""
        if self._filled is not None:
            self.ask_again(self._filled)

    async def read(self) -> FileAnswer | None:
        """What was answered; None where nothing is to be written, or not yet."""
        await typed_within(self)
        text = self._input.value.strip()
        if self._is_writing:
            return None
        if self._filled is not None:
            return self._filled._replace(overwrites=True)
        if text:
            subject, path, moments = parted(text, self._chosen)
            try:
                return FileAnswer(subject.name, completed(path, subject), overwrites=False, moments=moments)
            except ValueError as refused:
                self._tell(refusals.unwritten(quoted(text), refused))
        else:
            self.leave()
        return None

    @on(TextField.Overlong)
    def _overlong(self) -> None:
        self._say(self._said[0], overlong())

    async def action_stop(self) -> None:
        """Writes nothing, or no more of the file; what was typed is forgotten."""
        self.post_message(self.Stopped())
        await self.action_leave()

    async def action_leave(self) -> None:
        """Gives the keys back; what is being written is written."""
        await typed_within(self)
        self.leave()

    def leave(self) -> None:
        """Gives the keys back."""
        self._is_writing = False
        self.display = False
        self.screen.set_focus(None)

    def on_descendant_focus(self) -> None:
        """It is there while it has the keys, also after a look at another window of the terminal's."""
        self.display = True

    def on_descendant_blur(self) -> None:
        self.display = self.screen.focused is self._input  # it may have asked again by now
