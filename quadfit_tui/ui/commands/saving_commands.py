"""The app's commands that copy or save: Y copies the command of a run, w saves a row of SUBJECTS to a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass

from quadfit_tui.core.export.animation_file import AnimationFile, RangeError
from quadfit_tui.core.export.formats import picture_of, style_of, update_of
from quadfit_tui.core.export.log_file import LogFile, RunFile
from quadfit_tui.core.export.picture import Picture
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.files import access, protected_files, refusals
from quadfit_tui.core.files.atomic_file import write_lines
from quadfit_tui.core.session.reproduction import (
    NotReproducibleError,
    command,
    config_command,
    wrap_command,
    write_config,
)
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.document import PARAGRAPH_WIDTH
from quadfit_tui.core.text.language import N_, _, full_stop, ngettext, ngettext_noop, paragraph, pgettext
from quadfit_tui.core.text.quoting import quoted, shown_name, with_allowed
from quadfit_tui.ui.commands.commands import Action, Commands
from quadfit_tui.ui.fields.file_prompt import FileAnswer, FilePrompt
from quadfit_tui.ui.picture import COLORLESS, SIZE_IN_FILE, Colors, picture
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.screenshots import screen_picture, screenshot_path
from quadfit_tui.ui.tasks.training_loop import SLICE
from quadfit_tui.ui.themes import DARK, LIGHT, OF_TERMINAL, chart_colors, theme_variables
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.widgets.key_bar import KeyBar
from quadfit_tui.ui.widgets.panes import Panes

_AT_ONCE = 5 * SLICE  # seconds of writing without showing progress: enough for the log of most runs
_COPIED = N_("Copied to the clipboard, if this terminal allows it:")
_WITHOUT_EARLIER = N_("It gives this run alone, without the earlier ones.")
_FRAME = 4  # columns of a page beside its text


class _NoUpdateError(Exception):
    """The run has no update yet that could be saved."""


@dataclass
class SavingCommands(Commands):
    """The commands that copy the command of this run and moment, and save files; large files are written in slices."""

    unfinished: str = ""  # the message that the app was closed while a file was written
    _writing: RunFile | None = None

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            "copy_command": self.action_copy_command,
            "screenshot": self.action_screenshot,
            "save": self.action_save,
            "write_file": self.action_write_file,
        }

    async def action_copy_command(self) -> None:
        """Copies the command that reproduces this run, moment and views; shows it if the terminal has no clipboard."""
        views, copies = self.app.query_one(Panes).view_arguments, self.app.capabilities.extras
        try:
            words = command(self.session, views)
            readable = command(self.session, views, ascii=True) if self.app.capabilities.ascii else words
        except NotReproducibleError as error:
            self.app.show_notice(str(error))
            return
        paragraphs = [wrap_command(readable, min(PARAGRAPH_WIDTH, self.app.size.width - _FRAME))]
        if self.session.earlier:
            paragraphs.append(_(_WITHOUT_EARLIER))
        if copies:
            self.app.copy_to_clipboard(" ".join(words))
            message = paragraph([_(_COPIED), " ".join(readable)])
            if self.session.earlier:
                template = pgettext("behind a command", "{command} {remark}")
                message = template.format(command=message, remark=_(_WITHOUT_EARLIER))
            self.app.show_notice(message, warns=False, in_full="\n\n".join([_(_COPIED), *paragraphs]))
        else:
            heading = _("The command for this run and moment")
            await self.app.push_screen(TextScreen(heading, "\n\n".join(paragraphs), keys="Y"))

    # Files

    def action_screenshot(self) -> None:
        """Saves a picture of the screen at once; replaces Textual's action, which may open a browser."""
        self._save(FileAnswer("screen", screenshot_path(), overwrites=True))

    def action_save(self, subject: str = next(iter(SUBJECTS))) -> None:
        """Opens the prompt for the file to save; while one is being written, shows its progress instead."""
        prompt = self.app.query_one(FilePrompt)
        if self._writing is None:
            prompt.ask(subject, self.app.query_one(Panes).view)
        else:
            self._show_writing(self._writing)

    async def action_write_file(self) -> None:
        """Saves to the file named in the prompt; the prompt asks before an existing file is overwritten."""
        prompt = self.app.query_one(FilePrompt)
        answer = await prompt.read()
        if answer is None or self._writing is not None:
            return
        if answer.subject == "screen":
            prompt.leave()
            bar = self.app.query_one(KeyBar)  # the picture must show the keys of the main screen, and no prompt
            bar.call_later(bar.list_keys)
            bar.call_later(self.app.screen.call_after_refresh, self._save, answer)
        else:
            self._save(answer)

    def _save(self, answer: FileAnswer) -> None:
        """Writes a file, or starts to, and shows the result or why it failed."""
        try:
            remark = self._write(answer)
        except NotReproducibleError as error:
            self.app.query_one(FilePrompt).leave()
            self.app.show_notice(str(error))
        except _NoUpdateError:
            from quadfit_tui.core.explain.worked_update import NO_UPDATE_YET  # imported late: rarely needed

            self.app.query_one(FilePrompt).leave()
            self.app.show_notice(_(NO_UPDATE_YET[1]))
        except RangeError as error:
            self.app.query_one(FilePrompt).ask_again(answer, str(error))
        except (OSError, ValueError) as failure:
            self._refuse(answer, failure)
        else:
            if self._writing is None:
                self._end(answer, remark)

    def _end(self, answer: FileAnswer, remark: str = "", stays: bool = False) -> None:
        """Sends a complete file if the terminal takes downloads, and notifies the user, with a remark if there is one.

        It closes the prompt, unless the user has left it by now.
        """
        try:
            is_sent = self.app.send_saved(answer.path)
        except OSError as failure:
            self._refuse(answer, failure)
            return
        if self.app.query_one(FilePrompt).display:
            self.app.query_one(FilePrompt).leave()
        path = os.path.basename(answer.path) if is_sent else answer.path
        template = _("Saved the {subject} to {file}: {told}.") if remark else _("Saved the {subject} to {file}.")
        if is_sent:
            template = _("Sent the {subject} as a download, {file}.")
            if remark:
                template = _("Sent the {subject} as a download, {file}: {told}.")
        if answer.subject == "settings":
            template = _("Saved the {subject} to {file}; {command} starts this run again.")
            if is_sent:
                template = _("Sent the {subject} as a download, {file}; {command} starts this run again.")
        again = config_command("--config", path, self.session.snapshot().position)
        places = {"subject": _(answer.subject), "file": shown_name(path), "told": remark, "command": again}
        self.app.show_notice(template.format(**places), stays=stays, warns=False)

    def _refuse(self, answer: FileAnswer, failure: Exception) -> None:
        """Asks for the file again after it could not be written; if the prompt is closed by now, shows a notice."""
        prompt = self.app.query_one(FilePrompt)
        if isinstance(failure, FileExistsError):
            prompt.ask_to_overwrite(answer)
            return
        problem = with_allowed(
            refusals.path_write_error(answer.path, failure), protected_files.allowed_instead(failure)
        )
        if prompt.display or answer.subject == "screen":
            prompt.ask_again(answer, problem)
        else:
            self.app.show_notice(full_stop(problem), stays=True)

    def _write(self, answer: FileAnswer) -> str:
        """Writes a file, or starts to; returns a remark for the user, empty if there is none.

        Raises OSError or ValueError if it fails and another name may help; _NoUpdateError and NotReproducibleError.
        """
        subject, path, overwrites = answer.subject, answer.path, answer.overwrites
        snapshot, data, style = self.session.snapshot(), self.session.config.data, style_of(answer.path, "")
        if data and access.is_same(path, data):
            raise ValueError(_("it is the data of this run"))
        if subject == "settings":
            self.presets.make_folder(path)
            write_config(path, snapshot.task, snapshot.position, overwrites=overwrites)
            return ""
        if subject in ("log", "animation"):
            if not self.session.run.updates:
                raise _NoUpdateError
            file = self._run_file(answer, style)
            file.advance(_AT_ONCE)
            if file.is_busy:
                self._writing = file
                self._show_writing(file)
                self.app.run_worker(self._write_on(answer, file), name="log", group="log")
            return file.size_message
        if subject == "update":
            if snapshot.record is None:
                raise _NoUpdateError
            lines = update_of(style)(snapshot.record)
        else:
            lines = picture_of(style)(screen_picture(self.app) if subject == "screen" else self._view_picture(style))
        write_lines(path, lines, overwrites=overwrites)
        return ""

    def _view_picture(self, style: str) -> Picture:
        """Renders the active view in the size of `run --plot`."""
        panes, ascii = self.app.query_one(Panes), self.app.capabilities.ascii
        scene = panes.with_map(scene_of(self.session, withheld=self.teaching.withheld))
        return picture(scene, panes.view, panes.words, SIZE_IN_FILE, self._colors(style), ascii)

    def _colors(self, style: str) -> Colors:
        """Returns the colors for a style of file: of the theme, of the terminal for `ansi`, or none for `text`."""
        variables = self.app.theme_variables
        if style == "ansi":
            variables = theme_variables(OF_TERMINAL[0])
        elif self.app.theme in OF_TERMINAL:
            variables = theme_variables(LIGHT.name if self.app.theme == OF_TERMINAL[1] else DARK.name)
        return COLORLESS if style == "text" else chart_colors(variables)

    # Files of many epochs, which are written in slices between keys and training

    def _run_file(self, answer: FileAnswer, style: str) -> RunFile:
        """Returns the job that writes a log or an animation, not begun yet. Raises ValueError as AnimationFile does."""
        if answer.subject == "log":
            return LogFile(answer.path, style, self.session, overwrites=answer.overwrites)
        panes, ascii = self.app.query_one(Panes), self.app.capabilities.ascii
        name, words, colors, withheld = panes.view, panes.words, self._colors(style), self.teaching.withheld

        def draw(session: RunSession) -> Picture:
            scene = panes.with_map(scene_of(session, withheld=withheld))
            frame = picture(scene, name, words, SIZE_IN_FILE, colors, ascii, cuts=True)
            return frame._replace(title=f"quadfit-tui: {name}")

        return AnimationFile(answer.path, draw, self.session, answer.moments, overwrites=answer.overwrites)

    async def _write_on(self, answer: FileAnswer, file: RunFile) -> None:
        """Writes the rest of a file, slice by slice, while the prompt shows the progress."""
        shown_percent, prompt = file.percent, self.app.query_one(FilePrompt)
        try:
            while file.is_busy and self._writing is file:
                await self.training.yield_to_keys()
                file.advance(SLICE)
                if file.percent > shown_percent and prompt.display:
                    shown_percent = file.percent
                    self._show_writing(file)
        except OSError as failure:
            self._writing = None
            self._refuse(answer, failure)
            return
        except asyncio.CancelledError:  # the app exits
            file.cancel()
            self.unfinished = _unfinished(file)
            raise
        if self._writing is file:
            self._writing = None
            self._end(answer, file.size_message, stays=True)
        else:
            file.cancel()
            self.app.show_notice(_unfinished(file), stays=True)

    def _show_writing(self, file: RunFile) -> None:
        """Shows in the prompt how much of a file is written."""
        counts = ngettext_noop(
            "{percent} % of {n} epoch written; Esc: stop", "{percent} % of {n} epochs written; Esc: stop"
        )
        progress = ngettext(*counts, file.epochs, percent=file.percent)
        self.app.query_one(FilePrompt).show_writing(file.path, progress)

    def stop(self) -> None:
        """Cancels the writing of a file."""
        self._writing = None


def _unfinished(file: RunFile) -> str:
    """Returns the message that a file was not written to its end."""
    written, epochs = f"{file.done:,}", ngettext("{n} epoch", "{n} epochs", file.epochs)
    template = _("{file} was not saved, since it was stopped after {done} of {epochs}.")
    if file.is_truncated:
        template = _("{file} is not complete: it has {done} of {epochs}.")
    return template.format(file=quoted(file.path), done=written, epochs=epochs)
