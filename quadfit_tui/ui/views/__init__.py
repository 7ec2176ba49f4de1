"""VIEWS: each makes a ChartSpec of a Snapshot; no widget, no plotext."""

from __future__ import annotations

from quadfit_tui.ui.chartspec import View
from quadfit_tui.ui.views import fit

VIEWS: dict[str, View] = {"fit": fit.VIEW}
