"""FilePrompt: the line that asks what to save and to which file, and before it overwrites an existing file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Label, Static

from quadfit_tui.core.export.subjects import SUBJECTS, SaveKind, parse_target, with_suffix
from quadfit_tui.core.files import refusals
from quadfit_tui.core.text.language import N_, _, comma_separated, join_or
from quadfit_tui.core.text.quoting import normalized, quoted
from quadfit_tui.ui.fields.late import mount_late
from quadfit_tui.ui.fields.text_field import FileSuggester, TextField, overlong, typed_within

_OTHER = N_("save something else: view, screen, animation, log, update or settings")


class FileAnswer(NamedTuple):
    """The user's answer to the prompt: what to save (a name of SUBJECTS), and to which file.

    `overwrites`: an existing file with content may be overwritten; `moments`: the first and the last moment to save, or
    None if the user gave none.
    """

    subject: str
    path: str
    overwrites: bool
    moments: tuple[str, str] | None = None

    @property
    def typed(self) -> str:
        """The path and the moments as the user would type them."""
        return f"{self.path} {'-'.join(self.moments)}" if self.moments else self.path


class FilePrompt(Vertical):
    """The prompt, which is visible only while it asks, or shows the progress of writing a long file.

    `spell` replaces characters that the terminal cannot show.
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
        """The user wants the file that is being written to be canceled."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        super().__init__()
        self._spell = spell
        self._row = Horizontal()
        self._question = Label(markup=False)
        self._input = TextField(id="write-to", suggester=FileSuggester(saves=True))
        self._problem = Static(classes="problem", markup=False)
        self._chosen = next(iter(SUBJECTS))  # the subject to save if the typed name allows it
        self._stems: dict[str, str] = {}  # stems of the proposed file names, by subjects
        self._to_confirm: FileAnswer | None = None  # the answer whose file the user must allow to be overwritten
        self._is_writing = False
        self._texts = "", ""  # the question and the note that are displayed
        self.display = False

    @property
    def _subject(self) -> SaveKind:
        """The subject that would be saved to the typed name: the chosen one, or another one by the name's suffix."""
        return parse_target(self._input.value.strip(), self._chosen)[0]

    # Its texts

    def ask(self, subject: str, view: str) -> None:
        """Opens the prompt for the file of a subject; `view`: the name of the active view, for the proposed name."""
        self._stems = {name: row.stem for name, row in SUBJECTS.items()} | {"view": view}
        self._chosen = subject
        self._propose()

    def ask_again(self, answer: FileAnswer, problem: str = "") -> None:
        """Asks once more with the same answer, and shows the problem that its file had."""
        self._chosen = answer.subject
        self._put(answer.typed)
        self._describe(problem)

    def ask_to_overwrite(self, answer: FileAnswer) -> None:
        """Asks whether an existing file may be overwritten."""
        self._put("")
        self._to_confirm, self._input.takes_letters = answer, False
        self.refresh_bindings()
        self._show(_("Overwrite? y or n"), _("{file} already has content.").format(file=quoted(answer.path)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Whether an action is possible now: those of y and n only while the prompt asks whether to overwrite."""
        confirms = self._to_confirm is not None
        return confirms if action in ("overwrite", "rename") else not (confirms and action in ("write", "turn"))

    def show_writing(self, path: str, note: str) -> None:
        """Shows the progress of a file that is being written."""
        if not (self._is_writing and self.display):
            self._put(path)
            self._is_writing = True
        self._show(_("Saving to"), note)

    def _propose(self) -> None:
        """Proposes a name for the chosen subject, selected so that typing replaces it."""
        self._put(self._proposed)
        self._input.action_select_all()
        self._describe()

    def _put(self, text: str) -> None:
        """Opens the prompt with a text in its field, and focuses that."""
        mount_late(self, self._row, self._problem)
        mount_late(self._row, self._question, self._input)
        self._to_confirm, self._is_writing, self._input.takes_letters = None, False, True
        self.refresh_bindings()
        with self.prevent(TextField.Changed):
            self._input.value = text
        self._input.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self._input)  # at once, so that keys typed ahead arrive there

    @on(TextField.Changed)
    async def _typed(self) -> None:
        """Describes the subject of the typed name, or takes `y` and `n` that came through an input method."""
        if self._to_confirm is not None:
            answer = normalized(self._input.value).lower()
            self._input.value = ""
            if answer in ("y", "n"):
                await self.run_action("overwrite" if answer == "y" else "rename")
        elif not self._is_writing:
            self._describe()

    def _describe(self, problem: str = "") -> None:
        """Shows the subject that will be saved; below it the problem or, without one, the other subjects."""
        subject = self._subject
        others = comma_separated([_(name) for name in SUBJECTS if name != subject.name])
        template = _("{about}: {suffixes}; ↑ ↓: {others}")
        note = template.format(about=_(subject.about), suffixes=join_or(subject.suffixes), others=others)
        self._show(_("Save the {subject} to").format(subject=_(subject.name)), problem or note)

    def _show(self, question: str, note: str) -> None:
        """Shows the question beside the field, and the note below it."""
        texts = question, self._spell(note)
        if texts != self._texts:  # an update lays out the whole screen, which each typed letter would do
            self._texts = texts
            self._question.update(question)
            self._problem.update(texts[1])

    @property
    def _proposed(self) -> str:
        """The proposed file name for the chosen subject."""
        return f"{self._stems[self._chosen]}{SUBJECTS[self._chosen].suffixes[0]}"

    # Keys

    async def action_turn(self, by: int) -> None:
        """Chooses the next subject (`by` 1) or the previous one (-1); a typed name keeps its stem."""
        await typed_within(self)
        if self._to_confirm is not None or self._is_writing:
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
        self._describe()

    async def action_write(self) -> None:
        """Runs the app's command that saves to the typed name."""
        await self.app.run_action("write_file")

    async def action_overwrite(self) -> None:
        """Runs the app's command that saves, now overwriting the file."""
        await self.app.run_action("write_file")

    def action_rename(self) -> None:
        """Asks for another name, after the user has refused to overwrite the file."""
        if self._to_confirm is not None:
            self.ask_again(self._to_confirm)

    async def read(self) -> FileAnswer | None:
        """Returns the answer, or None if nothing must be written, or the name is wrong and the prompt asks again."""
        await typed_within(self)
        text = self._input.value.strip()
        if self._is_writing:
            return None
        if self._to_confirm is not None:
            return self._to_confirm._replace(overwrites=True)
        if text:
            subject, path, moments = parse_target(text, self._chosen)
            try:
                return FileAnswer(subject.name, with_suffix(path, subject), overwrites=False, moments=moments)
            except ValueError as error:
                self._describe(refusals.write_error(quoted(text), error))
        else:
            self.leave()
        return None

    @on(TextField.Overlong)
    def _overlong(self) -> None:
        self._show(self._texts[0], overlong())

    async def action_stop(self) -> None:
        """Closes the prompt without saving, and cancels the file that is being written."""
        self.post_message(self.Stopped())
        await self.action_leave()

    async def action_leave(self) -> None:
        """Closes the prompt once typed keys are handled; a file that is being written is completed."""
        await typed_within(self)
        self.leave()

    def leave(self) -> None:
        """Closes the prompt, and returns the keys to the main screen."""
        self._is_writing = False
        self.display = False
        self.screen.set_focus(None)

    def on_descendant_focus(self) -> None:
        """Shows the prompt while its field has the focus, also when the terminal's window gets it back."""
        self.display = True

    def on_descendant_blur(self) -> None:
        self.display = self.screen.focused is self._input  # the prompt may have been opened again by now
