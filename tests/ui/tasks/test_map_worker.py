"""The map of a run is worked out beside the loop: given up when nobody looks, kept when it is whole."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from app_helpers import Later, at_once

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map.pieces import whole_map
from quadfit_tui.core.rate_map.rate_map import Figure, Up
from quadfit_tui.ui.tasks import map_worker
from quadfit_tui.ui.tasks.map_worker import MapWorker

CONFIG = RunConfig(
    samples=6, batch="full", optimizer="momentum", momentum=0.5, schedule="constant", lr=0.3, init=(1, 1, 1)
)
TASK = make_task(CONFIG)
ASKED = TASK, "momentum", "speed"


@cache
def whole():
    return whole_map(TASK, Up.MOMENTUM, Figure.SPEED, (12, 5))


def made(tell, runner, **options):
    """A worker that has its maps worked out by a runner."""
    return MapWorker(tell, None, None, runner=runner, **options)


@pytest.fixture
def later():
    return Later()


class Parts:
    """Makes eight parts of a map as its pieces; notes which of them were made, and what was wanted first."""

    def __init__(self):
        self.made, self.first, self.between = [], [], lambda: None

    def __call__(self, *_, first):
        for number in range(1, 9):
            self.made.append(number)
            self.first.append(first())
            yield replace(whole(), share=number / 8)
            self.between()


@pytest.fixture
def parts():
    return Parts()


async def test_finished_map_is_announced_and_cached(later):
    told = []
    worker = made(lambda: told.append(worker.map), later)
    assert worker.get_or_start(*ASKED) is worker.map is worker.cell is None
    assert worker.get_or_start(*ASKED) is None
    assert len(later.jobs) == 1
    later.work()
    assert told == [worker.map]
    assert worker.get_or_start(*ASKED) is told[0]
    assert not later.jobs
    np.testing.assert_array_equal(told[0].values, whole_map(TASK, Up.MOMENTUM, Figure.SPEED).values)
    assert (told[0].share, worker.why_none) == (1, "")


async def test_unwatched_map_is_abandoned(later, parts):
    told = []
    worker = made(lambda: told.append(1), later, pieces=parts)
    worker.get_or_start(*ASKED)
    parts.between = lambda: worker.cancel() if parts.made == [1, 2, 3] else None
    later.work()
    assert parts.made == [1, 2, 3, 4]
    assert (told, worker.map) == ([], None)
    worker.get_or_start(*ASKED)  # from the beginning
    later.work()
    assert parts.made[4:] == [*range(1, 9)]
    assert (told, worker.map.share) == ([1], 1)


async def test_other_task_needs_another_map(later):
    worker = made(lambda: None, later)
    worker.get_or_start(*ASKED)
    worker.get_or_start(TASK.replace(lr=0.2), *ASKED[1:])  # which is not known to lie there yet
    assert len(later.jobs) == 2
    later.work()  # of the run before
    assert worker.map is None
    later.work()
    found = worker.map
    for cell in ((0, 0), (20, 60)):
        there = TASK.replace(**vars_of(found.config(*cell)))
        assert worker.get_or_start(there, *ASKED[1:]) is found
        assert worker.cell == cell
    assert not later.jobs
    for task, up, figure in (
        (TASK.replace(optimizer="nesterov"), "momentum", "speed"),
        (make_task(CONFIG), "momentum", "speed"),  # samples of its own
        (TASK, "batch", "speed"),
        (TASK, "momentum", "ends"),
        (TASK.replace(lr=900.0), "momentum", "speed"),  # beside the map
    ):
        assert worker.get_or_start(task, up, figure) is None
        assert len(later.jobs) == 1
        later.jobs.clear()


def vars_of(config):
    return {"lr": config.lr, "momentum": config.momentum}


async def test_newest_maps_are_cached_per_samples(later, monkeypatch):
    monkeypatch.setattr(map_worker, "_MOST_KEPT", 2)
    worker = made(lambda: None, later)
    found = {}
    for figure in ("speed", "ends", "speed", "ends"):
        worker.get_or_start(TASK, "momentum", figure)
        if figure not in found:
            later.work()
            found[figure] = worker.map
        assert worker.map is found[figure]
    assert not later.jobs
    worker.cancel()  # the view is left, and come back to
    assert worker.get_or_start(TASK, "momentum", "speed") is found["speed"]
    worker.get_or_start(TASK, "batch", "speed")
    later.work()
    worker.get_or_start(TASK, "momentum", "speed")  # the oldest of three
    assert len(later.jobs) == 1
    later.work()
    worker.get_or_start(make_task(CONFIG), "momentum", "speed")
    later.work()
    worker.get_or_start(TASK, "momentum", "speed")  # of samples that nobody has any more
    assert len(later.jobs) == 1


async def test_partial_maps_are_throttled(later, parts):
    told, now = [], [50.0]
    parts.between = lambda: now.__setitem__(0, now[0] + 0.1)
    worker = made(lambda: told.append(worker.map.share), later, pieces=parts, clock=lambda: now[0])
    worker.get_or_start(*ASKED)
    later.work()
    assert told == [4 / 8, 7 / 8, 1]
    assert worker.get_or_start(*ASKED).share == 1


async def test_between_two_pieces_keys_have_the_time(parts):
    told, begun = [], []

    async def keys():
        told.append(len(parts.made))

    worker = MapWorker(lambda: told.append(worker.map.share), begun.append, keys, pieces=parts)
    worker.get_or_start(*ASKED)
    assert (told, parts.made) == ([], [])
    await begun.pop()
    assert told == [*range(9), 1]


async def test_failure_in_coroutine_is_reported():
    def fails(*_, **__):
        raise ValueError("no")
        yield

    async def keys():
        pass

    told, begun = [], []
    worker = MapWorker(lambda: told.append(worker.why_none), begun.append, keys, pieces=fails)
    worker.get_or_start(*ASKED)
    await begun.pop()
    assert told == ["no"]


async def test_cell_at_cursor_is_computed_first(later, parts):
    worker = made(lambda: None, later, pieces=parts)
    worker.get_or_start(*ASKED)
    own = whole().cell_of(CONFIG)
    parts.between = lambda: setattr(worker, "cursor", whole().config(1, 3) if len(parts.made) == 2 else None)
    later.work()
    assert parts.first == [None, own, (1, 3), *[own] * 5]


async def test_cursor_starts_at_run_and_resets():
    worker = made(lambda: None, at_once)
    found = worker.get_or_start(*ASKED)
    assert worker.cell == found.cell_of(CONFIG)
    assert [found.rates[worker.cell[1]], found.levels[worker.cell[0]]] == pytest.approx([0.3, 0.5], rel=0.1)
    worker.cursor = found.config(3, 5)
    assert worker.cell == (3, 5)
    assert worker.get_or_start(*ASKED) is found
    assert worker.cell == (3, 5)
    worker.get_or_start(TASK.replace(lr=0.1), *ASKED[1:])
    assert worker.cell == found.cell_of(CONFIG.replace(lr=0.1))
    worker.cursor = found.config(3, 5)
    worker.cancel()
    worker.get_or_start(TASK.replace(lr=0.1), *ASKED[1:])
    assert worker.cell != (3, 5)


async def test_failure_is_reported_and_not_retried(later):
    told = []
    worker = made(lambda: told.append(worker.why_none), later)
    worker.get_or_start(*ASKED)
    later.jobs.pop()[1](ValueError("no"))
    worker.get_or_start(*ASKED)
    assert (told, worker.map, later.jobs) == (["no"], None, [])
    worker.get_or_start(TASK, "momentum", "ends")  # another one may do better
    assert (worker.why_none, len(later.jobs)) == ("", 1)


async def test_blocked_map_is_neither_computed_nor_shown(later):
    held_back = ["The run waits."]
    worker = made(lambda: None, later, why_withheld=lambda: "".join(held_back))
    assert worker.get_or_start(*ASKED) is None
    assert (worker.why_none, later.jobs) == ("The run waits.", [])
    held_back.clear()
    worker.get_or_start(*ASKED)
    later.work()
    assert worker.map is not None
    held_back.append("The run waits.")
    assert worker.get_or_start(*ASKED) is worker.map is worker.cell is None
