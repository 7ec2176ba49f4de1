"""AnimationFile: writes a view of each epoch of a run, or of some of them, to a file as an animation."""

from __future__ import annotations

import os
from collections.abc import Callable

from quadfit_tui.core.export.animation import SvgAnimation
from quadfit_tui.core.export.log_file import PIECE, RunFile
from quadfit_tui.core.export.picture import Picture
from quadfit_tui.core.model.incremental_job import JobSteps
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.training.position import START, Position, format_moment, parse_moment

MOST_FRAMES = 200
FRAMES_A_SECOND = 10  # equal to the default speed of playback
_LAST = 2.0  # duration of the last frame in seconds


class RangeError(ValueError):
    """Raised if the run was not trained between the two moments of a range."""


class AnimationFile(RunFile):
    """A job that writes the pictures that `draw` makes of a run at the ends of its epochs, MOST_FRAMES at most.

    They cover all trained epochs, or those between two `moments`, such as "start" and "14"; raises RangeError.
    """

    def __init__(
        self,
        path: str,
        draw: Callable[[RunSession], Picture],
        session: RunSession,
        moments: tuple[str, str] | None = None,
        *,
        overwrites: bool = False,
    ) -> None:
        first, last = _between(moments, session) if moments else (START, session.timeline.newest)
        super().__init__(path, session, overwrites=overwrites)
        self._draw = draw
        self._newest = session.timeline.newest
        self.epochs = last.epoch
        self._stops = stops(first, last)
        begins = [number / FRAMES_A_SECOND for number in range(len(self._stops))]
        self._animation = SvgAnimation([*begins, begins[-1] + _LAST])
        self._bytes = 0

    def _content(self) -> JobSteps[None]:
        for stop in self._stops:
            while self._again.is_busy and (self._again.timeline.position < stop or stop == self._newest):
                self._again.advance(PIECE, max(1, stop.epoch - self.done))
                yield self.done / max(1, self.epochs)
            self._animation.add_frame(self._draw(self._again))
            yield self.done / max(1, self.epochs)
        lines = self._animation.end()
        self._file.write(lines)
        self._bytes = sum(len(os.fsencode(line)) + 1 for line in lines)

    @property
    def size_message(self) -> str:
        size = f"{max(1, round(self._bytes / 1000)):,}"
        return ngettext("{n} frame, {size} KB", "{n} frames, {size} KB", len(self._stops), size=size)


def _between(moments: tuple[str, str], session: RunSession) -> tuple[Position, Position]:
    """Parses the two moments of a range; raises RangeError if the run was not trained between them."""
    epochs, per_epoch = session.timeline.newest.epoch, session.timeline.task.updates_per_epoch
    try:
        first, last = (parse_moment(text, epochs, per_epoch) for text in moments)
    except ValueError:
        first = last = START
    if not first < last:
        template = _("{range} is no range of the epochs trained so far; allowed: epochs such as {example}")
        if not epochs:
            template = _(
                "{range} is no range of the epochs trained so far; allowed: none before the first epoch is done"
            )
        raise RangeError(
            template.format(range=quoted("-".join(moments)), example=f"{format_moment(START)}-{epochs - 1}")
        )
    return first, last


def stops(first: Position, last: Position) -> list[Position]:
    """Returns the moments of the frames: the ends of all epochs, or at most MOST_FRAMES of them, evenly chosen."""
    epochs = last.epoch - first.epoch
    steps = min(epochs, MOST_FRAMES - 1 - bool(last.update))
    positions = [Position(first.epoch + step * epochs // max(1, steps), 0) for step in range(steps + 1)]
    return [*positions, last] if last.update else positions
