"""TWINS: runs that differ from the present one in one choice, for comparison with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.text.language import N_, _


class Twin(NamedTuple):
    """One row of the table of twins.

    `words` describe it for people; `change` returns the changed values of a configuration. `idle` returns why the twin
    would be the same run, or an empty string if it would not.
    """

    words: str
    change: Callable[[RunConfig], dict[str, object]]
    idle: Callable[[FitTask], str]


def _other_schedule(config: RunConfig) -> dict[str, object]:
    return {"schedule": "halve" if config.schedule == "constant" else "constant"}


def _same_rates(task: FitTask) -> str:
    """Returns why another schedule would change nothing, or an empty string."""
    config = task.config
    last = config.epochs - 1  # no schedule ever goes up
    twin = config.with_values(_other_schedule(config))
    rates = {SCHEDULES[one.schedule].rate(one, last) for one in (config, twin)}
    return _("the rate is already the same in every epoch") if len(rates) == 1 else ""


def _same_batches(task: FitTask) -> str:
    """Returns why another order of the samples would change nothing, or an empty string."""
    return _("every batch already contains all samples") if task.is_full_batch else ""


TWINS: dict[str, Twin] = {
    "schedule": Twin(N_("constant or halving rate"), _other_schedule, _same_rates),
    "order": Twin(N_("shuffled or in order"), lambda config: {"shuffle": not config.shuffle}, _same_batches),
    "convention": Twin(
        N_("full or half gradient"),
        lambda config: {"gradient": "half" if config.gradient == "full" else "full"},
        lambda task: "",  # noqa: ARG005  all rows have the same signature
    ),
}


def twin(task: FitTask, name: str) -> RunConfig:
    """Returns the configuration of a row of TWINS; raises ConfigError if it would be the same run."""
    row = TWINS[name]
    changes = row.change(task.config)
    if idle := row.idle(task):
        changed, value = next(iter(changes.items()))
        reason = _("would change nothing: {why}").format(why=idle)
        raise ConfigError((changed,), PARAMETERS[changed].show(value), reason, "")
    return task.config.with_values(changes)
