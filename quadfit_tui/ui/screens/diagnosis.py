"""DiagnosisPage: the page of the diagnosis, from which the user can restart with a change that it has tested."""

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
_KEYS = ("Enter", "s")  # the keys of the best change that was tested, and of the second one


def diagnosis_text(snapshot: Snapshot, findings: DiagnosisState, story: Sequence[NarratedSentence] = ()) -> Content:
    """Returns the text of the page: the narrator's `story`, the diagnosis with its offers, and what is pending."""
    lines = [labeled(ngettext("{n} epoch", "{n} epochs", sentence.epochs), sentence.full) for sentence in story]
    parts = [Content.assemble((_("So far"), "bold $accent"), "\n", "\n".join(lines))] if lines else []
    if findings.diagnosis is None:
        parts.append(Content(labeled(_(FAILED), findings.failed) if findings.failed else _(WORKING)))
        return Content("\n\n").join(parts)
    from quadfit_tui.core.diagnosis.wording.changes import change  # imported late: not needed at the start
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
    """Returns a sentence with the first mention of a key highlighted."""
    index = text.find(key)
    return Content(text) if index < 0 else Content(text).stylize("bold $accent", index, index + len(key))


class DiagnosisPage(TextScreen):
    """The page with the whole diagnosis, updated as results arrive; its result is the Trial to restart with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "retry(0)", N_("Restart"), priority=True),
        Binding("s", "retry(1)", N_("Restart with the other change"), priority=True),
    ]

    def __init__(self, snapshot: Snapshot, findings: DiagnosisState, story: Sequence[NarratedSentence] = ()) -> None:
        super().__init__(_("Diagnosis"), diagnosis_text(snapshot, findings, story), keys="i,space")
        self._about = snapshot, findings, story

    def show(self, snapshot: Snapshot, findings: DiagnosisState, story: Sequence[NarratedSentence] = ()) -> None:
        """Updates the page for another moment or new results."""
        text = diagnosis_text(snapshot, findings, story)
        if text != diagnosis_text(*self._about):
            self._body.update(text)  # the body may not be mounted yet, or no longer
        self._about = snapshot, findings, story
        self.refresh_bindings()

    @property
    def _trials(self) -> Sequence[Trial]:
        """The tested changes that the page offers, the best first."""
        snapshot, findings, _story = self._about
        remedy = findings.remedy_at(snapshot)
        return () if remedy is None else remedy.trials

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible now: a restart only if its change was tested."""
        return action != "retry" or parameters[0] in range(len(self._trials))

    def action_retry(self, which: int) -> None:
        """Closes the page with a tested change by its index, if there is one."""
        if which < len(self._trials):
            self.dismiss(self._trials[which])
