"""EXPORTERS: the file formats, a row each: for the epochs of a run, for a view, for one worked update."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

if TYPE_CHECKING:
    from quadfit_tui.core.export.picture import Picture
    from quadfit_tui.core.export.writers import Writer
    from quadfit_tui.core.training.record import Record


class Exporter(NamedTuple):
    """One row of the table: the suffix of a format, and the code that writes it.

    That is a `writer` for the epochs of a run; a `picture` function for a view; an `update` function for the worked
    update of a record. Each names a module of core and an attribute, loaded when the format is written; it is empty if
    the format cannot write that. `is_prose`: whether the format is for people.
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
Column = Literal["writer", "picture", "update"]  # the three columns of the table
# Suffixes of files of other formats: other programs would take text in them for a broken file.
OTHER_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pdf", ".ps", ".eps", ".mp4"),
    *(".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".parquet", ".feather", ".arrow", ".npy", ".npz", ".h5", ".db"),
    *(".tsv", ".xlsx", ".xls", ".ods", ".docx", ".odt", ".html", ".htm", ".xml"),
    *(".json", ".toml", ".yaml", ".yml", ".ipynb", ".cast"),
)


def formats_of(column: Column) -> tuple[str, ...]:
    """Returns the formats that write epochs, pictures or updates."""
    return tuple(name for name, row in EXPORTERS.items() if getattr(row, column))


COLORED = tuple(name for name in formats_of("picture") if name != "text")  # pictures with colors


def writer_of(style: str) -> type[Writer]:
    """Returns the writer class of a format that writes epochs."""
    return cast("type[Writer]", _loaded(EXPORTERS[style].writer))


def picture_of(style: str) -> Callable[[Picture], list[str]]:
    """Returns the function that makes lines of a picture, in a format that has pictures."""
    return cast("Callable[[Picture], list[str]]", _loaded(EXPORTERS[style].picture))


def update_of(style: str) -> Callable[[Record], list[str]]:
    """Returns the function that makes lines of one update, in a format that has updates."""
    return cast("Callable[[Record], list[str]]", _loaded(EXPORTERS[style].update))


def _loaded(place: str) -> Any:
    """Imports an attribute of a module of core, named like `export.writers:TextWriter`."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"quadfit_tui.core.{module}"), name)


def style_of(path: str, otherwise: str = "text") -> str:
    """Returns the format of a file that was chosen without one: that of its suffix, else `otherwise`."""
    formats = (name for name, row in EXPORTERS.items() if row.suffix and path.lower().endswith(row.suffix))
    return next(formats, otherwise)


def every_options(every: int) -> list[str]:
    """Returns the options of `run` that write each `every`-th epoch; with 0 none."""
    if not every:
        return ["--quiet"]
    return [] if every == 1 else ["--every", str(every)]
