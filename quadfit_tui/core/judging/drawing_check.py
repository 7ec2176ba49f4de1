"""What is wrong with a step in which a run is drawn: its axes, or an earlier step, would give the run away."""

from __future__ import annotations

from collections.abc import Iterator

from quadfit_tui.core.judging.facts import Facts
from quadfit_tui.core.lessons.lesson import Lesson, Step, StepKind
from quadfit_tui.core.text.numbers import counted
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.training.status import Status

_VIEW = "loss"
_FILLED = 0.9  # of the axis: a run that ends there is as long as that, as anybody sees
_SHOWS_ALL = (StepKind.SAY, StepKind.PREDICT, StepKind.OBSERVE, StepKind.DRAW)  # that name no moment


def drawing_faults(lesson: Lesson, step: Step, facts: Facts) -> Iterator[str]:
    """What gives the run of a step to be drawn away, or keeps it from being drawn."""
    assert step.run is not None
    config = lesson.runs[step.run]
    if step.view not in (None, _VIEW):
        yield f"is drawn in the view {_VIEW}, and has view={step.view}"
    if refusal := facts.axes(step.run).refusal:
        yield refusal
    end = facts.snapshot(config)
    if end.status is not Status.FINISHED and end.epoch > _FILLED * config.epochs:
        done = f"{end.epoch} of {counted(config.epochs, 'epoch')}"
        yield f"has axes that end where the run does, which {end.status} after {done}; allowed: more epochs"
    for earlier in lesson.steps[: lesson.steps.index(step)]:
        if earlier.run and lesson.runs[earlier.run] == config and earlier.at is None and earlier.kind in _SHOWS_ALL:
            yield f"draws a run that the step {quoted(earlier.id)} has shown already"
