"""Narration: which of the Narrator's sentences about the current run is shown at which moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _, paragraph
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import DiagnosisState

if TYPE_CHECKING:
    from quadfit_tui.core.explain.narrated_epochs import NarratedSentence
    from quadfit_tui.core.explain.narrator import Narrator

_STANDS = 2  # seconds for which a sentence is shown, unless something goes wrong
_PASSING = ("grows", "swings")  # kinds that count as warnings for that time only, since a run may recover


class Narration:
    """The owner of the current run's Narrator, which it replaces when the run or its diagnosis changes.

    If `pauses` is set, it pauses a playing run on the user's own data once that comes to rest; `may_pause` returns
    whether that is allowed now.
    """

    def __init__(self, may_pause: Callable[[], bool]) -> None:
        self.pauses = False
        self._may_pause = may_pause
        self._narrator: Narrator | None = None
        self._about: tuple[object, ...] = ()  # the arguments of the present Narrator
        self._rested: set[int] = set()  # the numbers of runs that were paused at rest

    def sentences(self, session: RunSession, snapshot: Snapshot, findings: DiagnosisState) -> list[NarratedSentence]:
        """Returns all sentences about the run up to the present moment, for the page of the diagnosis."""
        # Imported late: at the start of the app nothing has happened yet.
        from quadfit_tui.core.explain.narrator import Narrator

        about = snapshot.task, findings.diagnosis, findings.withheld, session.earlier[-1:]
        if self._narrator is None or about != self._about:
            self._about = about
            self._narrator = Narrator(*about[:3], *about[3])
        self._narrator.read_epochs(session.timeline.history.curves())
        return self._narrator.up_to(snapshot.epoch)

    def current_sentence(
        self, session: RunSession, snapshot: Snapshot, findings: DiagnosisState
    ) -> tuple[NarratedSentence | None, bool]:
        """Returns the sentence to show at the present moment, or None, and whether it is new.

        Before the first update only a warning is new, and there is no sentence before the diagnosis is known.
        """
        is_ready = snapshot.status is Status.READY
        if is_ready and findings.diagnosis is None:
            return None, False
        from quadfit_tui.core.explain.narrated_epochs import LONG
        from quadfit_tui.core.explain.narrator import shown_at

        sentences, duration = self.sentences(session, snapshot, findings), _duration(session)
        if findings.is_paused_at_rest:  # it is paused, and earlier sentences need not be shown first
            rest = next(sentence for sentence in sentences if sentence.kind == "rest")
            in_full = paragraph([rest.full, _("Space goes on.")])
            return (rest._replace(full=in_full) if cell_width(in_full) <= LONG else rest), True
        sentence, since = shown_at(sentences, snapshot.epoch, duration)
        if sentence is None:
            return None, False
        is_new = snapshot.epoch - since <= duration
        if sentence.kind in _PASSING and not is_new:
            sentence = sentence._replace(warns=False)
        return sentence, sentence.warns or (not is_ready and (is_new or snapshot.status is Status.RUNNING))

    def pause_at_rest(self, session: RunSession, known: Callable[[Snapshot], DiagnosisState]) -> None:
        """Pauses a playing run that has come to rest, once for each run; called before each frame."""
        if not self.pauses or not session.plays:
            return
        snapshot = session.snapshot()
        if snapshot.number not in self._rested and self._rests(session, snapshot, known(snapshot)):
            session.pause()

    def with_rest(self, findings: DiagnosisState, session: RunSession, snapshot: Snapshot) -> DiagnosisState:
        """Returns the findings with `is_paused_at_rest` set for a run that is paused where it has come to rest."""
        rests = snapshot.status is Status.PAUSED and self._rests(session, snapshot, findings)
        if rests:
            self._rested.add(snapshot.number)
        return findings._replace(is_paused_at_rest=rests)

    def _rests(self, session: RunSession, snapshot: Snapshot, findings: DiagnosisState) -> bool:
        """Whether a run on the user's own data may be paused, and is known to have come to rest by this moment."""
        if not self.pauses or findings.diagnosis is None or snapshot.problem.truth is not None or not self._may_pause():
            return False
        return any(sentence.kind == "rest" for sentence in self.sentences(session, snapshot, findings))


def _duration(session: RunSession) -> float:
    """Returns for how many epochs a sentence is shown at the present speed; 0 at the highest one."""
    if session.speed is None:
        return 0
    updates = session.timeline.task.updates_per_epoch if session.unit is Unit.UPDATE else 1
    return _STANDS * session.speed / updates
