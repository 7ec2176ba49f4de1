"""The timeline against a walk that does every update of a run once, in order, and never goes back or skips."""

import itertools
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timeline_runs import RUNS, SMALL, timeline_of
from trials import AT_LENGTH, cases, trials

from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.model.task import FitTask, make_task
from quadfit_tui.core.training import checkpoints, fast_forward, timeline
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.core.training.trainer import Trainer

CONVERGED, FINISHED, DIVERGED = Status.CONVERGED, Status.FINISHED, Status.DIVERGED


class Limits(NamedTuple):
    """How large the parts are that a timeline works with; None: as large as they are."""

    epochs: int | None = None  # of a span
    checkpoints: int | None = None
    marks: int | None = None  # chunks between them
    chunk: int | None = None  # updates

    def apply(self, patch):
        for module, name, value in [
            (fast_forward, "MOST_EPOCHS", self.epochs),
            (checkpoints, "MOST_CHECKPOINTS", self.checkpoints),
            (checkpoints, "CHUNKS_BETWEEN_STATES", self.marks),
            (Trainer, "chunk", self.chunk),
            (timeline, "MOST_CHUNKS", 99 if self.chunk else None),
        ]:
            if value is not None:
                patch.setattr(module, name, value)


TIGHT = Limits(epochs=3, checkpoints=2, marks=1, chunk=1)


def bits(record):
    """A record to the last bit; None of the start."""
    if record is None:
        return None
    numbers = [record.lr, record.loss, *record.gradient, *record.w, *record.trained_w]
    numbers += [value for values in record.batch for value in values]
    return record.epoch, record.update, record.ends_epoch, np.array(numbers).tobytes()


class Walk:
    """A run update by update: what there is at each position, the records of its epochs, and how it ends."""

    def __init__(self, config):
        self.config = config
        problem = make_dataset(config)
        trainer = Trainer(FitTask(config, problem))
        forward = FastForward(FitTask(config, problem))
        self.there = {}
        self.records = []
        self.in_spans = 0  # epochs
        self._put(trainer)
        while True:
            span = forward.span(trainer.state)
            if span is not None and not span.length:
                trainer.span_from, span = span.span_from, None
            self.in_spans += span.length if span else 0
            for epoch in range(span.start.epoch, span.end) if span else [trainer.epoch]:
                self._train(trainer, span, epoch)
                self.end = self._put(trainer)
                self.status = self._judge(trainer)
                if self.status:
                    self.positions = sorted(self.there)
                    return

    def _train(self, trainer, span, epoch):
        for _ in range(trainer.task.updates_per_epoch - 1 if span else trainer.task.updates_per_epoch):
            trainer.advance(1)
            if trainer.overflowed:
                return
            self._put(trainer)
        if span:
            trainer.restore(span.state(epoch + 1), span.record(epoch))

    def _put(self, trainer):
        position = Position(trainer.epoch, trainer.update)
        self.there.setdefault(position, (trainer.w.tobytes(), trainer.last))
        return position

    def _judge(self, trainer):
        if trainer.overflowed:
            return DIVERGED
        record, config = trainer.last, self.config
        self.records.append(record)
        a, b, c = record.trained_w.astype(np.longdouble)
        x, y = (values.astype(np.longdouble) for values in (trainer.task.trained.x, trainer.task.trained.y))
        mean_loss = (((a * x + b) * x + c - y) ** 2).mean()
        if (
            config.stop_on != "never"
            and {"dataset": mean_loss, "last-update": record.loss}[config.stop_on] < config.tol
        ):
            return CONVERGED
        return FINISHED if trainer.epoch == config.epochs else None


WALKS = {}


def walk_of(name, limits):
    key = name, limits.epochs
    if key not in WALKS:
        WALKS[key] = Walk(RUNS[name])
    return WALKS[key]


