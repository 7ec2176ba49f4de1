"""View: what draws a scene, with its options and the texts about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.charts.spec import ChartSpec, TextPage
from quadfit_tui.ui.views.scene import Scene

OptionValues = Mapping[str, str]


class View(NamedTuple):
    """A way to look at a run.

    `draw` makes the picture of a scene; it is told which of the words of each of the `options` is chosen. `defaults`
    are those to begin a run with, where these are not the first ones, `left_out` those that mean nothing for it.
    `summary` completes the sentence "show ...", `reading` tells how to read the picture. `is_page`: whether `draw`
    makes pages of text, which need more room.
    """

    draw: Callable[[Scene, OptionValues], ChartSpec | TextPage]
    summary: str
    reading: str
    options: Mapping[str, tuple[str, ...]]
    defaults: Callable[[Snapshot], OptionValues] = lambda snapshot: {}  # noqa: ARG005
    left_out: Callable[[Snapshot], frozenset[str]] = lambda snapshot: frozenset()  # noqa: ARG005
    is_page: bool = False

    def initial_options(self, snapshot: Snapshot, chosen: OptionValues = MappingProxyType({})) -> dict[str, str]:
        """The words to begin a run with; those of `chosen` go first, but for what means nothing for it."""
        begun = {name: words[0] for name, words in self.options.items()} | dict(self.defaults(snapshot))
        left_out = self.left_out(snapshot)
        return begun | {name: word for name, word in chosen.items() if word not in left_out}
