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
DIVERGED = N_("The run has diverged: press r to restart, l to try another learning rate, b to go back.")


class PlaybackCommands(Commands):
    """Plays, pauses and visits."""

    def _take_speed(self, speed: int | None) -> None:
        self.session.speed = speed
        self.record_setting("speed", next(name for name, each in SPEEDS.items() if each == speed))
        self.training.echo()

    def tell_end(self) -> None:
        """Says of a run that has ended what leads on."""
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
        """Plays or pauses."""
        self.session.toggle()
        self.training.echo()

    @property
    def _is_at_start(self) -> bool:
        """Whether the start of the run is visited, and it is not on its way elsewhere."""
        snapshot = self.session.snapshot()
        return snapshot.position == START and snapshot.goal is None

    def action_step(self, unit: str) -> None:
        """Does one update or the rest of an epoch; what takes longer than a slice goes on in the worker."""
        self.session.step(Unit(unit))
        self.training.advance()

    def action_step_back(self, unit: str) -> None:
        """Goes back one update or epoch."""
        if self._is_at_start:
            self.app.show_notice(_(AT_THE_START))
        self.session.back(Unit(unit))
        self.training.advance()

    def action_jump(self, epochs: int) -> None:
        """Goes some epochs forward, or back."""
        if epochs < 0 and self._is_at_start:
            self.app.show_notice(_(AT_THE_START))
        self.session.jump(epochs)
        self.training.advance()

    def action_first(self) -> None:
        """Goes to the start of the run."""
        if self._is_at_start:
            self.app.show_notice(_(AT_THE_START))
        self.session.first()
        self.training.advance()

    def action_last(self) -> None:
        """Goes to the newest position, and follows the log; a run that is there plays on."""
        self.app.query_one(LogView).lines.move("end")
        self.session.last()
        self.training.advance()

    def action_ask(self) -> None:
        """Asks for a position to go to."""
        self.app.query_one(Scrubber).ask()

    async def action_go(self) -> None:
        """Goes to the position that was asked for; done here and now, so that keys typed ahead come after it."""
        position = await self.app.query_one(Scrubber).read()
        if position is not None:
            self._seek(position)

    def action_visit(self, epoch: int, update: int) -> None:
        """Goes to a position that was pointed to."""
        self._seek(Position(epoch, update))

    def _seek(self, position: Position) -> None:
        self.session.seek(*position)
        self.training.advance()

    def action_unit(self) -> None:
        """Plays single updates instead of whole epochs, or the other way round."""
        self.session.unit = Unit.EPOCH if self.session.unit is Unit.UPDATE else Unit.UPDATE
        self.record_setting("unit", self.session.unit)
        self.training.echo()

    def action_speed(self, by: int) -> None:
        """Takes the next or the previous speed."""
        present = _pace(self.session.speed)  # which need not be one of the table, while a lesson shows a run
        others = [speed for speed in SPEEDS.values() if (_pace(speed) - present) * by > 0]
        if not others:
            self.app.show_notice(_("This is the highest speed.") if by > 0 else _("This is the lowest speed."))
            return
        self._take_speed(min(others, key=lambda speed: abs(_pace(speed) - present)))

    def action_next_speed(self) -> None:
        """Takes the next speed or, after the highest one, the lowest."""
        present, speeds = _pace(self.session.speed), list(SPEEDS.values())
        self._take_speed(next((speed for speed in speeds if _pace(speed) > present), speeds[0]))


def _pace(speed: int | None) -> float:
    """A speed as a number to compare; as fast as it goes is faster than any other, by a finite number."""
    return 1e9 if speed is None else speed
