"""The help page: every key, from the bindings themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content

from quadfit_tui.core.text.width import columns, right
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.terminal.terminal_app import spelled

ABOUT = """\
After each sample or batch, w = (a, b, c) moves against the gradient of the loss, scaled by the learning rate. The log \
has a line for the last update of each epoch: "loss" is the loss of that update's batch, "mean loss" the average over \
all samples. Going back loses nothing: played again, the run repeats exactly."""


# The keys of each place, by sections with a heading, or without where that is empty.
Blocks = Mapping[str, Mapping[str, Iterable[BindingType]]]


def help_page(app: App[Any], blocks: Blocks) -> TextScreen:
    """The page that lists keys with what they do, place by place, in characters that the app can show."""
    tables = {
        place: {
            heading: [(spelled(app, keys), spelled(app, what)) for keys, what in _rows(app, bindings)]
            for heading, bindings in sections.items()
        }
        for place, sections in blocks.items()
    }
    width = max(columns(keys) for sections in tables.values() for rows in sections.values() for keys, _ in rows)
    lines = [Content(ABOUT)]
    for place, sections in tables.items():
        lines += [Content(), Content.styled(f" {place} ", "bold reverse")]
        for heading, rows in sections.items():
            lines += [Content(), Content.styled(heading, "bold")] if heading else [Content()]
            lines += [Content.assemble((right(keys, width), "bold $accent"), f"  {what}") for keys, what in rows]
    return TextScreen("Help", Content("\n").join(lines), keys="question_mark,enter,space", others={"f1": "manual"})


def _rows(app: App[Any], bindings: Iterable[BindingType]) -> list[tuple[str, str]]:
    """Keys with what they do; those that follow each other and do the same share a line."""
    rows: list[tuple[str, str]] = []
    for binding in bindings:
        if isinstance(binding, Binding) and not binding.system:
            keys, what = binding.key_display or app.get_key_display(binding), binding.tooltip or binding.description
            if rows and rows[-1][1] == what:
                keys = f"{rows.pop()[0]} {keys}"
            rows.append((keys, what))
    return rows
