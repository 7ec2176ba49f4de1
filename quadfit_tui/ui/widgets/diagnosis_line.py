"""The fourth line of the header: the diagnosis in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from quadfit_tui.ui.tasks.diagnosis_worker import Advice

if TYPE_CHECKING:
    from quadfit_tui.core.session.snapshot import Snapshot

# The advice itself is imported where there is some: at the start none is known.
WORKING = "the largest learning rate for this run is being worked out…"
FAILED = "the largest learning rate for this run could not be worked out"


def line(snapshot: Snapshot, advice: Advice, width: int) -> str:
    """The diagnosis at a moment, or that it is being worked out, or could not be."""
    if advice.diagnosis is None:
        return FAILED if advice.failed else WORKING
    from quadfit_tui.core.diagnosis.advice import one_line
    from quadfit_tui.core.diagnosis.diagnose import offered

    cure = offered(snapshot, advice.diagnosis, advice.remedy)
    return one_line(advice.diagnosis, snapshot.lr, cure, snapshot.status, width)


class DiagnosisLine(Widget):
    """Shows the line; repaints it when it changes."""

    def __init__(self) -> None:
        super().__init__()
        self._about: tuple[Snapshot, Advice] | None = None
        self._said = ""

    def show(self, snapshot: Snapshot, advice: Advice) -> None:
        """Shows what is known at `snapshot` from now on."""
        self._about = snapshot, advice
        self.set_class(_goes_wrong(snapshot, advice), "-alarm")
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def render(self) -> Content:
        return Content(self._said)

    def _paint(self) -> None:
        if self._about is not None:
            said = line(*self._about, self.content_size.width)
            if said != self._said:
                self._said = said
                self.refresh()


def _goes_wrong(snapshot: Snapshot, advice: Advice) -> bool:
    if advice.diagnosis is None:
        return False
    from quadfit_tui.core.diagnosis.diagnose import needs_remedy

    return needs_remedy(snapshot, advice.diagnosis)
