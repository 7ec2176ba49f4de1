"""The page of the diagnosis, and the restart with a change that it has tested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, labeled, ngettext
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState

if TYPE_CHECKING:
    from quadfit_tui.core.diagnosis.trials import Trial
    from quadfit_tui.core.explain.narrated_epochs import NarratedSentence

WORKING = N_("computing the limit of the learning rate…")
FAILED = N_("the limit of the learning rate could not be computed")
_KEYS = ("Enter", "s")  # of the best change that was tested, and of the other one


def diagnosis_text(snapshot: Snapshot, findings: DiagnosisState, told: Sequence[NarratedSentence] = ()) -> Content:
    """What the narrator has told, headings and sentences of the diagnosis, whether there is more, or could not be."""
    story = [labeled(ngettext("{n} epoch", "{n} epochs", sentence.epochs), sentence.full) for sentence in told]
    parts = [Content.assemble((_("So far"), "bold $accent"), "\n", "\n".join(story))] if story else []
    if findings.diagnosis is None:
        parts.append(Content(labeled(_(FAILED), findings.failed) if findings.failed else _(WORKING)))
        return Content("\n\n").join(parts)
    from quadfit_tui.core.diagnosis.wording.changes import change  # at the start nothing is known
    from quadfit_tui.core.explain.diagnosis_page import diagnosis_page

    remedy = findings.remedy_at(snapshot)
    first = len(parts) + 1
    parts += [
        Content.assemble((heading, "bold $accent"), "\n", sentences)
        for heading, sentences in diagnosis_page(
            snapshot, findings.diagnosis, findings.forecast, remedy, findings.withheld
        )
    ]
    offers = [
        _with_key(
            key, _("{key} restarts with {change}, everything else unchanged.").format(key=key, change=change(trial))
        )
        for key, trial in zip(_KEYS, () if remedy is None else remedy.trials, strict=False)
    ]
    if offers:
        parts.insert(first, Content("\n").join(offers))
    if findings.pending:
        parts.append(Content(_("Still computing…")))
    if findings.failed:
        parts.append(Content(_("The rest could not be computed: {why}").format(why=findings.failed)))
    return Content("\n\n").join(parts)


def _with_key(key: str, text: str) -> Content:
    """A sentence about a key, which stands out where it is named first."""
    at = text.find(key)
    return Content(text) if at < 0 else Content(text).stylize("bold $accent", at, at + len(key))


class DiagnosisPage(TextScreen):
    """Shows the diagnosis in full, and fills it in as more is known; Enter gives the change that works best."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "retry(0)", N_("Restart"), priority=True),
        Binding("s", "retry(1)", N_("Restart with the other change"), priority=True),
    ]

    def __init__(self, snapshot: Snapshot, findings: DiagnosisState, told: Sequence[NarratedSentence] = ()) -> None:
        super().__init__(_("Diagnosis"), diagnosis_text(snapshot, findings, told), keys="i,space")
        self._about = snapshot, findings, told

    def show(self, snapshot: Snapshot, findings: DiagnosisState, told: Sequence[NarratedSentence] = ()) -> None:
        """Shows what is known at `snapshot` from now on."""
        text = diagnosis_text(snapshot, findings, told)
        if text != diagnosis_text(*self._about):
            self._body.update(text)  # which may not be on the screen yet, or no more
        self._about = snapshot, findings, told
        self.refresh_bindings()

    @property
    def _trials(self) -> Sequence[Trial]:
        snapshot, findings, _told = self._about
        remedy = findings.remedy_at(snapshot)
        return () if remedy is None else remedy.trials

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers a restart for each change that was tested."""
        return action != "retry" or parameters[0] in range(len(self._trials))

    def action_retry(self, which: int) -> None:
        """Leaves for a run with a change that was tested, where there are so many."""
        if which < len(self._trials):
            self.dismiss(self._trials[which])
