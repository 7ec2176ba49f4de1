"""The app's commands of runs: start a new one, continue from the present w, start a twin, show an earlier one."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from quadfit_tui.core.config.parameters import LARGEST, OF_FILES, ConfigError, RunConfig
from quadfit_tui.core.config.presets import with_own_data
from quadfit_tui.core.config.value_types import Coefficients
from quadfit_tui.core.files.virtual_files import EXAMPLE
from quadfit_tui.core.model.incremental_job import IncrementalJob, JobSteps
from quadfit_tui.core.model.task import FitTask, task_steps
from quadfit_tui.core.session.runs import format_differences
from quadfit_tui.core.text.language import N_, _, full_stop, paragraph
from quadfit_tui.core.text.numbers import format_short, format_vector
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import cut
from quadfit_tui.ui.commands.command_list import data_rows, preset_rows
from quadfit_tui.ui.commands.commands import Action, Commands
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.screens.data_list import DataList
from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.screens.twins import TwinScreen
from quadfit_tui.ui.tasks.allocator import trim_heap
from quadfit_tui.ui.tasks.training_loop import SLICE
from quadfit_tui.ui.terminal.terminal_app import transliterate_for

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.trials import Trial
    from quadfit_tui.core.model.problem import Dataset
    from quadfit_tui.ui.run_table import RunTable


OF_RUNS = frozenset({"stop_reading", "sweep"})
CHANGED = N_("The file of samples has changed since this preset was saved.")
_LEAST_KEPT = 10  # epochs that a run must have so that < and > add it to the earlier runs
_AT_ONCE = 32  # pieces of a file that are read without showing progress: half a megabyte
_LONGEST_NAME = 30  # columns of a file's name
_IN_USE = 0.05  # seconds between two checks whether a field or a page is still in use


class Playing(Enum):
    """When a new run starts to play; besides, it always plays if the present one is playing."""

    BY_ITSELF = auto()
    AFTER_AN_END = auto()  # if the current run has ended
    AT_ONCE = auto()


class PendingRun(IncrementalJob[FitTask]):
    """The job that makes the task of the next run, reading its file of samples piece by piece."""

    def __init__(self, config: RunConfig, *known: Dataset, plays: Playing) -> None:
        super().__init__(self._read(config, *known))
        self.plays = plays
        name = shown_name(os.path.basename(config.data or ""))
        self._name = name if cut(name, _LONGEST_NAME) == name else f"{cut(name, _LONGEST_NAME - 1)}…"

    @staticmethod
    def _read(config: RunConfig, *known: Dataset) -> JobSteps[FitTask]:
        """Yields the steps of the job; samples that are among the `known` are not read again."""
        task = yield from task_steps(config, *known)
        if config.data is not None and task.problem not in known:
            yield from task.precompute()  # the first frame shows them
        return task

    @property
    def progress_message(self) -> tuple[str, str]:
        """The message about its progress, in full and for narrow terminals."""
        if self.is_busy:
            full, brief = _("Reading {name}: {percent} %; press Esc to stop."), _("Reading: {percent} %; Esc: stop")
        else:
            full = _("{name} has been read; its run begins when you leave this field.")
            brief = _("The file has been read.")
        return full.format(name=self._name, percent=self.percent), brief.format(name=self._name, percent=self.percent)

    @property
    def stop_message(self) -> str:
        """The message that the user has stopped the reading."""
        return _("{name} was not read to its end. This run stays as it was.").format(name=self._name)


@dataclass
class RunCommands(Commands):
    """The commands of runs: they start runs and switch between them, after showing the records still unshown.

    `reading` is the next run while its file is read, slice by slice between keys; the current run goes on meanwhile.
    A command that shows another run cancels it. `table` is the table of runs that T lists, or None if none is open.
    """

    reading: PendingRun | None = None
    table: RunTable | None = None
    _announced: Dataset | None = None  # the samples whose notices were already returned by `new_data_notices`

    def state_of(self, action: str) -> bool:
        """Whether an action of OF_RUNS is possible now."""
        return (self.reading if action == "stop_reading" else self.table) is not None

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            "restart": self.action_restart,
            "scale_rate": self.action_scale_rate,
            "scale_rate_unshifted": self.action_scale_rate,
            "apply": self.action_apply,
            "presets": self.action_presets,
            "preset": self.action_preset,
            "data": self.action_data,
            "stop_reading": self.action_stop_reading,
            "carry_on": self.action_carry_on,
            "runs": self.action_runs,
            "sweep": self.action_sweep,
            "twin": self.action_twin,
            "twin_of": self.action_twin_of,
        }

    def action_restart(self) -> None:
        """Starts a new run of the same configuration."""
        self.restart(self.session.config)

    def action_scale_rate(self, factor: float) -> None:
        """Starts and plays the same run with its initial rate times `factor`; refuses a rate out of range.

        A run that is left before its tenth epoch is dropped, so that a held key adds one run to the earlier ones.
        """
        self.training.flush()
        task = self.session.timeline.task
        try:
            task = task.replace(lr=task.config.lr * factor)
        except ConfigError as error:
            template = _("{rate} is no learning rate: it {problem}; allowed: {allowed}.")
            rate = format_short(task.config.lr * factor)
            self.app.show_notice(template.format(rate=rate, problem=error.reason, allowed=error.allowed))
            return
        self.session.restart(task, least=_LEAST_KEPT)
        self.session.play()
        self._after_run_change()

    async def action_apply(self) -> None:
        """Starts a run with the values of the form, if all are valid, and leaves the form."""
        config = await self.app.query_one(Form).read()
        if config is not None:
            self.restart(config, plays=self.plays_changed)

    def retry(self, trial: Trial | None) -> None:
        """Starts the run of a remedy's trial that the user chose on the page of the diagnosis; None: none."""
        if trial is not None:
            self.restart(trial.config, plays=self.plays_changed)

    async def action_presets(self) -> None:
        """Opens the list of presets, and starts a run of the chosen one."""
        self.presets.read()
        screen = ListScreen(_("Presets"), preset_rows(self.app, self.presets), _("type words of a preset"))
        await self.app.push_screen(screen, self.action_preset)

    def action_preset(self, name: str | None) -> None:
        """Starts a run of a preset; None, if the list was closed, does nothing."""
        if name is not None:
            self.restart(self.presets.config_for(name, self.session.config), plays=self.plays_chosen)

    async def action_data(self) -> None:
        """Opens the list of data files, and starts a run of the chosen one."""
        rows = data_rows(self.app)
        own = next((row.result for row in rows if row.result and not row.result.startswith(EXAMPLE)), "")
        screen = DataList(rows, own)

        def begin(file: str | None) -> None:
            if file is not None:
                self._begin_data(file, screen.columns)

        await self.app.push_screen(screen, begin)

    def _begin_data(self, file: str, columns: tuple[str, str] | None) -> None:
        """Starts a run of a data file as the form does: options for the previous file, as its columns, are reset."""
        config = self.session.config
        if file != config.data:
            others = {name: getattr(RunConfig(), name) for name in OF_FILES}
            config = with_own_data(config.replace(data=file, **others), config)
        if columns is not None:
            config = config.replace(columns=columns)
        self.app.query_one(Form).propose(config)
        self.restart(config, plays=self.plays_chosen)

    @property
    def plays_changed(self) -> Playing:
        """When a run with changed settings plays: at once if a lesson has set a task."""
        return Playing.AT_ONCE if self.teaching.first_setting else Playing.AFTER_AN_END

    @property
    def plays_chosen(self) -> Playing:
        """When a run chosen from a list or the map plays: at once, unless a lesson asks a question about it first."""
        return Playing.AFTER_AN_END if self.teaching.delays_playback else Playing.AT_ONCE

    def restart(self, config: RunConfig, at_once: bool = False, plays: Playing = Playing.BY_ITSELF) -> None:
        """Starts a run as soon as its samples are read, or shows in the form why the configuration is refused.

        `at_once`: the file is read to its end before this returns. The run plays if the present one is playing, and
        else as `plays` says.
        """
        before, self.reading = self.reading, None
        known = () if before is None or before.result is None else (before.result.problem,)
        reading = PendingRun(config, *known, *self.session.problems, plays=plays)
        try:
            reading.advance(math.inf, None if at_once else _AT_ONCE)
        except ConfigError as error:
            self.app.query_one(Form).refuse(error)
            return
        if reading.result is not None:
            self._start_run(reading.result, reading.plays)
            return
        self.reading = reading
        self.app.screen.set_focus(None)
        self.refresh_all()
        self.app.run_worker(self._read(reading), name="reading", group="reading")

    async def _read(self, reading: PendingRun) -> None:
        """Reads the rest of a file, slice by slice, and starts its run or shows the error once no field is in use."""
        refusal: ConfigError | None = None
        progress = reading.progress_message
        try:
            while reading.is_busy and self.reading is reading:
                await self.training.yield_to_keys()
                reading.advance(SLICE)
                if reading.progress_message != progress:
                    progress = reading.progress_message
                    self.refresh_all()
        except ConfigError as error:
            refusal = error
        finally:
            reading.cancel()
            trim_heap()
        while self.reading is reading and self._is_in_use:
            await asyncio.sleep(_IN_USE)
        if self.reading is not reading:
            return
        self.reading = None
        self.refresh_all()
        if refusal is not None:
            self.app.query_one(Form).refuse(refusal)
        elif reading.result is not None:
            self._start_run(reading.result, reading.plays)

    @property
    def waits_for_user(self) -> bool:
        """Whether a run whose file has been read starts once the user leaves the field or page in use."""
        return self.reading is not None and not self.reading.is_busy and self._is_in_use

    @property
    def _is_in_use(self) -> bool:
        """Whether a field or a page has the keys, or a lesson waits for something."""
        has_page = len(self.app.screen_stack) > 1
        return has_page or self.app.screen.focused is not None or bool(self.teaching.waiting_message)

    def action_stop_reading(self) -> None:
        """Cancels the reading of a file; the current run stays."""
        if self.reading is not None:
            self.app.show_notice(self.reading.stop_message)
            self.reading = None
            self.app.query_one(Form).show(self.session.config)
            self.refresh_all()

    def _start_run(self, task: FitTask, plays: Playing) -> None:
        """Starts a run of a task whose samples are read."""
        self.training.flush()
        had_ended = self.session.run.status.ended
        self.session.restart(task)
        if plays is Playing.AT_ONCE or (plays is Playing.AFTER_AN_END and had_ended):
            self.session.play()
        self._after_run_change()

    def _after_run_change(self) -> None:
        """Updates the screen after another run was started or shown."""
        self.reading = None
        self.app.query_one(Form).show(self.session.config)
        self.app.screen.set_focus(None)
        self.training.publish()
        if notices := self.new_data_notices():
            self.app.show_notice(paragraph(notices))

    def new_data_notices(self) -> list[str]:
        """Returns the notices about the run's samples, as of skipped rows or a changed file; once for each dataset."""
        problem = self.session.snapshot().problem
        if problem is self._announced:
            return []
        self._announced = problem
        notices = []
        if self.presets.has_other_samples_hash(self.session.config, problem.sha256):
            notices.append(_(CHANGED))
        notices += [full_stop(notice) for notice in problem.notices]
        return notices

    # More than one run

    @property
    def difference(self) -> str:
        """The differences between the current run and the one before, as a text; empty if there is no earlier run."""
        if not self.session.earlier:
            return ""
        present, before = self.session.run, self.session.earlier[-1]
        differences = format_differences(before, present, most=2)
        template = _("run {run} vs. run {other}: {differences}")
        text = template.format(run=present.number, other=before.number, differences=differences)
        return transliterate_for(self.app, text)

    def action_carry_on(self) -> None:
        """Starts a new run from the present w."""
        self.training.flush()
        if not self.session.run.updates:
            self.app.show_notice(_("There is nothing to continue yet: train first (Space), then press c."))
            return
        w = self.session.snapshot().w
        try:
            self.session.carry_on()
        except ConfigError as error:
            template = _("No run can start from w {w}: it {problem}; allowed: {allowed}.")
            allowed = Coefficients(LARGEST).allowed
            self.app.show_notice(template.format(w=format_vector(w), problem=error.reason, allowed=allowed))
        else:
            self._after_run_change()

    async def action_runs(self) -> None:
        """Opens the list of runs, and shows the chosen one."""
        from quadfit_tui.ui.screens.runs import RunsScreen  # imported late: most sessions have one run

        self.training.flush()
        await self.app.push_screen(RunsScreen(self.session), self._show_run)

    def _show_run(self, number: int | None) -> None:
        """Shows the run with a number; None: the list was closed without a choice."""
        if number is not None:
            self.training.flush()
            self.session.show(number)
            self._after_run_change()
        else:
            self.training.publish()  # the user may have deleted a run in the list

    async def action_sweep(self) -> None:
        """Opens the list of the open table's runs, and starts the chosen one."""
        if self.table is not None:
            screen = self.table.screen(self.app.capabilities, self.training.yield_to_keys)
            await self.app.push_screen(screen, self._start_row)

    def _start_row(self, row: int | None) -> None:
        """Starts the run of a row of the table, and moves to its end unless its file is still being read."""
        if row is None or self.table is None:
            return
        config, end = self.table.run(row)
        self.restart(config)
        if self.session.config == config and self.reading is None:
            self.session.seek(min(end, config.epochs))
            self.training.advance()

    async def action_twin(self) -> None:
        """Opens the list of twins, which differ from this run in one choice, and starts the chosen one."""
        if self.session.run.updates:
            await self.app.push_screen(TwinScreen(self.session.timeline.task), self.action_twin_of)
        else:
            self.app.show_notice(_("There is nothing to compare with yet: train first (Space), then press k."))

    def action_twin_of(self, name: str | None) -> None:
        """Starts a twin by its name in TWINS; None, if the list was closed, does nothing."""
        if name is not None:
            self.training.flush()
            try:
                self.session.twin(name)
            except ConfigError as error:
                self.app.show_notice(_("The twin cannot start: it {problem}.").format(problem=error.reason))
            else:
                self._after_run_change()