class Visitor:
    """Goes about a timeline, and compares what there is with the walk wherever it rests."""

    def __init__(self, walk):
        self.walk = walk
        self.timeline = Timeline(make_task(walk.config))
        self.newest = START
        self.look()

    def look(self):
        timeline, walk = self.timeline, self.walk
        position, trainer = timeline.position, timeline.trainer
        self.newest = max(self.newest, position)
        w, record = walk.there[position]
        assert trainer.w.tobytes() == w
        assert bits(trainer.last) == bits(record)
        assert timeline.newest == self.newest
        assert timeline.at_end == (timeline.end is not None and position == walk.end)
        if self.newest < walk.end:
            assert timeline.end is None
        if timeline.end is not None:
            assert timeline.end == (walk.end, walk.status)

    def go(self, goal, pieces=None):
        """Approaches a goal, for so many pieces of work only, and looks after each of them."""
        timeline = self.timeline
        for _ in range(2000 if pieces is None else pieces):
            if timeline.position == goal or (timeline.at_end and timeline.position < goal):
                return
            trained, records = self.newest.epoch, RecordLog()
            timeline.approach(goal, records)
            self.look()
            expected = self.walk.records[trained : self.newest.epoch]
            assert [*map(bits, records)] == [*map(bits, expected)]
        assert pieces is not None, "it does not arrive"

    def look_at_the_curves(self):
        curves, records = self.timeline.history.curves(), self.walk.records[: self.newest.epoch]
        assert curves.epochs.tolist() == list(range(len(records) + 1))
        at_start = np.frombuffer(self.walk.there[START][0])
        assert at_start.tolist() == pytest.approx(self.walk.config.init, rel=1e-12)
        for name, found in zip("abc", np.transpose([at_start, *[r.w for r in records]]), strict=True):
            assert curves.values[name].tolist() == found.tolist()
        assert math.isnan(curves.values["loss"][0])
        assert curves.values["loss"][1:].tolist() == [record.loss for record in records]
        floor = 1e-30 * max(1.0, *map(abs, self.walk.config.true)) ** 2
        found = curves.values["mean_loss"][1:].tolist()
        assert found == pytest.approx([record.mean_loss for record in records], rel=1e-9, abs=floor)

    def walk_through(self, most):
        """What is walked of an epoch is what the walk over the whole run came by, every so many updates of it."""
        found, (epoch, update) = self.timeline.epoch_path(most), self.timeline.position
        assert self.timeline.epoch_path(most) is found or not len(found)
        if update == 0:
            epoch, update = epoch - 1, self.timeline.trainer.task.updates_per_epoch
        apart = next(2**k for k in range(99) if 2**k * most >= update)
        shown = [Position(epoch, at) for at in range(0, update, apart)] if epoch >= 0 else []
        expected = [self.walk.there[position][0] for position in shown]
        if shown:
            expected.append(self.walk.there[self.timeline.position][0])
        assert found.shape == (len(expected), 3)
        assert [w.tobytes() for w in found] == expected
        self.look()

    def read(self, first, stop):
        found = self.timeline.records(first, stop)
        expected = self.walk.records[max(0, first) : max(0, min(stop, self.newest.epoch))]
        assert [*map(bits, found)] == [*map(bits, expected)]
        self.look()


somewhere = st.floats(0, 1.1)
commands = st.lists(
    st.one_of(
        st.tuples(st.just("seek"), somewhere, st.sampled_from([None, None, 1, 2, 5])),
        st.tuples(st.just("near"), st.integers(-12, 12), st.sampled_from([None, 1])),
        st.tuples(st.just("epoch"), st.integers(-3, 3), st.just(None)),
        st.tuples(st.just("read"), somewhere, st.integers(0, 6)),
        st.tuples(st.just("walk"), st.sampled_from([1, 2, 3, 256]), st.just(None)),
    ),
    max_size=25,
)
LIMITS = [Limits(), TIGHT, TIGHT._replace(checkpoints=4, chunk=2), Limits(epochs=4, checkpoints=3)]
EACH_WALK = list(itertools.product(RUNS, LIMITS) if AT_LENGTH else zip(RUNS, itertools.cycle(LIMITS), strict=False))


def travel(name, limits, script):
    with pytest.MonkeyPatch.context() as patch:
        limits.apply(patch)
        visitor = Visitor(walk_of(name, limits))
        positions = visitor.walk.positions
        for command, where, how in script:
            at = positions.index(visitor.timeline.position)
            if command == "seek":
                visitor.go(positions[min(int(where * len(positions)), len(positions) - 1)], how)
            elif command == "near":
                visitor.go(positions[max(0, min(at + where, len(positions) - 1))], how)
            elif command == "epoch":
                visitor.go(Position(max(0, positions[at].epoch + where), 0), how)
            elif command == "walk":
                visitor.walk_through(where)
            else:
                first = int(where * positions[-1].epoch) - 2
                visitor.read(first, first + how)
        visitor.look_at_the_curves()


@trials(160)
@given(st.sampled_from(list(RUNS)), st.sampled_from(LIMITS), commands)
def test_random_travel_matches_plain_walk(name, limits, script):
    travel(name, limits, script)


@pytest.mark.parametrize(("name", "limits"), EACH_WALK)
def test_back_and_forth_matches_plain_walk(name, limits):
    back_and_forth = [("near", step, None) for step in (-1, -1, 1, 1, 1, -3, 2)]
    stops = [("seek", where, None) for where in (1.1, 0, 0.3, 0.7, 0.5, 1.1, 0.1)]
    script = [command for stop in stops for command in (stop, *back_and_forth)]
    script = [command for go in script for command in (go, ("walk", 256, None), ("walk", 2, None))]
    travel(name, limits, [*script, ("read", 0.0, 9), ("read", 0.8, 5), ("read", 0.4, 5)])


