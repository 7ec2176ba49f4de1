"""Writers of the epochs of a run: as plain text, as the article's log, as CSV."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.verdict import stopped_above_tol, verdict
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.numbers import format_in_width
from quadfit_tui.core.text.width import cell_width, rjust
from quadfit_tui.core.training.position import format_moment
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:  # the help of run imports this without NumPy
    from quadfit_tui.core.model.array import Array
    from quadfit_tui.core.session.snapshot import Snapshot
    from quadfit_tui.core.training.record import Record
    from quadfit_tui.core.training.record_log import RecordLog

COLUMNS = ("epoch", "lr", "gradient_a", "gradient_b", "gradient_c", "loss", "mean_loss", "a", "b", "c")
_MOMENT, _NUMBER = 5, 8  # width in columns of a moment and of a number


class Writer:
    """A format of the epochs of a run of `config`: returns lines of text without line ends.

    It writes each `every`-th epoch; with 0 none.
    """

    def __init__(self, config: RunConfig, every: int = 1) -> None:
        self.config = config
        self.every = every

    def head(self) -> list[str]:
        """Returns the lines at the top of the file."""
        return []

    def epoch(self, record: Record) -> str:
        """Returns the line of an epoch, from the record of its last update."""
        raise NotImplementedError

    def update(self, record: Record) -> list[str]:
        """Returns the lines about one update alone, which may be within its epoch: the heading, if any, and its own."""
        return [*self.head(), self.epoch(record)]

    def epochs(self, records: RecordLog, every: int) -> list[str]:
        """Returns the lines of each `every`-th epoch of the records."""
        return [self.epoch(record) for record in records.epochs(every)]

    def end(self, snapshot: Snapshot) -> list[str]:  # noqa: ARG002  subclasses use it
        """Returns the lines after the last epoch, about the end or state of the run."""
        return []


class TextWriter(Writer):
    """A log for people: epoch, rate, gradient, loss, mean loss and w in columns; then how the run ended, in words."""

    columns: tuple[str, ...] = (
        *("lr", N_("grad a"), N_("grad b"), N_("grad c"), N_("loss"), N_("mean loss")),
        *("a", "b", "c"),
    )

    def head(self) -> list[str]:
        names = (f" {rjust(_(name), width)}" for name, width in self._widths.items())
        return [rjust(_("epoch"), _MOMENT) + "".join(names)]

    @cached_property
    def _widths(self) -> dict[str, int]:
        """The widths of the columns by name; digits need the same room in each language, headings may need more."""
        return {name: max(_NUMBER, len(name), cell_width(_(name))) for name in self.columns}

    def epoch(self, record: Record) -> str:
        columns = zip(TextWriter.columns, _numbers(record), strict=True)
        cells = [f" {format_in_width(number, self._widths[name])}" for name, number in columns if name in self._widths]
        return f"{rjust(format_moment(record.position), _MOMENT)}{''.join(cells)}"

    def update(self, record: Record) -> list[str]:
        beyond = " " * (len(format_moment(record.position)) - _MOMENT)
        return [*(f"{beyond}{line}" for line in self.head()), self.epoch(record)]

    def end(self, snapshot: Snapshot) -> list[str]:
        # A divergence is a failure: the command prints it to stderr.
        if snapshot.status is Status.DIVERGED:
            return []
        if snapshot.status is Status.CONVERGED and not stopped_above_tol(snapshot):
            return [verdict(snapshot)]
        from quadfit_tui.core.diagnosis.wording.advice import advised  # loaded late: few runs need it

        return [advised(snapshot)]


class NarrowTextWriter(TextWriter):
    """The text log without the gradient, for terminals of 80 columns."""

    columns = tuple(name for name in TextWriter.columns if not name.startswith("grad"))


class ArticleWriter(TextWriter):
    """The article's log: epoch, gradient, loss with four decimals, and w, rounded like the run."""

    def head(self) -> list[str]:
        return [_("epoch  gradient: a         b         c          loss     w: a         b         c")]

    def epoch(self, record: Record) -> str:
        loss = f"{record.loss:.4f}" if record.loss < 1e8 else f"{record.loss:.4e}"
        gradient, w = self._numbers(record.gradient), self._numbers(record.w)
        return f"{rjust(format_moment(record.position), _MOMENT)}{gradient} {rjust(loss, 13)}{w}"

    def _numbers(self, values: Array) -> str:
        decimals = self.config.round_epochs
        if decimals is None:
            return "".join(f" {format_in_width(value, 9)}" for value in values.tolist())
        width = max(9, decimals + 7)  # numbers with more digits before the point lose decimals
        texts = [(f"{value:>{width}.{decimals}f}", value) for value in values.tolist()]
        return "".join(f" {text if len(text) == width else format_in_width(value, width)}" for text, value in texts)


class CsvWriter(Writer):
    """A CSV file with one row an epoch below a heading; numbers read back to the same double."""

    def head(self) -> list[str]:
        return [",".join(COLUMNS)]

    def epoch(self, record: Record) -> str:
        return ",".join([str(record.epoch), *map(repr, _numbers(record))])

    def update(self, record: Record) -> list[str]:
        heading, line = super().update(record)
        return [heading, line] if record.ends_epoch else [f"{heading},update", f"{line},{record.update}"]


class LastRowCsvWriter(CsvWriter):
    """A CSV file with only the last row below the heading."""

    _last: Record | None = None

    def epochs(self, records: RecordLog, every: int) -> list[str]:  # noqa: ARG002  only the last one counts
        self._last = next((record for record in reversed(records) if record.ends_epoch), self._last)
        return []

    def end(self, snapshot: Snapshot) -> list[str]:  # noqa: ARG002  the row is enough
        return [] if self._last is None else [self.epoch(self._last)]


def _numbers(record: Record) -> list[float]:
    """Returns the fields of an epoch after its number: rate, gradient, loss of the batch, mean loss, and w."""
    return [record.lr, *record.gradient.tolist(), record.loss, mean_loss_of(record), *record.w.tolist()]


def mean_loss_of(record: Record) -> float:
    """Returns the mean loss after an update, computed if the record lacks it."""
    known = record.mean_loss  # None for an update within an epoch
    return record.task.trained.mean_loss(record.trained_w) if known is None else known
