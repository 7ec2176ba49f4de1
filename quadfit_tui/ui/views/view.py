"""View, an entry of the table of views: the function that draws a scene, its options and the texts about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.charts.spec import ChartSpec, TextPage
from quadfit_tui.ui.views.scene import Scene

OptionValues = Mapping[str, str]  # the chosen word of each option


class View(NamedTuple):
    """A way to look at a run.

    `draw` makes the picture of a scene, given the chosen word of each option. `options` has all words of each option.
    `defaults` returns the words to begin a run with, as far as these are not the first ones, `left_out` the words that
    mean nothing for a run. `summary` completes the sentence "show ...", `reading` explains how to read the picture.
    `is_page`: whether `draw` makes pages of text, which need more room.
    """

    draw: Callable[[Scene, OptionValues], ChartSpec | TextPage]
    summary: str
    reading: str
    options: Mapping[str, tuple[str, ...]]
    defaults: Callable[[Snapshot], OptionValues] = lambda snapshot: {}  # noqa: ARG005
    left_out: Callable[[Snapshot], frozenset[str]] = lambda snapshot: frozenset()  # noqa: ARG005
    is_page: bool = False

    def initial_options(self, snapshot: Snapshot, chosen: OptionValues = MappingProxyType({})) -> dict[str, str]:
        """Returns the word of each option to begin a run with: the chosen one, unless it means nothing for the run."""
        initial = {name: words[0] for name, words in self.options.items()} | dict(self.defaults(snapshot))
        left_out = self.left_out(snapshot)
        return initial | {name: word for name, word in chosen.items() if word not in left_out}