@pytest.mark.parametrize("name", cases([*RUNS]))
def test_restored_trainer_continues_identically(name):
    config, moments = RUNS[name], []
    problem = make_dataset(config)
    first = Trainer(FitTask(config, problem))
    for _ in range(40):
        if first.epoch == config.epochs or first.overflowed:
            break
        before = first.state
        first.advance(1)
        moments.append((before, first.w.tobytes(), first.last, first.overflowed))
    second = Trainer(FitTask(config, problem))
    for before, w, record, diverged in [*moments[::-1], *moments[::7], *moments]:
        second.restore(before)
        assert (second.epoch, second.update, second.overflowed) == (before.epoch, before.update, False)
        second.advance(1)
        assert (second.w.tobytes(), second.overflowed) == (w, diverged)
        if second.last is not None:
            assert bits(second.last) == bits(record)


# Where a run ends


@pytest.mark.parametrize("name", cases([*RUNS]))
def test_end_is_known_and_final(name):
    walk = walk_of(name, Limits())
    visitor = Visitor(walk)
    beyond = Position(walk.end.epoch + 5, 0)
    visitor.go(Position(10**9, 0))
    assert (visitor.timeline.at_end, visitor.timeline.position) == (True, walk.end)
    for _ in range(3):
        visitor.go(visitor.timeline.before(walk.end))
        assert not visitor.timeline.at_end
        visitor.go(beyond)
        assert visitor.timeline.at_end
        records = RecordLog()
        visitor.timeline.approach(beyond, records)
        assert not records
        visitor.go(START)


def test_before_and_after_are_one_update_apart():
    timeline = timeline_of(SMALL.replace(samples=7, batch=2))
    assert timeline.before(START) == START
    position = START
    for updates in range(1, 20):
        position, before = timeline.after(position), position
        assert position == divmod(updates, 3)
        assert timeline.before(position) == before
    assert timeline_of(SMALL.replace(batch="full")).after(START) == (1, 0)


# Records


def test_record_log_is_a_sequence():
    config = SMALL.replace(epochs=50)
    walk, timeline, records = walk_of("per sample", Limits()), timeline_of(config), RecordLog()
    assert not records
    assert records[:] == []
    assert records.column("trained_w").shape == (0, 3)
    pieces_of = [Position(3, 0), Position(3, 1), Position(10, 0), Position(10, 0)]
    alone = Trainer(make_task(config)).advance(2)
    expected = []
    for goal in pieces_of:
        before = len(records)
        timeline.approach(goal, records)
        expected += walk.records[len([r for r in expected if r.ends_epoch]) : timeline.newest.epoch]
        assert len(records) == len(expected) >= before
        records.add(alone)
        expected.append(alone)
    shown = [bits(record) for record in expected]
    count = len(shown)
    assert len(records) == count == 14
    assert [bits(record) for record in records] == shown
    assert [bits(records[at]) for at in range(-count, count)] == shown * 2
    assert [bits(record) for record in reversed(records)] == shown[::-1]
    for index in (slice(2, 5), slice(-3, None), slice(None, None, -4), slice(7, 3), slice(-100, 100, 3)):
        assert [bits(record) for record in records[index]] == shown[index]
    assert records.column("trained_w").tolist() == [record.trained_w.tolist() for record in expected]
    for at in (count, -count - 1):
        with pytest.raises(IndexError):
            records[at]
    for every in (1, 2, 3, 7, 100):
        chosen = [record for record in expected if record.ends_epoch and record.epoch % every == 0]
        assert [bits(record) for record in records.epochs(every)] == [bits(record) for record in chosen]
        done, w = records.whole_epochs(every)
        assert done == [record.epoch + 1 for record in chosen]
        assert w.tolist() == [record.trained_w.tolist() for record in chosen]


def test_replay_uses_the_injected_generator():
    config, records = RUNS["in batches, shuffled"], RecordLog()
    timeline = Timeline(make_task(config), np.random.Generator(np.random.Philox(5)))
    while timeline.position != Position(9, 0):
        timeline.approach(Position(9, 0), records)
    assert [*map(bits, timeline.records(0, 9))] == [*map(bits, records)]
    before = timeline.trainer.last.before
    assert timeline.epoch_path()[-2] == pytest.approx(before, rel=1e-9, abs=1e-9)


def test_page_shrinks_with_epoch_length():
    counts = [1, 800, 10_000, 1_000_000]
    pages = [timeline_of(SMALL.replace(samples=samples)).epochs_per_page for samples in counts]
    assert pages == sorted(pages, reverse=True)
    assert 1 <= pages[-1] < pages[0] <= 1000
    assert all(page * samples <= 5_000_000 for page, samples in zip(pages, counts, strict=True))
