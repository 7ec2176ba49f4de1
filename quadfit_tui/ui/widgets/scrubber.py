"""The bar of time: one row that shows how far a run is trained and which moment is visited, and leads to any other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Label, Static

from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import with_allowed
from quadfit_tui.core.text.width import cell_width, ljust
from quadfit_tui.core.training.position import (
    START,
    Position,
    allowed_moments,
    display_moment,
    format_moment,
    moments_in_brief,
    parse_moment,
)
from quadfit_tui.ui.fields.late import mount_late
from quadfit_tui.ui.fields.text_field import TextField, overlong, typed_within
from quadfit_tui.ui.toolkit.fitted_text import FittedText
from quadfit_tui.ui.toolkit.line_widget import LineWidget

_TRAINED, _HERE, _REST, _NEWEST, _GOAL = "━●─┫○"
_PARTS = {_TRAINED: "trained", _HERE: "here", _REST: "rest", _NEWEST: "newest", _GOAL: "here"}
_NARROWEST = 8  # cells of the bar; if a label would leave fewer, there is no label


class Track:
    """All epochs of a run, laid out on `width` cells: from its start to the end of its last one."""

    def __init__(self, snapshot: Snapshot, width: int) -> None:
        self._newest = snapshot.newest
        self._per_epoch = snapshot.updates_per_epoch
        self._epochs = snapshot.config.epochs
        self.width = width

    def cell(self, position: Position) -> int:
        """Returns the cell of a position; the last cell is for the end of the run alone."""
        if position.epoch >= self._epochs:
            return self.width - 1
        done = position.epochs(self._per_epoch) / self._epochs
        return min(round(done * (self.width - 1)), max(0, self.width - 2))

    def position(self, cell: int) -> Position:
        """Returns the position that a click on a cell means.

        In the cell of the newest position it is that. It is a whole epoch if each cell stands for at least one.
        """
        cell = max(0, min(cell, self.width - 1))
        if cell == self.cell(self._newest):
            return self._newest
        if cell == self.width - 1:
            return Position(self._epochs, 0)
        epochs = self._epochs * cell / (self.width - 1)
        if self._epochs >= self.width - 1:
            return Position(round(epochs), 0)
        return Position.after(round(epochs * self._per_epoch), self._per_epoch)

    def bar(self, position: Position, goal: Position | None) -> str:
        """Renders the bar as text: what is trained, the newest position, the rest, the visited position and a goal."""
        newest = self.cell(self._newest)
        cells = [*_TRAINED * newest, _NEWEST, *_REST * (self.width - newest - 1)]
        if goal is not None:
            cells[self.cell(goal)] = _GOAL
        cells[self.cell(position)] = _HERE
        return "".join(cells)


def position_label(snapshot: Snapshot, width: float) -> str:
    """Formats the label beside the bar, in a row of `width` cells: the visited moment, and the newest if it differs.

    The newest one is left out if there is no room for it. The label is as wide as for any moment of the run, so that
    the bar keeps its length; it is empty if only the bar has room.
    """
    here, newest, epochs = snapshot.position, snapshot.newest, snapshot.config.epochs
    of = "" if here == newest else f" / {format_moment(newest)}"
    in_epoch = _("epoch {moment}")
    name = display_moment(here) if here == START else in_epoch.format(moment=format_moment(here))
    last = Position(epochs, 0), Position(epochs - 1, snapshot.updates_per_epoch - 1)
    widest = max(map(format_moment, last), key=len)
    alone = in_epoch.format(moment=widest)
    rooms = cell_width(f"{alone} / {widest}"), cell_width(alone)
    room = next((room for room in rooms if _NARROWEST + 1 + room <= width), 0)
    if not room:
        return ""
    text = f"{name}{of}"
    return ljust(text if cell_width(text) <= room else name, room)


class ScrubBar(LineWidget):
    """The bar, which repaints only cells that change. Clicks and drags in it post the position that they lead to.

    A drag leads only to what is trained, a click also beyond that.
    """

    STYLES: ClassVar[dict[str, str]] = {
        "trained": "$primary",
        "newest": "$primary",
        "here": "bold $foreground",
        "rest": "$text-muted",
    }

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._bar = ""
        self._dragged: Position | None = None
        self._pressed: int | None = None  # the cell in which a button went down, until the mouse leaves it

    def show(self, snapshot: Snapshot) -> None:
        """Shows a moment in the bar."""
        self._snapshot = snapshot
        if not self.size:  # it is not on the screen now
            self._bar = ""
            return
        before, self._bar = self._bar, self._drawn(snapshot)
        if len(before) != len(self._bar):
            self.refresh()
            return
        differ = [Region(x, 0, 1, 1) for x, (old, new) in enumerate(zip(before, self._bar, strict=True)) if old != new]
        if differ:
            self.refresh(*differ)

    def _drawn(self, snapshot: Snapshot) -> str:
        """Renders the bar for a moment, in the size that it has."""
        return self._track(snapshot).bar(snapshot.position, snapshot.goal)

    def _track(self, snapshot: Snapshot) -> Track:
        return Track(snapshot, max(1, self.size.width))

    def on_resize(self) -> None:
        if self._snapshot is not None and len(self._bar) != self.size.width:
            self.show(self._snapshot)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  there is one line
        """Renders the row, in the colors of its signs; draws it first if its size is new, for the first frame."""
        if self._snapshot is not None and len(self._bar) != self.size.width:
            self._bar = self._drawn(self._snapshot)
        segments = [
            Segment("".join(cells), self.style_of(part)) for part, cells in groupby(self._bar, key=_PARTS.__getitem__)
        ]
        return Strip(segments, len(self._bar))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        # If a field is in use, the click only leaves that.
        if self.screen.focused is None:
            self.capture_mouse()
            self._pressed = event.x
            self._drag(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self and event.x != self._pressed:
            self._pressed = None
            self._drag(event.x)

    def on_mouse_up(self) -> None:
        self.release_mouse()
        if self._pressed is not None and self._snapshot is not None:
            self._seek(self._track(self._snapshot).position(self._pressed))
        self._dragged = self._pressed = None

    def _drag(self, x: int) -> None:
        """Seeks the position of a cell, or the newest one if that is before it."""
        if self._snapshot is not None:
            self._seek(min(self._track(self._snapshot).position(x), self._snapshot.newest))

    def _seek(self, position: Position) -> None:
        """Posts a position to go to, unless the drag has just led there."""
        if position != self._dragged:
            self._dragged = position
            self.post_message(Scrubber.Sought(position))


class Scrubber(Vertical):
    """The bar of time, which a prompt for a position to go to replaces while the user is asked for one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.go", N_("Go there"), tooltip=N_("go to the moment that you typed"), priority=True),
        Binding("escape", "leave", N_("Cancel"), tooltip=N_("cancel"), priority=True),
    ]

    @dataclass
    class Sought(Message):
        """The user clicked on, or dragged to, a position of the run."""

        position: Position

    def __init__(self) -> None:
        super().__init__()
        self._bar = ScrubBar()
        self._label = Label(markup=False)  # a widget of its own: Textual repaints a widget's row from its left end on
        self._row = Horizontal(self._bar, self._label)
        self._asked = Label(_("Go to"))
        self._input = TextField(id="go-to")
        self._allowed = FittedText()
        self._problem = Static(classes="problem", markup=False)
        self._prompt = Horizontal()
        self._snapshot: Snapshot | None = None
        self._show_prompt(False)

    def compose(self) -> ComposeResult:
        yield self._row

    def show(self, snapshot: Snapshot) -> None:
        """Shows a moment in the bar and in its label."""
        if self._snapshot is None or self._snapshot.task != snapshot.task:
            self._allowed.set_texts(*moments_in_brief(snapshot.config.epochs, snapshot.updates_per_epoch))
        self._snapshot = snapshot
        self._bar.show(snapshot)
        self._show_label(snapshot)

    def _show_label(self, snapshot: Snapshot) -> None:
        width = self.content_size.width  # 0 before the first layout
        label = position_label(snapshot, width or math.inf)
        text, has_room = f" {label}", bool(label)
        # A new layout repaints the whole screen, so it is made only if the room changes, and not before the first one.
        fits = cell_width(text) == self._label.size.width and has_room == self._label.display
        self._label.update(text, layout=bool(width) and not fits)
        self._label.display = has_room

    def on_resize(self) -> None:
        if self._snapshot is not None:
            self._show_label(self._snapshot)

    def _show_prompt(self, is_asking: bool, problem: str = "") -> None:
        """Shows the prompt in place of the bar, with a problem of what was typed, or the bar again."""
        if is_asking:
            mount_late(self, self._prompt, self._problem)
            mount_late(self._prompt, self._asked, self._input, self._allowed)
        self._row.display, self._prompt.display = not is_asking, is_asking
        self._problem.update(problem)
        self._problem.display = bool(problem)
        self._allowed.display = not problem  # a problem names the allowed moments, too, and takes all the width

    def ask(self) -> None:
        """Asks the user for a position, in place of the bar."""
        self._input.value = ""
        self._show_prompt(True)
        self.screen.set_focus(self._input)  # at once, so that keys typed ahead arrive there

    async def read(self) -> Position | None:
        """Reads the typed position and shows the bar again; returns None if nothing was typed, or nothing valid.

        If it is not valid, the prompt stays, and a problem stands below it.
        """
        await typed_within(self)
        snapshot = self._snapshot
        if snapshot is None or not self._input.value.strip():
            self._leave()
            return None
        try:
            position = parse_moment(self._input.value, snapshot.config.epochs, snapshot.updates_per_epoch)
        except ValueError as refused:
            allowed = allowed_moments(snapshot.config.epochs, snapshot.updates_per_epoch)
            self._show_prompt(True, problem=with_allowed(str(refused), allowed))
            return None
        self._leave()
        return position

    @on(TextField.Overlong)
    def _overlong(self) -> None:
        self._show_prompt(True, problem=overlong())

    async def action_leave(self) -> None:
        """Closes the prompt without going anywhere."""
        await typed_within(self)
        self._leave()

    def _leave(self) -> None:
        """Shows the bar again, and takes the focus from the prompt."""
        self._show_prompt(False)
        self.screen.set_focus(None)

    def on_descendant_focus(self) -> None:
        """Shows the prompt while it has the focus, also when the terminal's window comes back to the foreground."""
        self._show_prompt(True)

    def on_descendant_blur(self) -> None:
        self._show_prompt(self.screen.focused is self._input)  # the user may have been asked again by now
