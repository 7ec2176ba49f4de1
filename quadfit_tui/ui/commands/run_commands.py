"""The app's commands of runs: a new one, one from where w is, a twin, an earlier one again."""

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
from quadfit_tui.core.model.task import FitTask, task_pieces
from quadfit_tui.core.session.runs import compared
from quadfit_tui.core.text.language import N_, _, full_stop, paragraph
from quadfit_tui.core.text.numbers import short, vector
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import cut
from quadfit_tui.ui.commands.command_list import data_rows, preset_rows
from quadfit_tui.ui.commands.commands import Action, Commands
from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.screens.data_list import DataList
from quadfit_tui.ui.screens.list_screen import ListScreen
from quadfit_tui.ui.screens.twins import TwinScreen
from quadfit_tui.ui.tasks.allocator import give_back
from quadfit_tui.ui.tasks.training_loop import SLICE
from quadfit_tui.ui.terminal.terminal_app import transliterate_for

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.trials import Trial
    from quadfit_tui.core.model.problem import Dataset
    from quadfit_tui.ui.run_table import RunTable


OF_RUNS = frozenset({"stop_reading", "sweep"})
CHANGED = N_("The file of samples has changed since this preset was saved.")
_LEAST_KEPT = 10  # epochs of a run that < and > leave behind
_AT_ONCE = 32  # pieces of work: a file of half a megabyte, and then nothing needs to be told of it
_LONGEST_NAME = 30  # columns of a file's name
_IN_USE = 0.05  # seconds after which it is looked again whether a field or a page still is


class Playing(Enum):
    """When a run that was begun plays: always where the present one is playing, and besides that."""

    BY_ITSELF = auto()
    AFTER_AN_END = auto()  # where the present one has ended
    AT_ONCE = auto()


class PendingRun(IncrementalJob[FitTask]):
    """The task of a run that is to begin, while its file of samples is read."""

    def __init__(self, config: RunConfig, *known: Dataset, plays: Playing) -> None:
        super().__init__(self._read(config, *known))
        self.plays = plays
        name = shown_name(os.path.basename(config.data or ""))
        self._name = name if cut(name, _LONGEST_NAME) == name else f"{cut(name, _LONGEST_NAME - 1)}…"

    @staticmethod
    def _read(config: RunConfig, *known: Dataset) -> JobSteps[FitTask]:
        task = yield from task_pieces(config, *known)
        if config.data is not None and task.problem not in known:
            yield from task.find_sums()  # which the first picture shows
        return task

    @property
    def told(self) -> tuple[str, str]:
        """How far it is, in full and for narrow terminals."""
        if self.is_busy:
            told = _("Reading {name}: {percent} %; press Esc to stop."), _("Reading: {percent} %; Esc: stop")
        else:
            told = _("{name} has been read; its run begins when you leave this field."), _("The file has been read.")
        full, brief = (way.format(name=self._name, percent=self.percent) for way in told)
        return full, brief

    @property
    def stopped(self) -> str:
        """That it was given up."""
        return _("{name} was not read to its end. This run stays as it was.").format(name=self._name)


