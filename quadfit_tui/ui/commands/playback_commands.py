"""The app's commands of playback: play and pause, steps, jumps, the speed."""

from __future__ import annotations

from collections.abc import Mapping

from quadfit_tui.core.session.playback import SPEEDS, Unit
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.training.position import START, Position
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.commands.commands import Action, Commands
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.scrubber import Scrubber

AT_THE_START = N_("This is the start of the run.")
AT_AN_END = N_("The run has ended: press r to restart, b to go back.")
DIVERGED = N_("The run has diverged: press r to restart, l for another rate, b to go back.")


class PlaybackCommands(Commands):
    """The commands of playback: play, pause, steps, jumps to a position, the speed."""

    def _set_speed(self, speed: int | None) -> None:
        """Sets the speed, in updates or epochs a second, and records it as a setting."""
        self.session.speed = speed
        self.record_setting("speed", next(name for name, value in SPEEDS.items() if value == speed))
        self.training.echo()

    def show_end_notice(self) -> None:
        """Notifies the user that the run has ended and which keys continue; called if a key cannot play it on."""
        self.app.show_notice(_(DIVERGED) if self.session.status is Status.DIVERGED else _(AT_AN_END))

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            "play_pause": self.action_play_pause,
            "step": self.action_step,
            "step_back": self.action_step_back,
            "jump": self.action_jump,
            "first": self.action_first,
            "last": self.action_last,
            "ask": self.action_ask,
            "go": self.action_go,
            "visit": self.action_visit,
            "unit": self.action_unit,
            "speed": self.action_speed,
            "next_speed": self.action_next_speed,
        }

    def action_play_pause(self) -> None:
        """Plays the run, or pauses it."""
        self.session.toggle()
        self.training.echo()

    @property
    def _is_at_start(self) -> bool:
        """Whether the session is at the start of the run, and not moving to another position."""
        snapshot = self.session.snapshot()
        return snapshot.position == START and snapshot.goal is None

    def action_step(self, unit: str) -> None:
        """Trains one update, or the rest of an epoch; what takes longer than a slice continues in the TrainingLoop."""
        self.session.step(Unit(unit))
        self.training.advance()

    def action_step_back(self, unit: str) -> None:
        """Moves back one update or epoch."""
        if self._is_at_start:
            self.app.show_notice(_(AT_THE_START))
        self.session.back(Unit(unit))
        self.training.advance()

    def action_jump(self, epochs: int) -> None:
        """Moves some epochs forward, or back if `epochs` is negative."""
        if epochs < 0 and self._is_at_start:
            self.app.show_notice(_(AT_THE_START))
        self.session.jump(epochs)
        self.training.advance()

    def action_first(self) -> None:
        """Moves to the start of the run."""
        if self._is_at_start:
            self.app.show_notice(_(AT_THE_START))
        self.session.first()
        self.training.advance()

    def action_last(self) -> None:
        """Moves to the newest position and scrolls the log to its end; a run that is there already plays on."""
        self.app.query_one(LogView).lines.move("end")
        self.session.last()
        self.training.advance()

    def action_ask(self) -> None:
        """Opens the field for a position to move to."""
        self.app.query_one(Scrubber).ask()

    async def action_go(self) -> None:
        """Moves to the position typed into the field; awaited at once, so that keys typed ahead act after it."""
        position = await self.app.query_one(Scrubber).read()
        if position is not None:
            self._seek(position)

    def action_visit(self, epoch: int, update: int) -> None:
        """Moves to a position on which the user clicked, in the scrubber or the log."""
        self._seek(Position(epoch, update))

    def _seek(self, position: Position) -> None:
        """Moves to a position, training up to it if necessary."""
        self.session.seek(*position)
        self.training.advance()

    def action_unit(self) -> None:
        """Switches between playing single updates and whole epochs."""
        self.session.unit = Unit.EPOCH if self.session.unit is Unit.UPDATE else Unit.UPDATE
        self.record_setting("unit", self.session.unit)
        self.training.echo()

    def action_speed(self, by: int) -> None:
        """Sets the next higher speed (`by` 1) or the next lower one (-1)."""
        present = _pace(self.session.speed)  # maybe none of SPEEDS, while a lesson shows a run
        others = [speed for speed in SPEEDS.values() if (_pace(speed) - present) * by > 0]
        if not others:
            self.app.show_notice(_("This is the highest speed.") if by > 0 else _("This is the lowest speed."))
            return
        self._set_speed(min(others, key=lambda speed: abs(_pace(speed) - present)))

    def action_next_speed(self) -> None:
        """Sets the next higher speed or, after the highest one, the lowest; called by a click on the speed."""
        present, speeds = _pace(self.session.speed), list(SPEEDS.values())
        self._set_speed(next((speed for speed in speeds if _pace(speed) > present), speeds[0]))


def _pace(speed: int | None) -> float:
    """Returns a speed as a number that can be compared; None, as fast as possible, is the largest, but finite."""
    return 1e9 if speed is None else speed
