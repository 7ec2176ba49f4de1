"""Records of many updates, each made when it is looked at: EpochSpan, of epochs done at once; RecordLog, of a run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.record import Order, Record, TrainerState, generator_of

# The arrays of an EpochSpan.
ROWS = ("lr", "before", "carried", "gradient", "loss", "trained_w", "velocity")


class Orders:
    """The orders of epochs in a row, of so many samples: those that are not `known` are drawn when one is asked for."""

    def __init__(self, samples: int, known: dict[int, Order]) -> None:
        """`known` are those of some epochs by their numbers, which count from the first and end with the last."""
        self._samples = samples
        self._known = known

    def __getitem__(self, epoch: int) -> Order:
        if epoch not in self._known:
            generator = generator_of(self._known[0])
            for each in range(1, max(self._known)):
                generator.permutation(self._samples)
                self._known.setdefault(each, generator.bit_generator.state)
        return self._known[epoch]


class EpochSpan(NamedTuple):
    """What whole epochs in a row came to, from `start`; a row of each array for each epoch.

    `before` is w before the epoch's last update, `carried` the velocity before it, `gradient` and `loss` are those of
    that update, `trained_w` and `velocity` the outcome, each of shape (m, 3) or (m,); where no velocity is carried on
    `carried` has the shape (m, 0). All of these are as trained. `orders`, of m + 1, are those of the samples in each
    epoch, and in the one after them. `stops` says that the run's stopping rule holds after the last of them.
    `span_from` is the epoch at which the next span may begin: not at once where this one came to much less than was
    planned, for planning costs time.
    """

    start: TrainerState
    task: FitTask
    lr: Array
    before: Array
    carried: Array
    gradient: Array
    loss: Array
    trained_w: Array
    velocity: Array
    orders: Orders | None
    span_from: int = 0
    stops: bool = False

    @property
    def length(self) -> int:
        """How many epochs these are."""
        return len(self.lr)

    @property
    def end(self) -> int:
        """The number of epochs done after it."""
        return self.start.epoch + self.length

    def part(self, count: int, **changes: Any) -> EpochSpan:
        """Its first `count` epochs."""
        arrays = {name: getattr(self, name)[:count] for name in ROWS}
        return self._replace(**arrays, **changes)

    def _order(self, at: int) -> Order | None:
        return None if self.orders is None else self.orders[at]

    def state(self, epoch: int) -> TrainerState:
        """The TrainerState after `epoch` whole epochs of the run, which are from start.epoch to `end`."""
        at = epoch - self.start.epoch
        if at == 0:
            return self.start
        slots = self.start.slots
        if slots[0]:
            slots = tuple((velocity,) for velocity in self.velocity[at - 1].tolist())
        return TrainerState(epoch, 0, self.trained_w[at - 1].copy(), slots, self._order(at), self.span_from)

    def record(self, epoch: int) -> Record:
        """The Record of an epoch, by its number: from start.epoch to end − 1."""
        at = epoch - self.start.epoch
        # Copies, here and in `state`: a row that is kept would keep the whole span.
        return Record(
            self.task,
            epoch,
            self.task.updates_per_epoch,
            float(self.lr[at]),
            self.gradient[at].copy(),
            float(self.loss[at]),
            self.trained_w[at].copy(),
            self.before[at].copy(),
            tuple((velocity,) for velocity in self.carried[at].tolist()),
            self._order(at),
            ends_epoch=True,
        )


class RecordLog(Sequence[Record]):
    """Records in the order in which they came; those of many epochs at once are made when looked at."""

    def __init__(self) -> None:
        self._spans: list[tuple[EpochSpan | Record, int, int]] = []
        self._ends: list[int] = []

    def add(self, source: EpochSpan | Record, first: int = 0, stop: int = 1) -> None:
        """Adds one record, or those of the epochs `first` to `stop` of a span."""
        if stop > first:
            self._spans.append((source, first, stop))
            self._ends.append(len(self) + stop - first)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        span = bisect_right(self._ends, at)
        source, _, stop = self._spans[span]
        return source if isinstance(source, Record) else source.record(stop - (self._ends[span] - at))

    def column(self, name: str) -> Array:
        """The `lr` or `loss` of each of them, shape (len,), `gradient`, or `trained_w` after each, shape (len, 3)."""
        if not self._spans:
            return np.empty(0 if name in ("lr", "loss") else (0, 3))
        return np.concatenate([_values(source, name, range(*ends)) for source, *ends in self._spans])

    def epochs(self, every: int) -> Iterator[Record]:
        """Those of the epochs whose number can be divided by `every`."""
        for source, epochs in self._whole(every):
            yield from [source] if isinstance(source, Record) else map(source.record, epochs)

    def whole_epochs(self, every: int) -> tuple[list[int], Array]:
        """Returns how many epochs were done after each of these records, and w as trained, shape (n, 3)."""
        done: list[int] = []
        rows = [np.empty((0, 3))]
        for source, epochs in self._whole(every):
            done += [epoch + 1 for epoch in epochs]
            rows.append(_values(source, "trained_w", epochs))
        return done, np.concatenate(rows)

    def _whole(self, every: int) -> Iterator[tuple[EpochSpan | Record, range]]:
        for source, first, stop in self._spans:
            if isinstance(source, EpochSpan):
                yield source, range(-(-first // every) * every, stop, every)
            elif source.ends_epoch and source.epoch % every == 0:
                yield source, range(source.epoch, source.epoch + 1)


def _values(source: EpochSpan | Record, name: str, epochs: range) -> Array:
    """A value of a record, or of these epochs of a span, an element or row for each."""
    if isinstance(source, Record):
        return np.array([getattr(source, name)])
    start = source.start.epoch
    found: Array = getattr(source, name)[epochs.start - start : epochs.stop - start : epochs.step]
    return found