@dataclass
class RunCommands(Commands):
    """Begins runs, and goes from one to another; what was trained and not shown yet is shown before.

    What takes long of a run to come, which is to read its file, is done slice by slice beside the keys, while the
    present one goes on. Whatever shows another run meanwhile is wanted more, and ends that. `table` is the one that T
    lists, if one is open.
    """

    reading: PendingRun | None = None
    table: RunTable | None = None
    _told: Dataset | None = None  # whose rows were told of

    def state_of(self, action: str) -> bool:
        """Whether one of OF_RUNS can be done now."""
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
        """Begins a new run of the same configuration."""
        self.restart(self.session.config)

    def action_scale_rate(self, factor: float) -> None:
        """Begins the same run at its first rate times `factor`, and plays it; says so where that is no rate.

        A run left before its tenth epoch is replaced, so that a key held down leaves one run behind.
        """
        self.training.flush()
        task = self.session.timeline.task
        try:
            task = task.replace(lr=task.config.lr * factor)
        except ConfigError as refused:
            said = _("{rate} is no learning rate: it {problem}; allowed: {allowed}.")
            rate = short(task.config.lr * factor)
            self.app.show_notice(said.format(rate=rate, problem=refused.reason, allowed=refused.allowed))
            return
        self.session.restart(task, least=_LEAST_KEPT)
        self.session.play()
        self._after_run_change()

    async def action_apply(self) -> None:
        """Restarts with what is in the form, if all of it is right, and leaves the form."""
        config = await self.app.query_one(Form).read()
        if config is not None:
            self.restart(config, plays=self.plays_changed)

    def retry(self, trial: Trial | None) -> None:
        """Begins the run of a trial, if one was chosen."""
        if trial is not None:
            self.restart(trial.config, plays=self.plays_changed)

    async def action_presets(self) -> None:
        """Lists the presets, and begins a run of the one that is chosen."""
        self.presets.read()
        screen = ListScreen(_("Presets"), preset_rows(self.app, self.presets), _("type words of a preset"))
        await self.app.push_screen(screen, self.action_preset)

    def action_preset(self, name: str | None) -> None:
        """Begins a run of a preset; none where none was chosen."""
        if name is not None:
            self.restart(self.presets.config_for(name, self.session.config), plays=self.plays_chosen)

    async def action_data(self) -> None:
        """Lists files of samples, and begins a run of the one that is chosen."""
        rows = data_rows(self.app)
        own = next((row.result for row in rows if row.result and not row.result.startswith(EXAMPLE)), "")
        screen = DataList(rows, own)

        def begin(file: str | None) -> None:
            if file is not None:
                self._begin_data(file, screen.columns)

        await self.app.push_screen(screen, begin)

    def _begin_data(self, file: str, columns: tuple[str, str] | None) -> None:
        """Begins a run of a file as the form does, where the columns of another file do not count any more."""
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
        """When a run plays whose settings were changed: at once where that is a try at a task."""
        return Playing.AT_ONCE if self.teaching.first_setting else Playing.AFTER_AN_END

    @property
    def plays_chosen(self) -> Playing:
        """When a run plays that is chosen from a list or the map: at once, but where somebody asks about it before."""
        return Playing.AFTER_AN_END if self.teaching.asks_first else Playing.AT_ONCE

    def restart(self, config: RunConfig, at_once: bool = False, plays: Playing = Playing.BY_ITSELF) -> None:
        """Begins a run as soon as its samples are read: before anything else is done if `at_once`.

        It plays on where the present one is playing, and as `plays` says.
        """
        before, self.reading = self.reading, None
        known = () if before is None or before.result is None else (before.result.problem,)
        reading = PendingRun(config, *known, *self.session.problems, plays=plays)
        try:
            reading.advance(math.inf, None if at_once else _AT_ONCE)
        except ConfigError as refused:
            self.app.query_one(Form).refuse(refused)
            return
        if reading.result is not None:
            self._start_run(reading.result, reading.plays)
            return
        self.reading = reading
        self.app.screen.set_focus(None)
        self.show_anew()
        self.app.run_worker(self._read(reading), name="reading", group="reading")

    async def _read(self, reading: PendingRun) -> None:
        """Reads the rest of a file, slice by slice, and begins its run, or tells why not, once no field is in use."""
        refusal, shown = None, reading.told
        try:
            while reading.is_busy and self.reading is reading:
                await self.training.yield_to_keys()
                reading.advance(SLICE)
                if reading.told != shown:
                    shown = reading.told
                    self.show_anew()
        except ConfigError as refused:
            refusal = refused
        finally:
            reading.cancel()
            give_back()
        while self.reading is reading and self._is_in_use:
            await asyncio.sleep(_IN_USE)
        if self.reading is not reading:
            return
        self.reading = None
        self.show_anew()
        if refusal is not None:
            self.app.query_one(Form).refuse(refusal)
        elif reading.result is not None:
            self._start_run(reading.result, reading.plays)

    @property
    def waits_for_user(self) -> bool:
        """Whether a file has been read whose run begins once nothing is in use."""
        return self.reading is not None and not self.reading.is_busy and self._is_in_use

    @property
    def _is_in_use(self) -> bool:
        """Whether a field or a page has the keys, or the run waits for something."""
        has_page = len(self.app.screen_stack) > 1
        return has_page or self.app.screen.focused is not None or bool(self.teaching.waits_for)

    def action_stop_reading(self) -> None:
        """Reads no more of a file; the run stays as it is."""
        if self.reading is not None:
            self.app.show_notice(self.reading.stopped)
            self.reading = None
            self.app.query_one(Form).show(self.session.config)
            self.show_anew()

    def _start_run(self, task: FitTask, plays: Playing) -> None:
        self.training.flush()
        had_ended = self.session.run.status.ended
        self.session.restart(task)
        if plays is Playing.AT_ONCE or (plays is Playing.AFTER_AN_END and had_ended):
            self.session.play()
        self._after_run_change()

    def _after_run_change(self) -> None:
        """Shows another run than before."""
        self.reading = None
        self.app.query_one(Form).show(self.session.config)
        self.app.screen.set_focus(None)
        self.training.publish()
        if told := self.news_of_samples():
            self.app.show_notice(paragraph(told))

    def news_of_samples(self) -> list[str]:
        """What is to be told, once for each file, of its samples: that they have changed, which rows are none."""
        problem = self.session.snapshot().problem
        if problem is self._told:
            return []
        self._told = problem
        has_changed = self.presets.is_of_other_samples(self.session.config, problem.sha256)
        return [_(CHANGED)] * has_changed + list(map(full_stop, problem.notices))

    # More than one run

    @property
    def difference(self) -> str:
        """What differs from the run that was left last; nothing where there is none."""
        if not self.session.earlier:
            return ""
        present, before = self.session.run, self.session.earlier[-1]
        differs = compared(before, present, most=2)
        said = _("run {run} vs. run {other}: {differences}")
        return transliterate_for(self.app, said.format(run=present.number, other=before.number, differences=differs))

    def action_carry_on(self) -> None:
        """Begins a new run from the present w."""
        self.training.flush()
        if not self.session.run.updates:
            self.app.show_notice(_("There is nothing to continue yet: train first (Space), then press c."))
            return
        w = self.session.snapshot().w
        try:
            self.session.carry_on()
        except ConfigError as refused:
            told = _("No run can start from w {w}: it {problem}; allowed: {allowed}.")
            self.app.show_notice(
                told.format(w=vector(w), problem=refused.reason, allowed=Coefficients(LARGEST).allowed)
            )
        else:
            self._after_run_change()

    async def action_runs(self) -> None:
        """Lists the runs, and shows the one that is chosen."""
        from quadfit_tui.ui.screens.runs import RunsScreen  # most sessions have one run

        self.training.flush()
        await self.app.push_screen(RunsScreen(self.session), self._show_run)

    def _show_run(self, number: int | None) -> None:
        if number is not None:
            self.training.flush()
            self.session.show(number)
            self._after_run_change()
        else:
            self.training.publish()  # one may have been forgotten

    async def action_sweep(self) -> None:
        """Lists the runs of the table that is open, and begins the one that is chosen."""
        if self.table is not None:
            screen = self.table.screen(self.app.capabilities, self.training.yield_to_keys)
            await self.app.push_screen(screen, self._begin_row)

    def _begin_row(self, at: int | None) -> None:
        """Begins a run of the table, by its row, and goes to its end, where that takes no waiting for a file."""
        if at is None or self.table is None:
            return
        config, end = self.table.run(at)
        self.restart(config)
        if self.session.config == config and self.reading is None:
            self.session.seek(min(end, config.epochs))
            self.training.advance()

    async def action_twin(self) -> None:
        """Asks for the one choice that is to be otherwise, and begins the twin."""
        if self.session.run.updates:
            await self.app.push_screen(TwinScreen(self.session.timeline.task), self.action_twin_of)
        else:
            self.app.show_notice(_("There is nothing to compare with yet: train first (Space), then press k."))

    def action_twin_of(self, name: str | None) -> None:
        """Begins a twin, a row of TWINS; none where none was chosen."""
        if name is not None:
            self.training.flush()
            try:
                self.session.twin(name)
            except ConfigError as refused:
                self.app.show_notice(_("The twin cannot start: it {problem}.").format(problem=refused.reason))
            else:
                self._after_run_change()
