"""The timeline against a walk that does every update of a run once, in order, and never goes back or skips."""

import itertools
import math
import tracemalloc
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import AT_LENGTH, trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.problem import make_problem
from quadfit_tui.core.model.task import Task, make_task
from quadfit_tui.core.training import checkpoints, epoch_path, fast_forward
from quadfit_tui.core.training.checkpoints import Checkpoint, Checkpoints
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.record import State
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.core.training.trainer import Trainer

CONVERGED, FINISHED, DIVERGED = Status.CONVERGED, Status.FINISHED, Status.DIVERGED

SMALL = RunConfig(samples=7, epochs=30, stop_on="never", decay_every=4)
RUNS = {
    "per sample": SMALL,
    "in batches, shuffled": SMALL.replace(samples=9, batch=2, shuffle=True, seed=4),
    "full batch, Nesterov": SMALL.replace(batch="full", optimizer="nesterov", epochs=60, schedule="cosine"),
    "heavy ball, in batches": SMALL.replace(samples=11, batch=3, optimizer="momentum", lr=0.1, schedule="constant"),
    "full batch, shuffled": SMALL.replace(batch="full", shuffle=True, epochs=60, noise=0.5),
    "adam, shuffled": SMALL.replace(samples=9, batch=2, shuffle=True, optimizer="adam", lr=10.0, epochs=17),
    "rounded": SMALL.replace(round_epochs=3, epochs=12, schedule="constant"),
    "converges": SMALL.replace(init=(2, -4, 8), lr=0.4, stop_on="dataset", tol=1e-3, schedule="constant"),
    "converges by its last update": SMALL.replace(lr=0.2, stop_on="last-update", tol=1.0, shuffle=True),
    "diverges": SMALL.replace(samples=4, lr=4.0, schedule="constant", epochs=10**9),
    "diverges in an order of its own": SMALL.replace(samples=5, batch=2, lr=1e6, gradient="full", shuffle=True),
    "diverges where no update looks": SMALL.replace(
        samples=5, batch=2, x_min=0, x_max=1000, lr=1e-4, schedule="constant", epochs=10**9
    ),
    "diverges in a full batch": SMALL.replace(batch="full", lr=3.5, schedule="constant", epochs=10**9),
    "comes near before its spans": SMALL.replace(
        samples=4, true=(1e12, -1e12, 1e12), init=(1, 1, 1), lr=3e-8, schedule="constant", epochs=60
    ),
    "one sample": SMALL.replace(samples=1, epochs=9),
    "scaled, shuffled": SMALL.replace(samples=9, batch=2, x_min=5, x_max=9, shuffle=True, lr=0.1, scale_features=True),
    "scaled, converges": SMALL.replace(
        init=(2, -4, 8), batch="full", optimizer="momentum", lr=0.2, stop_on="dataset", tol=1e-3, scale_features=True
    ),
    "scaled, rounded": SMALL.replace(round_epochs=3, lr=0.05, epochs=12, scale_features=True),
}


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
            (epoch_path, "MOST_CHUNKS", 99 if self.chunk else None),
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
        problem = make_problem(config)
        trainer = Trainer(Task(config, problem))
        forward = FastForward(Task(config, problem), trainer.rng)
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
            if trainer.diverged:
                return
            self._put(trainer)
        if span:
            trainer.restore(span.state(epoch + 1), span.record(epoch))

    def _put(self, trainer):
        position = Position(trainer.epoch, trainer.update)
        self.there.setdefault(position, (trainer.w.tobytes(), trainer.last))
        return position

    def _judge(self, trainer):
        if trainer.diverged:
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
def test_every_update_is_the_same_however_it_is_come_to(name, limits, script):
    travel(name, limits, script)


@pytest.mark.parametrize(("name", "limits"), EACH_WALK)
def test_to_the_end_and_all_over_the_run_again(name, limits):
    back_and_forth = [("near", step, None) for step in (-1, -1, 1, 1, 1, -3, 2)]
    stops = [("seek", where, None) for where in (1.1, 0, 0.3, 0.7, 1.1, 0.5, 0.2, 1.1, 0.1, 0.9)]
    script = [command for stop in stops for command in (stop, *back_and_forth)]
    script = [command for go in script for command in (go, ("walk", 256, None), ("walk", 2, None))]
    travel(name, limits, [*script, ("read", 0.0, 9), ("read", 0.8, 5), ("read", 0.4, 5)])


