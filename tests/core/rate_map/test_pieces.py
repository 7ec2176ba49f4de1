"""A map piece by piece, and that its cells say what the runs do."""

import math
from functools import cache

import numpy as np
import pytest
import rate_maps
from trials import cases, rounds

from quadfit_tui import train
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.cancellation import WorkCancelledError, cancel_unless
from quadfit_tui.core.model.incremental_job import run_job
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.rate_map import pieces
from quadfit_tui.core.rate_map.axes import factors_of, updates_of
from quadfit_tui.core.rate_map.pieces import map_pieces, whole_map
from quadfit_tui.core.rate_map.rate_map import CellOutcome, Figure, Up

SMALL = RunConfig(samples=12, optimizer="momentum", schedule="constant", momentum=0.7)
SEVERAL = {  # of rates in the issue: on which side of the borders they are
    "three samples": (
        RunConfig(samples=3, x_min=-1.7, x_max=0.9, init=(-1, 10, 26), schedule="constant"),
        {0.2: True, 0.25: False, 0.571: True},
    ),
    "momentum": (
        RunConfig(samples=24, optimizer="momentum", momentum=0.817, schedule="constant"),
        {0.1: True, 0.12: False, 0.15: True, 0.19: False, 0.25: True, 0.3: False},
    ),
}


@cache
def several(name):
    config, sides = SEVERAL[name]
    return whole_map(make_task(config)), config, sides


@pytest.mark.parametrize("name", SEVERAL)
def test_rates_on_correct_side_of_borders(name):
    found, config, sides = several(name)
    task, rates = found.task, np.array(list(sides))
    logs, _ = run_job(factors_of(task, updates_of(task, rates, np.full(len(rates), config.momentum), Up.MOMENTUM)))
    for rate, log, converges in zip(rates.tolist(), logs.tolist(), sides.values(), strict=True):
        assert (log < 0) is converges
        assert (rate_maps.growth(config.replace(lr=rate), math.exp(log)) < 0) is converges
    if name == "three samples":  # as the issue has it
        assert train(config.replace(lr=0.571)).status == "converged"
        assert len(train(config.replace(lr=0.571)).epoch) == 53


@pytest.mark.parametrize("name", SEVERAL)
def test_every_one_of_several_borders_is_drawn(name):
    found, config, _ = several(name)
    row, _ = found.cell_of(config)
    level, good = float(found.levels[row]), found.outcomes[row] == CellOutcome.CONVERGES
    crossings = sorted(x for line in found.borders() for x, y in line.tolist() if y == level)
    changes = np.flatnonzero(good[1:] != good[:-1])
    assert len(changes) >= 3
    assert len(crossings) == len(changes)
    assert (np.diff(crossings) > 0).all()
    for crossing, column in zip(crossings, changes.tolist(), strict=True):
        assert found.rates[column] < crossing < found.rates[column + 1]
        for side in (column, column + 1):
            case = rate_maps.Case(found, row, side)
            assert not rate_maps.side_is_off(case)


@pytest.mark.parametrize("name", rate_maps.CHECKS)
@pytest.mark.parametrize("seed", cases(range(4)))
def test_cells_say_what_runs_do(name, seed):
    check, of_map, _ = rate_maps.CHECKS[name]
    _, _, off = rate_maps.counts(np.random.default_rng(seed), check, of_map, 3)
    assert off == []


@pytest.mark.parametrize("stop_on", rounds(["dataset", "last-update", "never"]))
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "nesterov", "batch": 5},
        {"schedule": "halve", "decay_every": 8},
        {"schedule": "cosine", "batch": 4, "shuffle": True},
        {"schedule": "exponential", "optimizer": "sgd", "scale_features": True},
        {"optimizer": "adam", "batch": 6},
        {"round_epochs": 3},
    ],
    ids=lambda changes: " ".join(map(str, changes.values())),
)
def test_map_ends_match_runs(changes, stop_on):
    config = SMALL.replace(stop_on=stop_on, tol=0.01, epochs=25, init=(-1, 10, 26), **changes)
    found = whole_map(make_task(config), figure=Figure.ENDS, size=(9, 5))
    cells = [rate_maps.Case(found, *place) for place in np.ndindex(found.values.shape)]
    assert [case[1:] for case in cells if rate_maps.end_is_off(case)] == []
    assert np.isin(found.outcomes, [CellOutcome.CONVERGES, CellOutcome.STOPS_EARLY]).any()


