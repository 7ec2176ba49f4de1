"""The page of the diagnosis, and the restart with what it recommends."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.tasks.diagnosis_worker import Findings
from quadfit_tui.ui.widgets.diagnosis_line import FAILED, WORKING


def diagnosis_text(snapshot: Snapshot, findings: Findings) -> Content:
    """Headings and sentences, and whether there is more to come, or could not be."""
    if findings.diagnosis is None:
        return Content(f"{FAILED}: {findings.failed}" if findings.failed else WORKING)
    from quadfit_tui.core.diagnosis.advice import change, details  # at the start nothing is known

    remedy = findings.remedy_at(snapshot)
    parts = [
        Content.assemble((heading, "bold $accent"), "\n", sentences)
        for heading, sentences in details(snapshot, findings.diagnosis, findings.forecast, remedy)
    ]
    if remedy is not None and remedy.trial is not None:
        restarts = f" restarts with {change(remedy.trial)}, all else the same."
        parts.insert(0, Content.assemble(("Enter", "bold $accent"), restarts))
    if findings.pending:
        parts.append(Content("More is being worked out…"))
    if findings.failed:
        parts.append(Content(f"More could not be worked out: {findings.failed}"))
    return Content("\n\n").join(parts)


class DiagnosisPage(TextScreen):
    """Shows the diagnosis in full, and fills it in as more is known; Enter gives the change that works."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "retry", "Restart", priority=True)]

    def __init__(self, snapshot: Snapshot, findings: Findings) -> None:
        super().__init__("Diagnosis", diagnosis_text(snapshot, findings), keys="i,space")
        self._about = snapshot, findings

    def show(self, snapshot: Snapshot, findings: Findings) -> None:
        """Shows what is known at `snapshot` from now on."""
        text = diagnosis_text(snapshot, findings)
        if text != diagnosis_text(*self._about):
            self._body.update(text)  # which may not be on the screen yet, or no more
        self._about = snapshot, findings

    def action_retry(self) -> None:
        """Leaves for a run with the change that works, where there is one."""
        snapshot, findings = self._about
        remedy = findings.remedy_at(snapshot)
        if remedy is not None and remedy.trial is not None:
            self.dismiss(remedy.trial)
