"""EXPORTERS: the formats of what is written, a row each: of a run's epochs, of a view, of one update worked out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.picture import Picture, ansi_lines, svg_lines, text_lines
from quadfit_tui.core.session.verdict import misled, verdict
from quadfit_tui.core.text.language import _, noted
from quadfit_tui.core.text.numbers import figure
from quadfit_tui.core.text.width import columns, right
from quadfit_tui.core.training.position import moment
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:  # the table alone needs no NumPy
    from quadfit_tui.core.export.run_speech import RunSpeech
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
        *("lr", noted("grad a"), noted("grad b"), noted("grad c"), noted("loss"), noted("mean loss")),
        *("a", "b", "c"),
    )

    def head(self) -> list[str]:
        names = (f" {right(_(name), width)}" for name, width in self._widths.items())
        return [right(_("epoch"), _MOMENT) + "".join(names)]

    @cached_property
    def _widths(self) -> dict[str, int]:
        """Those of the columns: a number has as many digits in each language, if not more."""
        return {name: max(_NUMBER, len(name), columns(_(name))) for name in self.columns}

    def epoch(self, record: Record) -> str:
        shown = zip(TextWriter.columns, _numbers(record), strict=True)
        cells = [f" {figure(number, self._widths[name])}" for name, number in shown if name in self._widths]
        return f"{right(moment(record.position), _MOMENT)}{''.join(cells)}"

    def update(self, record: Record) -> list[str]:
        beyond = " " * (len(moment(record.position)) - _MOMENT)
        return [*(f"{beyond}{line}" for line in self.head()), self.epoch(record)]

    def end(self, snapshot: Snapshot) -> list[str]:
        # A divergence is a failure: whoever runs the program says it where failures go.
        if snapshot.status is Status.DIVERGED:
            return []
        if snapshot.status is Status.CONVERGED and not misled(snapshot):  # no advice, for which much is imported
            return [verdict(snapshot)]
        from quadfit_tui.core.diagnosis.words.advice import advised  # the table alone needs no NumPy

        return [advised(snapshot)]


class NarrowTextWriter(TextWriter):
    """The same without the gradient, for terminals of 80 columns."""

    columns = tuple(name for name in TextWriter.columns if not name.startswith("grad"))


class ArticleWriter(TextWriter):
    """The article's log: epoch, gradient, loss with four decimals, w, rounded as the run is."""

    def head(self) -> list[str]:
        return [_("epoch  gradient: a         b         c          loss     w: a         b         c")]

    def epoch(self, record: Record) -> str:
        loss = f"{record.loss:.4f}" if record.loss < 1e8 else f"{record.loss:.4e}"
        gradient, w = self._numbers(record.gradient), self._numbers(record.w)
        return f"{right(moment(record.position), _MOMENT)}{gradient} {right(loss, 13)}{w}"

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


class JsonLinesWriter(Writer):
    """An object an epoch, then one about the run; numbers read back to the same double, others are null."""

    def epoch(self, record: Record) -> str:
        return _json(
            epoch=record.epoch,
            lr=record.lr,
            gradient=record.gradient.tolist(),
            loss=record.loss,
            mean_loss=_mean_loss(record),
            w=record.w.tolist(),
            **({} if record.ends_epoch else {"update": record.update}),
        )

    def end(self, snapshot: Snapshot) -> list[str]:
        from quadfit_tui.core.export.provenance import facts  # the table alone needs no NumPy

        return [_json(**facts(snapshot, ["--format", "jsonl", *lines_asked(self.every)]))]


def lines_asked(every: int) -> list[str]:
    """The options of `run` by which each `every`-th epoch is written, with 0 none."""
    return ["--quiet"] if not every else [] if every == 1 else ["--every", str(every)]


def _json(**values: object) -> str:
    from quadfit_tui.core.export.provenance import json_text  # the table alone, as for a list of formats, needs none

    return json_text(values)


