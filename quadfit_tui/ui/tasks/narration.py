"""Narration: the sentence that is in sight of the run that is visited, of all that its Narrator tells."""

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

_STANDS = 2  # seconds for which a sentence stays in sight, unless something goes wrong
_PASSING = ("grows", "swings")  # kinds that warn for as long, since a run may recover


class Narration:
    """Keeps the Narrator of the present run; begins anew where the run, or what is known of it, is another one.

    If it `pauses`, a run of own data that comes to rest is paused, once; `may_pause` is asked whether that may be now.
    """

    def __init__(self, may_pause: Callable[[], bool]) -> None:
        self.pauses = False
        self._may_pause = may_pause
        self._narrator: Narrator | None = None
        self._about: tuple[object, ...] = ()
        self._rested: set[int] = set()  # the numbers of runs that have come to rest and stood still

    def sentences(self, session: RunSession, snapshot: Snapshot, findings: DiagnosisState) -> list[NarratedSentence]:
        """All that was told up to the visited moment."""
        # Not at the start of the app, where nothing has happened yet.
        from quadfit_tui.core.explain.narrator import Narrator

        about = snapshot.task, findings.diagnosis, findings.withheld, session.earlier[-1:]
        if self._narrator is None or about != self._about:
            self._about = about
            self._narrator = Narrator(*about[:3], *about[3])
        self._narrator.hear(session.timeline.history.curves())
        return self._narrator.up_to(snapshot.epoch)

    def at(
        self, session: RunSession, snapshot: Snapshot, findings: DiagnosisState
    ) -> tuple[NarratedSentence | None, bool]:
        """The sentence of the visited moment, and whether it is new; None where nothing was told.

        Before the first update only what warns is new, and nothing is told before anything is known of the run.
        """
        is_ready = snapshot.status is Status.READY
        if is_ready and findings.diagnosis is None:
            return None, False
        from quadfit_tui.core.explain.narrated_epochs import LONG
        from quadfit_tui.core.explain.narrator import shown_at

        told, stands = self.sentences(session, snapshot, findings), _stands(session)
        if findings.rests:  # it stands still, and no sentence before this one is to be waited for
            rest = next(sentence for sentence in told if sentence.kind == "rest")
            in_full = paragraph([rest.full, _("Space goes on.")])
            return (rest._replace(full=in_full) if cell_width(in_full) <= LONG else rest), True
        shown, since = shown_at(told, snapshot.epoch, stands)
        if shown is None:
            return None, False
        is_new = snapshot.epoch - since <= stands
        if shown.kind in _PASSING and not is_new:
            shown = shown._replace(warns=False)
        return shown, shown.warns or (not is_ready and (is_new or snapshot.status is Status.RUNNING))

    def pause_at_rest(self, session: RunSession, known: Callable[[Snapshot], DiagnosisState]) -> None:
        """Pauses a run that plays and has come to rest; not again, once it has stood still there."""
        if not self.pauses or not session.plays:
            return
        snapshot = session.snapshot()
        if snapshot.number not in self._rested and self._rests(session, snapshot, known(snapshot)):
            session.pause()

    def with_rest(self, findings: DiagnosisState, session: RunSession, snapshot: Snapshot) -> DiagnosisState:
        """The findings, with whether the run stands still at a moment at which it has come to rest."""
        rests = snapshot.status is Status.PAUSED and self._rests(session, snapshot, findings)
        if rests:
            self._rested.add(snapshot.number)
        return findings._replace(rests=rests)

    def _rests(self, session: RunSession, snapshot: Snapshot, findings: DiagnosisState) -> bool:
        """Whether a run of own data that may be paused has come to rest by a moment, as far as it is known."""
        if not self.pauses or findings.diagnosis is None or snapshot.problem.truth is not None or not self._may_pause():
            return False
        return any(sentence.kind == "rest" for sentence in self.sentences(session, snapshot, findings))


def _stands(session: RunSession) -> float:
    """For how many epochs a sentence stays in sight at the present speed; 0 where there is no time."""
    if session.speed is None:
        return 0
    updates = session.timeline.task.updates_per_epoch if session.unit is Unit.UPDATE else 1
    return _STANDS * session.speed / updates
