"""Narration: the sentence that is in sight of the run that is visited, of all that its Narrator tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.tasks.diagnosis_worker import Findings

if TYPE_CHECKING:
    from quadfit_tui.core.explain.narrated_epochs import Sentence
    from quadfit_tui.core.explain.narrator import Narrator

_STANDS = 2  # seconds for which a sentence stays in sight, unless something goes wrong
_PASSING = ("grows", "swings")  # kinds that warn for as long, since a run may recover


class Narration:
    """Keeps the Narrator of the present run; begins anew where the run, or what is known of it, is another one.

    `pauses` says whether a run of own data that has come to rest is to be paused, which it is once.
    """

    def __init__(self) -> None:
        self.pauses: Callable[[], bool] = lambda: False
        self._narrator: Narrator | None = None
        self._about: tuple[object, ...] = ()
        self._rested: Task | None = None  # the run that was paused

    def told(self, session: Session, snapshot: Snapshot, findings: Findings) -> list[Sentence]:
        """All that was told up to the visited moment."""
        # Not at the start of the app, where nothing has happened yet.
        from quadfit_tui.core.explain.narrator import Narrator

        about = snapshot.task, findings.diagnosis, findings.held, session.earlier[-1:]
        if self._narrator is None or about != self._about:
            self._about = about
            self._narrator = Narrator(*about[:3], *about[3])
        self._narrator.hear(session.timeline.history.curves())
        return self._narrator.up_to(snapshot.epoch)

    def at(self, session: Session, snapshot: Snapshot, findings: Findings) -> tuple[Sentence | None, bool]:
        """The sentence of the visited moment, and whether it is new; None where nothing was told.

        Before the first update only what warns is new, and nothing is told before anything is known of the run.
        """
        is_ready = snapshot.status is Status.READY
        if is_ready and findings.diagnosis is None:
            return None, False
        from quadfit_tui.core.explain.narrator import shown_at

        told, stands = self.told(session, snapshot, findings), _stands(session)
        if findings.rests:  # an end, which waits for nothing
            return next(sentence for sentence in told if sentence.kind == "rest"), True
        shown, since = shown_at(told, snapshot.epoch, stands)
        if shown is None:
            return None, False
        is_new = snapshot.epoch - since <= stands
        if shown.kind in _PASSING and not is_new:
            shown = shown._replace(warns=False)
        return shown, shown.warns or (not is_ready and (is_new or snapshot.status is Status.RUNNING))

    def pause_at_rest(self, session: Session, known: Callable[[Snapshot], Findings]) -> None:
        """Pauses a run of own data that plays and has come to rest, unless it was paused before."""
        if not session.plays or session.timeline.task.problem.truth is not None or not self.pauses():
            return
        snapshot = session.snapshot()
        if self._rested is not snapshot.task and self._rests(session, snapshot, known(snapshot)):
            self._rested = snapshot.task
            session.pause()

    def with_rest(self, findings: Findings, session: Session, snapshot: Snapshot) -> Findings:
        """The findings, and whether the visited moment is one at which the run has come to rest, and was paused."""
        is_paused = self._rested is snapshot.task and snapshot.status is Status.PAUSED
        return findings._replace(rests=is_paused and self._rests(session, snapshot, findings))

    def _rests(self, session: Session, snapshot: Snapshot, findings: Findings) -> bool:
        told = [] if findings.diagnosis is None else self.told(session, snapshot, findings)
        return any(sentence.kind == "rest" for sentence in told)


def _stands(session: Session) -> float:
    """For how many epochs a sentence stays in sight at the present speed; 0 where there is no time."""
    if session.speed is None:
        return 0
    updates = session.timeline.task.updates_per_epoch if session.unit is Unit.UPDATE else 1
    return _STANDS * session.speed / updates
