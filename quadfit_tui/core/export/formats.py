"""EXPORTERS: the formats of what is written, a row each: of a run's epochs, of a view, of one update worked out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

if TYPE_CHECKING:
    from quadfit_tui.core.export.picture import Picture
    from quadfit_tui.core.export.writers import Writer
    from quadfit_tui.core.training.record import Record


class Exporter(NamedTuple):
    """One row of the table: the suffix of a format's files, and what it writes.

    That is the epochs of a run, by a `writer`; the `picture` of a view; the worked `update` of a record. Each names a
    module of core and what it has; it is loaded when the format is written. Empty if the format has no such thing.
    `is_prose`: whether people read it.
    """

    suffix: str
    writer: str = ""
    picture: str = ""
    update: str = ""
    is_prose: bool = False


EXPORTERS: dict[str, Exporter] = {
    "text": Exporter(
        ".txt",
        "export.writers:TextWriter",
        "export.picture:text_lines",
        "explain.worked_update:worked_update",
        is_prose=True,
    ),
    "article": Exporter("", "export.writers:ArticleWriter", is_prose=True),
    "csv": Exporter(".csv", "export.writers:CsvWriter"),
    "jsonl": Exporter(".jsonl", "export.json_lines:JsonLinesWriter"),
    "spoken": Exporter(
        "", "export.run_speech:SpokenWriter", update="explain.spoken_update:spoken_update", is_prose=True
    ),
    "ansi": Exporter(".ansi", picture="export.picture:ansi_lines"),
    "svg": Exporter(".svg", picture="export.picture:svg_lines"),
    "markdown": Exporter(".md", update="explain.markdown_update:markdown_update"),
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
    return tuple(name for name, row in EXPORTERS.items() if getattr(row, column))


COLORED = tuple(name for name in formats_of("picture") if name != "text")  # pictures with colors


def writer_of(style: str) -> type[Writer]:
    """Returns the writer of a format that writes epochs."""
    return cast("type[Writer]", _loaded(EXPORTERS[style].writer))


def picture_of(style: str) -> Callable[[Picture], list[str]]:
    """Returns what makes lines of a picture, in a format that has pictures."""
    return cast("Callable[[Picture], list[str]]", _loaded(EXPORTERS[style].picture))


def update_of(style: str) -> Callable[[Record], list[str]]:
    """Returns what makes lines of one update, in a format that has updates."""
    return cast("Callable[[Record], list[str]]", _loaded(EXPORTERS[style].update))


def _loaded(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"quadfit_tui.core.{module}"), name)


def style_of(path: str, otherwise: str = "text") -> str:
    """The format of a file where none is asked for: that of its suffix, or else text."""
    named = (name for name, row in EXPORTERS.items() if row.suffix and path.lower().endswith(row.suffix))
    return next(named, otherwise)


def lines_asked(every: int) -> list[str]:
    """The options of `run` by which each `every`-th epoch is written, with 0 none."""
    return ["--quiet"] if not every else [] if every == 1 else ["--every", str(every)]
