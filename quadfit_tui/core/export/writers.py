"""Writers of the epochs of a run: as text to be read, as the article's log, as CSV."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.verdict import stopped_above_tol, verdict
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.numbers import figure
from quadfit_tui.core.text.width import cell_width, rjust
from quadfit_tui.core.training.position import moment
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:  # the help of run, which asks for the format, needs no NumPy
    from quadfit_tui.core.model.array import Array
    from quadfit_tui.core.session.snapshot import Snapshot
    from quadfit_tui.core.training.record import Record
    from quadfit_tui.core.training.record_log import RecordLog

COLUMNS = ("epoch", "lr", "gradient_a", "gradient_b", "gradient_c", "loss", "mean_loss", "a", "b", "c")  # of an epoch
_MOMENT, _NUMBER = 5, 8  # columns of a moment and of a number as text


class Writer:
    """Turns a run of `config` into lines of text, each without its line end.

    Of its epochs each `every`-th one is written, with 0 none.
    """

    def __init__(self, config: RunConfig, every: int = 1) -> None:
        self.config = config
        self.every = every

    def head(self) -> list[str]:
        """The lines at the top of the file."""
        return []

    def epoch(self, record: Record) -> str:
        """The line of an epoch, from the record of its last update."""
        raise NotImplementedError

    def update(self, record: Record) -> list[str]:
        """The lines about one update alone, which may be within its epoch: the heading, if any, and its own."""
        return [*self.head(), self.epoch(record)]

    def epochs(self, records: RecordLog, every: int) -> list[str]:
        """The lines of those of the records that are of each `every`-th epoch."""
        return [self.epoch(record) for record in records.epochs(every)]

    def end(self, snapshot: Snapshot) -> list[str]:  # noqa: ARG002  what a subclass needs
        """The lines after the last epoch, about how the run ended or stands."""
        return []


class TextWriter(Writer):
    """A log to be read: epoch, rate, gradient, loss, mean loss and w in columns; at the end how it ended, in words."""

    columns: tuple[str, ...] = (
        *("lr", N_("grad a"), N_("grad b"), N_("grad c"), N_("loss"), N_("mean loss")),
        *("a", "b", "c"),
    )

    def head(self) -> list[str]:
        names = (f" {rjust(_(name), width)}" for name, width in self._widths.items())
        return [rjust(_("epoch"), _MOMENT) + "".join(names)]

    @cached_property
    def _widths(self) -> dict[str, int]:
        """Those of the columns: a number has as many digits in each language, if not more."""
        return {name: max(_NUMBER, len(name), cell_width(_(name))) for name in self.columns}

    def epoch(self, record: Record) -> str:
        shown = zip(TextWriter.columns, _numbers(record), strict=True)
        cells = [f" {figure(number, self._widths[name])}" for name, number in shown if name in self._widths]
        return f"{rjust(moment(record.position), _MOMENT)}{''.join(cells)}"

    def update(self, record: Record) -> list[str]:
        beyond = " " * (len(moment(record.position)) - _MOMENT)
        return [*(f"{beyond}{line}" for line in self.head()), self.epoch(record)]

    def end(self, snapshot: Snapshot) -> list[str]:
        # A divergence is a failure: whoever runs the program says it where failures go.
        if snapshot.status is Status.DIVERGED:
            return []
        if snapshot.status is Status.CONVERGED and not stopped_above_tol(snapshot):
            return [verdict(snapshot)]
        from quadfit_tui.core.diagnosis.wording.advice import advised  # much is imported, which few runs need

        return [advised(snapshot)]


class NarrowTextWriter(TextWriter):
    """Writes text without the gradient, for terminals of 80 columns."""

    columns = tuple(name for name in TextWriter.columns if not name.startswith("grad"))


class ArticleWriter(TextWriter):
    """The article's log: epoch, gradient, loss with four decimals, w, rounded as the run is."""

    def head(self) -> list[str]:
        return [_("epoch  gradient: a         b         c          loss     w: a         b         c")]

    def epoch(self, record: Record) -> str:
        loss = f"{record.loss:.4f}" if record.loss < 1e8 else f"{record.loss:.4e}"
        gradient, w = self._numbers(record.gradient), self._numbers(record.w)
        return f"{rjust(moment(record.position), _MOMENT)}{gradient} {rjust(loss, 13)}{w}"

    def _numbers(self, values: Array) -> str:
        decimals = self.config.round_epochs
        if decimals is None:
            return "".join(f" {figure(value, 9)}" for value in values.tolist())
        width = max(9, decimals + 7)  # what has more digits before the point is not shown with all that are kept
        texts = [(f"{value:>{width}.{decimals}f}", value) for value in values.tolist()]
        return "".join(f" {text if len(text) == width else figure(value, width)}" for text, value in texts)


class CsvWriter(Writer):
    """One row an epoch, below a heading; numbers read back to the same double."""

    def head(self) -> list[str]:
        return [",".join(COLUMNS)]

    def epoch(self, record: Record) -> str:
        return ",".join([str(record.epoch), *map(repr, _numbers(record))])

    def update(self, record: Record) -> list[str]:
        heading, line = super().update(record)
        return [heading, line] if record.ends_epoch else [f"{heading},update", f"{line},{record.update}"]


class LastRowCsvWriter(CsvWriter):
    """The last row alone, below the heading."""

    _last: Record | None = None

    def epochs(self, records: RecordLog, every: int) -> list[str]:  # noqa: ARG002  the last one counts
        self._last = next((record for record in reversed(records) if record.ends_epoch), self._last)
        return []

    def end(self, snapshot: Snapshot) -> list[str]:  # noqa: ARG002  what is in the row tells it
        return [] if self._last is None else [self.epoch(self._last)]


def _numbers(record: Record) -> list[float]:
    """The rate, the gradient, the loss of the batch and the mean one, and w."""
    return [record.lr, *record.gradient.tolist(), record.loss, mean_loss_of(record), *record.w.tolist()]


def mean_loss_of(record: Record) -> float:
    """The mean loss after an update."""
    known = record.mean_loss  # of an epoch; an update within one is seldom asked for it
    return record.task.trained.mean_loss(record.trained_w) if known is None else known
