"""The diagnosis on the screen: one line of it always, all of it on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.tasks.diagnosis_worker import Advice
from quadfit_tui.ui.widgets.diagnosis_line import FAILED, WORKING

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.rate_trials import RateTrial
    from quadfit_tui.core.session.snapshot import Snapshot


def trial_of(snapshot: Snapshot, advice: Advice) -> RateTrial | None:
    """The change to restart with, if the run goes wrong and there is one."""
    if advice.diagnosis is None:
        return None
    from quadfit_tui.core.diagnosis.diagnose import offered

    cure = offered(snapshot, advice.diagnosis, advice.remedy)
    return None if cure is None else cure.trial


def text(snapshot: Snapshot, advice: Advice) -> Content:
    """The page: headings and sentences, and whether there is more to come, or could not be."""
    if advice.diagnosis is None:
        return Content(f"{FAILED}: {advice.failed}" if advice.failed else WORKING)
    from quadfit_tui.core.diagnosis.advice import change, details
    from quadfit_tui.core.diagnosis.diagnose import offered

    cure = offered(snapshot, advice.diagnosis, advice.remedy)
    parts = [
        Content.assemble((heading, "bold $accent"), "\n", sentences)
        for heading, sentences in details(snapshot, advice.diagnosis, advice.pace, cure)
    ]
    if cure is not None and cure.trial is not None:
        restarts = f" restarts with {change(cure.trial)}, all else the same."
        parts.insert(0, Content.assemble(("Enter", "bold $accent"), restarts))
    if advice.pending:
        parts.append(Content("More is being worked out…"))
    if advice.failed:
        parts.append(Content(f"More could not be worked out: {advice.failed}"))
    return Content("\n\n").join(parts)


class DiagnosisPage(TextScreen):
    """Shows the diagnosis in full, and fills it in as more is known; Enter gives the change that works."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "retry", "Restart", priority=True)]

    def __init__(self, snapshot: Snapshot, advice: Advice) -> None:
        super().__init__("Diagnosis", text(snapshot, advice), keys="i,space")
        self._about = snapshot, advice

    def show(self, snapshot: Snapshot, advice: Advice) -> None:
        """Shows what is known at `snapshot` from now on."""
        said = text(snapshot, advice)
        if said != text(*self._about):
            self._body.update(said)  # which may not be on the screen yet, or no more
        self._about = snapshot, advice

    def action_retry(self) -> None:
        """Leaves for a run with the change that works, where there is one."""
        trial = trial_of(*self._about)
        if trial is not None:
            self.dismiss(trial)
