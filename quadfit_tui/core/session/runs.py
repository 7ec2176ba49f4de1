"""Runs side by side: what the present run and the earlier ones came to, and what differs between them.

An earlier run is kept with its Timeline, so that it can be shown again as it was left. A twin is a run that differs
from another in one choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, Parameter, RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.parabola import Array
from quadfit_tui.core.model.problem import Problem, trained
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import START, Position, Timeline
from quadfit_tui.core.training.trainer import batch_size

MOST_EARLIER = 6


@dataclass(frozen=True, eq=False)
class Run:
    """What a run has come to at its newest point.

    `number` is its own in the session. `status` is how it ended, else PAUSED, or READY where nothing was trained.
    `position` is the newest point, `w` that there, shape (3,), and `scaled_w` the same in z where the features are
    scaled, else None. `timeline` has all its past, to be looked at only.
    """

    number: int
    config: RunConfig
    problem: Problem
    status: Status
    position: Position
    w: Array
    scaled_w: Array | None
    timeline: Timeline = field(repr=False)

    @classmethod
    def of(cls, number: int, timeline: Timeline) -> Run:
        """The run of a timeline, as it stands."""
        position = timeline.newest
        unfinished = Status.READY if position == START else Status.PAUSED
        status = unfinished if timeline.end is None else timeline.end.status
        w, scaled_w = timeline.newest_w, timeline.newest_scaled_w
        return cls(number, timeline.config, timeline.problem, status, position, w, scaled_w, timeline)

    @property
    def updates(self) -> int:
        """The updates done."""
        return self.position.epoch * self.timeline.trainer.updates_per_epoch + self.position.update

    @cached_property
    def mean_loss(self) -> float:
        """The mean loss of w."""
        w = self.w if self.scaled_w is None else self.scaled_w
        return trained(self.config, self.problem).mean_loss(w)

    @cached_property
    def distance(self) -> float:
        """‖w − optimum‖, the optimum being the least-squares w of its samples."""
        return math.dist(self.w.tolist(), self.problem.optimum.tolist())

    @cached_property
    def curves(self) -> Curves:
        """Its course, for curves; made when first asked for, and then that of the moment."""
        return self.timeline.history.curves()

    def is_as(self, config: RunConfig, problem: Problem) -> bool:
        """Whether a run of this configuration and these samples is the same to the last bit."""
        return self.problem.source == problem.source and not differences(self.config, config)


class Shelf:
    """The earlier runs, at most MOST_EARLIER: the one that was left first goes first."""

    def __init__(self) -> None:
        self.runs: tuple[Run, ...] = ()

    def put(self, run: Run) -> None:
        """Adds a run that is being left, if anything of it was trained."""
        if run.position != START:
            run.timeline.rest()
            self.runs = (*self.runs, run)[-MOST_EARLIER:]

    def put_for(self, run: Run, config: RunConfig, problem: Problem) -> None:
        """The same for a new run; those that are the same as it go: there is to be one of them."""
        self.runs = tuple(other for other in self.runs if not other.is_as(config, problem))
        if not run.is_as(config, problem):
            self.put(run)

    def take(self, number: int) -> Run:
        """Takes a run away, and gives it. Raises ValueError where there is none of this number."""
        run = next((run for run in self.runs if run.number == number), None)
        if run is None:
            raise ValueError(f"there is no earlier run {number}")
        self.runs = tuple(other for other in self.runs if other is not run)
        return run


# What differs


def differences(before: RunConfig, after: RunConfig) -> tuple[str, ...]:
    """What differs between two runs, in words: `lr 0.5 → 0.1`; nothing of what makes no difference to both."""
    idle_before, idle_after = before.unused, after.unused
    found = []
    for name, parameter in PARAMETERS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name in idle_after:  # why it is idle is a difference of its own
            continue
        old_text, new_text = _texts(parameter, old, new)
        found.append(
            f"{parameter.label} {new_text}" if name in idle_before else f"{parameter.label} {old_text} → {new_text}"
        )
    return tuple(found)


def compared(before: Run, after: Run, most: int = len(PARAMETERS)) -> str:
    """What differs between two runs, as a list of `most` differences at most."""
    found = differences(before.config, after.config) or ("other samples in the file",)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def settings(configs: Iterable[RunConfig]) -> tuple[str, ...]:
    """The names of the parameters whose values differ among the runs that use them."""
    runs = [(config, config.unused) for config in configs]
    return tuple(
        name for name in PARAMETERS if len({getattr(config, name) for config, idle in runs if name not in idle}) > 1
    )


def setting(config: RunConfig, name: str) -> str:
    """The value of a parameter in few characters; `–` where it makes no difference to the run."""
    return "–" if name in config.unused else _short(PARAMETERS[name], getattr(config, name))


def _texts(parameter: Parameter, old: object, new: object) -> tuple[str, str]:
    """Two values as texts that differ, short ones if these do."""
    texts = _short(parameter, old), _short(parameter, new)
    return texts if texts[0] != texts[1] else (parameter.show(old), parameter.show(new))


def _short(parameter: Parameter, value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(short, value))})"
    return parameter.show(value) or "none"


# Twins


class Twin(NamedTuple):
    """One row of the table of twins.

    `words` say what it is for people, `change` what of a configuration is to be another. `idle` says why the twin would
    be the same run; it is empty where it would not.
    """

    words: str
    change: Callable[[RunConfig], dict[str, object]]
    idle: Callable[[RunConfig, Problem], str]


def _other_schedule(config: RunConfig) -> dict[str, object]:
    return {"schedule": "halve" if config.schedule == "constant" else "constant"}


def _same_rates(config: RunConfig, problem: Problem) -> str:  # noqa: ARG001  every row has one signature
    last = config.epochs - 1  # no schedule ever goes up
    twin = config.replace(**_other_schedule(config))
    rates = {SCHEDULES[each.schedule].rate(each, last) for each in (config, twin)}
    return "the rate would be the same in every epoch" if len(rates) == 1 else ""


def _same_batches(config: RunConfig, problem: Problem) -> str:
    return "every batch has all the samples" if batch_size(config, problem) == len(problem.x) else ""


TWINS: dict[str, Twin] = {
    "schedule": Twin("other schedule", _other_schedule, _same_rates),
    "order": Twin("other order", lambda config: {"shuffle": not config.shuffle}, _same_batches),
    "convention": Twin(
        "other convention",
        lambda config: {"gradient": "half" if config.gradient == "full" else "full"},
        lambda config, problem: "",  # noqa: ARG005  every row has one signature
    ),
}


def twin(config: RunConfig, problem: Problem, name: str) -> RunConfig:
    """The configuration of a row of TWINS; raises ConfigError where it would be the same run."""
    row = TWINS[name]
    changes = row.change(config)
    if idle := row.idle(config, problem):
        changed, value = next(iter(changes.items()))
        raise ConfigError((changed,), PARAMETERS[changed].show(value), f"makes no difference: {idle}", "")
    return config.replace(**changes)