class SpokenWriter(Writer):
    """Sentences to be heard: what happened in the run and when, not epoch by epoch; at the end how it ended."""

    _speech: RunSpeech | None = None  # once there is something to say

    def epochs(self, records: RecordLog, every: int) -> list[str]:
        from quadfit_tui.core.export.run_speech import RunSpeech  # the table alone needs no NumPy

        begun: list[str] = []
        if self._speech is None and records:
            self._speech = RunSpeech(records[0].task)
            begun = self._speech.start
        return begun if self._speech is None else [*begun, *self._speech.take(records, every)]

    def update(self, record: Record) -> list[str]:
        from quadfit_tui.core.export.run_speech import spoken_record  # the table alone needs no NumPy

        return spoken_record(record, _mean_loss(record))

    def end(self, snapshot: Snapshot) -> list[str]:
        from quadfit_tui.core.export.run_speech import outcome  # the table alone needs no NumPy

        say = outcome if self._speech is None else self._speech.end
        return say(snapshot, advises=True)


def _numbers(record: Record) -> list[float]:
    """The rate, the gradient, the loss of the batch and the mean one, and w."""
    return [record.lr, *record.gradient.tolist(), record.loss, _mean_loss(record), *record.w.tolist()]


def _mean_loss(record: Record) -> float:
    known = record.mean_loss  # of an epoch; an update within one is seldom asked for it
    return record.task.trained.mean_loss(record.trained_w) if known is None else known


class Exporter(NamedTuple):
    """One row of the table: the suffix of a format's files, and what it writes.

    That is the epochs of a run, by a `writer`; the `picture` of a view; the worked `update` of a record. It is None
    where the format has no such thing. `is_prose`: whether people read it.
    """

    suffix: str
    writer: type[Writer] | None = None
    picture: Callable[[Picture], list[str]] | None = None
    update: Callable[[Record], list[str]] | None = None
    is_prose: bool = False


def _worked(record: Record) -> list[str]:
    from quadfit_tui.core.explain.worked_update import worked_update  # the table alone needs no NumPy

    return worked_update(record)


def _spoken(record: Record) -> list[str]:
    from quadfit_tui.core.explain.spoken_update import spoken_update  # the table alone needs no NumPy

    return spoken_update(record)


def _markdown(record: Record) -> list[str]:
    from quadfit_tui.core.explain.markdown_update import markdown_update  # the table alone needs no NumPy

    return markdown_update(record)


EXPORTERS: dict[str, Exporter] = {
    "text": Exporter(".txt", TextWriter, text_lines, _worked, is_prose=True),
    "article": Exporter("", ArticleWriter, is_prose=True),
    "csv": Exporter(".csv", CsvWriter),
    "jsonl": Exporter(".jsonl", JsonLinesWriter),
    "spoken": Exporter("", SpokenWriter, update=_spoken, is_prose=True),
    "ansi": Exporter(".ansi", picture=ansi_lines),
    "svg": Exporter(".svg", picture=svg_lines),
    "markdown": Exporter(".md", update=_markdown),
}
Column = Literal["writer", "picture", "update"]  # of what is to be written
# Of files that hold something else than any format: text in them would be taken for a broken file.
OTHER_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pdf", ".ps", ".eps", ".mp4"),
    *(".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".parquet", ".feather", ".arrow", ".npy", ".npz", ".h5", ".db"),
    *(".tsv", ".xlsx", ".xls", ".ods", ".docx", ".odt", ".html", ".htm", ".xml"),
    *(".json", ".toml", ".yaml", ".yml", ".ipynb", ".cast"),
)


def formats_of(column: Column) -> tuple[str, ...]:
    """The formats that write epochs, pictures or updates."""
    return tuple(name for name, row in EXPORTERS.items() if getattr(row, column) is not None)


def writer_of(style: str) -> type[Writer]:
    """The writer of a format that writes epochs."""
    writer = EXPORTERS[style].writer
    assert writer is not None
    return writer


def style_of(path: str, otherwise: str = "text") -> str:
    """The format of a file where none is asked for: that of its suffix, or else text."""
    named = (name for name, row in EXPORTERS.items() if row.suffix and path.lower().endswith(row.suffix))
    return next(named, otherwise)
