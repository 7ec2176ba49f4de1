"""Help as click writes it, but by columns of the terminal: a Han character takes two, and no blank stands beside it."""

from __future__ import annotations

from collections.abc import Iterable

import click

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.width import cell_width, is_single, ljust, wrapped


class ColumnFormatter(click.HelpFormatter):
    """A formatter of help that counts terminal columns; texts whose characters all take one are left to click."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        usage = _("Usage:")
        super().write_usage(prog, args, prefix if is_single(usage) else usage)

    def write_heading(self, heading: str) -> None:
        self.write(" " * self.current_indent + _("{heading}:").format(heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        if is_single(text):
            super().write_text(text)
            return
        indent = " " * self.current_indent
        for index, paragraph in enumerate(text.split("\n\n")):
            if index > 0:
                self._write_lines([""])
            self._write_lines(wrapped(paragraph, self.width, indent, indent))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        if all(is_single(text) for row in rows for text in row):
            super().write_dl(rows, col_max, col_spacing)
            return
        indent = " " * self.current_indent
        first_column = min(max(cell_width(first) for first, _about in rows), col_max)
        begin = " " * (self.current_indent + first_column + col_spacing)
        for first, about in rows:
            lead = indent + ljust(first, first_column + col_spacing)
            if cell_width(first) > first_column:
                self._write_lines([indent + first])
                lead = begin
            self._write_lines(wrapped(about, self.width, lead, begin) or [lead.rstrip()])

    def _write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(f"{line}\n")
