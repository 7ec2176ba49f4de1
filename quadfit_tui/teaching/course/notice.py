"""The sentences at the start of a lesson on who will read the answers."""

from __future__ import annotations

from quadfit_tui.core.files.readers import ReadAccess
from quadfit_tui.core.text.language import N_, _, paragraph
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.teaching.course.transcript import Transcript

UNGRADED = N_("Predictions are not graded.")
_RECORDED = {
    ReadAccess.GIVEN: N_("Your answers are recorded for your teacher."),
    ReadAccess.NOBODY: N_("Your answers are recorded for you alone."),
    ReadAccess.SOMEBODY: N_("Your answers are recorded."),
}


def notice(transcript: Transcript) -> str:
    """Returns the sentences at the start of a lesson: who will read the answers, and whether the record is damaged."""
    message = _(_RECORDED[transcript.readers]) if transcript.is_recorded else transcript.status_sentence
    if transcript.is_recorded and (name := transcript.student):
        message = _("Your answers are recorded for your teacher under the name {name}.").format(name=printable(name))
    return paragraph([message, transcript.damage, _(UNGRADED)])
