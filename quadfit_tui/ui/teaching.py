"""Teaching: the interface by which lessons are plugged into the app; the app knows nothing else of them."""

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
    """The interface of lessons to the app; this base class does nothing, as in an app without lessons.

    Subclasses override what lessons change. Their methods named `action_…` are actions of the app, found by `action`.
    """

    waiting_message: Sequence[str] = ()  # what the run waits for, in full and in short; empty: nothing
    withheld: frozenset[str] = frozenset()  # facts of the run that a lesson hides: limit, forecast, remedy, optimum, …
    sections: ClassVar[dict[str, Sequence[Binding]]] = {}  # sections of the help page: keys on the main screen
    fields: ClassVar[dict[str, Sequence[BindingType]]] = {}  # sections of the help page: keys in a field
    is_projected = False  # whether a class reads the screen from a distance
    is_open = False  # whether a lesson is open
    delays_playback = False  # whether a chosen run waits for the answer to a question before it plays
    first_setting = ""  # the field with which the form opens if a lesson lets the student change that one
    drawing: Drawing | None = None  # the student's drawing of the expected curve
    has_pen = False  # whether keys draw that curve now
    is_typing = False  # whether the student types an answer
    cursor_offset: Offset | None = None  # position on the screen where the student reads

    def __init__(self, app: TerminalApp) -> None:
        self._app = app

    def action(self, name: str) -> Callable[..., object] | None:
        """Returns the method that performs an action, or None if lessons have no such action."""
        return getattr(self, f"action_{name}", None)

    def compose(self) -> Iterable[Widget]:
        """Returns the widgets to mount after those of the app."""
        return ()

    def keys(self, others: Sequence[Binding]) -> Sequence[Binding]:
        """Returns the key bindings of the app together with those of lessons, in their order of priority."""
        return others

    def on_app_ready(self) -> None:
        """Called after the first frame; opens the first lesson."""

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Called with each Snapshot that is shown; a lesson checks whether its task is fulfilled."""

    def state_of(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Whether an action is possible now; False: nothing to do; None: a lesson forbids it for the moment."""
        return True

    def explain(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002
        """Notifies the user why a lesson forbids an action; returns whether a lesson does."""
        return False

    def hint_for_key(self, key: str) -> str:  # noqa: ARG002
        """Returns a sentence about what a key without effect would do in the lesson; empty if nothing."""
        return ""

    def before_action(self, action: str) -> None:
        """Called before each action of the app; a lesson that covers the app makes room for it."""

    def scroll(self, where: str, others_can: bool) -> bool:  # noqa: ARG002
        """Scrolls the lesson's text, unless that fits or another page scrolls first; returns whether it did."""
        return False

    def saves_setting(self, setting: str) -> bool:  # noqa: ARG002
        """Whether a setting that changes now was changed by the user, not by a lesson, and must be saved."""
        return True

    def leave(self) -> None:
        """Called when the user exits the app; not if a signal ends it."""

    def stop(self) -> None:
        """Stops the threads of lessons; called when the app has exited."""

    def finish(self) -> str:
        """Writes pending records of the student's answers; returns a message about failures, or an empty text."""
        return ""

    async def action_lessons(self) -> None:
        """Notifies the user that there are no lessons."""
        self._app.show_notice(_("There are no lessons here."))
