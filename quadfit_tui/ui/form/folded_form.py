"""FoldedForm: the form as one row, with the name of the run's preset and its most important values."""

from __future__ import annotations

import os
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from quadfit_tui.core.config.own_presets import Nearest
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.explain.glossary import meaning_at
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import cell_width, ellipsize
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.toolkit.explained import Explained
from quadfit_tui.ui.toolkit.line_widget import LineWidget

_BETWEEN = " · "
_LONGEST_NAME = 24  # columns of a file's name
# The fields to leave out if the row is too narrow, in this order: the header also shows the first two.
_LEAST_IMPORTANT = ("epochs", "lr", "schedule", "batch", "optimizer", "data")


class Value(NamedTuple):
    """A value of the row: the field to which a click leads, and the text."""

    field: str
    text: str


def values(config: RunConfig, base: Nearest, width: int) -> list[Value]:
    """Returns the values of a run that fit into so many columns; `base`: the preset closest to it, and the changes."""
    batch, lr = (PARAMETERS[field].show(getattr(config, field)) for field in ("batch", "lr"))
    row = [
        Value("preset", base.title),
        Value("optimizer", config.optimizer),
        Value("batch", _("batch {size}").format(size=batch)),
        Value("schedule", config.schedule),
        Value("lr", _("lr {rate}").format(rate=lr)),
        Value("epochs", ngettext("{n} epoch", "{n} epochs", config.epochs)),
    ]
    if config.data is not None:
        row.insert(1, Value("data", ellipsize(shown_name(os.path.basename(config.data)), _LONGEST_NAME)))
    if len(base.changes) == 1 and base.changes != ("data",):  # the title names the change
        row = [value for value in row if value.field != base.changes[0]]
    for field in _LEAST_IMPORTANT:
        if cell_width(_BETWEEN.join(value.text for value in row)) > width:
            row = [value for value in row if value.field != field]
    return row


class FoldedForm(Explained, LineWidget):
    """The row of the folded form; a click on a value moves the focus to its field."""

    STYLES: ClassVar[dict[str, str]] = {
        "name": "bold $foreground",
        "value": "$foreground",
        "between": "$text-muted",
    }

    def __init__(self, config: RunConfig, base: Nearest) -> None:
        super().__init__()
        self._run = config, base

    def show(self, config: RunConfig, base: Nearest) -> None:
        """Sets the run to show, and the preset closest to it."""
        self._run = config, base
        self.refresh()

    @property
    def _values(self) -> list[Value]:
        """The values that fit into the row."""
        return values(*self._run, self.content_size.width)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        segments: list[Segment] = []
        for value in self._values:
            part = "value" if segments else "name"
            between = [Segment(_BETWEEN, self.style_of("between"))] if segments else []
            segments += [*between, Segment(value.text, self.style_of(part))]
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(""))

    def meaning_at(self, x: int, y: int) -> str:  # noqa: ARG002  there is one row
        """Returns the meaning of the value at a column, for the tooltip."""
        row = _BETWEEN.join(value.text for value in self._values)
        return transliterate_for(self.app, meaning_at(row, x - self.styles.padding.left))

    async def on_click(self, event: events.Click) -> None:
        """Moves the focus to the field of the clicked value; if a field has the focus, the click only leaves that."""
        begin = self.styles.padding.left
        for field, text in self._values:
            if begin <= event.x < begin + cell_width(text) and self.screen.focused is None:
                await self.run_action(f"app.edit('{field}')")
                return
            begin += cell_width(text) + len(_BETWEEN)
