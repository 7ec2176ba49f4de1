"""Records of many updates, each made on access: EpochSpan, of epochs trained at once; RecordLog, of a run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.record import Order, Record, TrainerState, generator_of

# The names of the arrays of an EpochSpan.
ROWS = ("lr", "before", "carried", "gradient", "loss", "trained_w", "velocity")


class Orders:
    """The sample orders of consecutive epochs, by index; those not `known` are drawn on the first access to one."""

    def __init__(self, samples: int, known: dict[int, Order]) -> None:
        """`known` maps some indices of epochs, counted from 0, to their orders; it contains the first and the last."""
        self._samples = samples
        self._known = known

    def __getitem__(self, epoch: int) -> Order:
        if epoch not in self._known:
            generator = generator_of(self._known[0])
            for index in range(1, max(self._known)):
                generator.permutation(self._samples)
                self._known.setdefault(index, generator.bit_generator.state)
        return self._known[epoch]


class EpochSpan(NamedTuple):
    """The results of m consecutive whole epochs from `start`, trained at once; each array has a row for each epoch.

    `before` is w before the epoch's last update, `carried` the velocity before it, `gradient` and `loss` are those of
    that update, `trained_w` and `velocity` are after it, each of shape (m, 3) or (m,); without momentum,
    `carried` has the shape (m, 0). All of these are as trained. `orders`, of m + 1 epochs, are those of the samples in
    each epoch, and in the next one. `stops` means that the run's stopping rule holds after the last epoch. `span_from`
    is the epoch at which the next span may begin: later than the end if this span is much shorter than planned, since
    planning costs time.
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
        """The number m of epochs."""
        return len(self.lr)

    @property
    def end(self) -> int:
        """The number of whole epochs that the run has done after the span."""
        return self.start.epoch + self.length

    def part(self, count: int, **changes: Any) -> EpochSpan:
        """Returns a span of the first `count` epochs, with some fields changed."""
        arrays = {name: getattr(self, name)[:count] for name in ROWS}
        return self._replace(**arrays, **changes)

    def _order(self, index: int) -> Order | None:
        return None if self.orders is None else self.orders[index]

    def state(self, epoch: int) -> TrainerState:
        """Returns the TrainerState after `epoch` whole epochs of the run, from start.epoch to `end`."""
        count = epoch - self.start.epoch
        if count == 0:
            return self.start
        slots = self.start.slots
        if slots[0]:
            slots = tuple((velocity,) for velocity in self.velocity[count - 1].tolist())
        return TrainerState(epoch, 0, self.trained_w[count - 1].copy(), slots, self._order(count), self.span_from)

    def record(self, epoch: int) -> Record:
        """Returns the Record of an epoch by its number, from start.epoch to end − 1."""
        row = epoch - self.start.epoch
        # Copies, here and in `state`, since a view of one row would keep the whole span in memory.
        return Record(
            self.task,
            epoch,
            self.task.updates_per_epoch,
            float(self.lr[row]),
            self.gradient[row].copy(),
            float(self.loss[row]),
            self.trained_w[row].copy(),
            self.before[row].copy(),
            tuple((velocity,) for velocity in self.carried[row].tolist()),
            self._order(row),
            ends_epoch=True,
        )


class RecordLog(Sequence[Record]):
    """The records of a run in the order in which they were added; those of spans are made on access."""

    def __init__(self) -> None:
        self._spans: list[tuple[EpochSpan | Record, int, int]] = []
        self._ends: list[int] = []

    def add(self, source: EpochSpan | Record, first: int = 0, stop: int = 1) -> None:
        """Appends one record, or those of the epochs from `first` to before `stop` of a span."""
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
            return [self[position] for position in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        span = bisect_right(self._ends, position)
        source, _, stop = self._spans[span]
        return source if isinstance(source, Record) else source.record(stop - (self._ends[span] - position))

    def column(self, name: str) -> Array:
        """Returns a field of all records as an array: `lr`, `loss`, shape (len,); `gradient`, `trained_w`, (len, 3)."""
        if not self._spans:
            return np.empty(0 if name in ("lr", "loss") else (0, 3))
        return np.concatenate([_values(source, name, range(*ends)) for source, *ends in self._spans])

    def epochs(self, every: int) -> Iterator[Record]:
        """Yields the records of whole epochs whose number is a multiple of `every`."""
        for source, epochs in self._whole(every):
            yield from [source] if isinstance(source, Record) else map(source.record, epochs)

    def whole_epochs(self, every: int) -> tuple[list[int], Array]:
        """Returns the numbers of epochs done after each of the `epochs(every)`, and w as trained, shape (n, 3)."""
        counts: list[int] = []
        rows = [np.empty((0, 3))]
        for source, epochs in self._whole(every):
            counts += [epoch + 1 for epoch in epochs]
            rows.append(_values(source, "trained_w", epochs))
        return counts, np.concatenate(rows)

    def _whole(self, every: int) -> Iterator[tuple[EpochSpan | Record, range]]:
        """Yields each source with the range of its whole epochs whose number is a multiple of `every`."""
        for source, first, stop in self._spans:
            if isinstance(source, EpochSpan):
                yield source, range(-(-first // every) * every, stop, every)
            elif source.ends_epoch and source.epoch % every == 0:
                yield source, range(source.epoch, source.epoch + 1)


def _values(source: EpochSpan | Record, name: str, epochs: range) -> Array:
    """Returns a field of a record, or of these epochs of a span, as an array with an element or row for each."""
    if isinstance(source, Record):
        return np.array([getattr(source, name)])
    start = source.start.epoch
    values: Array = getattr(source, name)[epochs.start - start : epochs.stop - start : epochs.step]
    return values
