"""What can be typed at a step, in words; the pane and the dialogue say the same."""

from __future__ import annotations

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.judging.judge import allowed
from quadfit_tui.core.lessons.lesson import StepKind, changes_of

# What there is to do at a step, to follow on its number.
DOES = {
    StepKind.SAY: "to read",
    StepKind.DO: "to do",
    StepKind.PREDICT: "to predict",
    StepKind.OBSERVE: "to answer",
    StepKind.EXPLAIN: "to explain",
}


def prompt(course: Course) -> str:
    """What can be typed now, in the dialogue."""
    match course.phase:
        case Phase.READING | Phase.ANSWERED:
            return "Press Enter to go on."
        case Phase.WAITING:
            return course.pause
        case Phase.DOING:
            return _to_do(course)
        case Phase.ENDED:
            return "Type answers to hear yours, list for other lessons, or quit."
    assert course.step is not None
    return allowed(course.step)


def _to_do(course: Course) -> str:
    """The commands that a task needs, whatever keys its text names."""
    step, run = course.step, course.run
    assert step is not None
    changed = changes_of(step.solution or "") if step.solution else {}
    config = course.lesson.runs[run] if run is not None else None
    names = [name for name, value in changed.items() if config is None or getattr(config, name) != value]
    words = ["rate" if name == "lr" else f"set {PARAMETERS[name].label}" for name in names]
    values = "".join(f"{word} and a value, then " for word in words)
    return f"Here you type {values}go; help lists all commands." if words else "Here you type step, or go."
