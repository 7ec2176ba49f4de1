"""The app's commands of runs: a new one, one from where w is, a twin, an earlier one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.text.numbers import vector
from quadfit_tui.ui.saving_commands import SavingCommands
from quadfit_tui.ui.screens.twins import TwinScreen
from quadfit_tui.ui.widgets.form import Form

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.trials import Trial
    from quadfit_tui.core.model.problem import Problem


CHANGED = "The file of samples has changed since this preset was saved."


class RunCommands(SavingCommands):
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
        self._restart(self.presets.begun(name, self.session.config))

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
        if told := self._news_of_samples():
            self.tell(" ".join(told))

    def _news_of_samples(self) -> list[str]:
        """What is to be told, once for each file, of its samples: that they have changed, which rows are none."""
        problem = self.session.snapshot().problem
        if problem is self._told:
            return []
        self._told = problem
        has_changed = self.presets.is_of_other_samples(self.session.config, problem.sha256)
        return [CHANGED] * has_changed + [f"{problem.notice}."] * bool(problem.notice)

    # More than one run

    def action_carry_on(self) -> None:
        """Begins a new run from the present w."""
        self.training.flush()
        if not self.session.run.updates:
            self.tell("There is nothing to continue yet: train first (Space), then press c.")
            return
        w = self.session.snapshot().w
        try:
            self.session.carry_on()
        except ConfigError as refused:
            allowed, _, _ = refused.allowed.partition(", or ")  # a word in its place, which w never is
            self.tell(f"No run can start from w {vector(w)}: it {refused.reason}; allowed: {allowed}.")
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
            self.tell("There is nothing to compare with yet: train first (Space), then press k.")

    def action_twin_of(self, name: str | None) -> None:
        """Begins a twin, a row of TWINS; none where none was chosen."""
        if name is not None:
            self.training.flush()
            try:
                self.session.twin(name)
            except ConfigError as refused:
                self.tell(f"The twin cannot start: it {refused.reason}.")
            else:
                self._begun()
