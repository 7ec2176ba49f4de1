"""The page that a notebook shows for a run, a sweep or a diagnosis: a table, and the chart of the fit of a run."""

from __future__ import annotations

from collections.abc import Mapping

from quadfit_tui.core.export.picture import svg_lines
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot


def html_page(rows: Mapping[str, str], snapshot: Snapshot | None = None) -> str:
    """Renders an HTML table of names and texts, and below it a snapshot's fit as `run --plot fit` draws it in SVG."""
    from html import escape  # a program that is no notebook needs none of these

    from quadfit_tui.ui.picture import SIZE_IN_FILE, picture
    from quadfit_tui.ui.themes import LIGHT, chart_colors, theme_variables
    from quadfit_tui.ui.views.scene import Scene

    cells = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items())
    table = f"<table>{''.join(cells)}</table>"
    if snapshot is None:
        return table
    scene = Scene(RunSession(snapshot.task), snapshot)
    chart = picture(scene, "fit", {}, SIZE_IN_FILE, chart_colors(theme_variables(LIGHT.name)))
    return "".join([table, *svg_lines(chart)])
