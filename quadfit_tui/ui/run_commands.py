"""The app's commands of runs: a new one, one from where w is, a twin, an earlier one again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.config.presets import preset_for
from quadfit_tui.core.export.formats import EXPORTERS, style_of
from quadfit_tui.core.export.picture import Picture
from quadfit_tui.core.files import access
from quadfit_tui.core.files.line_file import write_lines
from quadfit_tui.core.session.reproduction import NotReproducibleError, command, in_lines, write_config
from quadfit_tui.core.text.document import PARAGRAPH_WIDTH
from quadfit_tui.core.text.numbers import vector
from quadfit_tui.core.text.quoting import quoted, shown_name
from quadfit_tui.ui.fields.file_prompt import FilePrompt
from quadfit_tui.ui.picture import SIZE_IN_FILE, picture
from quadfit_tui.ui.playback_commands import PlaybackCommands
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.screens.twins import TwinScreen
from quadfit_tui.ui.terminal.terminal_app import spelled
from quadfit_tui.ui.themes import LIGHT, OF_TERMINAL, chart_colors, theme_variables
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.widgets.form import Form
from quadfit_tui.ui.widgets.panes import Panes

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.trials import Trial
    from quadfit_tui.core.model.problem import Problem


_COPIED = "copied to the clipboard, if this terminal allows it:"
_WITHOUT_EARLIER = "It gives this run alone, without the earlier ones."
_NOTED = 8  # a note in the corner has a character for so many cells of the screen at most
_FRAME = 4  # columns of a page beside its text


class RunCommands(PlaybackCommands):
    """Begins runs, and goes from one to another; what was trained and not shown yet is shown before."""

    _told: Problem | None = None  # whose rows were told of

    def action_restart(self) -> None:
        """Begins a new run of the same configuration."""
        self._restart(self.session.config)

    async def action_apply(self) -> None:
        """Restarts with what is in the form, if all of it is right, and leaves the form."""
        config = await self.query_one(Form).read()
        if config is not None:
            self._restart(config)

    def _retry(self, trial: Trial | None) -> None:
        if trial is not None:
            self._restart(trial.config)

    def action_preset(self, name: str) -> None:
        """Begins a run of a preset."""
        self._restart(preset_for(name, self.session.config))

    def _restart(self, config: RunConfig) -> None:
        self.training.flush()
        try:
            self.session.restart(config)
        except ConfigError as refused:
            self.query_one(Form).refuse(refused)
            return
        self._begun()

    def _begun(self) -> None:
        """Shows another run than before."""
        self.query_one(Form).show(self.session.config)
        self.screen.set_focus(None)
        self.training.publish()
        self._tell_of_samples()

    def _tell_of_samples(self) -> None:
        """Tells, once for each file, which of its rows are no samples."""
        problem = self.session.snapshot().problem
        if problem.notice and problem is not self._told:
            self.tell(problem.notice)
        self._told = problem

    # To keep

    async def action_copy_command(self) -> None:
        """Copies the command that gives this run, moment and views; shows it where the terminal has no clipboard."""
        views, copies = self.query_one(Panes).chosen, self.capabilities.extras
        try:
            words = command(self.session, views)
            shown = command(self.session, views, ascii=True) if self.capabilities.ascii else words
        except NotReproducibleError as refused:
            self.tell(str(refused))
            return
        said = [_COPIED] * copies + [" ".join(shown)] + [_WITHOUT_EARLIER] * bool(self.session.earlier)
        self.clear_notifications()
        if copies:
            self.copy_to_clipboard(" ".join(words))
        if copies and _NOTED * len("".join(said)) <= self.size.width * self.size.height:
            self.notify("\n".join(said), timeout=10, markup=False)
        else:
            said[copies] = in_lines(shown, min(PARAGRAPH_WIDTH, self.size.width - _FRAME))
            await self.push_screen(TextScreen("The command for this run and moment", "\n\n".join(said), keys="Y"))

    def action_save(self) -> None:
        """Asks for the file that is to be written: its name says what of."""
        self.query_one(FilePrompt).ask()

    async def action_write_file(self) -> None:
        """Writes the file that was named; asks before another file is written over."""
        prompt = self.query_one(FilePrompt)
        answer = await prompt.read()
        if answer is None:
            return
        path = answer.path
        try:
            said = self._write(path, overwrites=answer.overwrites)
        except FileExistsError:
            prompt.ask_to_overwrite(path)
        except NotReproducibleError as refused:
            prompt.leave()
            self.tell(str(refused))
        except (OSError, ValueError) as failure:
            why = getattr(failure, "strerror", failure)
            if isinstance(failure, FileNotFoundError):  # that a new file does not exist is no reason
                why = "its folder does not exist"
            prompt.ask(path, f"{quoted(path)} cannot be written: {why}; allowed: {access.allowed_text('a file')}")
        else:
            prompt.leave()
            self.clear_notifications()
            self.notify(spelled(self, f"Saved to {shown_name(path)}{said}"), markup=False)

    def _write(self, path: str, *, overwrites: bool) -> str:
        """Writes what a file of this name holds: the view, the worked update, or else the settings; gives the rest of
        the sentence that says so. Raises OSError, ValueError."""
        snapshot, data = self.session.snapshot(), self.session.config.data
        if data and access.is_same(path, data):
            raise ValueError("it is the data of this run")
        style = style_of(path, "")
        row = EXPORTERS.get(style)
        if row is None:
            write_config(path, snapshot.task, snapshot.position, overwrites=overwrites)
            return f"; quadfit-tui --config {shlex.quote(path)} starts this run again."
        if row.picture is not None:
            lines = row.picture(self._picture(style))
        elif row.update is None:
            raise ValueError(f"the epochs are written as they are trained, by --output {shown_name(path)}")
        elif snapshot.record is None:
            raise ValueError("no update has been made yet")
        else:
            lines = row.update(snapshot.record)
        write_lines(path, lines, overwrites=overwrites)
        return "."

    def _picture(self, style: str) -> Picture:
        """The present view, as large as `run --plot` makes it; in colors of the theme, or of the terminal's own."""
        panes, variables = self.query_one(Panes), self.theme_variables
        if style == "ansi":
            variables = theme_variables(OF_TERMINAL[0])
        elif self.theme in OF_TERMINAL:
            variables = theme_variables(LIGHT.name if self.theme == OF_TERMINAL[1] else "textual-dark")
        scene, ascii = scene_of(self.session), self.capabilities.ascii
        return picture(scene, panes.view, panes.words, SIZE_IN_FILE, chart_colors(variables), ascii)

    # More than one run

    def action_carry_on(self) -> None:
        """Begins a new run from the present w."""
        self.training.flush()
        w = self.session.snapshot().w
        try:
            self.session.carry_on()
        except ConfigError as refused:
            self.tell(f"cannot start a run from w {vector(w)}: it {refused.reason}; allowed: {refused.allowed}")
        else:
            self._begun()

    async def action_runs(self) -> None:
        """Lists the runs, and shows the one that is chosen."""
        from quadfit_tui.ui.screens.runs import RunsScreen  # most sessions have one run

        self.training.flush()
        await self.push_screen(RunsScreen(self.session), self._show_run)

    def _show_run(self, number: int | None) -> None:
        if number is not None:
            self.training.flush()
            self.session.show(number)
            self._begun()
        else:
            self.training.publish()  # one may have been forgotten

    async def action_twin(self) -> None:
        """Asks for the one choice that is to be otherwise, and begins the twin."""
        if self.session.run.updates:
            await self.push_screen(TwinScreen(self.session.timeline.task), self.action_twin_of)
        else:
            self.tell("nothing to compare with yet: train first (Space), then press k")

    def action_twin_of(self, name: str | None) -> None:
        """Begins a twin, a row of TWINS; none where none was chosen."""
        if name is not None:
            self.training.flush()
            try:
                self.session.twin(name)
            except ConfigError as refused:
                self.tell(f"cannot start the twin: it {refused.reason}")
            else:
                self._begun()
