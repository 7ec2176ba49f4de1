"""Teaching: all that the app asks of whoever teaches on it; of lessons, their pane and their keys it knows no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.widget import Widget

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import _
from quadfit_tui.ui.terminal.terminal_app import TerminalApp
from quadfit_tui.ui.views.scene import Drawing


class Teaching:
    """Nobody teaches: the run is the user's alone. Whoever does overrides what differs by that.

    Its methods named `action_…` are actions of the app, as those of the app itself are: `action` finds them.
    """

    waits_for: Sequence[str] = ()  # what the run waits for, in full and in short: nothing tells how it goes on
    withheld: frozenset[str] = frozenset()  # what is not to be told of the run: limit, forecast, remedy, optimum, …
    sections: ClassVar[dict[str, Sequence[Binding]]] = {}  # of the help page: keys on the main screen
    fields: ClassVar[dict[str, Sequence[BindingType]]] = {}  # and in a field
    is_projected = False  # whether a class reads the screen, from far away
    is_open = False  # whether something is taught now
    asks_first = False  # whether a run that is chosen waits, since something is asked about it before it plays
    first_setting = ""  # the field that the settings are opened at, where one is what there is to change
    drawing: Drawing | None = None  # what is drawn of the run that is expected
    has_pen = False  # whether keys draw it
    is_typing = False  # whether a question has the keys
    cursor_offset: Offset | None = None  # where on the screen somebody reads

    def __init__(self, app: TerminalApp) -> None:
        self._app = app

    def action(self, name: str) -> Callable[..., object] | None:
        """What does an action; None where it is not one of whoever teaches."""
        return getattr(self, f"action_{name}", None)

    def compose(self) -> Iterable[Widget]:
        """The widgets behind those of the app."""
        return ()

    def keys(self, others: Sequence[Binding]) -> Sequence[Binding]:
        """The keys of the app with its own among them."""
        return others

    def on_app_ready(self) -> None:
        """Begins, as soon as the first picture is there."""

    def watch(self, snapshot: Snapshot) -> None:
        """Is told of each moment that is shown."""

    def state_of(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Whether an action can be done now: False where there is nothing to do, None where it is held back."""
        return True

    def explain(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Tells why an action is held back; whether it is by whoever teaches."""
        return False

    def meant(self, key: str) -> str:  # noqa: ARG002
        """What a key that does nothing here may have been meant for, in a sentence; empty where it is for nothing."""
        return ""

    def before(self, action: str) -> None:
        """Is told of an action of the app that is done next."""

    def scroll(self, where: str, others_can: bool) -> bool:  # noqa: ARG002
        """Scrolls its text, if it has more than room, and what else can be scrolled does not come first."""
        return False

    def keeps(self, setting: str) -> bool:  # noqa: ARG002
        """Whether a setting that is changed now is the user's, to be kept for another time."""
        return True

    def leave(self) -> None:
        """Is told that the app is left in order."""

    def stop(self) -> None:
        """Ends its threads."""

    def finish(self) -> str:
        """Has all be written that is to be kept; tells of what cannot be."""
        return ""

    async def action_lessons(self) -> None:
        """Tells that there are none."""
        self._app.show_notice(_("There are no lessons here."))
