"""The app's commands of views: which one is shown and how, what is copied of it, and what scrolls."""

from __future__ import annotations

from collections.abc import Callable

from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.tasks.training_loop import TrainingLoop
from quadfit_tui.ui.teaching import Teaching
from quadfit_tui.ui.terminal.terminal_app import TerminalApp, spelled
from quadfit_tui.ui.views import OPTIONS, views_with
from quadfit_tui.ui.views.update import copy
from quadfit_tui.ui.widgets.log import LogView
from quadfit_tui.ui.widgets.panes import Panes


class ViewCommands:
    """Chooses, turns, copies and scrolls what an app shows of its session; `keep` notes what the user has changed.

    `shown` is the moment that was shown last.
    """

    def __init__(
        self,
        app: TerminalApp,
        session: Session,
        training: TrainingLoop,
        teaching: Teaching,
        keep: Callable[[str, str], None],
        shown: Callable[[], Snapshot | None],
    ) -> None:
        self._app = app
        self._session = session
        self._training = training
        self._teaching = teaching
        self._keep = keep
        self._shown = shown

    def action_view(self, name: str) -> None:
        """Shows another view of the run."""
        self._show_present()
        self._app.query_one(Panes).choose(name)
        self._keep("view", name)

    def action_next_view(self) -> None:
        """Shows the view that follows."""
        self._show_present()
        panes = self._app.query_one(Panes)
        panes.choose_next()
        self._keep("view", panes.view)

    def action_turn(self, option: str) -> None:
        """Takes the next word of an option of the views in sight."""
        self._show_present()
        panes = self._app.query_one(Panes)
        if not panes.turn(option):
            self._app.tell(f"{OPTIONS[option].key} works only in {views_with(option)}.")
            return
        self._keep("view", panes.view)
        self._keep(f"options.{panes.view}", ",".join(panes.changed_words))
        if title := panes.unseen_title:
            self._app.notify(spelled(self._app, title), timeout=3, markup=False)

    def _show_present(self) -> None:
        """Shows the present moment where that is not done yet, so that another view is drawn of it."""
        if self._session.snapshot() is not self._shown():
            self._training.publish()

    def action_copy(self) -> None:
        """Copies the arithmetic of the update before the visited point, if there is one, and says so."""
        if snapshot := self._shown():
            copied = copy(snapshot, has_clipboard=self._app.capabilities.extras)
            if copied.text:
                self._app.copy_to_clipboard(copied.text)
            self._app.notify(copied.said, timeout=3)

    def action_scroll(self, where: str) -> None:
        """Scrolls what is too long for its place, from wherever the keys are.

        The arrows a lesson, the others a page of text; or else the log.
        """
        panes = self._app.query_one(Panes)
        if not self._teaching.scroll(where, panes.can_move) and not panes.move(where):
            self._app.query_one(LogView).lines.move(where)
