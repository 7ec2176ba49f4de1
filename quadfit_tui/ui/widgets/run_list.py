"""The list of the runs so far, below the form: the result of each, in the color of its curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip

from quadfit_tui.core.session.runs import MOST_EARLIER, Run
from quadfit_tui.core.session.verdict import state
from quadfit_tui.core.text.language import _, pgettext, pgettext_noop
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.text.width import cell_width, ellipsize, ljust, rjust
from quadfit_tui.core.training.position import display_moment
from quadfit_tui.ui.charts.spec import Role, run_roles
from quadfit_tui.ui.themes import COLORS
from quadfit_tui.ui.toolkit.line_widget import LineWidget

_USUAL_EPOCH = "99999"  # always has room, so that columns stand still while a run plays
_COLUMNS = (
    pgettext_noop("column", "run"),
    pgettext_noop("column", "epoch"),
    pgettext_noop("column", "mean loss"),
)  # the same as in the table of runs


class RunRow(NamedTuple):
    """A row of the list; `role`, whose color it has, is that of the run in charts, or None in the heading."""

    text: str
    role: Role | None = None


def run_rows(runs: Sequence[Run], present: int, width: int) -> list[RunRow]:
    """Formats the rows of the list, `width` columns wide: a heading, then the result of each run, newest first.

    The run with the number `present` is marked.
    """
    roles = run_roles(run.number for run in runs if run.number != present)
    number, epoch, mean_loss = (pgettext("column", name) for name in _COLUMNS)
    epochs, losses = [display_moment(run.position) for run in runs], [format_short(run.mean_loss) for run in runs]
    epoch_width = max(map(cell_width, (epoch, _USUAL_EPOCH, *epochs)))
    loss_width = max(map(cell_width, (mean_loss, *losses)))

    def row(lead: str, epoch: str, loss: str, state: str = "") -> str:
        text = f"{ljust(lead, 3)} {rjust(epoch, epoch_width)} {rjust(loss, loss_width)} {state}"
        return ellipsize(text.rstrip(), width)

    rows = []
    for run, done, loss in zip(runs, epochs, losses, strict=True):
        mark = ">" if run.number == present else " "
        text = row(f"{mark}{run.number:2d}", done, loss, state(run))
        rows.append(RunRow(text, roles.get(run.number, Role.FITTED)))
    return [RunRow(row(number, epoch, mean_loss)), *reversed(rows)]


class RunList(LineWidget):
    """The widget that lists the runs; it has room for all that are kept, and repaints only rows that change."""

    STYLES: ClassVar[dict[str, str]] = {"heading": "$text-muted", "run": "$foreground"}

    def __init__(self, has_colors: bool) -> None:
        super().__init__()
        self._has_colors = has_colors
        self.border_title = _("Runs")
        self._runs: Sequence[Run] = ()
        self._present = 0
        self._rows: list[RunRow] = []
        self._made_for = -1  # columns that the rows were made for

    def show(self, runs: Sequence[Run], present: int) -> None:
        """Shows these runs; `present` is the number of the present one."""
        self._runs, self._present = runs, present
        if not self.display:
            return
        before = self._rows
        self._make_rows()
        if len(before) != len(self._rows):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _make_rows(self) -> None:
        self._made_for = self.content_size.width
        self._rows = run_rows(self._runs, self._present, self._made_for)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """Returns the height: a row for each run that may be kept, so that nothing moves when there is one more."""
        return 1 + MOST_EARLIER + 1

    def render_line(self, y: int) -> Strip:
        """Renders one row; makes all rows first if the width is new, so that the first frame has them."""
        if self._made_for != self.content_size.width:
            self._make_rows()
        text, role = self._rows[y] if y < len(self._rows) else RunRow("")
        segments = [Segment(text, self.style_of("heading" if role is None else "run"))]
        if role is not None and self._has_colors:
            color = Style(color=Color.parse(self.app.theme_variables[COLORS[role]]).rich_color)
            segments = [Segment(text[:3], self.style_of("run") + color), Segment(text[3:], self.style_of("run"))]
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(""))
