"""The help page: every key, from the bindings themselves."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from quadfit_tui.ui.page import Page

ABOUT = """\
After each sample or batch, w = (a, b, c) moves against the gradient of the loss, by the learning rate. The log tells \
the last update of each epoch: loss is that of its batch, mean loss that of all samples. Going back forgets nothing: \
from there it plays the same again."""


def help_page(keys: Iterable[tuple[str, str]]) -> Page:
    """The page that lists the keys with what they do."""
    keys = list(keys)
    width = max(len(key) for key, _ in keys)
    rows = [Content.assemble((f"{key:>{width}}", "bold $accent"), f"  {what}") for key, what in keys]
    text = Content("\n").join([Content(ABOUT), Content(), *rows])
    return Page("Help", text, keys="question_mark,enter,space", others={"f1": "principle"})
