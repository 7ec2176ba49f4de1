"""The facts of the run below the form: its samples, its limit, its optimum, and what the runs so far came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip

from quadfit_tui.core.config.value_types import Vector
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import misled
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import columns, left, right, shortened
from quadfit_tui.core.training.position import moment
from quadfit_tui.ui.charts.spec import Role, run_roles
from quadfit_tui.ui.tasks.diagnosis_worker import Findings
from quadfit_tui.ui.themes import COLORS
from quadfit_tui.ui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.diagnose import Diagnosis

_FOUND = ("limit of lr", "condition number", "optimum", "its mean loss")
_ROOM = 26  # columns beside the longest name of three numbers
_DIGITS = ((4, ", "), (3, ", "), (2, ", "), (2, ","))
_RUNS = "run   epoch mean loss"  # what stands above them, as in their table


class Line(NamedTuple):
    """A fact with its name, or a run; `role` is the run's in the charts, whose color it has here, too."""

    name: str
    text: str
    role: Role | None = None


def fact_lines(snapshot: Snapshot, findings: Findings) -> list[Line]:
    """What is known of a run beforehand, each with its name; … stands for what is still being worked out."""
    diagnosis = findings.diagnosis
    found, names = ["–" if findings.failed else "…"] * len(_FOUND), _FOUND
    if diagnosis is not None:  # all of it is worked out in its thread: of many samples, each takes long
        name, limit = _limit(snapshot, diagnosis)
        found = [limit, short(diagnosis.condition), briefly(diagnosis.optimum), short(diagnosis.least)]
        names = name, *_FOUND[1:]
    problem = snapshot.problem
    samples = f"{len(problem.x)} ({len(problem.left_out)} left out)" if problem.left_out else str(len(problem.x))
    return [Line("samples", samples), *map(Line, names, found)]


def _limit(snapshot: Snapshot, diagnosis: Diagnosis) -> tuple[str, str]:
    """The limit of the learning rate with its name, as the line of the diagnosis has both."""
    from quadfit_tui.core.diagnosis.rate_comparison import beside  # at the start nothing is known
    from quadfit_tui.core.diagnosis.stability import LimitBasis

    limit = diagnosis.limit
    if limit.rate is None:
        return _FOUND[0], "not known" if OPTIMIZERS[snapshot.config.optimizer].is_affine else "none"
    name = _FOUND[0] if diagnosis.window is None else f"first {_FOUND[0]}"
    return "safe rate" if limit.basis is LimitBasis.SAFE else name, beside(snapshot.lr, limit.rate, limit.basis)[1]


def briefly(w: Vector) -> str:
    """Three numbers, in as many digits as there is room for: half of one would be read as another one."""
    choices = [between.join(f"{value:.{digits}g}" for value in w) for digits, between in _DIGITS]
    return next((text for text in choices if len(text) <= _ROOM), choices[-1])


def run_lines(runs: Sequence[Run], present: int) -> list[Line]:
    """What each run has come to, the newest one first; the present one is marked."""
    roles = run_roles(run.number for run in runs if run.number != present)
    rows = [
        Line(
            "",
            f"{'>' if run.number == present else ' '}{run.number:2d} {right(moment(run.position), 7)} "
            f"{right(short(run.mean_loss), 9)}  {'stopped' if misled(run) else run.status}",
            roles.get(run.number, Role.FITTED),
        )
        for run in reversed(runs)
    ]
    return [Line(_RUNS, ""), *rows]


class Facts(LineWidget):
    """Shows the facts; repaints the lines that change."""

    GROUP = "facts"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"facts--name", "facts--value", "facts--run"}

    def __init__(self, has_colors: bool) -> None:
        super().__init__()
        self._has_colors = has_colors
        self.border_title = "Facts"
        self._about: tuple[Snapshot, Findings, Sequence[Run]] | None = None
        self._lines: list[Line] = []

    def show(self, snapshot: Snapshot, findings: Findings, runs: Sequence[Run]) -> None:
        """Shows what is known from now on."""
        self._about = snapshot, findings, runs
        if not self.display:
            return
        before, self._lines = self._lines, self._made()
        if len(before) != len(self._lines):
            self.refresh(layout=True)
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._lines, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _made(self) -> list[Line]:
        if self._about is None:
            return []
        snapshot, findings, runs = self._about
        return [*fact_lines(snapshot, findings), *run_lines(runs, snapshot.number)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's
        """A row for each line, made here: a screen that has become large enough is to have them at once."""
        self._lines = self._made()
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line: a fact with its name, or a run."""
        name, text, role = self._lines[y] if y < len(self._lines) else Line("", "")
        width = self.size.width - columns(text)  # at the right end, where a long one is in line with the others, too
        segments = [Segment(left(shortened(name, width - 1), width), self.style_of("name"))] if name else []
        segments.append(Segment(text, self.style_of("value" if name else "run")))
        if role is not None and self._has_colors:
            color = Style(color=Color.parse(self.app.theme_variables[COLORS[role]]).rich_color)
            segments = [Segment(text[:3], self.style_of("run") + color), Segment(text[3:], self.style_of("run"))]
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(""))
