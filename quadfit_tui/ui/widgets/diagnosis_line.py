"""The line below the header: the diagnosis of the run in one line."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.tasks.diagnosis_worker import Findings

WORKING = "computing the limit of the learning rate…"
HIDDEN = "the limit and the forecast are hidden until you have answered"
FAILED = "the limit of the learning rate could not be computed"


def diagnosis_line(snapshot: Snapshot, findings: Findings, width: int) -> str:
    """The diagnosis at a moment, or that it is being worked out, or could not be."""
    if findings.diagnosis is None:
        return FAILED if findings.failed else WORKING
    from quadfit_tui.core.diagnosis.one_line import one_line  # at the start nothing is known

    remedy = findings.remedy_at(snapshot)
    return one_line(findings.diagnosis, snapshot.lr, remedy, snapshot.status, width)


class DiagnosisLine(Widget):
    """Shows the line; repaints it when it changes."""

    def __init__(self) -> None:
        super().__init__()
        self._about: tuple[Snapshot, Findings] | None = None
        self._line = ""

    def show(self, snapshot: Snapshot, findings: Findings) -> None:
        """Shows what is known at `snapshot` from now on."""
        self._about = snapshot, findings
        self.set_class(findings.warns_at(snapshot), "-alarm")
        self._update()

    def hide(self) -> None:
        """Shows nothing that is known, until `show` does."""
        self._about = None
        self.set_class(False, "-alarm")
        self._put(HIDDEN)

    def on_resize(self) -> None:
        self._update()

    def render(self) -> Content:
        return Content(self._line)

    async def on_click(self) -> None:
        """Shows the diagnosis in full; where a field is in use, a click beside it leaves it, and that is all."""
        if self.screen.focused is None:
            await self.run_action("app.diagnose")

    def _update(self) -> None:
        if self._about is not None:
            self._put(diagnosis_line(*self._about, self.content_size.width))

    def _put(self, line: str) -> None:
        if line != self._line:
            self._line = line
            self.refresh()