@pytest.mark.parametrize("name", RUNS)
def test_a_trainer_that_is_put_into_any_state_goes_on_as_the_one_before(name):
    config, moments = RUNS[name], []
    problem = make_problem(config)
    first = Trainer(Task(config, problem))
    for _ in range(40):
        if first.epoch == config.epochs or first.diverged:
            break
        before = first.state
        first.advance(1)
        moments.append((before, first.w.tobytes(), first.last, first.diverged))
    second = Trainer(Task(config, problem))
    for before, w, record, diverged in [*moments[::-1], *moments[::7], *moments]:
        second.restore(before)
        assert (second.epoch, second.update, second.diverged) == (before.epoch, before.update, False)
        second.advance(1)
        assert (second.w.tobytes(), second.diverged) == (w, diverged)
        if second.last is not None:
            assert bits(second.last) == bits(record)


# Checkpoints and marks


def moment(epoch):
    return Checkpoint(State(epoch, 0, np.zeros(3), ()), None)


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


def timeline_of(config):
    return Timeline(make_task(config))


def test_any_update_of_a_run_of_many_epochs_is_a_few_pieces_of_work_away():
    config = SMALL.replace(epochs=200_000, schedule="constant", lr=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST_CHECKPOINTS", 64)
        timeline = timeline_of(config)
        assert pieces(timeline, Position(200_000, 0)) == math.ceil(200_000 / fast_forward.MOST_EPOCHS)
        for epoch in (0, 123_456, 199_999, 1, 77_777, 150_000):
            assert pieces(timeline, Position(epoch, 3)) <= 12


def test_no_piece_of_work_is_more_than_a_span_or_a_chunk():
    for name in ("adam, shuffled", "per sample"):
        config = RUNS[name].replace(samples=3000, epochs=4)
        timeline = timeline_of(config)
        chunk, seen = timeline.trainer.chunk, []
        while not timeline.at_end:
            before = timeline.position
            timeline.approach(timeline.after(before) if before.update == 0 else Position(4, 0), RecordLog())
            seen.append((before, timeline.position))
        if config.optimizer == "adam":
            per_epoch = timeline.trainer.task.updates_per_epoch
            assert all(0 < (b.epoch - a.epoch) * per_epoch + b.update - a.update <= chunk for a, b in seen)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_step_back_within_a_long_epoch_takes_no_longer_than_between_two_marks(optimizer):
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
        ({}, 150_000),
        ({"batch": "full", "samples": 20_000}, 40_000),
        ({"batch": 4, "optimizer": "nesterov"}, 40_000),
        ({"batch": 10_000, "samples": 20_000, "shuffle": True}, 70),
        ({"batch": 1000, "samples": 2000, "shuffle": True, "optimizer": "adam"}, 250),
        ({"batch": 50, "samples": 4000, "shuffle": True, "optimizer": "adam"}, 127),
    ],
)
def test_memory_of_a_long_run_is_that_of_a_short_one(monkeypatch, changes, epochs):
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


def test_memory_of_a_piece_of_work_is_bounded_where_epochs_are_shuffled():
    config = SMALL.replace(samples=20_000, batch="full", shuffle=True, epochs=2000, lr=0.1, schedule="constant")
    timeline = timeline_of(config)
    tracemalloc.start()
    try:
        timeline.approach(Position(2000, 0), RecordLog())
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


# Where a run ends


@pytest.mark.parametrize("name", RUNS)
def test_its_end_is_known_as_soon_as_it_is_come_to_and_is_passed_by_nothing(name):
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


def test_records_are_a_sequence_of_what_was_added():
    config = SMALL.replace(epochs=50)
    walk, timeline, records = walk_of("per sample", Limits()), timeline_of(config), RecordLog()
    assert not records
    assert records[:] == []
    assert records.trained_w().shape == (0, 3)
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
    assert records.trained_w().tolist() == [record.trained_w.tolist() for record in expected]
    for at in (count, -count - 1):
        with pytest.raises(IndexError):
            records[at]
    for every in (1, 2, 3, 7, 100):
        chosen = [record for record in expected if record.ends_epoch and record.epoch % every == 0]
        assert [bits(record) for record in records.epochs(every)] == [bits(record) for record in chosen]


def test_there_are_only_records_of_what_has_been_trained():
    visitor = Visitor(walk_of("in batches, shuffled", Limits()))
    for goal in (START, Position(0, 2), Position(7, 1)):
        visitor.go(goal)
        for first, stop in [(-5, 3), (0, 100), (5, 9), (9, 5), (40, 50)]:
            visitor.read(first, stop)


def test_a_page_is_shorter_where_epochs_take_longer():
    counts = [1, 800, 10_000, 1_000_000]
    pages = [timeline_of(SMALL.replace(samples=samples)).page for samples in counts]
    assert pages == sorted(pages, reverse=True)
    assert 1 <= pages[-1] < pages[0] <= 1000
    assert all(page * samples <= 5_000_000 for page, samples in zip(pages, counts, strict=True))
