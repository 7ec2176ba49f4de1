"""VIEWS: each makes a ChartSpec of a Snapshot; no widget, no plotext."""

from __future__ import annotations

from collections.abc import Callable

from quadfit_tui.core.session import Snapshot
from quadfit_tui.ui.chartspec import ChartSpec
from quadfit_tui.ui.views.fit import fit

View = Callable[[Snapshot, str | None], ChartSpec]

VIEWS: dict[str, View] = {"fit": fit}
