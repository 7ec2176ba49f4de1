"""RecordLog: the records of a run as a sequence, of which each is made when somebody looks at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.training.fast_forward import EpochSpan
from quadfit_tui.core.training.record import Record


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

    def rates(self) -> Array:
        """The learning rate of each of them, shape (len,)."""
        return self._column("lr", "lr", np.empty(0))

    def losses(self) -> Array:
        """The loss of each of them, shape (len,)."""
        return self._column("loss", "loss", np.empty(0))

    def trained_w(self) -> Array:
        """w as trained after each of them, shape (len, 3)."""
        return self._column("trained_w", "w", np.empty((0, 3)))

    def _column(self, of_record: str, of_span: str, empty: Array) -> Array:
        """A value of each of them, by its names in Record and EpochSpan."""
        rows = [
            np.array([getattr(source, of_record)])
            if isinstance(source, Record)
            else getattr(source, of_span)[first - source.start.epoch : stop - source.start.epoch]
            for source, first, stop in self._spans
        ]
        return np.concatenate([empty, *rows])

    def epochs(self, every: int) -> Iterator[Record]:
        """Those of the epochs whose number can be divided by `every`."""
        for source, first, stop in self._spans:
            if isinstance(source, Record):
                if source.ends_epoch and source.epoch % every == 0:
                    yield source
            else:
                for epoch in range(-(-first // every) * every, stop, every):
                    yield source.record(epoch)

    def whole_epochs(self, every: int) -> tuple[list[int], Array]:
        """The same without records: how many epochs were done after each of them, and w as trained, shape (n, 3)."""
        done: list[int] = []
        rows = [np.empty((0, 3))]
        for source, first, stop in self._spans:
            if isinstance(source, Record):
                if source.ends_epoch and source.epoch % every == 0:
                    done.append(source.epoch + 1)
                    rows.append(source.trained_w[np.newaxis])
            else:
                begin, start = -(-first // every) * every, source.start.epoch
                done += range(begin + 1, stop + 1, every)
                rows.append(source.w[begin - start : stop - start : every])
        return done, np.concatenate(rows)
