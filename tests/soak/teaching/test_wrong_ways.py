"""Each task of the lessons is done by its idea alone: not by a larger tolerance, another start, other data, or luck.

A way is one or two stock changes of the run of a task, which is then played, and judged as the app and the lines do it.
"""

import dataclasses
import itertools
import random
from contextlib import suppress

import pytest
from trials import AT_LENGTH, FOR_RELEASE, SEED

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.teaching.course.own_runs import TaskRuns
from quadfit_tui.teaching.judging.facts import Facts, later_seed
from quadfit_tui.teaching.notation.catalog import Catalog
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.notation.lesson import NUMERIC_PARAMETERS, StepKind, parse_solution

pytestmark = pytest.mark.timeout(300)

FEWEST = 60  # ways that a task has, all of which are tried for a release
COUNT = None if FOR_RELEASE else 40 if AT_LENGTH else 10
SEEDS = 20
TRIED = [f"lr:{number}" for number in range(31, 39)]  # runs made before, of a task that counts them

# What may be changed without a thought of the task; of two, the second goes on top of the first.
CHANGES = {
    "tol": lambda _: {"tol": 1e12},
    "init": lambda _: {"init": (2.0, -4.0, 3.0)},
    "data": lambda _: {"data": "example:pontius", "scale_features": True, "lr": 0.7},
    "preset": lambda _: {name: getattr(PRESETS["playground"], name) for name in PARAMETERS},
    "epochs": lambda config: {"epochs": 2 * config.epochs},
    "optimizer": lambda _: {"optimizer": "adam"},
    "seed": lambda config: {"seed": config.seed + 7},
    "noise": lambda config: {"noise": 0.0 if config.noise else 0.5},
    "samples": lambda config: {"samples": 3 if config.samples > 3 else 7},
    "stop_on": lambda config: {"stop_on": "never" if config.stop_on == "dataset" else "dataset"},
    "gradient": lambda config: {"gradient": "half" if config.gradient == "full" else "full"},
    "scale_features": lambda config: {"scale_features": not config.scale_features},
}
WAYS = [way for n in (1, 2) for way in itertools.combinations(CHANGES, n)]
TASKS = [
    pytest.param(lesson, step, id=f"{lesson.id}-{step.id}", marks=pytest.mark.xdist_group(lesson.id))
    for lesson in Catalog.packaged().lessons
    for step in lesson.steps
    if step.kind is StepKind.DO
]
KNOWN = {}  # what was trained of each lesson


@pytest.fixture
def facts(lesson):
    return Facts(lesson, KNOWN.setdefault(lesson.id, Facts(lesson)))


def is_done(step, facts, now):
    """Whether a run that rests does a task: of one that counts runs, where but one is missing."""
    return TaskRuns(facts).review(step, now, TRIED[: max(step.tries - 1, 0)]).is_done


def does(step, facts, config):
    """Whether a run does a task, at its start or at its end."""
    at = step.at or START
    return any(is_done(step, facts, now) for now in (facts.trained_up_to(config, at), facts.snapshot(config)))


def changed(config, way):
    for name in way:
        config = config.with_values(CHANGES[name](config))
    return config


def runs(lesson, step):
    """The run of a task by each way that changes it, and is a run: all, or some that are drawn."""
    before = lesson.runs[step.run]
    made = {}
    for way in WAYS:
        with suppress(ConfigError):
            if differences(before, config := changed(before, way)):
                made[way] = config
    assert len(made) >= FEWEST
    ways = [*made] if COUNT is None else random.Random(f"{SEED} {lesson.id} {step.id}").sample([*made], COUNT)
    return {way: made[way] for way in ways}


def meets(step, facts, config):
    """Whether a run that is trained here does a task, whatever may change in it."""
    session = RunSession(config, speed=None)
    session.play()
    while session.is_busy:
        session.advance(1.0)
    with suppress(ExpressionError):  # it has nothing of what is asked for
        return step.until is None or facts.value(step.until, session.snapshot()) is True
    return False


@pytest.mark.parametrize(("lesson", "step"), TASKS)
def test_no_wrong_way_does_a_task(lesson, step, facts):
    for way, config in runs(lesson, step).items():
        is_foreign = bool(differences(lesson.runs[step.run], config, besides=step.only))
        expected = not is_foreign and meets(step, facts, config)  # what may change, and is enough, is the task itself
        assert does(step, facts, config) is expected, f"seed {SEED}: {way}"


@pytest.mark.parametrize(("lesson", "step"), TASKS)
def test_the_run_as_it_is_does_no_task(lesson, step, facts):
    config = lesson.runs[step.run]
    if not step.tries:  # where it is one of the runs
        assert not does(step, facts, config)
    assert not TaskRuns(facts).review(step, facts.snapshot(config), []).is_done


@pytest.mark.parametrize(("lesson", "step"), TASKS)
def test_the_solution_does_a_task_with_any_seed(lesson, step):
    if step.solution is None:
        assert step.tries
        return
    for later in range(SEEDS):
        its = {name: config.replace(seed=later_seed(config, later)) for name, config in lesson.runs.items()}
        facts = Facts(dataclasses.replace(lesson, runs=its))
        config = its[step.run].with_values(parse_solution(step.solution))
        assert is_done(step, facts, facts.snapshot(config)), later


@pytest.mark.parametrize(("lesson", "step"), TASKS)
def test_a_run_that_is_stopped_does_no_task_that_it_does_not_do_at_its_end(lesson, step, facts):
    before = lesson.runs[step.run]
    right = parse_solution(step.solution) if step.solution else {}
    for name in set(step.only) & {*NUMERIC_PARAMETERS}:
        for factor in (0.3, 3) if COUNT else (0.1, 0.3, 0.6, 1, 2, 3, 10):
            number = factor * right.get(name, getattr(before, name))
            with suppress(ConfigError):
                value = round(number) if isinstance(PARAMETERS[name].default, int) else number
                config = before.with_values({**right, name: value})
                end = facts.snapshot(config)
                for epoch in sorted({1, 2, end.epoch // 3, end.epoch // 2, end.epoch - 1} - {0, -1}):
                    if epoch < end.epoch and is_done(step, facts, facts.snapshot(config, Position(epoch, 0))):
                        assert is_done(step, facts, end), f"{name} {value} in epoch {epoch}"


def test_goals_alone_are_met_by_wrong_ways():
    """What is tried does find what the names of what may change keep out."""
    met = 0
    for lesson in Catalog.packaged().lessons[:2]:
        facts = Facts(lesson)
        for step in lesson.steps:
            if step.kind is StepKind.DO and not step.tries:
                met += does(dataclasses.replace(step, only=()), facts, changed(lesson.runs[step.run], ["tol"]))
    assert met
