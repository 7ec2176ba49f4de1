"""Checkpoints and marks: how few there are, how little work any update is away, and how little memory that takes."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from timeline_runs import RUNS, SMALL, timeline_of
from trials import AT_LENGTH, trials

from quadfit_tui.core.training import checkpoints, fast_forward
from quadfit_tui.core.training.checkpoints import Checkpoint, Checkpoints
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record import TrainerState
from quadfit_tui.core.training.record_log import RecordLog


def moment(epoch):
    return Checkpoint(TrainerState(epoch, 0, np.zeros(3), ()), None)


@trials(60)
@given(st.sampled_from([2, 4, 6, 16]), st.lists(st.integers(1, 9), max_size=150))
def test_checkpoints_are_few_and_lie_evenly(most, gaps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST_CHECKPOINTS", most)
        held = Checkpoints(moment(0))
        epoch = 0
        for gap in gaps:
            epoch += gap
            held.add(moment(epoch))
            held.add(moment(epoch - gap))  # as when the run is gone over again
        kept = sorted({held.before(Position(at, 1)).state.epoch for at in range(epoch + 1)})
    assert kept[0] == 0
    assert len(kept) <= most
    for at in range(1, epoch + 1):
        assert held.before(Position(at, 1)).state.epoch == max(e for e in kept if e <= at)
        assert held.before(Position(at, 0)).state.epoch == max(e for e in kept if e < at)
    assert held.before(START).state.epoch == 0
    # As even as if there were half as many of them, but for the gaps that there were anyway.
    widest = max(b - a for a, b in zip(kept, [*kept[1:], epoch], strict=True))
    assert widest <= 4 * epoch / most + 2 * max(gaps, default=0)


def pieces(timeline, goal):
    """How many pieces of work it takes to a goal; each does no more than a chunk of updates, or a span."""
    done = 0
    while timeline.position != goal and not (timeline.at_end and goal > timeline.position):
        timeline.approach(goal, RecordLog())
        done += 1
    return done


def test_any_update_needs_few_pieces():
    config = SMALL.replace(epochs=200_000, schedule="constant", lr=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST_CHECKPOINTS", 64)
        timeline = timeline_of(config)
        assert pieces(timeline, Position(200_000, 0)) == math.ceil(200_000 / fast_forward.MOST_EPOCHS)
        for epoch in (0, 123_456, 199_999, 1, 77_777, 150_000):
            assert pieces(timeline, Position(epoch, 3)) <= 12


@table(("name", "largest"), [("adam, shuffled", "chunk"), ("per sample", "span")])
def test_piece_size_is_bounded(name, largest):
    timeline = timeline_of(RUNS[name].replace(samples=3000, epochs=3000, schedule="constant"))
    per_epoch, chunk, seen = timeline.trainer.task.updates_per_epoch, timeline.trainer.chunk, []
    while timeline.position < (4, 0):
        before = timeline.position.updates(per_epoch)
        timeline.approach(timeline.after(timeline.position) if not before else Position(3000, 0), RecordLog())
        seen.append(timeline.position.updates(per_epoch) - before)
    most = {"chunk": chunk, "span": fast_forward.MOST_EPOCHS * per_epoch}[largest]
    assert all(0 < updates <= most for updates in seen)
    assert seen[0] == 1
    assert most / 2 < max(seen)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_step_back_in_long_epoch_is_bounded(optimizer):
    config = SMALL.replace(samples=40_000, lr=1e-3, epochs=2, optimizer=optimizer)
    timeline = timeline_of(config)
    chunk = timeline.trainer.chunk
    pieces(timeline, Position(1, 38_000))
    w = [timeline.trainer.w.tolist()]
    back = [Position(1, update) for update in (37_999, 37_998, 37_997, 22_000, 21_999)]
    most = checkpoints.CHUNKS_BETWEEN_STATES + 2
    for position in back:
        assert pieces(timeline, position) <= most
        w.append(timeline.trainer.w.tolist())
    for position in [*back[-2::-1], Position(1, 38_000)]:
        w.pop()
        assert pieces(timeline, position) <= most + abs(38_000 - 22_000) // chunk
        assert timeline.trainer.w.tolist() == w[-1]


@pytest.mark.parametrize(
    ("changes", "epochs"),
    [
        ({"batch": "full", "samples": 20_000}, 40_000),
        ({"batch": 10_000, "samples": 20_000, "shuffle": True}, 70),
        ({"batch": 1000, "samples": 2000, "shuffle": True, "optimizer": "adam"}, 250),
        ({"batch": 4, "optimizer": "nesterov"}, 40_000),
        ({"batch": 200, "samples": 4000, "shuffle": True, "optimizer": "adam"}, 127),
        ({}, 150_000),
    ][: 6 if AT_LENGTH else 3],
)
def test_long_run_memory_is_bounded(monkeypatch, changes, epochs):
    monkeypatch.setattr(checkpoints, "MOST_CHECKPOINTS", 128)
    config = SMALL.replace(epochs=epochs, schedule="constant", lr=0.1, **changes)
    timeline = timeline_of(config)
    pieces(timeline, Position(min(100, epochs // 20), 0))
    tracemalloc.start()
    try:
        pieces(timeline, Position(epochs, 0))
        assert timeline.history.curves().epochs[-1] == epochs
        assert tracemalloc.get_traced_memory()[0] < 5e6
    finally:
        tracemalloc.stop()


def test_shuffled_piece_memory_is_bounded():
    config = SMALL.replace(samples=20_000, batch="full", shuffle=True, epochs=2000, lr=0.1, schedule="constant")
    timeline = timeline_of(config)
    tracemalloc.start()
    try:
        timeline.approach(Position(2000, 0), RecordLog())
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()
