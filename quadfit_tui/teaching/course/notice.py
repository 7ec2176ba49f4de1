"""What is said when a lesson begins: who will read the answers."""

from __future__ import annotations

from quadfit_tui.core.files.readers import Readers
from quadfit_tui.core.text.language import _, noted, paragraph
from quadfit_tui.core.text.quoting import printable
from quadfit_tui.teaching.course.transcript import Transcript

UNGRADED = noted("Predictions are not graded.")
_RECORDED = {
    Readers.GIVEN: noted("Your answers are recorded for your teacher."),
    Readers.NOBODY: noted("Your answers are recorded for you alone."),
    Readers.SOMEBODY: noted("Your answers are recorded."),
}


def notice(transcript: Transcript) -> str:
    """Who will read what is recorded in a transcript, and what of it is damaged."""
    told = _(_RECORDED[transcript.readers]) if transcript.is_recorded else transcript.told
    if transcript.is_recorded and (name := transcript.student):
        told = _("Your answers are recorded for your teacher under the name {name}.").format(name=printable(name))
    return paragraph([told, transcript.damage, _(UNGRADED)])