def parts(config=SMALL, up=None, figure=None, size=(29, 10), **options):
    return list(map_pieces(make_task(config), up, figure, size, **options))


def test_maps_are_refined_until_whole():
    found = parts(SMALL.replace(batch=2))
    shares = [each.share for each in found]
    assert shares == sorted(shares)
    assert shares[-1] == 1 > shares[-2]
    known = [int((each.outcomes != CellOutcome.UNKNOWN).sum()) for each in found]
    assert known == sorted(known)
    assert known[0] == 0
    assert known[-1] == found[-1].outcomes.size
    coarse = next(each for each in found if (each.outcomes != CellOutcome.UNKNOWN).any())
    rows, columns = np.nonzero(coarse.outcomes)
    assert sorted(set(rows.tolist())) == [2, 6]
    assert sorted(set(columns.tolist())) == [*range(2, len(coarse.rates), 4)]
    last = found[-1]
    assert np.array_equal(coarse.values[rows, columns], last.values[rows, columns], equal_nan=True)
    assert np.array_equal(coarse.rates, last.rates)


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (2, 5)])
def test_the_smallest_maps_are_whole_too(size):
    for config in (SMALL, SMALL.replace(batch="full"), SMALL.replace(schedule="halve", epochs=5)):
        found = parts(config, size=size)[-1]
        assert found.outcomes.shape == size[::-1]
        assert found.outcomes.all()
        assert found.bands().shape == size[::-1]
        assert isinstance(found.borders(), tuple)


def test_arrays_are_read_only():
    for found in parts(SMALL.replace(batch="full")):
        own = found.outcomes, found.values, found.factors, found.epochs, found.mean_losses
        for array in (found.rates, found.levels, *own):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


@pytest.mark.parametrize(("figure", "chunk"), [(Figure.SPEED, 16), (Figure.ENDS, 768)])
def test_what_is_wanted_comes_soon(monkeypatch, figure, chunk):
    monkeypatch.setattr(pieces, "CHUNK", chunk)
    config = SMALL.replace(optimizer="adam", epochs=5) if figure is Figure.ENDS else SMALL
    wanted = (9, 22)
    soon = parts(config, figure=figure, first=lambda: wanted)
    at = next(each for each in soon if each.outcomes[wanted] != CellOutcome.UNKNOWN)
    assert (at.outcomes != CellOutcome.UNKNOWN).sum() <= 48
    late = parts(config, figure=figure)
    assert np.array_equal(soon[-1].values, late[-1].values, equal_nan=True)
    at = next(each for each in late if each.outcomes[wanted] != CellOutcome.UNKNOWN)
    assert (at.outcomes != CellOutcome.UNKNOWN).sum() > 48


def test_work_can_be_cancelled():
    left = iter(range(3))
    with cancel_unless(lambda: next(left, None) is not None), pytest.raises(WorkCancelledError):
        parts(SMALL)


def test_excessive_work_is_refused():
    config = SMALL.replace(samples=1_000_000, x_max=5)
    (found,) = map_pieces(make_task(config))
    assert found.share == 1
    assert found.refusal.endswith("try batch full")
    assert found.sentence(0, 0) == found.summary() == found.refusal
    assert not found.outcomes.any()
    (found,) = map_pieces(make_task(config.replace(shuffle=True)), Up.BATCH)  # which no batch size makes smaller
    assert found.refusal.endswith("try fewer samples")
    (found,) = map_pieces(make_task(SMALL.replace(optimizer="adam", batch="full", epochs=10**9)))
    assert found.refusal.endswith("try fewer epochs")


def test_batch_rows_match_single_batches():
    found = whole_map(make_task(SMALL), Up.BATCH, size=(9, 9))
    assert found.levels.tolist() == [1, 2, 4, 8, 12]
    for row in range(5):
        case = rate_maps.Case(found, row, 4)
        assert case.config.batch == ("full" if row == 4 else found.levels[row])
        assert not rate_maps.factor_is_off(case)
