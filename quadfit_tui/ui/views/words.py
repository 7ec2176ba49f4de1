"""The view *words*: the run in sentences, as `run --format spoken` writes them, the newest last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from quadfit_tui.core.text.language import noted
from quadfit_tui.ui.charts.spec import Role, StyledRow, TextPage
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import View, Words

if TYPE_CHECKING:
    from quadfit_tui.core.export.run_speech import RunSpeech
    from quadfit_tui.core.training.timeline import Timeline

_COLON = re.compile(": |：")
# What was said of each run, so that it stays as it was. It hears the curves: of a run of more than some thousand epochs
# these may have been thinned before anybody looked, which keeps the lowest and the highest losses.
_speeches: WeakKeyDictionary[Timeline, RunSpeech] = WeakKeyDictionary()


def draw(scene: Scene, words: Words) -> TextPage:  # noqa: ARG001  every view has one signature
    """The events of the run up to the visited moment; where it rests, how it ended or stands."""
    lines = _speech(scene).until(scene.snapshot, scene.limit, "optimum" not in scene.held)
    return TextPage(tuple(_row(line) for line in lines), ends_in_sight=True)


def _speech(scene: Scene) -> RunSpeech:
    # Not at the start of the app: all views are there, and only this one needs it.
    from quadfit_tui.core.export.run_speech import RunSpeech

    timeline = scene.session.timeline
    speech = _speeches.get(timeline)
    if speech is None:
        speech = _speeches[timeline] = RunSpeech(timeline.task)
    curves = scene.curves
    new = slice(int(curves.epochs.searchsorted(speech.heard, side="right")), None)
    speech.hear(curves.epochs[new].tolist(), curves.values["mean_loss"][new].tolist())
    return speech


def _row(text: str) -> StyledRow:
    colon = _COLON.search(text)  # behind the time
    at = colon.end() if colon else 0
    return StyledRow(text, Role.TITLE * at + Role.TEXT * (len(text) - at))


VIEW = View(
    draw,
    summary=noted("the run in words"),
    reading=noted(
        "What happened in the run and when, in sentences, the newest last: each new power of ten of the lowest mean "
        "loss, each rise of more than 5 %, each halving of the learning rate, and how it ended. What happens within a "
        "few epochs is told together. A screen reader says all of it; quadfit-tui run --format spoken writes the same "
        "without the app."
    ),
    options={},
    is_page=True,
)
